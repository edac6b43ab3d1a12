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
use guichet_ledger::History;
use guichet_store::Fault;
use guichet_store::durable::ExchangeEntries;
use guichet_store::durable::exchange_entries::ExchangeEntry;

use crate::Desk;

/// How many entries are read at once, and how many times before what they say is written.
const PAGE: u32 = 1000;
const PAGES: usize = 10;

impl Desk {
    /// Takes in what the ledger has gained since this was last done, by whichever node: all that was there
    /// when this was called. What is written meanwhile is the next caller's, or a busy hub would never be
    /// done.
    pub async fn read_ledger(&self) -> Result<(), Fault> {
        take_in(self.parts.ledger.history(), &*self.parts.entries).await
    }

    /// The exchanges that a law keeps from their citizens at `now`.
    pub(crate) async fn hidden(&self, now: Timestamp) -> Result<Vec<ExchangeId>, Fault> {
        self.read_ledger().await?;
        self.parts.entries.hidden(now).await
    }
}

pub(crate) async fn take_in(history: &History, entries: &dyn ExchangeEntries) -> Result<(), Fault> {
    let mut end = None;
    loop {
        let from = entries.read_to().await?;
        if end.is_some_and(|end| from >= end) {
            return Ok(());
        }
        let read = Reading::from(history, from).await?;
        if read.is_whole {
            end = end.or(Some(read.to));
        }
        // Another node may have read on from there: then this one looks how far that came.
        if read.to == from || entries.read_on(from, read.to, &read.said).await? && read.is_whole {
            return Ok(());
        }
    }
}

/// Some entries of the ledger, as far as they are about exchanges.
struct Reading {
    /// Up to before which.
    to: u64,
    said: Vec<ExchangeEntry>,
    /// Whether there were no more.
    is_whole: bool,
}

impl Reading {
    async fn from(history: &History, from: u64) -> Result<Self, Fault> {
        let (mut to, mut said) = (from, Vec::new());
        for _ in 0..PAGES {
            let page = history.read(to, PAGE).await?;
            to = page.last().map_or(to, |last| last.sequence + 1);
            said.extend(page.iter().filter_map(read::said));
            if page.len() < PAGE as usize {
                return Ok(Self {
                    to,
                    said,
                    is_whole: true,
                });
            }
        }
        Ok(Self {
            to,
            said,
            is_whole: false,
        })
    }
}
