//! For the support: what the ledger says of a login, found by what a citizen reads out; and what the support asks
//! a citizen to let it see, with their answer.

use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::{PersonId, Sealed, SupportRequestId, Timestamp};

use super::words::words;
use crate::Fault;

/// How long what a citizen agreed to is seen.
pub const AGREED_FOR: Duration = Duration::from_hours(1);

/// Where in the ledger something leads that is read out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceMark {
    /// The identification code of a visit, or the reference of an error page.
    pub handle: String,
    /// The login, as the ledger writes it; empty where it is none.
    pub login: String,
    /// The place of its first entry under this handle.
    pub first: u64,
    /// The place of the last; what lies between is of others as well.
    pub last: u64,
}

/// Somebody who came to be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Who.
    pub person: PersonId,
    /// When.
    pub at: Timestamp,
    /// The row that says so: where a list goes on after it.
    pub row: [u8; 32],
}

/// What the ledger says of a login, found by what is read out. Nothing here is more than the ledger says.
#[async_trait]
pub trait Traces: Send + Sync {
    /// Up to where the ledger was read.
    async fn read_to(&self) -> Result<u64, Fault>;

    /// Keeps what the entries of the ledger from `from` to before `to` say, in one step; whether this call did.
    /// Another node may have read beyond `from` already. What is known of a login goes on to its new last entry;
    /// no two of `marks` are of one handle and login.
    async fn read_on(&self, from: u64, to: u64, marks: &[TraceMark]) -> Result<bool, Fault>;

    /// Where `handle` leads, the latest first, at most `limit`.
    async fn found(&self, handle: &str, limit: u32) -> Result<Vec<TraceMark>, Fault>;

    /// Who came to be known from `since` to before `until`, in order, after `after` where there is one, at most
    /// `limit`.
    async fn known_between(
        &self,
        (since, until): (Timestamp, Timestamp),
        after: Option<&Known>,
        limit: u32,
    ) -> Result<Vec<Known>, Fault>;

    /// Forgets logins that began before the entry at `before`, at most so many at once; how many rows went.
    async fn forget_traces(&self, before: u64) -> Result<u64, Fault>;
}

/// What the support asks of a citizen: to see what is hidden of one login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportRequest {
    /// Which.
    pub id: SupportRequestId,
    /// Of whom.
    pub person: PersonId,
    /// What was read out.
    pub handle: String,
    /// Who asks: whoever else it is shown to, the answer is to them alone.
    pub by: String,
    /// Why.
    pub sealed: Sealed,
    /// When.
    pub asked: Timestamp,
    /// Until when it can be answered.
    pub expires: Timestamp,
    /// The answer.
    pub answer: Option<SupportAnswer>,
}

/// An answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupportAnswer {
    /// What was answered.
    pub word: SupportWord,
    /// When.
    pub at: Timestamp,
    /// Until when it holds, where they agreed.
    pub until: Timestamp,
}

words! {
    /// What a citizen answers.
    SupportWord {
        /// Yes, for a while.
        Agreed = "agreed",
        /// No.
        Refused = "refused",
        /// No more.
        Withdrawn = "withdrawn",
    }
}

impl SupportRequest {
    /// Whether what it asks may be seen at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        let answer = self.answer.as_ref();
        answer.is_some_and(|answer| answer.word == SupportWord::Agreed && now < answer.until)
    }

    /// Whether it can be answered at `now`.
    pub fn waits(&self, now: Timestamp) -> bool {
        self.answer.is_none() && now < self.expires
    }
}

/// What the support asks citizens.
#[async_trait]
pub trait SupportRequests: Send + Sync {
    /// Keeps a request; one with a known identifier is left as it is. `false`, and nothing is kept, where `most`
    /// wait for the person already.
    async fn ask(&self, request: &SupportRequest, most: u32) -> Result<bool, Fault>;

    /// Notes an answer; whether it counts. Yes and no count once, before the request expires; taking back counts
    /// once, after yes.
    async fn answer(&self, id: SupportRequestId, answer: &SupportAnswer) -> Result<bool, Fault>;

    /// One request.
    async fn support_request(&self, id: SupportRequestId) -> Result<Option<SupportRequest>, Fault>;

    /// The latest of a person, at most `limit`, newest first: also of everybody who turned out to be them.
    async fn asked_of(&self, person: PersonId, limit: u32) -> Result<Vec<SupportRequest>, Fault>;

    /// The latest that `by` asked about what was read out, newest first.
    async fn asked_about(
        &self,
        handle: &str,
        by: &str,
        limit: u32,
    ) -> Result<Vec<SupportRequest>, Fault>;

    /// Forgets requests that could not be answered any more from `before` on, and that are open to nobody; how
    /// many.
    async fn forget_requests(&self, before: Timestamp) -> Result<u64, Fault>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_agreed_to_is_over_at_its_time_and_once_it_is_taken_back() {
        let at = Timestamp::from_seconds;
        let answered = |word| SupportRequest {
            id: SupportRequestId::from_bytes([1; 16]),
            person: PersonId::from_bytes([2; 16]),
            handle: String::new(),
            by: String::new(),
            sealed: Sealed::from_bytes(Vec::new()),
            asked: at(0),
            expires: at(10),
            answer: Some(SupportAnswer {
                word,
                at: at(5),
                until: at(20),
            }),
        };
        assert!(answered(SupportWord::Agreed).is_open(at(19)));
        assert!(!answered(SupportWord::Agreed).is_open(at(20)));
        assert!(!answered(SupportWord::Withdrawn).is_open(at(6)));
        assert!(!answered(SupportWord::Refused).is_open(at(6)));
        let waiting = SupportRequest {
            answer: None,
            ..answered(SupportWord::Agreed)
        };
        assert!(waiting.waits(at(9)) && !waiting.waits(at(10)));
        assert!(!waiting.is_open(at(9)));
    }
}
