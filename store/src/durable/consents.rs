//! What citizens agreed to.

use std::collections::BTreeSet;

use async_trait::async_trait;
use guichet_domain::{ClientId, GrantId, PersonId, Timestamp};

use crate::Fault;

/// What a citizen agreed to, for one client. Holds names of scopes and claims, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRecord {
    /// The grant that came of it.
    pub grant: GrantId,
    /// Who.
    pub person: PersonId,
    /// For which client.
    pub client: ClientId,
    /// Scopes, separated by spaces.
    pub scope: String,
    /// Claims shown and released, separated by spaces.
    pub claims: String,
    /// Whether the citizen agreed (`true`), or was informed (`false`).
    pub asked: bool,
    /// When.
    pub at: Timestamp,
    /// When the citizen took it back.
    pub withdrawn: Option<Timestamp>,
}

/// A consent that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// To which client.
    pub client: ClientId,
    /// What hangs off it.
    pub grant: GrantId,
    /// Who gave it, merges aside.
    pub person: PersonId,
    /// When.
    pub at: Timestamp,
}

/// Consents, newest first.
#[async_trait]
pub trait Consents: Send + Sync {
    /// Keeps a consent. The first of a grant stays as it is, however often the form comes in: two
    /// clicks at once are one consent.
    async fn record(&self, consent: &ConsentRecord) -> Result<(), Fault>;

    /// Notes of every consent of a person to a client, given at `until` or before, that it was taken back: those of
    /// everybody who turned out to be this person included. How many stood until then.
    async fn withdraw(
        &self,
        person: PersonId,
        client: &ClientId,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<u64, Fault>;

    /// Every consent of a person that stands, the newest first: those of everybody who turned out to be this
    /// person included.
    async fn standing(&self, person: PersonId) -> Result<Vec<Standing>, Fault>;

    /// The clients that a person ever agreed to, or was informed of, taken back or not: those of everybody who turned
    /// out to be this person included.
    async fn clients(&self, person: PersonId) -> Result<BTreeSet<ClientId>, Fault>;

    /// The latest consents of a person, at most `limit`: those of everybody who turned out to be this person
    /// included.
    async fn of(&self, person: PersonId, limit: u32) -> Result<Vec<ConsentRecord>, Fault>;
}
