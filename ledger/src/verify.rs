//! Reads the whole log again and says what does not hold.

use std::fmt;

use guichet_keys::LedgerVerifier;
use guichet_store::Fault;
use guichet_store::durable::LedgerRecords;

/// What the log holds and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many entries there are.
    pub entries: u64,
    /// How many checkpoints hold.
    pub checkpoints: u64,
    /// How many entries the last checkpoint that holds covers; later ones are chained only.
    pub covered: u64,
    /// What does not hold, in order of place; none for a sound log.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing was found.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Something that does not hold. Its `Display` is a sentence for an auditor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// An entry's bytes are not those that were written.
    Altered {
        /// Which.
        sequence: u64,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { sequence } => write!(f, "entry {sequence} was altered"),
        }
    }
}

/// Verifies the whole log, reading it in pieces. `against` are checkpoints kept elsewhere, as
/// [`latest_checkpoint`] gave them.
pub async fn verify(
    _records: &dyn LedgerRecords,
    _verifier: &LedgerVerifier,
    _origin: &str,
    _against: &[String],
) -> Result<Report, Fault> {
    todo!()
}

/// The latest signed checkpoint as text, to be kept elsewhere. `with_hashes` adds a line by which
/// [`verify`] can name the very entry where the log departs from it.
pub async fn latest_checkpoint(
    _records: &dyn LedgerRecords,
    _with_hashes: bool,
) -> Result<Option<String>, Fault> {
    todo!()
}
