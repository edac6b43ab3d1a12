//! The public keys of clients: parsed once, fetched where a client publishes them, kept for a while,
//! and fetched again when a token names a key that nobody here has seen.
//!
//! Fetching is bounded every way: by document (`fetch`), by client (one fetch at a time, a pause
//! between two), by node (so many at once), and by number of clients remembered.

mod public_keys;
mod slot;

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::{
    Client, ClientId, Clock, ContentEncryption, Encryption, Entropy, KeyManagementAlg, KeySource,
};
use guichet_keys::{JwsRefusal, Verified, VerifyPolicy, encrypt, verify};
use guichet_store::Fault;
use moka::sync::Cache;
use serde_json::Value;
use tokio::sync::Semaphore;
use url::Url;

use crate::Engine;
use crate::fetch::{Document, Fetch, Unfetchable};
use crate::refusal::key_fault;

pub(crate) use public_keys::PublicKeys;
use slot::{Known, Slot};

/// Why a client's keys are not to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoKeys {
    /// It registered none.
    NotRegistered,
    /// What it registered or published is no JWK Set that may be used.
    Unreadable,
    /// They could not be fetched, now or a moment ago.
    Unavailable,
    /// They are where nothing may be fetched from.
    Forbidden,
}

impl NoKeys {
    /// For the audit log.
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::NotRegistered => "no jwks and no jwks_uri is registered",
            Self::Unreadable => "the client's jwks cannot be read",
            Self::Unavailable => "the client's jwks_uri cannot be fetched",
            Self::Forbidden => "the client's jwks_uri is not an address that may be called",
        }
    }
}

/// Why a token is not a client's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotSigned {
    /// There is nothing to verify it with.
    NoKeys(NoKeys),
    /// It does not hold under the client's keys.
    Refused(JwsRefusal),
}

/// The keys of the clients seen lately: one for a house, whoever of it speaks to its clients.
pub struct ClientKeys {
    slots: Cache<ClientId, Arc<Slot>>,
    fetches: Semaphore,
    fetch: Arc<dyn Fetch>,
    clock: Arc<dyn Clock>,
}

/// How many clients are remembered; others are parsed or fetched when they come again.
const MOST_CLIENTS: u64 = 4096;

/// How many fetches a node makes at once.
const MOST_FETCHES: usize = 32;

/// How long fetched keys are used without looking: how long a key withdrawn from a `jwks_uri` lives on.
const FRESH: Duration = Duration::from_mins(10);

/// How long they are used when they cannot be fetched again.
const LASTING: Duration = Duration::from_hours(1);

/// Between two fetches of one client's keys, whatever makes them necessary.
const PAUSE: Duration = Duration::from_secs(30);

impl ClientKeys {
    /// Nothing known yet; `fetch` gets what clients publish.
    pub fn new(fetch: Arc<dyn Fetch>, clock: Arc<dyn Clock>) -> Self {
        Self {
            slots: Cache::new(MOST_CLIENTS),
            fetches: Semaphore::new(MOST_FETCHES),
            fetch,
            clock,
        }
    }

    /// A token that `client` signed, when it did.
    pub async fn verified(
        &self,
        client: &Client,
        jwt: &str,
        policy: VerifyPolicy<'_>,
    ) -> Option<Verified> {
        self.verify_signed_by(client, jwt, policy).await.ok()
    }

    /// The public key, as it stands in the client's set, that others are to encrypt to for it.
    pub async fn recipient(&self, client: &Client) -> Option<Value> {
        let keys = self.keys_of(client).await.ok()?;
        keys.recipient().cloned()
    }

    /// `signed`, encrypted for `client` with the first key it has for an algorithm of ours; `None` when
    /// it has none.
    pub async fn encrypted(
        &self,
        client: &Client,
        signed: &str,
        entropy: &dyn Entropy,
    ) -> Result<Option<String>, Fault> {
        let Ok(keys) = self.keys_of(client).await else {
            return Ok(None);
        };
        let algs = [KeyManagementAlg::EcdhEsA256Kw, KeyManagementAlg::RsaOaep256];
        let find = |alg| Some((alg, keys.encryption().for_alg(alg)?));
        let Some((alg, key)) = algs.into_iter().find_map(find) else {
            return Ok(None);
        };
        let with = Encryption {
            alg,
            enc: ContentEncryption::A256Gcm,
        };
        encrypt(key, with, Some("JWT"), signed.as_bytes(), entropy)
            .map(Some)
            .map_err(key_fault("encrypt for a client"))
    }

    /// The keys of a client, fetched when they are not known or not fresh.
    pub(crate) async fn keys_of(&self, client: &Client) -> Result<Arc<PublicKeys>, NoKeys> {
        let source = client.keys.as_ref().ok_or(NoKeys::NotRegistered)?;
        let slot = self.slot_of(client);
        if let Some(known) = slot.known(source) {
            let is_fresh = match source {
                KeySource::Jwks(_) => known.keys.is_whole(self.clock.now()),
                KeySource::JwksUri(_) => self.clock.now().since(known.at) < FRESH,
            };
            if is_fresh {
                return Ok(Arc::clone(&known.keys));
            }
        }
        match source {
            KeySource::Jwks(jwks) => {
                let keys =
                    PublicKeys::of_value(jwks, self.clock.now()).map_err(|_| NoKeys::Unreadable)?;
                Ok(slot.keep(source, keys, self.clock.now()))
            }
            KeySource::JwksUri(uri) => self.fetched(client, source, uri, FRESH).await,
        }
    }

    /// Verifies a token that `client` signed. Where no key fits, its keys may have changed since they
    /// were fetched: they are fetched again, once.
    pub(crate) async fn verify_signed_by(
        &self,
        client: &Client,
        jwt: &str,
        policy: VerifyPolicy<'_>,
    ) -> Result<Verified, NotSigned> {
        let keys = self.keys_of(client).await.map_err(NotSigned::NoKeys)?;
        match verify(jwt, keys.signing(), policy) {
            Err(JwsRefusal::UnknownKey) => {
                let newer = self.newer_keys(client, &keys).await;
                let newer = newer.ok_or(NotSigned::Refused(JwsRefusal::UnknownKey))?;
                verify(jwt, newer.signing(), policy).map_err(NotSigned::Refused)
            }
            verified => verified.map_err(NotSigned::Refused),
        }
    }

    /// Keys other than `older`, after a fetch if it is time for one. `None` when `older` is the latest
    /// there is.
    pub(crate) async fn newer_keys(
        &self,
        client: &Client,
        older: &Arc<PublicKeys>,
    ) -> Option<Arc<PublicKeys>> {
        let source = client.keys.as_ref()?;
        let KeySource::JwksUri(uri) = source else {
            return None;
        };
        let newer = self.fetched(client, source, uri, PAUSE).await.ok()?;
        (!Arc::ptr_eq(&newer, older)).then_some(newer)
    }

    fn slot_of(&self, client: &Client) -> Arc<Slot> {
        self.slots.get_with_by_ref(&client.id, Arc::default)
    }

    /// Keys no older than `age`, as far as they can be had: one request fetches, those that come
    /// meanwhile wait for what it finds.
    async fn fetched(
        &self,
        client: &Client,
        source: &KeySource,
        uri: &Url,
        age: Duration,
    ) -> Result<Arc<PublicKeys>, NoKeys> {
        let slot = self.slot_of(client);
        let mut tried = slot.turn().await;
        let now = self.clock.now();
        let known = slot.known(source);
        if let Some(known) = known.as_ref().filter(|known| now.since(known.at) < age) {
            return Ok(Arc::clone(&known.keys));
        }
        if tried.is_too_soon(source, now, PAUSE) {
            return lasting(known.as_deref(), now).ok_or(NoKeys::Unavailable);
        }
        tried.note(source, now);
        match self.fetch(uri).await {
            Ok(keys) => Ok(slot.keep(source, keys, now)),
            Err(why) => {
                tracing::warn!(client = %client.id, reason = why.reason(), "a client's keys were not renewed");
                lasting(known.as_deref(), now).ok_or(why)
            }
        }
    }

    async fn fetch(&self, uri: &Url) -> Result<PublicKeys, NoKeys> {
        let permit = self.fetches.acquire().await;
        let _permit = permit.map_err(|_| NoKeys::Unavailable)?;
        let fetched = self.fetch.get(uri, Document::Jwks).await;
        let document = fetched.map_err(|error| match error {
            Unfetchable::Refused => NoKeys::Forbidden,
            Unfetchable::Unanswered | Unfetchable::TooLarge => NoKeys::Unavailable,
        })?;
        PublicKeys::parse(&document).map_err(|_| NoKeys::Unreadable)
    }
}

impl Engine {
    /// As [`ClientKeys::keys_of`].
    pub(crate) async fn keys_of(&self, client: &Client) -> Result<Arc<PublicKeys>, NoKeys> {
        self.client_keys().keys_of(client).await
    }

    /// As [`ClientKeys::verify_signed_by`].
    pub(crate) async fn verify_signed_by(
        &self,
        client: &Client,
        jwt: &str,
        policy: VerifyPolicy<'_>,
    ) -> Result<Verified, NotSigned> {
        let keys = self.client_keys();
        keys.verify_signed_by(client, jwt, policy).await
    }

    /// As [`ClientKeys::newer_keys`].
    pub(crate) async fn newer_keys(
        &self,
        client: &Client,
        older: &Arc<PublicKeys>,
    ) -> Option<Arc<PublicKeys>> {
        self.client_keys().newer_keys(client, older).await
    }
}

/// What is known, when it is not too old to go on with.
fn lasting(known: Option<&Known>, now: guichet_domain::Timestamp) -> Option<Arc<PublicKeys>> {
    known
        .filter(|known| now.since(known.at) < LASTING)
        .map(|known| Arc::clone(&known.keys))
}
