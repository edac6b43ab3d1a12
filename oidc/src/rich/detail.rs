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

const TOO_LARGE: Refusal = refused("authorization_details is larger than 16 KiB");
const TOO_MANY: Refusal = refused("authorization_details has more than 16 elements");
const NOT_AN_ARRAY: Refusal = refused("authorization_details is not a JSON array");
const NOT_DETAILS: Refusal =
    refused("an element of authorization_details is not an object with a type");

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidAuthorizationDetails, description)
}
