//! Where histories come from: the ledger read on, and whose names a citizen has in it.
//!
//! A history follows the person. Whoever turned out to be somebody has theirs, too; and what was written
//! while two persons went by one name is in neither's, since nobody can tell whose it is.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::{Clock, LedgerName, PersonId, Timestamp};
use guichet_keys::HistoryKey;
use guichet_ledger::{Ledger, Projection};
use guichet_store::Fault;
use guichet_store::durable::corrections::{Change, Correction};
use guichet_store::durable::histories::{HistoryEntry, HistoryQuery, HistoryRow, Span};
use guichet_store::durable::{Corrections, EntryRecord, Histories, People};

use super::entry;

/// What histories are read from. Cheap to clone.
#[derive(Clone)]
pub struct HistoryBook {
    /// What the ledger says of each citizen, as far as it was read.
    pub histories: Arc<dyn Histories>,
    /// Who is who.
    pub people: Arc<dyn People>,
    /// Who turned out to be whom, and when.
    pub corrections: Arc<dyn Corrections>,
    /// The ledger.
    pub ledger: Ledger,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// How long operators can still undo that two persons are one.
    pub undo_window: Duration,
}

/// A citizen as the ledger knows them.
pub(crate) struct Subject {
    /// What leads to all of theirs: one key for each person that they are.
    pub(crate) keys: Vec<HistoryKey>,
    /// The names that come of the keys.
    pub(crate) names: Vec<LedgerName>,
    /// The times in which they went by one name with somebody else.
    pub(crate) closed: Vec<Span>,
    /// Until when it may turn out that they are not one person after all.
    pub(crate) unsettled: Option<Timestamp>,
}

impl HistoryBook {
    /// Takes in what the ledger has gained since this was last done, by whichever node, and gives what is
    /// about exchanges to whoever decided.
    pub async fn read_ledger(&self) -> Result<(), Fault> {
        let named = Named(&*self.histories);
        self.ledger.history().take_into(&named).await?;
        loop {
            let decided = self.histories.decided(PAGE).await?;
            for (exchange, person) in &decided {
                let name = self.ledger.people().of(*person).name();
                self.histories.give(*exchange, name).await?;
            }
            if decided.len() < PAGE as usize {
                return Ok(());
            }
        }
    }

    /// Forgets what is about exchanges that nobody decided about.
    pub async fn forget_undecided(&self) -> Result<(), Fault> {
        let before = self.clock.now().before(UNDECIDED_FOR);
        let forgotten = self.histories.forget_undecided(before);
        forgotten.await.map(drop)
    }

    /// The citizen as the ledger knows them.
    pub(crate) async fn subject(&self, person: PersonId) -> Result<Subject, Fault> {
        let file = self.people.file(person).await?;
        let persons = match file {
            Some(file) => file.persons().into_iter().collect(),
            None => vec![person],
        };
        let mut corrections = Vec::new();
        for person in &persons {
            corrections.extend(self.corrections.about(*person).await?);
        }
        let of = |person: &PersonId| self.ledger.people().of(*person);
        let keys: Vec<HistoryKey> = persons.iter().map(of).collect();
        Ok(Subject {
            names: keys.iter().map(HistoryKey::name).collect(),
            closed: closed(&corrections, &persons),
            unsettled: unsettled(&corrections, &persons, self.undo_window)
                .filter(|until| self.clock.now() < *until),
            keys,
        })
    }

    /// What is found of a citizen, with what the ledger says by now.
    pub(crate) async fn page(&self, query: &HistoryQuery) -> Result<Vec<HistoryRow>, Fault> {
        self.histories.page(query).await
    }
}

/// What the ledger says of citizens.
struct Named<'a>(&'a dyn Histories);

#[async_trait]
impl Projection for Named<'_> {
    type Said = HistoryEntry;

    fn said(&self, entry: &EntryRecord) -> Option<HistoryEntry> {
        entry::said(entry)
    }

    async fn read_to(&self) -> Result<u64, Fault> {
        self.0.read_to().await
    }

    async fn read_on(&self, from: u64, to: u64, said: &[HistoryEntry]) -> Result<bool, Fault> {
        self.0.read_on(from, to, said).await
    }
}

/// How many exchanges are given at once.
const PAGE: u32 = 1000;
/// A decision is made while a sign-in lasts, which is minutes.
const UNDECIDED_FOR: Duration = Duration::from_hours(24);

/// Until when a merge that made one of `persons` can be undone.
fn unsettled(
    corrections: &[Correction],
    persons: &[PersonId],
    window: Duration,
) -> Option<Timestamp> {
    let is_one = |change: &Change| match change {
        Change::Merge { kept, absorbed } => persons.contains(kept) && persons.contains(absorbed),
        _ => false,
    };
    let merges = corrections
        .iter()
        .filter(|it| it.undone.is_none() && is_one(&it.change));
    let confirmed = merges.filter_map(|it| it.confirmed.as_ref());
    confirmed.map(|act| act.at.after(window)).max()
}

/// The times in which one of `persons` went by one name with somebody who is none of them.
fn closed(corrections: &[Correction], persons: &[PersonId]) -> Vec<Span> {
    let long_ago = Timestamp::from_millis(0);
    let is_one = |person: PersonId| persons.contains(&person);
    let span = |since, until| Some(Span { since, until });
    let merged_at = |kept, absorbed, before: Timestamp| {
        let merges = corrections.iter().rev();
        let mut merges = merges.filter(|it| it.change == Change::Merge { kept, absorbed });
        merges.find_map(|it| {
            it.confirmed
                .as_ref()
                .map(|act| act.at)
                .filter(|at| *at <= before)
        })
    };
    let of = |correction: &Correction| {
        let confirmed = correction.confirmed.as_ref()?.at;
        let undone = correction.undone.as_ref().map(|act| act.at);
        match (correction.change, undone) {
            // Two until it was undone.
            (Change::Merge { kept, absorbed }, Some(undone)) => {
                (is_one(kept) != is_one(absorbed)).then_some(())?;
                span(confirmed, undone)
            }
            // One since they were made one.
            (Change::Part { kept, absorbed }, None) => {
                (is_one(kept) != is_one(absorbed)).then_some(())?;
                span(
                    merged_at(kept, absorbed, confirmed).unwrap_or(long_ago),
                    confirmed,
                )
            }
            // One from the beginning.
            (Change::Split { from, to, .. }, None) => {
                (is_one(from) != is_one(to)).then_some(())?;
                span(long_ago, confirmed)
            }
            _ => None,
        }
    };
    corrections.iter().filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use guichet_domain::CorrectionId;
    use guichet_store::durable::corrections::Act;

    use super::*;

    const ONE: PersonId = PersonId::from_bytes([1; 16]);
    const OTHER: PersonId = PersonId::from_bytes([2; 16]);
    const MERGE: Change = Change::Merge {
        kept: ONE,
        absorbed: OTHER,
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn correction(change: Change, confirmed: i64, undone: Option<i64>) -> Correction {
        let act = |seconds| Act {
            by: "alix".to_owned(),
            at: at(seconds),
        };
        Correction {
            id: CorrectionId::from_bytes([3; 16]),
            change,
            reason: String::new(),
            proposed: act(0),
            confirmed: Some(act(confirmed)),
            undone: undone.map(act),
        }
    }

    fn span(since: i64, until: i64) -> Span {
        Span {
            since: at(since),
            until: at(until),
        }
    }

    #[test]
    fn a_merge_is_settled_once_it_cannot_be_undone() {
        let window = Duration::from_secs(100);
        let both = [ONE, OTHER];
        let merged = [correction(MERGE, 10, None)];
        assert_eq!(unsettled(&merged, &both, window), Some(at(110)));
        let undone = [correction(MERGE, 10, Some(20))];
        assert_eq!(unsettled(&undone, &both, window), None);
        assert_eq!(unsettled(&merged, &[ONE], window), None);
    }

    #[test]
    fn what_was_written_while_two_went_by_one_name_is_in_neithers_history() {
        let split = Change::Split {
            from: ONE,
            to: OTHER,
            index: [0; 32],
        };
        let part = Change::Part {
            kept: ONE,
            absorbed: OTHER,
        };
        for alone in [[ONE], [OTHER]] {
            let undone = [correction(MERGE, 10, Some(20))];
            assert_eq!(closed(&undone, &alone), [span(10, 20)]);
            let parted = [correction(MERGE, 10, None), correction(part, 30, None)];
            assert_eq!(closed(&parted, &alone), [span(10, 30)]);
            let unknown_since = [correction(part, 30, None)];
            assert_eq!(closed(&unknown_since, &alone), [span(0, 30)]);
            let two = [correction(split, 40, None)];
            assert_eq!(closed(&two, &alone), [span(0, 40)]);
        }
    }

    #[test]
    fn whoever_is_one_person_has_all_of_it() {
        let together = [ONE, OTHER];
        let again = [correction(MERGE, 10, Some(20)), correction(MERGE, 30, None)];
        assert_eq!(closed(&again, &together), []);
        assert_eq!(closed(&[correction(MERGE, 10, None)], &together), []);
    }
}
