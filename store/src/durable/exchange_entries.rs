//! What the ledger says of exchanges, found by exchange: read off it entry by entry, and read off it anew
//! should it ever be lost. The room `exchange` reads; nothing here is more than the ledger says.

use async_trait::async_trait;
use guichet_domain::{DataProviderId, ExchangeId, Timestamp};

use super::DeliveryHalf;
use crate::Fault;

/// What one entry of the ledger says of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeEntry {
    /// Which exchange.
    pub exchange: ExchangeId,
    /// The entry's place in the ledger.
    pub sequence: u64,
    /// What else is kept of it.
    pub told: Option<Told>,
}

/// Where an entry about an exchange stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExchangePlace {
    /// Its place in the ledger.
    pub sequence: u64,
    /// Whether it is the citizen's decision, or changes it.
    pub decides: bool,
}

/// What is counted, or acted upon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// The citizen decided, or took fields away.
    Decided,
    /// The hub let evidence leave for the so-manieth time.
    Released {
        /// From 1; the same again when a pull was tried once more.
        pull: u32,
        /// Who has it.
        data_provider: DataProviderId,
        /// When.
        at: Timestamp,
    },
    /// One side confirmed its half.
    Delivered {
        /// Which half.
        half: DeliveryHalf,
        /// Of which pull; of the latest where the entry does not say.
        pull: Option<u32>,
    },
    /// By law its citizen does not see it yet.
    Hidden(Secrecy),
}

/// A law keeps an exchange from its citizen until a date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrecy {
    /// Open from then on.
    pub until: Timestamp,
    /// Who ordered it.
    pub authority: String,
    /// The order.
    pub order: String,
}

/// How often evidence left one data provider, by the word of each of the three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullCount {
    /// Which.
    pub data_provider: DataProviderId,
    /// The hub: it let evidence leave.
    pub released: u64,
    /// The data provider: it sent some.
    pub sent: u64,
    /// Services: some arrived.
    pub received: u64,
}

/// How many exchanges are hidden, and were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecrecyCount {
    /// Still hidden.
    pub hidden: u64,
    /// Hidden once, open now.
    pub opened: u64,
}

/// What the ledger says of exchanges.
#[async_trait]
pub trait ExchangeEntries: Send + Sync {
    /// Up to where the ledger was read.
    async fn read_to(&self) -> Result<u64, Fault>;

    /// Keeps what the entries of the ledger from `from` to before `to` say, in one step; whether this call
    /// did. Another node may have read on from `from` already.
    async fn read_on(&self, from: u64, to: u64, said: &[ExchangeEntry]) -> Result<bool, Fault>;

    /// The entries about one exchange, in the ledger's order.
    async fn entries_of(&self, exchange: ExchangeId) -> Result<Vec<ExchangePlace>, Fault>;

    /// The secrecy of one exchange, whether it is over or not.
    async fn secrecy_of(&self, exchange: ExchangeId) -> Result<Option<Secrecy>, Fault>;

    /// Every exchange that is hidden at `now`.
    async fn hidden(&self, now: Timestamp) -> Result<Vec<ExchangeId>, Fault>;

    /// How many there are and were at `now`.
    async fn count_secrecy(&self, now: Timestamp) -> Result<SecrecyCount, Fault>;

    /// What left from `since` to before `until`, by data provider.
    async fn count_pulls(
        &self,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<PullCount>, Fault>;
}
