//! What services say to a citizen in their account, by the name each service knows the citizen by: nothing
//! here says that two of those names are one person.

use async_trait::async_trait;
use guichet_domain::{ClientId, Sealed, SubjectIdentifier, Timestamp};

use crate::Fault;

/// A message of a service to one of its citizens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRecord {
    /// Who says so.
    pub client: ClientId,
    /// To whom, by their name at that service.
    pub subject: SubjectIdentifier,
    /// What the service calls it: 1 to 64 ASCII characters. One said again takes the place of the first.
    pub reference: String,
    /// What is said.
    pub sealed: Sealed,
    /// When it was said, last.
    pub changed: Timestamp,
    /// Shown until then.
    pub expires: Timestamp,
}

/// What services say to citizens, and which of them a citizen does not want to hear.
#[async_trait]
pub trait Messages: Send + Sync {
    /// Keeps a message in place of the one of that reference, if there is one. `false`, and nothing is kept,
    /// where the service has `most` others there that have not expired.
    async fn put(&self, message: &MessageRecord, most: u32) -> Result<bool, Fault>;

    /// Forgets the oldest of what a service said there until fewer than `most` are left; how many went.
    async fn make_room(
        &self,
        client: &ClientId,
        subject: &SubjectIdentifier,
        most: u32,
    ) -> Result<u64, Fault>;

    /// Takes a message back; whether there was one.
    async fn withdraw(
        &self,
        client: &ClientId,
        subject: &SubjectIdentifier,
        reference: &str,
    ) -> Result<bool, Fault>;

    /// What is said to whoever has this name and has not expired, the newest first, at most `limit`.
    async fn of(
        &self,
        subject: &SubjectIdentifier,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<MessageRecord>, Fault>;

    /// What is said to whoever has these names and has not expired, the newest first, at most `limit`; and
    /// which services those names do not want to hear. Two questions, however many names there are.
    async fn of_all(
        &self,
        subjects: &[SubjectIdentifier],
        now: Timestamp,
        limit: u32,
    ) -> Result<(Vec<MessageRecord>, Vec<ClientId>), Fault>;

    /// To whom something was said from `since` on, and when; the latest first, at most `limit`.
    async fn said_since(
        &self,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<(SubjectIdentifier, Timestamp)>, Fault>;

    /// From now on the citizen does not want to hear the service.
    async fn mute(
        &self,
        client: &ClientId,
        subject: &SubjectIdentifier,
        now: Timestamp,
    ) -> Result<(), Fault>;

    /// They want to hear it again.
    async fn unmute(&self, client: &ClientId, subject: &SubjectIdentifier) -> Result<(), Fault>;

    /// Forgets what has expired; how many.
    async fn forget_expired(&self, now: Timestamp) -> Result<u64, Fault>;
}
