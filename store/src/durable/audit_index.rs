//! Which entries of the ledger say what, for whoever looks something up in the audit log: read off it entry by
//! entry, and read off it anew should it ever be lost. The room `admin` says what an entry is found by; here are
//! numbers alone, which name nothing and nobody.

use async_trait::async_trait;
use guichet_domain::Timestamp;

use crate::Fault;

/// What entries are found by: the beginning of a digest. Two things may have the same, so whoever reads what was
/// found looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AuditTerm(i64);

impl AuditTerm {
    /// The term of a digest: its first eight bytes.
    pub fn of_digest(digest: [u8; 32]) -> Self {
        let first = digest.first_chunk().copied().unwrap_or_default();
        Self(i64::from_be_bytes(first))
    }

    /// As it rests.
    pub(in crate::durable) const fn number(self) -> i64 {
        self.0
    }
}

/// An entry, as far as it is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Where it stands.
    pub place: AuditPlace,
    /// What it is found by; what stands here twice counts once.
    pub terms: Vec<AuditTerm>,
}

/// Where an entry stands among what is found, which is in the order of time: the clocks of nodes differ, so that
/// is not always the order of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AuditPlace {
    /// When it was written.
    pub at: Timestamp,
    /// Its place in the ledger.
    pub sequence: u64,
}

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct AuditLookup {
    /// By this.
    pub term: AuditTerm,
    /// Written from then on.
    pub since: Timestamp,
    /// Written then or before.
    pub until: Timestamp,
    /// Before this one; from the newest on where `None`.
    pub before: Option<AuditPlace>,
    /// At most so many.
    pub limit: u32,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// Where it stands.
    pub place: AuditPlace,
    /// Its canonical bytes; none where the ledger has it no more.
    pub entry: Option<Vec<u8>>,
}

/// Which entries say what.
#[async_trait]
pub trait AuditIndex: Send + Sync {
    /// Up to where the ledger was read.
    async fn read_to(&self) -> Result<u64, Fault>;

    /// Keeps what the entries of the ledger from `from` to before `to` are found by, in one step; whether this
    /// call did. Another node may have read on from `from` already.
    async fn read_on(&self, from: u64, to: u64, said: &[AuditEntry]) -> Result<bool, Fault>;

    /// What is found, the newest first.
    async fn page(&self, lookup: &AuditLookup) -> Result<Vec<AuditRow>, Fault>;
}
