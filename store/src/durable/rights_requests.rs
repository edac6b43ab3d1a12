//! What citizens ask by right: to put something right or erase it, to be left out, to have it looked into.
//! What they say and what they are answered rests sealed, and is forgotten some time after the answer.

use async_trait::async_trait;
use guichet_domain::{PersonId, RightsRequestId, Sealed, Timestamp};

use crate::Fault;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RightsRequest {
    /// Which.
    pub id: RightsRequestId,
    /// Whose.
    pub person: PersonId,
    /// Which right.
    pub kind: RightKind,
    /// Whom it is for, in the account's words: 1 to 160 characters.
    pub addressee: String,
    /// What they say.
    pub sealed: Sealed,
    /// When it was made.
    pub made: Timestamp,
    /// When an answer is due.
    pub due: Timestamp,
    /// The last answer.
    pub answer: Option<RightsAnswer>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RightsAnswer {
    /// What came of it.
    pub outcome: RightsOutcome,
    /// What is said about it.
    pub sealed: Sealed,
    /// Who answered.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RightKind {
    /// To have put right what is wrong (Regulation (EU) 2016/679, article 16).
    Rectification,
    /// To have erased what is not needed any more (article 17).
    Erasure,
    /// To object to a processing (article 21).
    Objection,
    /// To complain to the data-protection authority (article 77).
    Complaint,
}

impl RightKind {
    /// Every one.
    pub const ALL: [Self; 4] = [
        Self::Rectification,
        Self::Erasure,
        Self::Objection,
        Self::Complaint,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rectification => "rectification",
            Self::Erasure => "erasure",
            Self::Objection => "objection",
            Self::Complaint => "complaint",
        }
    }

    /// The one of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What comes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RightsOutcome {
    /// It lies with whom it is for.
    PassedOn,
    /// It was done.
    Done,
    /// It was refused, and why is said.
    Refused,
    /// The citizen took it back.
    Withdrawn,
}

impl RightsOutcome {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::PassedOn, Self::Done, Self::Refused, Self::Withdrawn];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PassedOn => "passed_on",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The one of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// Whether nothing comes after it.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::PassedOn)
    }
}

/// Requests of citizens.
#[async_trait]
pub trait RightsRequests: Send + Sync {
    /// Keeps a request; one with a known identifier is left as it is. `false`, and nothing is kept, where the
    /// person has `most` that are not settled.
    async fn ask(&self, request: &RightsRequest, most: u32) -> Result<bool, Fault>;

    /// Notes an answer; whether it counts: what is settled stays as it is.
    async fn answer(&self, id: RightsRequestId, answer: &RightsAnswer) -> Result<bool, Fault>;

    /// One request.
    async fn request(&self, id: RightsRequestId) -> Result<Option<RightsRequest>, Fault>;

    /// Everything a person asked, the newest first: also what everybody did who turned out to be them.
    async fn of_person(&self, person: PersonId) -> Result<Vec<RightsRequest>, Fault>;

    /// Those that are not settled, by when they are due.
    async fn unsettled(&self, limit: u32) -> Result<Vec<RightsRequest>, Fault>;

    /// Forgets what was settled before `time`; how many.
    async fn forget_settled(&self, time: Timestamp) -> Result<u64, Fault>;
}
