//! The secrets and keys of a client, as they follow one another: a new one is added, both are good for a while,
//! the old one ends. Which are still in use, and which are to be replaced (`due`).
//!
//! Keys that stand in the record itself carry their dates as members of the key (`iat`, `exp`: OpenID
//! Federation 1.0 §8.7.2), so that whoever reads the record, or declares it, sees them.

mod due;

use std::sync::Arc;

use guichet_domain::client::{SecretDates, SecretError, goes_on_without};
use guichet_domain::{Client, Entropy, InvalidMember, KeySource, Rule, Timestamp};
use guichet_oidc::ClientSecrets;
use guichet_store::durable::CredentialUses;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{ChangeError, ClientRecords, RecordDesk, Records as _};

pub use due::{Due, DueOf, RotationWatch, due};

/// Where credentials of clients are added and ended.
pub struct CredentialDesk {
    /// Where clients are changed.
    pub clients: RecordDesk<Arc<ClientRecords>>,
    /// Which are still in use.
    pub uses: Arc<dyn CredentialUses>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// A secret or a key, as far as it may be spoken of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Credential {
    /// Its name among the client's: of a key, its `kid`.
    pub id: String,
    /// `secret` or `key`.
    pub kind: CredentialKind,
    /// Since when it is there (RFC 3339), where that is known.
    pub created: Option<String>,
    /// Opens nothing from then on (RFC 3339).
    pub until: Option<String>,
    /// The day on which it was used last, `YYYY-MM-DD` in UTC; no finer is kept.
    pub last_used: Option<String>,
    /// Whether it opens anything now.
    pub live: bool,
}

/// What a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialKind {
    /// A `client_secret`.
    Secret,
    /// A public key in `jwks`.
    Key,
}

/// A secret that was just made: nobody can show it again.
pub struct NewSecret {
    /// Its name among the client's secrets.
    pub id: String,
    /// The secret itself.
    pub secret: Zeroizing<String>,
}

impl CredentialDesk {
    /// Every secret and every key in the record of a client, the oldest first.
    pub async fn list(&self, client: &Client) -> Result<Vec<Credential>, ChangeError> {
        let uses = self.uses.uses(&client.id).await?;
        let now = self.clients.clock.now();
        let last = |id: &str| {
            let mut uses = uses.iter();
            let found = uses.find(|it| it.credential == id)?;
            found.day.to_string().get(..10).map(str::to_owned)
        };
        let credential = |dates: &SecretDates, kind| Credential {
            id: dates.id.clone(),
            kind,
            created: dates.created.map(|it| it.to_string()),
            until: dates.until.map(|it| it.to_string()),
            last_used: last(&dates.id),
            live: dates.until.is_none_or(|until| now < until),
        };
        let secrets = client.authentication.secrets();
        let secrets = secrets
            .iter()
            .map(|dates| credential(dates, CredentialKind::Secret));
        let keys = key_dates(client);
        let keys = keys
            .iter()
            .map(|dates| credential(dates, CredentialKind::Key));
        Ok(secrets.chain(keys).collect())
    }

    /// Adds a secret that is good at once; those there are end at `others_end` at the latest, or go on.
    pub async fn add_secret(
        &self,
        client: &Client,
        others_end: Option<Timestamp>,
    ) -> Result<NewSecret, ChangeError> {
        let others_end = self.not_past(others_end);
        let secret = ClientSecrets::fresh(&*self.entropy);
        let id = self.fresh_name();
        let mut changed = client.clone();
        let keep = (&client.id, &self.clients.records.secrets);
        let now = self.clients.clock.now();
        let added = changed
            .authentication
            .add_secret(keep, (id.clone(), &secret), others_end, now);
        added.map_err(refused)?;
        self.write(client, &changed, ("secret added", &id)).await?;
        Ok(NewSecret { id, secret })
    }

    /// Adds a public key to the `jwks` of a client; those there are end at `others_end` at the latest, or go
    /// on. The key's `kid`, made here where it has none.
    pub async fn add_key(
        &self,
        client: &Client,
        key: &Value,
        others_end: Option<Timestamp>,
    ) -> Result<String, ChangeError> {
        let others_end = self.not_past(others_end);
        let Some(KeySource::Jwks(jwks)) = &client.keys else {
            let reason = Rule::RotatedElsewhere;
            return Err(InvalidMember::new("jwks", reason).into());
        };
        let mut key = key.clone();
        let Some(members) = key.as_object_mut() else {
            return Err(InvalidMember::new("key", Rule::PublicKey).into());
        };
        let kid = match members.get("kid").and_then(Value::as_str) {
            Some(kid) => kid.to_owned(),
            None => self.fresh_name(),
        };
        let now = self.clients.clock.now();
        members.insert("kid".to_owned(), json!(kid));
        members.insert("iat".to_owned(), json!(now.seconds()));
        let mut jwks = jwks.clone();
        let Some(keys) = jwks["keys"].as_array_mut() else {
            return Err(InvalidMember::new("jwks", Rule::NotAKeySet).into());
        };
        if keys.iter().any(|known| known["kid"] == kid.as_str()) {
            return Err(InvalidMember::new("kid", Rule::KeyTwice).into());
        }
        keys.retain(|known| !is_over(known, now));
        if keys.len() >= MOST_KEYS {
            return Err(InvalidMember::new("jwks", Rule::EnoughKeys).into());
        }
        for known in keys.iter_mut() {
            end_by(known, others_end);
        }
        keys.push(key);
        self.write_keys(client, jwks, ("key added", &kid)).await?;
        Ok(kid)
    }

    /// Ends a secret, or a key of the record, at `at`: now, or later.
    pub async fn end(
        &self,
        client: &Client,
        (kind, id): (CredentialKind, &str),
        at: Option<Timestamp>,
    ) -> Result<(), ChangeError> {
        let now = self.clients.clock.now();
        let at = at.map_or(now, |at| at.max(now));
        match kind {
            CredentialKind::Secret => {
                let mut changed = client.clone();
                let ended = changed.authentication.end_secret(id, at);
                ended.map_err(refused)?;
                self.write(client, &changed, ("secret ended", id)).await
            }
            CredentialKind::Key => self.end_key(client, id, at).await,
        }
    }

    async fn end_key(&self, client: &Client, kid: &str, at: Timestamp) -> Result<(), ChangeError> {
        let dates = key_dates(client);
        if !dates.iter().any(|key| key.id == kid) {
            return Err(unknown(kid));
        }
        if !goes_on_without(&dates, kid, at) {
            return Err(refused(SecretError::Last));
        }
        let Some(KeySource::Jwks(jwks)) = &client.keys else {
            return Err(unknown(kid));
        };
        let mut jwks = jwks.clone();
        for key in jwks["keys"].as_array_mut().into_iter().flatten() {
            if key["kid"] == kid {
                end_by(key, Some(at));
            }
        }
        self.write_keys(client, jwks, ("key ended", kid)).await
    }

    async fn write_keys(
        &self,
        client: &Client,
        jwks: Value,
        what: (&'static str, &str),
    ) -> Result<(), ChangeError> {
        let metadata = guichet_domain::ClientMetadata {
            jwks: Some(jwks),
            ..guichet_domain::ClientMetadata::from(client)
        };
        let changed = self.clients.records.check(Some(client), &metadata).await?;
        self.write(client, &changed, what).await
    }

    async fn write(
        &self,
        client: &Client,
        changed: &Client,
        (what, id): (&'static str, &str),
    ) -> Result<(), ChangeError> {
        let detail = Some(("credential", id));
        let known = Some(client);
        self.clients
            .write_noting(known, changed, what, detail)
            .await
    }

    /// When the others end: at once where that is past by now. Between what somebody proposes and its
    /// confirmation there is a sign-in.
    fn not_past(&self, others_end: Option<Timestamp>) -> Option<Timestamp> {
        others_end.map(|end| end.max(self.clients.clock.now()))
    }

    /// Eight characters that nothing else of the client is named by.
    fn fresh_name(&self) -> String {
        let [one, two, three, four, ..] = self.entropy.bytes16();
        format!("{:08x}", u32::from_be_bytes([one, two, three, four]))
    }
}

/// The most keys that stand in a record.
const MOST_KEYS: usize = 10;

/// The dates of the keys that stand in a client's record; a key without a `kid` cannot be named, and is left
/// out.
pub(crate) fn key_dates(client: &Client) -> Vec<SecretDates> {
    let Some(KeySource::Jwks(jwks)) = &client.keys else {
        return Vec::new();
    };
    let keys = jwks["keys"].as_array().map_or(&[][..], Vec::as_slice);
    let dates = keys.iter().filter_map(|key| {
        Some(SecretDates {
            id: key["kid"].as_str()?.to_owned(),
            created: key["iat"].as_i64().map(Timestamp::from_seconds),
            until: key["exp"].as_i64().map(Timestamp::from_seconds),
        })
    });
    dates.collect()
}

fn is_over(key: &Value, now: Timestamp) -> bool {
    key["exp"].as_i64().is_some_and(|exp| exp <= now.seconds())
}

/// An end once said is never put off.
fn end_by(key: &mut Value, end: Option<Timestamp>) {
    let Some(end) = end else {
        return;
    };
    let said = key["exp"].as_i64();
    key["exp"] = json!(said.map_or(end.seconds(), |said| said.min(end.seconds())));
}

fn refused(error: SecretError) -> ChangeError {
    match error {
        SecretError::Unknown => unknown(""),
        other => InvalidMember::new("client_secret", other).into(),
    }
}

fn unknown(id: &str) -> ChangeError {
    ChangeError::Unknown("credential", id.to_owned())
}

#[cfg(test)]
mod tests;
