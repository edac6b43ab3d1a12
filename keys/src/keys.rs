//! The facade.

use std::sync::Arc;

use guichet_domain::{
    Entropy, PersonId, PivotIdentity, Sealed, Sector, SigningAlg, SubjectIdentifier, Timestamp,
};

use crate::custody::Custody;
use crate::error::KeysError;
use crate::ledger_key::LedgerSigner;
use crate::matching::MatchingIndex;
use crate::pairwise::SubjectNamespace;
use crate::ring::KeyRing;
use crate::seal::Sealer;

/// The one handle to every secret of a node. Cheap to clone.
#[derive(Clone)]
pub struct Keys(Arc<()>);

impl Keys {
    /// Opens custody, making what is missing: the master secret, a key for each of `algs`, the
    /// ledger's key.
    pub fn open(
        _custody: Arc<dyn Custody>,
        _entropy: Arc<dyn Entropy>,
        _now: Timestamp,
        _algs: &[SigningAlg],
    ) -> Result<Self, KeysError> {
        todo!()
    }

    /// The issuer's signing keys, published at `/jwks`.
    pub fn ring(&self) -> &KeyRing {
        todo!()
    }

    /// The keys of the hub as a client of providers, published at `/client/jwks`. It starts with
    /// ES256; [`KeyRing::ensure`] adds what a provider demands.
    pub fn client_ring(&self) -> &KeyRing {
        todo!()
    }

    /// Signs the ledger's checkpoints.
    pub fn ledger_signer(&self) -> LedgerSigner {
        todo!()
    }

    /// Seals for `purpose`; what one purpose seals no other opens.
    pub fn sealer(&self, _purpose: &'static str) -> Sealer {
        todo!()
    }

    /// A key for `purpose`, the same at every start: CSRF tokens, cookie keys and the like.
    pub fn derive(&self, _purpose: &'static str) -> [u8; 32] {
        todo!()
    }

    /// The keyed fingerprint by which a person is found again.
    pub fn matching_index(&self, _identity: &PivotIdentity) -> MatchingIndex {
        todo!()
    }

    /// A fresh random key for `sector`, sealed so that it opens for that sector only.
    pub fn new_sector_key(&self, _sector: &Sector) -> Result<Sealed, KeysError> {
        todo!()
    }

    /// The `sub` of `person` in `sector`. Store it when first issued and reuse what is stored.
    pub fn subject(
        &self,
        _sector_key: &Sealed,
        _issuer: &str,
        _sector: &Sector,
        _person: PersonId,
        _namespace: SubjectNamespace,
    ) -> Result<SubjectIdentifier, KeysError> {
        todo!()
    }

    /// Reads custody again, so that a rotation by another node or by the command line is seen.
    pub fn refresh(&self) -> Result<(), KeysError> {
        let _ = &self.0;
        todo!()
    }
}
