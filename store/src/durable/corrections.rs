//! Corrections: two persons who are one, one who is two, or one who may act again, put right by two
//! operators.
//!
//! One proposes, another confirms; the confirmation and what it changes are one transaction. A merge is
//! a link from the person taken in to the person kept, so that undoing it leaves both as they were.

use async_trait::async_trait;
use guichet_domain::{CaseId, CorrectionId, PersonId, Timestamp};

use crate::Fault;

/// A correction, from its proposal on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// Which.
    pub id: CorrectionId,
    /// What changes.
    pub change: Change,
    /// Why, in the words of who proposed it: a ticket's number, never personal data.
    pub reason: String,
    /// Who proposed it, and when.
    pub proposed: Act,
    /// Who confirmed it, and when.
    pub confirmed: Option<Act>,
    /// Who undid it, or withdrew it before it was confirmed, and when.
    pub undone: Option<Act>,
}

/// What a correction changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Two persons are one.
    Merge {
        /// Who stays.
        kept: PersonId,
        /// Who is taken in.
        absorbed: PersonId,
    },
    /// A row that led to `from` leads to somebody of their own from now on.
    Split {
        /// Who stays.
        from: PersonId,
        /// Who goes: nobody yet.
        to: PersonId,
        /// The row.
        index: [u8; 32],
    },
    /// Who was taken in stands alone again.
    Part {
        /// Who stays.
        kept: PersonId,
        /// Who goes, with all that was theirs.
        absorbed: PersonId,
    },
    /// A case about a person is over: what begins from then on may go on as them.
    Thaw {
        /// Who.
        person: PersonId,
        /// The case.
        case: CaseId,
    },
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// The operator's name.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// What became of a confirmation or an undoing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// It is done.
    Done,
    /// There is no such correction in that state (any more): unknown, confirmed, undone, too late, or
    /// proposed by the same operator.
    Refused,
    /// What it would change is not as it was when it was proposed; nothing was changed.
    Overtaken,
}

/// Corrections of who is who, and of who may act.
#[async_trait]
pub trait Corrections: Send + Sync {
    /// Keeps a proposal; one with a known identifier is left as it is. Whether it was new.
    async fn propose(&self, correction: &Correction) -> Result<bool, Fault>;

    /// One correction.
    async fn correction(&self, id: CorrectionId) -> Result<Option<Correction>, Fault>;

    /// The latest corrections, at most `limit`, newest first.
    async fn latest(&self, limit: u32) -> Result<Vec<Correction>, Fault>;

    /// Every correction about a person that was confirmed, whether it was undone since or not, oldest first.
    async fn about(&self, person: PersonId) -> Result<Vec<Correction>, Fault>;

    /// Whether a correction about a person was confirmed or undone at `since` or later: who signed in
    /// before may be somebody else now.
    async fn touched(&self, person: PersonId, since: Timestamp) -> Result<bool, Fault>;

    /// Carries out a proposal, if somebody else than `act.by` made it. Of several callers one does.
    async fn confirm(&self, id: CorrectionId, act: &Act) -> Result<Settled, Fault>;

    /// Takes back what was confirmed at `not_before` or later, or a proposal that was never confirmed.
    /// Of several callers one does.
    async fn undo(
        &self,
        id: CorrectionId,
        act: &Act,
        not_before: Timestamp,
    ) -> Result<Settled, Fault>;
}
