//! Logins in flight: sealed, and moved from step to step by compare-and-swap.

use async_trait::async_trait;
use guichet_domain::{LoginId, Sealed, Timestamp};

use super::Advance;
use super::cells::{Cells, Mark, Space};
use super::typed::{Typed, advance, cell};
use crate::Fault;

/// Which step a login waits in; the house that owns the login gives them their names. At most 32
/// ASCII characters.
pub type Step = &'static str;

/// A login as it rests: which step it waits in, and the rest, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginRecord {
    /// The step it waits in.
    pub step: String,
    /// Everything else.
    pub sealed: Sealed,
}

/// Logins in flight.
#[async_trait]
pub trait Logins: Send + Sync {
    /// Remembers a new login until `expires`.
    async fn open(
        &self,
        id: LoginId,
        step: Step,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault>;

    /// The login as it is now; `None` once expired or closed.
    async fn load(&self, id: LoginId) -> Result<Option<LoginRecord>, Fault>;

    /// Moves a login from one step to the next, keeping its expiry. Of several callers at the same
    /// step exactly one gets [`Advance::Done`].
    async fn advance(
        &self,
        id: LoginId,
        from: Step,
        to: Step,
        sealed: Sealed,
    ) -> Result<Advance, Fault>;

    /// Ends a login that waits in `from`. Of several callers exactly one gets [`Advance::Done`].
    async fn close(&self, id: LoginId, from: Step) -> Result<Advance, Fault>;
}

#[async_trait]
impl<C: Cells> Logins for Typed<C> {
    async fn open(
        &self,
        id: LoginId,
        step: Step,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault> {
        let cell = cell(Mark::new(step.as_bytes())?, sealed, expires);
        if self.0.insert(Space::Logins, id.as_bytes(), cell).await? {
            Ok(())
        } else {
            Err(Fault::bare("a login with this identifier is open already"))
        }
    }

    async fn load(&self, id: LoginId) -> Result<Option<LoginRecord>, Fault> {
        let Some(cell) = self.0.get(Space::Logins, id.as_bytes()).await? else {
            return Ok(None);
        };
        let step = std::str::from_utf8(cell.mark.as_bytes())
            .map_err(|error| Fault::new("a login whose step is no text", error))?
            .to_owned();
        Ok(Some(LoginRecord {
            step,
            sealed: Sealed::from_bytes(cell.body),
        }))
    }

    async fn advance(
        &self,
        id: LoginId,
        from: Step,
        to: Step,
        sealed: Sealed,
    ) -> Result<Advance, Fault> {
        let (from, to) = (Mark::new(from.as_bytes())?, Mark::new(to.as_bytes())?);
        let moved = self
            .0
            .swap(
                Space::Logins,
                id.as_bytes(),
                from,
                to,
                sealed.into_bytes(),
                None,
            )
            .await?;
        Ok(advance(moved))
    }

    async fn close(&self, id: LoginId, from: Step) -> Result<Advance, Fault> {
        let from = Mark::new(from.as_bytes())?;
        let removed = self
            .0
            .remove_marked(Space::Logins, id.as_bytes(), from)
            .await?;
        Ok(advance(removed))
    }
}
