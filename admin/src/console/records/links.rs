//! Where else a record leads: pages of other rooms of the console about it, for whoever may see the record. Whoever
//! makes such pages adds a line.

use serde_json::{Map, Value};

use crate::people::Kind;

/// The texts and addresses of what there is about the record `id` of this kind, whose members these are.
pub(super) fn of(
    kind: Kind,
    id: &str,
    members: &Map<String, Value>,
) -> Vec<(&'static str, String)> {
    if kind != Kind::Client {
        return Vec::new();
    }
    let mut links = vec![
        (
            "record-link-credentials",
            format!("/clients/{id}/credentials"),
        ),
        ("record-link-scorecard", format!("/clients/{id}/scorecard")),
        ("record-link-tests", format!("/clients/{id}/tests")),
    ];
    let text = |member: &str| members.get(member).and_then(Value::as_str);
    match (text("habilitation"), text("environment")) {
        (Some(file), _) => links.push(("record-link-habilitation", format!("/onboarding/{file}"))),
        // What is tried out is asked for next.
        (None, Some("sandbox")) => {
            links.push(("record-link-onboarding", "/onboarding".to_owned()));
        }
        _ => (),
    }
    links
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_client_leads_to_what_it_lives_by_or_to_where_that_is_asked_for() {
        for (members, last) in [
            (json!({"habilitation": "h-1"}), "/onboarding/h-1"),
            (json!({"environment": "sandbox"}), "/onboarding"),
            (json!({}), "/clients/town/tests"),
        ] {
            let links = of(Kind::Client, "town", members.as_object().unwrap());
            assert_eq!(links.last().unwrap().1, last, "{members}");
        }
        assert!(of(Kind::Provider, "postale", &Map::new()).is_empty());
    }
}
