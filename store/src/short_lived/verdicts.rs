//! What the civil register said of late, for the time it does not answer.

use async_trait::async_trait;
use guichet_domain::{Sealed, Timestamp};

use super::cells::{Cells, Mark, Space};
use super::typed::{Typed, cell};
use crate::Fault;

/// Sealed answers of the civil register, by a keyed hash of the identity asked about: never by the
/// identity, and each only for a while.
#[async_trait]
pub trait Verdicts: Send + Sync {
    /// Remembers the latest answer until `expires`, in place of an earlier one.
    async fn remember(
        &self,
        key: [u8; 32],
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault>;

    /// The latest answer, if it is remembered.
    async fn recall(&self, key: [u8; 32]) -> Result<Option<Sealed>, Fault>;
}

#[async_trait]
impl<C: Cells> Verdicts for Typed<C> {
    async fn remember(
        &self,
        key: [u8; 32],
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault> {
        let cell = cell(Mark::NONE, sealed, expires);
        self.0.set(Space::Verdicts, &key, cell).await
    }

    async fn recall(&self, key: [u8; 32]) -> Result<Option<Sealed>, Fault> {
        match self.0.get(Space::Verdicts, &key).await? {
            Some(cell) if cell.mark != Mark::NONE => Err(Fault::bare("a verdict with a mark")),
            cell => Ok(cell.map(|cell| Sealed::from_bytes(cell.body))),
        }
    }
}
