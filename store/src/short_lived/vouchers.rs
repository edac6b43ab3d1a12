//! Vouchers: rights to fetch evidence, spent by one step that can succeed once.

use async_trait::async_trait;
use guichet_domain::{ExchangeId, Sealed, Timestamp};

use super::cells::{Cells, Mark, Space, Spending, deadline_digits};
use super::typed::{Typed, cell};
use crate::Fault;

/// What presenting a voucher yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spent {
    /// First time: here is the record.
    Fresh(Sealed),
    /// Presented before.
    Again,
    /// Never issued, expired, or its exchange was revoked.
    Unknown,
}

/// Vouchers, by the hash of their text. Each hangs off an exchange; revoking that kills it at once, on
/// every node.
#[async_trait]
pub trait Vouchers: Send + Sync {
    /// Remembers a voucher until `expires`, and just as long that it was spent.
    async fn keep(
        &self,
        voucher: [u8; 32],
        exchange: ExchangeId,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault>;

    /// Spends a voucher. Of any number of callers exactly one gets [`Spent::Fresh`], and none whose
    /// call began after its exchange was revoked.
    async fn spend(&self, voucher: [u8; 32], now: Timestamp) -> Result<Spent, Fault>;

    /// Kills the vouchers of an exchange, those kept later included, until `until` (none may outlive
    /// it).
    async fn revoke_of(&self, exchange: ExchangeId, until: Timestamp) -> Result<(), Fault>;
}

/// A voucher's mark is the instant its trace may be forgotten, in sixteen digits, and its exchange.
#[async_trait]
impl<C: Cells> Vouchers for Typed<C> {
    async fn keep(
        &self,
        voucher: [u8; 32],
        exchange: ExchangeId,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault> {
        let mut mark = [0; 32];
        mark[..16].copy_from_slice(&deadline_digits(expires));
        mark[16..].copy_from_slice(exchange.as_bytes());
        let cell = cell(Mark::new(&mark)?, sealed, expires);
        if self.0.insert(Space::Vouchers, &voucher, cell).await? {
            Ok(())
        } else {
            Err(Fault::bare("this voucher was issued already"))
        }
    }

    async fn spend(&self, voucher: [u8; 32], now: Timestamp) -> Result<Spent, Fault> {
        let spending = self
            .0
            .spend(Space::Vouchers, Space::SpentVouchers, &voucher, now)
            .await?;
        let cell = match spending {
            Spending::Fresh(cell) => cell,
            Spending::Spent(_) => return Ok(Spent::Again),
            Spending::Unknown => return Ok(Spent::Unknown),
        };
        let exchange = cell.mark.as_bytes().get(16..);
        let exchange = exchange.ok_or(Fault::bare("a voucher without its exchange"))?;
        // After the spending: a revocation that was answered before this call began is seen here.
        let revoked = self.0.get(Space::RevokedExchanges, exchange).await?;
        Ok(match revoked {
            Some(_) => Spent::Unknown,
            None => Spent::Fresh(Sealed::from_bytes(cell.body)),
        })
    }

    async fn revoke_of(&self, exchange: ExchangeId, until: Timestamp) -> Result<(), Fault> {
        self.0
            .hold(Space::RevokedExchanges, exchange.as_bytes(), until)
            .await
    }
}
