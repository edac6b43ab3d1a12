//! A ring as it rests in custody: JSON, sealed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{Sealed, SigningAlg, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::{KeyStage, RotationPolicy, SigningKey};
use crate::custody::BlobName;
use crate::error::KeysError;
use crate::seal::Sealer;

/// How many keys that no longer sign are kept for one algorithm, however often it rotates.
const MAX_PREVIOUS: usize = 4;

/// Every key of a ring.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RingRecord {
    pub(super) keys: Vec<KeyRecord>,
}

/// One key. Wiped when dropped.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyRecord {
    pub(super) alg: SigningAlg,
    pub(super) stage: KeyStage,
    pub(super) created: Timestamp,
    pub(super) since: Timestamp,
    /// base64url.
    pkcs8: String,
}

impl Drop for KeyRecord {
    fn drop(&mut self) {
        self.pkcs8.zeroize();
    }
}

impl KeyRecord {
    fn generate(alg: SigningAlg, stage: KeyStage, now: Timestamp) -> Result<Self, KeysError> {
        Ok(Self {
            alg,
            stage,
            created: now,
            since: now,
            pkcs8: URL_SAFE_NO_PAD.encode(SigningKey::generate(alg)?),
        })
    }

    pub(super) fn pkcs8(&self) -> Option<Zeroizing<Vec<u8>>> {
        URL_SAFE_NO_PAD.decode(&self.pkcs8).ok().map(Zeroizing::new)
    }
}

impl RingRecord {
    pub(super) fn unseal(blob: &[u8], name: BlobName, sealer: &Sealer) -> Result<Self, KeysError> {
        sealer
            .open_json(name.as_str().as_bytes(), &Sealed::from_bytes(blob.to_vec()))
            .map_err(|_| KeysError::Damaged(name.as_str()))
    }

    pub(super) fn seal(&self, name: BlobName, sealer: &Sealer) -> Result<Sealed, KeysError> {
        sealer.seal_json(name.as_str().as_bytes(), self)
    }

    pub(super) fn find(&self, alg: SigningAlg, stage: KeyStage) -> Option<&KeyRecord> {
        self.keys
            .iter()
            .find(|key| key.alg == alg && key.stage == stage)
    }

    /// A current key for `alg`, made if there is none. A next one is made with it where that is
    /// cheap; RSA waits for the first upkeep, so that a first start stays quick.
    pub(super) fn ensure(&mut self, alg: SigningAlg, now: Timestamp) -> Result<(), KeysError> {
        if self.find(alg, KeyStage::Current).is_some() {
            return Ok(());
        }
        self.keys
            .push(KeyRecord::generate(alg, KeyStage::Current, now)?);
        if matches!(alg, SigningAlg::Rs256 | SigningAlg::Ps256) {
            return Ok(());
        }
        self.publish_next(alg, now)
    }

    /// Next signs, current only verifies, a new next is published.
    pub(super) fn rotate(&mut self, alg: SigningAlg, now: Timestamp) -> Result<(), KeysError> {
        if self.find(alg, KeyStage::Current).is_none() {
            return Err(KeysError::NoKey(alg.as_str()));
        }
        self.publish_next(alg, now)?;
        for key in self.keys.iter_mut().filter(|key| key.alg == alg) {
            key.stage = match key.stage {
                KeyStage::Next => KeyStage::Current,
                KeyStage::Current => KeyStage::Previous,
                KeyStage::Previous => continue,
            };
            key.since = now;
        }
        self.drop_surplus(alg);
        self.publish_next(alg, now)
    }

    /// Rotates what is due, drops what is past keeping, publishes a next key where there is none.
    /// Returns the algorithms that rotated and whether anything changed at all.
    pub(super) fn upkeep(
        &mut self,
        now: Timestamp,
        policy: RotationPolicy,
    ) -> Result<(Vec<SigningAlg>, bool), KeysError> {
        let before = self.keys.len();
        self.keys.retain(|key| {
            key.stage != KeyStage::Previous || now.since(key.since) < policy.keep_after
        });
        let mut changed = self.keys.len() != before;
        let mut rotated = Vec::new();
        for alg in SigningAlg::ALL {
            let Some(current) = self.find(alg, KeyStage::Current) else {
                continue;
            };
            let is_due = now.since(current.since) >= policy.sign_for;
            match self.find(alg, KeyStage::Next) {
                None => {
                    self.publish_next(alg, now)?;
                    changed = true;
                }
                Some(next) if is_due && now.since(next.since) >= policy.publish_before => {
                    self.rotate(alg, now)?;
                    rotated.push(alg);
                    changed = true;
                }
                Some(_) => {}
            }
        }
        Ok((rotated, changed))
    }

    fn publish_next(&mut self, alg: SigningAlg, now: Timestamp) -> Result<(), KeysError> {
        if self.find(alg, KeyStage::Next).is_none() {
            self.keys
                .push(KeyRecord::generate(alg, KeyStage::Next, now)?);
        }
        Ok(())
    }

    /// The oldest of the previous keys go first: new keys are pushed at the end.
    fn drop_surplus(&mut self, alg: SigningAlg) {
        let is_previous = |key: &KeyRecord| key.alg == alg && key.stage == KeyStage::Previous;
        let count = self.keys.iter().filter(|key| is_previous(key)).count();
        let mut surplus = count.saturating_sub(MAX_PREVIOUS);
        self.keys.retain(|key| {
            let goes = surplus > 0 && is_previous(key);
            surplus -= usize::from(goes);
            !goes
        });
    }
}
