//! Pushed authorization requests (RFC 9126): kept for the moment between `/par` and `/authorize`.

use async_trait::async_trait;
use guichet_domain::{Sealed, Timestamp};

use super::cells::{Cell, Cells, Mark, Space};
use super::typed::{Typed, cell};
use crate::Fault;

/// Pushed requests, by the hash of the reference in their `request_uri`.
#[async_trait]
pub trait PushedRequests: Send + Sync {
    /// Remembers a request until `expires`.
    async fn push(&self, key: [u8; 32], sealed: Sealed, expires: Timestamp) -> Result<(), Fault>;

    /// Looks at a request and leaves it there.
    async fn find(&self, key: [u8; 32]) -> Result<Option<Sealed>, Fault>;

    /// Takes a request: of any number of callers exactly one gets it.
    async fn take(&self, key: [u8; 32]) -> Result<Option<Sealed>, Fault>;
}

#[async_trait]
impl<C: Cells> PushedRequests for Typed<C> {
    async fn push(&self, key: [u8; 32], sealed: Sealed, expires: Timestamp) -> Result<(), Fault> {
        let cell = cell(Mark::NONE, sealed, expires);
        if self.0.insert(Space::Pushed, &key, cell).await? {
            Ok(())
        } else {
            Err(Fault::bare(
                "a request was pushed under this reference already",
            ))
        }
    }

    async fn find(&self, key: [u8; 32]) -> Result<Option<Sealed>, Fault> {
        sealed(self.0.get(Space::Pushed, &key).await?)
    }

    async fn take(&self, key: [u8; 32]) -> Result<Option<Sealed>, Fault> {
        sealed(self.0.take(Space::Pushed, &key).await?)
    }
}

fn sealed(cell: Option<Cell>) -> Result<Option<Sealed>, Fault> {
    match cell {
        Some(cell) if cell.mark != Mark::NONE => Err(Fault::bare("a pushed request with a mark")),
        cell => Ok(cell.map(|cell| Sealed::from_bytes(cell.body))),
    }
}
