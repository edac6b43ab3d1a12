//! What stands in the audit log, in the words of whoever reads: kinds of events, and the names of what an entry says
//! (`texts/events.*.ftl`). What this program has no words for is shown as the log has it.

use guichet_web::{Locale, Pages};

/// Words of one language.
#[derive(Clone, Copy)]
pub(super) struct EventWords<'a> {
    pages: &'a Pages,
    locale: Locale,
}

impl<'a> EventWords<'a> {
    /// The words of `locale`.
    pub(super) const fn of(pages: &'a Pages, locale: Locale) -> Self {
        Self { pages, locale }
    }

    /// What happened.
    pub(super) fn kind(self, kind: &str) -> String {
        self.known(&format!("console-event-{}", dashed(kind)))
            .unwrap_or_else(|| self.pages.text(self.locale, "console-event-other", &[]))
    }

    /// What a member of an entry is called.
    pub(super) fn member(self, name: &str) -> Option<String> {
        self.known(&format!("console-said-{}", dashed(name)))
    }

    /// A text that may be missing.
    pub(super) fn known(self, id: &str) -> Option<String> {
        Some(self.pages.text(self.locale, id, &[])).filter(|text| text != id)
    }
}

/// A word of the log as the end of a text's name.
pub(super) fn dashed(word: &str) -> String {
    word.replace(['.', '_'], "-")
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use guichet_domain::EventKind;

    use super::*;
    use crate::{TEXTS_EN, TEXTS_FR};

    /// The texts of one language that begin so, by name.
    fn texts(all: &[&'static str], begins: &str) -> HashMap<&'static str, &'static str> {
        let lines = all.iter().flat_map(|file| file.lines());
        let texts = lines.filter_map(|line| line.split_once(" = "));
        texts.filter(|(name, _)| name.starts_with(begins)).collect()
    }

    #[test]
    fn every_kind_of_event_has_words_of_its_own_in_both_languages() {
        let languages = [
            texts(&TEXTS_FR, "console-event-"),
            texts(&TEXTS_EN, "console-event-"),
        ];
        for words in &languages {
            let mut seen = HashMap::new();
            for kind in EventKind::ALL {
                let name = format!("console-event-{}", dashed(kind.as_str()));
                let Some(text) = words.get(name.as_str()) else {
                    panic!("{kind} has no words");
                };
                if let Some(other) = seen.insert(text, kind) {
                    panic!("{kind} and {other} are told alike: {text}");
                }
            }
            // And none of what is no kind any more, but for the one that stands for all others.
            assert_eq!(words.len(), EventKind::ALL.len() + 1);
        }
        let [french, english] = languages;
        for (name, text) in &french {
            assert_ne!(english.get(name), Some(text), "{name} is in one language");
        }
    }

    #[test]
    fn what_an_entry_says_is_called_by_names_that_differ_in_both_languages() {
        let french = texts(&TEXTS_FR, "console-said-");
        let english = texts(&TEXTS_EN, "console-said-");
        assert_eq!(french.len(), english.len());
        for (words, other) in [(&french, &english), (&english, &french)] {
            let mut seen = HashMap::new();
            for (name, text) in words {
                assert!(other.contains_key(name), "{name}");
                let before = seen.insert(text, name);
                assert_eq!(before, None, "{name}: {text}");
            }
        }
    }
}
