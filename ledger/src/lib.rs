//! The tamper-evident audit log: what must be provable later, in one chain that nobody can change
//! unnoticed. `docs/ledger.md` states every byte.
//!
//! [`Ledger`] writes: `note` leaves an event to be written, `append` returns when it is durable.
//! [`verify`] reads the whole log again, offline, and names what was changed, removed or moved.

mod log;
mod verify;

pub use log::{Ledger, LedgerError, LedgerSettings, Receipt};
pub use verify::{Finding, Report, latest_checkpoint, verify};
