//! Who it was. The audit log has a keyed name for everybody, which leads back to nobody; but whoever it is came to
//! be known before the log first named them, as a rule a moment before, and of those few one has that name. Where a
//! node died in that moment, or they were turned away and came back later, it was longer ago: then further back is
//! looked, in the end everywhere.

use std::time::Duration;

use guichet_domain::{LedgerName, PersonId, Timestamp};
use guichet_ledger::Ledger;
use guichet_store::Fault;
use guichet_store::durable::Traces;
use guichet_store::durable::corrections::Change;
use guichet_store::durable::histories::{HistoryQuery, Place};
use guichet_store::durable::traces::Known;

use super::SupportDesk;

/// How long before the log first named them somebody came to be known: they consent in between, and whoever was
/// turned away came back later.
const BEFORE: [Duration; 3] = [
    Duration::from_hours(1),
    Duration::from_hours(24),
    Duration::from_hours(24 * 30),
];
/// The clocks of nodes differ.
const AFTER: Duration = Duration::from_mins(5);
/// As many as are looked at together.
const PAGE: u32 = 20_000;
/// Whoever was parted from somebody by a correction came to be known by that.
const CORRECTIONS: u32 = 10_000;

impl SupportDesk {
    /// The person whom the log names so, or who they turned out to be; `None` where nobody has the name.
    pub(super) async fn whom(&self, name: LedgerName) -> Result<Option<PersonId>, Fault> {
        self.citizens.read_ledger().await?;
        let first = self.first_named(name).await?;
        let books = (&*self.traces, &self.ledger);
        // Few were parted from anybody, and everybody is looked at where nobody has the name.
        let mut found = self.parted_as(name).await?;
        if let (None, Some(first)) = (found, first) {
            found = known_by(name, first, books).await?;
        }
        match found {
            Some(person) => self.people.standing(person).await.map(Some),
            None => Ok(None),
        }
    }

    /// Whoever was parted from somebody and has that name.
    async fn parted_as(&self, name: LedgerName) -> Result<Option<PersonId>, Fault> {
        let names = self.ledger.people();
        let corrections = self.corrections.latest(CORRECTIONS).await?;
        let parted = corrections.iter().filter_map(|it| match it.change {
            Change::Split { to, .. } => Some(to),
            _ => None,
        });
        let mut parted = parted.into_iter();
        Ok(parted.find(|person| names.of(*person).name() == name))
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

/// Whoever has that name, which the log has since `first`: the likelier time first.
pub(super) async fn known_by(
    name: LedgerName,
    first: Timestamp,
    books: (&dyn Traces, &Ledger),
) -> Result<Option<PersonId>, Fault> {
    let mut until = first.after(AFTER);
    let since = BEFORE.map(|before| first.before(before));
    for since in since.into_iter().chain([Timestamp::from_millis(0)]) {
        let found = known_as(name, (since, until), books).await?;
        if found.is_some() {
            return Ok(found);
        }
        until = since;
    }
    Ok(None)
}

/// Whoever came to be known in that time and has that name: page by page, off the threads that answer others.
async fn known_as(
    name: LedgerName,
    span: (Timestamp, Timestamp),
    (traces, ledger): (&dyn Traces, &Ledger),
) -> Result<Option<PersonId>, Fault> {
    let mut after: Option<Known> = None;
    loop {
        let page = traces.known_between(span, after.as_ref(), PAGE).await?;
        let is_last = page.len() < PAGE as usize;
        after = page.last().cloned();
        let ledger = ledger.clone();
        let found = tokio::task::spawn_blocking(move || {
            let names = ledger.people();
            let mut page = page.into_iter();
            page.find(|known| names.of(known.person).name() == name)
        });
        let found = found.await;
        let found = found.map_err(|error| Fault::new("looking for a name", error))?;
        if found.is_some() || is_last {
            return Ok(found.map(|known| known.person));
        }
    }
}
