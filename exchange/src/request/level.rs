//! The level below which an evidence is neither shown nor fetched.

use guichet_domain::{Acr, AcrValue, EvidenceTypeId};

use crate::{Ask, Desk};

impl Desk {
    /// The least level at which a person may be asked about all of `asks`; `None` when any will do.
    pub fn least_level(&self, asks: &[Ask]) -> Option<Acr> {
        let needed = asks.iter().map(|ask| self.level_of(ask.evidence_type()));
        needed.max().flatten()
    }

    /// Whether a sign-in of level `acr` is enough for this evidence, as the catalogue is today.
    pub(crate) fn is_reached(&self, evidence: &EvidenceTypeId, acr: AcrValue) -> bool {
        self.level_of(evidence)
            .is_none_or(|least| acr.satisfies(least.into()))
    }

    fn level_of(&self, evidence: &EvidenceTypeId) -> Option<Acr> {
        self.catalogue().evidence(evidence)?.minimum_acr()
    }
}
