//! Signing keys of ours: for each algorithm one that signs, one published ahead of its turn, and
//! those that signed before. Rotated while running, without a lock where tokens are signed.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use guichet_domain::{SigningAlg, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::custody::{BlobName, Custody};
use crate::digest::sha256;
use crate::error::KeysError;
use crate::jws::{JwsAlg, JwsRefusal, TimeRule, Token, TypRule, Verified, VerifyPolicy};
use crate::seal::Sealer;

mod pair;
mod record;

#[cfg(test)]
mod tests;

use pair::SigningKey;
use record::RingRecord;

/// Signing keys of one role. Cheap to clone; every clone sees a rotation at once. No `Debug`.
#[derive(Clone)]
pub struct KeyRing(Arc<Inner>);

struct Inner {
    name: BlobName,
    custody: Arc<dyn Custody>,
    sealer: Sealer,
    state: ArcSwap<State>,
}

/// What signing and publishing need, never changed once made.
struct State {
    /// SHA-256 of the blob it was made from.
    blob: [u8; 32],
    keys: Vec<RingKey>,
    /// The key that signs, by `SigningAlg as usize`.
    current: [Option<Arc<SigningKey>>; SigningAlg::ALL.len()],
    jwks: Bytes,
}

struct RingKey {
    key: Arc<SigningKey>,
    stage: KeyStage,
    created: Timestamp,
    since: Timestamp,
}

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
    /// `oauth-authz-req+jwt`: request objects of the hub as a client (RFC 9101).
    RequestObject,
    /// `dpop+jwt`: proofs of possession of the hub as a client (RFC 9449).
    DpopProof,
    /// `guichet-receipt+jwt`: a citizen's receipt.
    Receipt,
    /// `guichet-voucher+jwt`: the right to fetch evidence.
    Voucher,
}

impl Typ {
    /// Every type, in the order of the enum.
    pub(crate) const ALL: [Self; 9] = [
        Self::Jwt,
        Self::AccessToken,
        Self::LogoutToken,
        Self::TokenIntrospection,
        Self::SecurityEvent,
        Self::RequestObject,
        Self::DpopProof,
        Self::Receipt,
        Self::Voucher,
    ];

    /// The value of `typ`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "JWT",
            Self::AccessToken => "at+jwt",
            Self::LogoutToken => "logout+jwt",
            Self::TokenIntrospection => "token-introspection+jwt",
            Self::SecurityEvent => "secevent+jwt",
            Self::RequestObject => "oauth-authz-req+jwt",
            Self::DpopProof => "dpop+jwt",
            Self::Receipt => "guichet-receipt+jwt",
            Self::Voucher => "guichet-voucher+jwt",
        }
    }
}

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
    /// How long a key is published before it signs: longer than anyone caches the JWK Set.
    pub publish_before: Duration,
    /// How long a key stays published after it signed: longer than any token lives.
    pub keep_after: Duration,
}

impl Default for RotationPolicy {
    /// Ninety days, a day before, thirty days after.
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            sign_for: Duration::from_secs(90 * DAY),
            publish_before: Duration::from_secs(DAY),
            keep_after: Duration::from_secs(30 * DAY),
        }
    }
}

impl KeyRing {
    /// The ring in custody under `name`, with a key for each of `algs` at least.
    pub(crate) fn open(
        name: BlobName,
        custody: Arc<dyn Custody>,
        sealer: Sealer,
        algs: &[SigningAlg],
        now: Timestamp,
    ) -> Result<Self, KeysError> {
        let ring = Self(Arc::new(Inner {
            name,
            custody,
            sealer,
            state: ArcSwap::from_pointee(State::empty()),
        }));
        ring.refresh()?;
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
        self.current(alg)?.sign(typ, &payload)
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
        self.current(alg)?.sign_self_contained(typ, &payload)
    }

    /// The JWK Set to publish (RFC 7517 §5), prebuilt: current, next, then previous keys.
    pub fn jwks(&self) -> Bytes {
        self.0.state.load().jwks.clone()
    }

    /// The algorithms this ring signs with, the default first.
    pub fn algs(&self) -> Vec<SigningAlg> {
        let state = self.0.state.load();
        let signs = |alg: &SigningAlg| state.current[*alg as usize].is_some();
        SigningAlg::ALL.into_iter().filter(signs).collect()
    }

    /// Every key, for operators.
    pub fn keys(&self) -> Vec<KeyInfo> {
        let state = self.0.state.load();
        state
            .keys
            .iter()
            .map(|ring_key| KeyInfo {
                kid: ring_key.key.kid.clone(),
                alg: ring_key.key.alg,
                stage: ring_key.stage,
                created: ring_key.created,
                since: ring_key.since,
            })
            .collect()
    }

    /// Makes sure there is a key for `alg`; makes one when there is none.
    pub fn ensure(&self, alg: SigningAlg, now: Timestamp) -> Result<(), KeysError> {
        if self.0.state.load().current[alg as usize].is_some() {
            return Ok(());
        }
        self.change(|record| {
            record.ensure(alg, now)?;
            Ok(((), true))
        })
    }

    /// Rotates `alg` now: next signs, current only verifies, a new next is published.
    pub fn rotate(&self, alg: SigningAlg, now: Timestamp) -> Result<(), KeysError> {
        self.change(|record| {
            record.rotate(alg, now)?;
            Ok(((), true))
        })
    }

    /// Rotates what is due, drops what is past keeping and publishes next keys where there are none;
    /// returns the algorithms that rotated. To be called now and then by one of the nodes or by all.
    pub fn rotate_due(
        &self,
        now: Timestamp,
        policy: RotationPolicy,
    ) -> Result<Vec<SigningAlg>, KeysError> {
        self.change(|record| record.upkeep(now, policy))
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
        let state = self.0.state.load();
        let key = state
            .keys
            .iter()
            .map(|ring_key| &ring_key.key)
            .find(|key| token.kid.as_deref() == Some(&key.kid) && JwsAlg::from(key.alg) == alg)
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

    /// The key that signs with `alg`.
    fn current(&self, alg: SigningAlg) -> Result<Arc<SigningKey>, KeysError> {
        let state = self.0.state.load();
        let key = state.current[alg as usize].as_ref();
        key.map(Arc::clone).ok_or(KeysError::NoKey(alg.as_str()))
    }

    /// Reads custody again; cheap when nothing changed.
    pub(crate) fn refresh(&self) -> Result<(), KeysError> {
        match self.0.custody.load(self.0.name)? {
            Some(blob) => self.adopt(&blob, None),
            None => Ok(()),
        }
    }

    /// Changes the ring in custody, whatever another node made of it meanwhile, then adopts it.
    /// `edit` also says whether it changed anything.
    fn change<T>(
        &self,
        edit: impl FnOnce(&mut RingRecord) -> Result<(T, bool), KeysError>,
    ) -> Result<T, KeysError> {
        let Inner {
            name,
            custody,
            sealer,
            ..
        } = &*self.0;
        let lock = custody.lock()?;
        let stored = custody.load(*name)?;
        let mut record = match &stored {
            Some(blob) => RingRecord::unseal(blob, *name, sealer)?,
            None => RingRecord::default(),
        };
        let (answer, changed) = edit(&mut record)?;
        if changed {
            let sealed = record.seal(*name, sealer)?;
            custody.store(&lock, *name, sealed.as_bytes())?;
            self.adopt(sealed.as_bytes(), Some(record))?;
        } else if let Some(blob) = stored {
            self.adopt(&blob, Some(record))?;
        }
        Ok(answer)
    }

    /// Makes `blob` what this node signs with, unless it is already.
    fn adopt(&self, blob: &[u8], record: Option<RingRecord>) -> Result<(), KeysError> {
        let hash = sha256(blob);
        let known = self.0.state.load();
        if known.blob == hash {
            return Ok(());
        }
        let record = match record {
            Some(record) => record,
            None => RingRecord::unseal(blob, self.0.name, &self.0.sealer)?,
        };
        let state = State::of(hash, &record, self.0.name)?;
        self.0.state.store(Arc::new(state));
        Ok(())
    }
}

impl State {
    fn empty() -> Self {
        Self {
            blob: [0; 32],
            keys: Vec::new(),
            current: [const { None }; SigningAlg::ALL.len()],
            jwks: Bytes::from_static(br#"{"keys":[]}"#),
        }
    }

    fn of(blob: [u8; 32], record: &RingRecord, name: BlobName) -> Result<Self, KeysError> {
        let mut keys = Vec::with_capacity(record.keys.len());
        for stored in &record.keys {
            let pkcs8 = stored.pkcs8().ok_or(KeysError::Damaged(name.as_str()))?;
            keys.push(RingKey {
                key: Arc::new(SigningKey::parse(stored.alg, &pkcs8)?),
                stage: stored.stage,
                created: stored.created,
                since: stored.since,
            });
        }
        // A stable sort: within a stage and an algorithm, the oldest first.
        keys.sort_by_key(|ring_key| (ring_key.stage.rank(), ring_key.key.alg));
        let current = SigningAlg::ALL.map(|alg| {
            keys.iter()
                .find(|ring_key| ring_key.stage == KeyStage::Current && ring_key.key.alg == alg)
                .map(|ring_key| Arc::clone(&ring_key.key))
        });
        let published: Vec<_> = keys.iter().map(|ring_key| &ring_key.key.jwk).collect();
        let jwks = json!({ "keys": published }).to_string().into();
        Ok(Self {
            blob,
            keys,
            current,
            jwks,
        })
    }
}

impl KeyStage {
    /// Readers that take the first key that fits find the one that signs.
    const fn rank(self) -> u8 {
        match self {
            Self::Current => 0,
            Self::Next => 1,
            Self::Previous => 2,
        }
    }
}
