//! One authorization detail, and the parameter that holds several (RFC 9396 §2).

use std::fmt;

use guichet_domain::OAuthError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use crate::refusal::Refusal;

/// A JSON object with a `type` of 1 to 256 bytes. All else in it is for whoever knows the type.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct AuthorizationDetail(Map<String, Value>);

/// An object without a `type`, or whose `type` is no text of 1 to 256 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an authorization detail needs a type")]
pub struct NotADetail;

impl AuthorizationDetail {
    /// What kind of detail it is.
    pub fn kind(&self) -> &str {
        self.0.get(TYPE).and_then(Value::as_str).unwrap_or_default()
    }

    /// The object, `type` included.
    pub fn members(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Whether every member of this one stands in `other` just so.
    fn names(&self, other: &Self) -> bool {
        let stands = |(name, value)| other.0.get(name) == Some(value);
        self.0.iter().all(stands)
    }

    /// The object as `T` reads it.
    pub fn read<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        T::deserialize(Value::Object(self.0.clone()))
    }
}

const TYPE: &str = "type";
const LONGEST_TYPE: usize = 256;

impl TryFrom<Map<String, Value>> for AuthorizationDetail {
    type Error = NotADetail;

    fn try_from(members: Map<String, Value>) -> Result<Self, NotADetail> {
        let kind = members.get(TYPE).and_then(Value::as_str);
        let holds = kind.is_some_and(|kind| (1..=LONGEST_TYPE).contains(&kind.len()));
        holds.then_some(Self(members)).ok_or(NotADetail)
    }
}

impl Serialize for AuthorizationDetail {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl fmt::Debug for AuthorizationDetail {
    /// What is asked of whom stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthorizationDetail({})", self.kind())
    }
}

/// Reads `authorization_details`: a JSON array of details.
pub(crate) fn read(text: &str) -> Result<Vec<AuthorizationDetail>, Refusal> {
    if text.len() > MOST_BYTES {
        return Err(TOO_LARGE);
    }
    let array: Vec<Value> = serde_json::from_str(text).map_err(|_| NOT_AN_ARRAY)?;
    if array.len() > MOST {
        return Err(TOO_MANY);
    }
    let detail = |value| match value {
        Value::Object(members) => AuthorizationDetail::try_from(members).ok(),
        _ => None,
    };
    let details: Option<Vec<_>> = array.into_iter().map(detail).collect();
    details.ok_or(NOT_DETAILS)
}

/// The most bytes of the parameter.
const MOST_BYTES: usize = 16 * 1024;

/// The most details of a request.
const MOST: usize = 16;

/// Of what a house granted, no more of any type than was asked for (threat N-40).
pub(crate) fn within(
    granted: Vec<AuthorizationDetail>,
    asked: &[AuthorizationDetail],
) -> Vec<AuthorizationDetail> {
    let mut open: Vec<&str> = asked.iter().map(AuthorizationDetail::kind).collect();
    let was_asked = |detail: &AuthorizationDetail| {
        let place = open.iter().position(|kind| *kind == detail.kind());
        place.map(|place| open.swap_remove(place)).is_some()
    };
    granted.into_iter().filter(was_asked).collect()
}

/// Of what was granted, what a later request names (RFC 9396 §6): each of its elements is a granted one, or
/// some members of it, `type` among them. One that is not was not granted.
pub(crate) fn named_among(
    granted: &[AuthorizationDetail],
    text: &str,
) -> Result<Vec<AuthorizationDetail>, Refusal> {
    let asked = read(text)?;
    let is_granted = |asked: &AuthorizationDetail| granted.iter().any(|it| asked.names(it));
    if !asked.iter().all(is_granted) {
        return Err(NOT_GRANTED);
    }
    let is_named = |granted: &&AuthorizationDetail| asked.iter().any(|it| it.names(granted));
    Ok(granted.iter().filter(is_named).cloned().collect())
}

const TOO_LARGE: Refusal = refused("authorization_details is larger than 16 KiB");
const TOO_MANY: Refusal = refused("authorization_details has more than 16 elements");
const NOT_AN_ARRAY: Refusal = refused("authorization_details is not a JSON array");
const NOT_DETAILS: Refusal =
    refused("an element of authorization_details is not an object with a type");

const NOT_GRANTED: Refusal = refused("authorization_details names what was not granted");

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidAuthorizationDetails, description)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn details(all: &Value) -> Vec<AuthorizationDetail> {
        read(&all.to_string()).unwrap()
    }

    #[test]
    fn a_house_adds_no_type_and_no_second_of_one() {
        let asked = details(&json!([{"type": "a"}, {"type": "b"}, {"type": "a"}]));
        let granted = details(&json!([
            {"type": "b", "n": 1}, {"type": "a", "n": 2}, {"type": "c", "n": 3},
            {"type": "b", "n": 4}, {"type": "a", "n": 5}, {"type": "a", "n": 6},
        ]));
        let numbers: Vec<_> = within(granted, &asked)
            .iter()
            .map(|it| it.members()["n"].clone())
            .collect();
        assert_eq!(numbers, [1, 2, 5]);
    }

    #[test]
    fn a_detail_is_named_by_members_it_has() {
        let granted = details(&json!([
            {"type": "a", "id": 1, "x": [1, 2]}, {"type": "a", "id": 2}, {"type": "b"},
        ]));
        let named = |asked: Value| {
            let chosen = named_among(&granted, &asked.to_string()).map_err(|it| it.description);
            chosen.map(|chosen| chosen.len())
        };
        assert_eq!(named(json!([])), Ok(0));
        assert_eq!(named(json!([{"type": "a"}])), Ok(2));
        assert_eq!(named(json!([{"type": "a", "id": 1}, {"type": "b"}])), Ok(2));
        let refused = Err(NOT_GRANTED.description);
        for asked in [
            json!([{"type": "c"}]),
            json!([{"type": "a", "id": 3}]),
            json!([{"type": "b", "id": 1}]),
            json!([{"type": "a", "x": [1]}]),
            json!([{"type": "a"}, {"type": "c"}]),
        ] {
            assert_eq!(named(asked.clone()), refused, "{asked}");
        }
    }

    #[test]
    fn what_stands_in_a_log_is_the_type_alone() {
        let detail = &details(&json!([{"type": "a", "procedure": "secret"}]))[0];
        assert_eq!(format!("{detail:?}"), "AuthorizationDetail(a)");
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z]{0,4}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let member = prop_oneof![Just("type".to_owned()), "[a-z]{0,3}"];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(member, inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// An object that is a detail but for its type, perhaps.
    fn likely_detail() -> impl Strategy<Value = Value> {
        let kind = prop_oneof![
            "[a-z]{0,2}".prop_map(Value::from),
            Just(json!(null)),
            Just(json!(1)),
            Just(json!("t".repeat(LONGEST_TYPE))),
            Just(json!("t".repeat(LONGEST_TYPE + 1))),
        ];
        (kind, any_json()).prop_map(|(kind, other)| json!({"type": kind, "other": other}))
    }

    proptest! {
        #[test]
        fn whatever_is_read_has_a_type_and_is_written_out_the_same(
            elements in proptest::collection::vec(prop_oneof![likely_detail(), any_json()], 0..4),
        ) {
            let text = Value::from(elements.clone()).to_string();
            if let Ok(details) = read(&text) {
                prop_assert!(details.iter().all(|it| !it.kind().is_empty()));
                prop_assert_eq!(serde_json::to_value(&details).unwrap(), Value::from(elements));
            } else {
                let is_detail = |it: &Value| {
                    let kind = it["type"].as_str();
                    kind.is_some_and(|kind| (1..=LONGEST_TYPE).contains(&kind.len()))
                };
                prop_assert!(!elements.iter().all(is_detail));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            if let Ok(details) = read(&text) {
                prop_assert!(details.len() <= MOST);
            }
        }
    }
}
