//! What an entry of the ledger is looked up by, and what a query looks under. An entry stands under its kind and
//! what that begins with, under who did it, and under every name in it; a query looks where all that it asks for
//! stands. What two entries share may be a digest alone: whoever looks something up looks at what was found.

use guichet_keys::sha256_of;
use guichet_store::durable::audit_index::AuditTerm;
use serde_json::Value;

use super::AuditQuery;

/// Everything that an entry is found by.
pub(super) fn of_entry(event: &Value) -> Vec<AuditTerm> {
    let kind = event["kind"].as_str().unwrap_or_default();
    let by = Some(tail(by(event))).filter(|it| !it.is_empty());
    let objects = objects(event).map(tail).filter(|it| !it.is_empty());
    let kinds = kinds(kind).map(|kind| term(KIND, kind));
    let named = objects.map(|object| term(OBJECT, object));
    let by = by.map(|by| term(BY, by));
    kinds.chain(by).chain(named).collect()
}

/// What leads to everything that a query finds: all of these.
pub(super) fn of_query(query: &AuditQuery) -> Vec<AuditTerm> {
    let asked = [
        (KIND, query.family()),
        (BY, tail(&query.by)),
        (OBJECT, tail(&query.object)),
    ];
    let asked = asked.into_iter().filter(|(_, word)| !word.is_empty());
    let mut terms: Vec<AuditTerm> = asked.map(|(what, word)| term(what, word)).collect();
    if terms.is_empty() {
        // Every entry stands under the kind that every kind begins with.
        terms.push(term(KIND, ""));
    }
    terms
}

/// Who did it, as the entry says.
pub(super) fn by(event: &Value) -> &str {
    event["details"]["by"].as_str().unwrap_or_default()
}

/// The names that stand in an entry: whatever it is about. How it hangs in the log, of which visit it is (which
/// the support looks up) and what is no name, such as a count, are none.
pub(super) fn objects(event: &Value) -> impl Iterator<Item = &str> {
    let members = event.as_object().into_iter().flatten();
    let details = event["details"].as_object().into_iter().flatten();
    let members = members.filter(|(name, _)| !NO_NAMES.contains(&name.as_str()));
    let named = members.chain(details.filter(|(name, _)| *name != "by"));
    named
        .filter_map(|(_, value)| value.as_str())
        .filter(|text| is_name(text))
}

/// A text without the kind before it: `town` of `client:town`.
fn tail(text: &str) -> &str {
    text.rsplit_once(':').map_or(text, |(_, tail)| tail)
}

/// The kind, and what it begins with: nothing, `switch`, `switch.off`.
fn kinds(kind: &str) -> impl Iterator<Item = &str> {
    let beginnings = kind.match_indices('.').map(|(at, _)| &kind[..at]);
    let whole = Some(kind).filter(|kind| !kind.is_empty());
    std::iter::once("").chain(beginnings).chain(whole)
}

fn is_name(text: &str) -> bool {
    let is_count = text.len() < 6 && text.bytes().all(|it| it.is_ascii_digit());
    !text.is_empty() && text.len() <= LONGEST && !text.contains(char::is_whitespace) && !is_count
}

fn term(what: &str, word: &str) -> AuditTerm {
    AuditTerm::of_digest(sha256_of(&[what.as_bytes(), b"\0", word.as_bytes()]))
}

const KIND: &str = "kind";
const BY: &str = "by";
const OBJECT: &str = "object";
const NO_NAMES: [&str; 4] = ["kind", "prev", "acr", "browsing"];
const LONGEST: usize = 200;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kind_is_under_what_it_begins_with() {
        let all: Vec<&str> = kinds("client.credential_due").collect();
        assert_eq!(all, ["", "client", "client.credential_due"]);
        assert_eq!(kinds("").collect::<Vec<_>>(), [""]);
    }

    #[test]
    fn what_is_no_name_is_no_object() {
        let event = json!({
            "v": 1, "seq": 7, "prev": "A".repeat(43), "at": 5, "kind": "x.y", "acr": "eidas1",
            "browsing": "ABCD-2345-WXYZ", "client": "town",
            "details": {
                "by": "staff:a", "scope": "openid email", "count": "12", "siren": "217500016",
                "error": "", "long": "x".repeat(201),
            },
        });
        let mut all: Vec<&str> = objects(&event).collect();
        all.sort_unstable();
        assert_eq!(all, ["217500016", "town"]);
    }

    #[test]
    fn a_sign_in_costs_few_rows() {
        let id = "A".repeat(22);
        let event = json!({
            "kind": "consent.given", "at": 5, "login": id, "session": id, "person": id,
            "client": "town", "provider": "post", "details": {"scope": "openid email"},
        });
        let mut terms = of_entry(&event);
        terms.sort_unstable();
        terms.dedup();
        assert_eq!(terms.len(), 3 + 3);
    }

    fn word() -> impl Strategy<Value = String> {
        prop_oneof![
            Just(String::new()),
            "[a-c]{1,2}(\\.[a-c]{1,2}){0,2}\\.?",
            "[a-c:]{1,4}",
            "[A-Za-z0-9_-]{22}",
        ]
    }

    proptest! {
        /// Whatever a query would find by reading the whole log stands under what it looks under.
        #[test]
        fn what_matches_is_found(
            kind in word(), by in word(), object in word(), client in word(), other in word(),
        ) {
            let event = json!({
                "at": 5, "kind": kind, "client": client, "details": {"by": by, "target": other},
            });
            for object in [object, client, other, String::new()] {
                for kind in [kind.as_str(), kind.split('.').next().unwrap_or_default(), ""] {
                    for by in [by.as_str(), tail(&by), ""] {
                        let query = AuditQuery {
                            kind: kind.to_owned(),
                            by: by.to_owned(),
                            object: object.clone(),
                            ..AuditQuery::default()
                        };
                        if query.matches(&event) {
                            let stands = of_entry(&event);
                            let is_led_to = of_query(&query).iter().all(|it| stands.contains(it));
                            prop_assert!(is_led_to, "{query:?}");
                        }
                    }
                }
            }
        }
    }
}
