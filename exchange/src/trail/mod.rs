//! What the ledger says of exchanges: who may see which entry, and how often evidence left.
//!
//! `read` takes the ledger in, entry by entry, wherever an entry was written; `secrecy` is what a law keeps
//! from a citizen for a while; `counts` is what hub, services and data providers say of one day.

mod counts;
mod read;
mod secrecy;

pub use counts::{Counted, Counts, DayCounts};
pub use secrecy::{NotAnOrder, hiding, is_hidden};

use guichet_domain::{ExchangeId, Timestamp};
use guichet_store::Fault;

use crate::Desk;

/// How many entries are read at once, and how many times before what they say is written.
const PAGE: u32 = 1000;
const PAGES: usize = 10;

impl Desk {
    /// Takes in what the ledger has gained since this was last done, by whichever node.
    pub async fn read_ledger(&self) -> Result<(), Fault> {
        let (history, entries) = (self.parts.ledger.history(), &self.parts.entries);
        loop {
            let from = entries.read_to().await?;
            let (mut to, mut said) = (from, Vec::new());
            for _ in 0..PAGES {
                let page = history.read(to, PAGE).await?;
                let Some(last) = page.last() else {
                    break;
                };
                to = last.sequence + 1;
                said.extend(page.iter().filter_map(read::said));
            }
            if to == from {
                return Ok(());
            }
            entries.read_on(from, to, &said).await?;
        }
    }

    /// The exchanges that a law keeps from their citizens at `now`.
    pub(crate) async fn hidden(&self, now: Timestamp) -> Result<Vec<ExchangeId>, Fault> {
        self.read_ledger().await?;
        self.parts.entries.hidden(now).await
    }
}
