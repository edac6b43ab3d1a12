//! What a room keeps of the ledger in its own words, read on from where it was last read to, by whichever
//! node comes first.

use async_trait::async_trait;
use guichet_store::Fault;
use guichet_store::durable::EntryRecord;

use crate::History;

/// What somebody keeps of the ledger. Several nodes share one.
#[async_trait]
pub trait Projection: Send + Sync {
    /// What one entry says to it.
    type Said: Send + Sync;

    /// What this entry says; most say nothing.
    fn said(&self, entry: &EntryRecord) -> Option<Self::Said>;

    /// Up to before which entry the ledger was read.
    async fn read_to(&self) -> Result<u64, Fault>;

    /// Takes in what the entries from `from` to before `to` say, unless another node did.
    async fn read_on(&self, from: u64, to: u64, said: &[Self::Said]) -> Result<bool, Fault>;

    /// How many thousand entries are taken in at once: fewer where each says much, since nobody else writes
    /// to an embedded database meanwhile.
    fn thousands_at_once(&self) -> usize {
        10
    }
}

impl History {
    /// Takes in what the ledger has gained, by whichever node: all that was there when this was called.
    /// What is written meanwhile is the next caller's, or a busy hub would never be done.
    pub async fn take_into<P: Projection>(&self, projection: &P) -> Result<(), Fault> {
        let mut end = None;
        loop {
            let from = projection.read_to().await?;
            if end.is_some_and(|end| from >= end) {
                return Ok(());
            }
            let read = self.read_for(projection, from).await?;
            if read.is_whole {
                end = end.or(Some(read.to));
            }
            // Another node may have read on from there: then this one looks how far that came.
            if read.to == from
                || projection.read_on(from, read.to, &read.said).await? && read.is_whole
            {
                return Ok(());
            }
        }
    }

    async fn read_for<P: Projection>(
        &self,
        projection: &P,
        from: u64,
    ) -> Result<Reading<P::Said>, Fault> {
        let (mut to, mut said) = (from, Vec::new());
        for _ in 0..projection.thousands_at_once() {
            let page = self.read(to, PAGE).await?;
            to = page.last().map_or(to, |last| last.sequence + 1);
            said.extend(page.iter().filter_map(|entry| projection.said(entry)));
            if page.len() < PAGE as usize {
                let is_whole = true;
                return Ok(Reading { to, said, is_whole });
            }
        }
        let is_whole = false;
        Ok(Reading { to, said, is_whole })
    }
}

/// What some entries say.
struct Reading<T> {
    /// Up to before which.
    to: u64,
    said: Vec<T>,
    /// Whether there were no more.
    is_whole: bool,
}

/// How many entries are read at once.
const PAGE: u32 = 1000;
