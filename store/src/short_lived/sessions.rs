//! Live sessions: replaced by compare-and-swap on their version.

use async_trait::async_trait;
use guichet_domain::{Sealed, SessionId, Timestamp};

use super::Advance;
use super::cells::{Cell, Cells, Mark, Space};
use super::typed::{Typed, advance, cell};
use crate::Fault;

/// A session as it rests. `version` grows by one with each replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Which writing this is.
    pub version: u64,
    /// Everything, sealed.
    pub sealed: Sealed,
}

/// Live sessions, by identifier. Each belongs to one browser.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Remembers a new session until `expires`, with version 1.
    async fn start(&self, id: SessionId, sealed: Sealed, expires: Timestamp) -> Result<(), Fault>;

    /// The session as it is now.
    async fn load(&self, id: SessionId) -> Result<Option<SessionRecord>, Fault>;

    /// Replaces what is at `version`, with a new expiry. `Moved` when another caller was first.
    async fn replace(
        &self,
        id: SessionId,
        version: u64,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<Advance, Fault>;

    /// Ends a session; the record as it last was goes to exactly one caller.
    async fn end(&self, id: SessionId) -> Result<Option<SessionRecord>, Fault>;
}

/// A session's mark is its version, big-endian.
#[async_trait]
impl<C: Cells> Sessions for Typed<C> {
    async fn start(&self, id: SessionId, sealed: Sealed, expires: Timestamp) -> Result<(), Fault> {
        let cell = cell(version_mark(1)?, sealed, expires);
        if self.0.insert(Space::Sessions, id.as_bytes(), cell).await? {
            Ok(())
        } else {
            Err(Fault::bare(
                "a session with this identifier is live already",
            ))
        }
    }

    async fn load(&self, id: SessionId) -> Result<Option<SessionRecord>, Fault> {
        let cell = self.0.get(Space::Sessions, id.as_bytes()).await?;
        cell.map(session).transpose()
    }

    async fn replace(
        &self,
        id: SessionId,
        version: u64,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<Advance, Fault> {
        let (from, to) = (
            version_mark(version)?,
            version_mark(version.saturating_add(1))?,
        );
        let replaced = self
            .0
            .swap(
                Space::Sessions,
                id.as_bytes(),
                from,
                to,
                sealed.into_bytes(),
                Some(expires),
            )
            .await?;
        Ok(advance(replaced))
    }

    async fn end(&self, id: SessionId) -> Result<Option<SessionRecord>, Fault> {
        let cell = self.0.take(Space::Sessions, id.as_bytes()).await?;
        cell.map(session).transpose()
    }
}

fn version_mark(version: u64) -> Result<Mark, Fault> {
    Mark::new(&version.to_be_bytes())
}

fn session(cell: Cell) -> Result<SessionRecord, Fault> {
    let version = cell
        .mark
        .as_bytes()
        .try_into()
        .map(u64::from_be_bytes)
        .map_err(|error| Fault::new("a session whose version is no number", error))?;
    Ok(SessionRecord {
        version,
        sealed: Sealed::from_bytes(cell.body),
    })
}
