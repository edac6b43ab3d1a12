//! Who it was. The audit log has a keyed name for everybody, which leads back to nobody; but whoever it is came to
//! be known at the moment when the log first names them, and of those few one has that name.

use std::time::Duration;

use guichet_domain::{LedgerName, PersonId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::corrections::Change;
use guichet_store::durable::histories::{HistoryQuery, Place};

use super::SupportDesk;

/// How long before the log first named them somebody came to be known: they consent in between, and clocks differ.
const BEFORE: Duration = Duration::from_hours(1);
const AFTER: Duration = Duration::from_mins(5);
/// More than come to be known in that time.
const CANDIDATES: u32 = 500_000;
/// Whoever was parted from somebody by a correction came to be known by that.
const CORRECTIONS: u32 = 10_000;

impl SupportDesk {
    /// The person whom the log names so, or who they turned out to be; `None` where nobody has the name.
    pub(super) async fn whom(&self, name: LedgerName) -> Result<Option<PersonId>, Fault> {
        self.citizens.read_ledger().await?;
        let names = self.ledger.people();
        let has_it = |person: &PersonId| names.of(*person).name() == name;
        let mut found = None;
        if let Some(first) = self.first_named(name).await? {
            let (since, until) = (first.before(BEFORE), first.after(AFTER));
            let candidates = self.traces.known_between(since, until, CANDIDATES).await?;
            found = candidates.into_iter().find(has_it);
        }
        if found.is_none() {
            let corrections = self.corrections.latest(CORRECTIONS).await?;
            let parted = corrections.iter().filter_map(|it| match it.change {
                Change::Split { to, .. } => Some(to),
                _ => None,
            });
            found = parted.into_iter().find(has_it);
        }
        match found {
            Some(person) => self.people.standing(person).await.map(Some),
            None => Ok(None),
        }
    }

    /// When the log first named somebody so.
    async fn first_named(&self, name: LedgerName) -> Result<Option<Timestamp>, Fault> {
        let query = HistoryQuery {
            names: vec![name],
            place: Place::From(0),
            since: Timestamp::from_millis(0),
            until: Timestamp::from_millis(i64::MAX),
            class: None,
            with_steps: true,
            client: None,
            closed: Vec::new(),
            // Not shown to anybody: what a law hides still says when.
            now: Timestamp::from_millis(i64::MAX),
            limit: 1,
        };
        let rows = self.histories.page(&query).await?;
        let first = rows
            .first()
            .and_then(|row| super::step::Entry::parse(&row.entry));
        Ok(first.map(|entry| entry.at))
    }
}
