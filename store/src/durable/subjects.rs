//! Pairwise subjects: the name a citizen has in one sector.

use async_trait::async_trait;
use guichet_domain::{PersonId, Sealed, Sector, SubjectIdentifier, Timestamp};

use crate::Fault;

/// Pairwise subjects and the keys they come from.
#[async_trait]
pub trait Subjects: Send + Sync {
    /// The sector's sealed key; `fresh` becomes it when there is none. All callers get the same.
    async fn sector_key(
        &self,
        sector: &Sector,
        fresh: Sealed,
        now: Timestamp,
    ) -> Result<Sealed, Fault>;

    /// The subject of this person in this sector, when one was issued or imported. Of several, because
    /// persons turned out to be one, the oldest: the others still lead to them, see [`Self::person`].
    async fn subject(
        &self,
        sector: &Sector,
        person: PersonId,
    ) -> Result<Option<SubjectIdentifier>, Fault>;

    /// Who has this subject in this sector, when it was issued or imported there; after a merge, the one
    /// who was kept.
    async fn person(
        &self,
        sector: &Sector,
        subject: &SubjectIdentifier,
    ) -> Result<Option<PersonId>, Fault>;

    /// Stores `subject` for this person in this sector unless there is one; the one that counts comes
    /// back. Two people never get the same subject in one sector: that is a fault.
    async fn assign(
        &self,
        sector: &Sector,
        person: PersonId,
        subject: SubjectIdentifier,
        now: Timestamp,
    ) -> Result<SubjectIdentifier, Fault>;
}
