//! Signing keys of ours: for each algorithm one that signs, one published ahead of its turn, and
//! those that signed before. Rotated while running, without a lock where tokens are signed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use guichet_domain::{SigningAlg, Timestamp};
use serde::Serialize;

use crate::custody::{BlobName, Custody};
use crate::error::KeysError;
use crate::jws::{JwsAlg, JwsRefusal, TimeRule, Token, TypRule, Verified, VerifyPolicy};
use crate::seal::Sealer;

mod kept;
mod lone;
mod material;
mod pair;
mod record;
mod stage;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod token_tests;
mod typ;

pub(crate) use kept::{Kept, jwk_set};
pub use lone::LoneKey;
pub(crate) use material::{Material, RingAlg, RingKey};
use pair::SigningKey;
pub use stage::{KeyInfo, KeyPlace, KeyStage, RotationPolicy};
pub use typ::Typ;

/// Signing keys of one role. Cheap to clone; every clone sees a rotation at once. No `Debug`.
#[derive(Clone)]
pub struct KeyRing(Arc<Kept<SigningKey>>);

impl KeyRing {
    /// The ring in custody under `name`, with a key for each of `algs` at least.
    pub(crate) fn open(
        name: BlobName,
        custody: Arc<dyn Custody>,
        sealer: Sealer,
        algs: &[SigningAlg],
        now: Timestamp,
    ) -> Result<Self, KeysError> {
        let ring = Self(Arc::new(Kept::open(name, custody, sealer)?));
        for alg in algs {
            ring.ensure(*alg, now)?;
        }
        Ok(ring)
    }

    /// Signs `claims` as a compact JWS with the current key for `alg`.
    pub fn sign_jwt<T: Serialize + ?Sized>(
        &self,
        alg: SigningAlg,
        typ: Typ,
        claims: &T,
    ) -> Result<String, KeysError> {
        let payload = serde_json::to_vec(claims).map_err(KeysError::Claims)?;
        self.0.with_current(alg, |key| key.sign(typ, &payload))
    }

    /// The same with the public key in the header instead of its `kid`: a proof of possession, such as
    /// DPoP's (RFC 9449 §4.2).
    pub fn sign_self_contained<T: Serialize + ?Sized>(
        &self,
        alg: SigningAlg,
        typ: Typ,
        claims: &T,
    ) -> Result<String, KeysError> {
        let payload = serde_json::to_vec(claims).map_err(KeysError::Claims)?;
        self.0
            .with_current(alg, |key| key.sign_self_contained(typ, &payload))
    }

    /// The JWK Set to publish (RFC 7517 §5): current, next, then previous keys.
    pub fn jwks(&self) -> Bytes {
        jwk_set(&[self.published()])
    }

    /// The JWK Set of every key that signed and was not revoked: the published ones, then those that are
    /// past keeping. For what is read years later, such as receipts; nothing else may rely on it.
    pub fn jwks_for_good(&self) -> Bytes {
        jwk_set(&[self.published(), self.0.retired()])
    }

    /// The algorithms this ring signs with, the default first.
    pub fn algs(&self) -> Vec<SigningAlg> {
        self.0.algs()
    }

    /// Every key, for operators.
    pub fn keys(&self) -> Vec<KeyInfo> {
        self.0.infos()
    }

    /// Whether every algorithm can be signed with now; keys in a token are tried.
    pub fn check(&self) -> Result<(), KeysError> {
        let algs = self.algs();
        if algs.is_empty() {
            return Err(KeysError::NoKey("any algorithm"));
        }
        algs.into_iter()
            .try_for_each(|alg| self.0.current(alg)?.probe())
    }

    /// Makes sure there is a key for `alg` that can sign; makes one when there is none.
    pub fn ensure(&self, alg: SigningAlg, now: Timestamp) -> Result<(), KeysError> {
        self.0.ensure(alg, now)
    }

    /// Rotates `alg` now: next signs, current only verifies, a new next is published.
    pub fn rotate(&self, alg: SigningAlg, now: Timestamp) -> Result<(), KeysError> {
        self.0.rotate(alg, now)
    }

    /// Rotates what is due, drops what is past keeping and publishes next keys where there are none;
    /// returns the algorithms that rotated. To be called now and then by one of the nodes or by all.
    pub fn rotate_due(
        &self,
        now: Timestamp,
        policy: RotationPolicy,
    ) -> Result<Vec<SigningAlg>, KeysError> {
        self.0.rotate_due(now, policy)
    }

    /// Takes the key `kid` out for good, in an emergency: it leaves the JWK Set and verifies nothing
    /// any more, and if it was the current one, the next one signs at once. Returns where it stood.
    /// Other nodes follow when they [`refresh`](crate::Keys::refresh).
    pub fn revoke(&self, kid: &str, now: Timestamp) -> Result<KeyStage, KeysError> {
        self.0.revoke(kid, now)
    }

    /// Verifies a token this ring signed, with the key its `kid` names, whatever that key's stage.
    /// `not_expired_at`: `Some(now)` refuses an expired token, `None` tolerates it (an
    /// `id_token_hint`, OIDC Core §3.1.2.1).
    pub fn verify_own(
        &self,
        jwt: &str,
        typ: Typ,
        not_expired_at: Option<Timestamp>,
    ) -> Result<Verified, JwsRefusal> {
        let token = Token::parse(jwt)?;
        let alg = token.check(VerifyPolicy {
            algs: &SigningAlg::ALL.map(JwsAlg::from),
            typ: TypRule::Exactly(typ.as_str()),
        })?;
        let named = token.kid.as_deref().and_then(|kid| self.0.named(kid));
        let key = named
            .filter(|key| JwsAlg::from(key.alg) == alg)
            .ok_or(JwsRefusal::UnknownKey)?;
        if !token.holds_under(&key.verifying, alg) {
            return Err(JwsRefusal::Signature);
        }
        let verified = token.verified(alg)?;
        if let Some(now) = not_expired_at {
            verified.check_times(TimeRule {
                now,
                leeway: Duration::ZERO,
                longest: None,
            })?;
        }
        Ok(verified)
    }

    /// Reads custody again; cheap when nothing changed.
    pub(crate) fn refresh(&self) -> Result<(), KeysError> {
        self.0.refresh()
    }

    /// The published keys, as the elements of a JSON array.
    pub(crate) fn published(&self) -> Bytes {
        self.0.published()
    }
}
