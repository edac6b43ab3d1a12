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
    /// Until when it is in hand: which taking this is.
    pub back: Timestamp,
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

    /// Takes letters of these kinds that are due, at most `limit`: those that were taken the least often first,
    /// and of these the longest due. Until `back` nobody else is given them.
    async fn claim(
        &self,
        kinds: &[&'static str],
        now: Timestamp,
        back: Timestamp,
        limit: u32,
    ) -> Result<Vec<Letter>, Fault>;

    /// It arrived, or is given up: forgotten, unless it was taken or put back anew since.
    async fn done(&self, letter: &Letter) -> Result<(), Fault>;

    /// It did not arrive: due again at `due`, unless it was taken or put back anew since.
    async fn retry(&self, letter: &Letter, due: Timestamp) -> Result<(), Fault>;

    /// How many letters there are, due or not.
    async fn waiting(&self) -> Result<u64, Fault>;
}
