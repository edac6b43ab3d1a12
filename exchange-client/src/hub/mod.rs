//! The hub as one party sees it: what it publishes, and requests to it as that party.

mod authentication;
mod metadata;
mod request;
mod statement;

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use guichet_domain::{Clock, Entropy, Timestamp};
use guichet_keys::{JwkSet, JwsRefusal, KeysError, Verified, VerifyPolicy, verify};
use http::StatusCode;

use crate::kept::Kept;
use crate::{Line, OwnKeys};
pub use authentication::Authentication;
pub(crate) use metadata::Endpoints;
pub(crate) use request::Proof;
pub(crate) use statement::Statement;

/// Who one is at the hub.
#[derive(Clone)]
pub struct Registration {
    /// The hub's issuer identifier, without a slash at its end.
    pub issuer: String,
    /// One's `client_id`.
    pub client_id: String,
    /// How one authenticates.
    pub authentication: Authentication,
}

/// What one brings along.
#[derive(Clone)]
pub struct Means {
    /// One's keys.
    pub keys: OwnKeys,
    /// One's HTTP client.
    pub line: Arc<dyn Line>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// The hub, over one's line. Cheap to clone: clones share what was fetched.
#[derive(Clone)]
pub struct Hub(Arc<Inner>);

struct Inner {
    registration: Registration,
    means: Means,
    endpoints: Kept<Endpoints>,
    keys: Kept<JwkSet>,
    catalogue: Kept<serde_json::Value>,
    /// What the hub last wanted to see in proofs (RFC 9449 §8).
    nonce: Mutex<Option<String>>,
}

/// Why the hub was of no help. Holds no token and nothing about a citizen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HubError {
    /// No answer, or the answer of a hub in trouble.
    #[error("the hub does not answer")]
    Unreachable,
    /// It said no (RFC 6749 §5.2).
    #[error("the hub refuses: {error} ({status})")]
    Refused {
        /// The status.
        status: StatusCode,
        /// The OAuth error code.
        error: String,
    },
    /// What it said makes no sense.
    #[error("the hub's answer is of no use: {0}")]
    Answer(&'static str),
    /// `client_secret_post` has no place in a request whose body is no form.
    #[error("client_secret_post authenticates forms alone")]
    NoHead,
    /// One's own keys failed.
    #[error("our own keys failed")]
    OwnKeys,
}

impl From<KeysError> for HubError {
    fn from(error: KeysError) -> Self {
        tracing::error!(%error, "a key of ours failed");
        Self::OwnKeys
    }
}

/// Why something signed is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unbelieved {
    #[error(transparent)]
    Jws(#[from] JwsRefusal),
    #[error(transparent)]
    Hub(#[from] HubError),
}

impl Hub {
    /// The hub for who is registered there.
    pub fn new(registration: Registration, means: Means) -> Self {
        Self(Arc::new(Inner {
            registration,
            means,
            endpoints: Kept::nothing(),
            keys: Kept::nothing(),
            catalogue: Kept::nothing(),
            nonce: Mutex::default(),
        }))
    }

    /// Its issuer identifier.
    pub fn issuer(&self) -> &str {
        &self.0.registration.issuer
    }

    /// Our `client_id`.
    pub fn client_id(&self) -> &str {
        &self.0.registration.client_id
    }

    /// Our public keys, to publish.
    pub fn own_jwks(&self) -> Bytes {
        self.means().keys.jwks()
    }

    pub(crate) fn means(&self) -> &Means {
        &self.0.means
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.means().clock.now()
    }

    /// A fresh identifier.
    pub(crate) fn fresh(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.means().entropy.bytes16())
    }

    /// Verifies something the hub signed. A key we do not know may be a new one: then its keys are
    /// fetched again, though not at once again.
    pub(crate) async fn verify(
        &self,
        jwt: &str,
        policy: VerifyPolicy<'_>,
    ) -> Result<Verified, Unbelieved> {
        let keys = self.keys(metadata::GOOD_FOR).await?;
        match verify(jwt, &keys, policy) {
            Err(JwsRefusal::UnknownKey) => {
                let keys = self.keys(metadata::BETWEEN_LOOKS).await?;
                Ok(verify(jwt, &keys, policy)?)
            }
            verdict => Ok(verdict?),
        }
    }
}
