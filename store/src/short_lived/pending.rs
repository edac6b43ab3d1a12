//! What a browser comes back for once.

use async_trait::async_trait;
use guichet_domain::{BrowserId, Sealed, Timestamp};

use super::cells::{Cells, Mark, Space};
use super::typed::{self, Typed, cell};
use crate::Fault;

/// Ceremony state and other small sealed records a browser comes back for once: passkey challenges,
/// the state of a sign-out under way.
#[async_trait]
pub trait Pending: Send + Sync {
    /// Remembers `sealed` for this browser under `name` until `expires`, in place of an earlier one.
    async fn put(
        &self,
        browser: BrowserId,
        name: &'static str,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault>;

    /// Takes it: of any number of callers exactly one gets it.
    async fn take(&self, browser: BrowserId, name: &'static str) -> Result<Option<Sealed>, Fault>;
}

#[async_trait]
impl<C: Cells> Pending for Typed<C> {
    async fn put(
        &self,
        browser: BrowserId,
        name: &'static str,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault> {
        let name = typed::name(name, browser.as_bytes());
        self.0
            .set(Space::Pending, &name, cell(Mark::NONE, sealed, expires))
            .await
    }

    async fn take(&self, browser: BrowserId, name: &'static str) -> Result<Option<Sealed>, Fault> {
        let name = typed::name(name, browser.as_bytes());
        match self.0.take(Space::Pending, &name).await? {
            Some(cell) if cell.mark != Mark::NONE => Err(Fault::bare("pending state with a mark")),
            cell => Ok(cell.map(|cell| Sealed::from_bytes(cell.body))),
        }
    }
}
