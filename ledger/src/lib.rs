//! The tamper-evident audit log: what must be provable later, in one chain that nobody can change
//! unnoticed. `docs/ledger.md` states every byte.
//!
//! [`Ledger`] writes: `note` leaves an event to be written, `append` returns when it is durable.
//! [`verify()`] reads the whole log again, offline, and names what was changed, removed or moved;
//! [`History`] reads entries and proves where they stand.

mod agreement;
mod checkpoint;
mod entry;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod head;
mod history;
mod log;
mod note;
mod projection;
mod proof;
mod queue;
mod tree;
mod verdict;
mod verify;
mod writer;

#[cfg(test)]
mod testing;

pub use agreement::{Disagreement, agrees};
pub use checkpoint::latest_checkpoint;
pub use history::{History, Prover, Roots};
pub use log::{Ledger, LedgerError, LedgerSettings, Receipt};
pub use note::{NoteError, Signed, open as open_checkpoint, parse_verifier_key, verifier_key};
pub use projection::Projection;
pub use proof::{consistency_proof, inclusion_proof, verify_consistency, verify_inclusion};
pub use tree::{Hash, leaf_hash, root_of};
pub use verdict::{Checked, Verdict};
pub use verify::{Finding, MAX_FINDINGS, Report, verify};
