//! Authorization codes: spent by one step that can succeed once, and traced after that.

use async_trait::async_trait;
use guichet_domain::{GrantId, Sealed, Timestamp};

use super::cells::{Cells, Mark, Space, Spending, deadline_digits};
use super::typed::{Typed, cell};
use crate::Fault;

/// What presenting a code yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redemption {
    /// First time: here is the record.
    Fresh(Sealed),
    /// Presented before: perhaps stolen. What it bought hangs off this grant.
    Spent(GrantId),
    /// Never issued, or long expired.
    Unknown,
}

/// Authorization codes, by the hash of the code.
#[async_trait]
pub trait Codes: Send + Sync {
    /// Remembers a code until `expires`; its trace (spent, and for which grant) until `forget`.
    async fn issue(
        &self,
        code: [u8; 32],
        grant: GrantId,
        sealed: Sealed,
        expires: Timestamp,
        forget: Timestamp,
    ) -> Result<(), Fault>;

    /// Spends a code. Of any number of callers exactly one gets [`Redemption::Fresh`].
    async fn redeem(&self, code: [u8; 32], now: Timestamp) -> Result<Redemption, Fault>;
}

/// A code's mark is the instant its trace may be forgotten, in sixteen digits, and its grant.
#[async_trait]
impl<C: Cells> Codes for Typed<C> {
    async fn issue(
        &self,
        code: [u8; 32],
        grant: GrantId,
        sealed: Sealed,
        expires: Timestamp,
        forget: Timestamp,
    ) -> Result<(), Fault> {
        // A trace that went before its code would let the code be spent twice.
        let mut mark = [0; 32];
        mark[..16].copy_from_slice(&deadline_digits(forget.max(expires)));
        mark[16..].copy_from_slice(grant.as_bytes());
        let cell = cell(Mark::new(&mark)?, sealed, expires);
        if self.0.insert(Space::Codes, &code, cell).await? {
            Ok(())
        } else {
            Err(Fault::bare("this code was issued already"))
        }
    }

    async fn redeem(&self, code: [u8; 32], now: Timestamp) -> Result<Redemption, Fault> {
        let spending = self
            .0
            .spend(Space::Codes, Space::SpentCodes, &code, now)
            .await?;
        Ok(match spending {
            Spending::Fresh(cell) => Redemption::Fresh(Sealed::from_bytes(cell.body)),
            Spending::Spent(mark) => Redemption::Spent(
                mark.as_bytes()
                    .get(16..)
                    .and_then(|grant| grant.try_into().ok())
                    .map(GrantId::from_bytes)
                    .ok_or(Fault::bare("the trace of a code without its grant"))?,
            ),
            Spending::Unknown => Redemption::Unknown,
        })
    }
}
