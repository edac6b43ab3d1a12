//! What must reach somebody even if this node dies first: logout tokens, mails.
//!
//! At least once: a letter is taken for a while and comes back when nobody said it arrived.

use async_trait::async_trait;
use guichet_domain::{Sealed, Timestamp};

use crate::Fault;

/// One thing to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Random, and the same at each delivery, so that a receiver can tell a second one.
    pub id: [u8; 16],
    /// What kind of delivery: at most 32 ASCII characters.
    pub kind: String,
    /// What to deliver and where to.
    pub payload: Sealed,
    /// How often it was taken, this time included.
    pub attempts: u64,
}

/// Letters on their way.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Keeps a letter for delivery from `due` on; one with a known identifier is left as it is.
    async fn enqueue(
        &self,
        id: [u8; 16],
        kind: &'static str,
        payload: Sealed,
        due: Timestamp,
    ) -> Result<(), Fault>;

    /// Takes letters that are due, at most `limit`: those that were taken the least often first, and of
    /// these the longest due. Until `back` nobody else is given them.
    async fn claim(
        &self,
        now: Timestamp,
        back: Timestamp,
        limit: u32,
    ) -> Result<Vec<Letter>, Fault>;

    /// It arrived, or is given up: forgotten.
    async fn done(&self, id: [u8; 16]) -> Result<(), Fault>;

    /// It did not arrive: due again at `due`.
    async fn retry(&self, id: [u8; 16], due: Timestamp) -> Result<(), Fault>;

    /// How many letters there are, due or not.
    async fn waiting(&self) -> Result<u64, Fault>;
}
