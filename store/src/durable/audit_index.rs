//! In which stretches of the ledger something is named, for whoever looks it up in the audit log: read off it entry
//! by entry, and read off it anew should it ever be lost. The room `admin` says what an entry is found by; here are
//! numbers alone, which name nothing and nobody.
//!
//! A stretch and not an entry: what happens at one time is mostly of the same few services, providers and kinds, so
//! that a sign-in adds a few rows instead of a hundred. Whoever looks something up reads the stretches that have it.

use async_trait::async_trait;
use guichet_domain::Timestamp;

use crate::Fault;

/// What stretches are found by: the beginning of a digest. Two things may have the same, so whoever reads what was
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

/// A hundred and twenty-eight entries of the ledger, from one whose place is a multiple of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stretch(u64);

impl Stretch {
    /// How many entries it has.
    pub const ENTRIES: u32 = 128;

    /// That of an entry.
    pub const fn of(sequence: u64) -> Self {
        Self(sequence / Self::ENTRIES as u64)
    }

    /// The place of its first entry.
    pub const fn first(self) -> u64 {
        self.0 * Self::ENTRIES as u64
    }

    /// The place behind its last one.
    pub const fn end(self) -> u64 {
        self.first() + Self::ENTRIES as u64
    }

    /// As it rests.
    pub(in crate::durable) const fn number(self) -> u64 {
        self.0
    }

    /// As it rested.
    pub(in crate::durable) const fn of_number(number: u64) -> Self {
        Self(number)
    }
}

/// An entry, as far as it is looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its place in the ledger.
    pub sequence: u64,
    /// When it was written, by the clock of its node.
    pub at: Timestamp,
    /// What it is found by; what stands here twice counts once.
    pub terms: Vec<AuditTerm>,
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct AuditLookup {
    /// Stretches that have all of these, though not always in one entry.
    pub terms: Vec<AuditTerm>,
    /// With entries of that hour or a later one.
    pub since: Option<Timestamp>,
    /// With entries of that hour or an earlier one.
    pub until: Option<Timestamp>,
    /// With entries before this place.
    pub before: u64,
    /// At most so many.
    pub limit: u32,
}

/// In which stretches something is named.
#[async_trait]
pub trait AuditIndex: Send + Sync {
    /// Up to where the ledger was read.
    async fn read_to(&self) -> Result<u64, Fault>;

    /// Keeps what the entries of the ledger from `from` to before `to` are found by, in one step; whether this
    /// call did. Another node may have read on from `from` already.
    async fn read_on(&self, from: u64, to: u64, said: &[AuditEntry]) -> Result<bool, Fault>;

    /// Where to look, the newest first: every stretch that has what is looked for, and maybe some that have not.
    /// Nothing is found by no term at all.
    async fn stretches(&self, lookup: &AuditLookup) -> Result<Vec<Stretch>, Fault>;
}
