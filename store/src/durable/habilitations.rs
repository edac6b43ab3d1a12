//! What organisations may ask citizens for, and who agreed.

use async_trait::async_trait;
use guichet_domain::habilitation::Habilitation;
use guichet_domain::{HabilitationId, Timestamp};

use crate::Fault;

/// Habilitations.
#[async_trait]
pub trait Habilitations: Send + Sync {
    /// Every one, by identifier.
    async fn habilitations(&self) -> Result<Vec<Habilitation>, Fault>;

    /// One.
    async fn habilitation(&self, id: &HabilitationId) -> Result<Option<Habilitation>, Fault>;

    /// Those whose steps left something to be done, by identifier.
    async fn due(&self) -> Result<Vec<Habilitation>, Fault>;

    /// Puts one in the place of the one that the caller knows; where it knows none there must be none. Whether
    /// that was still so: of two who take a step at once one does, so that a signature is never lost and
    /// never counted twice.
    async fn replace_habilitation(
        &self,
        known: Option<&Habilitation>,
        next: &Habilitation,
        now: Timestamp,
    ) -> Result<bool, Fault>;
}
