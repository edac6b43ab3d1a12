//! Keys of one role, kept in custody and followed by every node: what the signing rings and the
//! decryption ring have in common. Read without a lock; changed under custody's.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use guichet_domain::Timestamp;

use super::material::{RingAlg as _, RingKey};
use super::record::{KeyRecord, Maker, RingRecord};
use super::{KeyInfo, KeyPlace, KeyStage, RotationPolicy};
use crate::custody::{BlobName, Custody, TokenKey};
use crate::digest::sha256;
use crate::error::KeysError;
use crate::seal::Sealer;

/// The keys of one role. No `Debug`.
pub(crate) struct Kept<K: RingKey> {
    name: BlobName,
    custody: Arc<dyn Custody>,
    sealer: Sealer,
    state: ArcSwap<State<K>>,
}

/// What using and publishing the keys needs, never changed once made.
struct State<K: RingKey> {
    /// SHA-256 of the blob it was made from.
    blob: [u8; 32],
    /// Current, next, then previous keys.
    keys: Vec<Arc<K>>,
    infos: Vec<KeyInfo<K::Alg>>,
    /// The current key, by the algorithm's index.
    current: Vec<Option<Arc<K>>>,
    /// The published keys, as the elements of a JSON array.
    published: Bytes,
    /// The public keys that are past keeping, likewise.
    retired: Bytes,
}

impl<K: RingKey> Kept<K> {
    /// The ring in custody under `name`; empty when there is none.
    pub(crate) fn open(
        name: BlobName,
        custody: Arc<dyn Custody>,
        sealer: Sealer,
    ) -> Result<Self, KeysError> {
        let kept = Self {
            name,
            custody,
            sealer,
            state: ArcSwap::from_pointee(State::empty()),
        };
        kept.refresh()?;
        Ok(kept)
    }

    /// The key that is used for `alg` now.
    pub(crate) fn current(&self, alg: K::Alg) -> Result<Arc<K>, KeysError> {
        let state = self.state.load();
        let key = state.current.get(alg.index()).and_then(Option::as_ref);
        key.map(Arc::clone).ok_or(KeysError::NoKey(alg.as_str()))
    }

    /// Does something with the key that is used for `alg` now; once more when that key has left the ring
    /// meanwhile. Revoked on another node it is gone from its token at once, before this one hears of it.
    pub(crate) fn with_current<T>(
        &self,
        alg: K::Alg,
        act: impl Fn(&K) -> Result<T, KeysError>,
    ) -> Result<T, KeysError> {
        let key = self.current(alg)?;
        let failed = match act(&key) {
            Ok(done) => return Ok(done),
            Err(failed) => failed,
        };
        if self.refresh().is_err() {
            return Err(failed);
        }
        let now = self.current(alg)?;
        if now.kid() == key.kid() {
            Err(failed)
        } else {
            act(&now)
        }
    }

    /// The key with this `kid`, whatever its stage.
    pub(crate) fn named(&self, kid: &str) -> Option<Arc<K>> {
        let state = self.state.load();
        state.keys.iter().find(|key| key.kid() == kid).cloned()
    }

    /// Every key: current, next, then previous ones.
    pub(crate) fn all(&self) -> Vec<Arc<K>> {
        self.state.load().keys.clone()
    }

    /// The algorithms there is a current key for, in their order.
    pub(crate) fn algs(&self) -> Vec<K::Alg> {
        let state = self.state.load();
        let has_key = |alg: &K::Alg| state.current.get(alg.index()).is_some_and(Option::is_some);
        K::Alg::ALL.iter().copied().filter(has_key).collect()
    }

    /// Every key, for operators.
    pub(crate) fn infos(&self) -> Vec<KeyInfo<K::Alg>> {
        self.state.load().infos.clone()
    }

    /// The published keys, as the elements of a JSON array.
    pub(crate) fn published(&self) -> Bytes {
        self.state.load().published.clone()
    }

    /// The public keys that are past keeping, as the elements of a JSON array.
    pub(crate) fn retired(&self) -> Bytes {
        self.state.load().retired.clone()
    }

    /// Makes sure there is a key for `alg` that can be used; makes one when there is none.
    pub(crate) fn ensure(&self, alg: K::Alg, now: Timestamp) -> Result<(), KeysError> {
        let has_token = self.custody.token().is_some();
        let is_usable = |key: &KeyInfo<K::Alg>| has_token || key.place == KeyPlace::File;
        let is_there = self
            .state
            .load()
            .infos
            .iter()
            .any(|key| key.alg == alg && key.stage == KeyStage::Current && is_usable(key));
        if is_there {
            return Ok(());
        }
        self.change(|record, maker| {
            record.ensure(alg, now, maker)?;
            Ok(((), true))
        })
    }

    /// Rotates `alg` now.
    pub(crate) fn rotate(&self, alg: K::Alg, now: Timestamp) -> Result<(), KeysError> {
        self.change(|record, maker| {
            record.rotate(alg, now, maker)?;
            Ok(((), true))
        })
    }

    /// Rotates what is due; returns the algorithms that rotated.
    pub(crate) fn rotate_due(
        &self,
        now: Timestamp,
        policy: RotationPolicy,
    ) -> Result<Vec<K::Alg>, KeysError> {
        self.change(|record, maker| record.upkeep(now, policy, maker))
    }

    /// Takes the key `kid` out for good; returns where it stood.
    pub(crate) fn revoke(&self, kid: &str, now: Timestamp) -> Result<KeyStage, KeysError> {
        self.change(|record, maker| {
            let is_named = |stored: &KeyRecord<K::Alg>| {
                K::parse(stored.alg, &stored.material, &*self.custody)
                    .is_ok_and(|key| key.kid() == kid)
            };
            let index = record.keys.iter().position(is_named);
            let stage = record.revoke(index.ok_or(KeysError::UnknownKid)?, now, maker)?;
            Ok((stage, true))
        })
    }

    /// Reads custody again; cheap when nothing changed.
    pub(crate) fn refresh(&self) -> Result<(), KeysError> {
        match self.custody.load(self.name)? {
            Some(blob) => self.adopt(&blob, None),
            None => Ok(()),
        }
    }

    /// Changes the ring in custody, whatever another node made of it meanwhile, then adopts it.
    /// `edit` also says whether it changed anything.
    fn change<T>(
        &self,
        edit: impl FnOnce(&mut RingRecord<K::Alg>, &Maker<'_, K::Alg>) -> Result<(T, bool), KeysError>,
    ) -> Result<T, KeysError> {
        let lock = self.custody.lock()?;
        let stored = self.custody.load(self.name)?;
        let mut record = match &stored {
            Some(blob) => RingRecord::unseal(blob, self.name, &self.sealer)?,
            None => RingRecord::empty(),
        };
        let mut token_keys: Vec<_> = record.in_token().cloned().collect();
        let has_token = self.custody.token().is_some();
        let maker = Maker {
            make: &|alg| K::make(alg, &*self.custody),
            can_use: &|material| has_token || material.place() == KeyPlace::File,
            is_at_home: &|alg, material| {
                (material.place() == KeyPlace::Token) == K::makes_in_token(alg, &*self.custody)
            },
            outlives: &|alg, material| {
                let key = K::parse(alg, material, &*self.custody).ok()?;
                key.outlives().cloned()
            },
        };
        let (answer, changed) = edit(&mut record, &maker)?;
        if changed {
            let sealed = record.seal(self.name, &self.sealer)?;
            self.custody.store(&lock, self.name, sealed.as_bytes())?;
            token_keys.retain(|key| record.in_token().all(|kept| kept.id != key.id));
            self.adopt(sealed.as_bytes(), Some(record))?;
            self.destroy(&token_keys);
        } else if let Some(blob) = stored {
            self.adopt(&blob, Some(record))?;
        }
        Ok(answer)
    }

    /// Makes `blob` what this node uses, unless it is already.
    fn adopt(&self, blob: &[u8], record: Option<RingRecord<K::Alg>>) -> Result<(), KeysError> {
        let hash = sha256(blob);
        if self.state.load().blob == hash {
            return Ok(());
        }
        let record = match record {
            Some(record) => record,
            None => RingRecord::unseal(blob, self.name, &self.sealer)?,
        };
        let state = State::of(hash, &record, self.name, &*self.custody)?;
        self.state.store(Arc::new(state));
        Ok(())
    }

    /// Removes keys that left the ring from the token that kept them. The ring is what counts: a
    /// token that cannot be reached now does not bring them back.
    fn destroy(&self, keys: &[TokenKey]) {
        let Some(token) = self.custody.token() else {
            return;
        };
        for key in keys {
            if let Err(error) = token.destroy(key) {
                tracing::warn!(
                    %error,
                    id = key.id,
                    "a key that left its ring is still in the token: remove it there"
                );
            }
        }
    }
}

impl<K: RingKey> State<K> {
    fn empty() -> Self {
        Self {
            blob: [0; 32],
            keys: Vec::new(),
            infos: Vec::new(),
            current: Vec::new(),
            published: Bytes::new(),
            retired: Bytes::new(),
        }
    }

    fn of(
        blob: [u8; 32],
        record: &RingRecord<K::Alg>,
        name: BlobName,
        custody: &dyn Custody,
    ) -> Result<Self, KeysError> {
        let mut stored: Vec<_> = record.keys.iter().collect();
        // A stable sort: within a stage and an algorithm, the oldest first.
        stored.sort_by_key(|stored| (stored.stage.rank(), stored.alg));
        let mut state = Self::empty();
        state.blob = blob;
        state.current = K::Alg::ALL.iter().map(|_| None).collect();
        let mut published = Vec::new();
        for stored in stored {
            let key = K::parse(stored.alg, &stored.material, custody)
                .map_err(|_| KeysError::Damaged(name.as_str()))?;
            let key = Arc::new(key);
            if K::is_published(stored.stage) {
                published.push(key.jwk().to_string());
            }
            if stored.stage == KeyStage::Current
                && let Some(current) = state.current.get_mut(stored.alg.index())
            {
                current.get_or_insert_with(|| Arc::clone(&key));
            }
            state.infos.push(info(&*key, stored));
            state.keys.push(key);
        }
        state.published = published.join(",").into();
        let retired: Vec<String> = record.retired.iter().map(ToString::to_string).collect();
        state.retired = retired.join(",").into();
        Ok(state)
    }
}

fn info<K: RingKey>(key: &K, stored: &KeyRecord<K::Alg>) -> KeyInfo<K::Alg> {
    KeyInfo {
        kid: key.kid().to_owned(),
        alg: stored.alg,
        stage: stored.stage,
        created: stored.created,
        since: stored.since,
        place: stored.material.place(),
    }
}

/// A JWK Set of the published keys of one ring or several (RFC 7517 §5).
pub(crate) fn jwk_set<const N: usize>(published: &[Bytes; N]) -> Bytes {
    let elements: Vec<&[u8]> = published
        .iter()
        .map(|keys| &keys[..])
        .filter(|keys| !keys.is_empty())
        .collect();
    [&br#"{"keys":["#[..], &elements.join(&b','), b"]}"]
        .concat()
        .into()
}
