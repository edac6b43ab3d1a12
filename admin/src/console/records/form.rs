//! What stands in the fields of a form: a record's members as text, and text as members again. What was not
//! touched stays as it was, whatever it looks like as text.

use std::collections::BTreeMap;

use guichet_domain::Reason;
use serde_json::{Map, Value};

use super::fields::{Field, FieldKind};

/// Texts by the names of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Draft(BTreeMap<String, String>);

/// What is wrong with what stands in a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The field, or the member it belongs to.
    pub(crate) field: String,
    /// A text of ours that says it.
    pub(crate) text: &'static str,
    /// More, where there is more to say.
    pub(crate) detail: Option<Reason>,
}

impl Draft {
    /// What was typed.
    pub(crate) fn typed(posted: BTreeMap<String, String>) -> Self {
        // Browsers send CRLF (HTML, form submission), records have LF.
        let posted = posted.into_iter();
        Self(
            posted
                .map(|(name, text)| (name, text.replace("\r\n", "\n")))
                .collect(),
        )
    }

    /// A record's members.
    pub(crate) fn of(members: &Map<String, Value>, fields: &[Field]) -> Self {
        let texts = fields
            .iter()
            .map(|field| (field.name.clone(), text_of(members, field)));
        Self(texts.collect())
    }

    /// What stands in a field.
    pub(crate) fn text(&self, field: &str) -> &str {
        self.0.get(field).map(String::as_str).unwrap_or_default()
    }

    /// The members that `known` becomes by what was typed in `fields`; all that is wrong with it at once.
    pub(crate) fn over<'f>(
        &self,
        known: &Map<String, Value>,
        fields: impl Iterator<Item = &'f Field>,
    ) -> Result<Map<String, Value>, Vec<Wrong>> {
        let mut members = known.clone();
        let mut wrong = Vec::new();
        for field in fields {
            let Some(typed) = self.0.get(&field.name) else {
                continue;
            };
            if typed.trim() == text_of(known, field).trim() {
                continue;
            }
            match value_of(typed, &field.kind) {
                Ok(value) => set(&mut members, &field.name, value),
                Err((text, detail)) => wrong.push(Wrong {
                    field: field.name.clone(),
                    text,
                    detail: Some(detail).filter(|it| !it.is_empty()).map(Reason::from),
                }),
            }
        }
        if wrong.is_empty() {
            Ok(members)
        } else {
            Err(wrong)
        }
    }
}

/// The member, or the part of it, that a field is for.
pub(crate) fn value<'m>(members: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    let mut parts = name.split('.');
    let member = members.get(parts.next()?)?;
    parts.try_fold(member, |value, part| value.get(part))
}

fn text_of(members: &Map<String, Value>, field: &Field) -> String {
    match (value(members, &field.name), &field.kind) {
        (None | Some(Value::Null), _) | (_, FieldKind::Secret) => String::new(),
        (Some(Value::Bool(flag)), FieldKind::Flag) => if *flag { YES } else { NO }.to_owned(),
        (Some(Value::Array(all)), FieldKind::Lines) => joined(all.iter().map(line)),
        (Some(Value::Object(all)), FieldKind::Pairs) => joined(
            all.iter()
                .map(|(name, it)| format!("{name}{PAIR}{}", line(it))),
        ),
        (Some(value), FieldKind::Json) => {
            serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
        }
        (Some(value), _) => line(value),
    }
}

/// What a text stands for: nothing where there is none.
fn value_of(typed: &str, kind: &FieldKind) -> Result<Option<Value>, (&'static str, String)> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(None);
    }
    let lines = || typed.lines().map(str::trim).filter(|line| !line.is_empty());
    let value = match kind {
        FieldKind::Line | FieldKind::Secret | FieldKind::Choice(_) => typed.into(),
        FieldKind::Lines => lines().collect(),
        FieldKind::Flag => Value::Bool(typed == YES),
        FieldKind::Number => {
            let number: Result<i64, _> = typed.parse();
            number
                .map_err(|_| ("record-wrong-number", String::new()))?
                .into()
        }
        FieldKind::Pairs => {
            let pairs = lines().map(|line| {
                let (name, value) = line.split_once(PAIR)?;
                Some((name.trim().to_owned(), value.trim().into()))
            });
            let pairs: Option<Map<String, Value>> = pairs.collect();
            Value::Object(pairs.ok_or(("record-wrong-pairs", String::new()))?)
        }
        FieldKind::Json => serde_json::from_str(typed)
            .map_err(|error| ("record-wrong-json", guichet_domain::told(&error)))?,
    };
    Ok(Some(value))
}

/// Puts a member, or a part of one, in place of what is there; a member without parts is none.
fn set(members: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    let Some((member, part)) = name.split_once('.') else {
        match value {
            Some(value) => members.insert(name.to_owned(), value),
            None => members.remove(name),
        };
        return;
    };
    let mut parts = match members.remove(member) {
        Some(Value::Object(parts)) => parts,
        _ => Map::new(),
    };
    set(&mut parts, part, value);
    if !parts.is_empty() {
        members.insert(member.to_owned(), Value::Object(parts));
    }
}

fn joined(lines: impl Iterator<Item = String>) -> String {
    lines.collect::<Vec<_>>().join("\n")
}

fn line(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

const YES: &str = "yes";
const NO: &str = "no";
const PAIR: &str = " = ";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn field(name: &str, kind: FieldKind) -> Field {
        Field {
            name: name.to_owned(),
            kind,
            required: false,
            group: "x",
            doc: String::new(),
        }
    }

    fn fields() -> Vec<Field> {
        vec![
            field("name", FieldKind::Line),
            field("uris", FieldKind::Lines),
            field("active", FieldKind::Flag),
            field("order", FieldKind::Number),
            field("map", FieldKind::Pairs),
            field("jwks", FieldKind::Json),
            field("maintenance.fr", FieldKind::Line),
            field("maintenance.en", FieldKind::Line),
            field("client_secret", FieldKind::Secret),
        ]
    }

    fn known() -> Map<String, Value> {
        let known = json!({
            "name": "A", "uris": ["https://a.example/", "https://b.example/"], "active": true, "order": 7,
            "map": {"urn:x": "eidas1"}, "jwks": {"keys": []}, "maintenance": {"fr": "Non", "en": "No"},
        });
        known.as_object().unwrap().clone()
    }

    fn typed(pairs: &[(&str, &str)]) -> Draft {
        let pairs = pairs
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        Draft::typed(pairs.collect())
    }

    fn over(pairs: &[(&str, &str)]) -> Result<Map<String, Value>, Vec<Wrong>> {
        typed(pairs).over(&known(), fields().iter())
    }

    #[test]
    fn what_is_typed_becomes_members_of_the_right_type() {
        let members = over(&[
            ("uris", "https://c.example/\r\n\r\n https://d.example/ "),
            ("active", "no"),
            ("order", "8"),
            ("map", "urn:y = eidas2"),
            ("maintenance.fr", ""),
            ("client_secret", "s"),
        ]);
        let members = Value::Object(members.unwrap());
        assert_eq!(
            members["uris"],
            json!(["https://c.example/", "https://d.example/"])
        );
        assert_eq!(members["active"], false);
        assert_eq!(members["order"], 8);
        assert_eq!(members["map"], json!({"urn:y": "eidas2"}));
        assert_eq!(members["maintenance"], json!({"en": "No"}));
        assert_eq!(members["client_secret"], "s");
        assert_eq!(members["name"], "A");
    }

    #[test]
    fn what_is_emptied_is_gone_and_what_is_not_there_stays() {
        let members = over(&[
            ("uris", ""),
            ("maintenance.fr", ""),
            ("maintenance.en", " "),
        ])
        .unwrap();
        assert!(!members.contains_key("uris") && !members.contains_key("maintenance"));
        assert_eq!(members["order"], 7);
    }

    #[test]
    fn an_empty_list_that_nobody_touched_does_not_become_the_default() {
        let mut known = known();
        known.insert("uris".to_owned(), json!([]));
        let untouched = Draft::of(&known, &fields());
        assert_eq!(untouched.over(&known, fields().iter()).unwrap(), known);
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let wrong = over(&[
            ("order", "many"),
            ("map", "urn:y"),
            ("jwks", "{"),
            ("name", "B"),
        ]);
        let wrong = wrong.unwrap_err();
        let fields: Vec<&str> = wrong.iter().map(|it| it.field.as_str()).collect();
        assert_eq!(fields, ["order", "map", "jwks"]);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_read_or_named(text in "\\PC{0,40}", which in 0_usize..9) {
            let name = fields()[which].name.clone();
            let typed = typed(&[(name.as_str(), text.as_str())]);
            if let Ok(members) = typed.over(&known(), fields().iter()) {
                let again = Draft::of(&members, &fields());
                prop_assert_eq!(again.over(&members, fields().iter()).unwrap(), members);
            }
        }
    }
}
