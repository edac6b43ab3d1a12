//! What the ledger says of exchanges: who may see which entry, and how often evidence left.
//!
//! `read` takes the ledger in, entry by entry, wherever an entry was written; `secrecy` is what a law keeps
//! from a citizen for a while; `counts` is what hub, services and data providers say of one day.

mod counts;
mod read;
mod secrecy;

pub use counts::{Counted, Counts, DayCounts};
pub use secrecy::{NotAnOrder, hiding, is_hidden};

use async_trait::async_trait;
use guichet_domain::{ExchangeId, Timestamp};
use guichet_ledger::{History, Projection};
use guichet_store::Fault;
use guichet_store::durable::exchange_entries::ExchangeEntry;
use guichet_store::durable::{EntryRecord, ExchangeEntries};

use crate::Desk;

impl Desk {
    /// Takes in what the ledger has gained since this was last done, by whichever node.
    pub async fn read_ledger(&self) -> Result<(), Fault> {
        take_in(self.parts.ledger.history(), &*self.parts.entries).await
    }

    /// The exchanges that a law keeps from their citizens at `now`.
    pub(crate) async fn hidden(&self, now: Timestamp) -> Result<Vec<ExchangeId>, Fault> {
        self.read_ledger().await?;
        self.parts.entries.hidden(now).await
    }
}

/// Takes in what the ledger says of exchanges.
pub(crate) async fn take_in(history: &History, entries: &dyn ExchangeEntries) -> Result<(), Fault> {
    history.take_into(&OfExchanges(entries)).await
}

struct OfExchanges<'a>(&'a dyn ExchangeEntries);

#[async_trait]
impl Projection for OfExchanges<'_> {
    type Said = ExchangeEntry;

    fn said(&self, entry: &EntryRecord) -> Option<ExchangeEntry> {
        read::said(entry)
    }

    async fn read_to(&self) -> Result<u64, Fault> {
        self.0.read_to().await
    }

    async fn read_on(&self, from: u64, to: u64, said: &[ExchangeEntry]) -> Result<bool, Fault> {
        self.0.read_on(from, to, said).await
    }
}
