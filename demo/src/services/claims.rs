//! The claims a service received, as rows of its page: in the citizen's words where there are any.

use guichet_web::{Locale, Pages};
use serde::Serialize;
use serde_json::{Map, Value};

/// One claim on the page.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Row {
    label: String,
    value: String,
    /// The claim's own name, for those who build services.
    hint: String,
}

/// Every claim, the known ones first and in page order.
pub(super) fn rows(claims: &Map<String, Value>, pages: &Pages, locale: Locale) -> Vec<Row> {
    let place = |name: &str| {
        KNOWN
            .iter()
            .position(|known| *known == name)
            .unwrap_or(KNOWN.len())
    };
    let mut names: Vec<&String> = claims.keys().collect();
    names.sort_by_key(|name| (place(name), name.as_str()));
    let row = |name: &String| Row {
        label: if KNOWN.contains(&name.as_str()) {
            pages.text(locale, &format!("demo-claim-{name}"), &[])
        } else {
            name.clone()
        },
        value: shown(&claims[name]),
        hint: name.clone(),
    };
    names.into_iter().map(row).collect()
}

/// The name to greet someone by: as complete as the service was told.
pub(super) fn name(claims: &Map<String, Value>) -> Option<String> {
    let text = |name: &str| {
        claims
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let family = text("preferred_username").or_else(|| text("family_name"));
    let parts: Vec<&str> = [text("given_name"), family].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

const KNOWN: [&str; 10] = [
    "family_name",
    "preferred_username",
    "given_name",
    "gender",
    "birthdate",
    "birthplace",
    "birthcountry",
    "email",
    "email_verified",
    "phone_number",
];

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn map(value: &Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn someone_is_greeted_by_the_names_the_service_was_told() {
        let name_of = |value: Value| name(&map(&value));
        let both = json!({"given_name": "Awa", "family_name": "DIOP"});
        assert_eq!(name_of(both).as_deref(), Some("Awa DIOP"));
        let in_use =
            json!({"given_name": "Awa", "family_name": "DIOP", "preferred_username": "NDIAYE"});
        assert_eq!(name_of(in_use).as_deref(), Some("Awa NDIAYE"));
        assert_eq!(name_of(json!({"email": "a@b.example"})), None);
    }
}
