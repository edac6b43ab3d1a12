//! The citizen's receipt: what they decided about one evidence and what came of it, provable to anybody,
//! for years, without the hub. `docs/exchange.md` states its form.
//!
//! `statement` is what it says, `make` makes one, `keys` is what it is verified with, `verify` names
//! everything that is wrong with one. It names no person, no value, and neither side's name for the
//! citizen.

mod keys;
mod make;
mod statement;
mod verify;

pub use keys::{NoReceiptKeys, ReceiptKeys};
pub use make::Made;
pub use statement::{Ended, Hidden, Labelled, LogPart, Party, Proven, StatedPurpose, Statement};
pub use verify::{Check, Checked, Problem, Verification, verify_receipt};

/// The longest receipt, in bytes: what fits a form.
pub const LONGEST_RECEIPT: usize = 60 * 1024;
