//! What the ledger says of a login, found by what a citizen reads out: for the support.

use async_trait::async_trait;
use guichet_domain::{PersonId, Timestamp};

use crate::Fault;

/// Where in the ledger something leads that is read out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceMark {
    /// The identification code of a visit, or the reference of an error page.
    pub handle: String,
    /// The login, as the ledger writes it; empty where it is none.
    pub login: String,
    /// The place of its first entry under this handle.
    pub first: u64,
    /// The place of the last; what lies between is of others as well.
    pub last: u64,
}

/// Somebody who came to be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Who.
    pub person: PersonId,
    /// When.
    pub at: Timestamp,
    /// The row that says so: where a list goes on after it.
    pub row: [u8; 32],
}

/// What the ledger says of a login, found by what is read out. Nothing here is more than the ledger says.
#[async_trait]
pub trait Traces: Send + Sync {
    /// Up to where the ledger was read.
    async fn read_to(&self) -> Result<u64, Fault>;

    /// Keeps what the entries of the ledger from `from` to before `to` say, in one step; whether this call did.
    /// Another node may have read beyond `from` already. What is known of a login goes on to its new last entry;
    /// no two of `marks` are of one handle and login.
    async fn read_on(&self, from: u64, to: u64, marks: &[TraceMark]) -> Result<bool, Fault>;

    /// Where `handle` leads, the latest first, at most `limit`.
    async fn found(&self, handle: &str, limit: u32) -> Result<Vec<TraceMark>, Fault>;

    /// Who came to be known from `since` to before `until`, in order, after `after` where there is one, at most
    /// `limit`.
    async fn known_between(
        &self,
        (since, until): (Timestamp, Timestamp),
        after: Option<&Known>,
        limit: u32,
    ) -> Result<Vec<Known>, Fault>;

    /// Forgets logins that began before the entry at `before`, at most so many at once; how many rows went.
    async fn forget_traces(&self, before: u64) -> Result<u64, Fault>;
}
