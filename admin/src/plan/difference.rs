//! What sets two states of a record apart, member by member. A secret is never shown.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::ChangeError;

/// A member that becomes another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Member {
    /// Its name.
    pub member: String,
    /// What it was; nothing where it had its default, or is a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// What it will be, by the same rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// The members by which `before` and `after` differ, by name; the secret, which neither shows, last.
pub(super) fn between<T: Serialize>(
    before: &T,
    after: &T,
    has_other_secret: bool,
) -> Result<Vec<Member>, ChangeError> {
    let (mut before, after) = (members(before)?, members(after)?);
    let mut changed: Vec<Member> = after
        .into_iter()
        .filter_map(|(member, after)| {
            let before = before.remove(&member);
            (before.as_ref() != Some(&after)).then_some(Member {
                member,
                before,
                after: Some(after),
            })
        })
        .collect();
    changed.extend(before.into_iter().map(|(member, before)| Member {
        member,
        before: Some(before),
        after: None,
    }));
    changed.sort_by(|one, other| one.member.cmp(&other.member));
    if has_other_secret {
        changed.push(Member {
            member: SECRET.to_owned(),
            before: None,
            after: None,
        });
    }
    Ok(changed)
}

/// Every member, for a record that was not there before.
pub(super) fn of<T: Serialize>(after: &T) -> Result<Vec<Member>, ChangeError> {
    let members = members(after)?.into_iter();
    let members = members.map(|(member, after)| Member {
        member,
        before: None,
        after: Some(after),
    });
    Ok(members.collect())
}

fn members<T: Serialize>(metadata: &T) -> Result<Map<String, Value>, ChangeError> {
    match serde_json::to_value(metadata) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Ok(Map::new()),
        Err(error) => Err(ChangeError::Malformed(guichet_domain::told(&error))),
    }
}

const SECRET: &str = "client_secret";
