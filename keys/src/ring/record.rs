//! A ring as it rests in custody: JSON, sealed. Rotation happens here, to the record.

use guichet_domain::{Sealed, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::material::{Material, RingAlg};
use super::{KeyStage, RotationPolicy};
use crate::custody::{BlobName, TokenKey};
use crate::error::KeysError;
use crate::seal::Sealer;

/// How many keys that no longer sign are kept for one algorithm, however often it rotates.
const MAX_PREVIOUS: usize = 4;

/// Every key of a ring.
#[derive(Serialize, Deserialize)]
#[serde(bound = "A: RingAlg", deny_unknown_fields)]
pub(super) struct RingRecord<A> {
    pub(super) keys: Vec<KeyRecord<A>>,
    /// Public keys that are past keeping, oldest first: some of what they signed is read for years.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) retired: Vec<Value>,
}

/// One key.
#[derive(Serialize, Deserialize)]
#[serde(bound = "A: RingAlg")]
pub(super) struct KeyRecord<A> {
    pub(super) alg: A,
    pub(super) stage: KeyStage,
    pub(super) created: Timestamp,
    pub(super) since: Timestamp,
    #[serde(flatten)]
    pub(super) material: Material,
}

/// Where new keys come from, and which of those there are can still be used.
pub(super) struct Maker<'a, A> {
    /// Makes a key.
    pub(super) make: &'a dyn Fn(A) -> Result<Material, KeysError>,
    /// Whether a key can be used as things are: one in a token cannot when there is no token.
    pub(super) can_use: &'a dyn Fn(&Material) -> bool,
    /// Whether a key is where a new one of its algorithm would be made.
    pub(super) is_at_home: &'a dyn Fn(A, &Material) -> bool,
    /// What is kept of a key that goes, for good.
    pub(super) outlives: &'a dyn Fn(A, &Material) -> Option<Value>,
}

impl<A: RingAlg> RingRecord<A> {
    pub(super) const fn empty() -> Self {
        Self {
            keys: Vec::new(),
            retired: Vec::new(),
        }
    }

    pub(super) fn unseal(blob: &[u8], name: BlobName, sealer: &Sealer) -> Result<Self, KeysError> {
        sealer
            .open_json(name.as_str().as_bytes(), &Sealed::from_bytes(blob.to_vec()))
            .map_err(|_| KeysError::Damaged(name.as_str()))
    }

    pub(super) fn seal(&self, name: BlobName, sealer: &Sealer) -> Result<Sealed, KeysError> {
        sealer.seal_json(name.as_str().as_bytes(), self)
    }

    /// The keys that a token keeps.
    pub(super) fn in_token(&self) -> impl Iterator<Item = &TokenKey> {
        self.keys.iter().filter_map(|key| match &key.material {
            Material::Token(key) => Some(key),
            Material::Document(_) => None,
        })
    }

    /// A current key for `alg`, made if there is none that can be used. A next one is made with it
    /// where that is cheap; RSA waits for the first upkeep, so that a first start stays quick.
    pub(super) fn ensure(
        &mut self,
        alg: A,
        now: Timestamp,
        maker: &Maker<'_, A>,
    ) -> Result<(), KeysError> {
        self.retire_unusable(alg, now, maker);
        if self.find(alg, KeyStage::Current).is_some() {
            return Ok(());
        }
        self.add(alg, KeyStage::Current, now, maker)?;
        if alg.is_costly() {
            return Ok(());
        }
        self.publish_next(alg, now, maker)
    }

    /// Next signs, current only verifies, a new next is published.
    pub(super) fn rotate(
        &mut self,
        alg: A,
        now: Timestamp,
        maker: &Maker<'_, A>,
    ) -> Result<(), KeysError> {
        if self.find(alg, KeyStage::Current).is_none() {
            return Err(KeysError::NoKey(alg.as_str()));
        }
        self.publish_next(alg, now, maker)?;
        for key in self.keys.iter_mut().filter(|key| key.alg == alg) {
            key.stage = match key.stage {
                KeyStage::Next => KeyStage::Current,
                KeyStage::Current => KeyStage::Previous,
                KeyStage::Previous => continue,
            };
            key.since = now;
        }
        self.drop_surplus(alg, maker);
        self.publish_next(alg, now, maker)
    }

    /// Takes out the key at `index`. If it was the current one, the next one takes its place at once:
    /// it was published ahead, so those who verify know it already.
    pub(super) fn revoke(
        &mut self,
        index: usize,
        now: Timestamp,
        maker: &Maker<'_, A>,
    ) -> Result<KeyStage, KeysError> {
        let KeyRecord { alg, stage, .. } = self.keys.remove(index);
        if stage == KeyStage::Current {
            let next = self
                .keys
                .iter_mut()
                .find(|key| key.alg == alg && key.stage == KeyStage::Next);
            match next {
                Some(next) => {
                    next.stage = KeyStage::Current;
                    next.since = now;
                }
                None => self.add(alg, KeyStage::Current, now, maker)?,
            }
        }
        self.publish_next(alg, now, maker)?;
        Ok(stage)
    }

    /// Rotates what is due, drops what is past keeping, publishes a next key where there is none or
    /// where it is not kept as new keys are. Returns the algorithms that rotated and whether anything
    /// changed at all.
    pub(super) fn upkeep(
        &mut self,
        now: Timestamp,
        policy: RotationPolicy,
        maker: &Maker<'_, A>,
    ) -> Result<(Vec<A>, bool), KeysError> {
        let before = self.keys.len();
        self.keys.retain(|key| {
            let is_past =
                key.stage == KeyStage::Previous && now.since(key.since) >= policy.keep_after;
            let is_astray =
                key.stage == KeyStage::Next && !(maker.is_at_home)(key.alg, &key.material);
            if is_past {
                self.retired
                    .extend((maker.outlives)(key.alg, &key.material));
            }
            !is_past && !is_astray
        });
        let mut changed = self.keys.len() != before;
        let mut rotated = Vec::new();
        for alg in A::ALL.iter().copied() {
            let Some(current) = self.find(alg, KeyStage::Current) else {
                continue;
            };
            let is_due = now.since(current.since) >= policy.sign_for;
            match self.find(alg, KeyStage::Next) {
                None => {
                    self.publish_next(alg, now, maker)?;
                    changed = true;
                }
                Some(next) if is_due && now.since(next.since) >= policy.publish_before => {
                    self.rotate(alg, now, maker)?;
                    rotated.push(alg);
                    changed = true;
                }
                Some(_) => {}
            }
        }
        Ok((rotated, changed))
    }

    fn find(&self, alg: A, stage: KeyStage) -> Option<&KeyRecord<A>> {
        self.keys
            .iter()
            .find(|key| key.alg == alg && key.stage == stage)
    }

    fn publish_next(
        &mut self,
        alg: A,
        now: Timestamp,
        maker: &Maker<'_, A>,
    ) -> Result<(), KeysError> {
        if self.find(alg, KeyStage::Next).is_some() {
            return Ok(());
        }
        self.add(alg, KeyStage::Next, now, maker)
    }

    fn add(
        &mut self,
        alg: A,
        stage: KeyStage,
        now: Timestamp,
        maker: &Maker<'_, A>,
    ) -> Result<(), KeysError> {
        self.keys.push(KeyRecord {
            alg,
            stage,
            created: now,
            since: now,
            material: (maker.make)(alg)?,
        });
        Ok(())
    }

    /// Keys of a token that is no longer there sign no more, but verify what they signed.
    fn retire_unusable(&mut self, alg: A, now: Timestamp, maker: &Maker<'_, A>) {
        let is_lost = |key: &KeyRecord<A>| key.alg == alg && !(maker.can_use)(&key.material);
        self.keys
            .retain(|key| !(is_lost(key) && key.stage == KeyStage::Next));
        let lost = self
            .keys
            .iter_mut()
            .find(|key| key.stage == KeyStage::Current && is_lost(key));
        if let Some(lost) = lost {
            lost.stage = KeyStage::Previous;
            lost.since = now;
        }
    }

    /// The oldest of the previous keys go first: new keys are pushed at the end.
    fn drop_surplus(&mut self, alg: A, maker: &Maker<'_, A>) {
        let is_previous = |key: &KeyRecord<A>| key.alg == alg && key.stage == KeyStage::Previous;
        let count = self.keys.iter().filter(|key| is_previous(key)).count();
        let mut surplus = count.saturating_sub(MAX_PREVIOUS);
        self.keys.retain(|key| {
            let goes = surplus > 0 && is_previous(key);
            surplus -= usize::from(goes);
            if goes {
                self.retired
                    .extend((maker.outlives)(key.alg, &key.material));
            }
            !goes
        });
    }
}
