//! On which day a secret or a key of a client was used last.

use std::collections::HashMap;
use std::mem::take;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use guichet_domain::{ClientId, Timestamp};

use crate::Fault;

/// One secret or key, used on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialUse {
    /// Whose.
    pub client: ClientId,
    /// The secret's name among the client's, or the key's `kid`.
    pub credential: String,
    /// The beginning of the day, in UTC.
    pub day: Timestamp,
}

impl CredentialUse {
    /// The day of `now`, from its beginning.
    pub fn day_of(now: Timestamp) -> Timestamp {
        const DAY: i64 = 86_400;
        Timestamp::from_seconds(now.seconds().div_euclid(DAY) * DAY)
    }
}

/// Which credentials of clients are still in use.
#[async_trait]
pub trait CredentialUses: Send + Sync {
    /// Notes a use; an earlier day than the one known changes nothing.
    async fn note_use(&self, one: &CredentialUse) -> Result<(), Fault>;

    /// The last use of each credential of a client, by name.
    async fn uses(&self, client: &ClientId) -> Result<Vec<CredentialUse>, Fault>;

    /// Notes that those who look after a client are told at `now` that another credential is due; whether
    /// they were not since `since`. Of any number of callers, one gets `true`.
    async fn remind(
        &self,
        client: &ClientId,
        now: Timestamp,
        since: Timestamp,
    ) -> Result<bool, Fault>;
}

/// What was used since it was last written down: off the path of requests, a day each, and each once.
#[derive(Default)]
pub(super) struct UseNotes(Mutex<Notes>);

#[derive(Default)]
struct Notes {
    /// The day that is known of each, written down or not.
    known: HashMap<ClientId, HashMap<String, Timestamp>>,
    unwritten: Vec<CredentialUse>,
}

impl UseNotes {
    /// Notes a use, unless it was noted this day already.
    pub(super) fn note(&self, client: &ClientId, credential: &str, now: Timestamp) {
        let day = CredentialUse::day_of(now);
        let mut notes = self.notes();
        let known = notes.known.get(client).and_then(|it| it.get(credential));
        if known == Some(&day) {
            return;
        }
        let of_client = notes.known.entry(client.clone()).or_default();
        if of_client.len() > MOST_OF_A_CLIENT {
            of_client.clear();
        }
        of_client.insert(credential.to_owned(), day);
        notes.unwritten.push(CredentialUse {
            client: client.clone(),
            credential: credential.to_owned(),
            day,
        });
    }

    /// Writes down what is not yet. What cannot be written is kept for the next time: a use is noted once a day.
    pub(super) async fn write(&self, uses: &dyn CredentialUses) -> Result<(), Fault> {
        let mut unwritten = take(&mut self.notes().unwritten).into_iter();
        while let Some(one) = unwritten.next() {
            if let Err(fault) = uses.note_use(&one).await {
                self.notes()
                    .unwritten
                    .extend(std::iter::once(one).chain(unwritten));
                return Err(fault);
            }
        }
        Ok(())
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A client that has more than so many keys starts being noted anew.
const MOST_OF_A_CLIENT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes nothing as often as it says, and everything after that.
    #[derive(Default)]
    struct Written {
        faults: Mutex<usize>,
        uses: Mutex<Vec<CredentialUse>>,
    }

    #[async_trait]
    impl CredentialUses for Written {
        async fn note_use(&self, one: &CredentialUse) -> Result<(), Fault> {
            let mut faults = self.faults.lock().unwrap();
            if *faults > 0 {
                *faults -= 1;
                return Err(Fault::bare("no database"));
            }
            self.uses.lock().unwrap().push(one.clone());
            Ok(())
        }

        async fn uses(&self, _client: &ClientId) -> Result<Vec<CredentialUse>, Fault> {
            Ok(self.uses.lock().unwrap().clone())
        }

        async fn remind(
            &self,
            _client: &ClientId,
            _now: Timestamp,
            _since: Timestamp,
        ) -> Result<bool, Fault> {
            Ok(false)
        }
    }

    async fn written(notes: &UseNotes) -> Vec<CredentialUse> {
        let all = Written::default();
        notes.write(&all).await.unwrap();
        all.uses.into_inner().unwrap()
    }

    #[tokio::test]
    async fn what_could_not_be_written_is_written_the_next_time() {
        let notes = UseNotes::default();
        let client: ClientId = "a".parse().unwrap();
        for credential in ["one", "two", "three"] {
            notes.note(&client, credential, Timestamp::from_seconds(4_000));
        }
        let away = Written {
            faults: Mutex::new(1),
            ..Written::default()
        };
        assert!(notes.write(&away).await.is_err());
        assert_eq!(written(&notes).await.len(), 3);
        assert!(written(&notes).await.is_empty());
    }

    #[tokio::test]
    async fn a_credential_is_noted_once_a_day() {
        let notes = UseNotes::default();
        let client: ClientId = "a".parse().unwrap();
        let day = |number: i64| Timestamp::from_seconds(number * 86_400 + 4_000);
        notes.note(&client, "declared", day(1));
        notes.note(&client, "declared", day(1));
        notes.note(&client, "other", day(1));
        assert_eq!(written(&notes).await.len(), 2);
        notes.note(&client, "declared", day(1));
        assert!(written(&notes).await.is_empty());
        notes.note(&client, "declared", day(2));
        let next = written(&notes).await;
        assert_eq!(next[0].day, Timestamp::from_seconds(2 * 86_400));
    }
}
