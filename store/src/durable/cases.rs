//! Cases about persons: why nobody may act as them, from when to when.
//!
//! A case bars everybody who is that person when it is opened, merges included, and whoever they are
//! parted into. It is never rewritten but for its end.

use std::fmt;

use async_trait::async_trait;
use guichet_domain::{CaseId, PersonId, Sealed};

use super::corrections::Act;
use crate::Fault;

/// A case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Which: what the citizen reads out to an agent.
    pub id: CaseId,
    /// Of which kind.
    pub kind: CaseKind,
    /// About whom; of a report nobody is known.
    pub person: Option<PersonId>,
    /// Who opened it, and when.
    pub opened: Act,
    /// Why: a word of ours, or an operator's ticket; never personal data.
    pub reason: String,
    /// What was there when it was opened, sealed; empty where nothing was.
    pub evidence: Sealed,
    /// Who ended it, and when.
    pub ended: Option<Act>,
}

/// What a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseKind {
    /// The identity may be in other hands: nobody acts with it until that is settled.
    Freeze,
    /// The account was closed.
    Closure,
    /// The person died.
    Death,
    /// Somebody without an account reported that their identity is misused. Bars nobody.
    Report,
}

impl CaseKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Freeze, Self::Closure, Self::Death, Self::Report];

    /// Its word, in the ledger and at rest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Freeze => "freeze",
            Self::Closure => "closure",
            Self::Death => "death",
            Self::Report => "report",
        }
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for CaseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which cases are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// The latest, newest first.
    Latest,
    /// Those whose consequences are not known to be carried out, oldest first.
    Unfollowed,
}

/// Cases about persons.
#[async_trait]
pub trait Cases: Send + Sync {
    /// Opens a case; one with a known identifier is left as it is. Whether it was new. From then on the
    /// gate bars whom it is about.
    async fn open(&self, case: &Case) -> Result<bool, Fault>;

    /// One case.
    async fn case(&self, id: CaseId) -> Result<Option<Case>, Fault>;

    /// Open cases that bar a person or whoever they were merged with, oldest first.
    async fn open_about(&self, person: PersonId) -> Result<Vec<Case>, Fault>;

    /// The same with those that ended: the latest `limit`, newest first.
    async fn all_about(&self, person: PersonId, limit: u32) -> Result<Vec<Case>, Fault>;

    /// At most `limit` of those.
    async fn list(&self, which: Listed, limit: u32) -> Result<Vec<Case>, Fault>;

    /// Ends a case; whether this call did. Two operators end one by a correction
    /// ([`super::corrections::Change::Thaw`]) instead.
    async fn end(&self, id: CaseId, act: &Act) -> Result<bool, Fault>;

    /// Notes that what follows from it was carried out.
    async fn followed(&self, id: CaseId) -> Result<(), Fault>;
}
