//! The one handle to every secret of a node.

use std::sync::Arc;

use aws_lc_rs::hmac;
use bytes::Bytes;
use guichet_domain::{
    Entropy, PersonId, PivotIdentity, Sealed, Sector, SigningAlg, SubjectIdentifier, Timestamp,
};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::blind_index::BlindIndexKey;
use crate::custody::{BlobName, Custody};
use crate::error::KeysError;
use crate::history_key::HistoryKeys;
use crate::jwe::DecryptionRing;
use crate::ledger_key::LedgerSigner;
use crate::mac::Mac;
use crate::master::Master;
use crate::matching::MatchingIndex;
use crate::pairwise::{SubjectNamespace, subject};
use crate::ring::{KeyInfo, KeyPlace, KeyRing, KeyStage, RingAlg, RotationPolicy, jwk_set};
use crate::seal::Sealer;

/// Everything derives from one master secret, or rests sealed under a key that does. Cheap to clone;
/// has no `Debug`.
#[derive(Clone)]
pub struct Keys(Arc<Inner>);

struct Inner {
    master: Master,
    entropy: Arc<dyn Entropy>,
    ring: KeyRing,
    client_ring: KeyRing,
    decryption_ring: DecryptionRing,
    ledger: LedgerSigner,
    matching: hmac::Key,
    sectors: Sealer,
}

impl Keys {
    /// Opens custody, making what is missing: the master secret, a signing key for each of `algs`,
    /// the ledger's key. Nodes that open one custody at once end up with the same keys.
    ///
    /// An RSA key takes a moment to make (a tenth of a second or so): only on the first start, and
    /// only when `algs` holds RS256 or PS256.
    pub fn open(
        custody: Arc<dyn Custody>,
        entropy: Arc<dyn Entropy>,
        now: Timestamp,
        algs: &[SigningAlg],
    ) -> Result<Self, KeysError> {
        let master = Master::open(&*custody, &*entropy)?;
        let sealer = |label: &str| Sealer::new(&master.derive(label), Arc::clone(&entropy));
        let ring = |name, custody, algs| {
            KeyRing::open(name, custody, sealer("guichet custody"), algs, now)
        };
        let history = HistoryKeys::new(Mac::new(&master.derive("guichet history")));
        Ok(Self(Arc::new(Inner {
            ledger: LedgerSigner::open(&*custody, &sealer("guichet custody"), history)?,
            ring: ring(BlobName::IssuerRing, Arc::clone(&custody), algs)?,
            client_ring: ring(
                BlobName::ClientRing,
                Arc::clone(&custody),
                &[SigningAlg::Es256],
            )?,
            decryption_ring: DecryptionRing::in_custody(custody, sealer("guichet custody"))?,
            matching: hmac::Key::new(hmac::HMAC_SHA256, &*master.derive("guichet matching index")),
            sectors: sealer("guichet sector key"),
            entropy,
            master,
        })))
    }

    /// The issuer's signing keys, published at `/jwks`.
    pub fn ring(&self) -> &KeyRing {
        &self.0.ring
    }

    /// The keys of the hub as a client of providers, published at `/client/jwks`. It starts with
    /// ES256; [`KeyRing::ensure`] adds what a provider demands.
    pub fn client_ring(&self) -> &KeyRing {
        &self.0.client_ring
    }

    /// What clients and providers encrypt to, published at `/jwks` and `/client/jwks` beside the signing
    /// keys. It starts empty: [`DecryptionRing::ensure`] makes the keys that settings and providers'
    /// records want.
    pub fn decryption_ring(&self) -> &DecryptionRing {
        &self.0.decryption_ring
    }

    /// The issuer's JWK Set (RFC 7517 §5): signing keys, then encryption keys. Public halves only.
    pub fn jwks(&self) -> Bytes {
        jwk_set(&[self.ring().published(), self.decryption_ring().published()])
    }

    /// The JWK Set of the hub as a client of providers: what it signs with, then what they encrypt to.
    pub fn client_jwks(&self) -> Bytes {
        jwk_set(&[
            self.client_ring().published(),
            self.decryption_ring().published(),
        ])
    }

    /// Every key of every ring, for operators.
    pub fn inventory(&self) -> Vec<Held> {
        fn held<A: RingAlg>(ring: BlobName, info: KeyInfo<A>) -> Held {
            Held {
                ring: ring.as_str(),
                kid: info.kid,
                alg: info.alg.as_str(),
                stage: info.stage,
                created: info.created,
                since: info.since,
                place: info.place,
            }
        }
        let signing =
            |ring, keys: &KeyRing| keys.keys().into_iter().map(move |info| held(ring, info));
        let decryption = self.decryption_ring().keys().into_iter();
        signing(BlobName::IssuerRing, self.ring())
            .chain(signing(BlobName::ClientRing, self.client_ring()))
            .chain(decryption.map(|info| held(BlobName::DecryptionRing, info)))
            .collect()
    }

    /// Rotates what is due in every ring. One element for each key that rotated, and one for each ring
    /// that could not: what happened before a failure is still to be recorded.
    pub fn rotate_due(
        &self,
        now: Timestamp,
        policy: RotationPolicy,
    ) -> Vec<Result<Rotated, KeysError>> {
        fn told<A: RingAlg>(
            ring: BlobName,
            rotated: Result<Vec<A>, KeysError>,
        ) -> Vec<Result<Rotated, KeysError>> {
            let told = |alg: A| {
                Ok(Rotated {
                    ring: ring.as_str(),
                    alg: alg.as_str(),
                })
            };
            match rotated {
                Ok(algs) => algs.into_iter().map(told).collect(),
                Err(error) => vec![Err(error)],
            }
        }
        [
            told(BlobName::IssuerRing, self.ring().rotate_due(now, policy)),
            told(
                BlobName::ClientRing,
                self.client_ring().rotate_due(now, policy),
            ),
            told(
                BlobName::DecryptionRing,
                self.decryption_ring().rotate_due(now, policy),
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Takes the key `kid` out of whichever ring holds it, for good, in an emergency.
    pub fn revoke(&self, kid: &str, now: Timestamp) -> Result<(), KeysError> {
        let rings: [&dyn Fn() -> Result<KeyStage, KeysError>; 3] = [
            &|| self.ring().revoke(kid, now),
            &|| self.client_ring().revoke(kid, now),
            &|| self.decryption_ring().revoke(kid, now),
        ];
        for revoke in rings {
            match revoke() {
                Ok(_) => return Ok(()),
                Err(KeysError::UnknownKid) => {}
                Err(error) => return Err(error),
            }
        }
        Err(KeysError::UnknownKid)
    }

    /// Signs the ledger's checkpoints.
    pub fn ledger_signer(&self) -> LedgerSigner {
        self.0.ledger.clone()
    }

    /// Seals for `purpose`; what one purpose seals no other opens. Keep it: making one costs a key
    /// schedule.
    pub fn sealer(&self, purpose: &'static str) -> Sealer {
        let key = self.0.master.derive(&format!("guichet seal: {purpose}"));
        Sealer::new(&key, Arc::clone(&self.0.entropy))
    }

    /// A key for `purpose`, the same at every start and on every node: CSRF tokens and the like.
    pub fn derive(&self, purpose: &'static str) -> [u8; 32] {
        *self.0.master.derive(&format!("guichet derive: {purpose}"))
    }

    /// Tags for `purpose`, the same at every start and on every node.
    pub fn mac(&self, purpose: &'static str) -> Mac {
        Mac::new(&self.0.master.derive(&format!("guichet mac: {purpose}")))
    }

    /// The keyed fingerprint by which a person is found again.
    pub fn matching_index(&self, identity: &PivotIdentity) -> MatchingIndex {
        MatchingIndex::of(&self.0.matching, identity)
    }

    /// The key under which the identities of `register` are indexed, the same at every start and on every
    /// node. `None` when the text is longer than a name may be.
    pub fn blind_index_key(&self, register: &str) -> Option<BlindIndexKey> {
        BlindIndexKey::derive(&self.0.master.derive("guichet blind index"), register)
    }

    /// A fresh random key for `sector`, sealed so that it opens for that sector only.
    pub fn new_sector_key(&self, sector: &Sector) -> Result<Sealed, KeysError> {
        let key = Zeroizing::new(self.0.entropy.bytes32());
        self.0.sectors.seal(sector.as_str().as_bytes(), &*key)
    }

    /// The `sub` of `person` in `sector`. Store it when first issued and reuse what is stored.
    pub fn subject(
        &self,
        sector_key: &Sealed,
        issuer: &str,
        sector: &Sector,
        person: PersonId,
        namespace: SubjectNamespace,
    ) -> Result<SubjectIdentifier, KeysError> {
        let opened = self.0.sectors.open(sector.as_str().as_bytes(), sector_key);
        let key = Zeroizing::new(opened.map_err(|_| KeysError::SectorKey)?);
        subject(&key, issuer, sector, person, namespace).ok_or(KeysError::SectorKey)
    }

    /// Reads custody again, so that a rotation by another node or by the command line is seen. Cheap
    /// when nothing changed; reads files, so call it off the request path.
    pub fn refresh(&self) -> Result<(), KeysError> {
        self.0.ring.refresh()?;
        self.0.client_ring.refresh()?;
        self.0.decryption_ring.refresh()
    }
}

/// A key of one of the rings, as operators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Held {
    /// The ring: `issuer-ring`, `client-ring` or `decryption-ring`.
    pub ring: &'static str,
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// What it is for.
    pub alg: &'static str,
    /// Where it stands.
    pub stage: KeyStage,
    /// When it was made.
    pub created: Timestamp,
    /// Since when it stands there.
    pub since: Timestamp,
    /// Where its private half is.
    pub place: KeyPlace,
}

/// A rotation that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The ring, as in [`Held`].
    pub ring: &'static str,
    /// What the key is for.
    pub alg: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileCustody, MemoryCustody, SystemEntropy};

    fn open(custody: Arc<dyn Custody>) -> Result<Keys, KeysError> {
        let now = Timestamp::from_seconds(1);
        Keys::open(custody, Arc::new(SystemEntropy), now, &[SigningAlg::Es256])
    }

    fn sector(text: &str) -> Sector {
        text.parse().unwrap()
    }

    #[test]
    fn a_restart_changes_nothing() {
        let root = tempfile::tempdir().unwrap();
        let start = || {
            let custody = FileCustody::open(&root.path().join("keys")).unwrap();
            open(Arc::new(custody)).ok().unwrap()
        };
        let (before, after) = (start(), start());
        assert_eq!(before.ring().keys(), after.ring().keys());
        assert_eq!(before.client_ring().jwks(), after.client_ring().jwks());
        assert_eq!(before.derive("csrf"), after.derive("csrf"));
        let sealed = before.sealer("session").seal(b"1", b"secret").unwrap();
        assert_eq!(
            after.sealer("session").open(b"1", &sealed).unwrap(),
            b"secret"
        );
        assert!(after.sealer("login").open(b"1", &sealed).is_err());
    }

    #[test]
    fn the_rings_do_not_share_keys() {
        let keys = open(Arc::new(MemoryCustody::new())).ok().unwrap();
        assert_ne!(keys.ring().jwks(), keys.client_ring().jwks());
        assert_ne!(keys.derive("a"), keys.derive("b"));
    }

    #[test]
    fn a_ring_put_in_place_of_another_is_refused() {
        let custody = Arc::new(MemoryCustody::new());
        open(custody.clone()).ok().unwrap();
        let lock = custody.lock().unwrap();
        let other = custody.load(BlobName::ClientRing).unwrap().unwrap();
        custody.store(&lock, BlobName::IssuerRing, &other).unwrap();
        drop(lock);
        let error = open(custody).err();
        assert!(matches!(error, Some(KeysError::Damaged("issuer-ring"))));
    }

    #[test]
    fn each_sector_issuer_person_and_namespace_has_its_own_subject() {
        let keys = open(Arc::new(MemoryCustody::new())).ok().unwrap();
        let (mairie, banque) = (sector("mairie"), sector("banque"));
        let key = keys.new_sector_key(&mairie).unwrap();
        let subject = |sector_key: &Sealed, issuer, sector, person, namespace| {
            keys.subject(
                sector_key,
                issuer,
                sector,
                PersonId::from_bytes([person; 16]),
                namespace,
            )
        };
        let service = SubjectNamespace::Service;
        let reference = subject(&key, "https://a", &mairie, 1, service).unwrap();
        assert_eq!(
            subject(&key, "https://a", &mairie, 1, service).unwrap(),
            reference
        );
        assert_ne!(
            subject(&key, "https://b", &mairie, 1, service).unwrap(),
            reference
        );
        assert_ne!(
            subject(&key, "https://a", &mairie, 2, service).unwrap(),
            reference
        );
        let provider = SubjectNamespace::DataProvider;
        assert_ne!(
            subject(&key, "https://a", &mairie, 1, provider).unwrap(),
            reference
        );
        let other_key = keys.new_sector_key(&mairie).unwrap();
        assert_ne!(
            subject(&other_key, "https://a", &mairie, 1, service).unwrap(),
            reference
        );
        assert!(matches!(
            subject(&key, "https://a", &banque, 1, service),
            Err(KeysError::SectorKey)
        ));
    }
}
