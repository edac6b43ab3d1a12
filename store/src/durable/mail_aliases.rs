//! Addresses that stand for a citizen's own, one for each service: found by a keyed digest, so that nothing
//! here says which address leads to whom, or that two of them are one person's to whoever reads a service's.

use async_trait::async_trait;
use guichet_domain::{ClientId, PersonId, Sealed, Timestamp};

use crate::Fault;

/// An address at one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailAlias {
    /// The keyed digest of it.
    pub digest: [u8; 32],
    /// Whose.
    pub person: PersonId,
    /// The service that has it.
    pub client: ClientId,
    /// The address itself, and where it leads.
    pub sealed: Sealed,
    /// Since when.
    pub made: Timestamp,
    /// When the citizen cut it; mail that comes later goes nowhere.
    pub cut: Option<Timestamp>,
}

/// Addresses that stand for citizens'.
#[async_trait]
pub trait MailAliases: Send + Sync {
    /// Keeps an alias where its person has none at that service, and answers with the one that is there: of
    /// several callers all get the same.
    async fn keep(&self, alias: &MailAlias) -> Result<MailAlias, Fault>;

    /// Where `digest` leads.
    async fn alias(&self, digest: &[u8; 32]) -> Result<Option<MailAlias>, Fault>;

    /// The one that a person, or whoever is the same one, has at a service; the oldest.
    async fn alias_at(
        &self,
        person: PersonId,
        client: &ClientId,
    ) -> Result<Option<MailAlias>, Fault>;

    /// All that a person has, or whoever is the same one, the newest first.
    async fn aliases_of(&self, person: PersonId) -> Result<Vec<MailAlias>, Fault>;

    /// Puts `after`, which says where an alias leads, in place of `before`; whether this call did: what another
    /// one said meanwhile stays.
    async fn lead(&self, digest: &[u8; 32], before: &Sealed, after: &Sealed)
    -> Result<bool, Fault>;

    /// Cuts an alias, or joins it again (`None`); whether it changed.
    async fn cut(&self, digest: &[u8; 32], at: Option<Timestamp>) -> Result<bool, Fault>;
}
