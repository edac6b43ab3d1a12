//! The secrets of one client: several at a time, so that a new one is in use before the old one ends.

use serde::{Deserialize, Deserializer, Serialize};

use crate::Timestamp;

/// The most secrets a client has at a time.
pub const MOST_SECRETS: usize = 5;

/// The name of the secret that metadata brought.
pub const DECLARED_SECRET: &str = "declared";

/// One secret: what is kept of it, and its time.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSecret<K> {
    /// Its name among the client's secrets; says nothing of the secret.
    pub id: String,
    /// Since when it is there, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// Opens nothing from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What is kept: a hash, or the secret sealed.
    pub kept: K,
}

impl<K> ClientSecret<K> {
    /// Whether it opens anything at `now`.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// All of a client's secrets, the oldest first.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Secrets<K>(Vec<ClientSecret<K>>);

/// What is said of a secret, never the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretDates {
    /// Its name among the client's secrets.
    pub id: String,
    /// Since when it is there, where that is known.
    pub created: Option<Timestamp>,
    /// Opens nothing from then on.
    pub until: Option<Timestamp>,
}

/// Why a secret was not added or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// It has no secrets: it proves itself in another way.
    #[error("the client's token_endpoint_auth_method has no secret")]
    NoSecrets,
    /// It has as many as it may have.
    #[error("the client has as many secrets as it may have: end one first")]
    TooMany,
    /// It has none of this name.
    #[error("the client has no such secret")]
    Unknown,
    /// Nothing would be left to authenticate with.
    #[error("no other secret would be left: add another first, or disable the client")]
    Last,
    /// It cannot be sealed here.
    #[error("a secret cannot be sealed here")]
    Unsealable,
}

impl<K> Secrets<K> {
    /// The one that metadata brought.
    pub fn declared(kept: K) -> Self {
        Self(vec![ClientSecret {
            id: DECLARED_SECRET.to_owned(),
            created: None,
            until: None,
            kept,
        }])
    }

    /// Those that open something at `now`.
    pub fn live(&self, now: Timestamp) -> impl Iterator<Item = &ClientSecret<K>> {
        self.0.iter().filter(move |secret| secret.is_live(now))
    }

    /// Every one, those past their end included.
    pub fn iter(&self) -> impl Iterator<Item = &ClientSecret<K>> {
        self.0.iter()
    }

    pub(super) fn dates(&self) -> Vec<SecretDates> {
        let dates = self.0.iter().map(|secret| SecretDates {
            id: secret.id.clone(),
            created: secret.created,
            until: secret.until,
        });
        dates.collect()
    }

    /// Says of those whose beginning nobody knows that they begin now.
    pub(super) fn date(&mut self, now: Timestamp) {
        for secret in &mut self.0 {
            secret.created.get_or_insert(now);
        }
    }

    /// Adds one; those there are end at `others_end` at the latest. What is past its end is forgotten.
    pub(super) fn add(
        &mut self,
        id: String,
        kept: K,
        others_end: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), SecretError> {
        self.0.retain(|secret| secret.is_live(now));
        if self.0.len() >= MOST_SECRETS {
            return Err(SecretError::TooMany);
        }
        for other in &mut self.0 {
            other.end_by(others_end);
        }
        self.0.push(ClientSecret {
            id,
            created: Some(now),
            until: None,
            kept,
        });
        Ok(())
    }

    /// Ends one at `at`, or earlier where that was said before.
    pub(super) fn end(&mut self, id: &str, at: Timestamp) -> Result<(), SecretError> {
        let has_another = goes_on_without(&self.dates(), id, at);
        let mut all = self.0.iter_mut();
        let ended = all.find(|secret| secret.id == id);
        let ended = ended.ok_or(SecretError::Unknown)?;
        if !has_another {
            return Err(SecretError::Last);
        }
        ended.end_by(Some(at));
        Ok(())
    }
}

/// Whether another one goes on where the one of this name ends at `at`: one without an end, or one that is good
/// after that and as long as any of them, for an end once said is never put off.
pub fn goes_on_without(dates: &[SecretDates], id: &str, at: Timestamp) -> bool {
    let ends_before = |one: Option<Timestamp>, other: Option<Timestamp>| match (one, other) {
        (Some(one), Some(other)) => one < other,
        (Some(_), None) => true,
        (None, _) => false,
    };
    let is_longest = |it: &SecretDates| !dates.iter().any(|any| ends_before(it.until, any.until));
    let mut others = dates.iter().filter(|it| it.id != id);
    others.any(|it| it.until.is_none_or(|end| at < end) && is_longest(it))
}

impl<K> ClientSecret<K> {
    fn end_by(&mut self, end: Option<Timestamp>) {
        self.until = match (self.until, end) {
            (Some(said), Some(end)) => Some(said.min(end)),
            (said, end) => said.or(end),
        };
    }
}

/// A record of before there could be several holds what is kept of the only one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Stored<K> {
    Several(Vec<ClientSecret<K>>),
    One(K),
}

impl<'de, K: Deserialize<'de>> Deserialize<'de> for Secrets<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Stored::deserialize(deserializer)? {
            Stored::Several(secrets) => Self(secrets),
            Stored::One(kept) => Self::declared(kept),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);
    const LATER: Timestamp = Timestamp::from_seconds(1_795_600_000);

    fn names(secrets: &Secrets<String>, at: Timestamp) -> Vec<&str> {
        secrets.live(at).map(|secret| secret.id.as_str()).collect()
    }

    fn two() -> Secrets<String> {
        let mut secrets = Secrets::declared("old".to_owned());
        let added = secrets.add("new".to_owned(), "new".to_owned(), Some(LATER), NOW);
        added.unwrap();
        secrets
    }

    #[test]
    fn the_old_secret_goes_on_until_its_end_and_the_new_one_after() {
        let secrets = two();
        assert_eq!(names(&secrets, NOW), ["declared", "new"]);
        assert_eq!(names(&secrets, LATER), ["new"]);
    }

    #[test]
    fn an_end_once_said_is_never_put_off() {
        let mut secrets = two();
        let much_later = LATER.after(std::time::Duration::from_hours(24));
        secrets.end("declared", much_later).unwrap();
        assert_eq!(names(&secrets, LATER), ["new"]);
        secrets.end("declared", NOW).unwrap();
        assert_eq!(names(&secrets, NOW), ["new"]);
    }

    #[test]
    fn the_last_secret_that_goes_on_is_not_ended() {
        let mut secrets = two();
        assert_eq!(secrets.end("new", LATER), Err(SecretError::Last));
        // The old one lives today, and not for long.
        assert_eq!(secrets.end("new", NOW), Err(SecretError::Last));
        assert_eq!(secrets.end("gone", NOW), Err(SecretError::Unknown));
        let mut one = Secrets::declared("only".to_owned());
        assert_eq!(one.end(DECLARED_SECRET, NOW), Err(SecretError::Last));
    }

    #[test]
    fn there_are_so_many_at_most_and_what_ended_does_not_count() {
        let mut secrets = Secrets::declared("0".to_owned());
        for number in 1..MOST_SECRETS {
            let name = number.to_string();
            secrets.add(name.clone(), name, None, NOW).unwrap();
        }
        let one_more = secrets.add("more".to_owned(), "more".to_owned(), None, NOW);
        assert_eq!(one_more, Err(SecretError::TooMany));
        secrets.end(DECLARED_SECRET, NOW).unwrap();
        secrets
            .add("more".to_owned(), "more".to_owned(), None, NOW)
            .unwrap();
    }

    #[test]
    fn a_record_of_before_is_one_secret_of_unknown_age() {
        let one: Secrets<String> = serde_json::from_str("\"hash\"").unwrap();
        assert!(one == Secrets::declared("hash".to_owned()));
        let both = two();
        let read: Secrets<String> =
            serde_json::from_str(&serde_json::to_string(&both).unwrap()).unwrap();
        assert!(read == both);
    }
}
