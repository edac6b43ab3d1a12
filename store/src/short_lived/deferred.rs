//! Grants that are asked for on one device and approved on another: device authorization (RFC 8628)
//! and CIBA. The client polls with a handle of its own; the citizen may find the request by a short
//! code, and settles it once.

use async_trait::async_trait;
use guichet_domain::{Sealed, Timestamp};

use super::Advance;
use super::cells::{Cell, Cells, Mark, Space};
use super::typed::{Typed, advance, cell};
use crate::Fault;

/// Where a deferred grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeferredState {
    /// Nobody has answered.
    Pending,
    /// The citizen agreed.
    Approved,
    /// The citizen refused.
    Denied,
}

/// A deferred grant as it rests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeferredRecord {
    /// Where it stands.
    pub state: DeferredState,
    /// What was asked, and once settled what came of it; sealed.
    pub sealed: Sealed,
}

/// What a client that polls gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deferred {
    /// Nobody has answered yet.
    Pending(Sealed),
    /// The citizen refused. Stays so until it expires.
    Denied(Sealed),
    /// The citizen agreed, and this caller is the one who gets it.
    Fresh(Sealed),
    /// Never opened, expired, or redeemed before.
    Unknown,
}

/// Deferred grants, by the hash of the handle their client polls with.
#[async_trait]
pub trait DeferredGrants: Send + Sync {
    /// Remembers a pending grant until `expires`, to be found under `lookup` (the hash of what the
    /// citizen types, or of a place among what waits for them) if there is one. `false` when another
    /// pending one is found there: nothing is kept. One that was settled or redeemed gives way.
    async fn open(
        &self,
        handle: [u8; 32],
        lookup: Option<[u8; 32]>,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<bool, Fault>;

    /// The handle of the grant to be found under `lookup`.
    async fn find(&self, lookup: [u8; 32]) -> Result<Option<[u8; 32]>, Fault>;

    /// The grant as it is now; `None` once expired or redeemed.
    async fn load(&self, handle: [u8; 32]) -> Result<Option<DeferredRecord>, Fault>;

    /// Approves or denies a grant that is pending, keeping its expiry. Of several callers exactly one
    /// gets [`Advance::Done`].
    async fn settle(
        &self,
        handle: [u8; 32],
        to: Settlement,
        sealed: Sealed,
    ) -> Result<Advance, Fault>;

    /// What a client that polls gets. Of any number of callers exactly one gets an approved grant.
    async fn redeem(&self, handle: [u8; 32]) -> Result<Deferred, Fault>;
}

/// How a deferred grant is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The citizen agreed.
    Approved,
    /// The citizen refused.
    Denied,
}

impl From<Settlement> for DeferredState {
    fn from(settlement: Settlement) -> Self {
        match settlement {
            Settlement::Approved => Self::Approved,
            Settlement::Denied => Self::Denied,
        }
    }
}

/// A grant's mark is its state; mark and body under a lookup are the handle it leads to.
#[async_trait]
impl<C: Cells> DeferredGrants for Typed<C> {
    async fn open(
        &self,
        handle: [u8; 32],
        lookup: Option<[u8; 32]>,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<bool, Fault> {
        let grant = cell(mark(DeferredState::Pending)?, sealed, expires);
        if !self.0.insert(Space::Deferred, &handle, grant).await? {
            return Err(Fault::bare(
                "a deferred grant with this handle is open already",
            ));
        }
        // The grant first: a lookup must never lead to one that is yet to come, or it would give way.
        match lookup {
            Some(lookup) if !self.lead(lookup, handle, expires).await? => {
                let pending = mark(DeferredState::Pending)?;
                self.0
                    .remove_marked(Space::Deferred, &handle, pending)
                    .await?;
                Ok(false)
            }
            _ => Ok(true),
        }
    }

    async fn find(&self, lookup: [u8; 32]) -> Result<Option<[u8; 32]>, Fault> {
        let found = self.0.get(Space::DeferredLookups, &lookup).await?;
        found
            .map(|cell| cell.body.try_into())
            .transpose()
            .map_err(|_| Fault::bare("a lookup that leads to no handle"))
    }

    async fn load(&self, handle: [u8; 32]) -> Result<Option<DeferredRecord>, Fault> {
        let cell = self.0.get(Space::Deferred, &handle).await?;
        cell.map(record).transpose()
    }

    async fn settle(
        &self,
        handle: [u8; 32],
        to: Settlement,
        sealed: Sealed,
    ) -> Result<Advance, Fault> {
        let (from, to) = (mark(DeferredState::Pending)?, mark(to.into())?);
        let settled = self
            .0
            .swap(
                Space::Deferred,
                &handle,
                from,
                to,
                sealed.into_bytes(),
                None,
            )
            .await?;
        Ok(advance(settled))
    }

    async fn redeem(&self, handle: [u8; 32]) -> Result<Deferred, Fault> {
        let Some(DeferredRecord { state, sealed }) = self.load(handle).await? else {
            return Ok(Deferred::Unknown);
        };
        match state {
            DeferredState::Pending => Ok(Deferred::Pending(sealed)),
            DeferredState::Denied => Ok(Deferred::Denied(sealed)),
            // What is approved never changes any more, so what was read is what is removed.
            DeferredState::Approved => {
                let approved = mark(state)?;
                let removed = self
                    .0
                    .remove_marked(Space::Deferred, &handle, approved)
                    .await?;
                Ok(if removed {
                    Deferred::Fresh(sealed)
                } else {
                    Deferred::Unknown
                })
            }
        }
    }
}

impl<C: Cells> Typed<C> {
    /// Makes `lookup` lead to `handle`, unless it leads to a grant that is pending. Its mark is the
    /// handle, so that of several that find it free one is let in.
    async fn lead(
        &self,
        lookup: [u8; 32],
        handle: [u8; 32],
        expires: Timestamp,
    ) -> Result<bool, Fault> {
        let leading = Cell {
            mark: Mark::new(&handle)?,
            body: handle.to_vec(),
            expires,
        };
        let space = Space::DeferredLookups;
        if self.0.insert(space, &lookup, leading.clone()).await? {
            return Ok(true);
        }
        let Some(found) = self.find(lookup).await? else {
            // It expired just now: whoever asks again finds it free.
            return Ok(false);
        };
        let held = self.load(found).await?;
        if held.is_some_and(|held| held.state == DeferredState::Pending) {
            return Ok(false);
        }
        let (from, to) = (Mark::new(&found)?, leading.mark);
        self.0
            .swap(space, &lookup, from, to, leading.body, Some(expires))
            .await
    }
}

fn mark(state: DeferredState) -> Result<Mark, Fault> {
    Mark::new(match state {
        DeferredState::Pending => PENDING,
        DeferredState::Approved => APPROVED,
        DeferredState::Denied => DENIED,
    })
}

fn record(cell: Cell) -> Result<DeferredRecord, Fault> {
    let state = match cell.mark.as_bytes() {
        PENDING => DeferredState::Pending,
        APPROVED => DeferredState::Approved,
        DENIED => DeferredState::Denied,
        _ => return Err(Fault::bare("a deferred grant in an unknown state")),
    };
    Ok(DeferredRecord {
        state,
        sealed: Sealed::from_bytes(cell.body),
    })
}

const PENDING: &[u8] = b"pending";
const APPROVED: &[u8] = b"approved";
const DENIED: &[u8] = b"denied";
