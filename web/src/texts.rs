//! The words of the pages: Fluent messages, one set per language, looked up by id.
//!
//! Texts without variables, nearly all of them, are formatted once at start; a page then only
//! copies a reference. An attribute is looked up as `id.attribute`.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_syntax::ast;
use minijinja::Value;
use minijinja::value::Kwargs;

use crate::{Locale, PagesError};

/// Every text in one language.
pub(crate) struct Texts {
    bundle: FluentBundle<FluentResource>,
    fixed: HashMap<String, Value>,
    ids: BTreeSet<String>,
}

impl Texts {
    /// From `.ftl` sources, the later ones overriding the earlier.
    pub(crate) fn compile<'s>(
        locale: Locale,
        sources: impl IntoIterator<Item = (&'s str, &'s str)>,
    ) -> Result<Self, PagesError> {
        let mut bundle = FluentBundle::new_concurrent(vec![locale.language_identifier()]);
        // Isolation marks around variables would show up in copied text and in tests.
        bundle.set_use_isolating(false);
        let mut ids = BTreeSet::new();
        for (name, source) in sources {
            let resource =
                FluentResource::try_new(typeset(locale, source)).map_err(|(_, errors)| {
                    let detail = errors.iter().fold(String::new(), |mut text, error| {
                        let _ = write!(text, "{error}; ");
                        text
                    });
                    PagesError::Text {
                        name: name.to_owned(),
                        detail,
                    }
                })?;
            collect_ids(&resource, &mut ids);
            bundle.add_resource_overriding(resource);
        }
        let mut texts = Self {
            bundle,
            fixed: HashMap::new(),
            ids,
        };
        texts.fixed = texts.format_fixed();
        Ok(texts)
    }

    /// Every id, attributes as `id.attribute`.
    pub(crate) fn ids(&self) -> &BTreeSet<String> {
        &self.ids
    }

    /// The text `id`, its variables taken from `arguments`.
    pub(crate) fn get(&self, id: &str, arguments: &Kwargs) -> Result<Value, minijinja::Error> {
        if let Some(fixed) = self.fixed.get(id) {
            return Ok(fixed.clone());
        }
        let mut fluent = FluentArgs::new();
        for name in arguments.args() {
            let value: Value = arguments.get(name)?;
            match value.as_i64() {
                Some(number) => fluent.set(name.to_owned(), number),
                None => fluent.set(name.to_owned(), value.to_string()),
            }
        }
        self.format(id, Some(&fluent))
            .map(Value::from)
            .map_err(|detail| minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, detail))
    }

    fn format_fixed(&self) -> HashMap<String, Value> {
        self.ids
            .iter()
            .filter_map(|id| Some((id.clone(), Value::from(self.format(id, None).ok()?))))
            .collect()
    }

    fn format(&self, id: &str, arguments: Option<&FluentArgs<'_>>) -> Result<String, String> {
        let (message, attribute) = id.split_once('.').map_or((id, None), |(m, a)| (m, Some(a)));
        let pattern = self
            .bundle
            .get_message(message)
            .and_then(|message| match attribute {
                Some(name) => message.get_attribute(name).map(|found| found.value()),
                None => message.value(),
            })
            .ok_or_else(|| format!("there is no text `{id}`"))?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, arguments, &mut errors);
        match errors.first() {
            None => Ok(text.into_owned()),
            Some(error) => Err(format!("text `{id}`: {error}")),
        }
    }
}

/// As it is printed: in French, spaces that belong to a punctuation mark do not break (U+00A0). Whoever
/// writes texts types plain ones. Nothing of Fluent's own syntax has such a space.
fn typeset(locale: Locale, source: &str) -> String {
    let mut source = source.to_owned();
    if locale == Locale::French {
        for mark in [":", ";", "?", "!", "»", "%"] {
            source = source.replace(&format!(" {mark}"), &format!("\u{a0}{mark}"));
        }
        source = source.replace("« ", "«\u{a0}");
    }
    source
}

fn collect_ids(resource: &FluentResource, ids: &mut BTreeSet<String>) {
    for entry in resource.entries() {
        if let ast::Entry::Message(message) = entry {
            if message.value.is_some() {
                ids.insert(message.id.name.to_owned());
            }
            for attribute in &message.attributes {
                ids.insert(format!("{}.{}", message.id.name, attribute.id.name));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use minijinja::value::Kwargs;

    use super::*;

    fn texts(sources: &[&'static str]) -> Texts {
        Texts::compile(
            Locale::French,
            sources.iter().map(|source| ("test.ftl", *source)),
        )
        .unwrap()
    }

    fn none() -> Kwargs {
        std::iter::empty::<(&str, Value)>().collect()
    }

    #[test]
    fn french_punctuation_keeps_its_spaces_to_itself() {
        let source = "q = « { $what } » : oui ?\n    .a = 5 %\n";
        let texts = texts(&[source]);
        let with = Kwargs::from_iter([("what", Value::from("x"))]);
        let printed = texts.get("q", &with).unwrap();
        assert_eq!(printed.to_string(), "«\u{a0}x\u{a0}»\u{a0}: oui\u{a0}?");
        assert_eq!(texts.get("q.a", &none()).unwrap().to_string(), "5\u{a0}%");
        assert_eq!(typeset(Locale::English, source), source);
    }

    #[test]
    fn a_text_takes_its_variables_and_its_plural() {
        let texts =
            texts(&["n = { $n ->\n    [one] { $n } service\n   *[other] { $n } services\n }\n"]);
        let with = |n: i64| {
            texts
                .get("n", &Kwargs::from_iter([("n", Value::from(n))]))
                .unwrap()
        };
        assert_eq!(with(1).as_str(), Some("1 service"));
        assert_eq!(with(3).as_str(), Some("3 services"));
        assert!(
            texts.get("n", &none()).is_err(),
            "a missing variable is an error, not a blank"
        );
    }

    #[test]
    fn attributes_are_looked_up_by_a_dot_and_later_sources_override() {
        let texts = texts(&["a = un\n    .b = deux\n", "a = trois\n    .b = quatre\n"]);
        assert_eq!(texts.get("a", &none()).unwrap().as_str(), Some("trois"));
        assert_eq!(texts.get("a.b", &none()).unwrap().as_str(), Some("quatre"));
        assert!(texts.get("a.c", &none()).is_err());
    }

    #[test]
    fn a_source_that_does_not_parse_is_named() {
        let refused = Texts::compile(Locale::French, [("broken.ftl", "a = { $")]);
        let Err(PagesError::Text { name, .. }) = refused else {
            panic!("accepted")
        };
        assert_eq!(name, "broken.ftl");
    }
}
