//! Why something may not be as it was asked for, in the language of the page: a rule of ours has a text in each
//! (`texts/reasons.*.ftl`); what others say is quoted, in English.

use guichet_domain::{InvalidMember, Reason};
use guichet_web::{Locale, PageError, Pages};
use serde::Serialize;

/// A reason in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct InWords {
    pub(super) text: String,
    /// Whether it is in English, whatever the page is in.
    pub(super) quoted: bool,
}

impl InWords {
    /// Nothing to say.
    pub(super) const NOTHING: Self = Self {
        text: String::new(),
        quoted: false,
    };

    pub(super) fn of(pages: &Pages, locale: Locale, reason: &Reason) -> Self {
        match reason {
            Reason::Rule { rule, what } => {
                let text = format!("reason-{}", rule.as_str());
                Self {
                    text: pages.text(locale, &text, &[("what", what)]),
                    quoted: false,
                }
            }
            Reason::Quoted(text) => Self {
                text: text.clone(),
                quoted: true,
            },
        }
    }

    /// With the member it is about before it.
    pub(super) fn of_member(pages: &Pages, locale: Locale, invalid: &InvalidMember) -> Self {
        let mut words = Self::of(pages, locale, &invalid.reason);
        let colon = match locale {
            Locale::French => "\u{a0}:",
            Locale::English => ":",
        };
        words.text = format!("{}{colon} {}", invalid.member, words.text);
        words
    }
}

/// An error page whose text says `name`: the reason, in the language that the page will be in.
pub(super) fn because(page: PageError, name: &'static str, reason: &Reason) -> PageError {
    match reason {
        Reason::Rule { rule, what } => {
            page.with_text(name, format!("reason-{}", rule.as_str()), what.clone())
        }
        Reason::Quoted(text) => page.with_argument(name, text.clone()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use guichet_domain::Rule;

    use crate::{TEXTS_EN, TEXTS_FR};

    fn texts(all: &[&'static str]) -> HashMap<&'static str, &'static str> {
        let lines = all.iter().flat_map(|file| file.lines());
        let texts = lines.filter_map(|line| line.split_once(" = "));
        let ours = texts.filter(|(name, _)| name.starts_with("reason-"));
        ours.collect()
    }

    #[test]
    fn every_rule_says_itself_in_both_languages_and_none_says_what_another_says() {
        let (french, english) = (texts(&TEXTS_FR), texts(&TEXTS_EN));
        let (mut in_french, mut in_english) = (HashSet::new(), HashSet::new());
        for rule in Rule::ALL {
            let name = format!("reason-{}", rule.as_str());
            let (Some(fr), Some(en)) = (french.get(&*name), english.get(&*name)) else {
                panic!("{name} is not in both languages");
            };
            assert_ne!(fr, en, "{name} is in one language");
            assert!(in_french.insert(fr), "{name}: {fr}");
            assert!(in_english.insert(en), "{name}: {en}");
            // The API says the same, and both are about the same.
            assert_eq!(en.replace("{ $what }", "{what}"), rule.english(), "{name}");
            let is_about = |text: &str| text.contains("{ $what }");
            assert_eq!(is_about(fr), is_about(en), "{name}");
        }
        assert_eq!(
            (french.len(), english.len()),
            (Rule::ALL.len(), Rule::ALL.len())
        );
    }
}
