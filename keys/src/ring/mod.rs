//! Signing keys of ours.

use std::time::Duration;

use bytes::Bytes;
use guichet_domain::{SigningAlg, Timestamp};
use serde::Serialize;

use crate::error::KeysError;
use crate::jws::{JwsRefusal, Verified};

/// The `typ` of what the hub signs (RFC 8725 §3.11): one kind of token never stands for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typ {
    /// `JWT`: ID tokens, userinfo answers, the hub's own client assertions.
    Jwt,
    /// `at+jwt`: access tokens (RFC 9068).
    AccessToken,
    /// `logout+jwt`: logout tokens (OIDC Back-Channel Logout §2.4).
    LogoutToken,
    /// `token-introspection+jwt`: introspection answers (RFC 9701).
    TokenIntrospection,
    /// `secevent+jwt`: events to services (RFC 8417).
    SecurityEvent,
    /// `guichet-receipt+jwt`: a citizen's receipt.
    Receipt,
    /// `guichet-voucher+jwt`: the right to fetch evidence.
    Voucher,
}

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyStage {
    /// Published, not yet signing.
    Next,
    /// Signs.
    Current,
    /// Verifies what it signed.
    Previous,
}

/// A key as operators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyInfo {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// What it signs with.
    pub alg: SigningAlg,
    /// Where it stands.
    pub stage: KeyStage,
    /// When it was made.
    pub created: Timestamp,
    /// Since when it stands there.
    pub since: Timestamp,
}

/// When keys rotate by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationPolicy {
    /// How long a key signs.
    pub sign_for: Duration,
    /// How long a key is published before it signs.
    pub publish_before: Duration,
    /// How long a key stays published after it signed.
    pub keep_after: Duration,
}

/// Signing keys of one role. Cheap to clone; all clones see a rotation at once.
#[derive(Clone)]
pub struct KeyRing(());

impl KeyRing {
    /// Signs `claims` as a compact JWS with the current key for `alg`.
    pub fn sign_jwt<T: Serialize>(
        &self,
        _alg: SigningAlg,
        _typ: Typ,
        _claims: &T,
    ) -> Result<String, KeysError> {
        todo!()
    }

    /// The JWK Set to publish, prebuilt.
    pub fn jwks(&self) -> Bytes {
        todo!()
    }

    /// The algorithms this ring signs with.
    pub fn algs(&self) -> Vec<SigningAlg> {
        todo!()
    }

    /// Every key, for operators.
    pub fn keys(&self) -> Vec<KeyInfo> {
        todo!()
    }

    /// Makes sure there is a key for `alg`; makes one when there is none.
    pub fn ensure(&self, _alg: SigningAlg, _now: Timestamp) -> Result<(), KeysError> {
        todo!()
    }

    /// Rotates `alg` now: next signs, current verifies, a new next is published.
    pub fn rotate(&self, _alg: SigningAlg, _now: Timestamp) -> Result<(), KeysError> {
        todo!()
    }

    /// Rotates what is due and drops what is past keeping; returns the algorithms that rotated.
    pub fn rotate_due(
        &self,
        _now: Timestamp,
        _policy: RotationPolicy,
    ) -> Result<Vec<SigningAlg>, KeysError> {
        todo!()
    }

    /// Verifies a token this ring signed, with the key its `kid` names, whatever that key's stage.
    /// `not_expired_at`: `Some(now)` refuses an expired token, `None` tolerates it (an
    /// `id_token_hint`, OIDC Core §3.1.2.1).
    pub fn verify_own(
        &self,
        _jwt: &str,
        _typ: Typ,
        _not_expired_at: Option<Timestamp>,
    ) -> Result<Verified, JwsRefusal> {
        todo!()
    }
}
