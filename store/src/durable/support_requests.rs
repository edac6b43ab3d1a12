//! What the support asks a citizen to let it see of one login, and their answer.

use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::{PersonId, Sealed, SupportRequestId, Timestamp};

use super::words::words;
use crate::Fault;

/// How long what a citizen agreed to is seen.
pub const AGREED_FOR: Duration = Duration::from_hours(1);

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
