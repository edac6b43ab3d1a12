//! A statement held against a whole ledger, by whoever has one: an auditor, the data-protection authority, a
//! witness. With the citizen's keys, which are in the statement, every entry about them is found, and nobody
//! else's.
//!
//! Nothing that the file says of itself is believed: the hub must have signed it, the ledger must have the entry
//! that says the same, a time that is left out must be one that a correction on record ended, and what was
//! there when the statement was made must be in it.

use std::collections::BTreeSet;
use std::io::{self, BufRead};
use std::time::Duration;

use guichet_domain::{EventKind, ExchangeId, LedgerName, Timestamp};
use guichet_exchange::{Proven, ReceiptKeys};
use guichet_keys::HistoryKey;
use guichet_ledger::History;

use super::super::entry::Entry;
use super::verify::{Problem, head_of, signature};

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recount {
    /// How many entries of the ledger were read: those before the one that says how many there are.
    pub read: u64,
    /// How many of them are about the citizen.
    pub theirs: u64,
    /// Why its first line is not to be believed, if it is not.
    pub problem: Option<Problem>,
    /// Those that the statement leaves out, up to a hundred.
    pub left_out: Vec<u64>,
    /// Those that the statement has and that are not theirs, up to a hundred.
    pub slipped_in: Vec<u64>,
    /// Those that came to the ledger while the statement was made, up to a hundred: the next one has them.
    pub just_after: Vec<u64>,
    /// Times that the statement leaves out.
    pub closed: Vec<Closed>,
}

/// A time that a statement leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// From then on.
    pub since: Timestamp,
    /// Until then.
    pub until: Timestamp,
    /// Whether a correction on record explains it: then nobody can say whose its entries are.
    pub is_explained: bool,
    /// How many entries of theirs are of that time.
    pub entries: u64,
}

impl Recount {
    /// Whether the statement has all of it and nothing else.
    pub fn agrees(&self) -> bool {
        self.problem.is_none()
            && self.left_out.is_empty()
            && self.slipped_in.is_empty()
            && self.closed.iter().all(|closed| closed.is_explained)
    }
}

/// Reads the ledger up to the entry in which the hub said how many there are. `None` when it is no statement.
pub async fn recount(
    statement: impl BufRead,
    keys: &ReceiptKeys,
    history: &History,
) -> Result<Option<Recount>, RecountError> {
    let mut lines = statement.lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    let Some(head) = head_of(&first) else {
        return Ok(None);
    };
    let mut stated = BTreeSet::new();
    for line in lines {
        if let Ok(proven) = serde_json::from_str::<Proven>(&line?) {
            stated.insert(proven.index);
        }
    }
    let mut theirs = Theirs::of(head.history_keys());
    let said = history.read(head.stated.index, 1).await?.into_iter().next();
    let said = said.and_then(|record| Entry::parse(&record.entry));
    let said = said.filter(|entry| head.is_stated_by(entry, &theirs.names));
    let mut recount = Recount {
        problem: match (signature(&first, keys), &said) {
            (Err(problem), _) => Some(problem),
            (Ok(()), None) => Some(Problem::NotStated),
            (Ok(()), Some(_)) => None,
        },
        ..Recount::default()
    };
    // What was there so long before it was counted was not overlooked.
    let lately = said.map(|entry| entry.at.before(MAKING));
    // Once for what is decided and corrected, and once more for what came before that.
    for pass in 0..2 {
        let mut next = 0;
        while next < head.stated.index {
            let page = history.read(next, PAGE).await?;
            let Some(last) = page.last() else { break };
            next = last.sequence + 1;
            for record in page.iter().filter(|it| it.sequence < head.stated.index) {
                let Some(entry) = Entry::parse(&record.entry) else {
                    continue;
                };
                if pass == 0 {
                    theirs.learn(&entry);
                    recount.read += 1;
                    continue;
                }
                let is_stated = stated.remove(&record.sequence);
                let is_late = record.sequence >= head.says.before
                    && lately.is_some_and(|lately| entry.at >= lately);
                recount.note(record.sequence, &entry, &theirs, is_stated, is_late);
            }
        }
        if pass == 0 {
            recount.closed = theirs.closed(&head.says.spans());
        }
    }
    // Places that the ledger did not have then.
    recount.slipped_in.extend(stated.into_iter().take(MOST));
    Ok(Some(recount))
}

const PAGE: u32 = 1000;
/// How long a statement may take to be counted.
const MAKING: Duration = Duration::from_mins(1);

/// Why there was nothing to compare.
#[derive(Debug, thiserror::Error)]
pub enum RecountError {
    /// The statement could not be read.
    #[error("reading the statement: {0}")]
    Statement(#[from] io::Error),
    /// The ledger could not be read.
    #[error(transparent)]
    Ledger(#[from] guichet_store::Fault),
}

/// What tells the citizen's entries from others.
#[derive(Default)]
struct Theirs {
    keys: Vec<HistoryKey>,
    names: Vec<LedgerName>,
    decided: BTreeSet<ExchangeId>,
    /// When operators corrected who they are.
    corrected: Vec<Timestamp>,
}

impl Theirs {
    fn of(keys: Vec<HistoryKey>) -> Self {
        Self {
            names: keys.iter().map(HistoryKey::name).collect(),
            keys,
            ..Self::default()
        }
    }

    fn learn(&mut self, entry: &Entry) {
        match entry.kind() {
            Some(EventKind::EvidenceDecided) => {
                if let Some(exchange) = entry.exchange()
                    && self
                        .keys
                        .iter()
                        .any(|key| key.marked(exchange, entry.detail("mark")))
                {
                    self.decided.insert(exchange);
                }
            }
            Some(EventKind::CorrectionConfirmed | EventKind::CorrectionUndone) => {
                let other = entry.detail("other").parse().ok();
                let both = [entry.person, other].into_iter().flatten();
                if both.into_iter().any(|name| self.names.contains(&name)) {
                    self.corrected.push(entry.at);
                }
            }
            _ => {}
        }
    }

    fn has(&self, entry: &Entry) -> bool {
        match (entry.person, entry.exchange()) {
            (Some(name), _) => self.names.contains(&name),
            (None, Some(exchange)) => self.decided.contains(&exchange),
            (None, None) => false,
        }
    }

    /// The times that are left out, and whether corrections began and ended them.
    fn closed(&self, spans: &[(Timestamp, Timestamp)]) -> Vec<Closed> {
        let beginning = Timestamp::from_millis(0);
        let is_on_record = |at: Timestamp| {
            let mut all = self.corrected.iter();
            all.any(|known| known.since(at).max(at.since(*known)) <= APART)
        };
        let closed = |(since, until): &(Timestamp, Timestamp)| Closed {
            since: *since,
            until: *until,
            is_explained: is_on_record(*until) && (*since == beginning || is_on_record(*since)),
            entries: 0,
        };
        spans.iter().map(closed).collect()
    }
}

/// A correction is on record a moment before it is made.
const APART: Duration = Duration::from_secs(30);

impl Recount {
    fn note(
        &mut self,
        sequence: u64,
        entry: &Entry,
        theirs: &Theirs,
        is_stated: bool,
        is_late: bool,
    ) {
        let is_theirs = theirs.has(entry);
        let mut spans = self.closed.iter_mut().filter(|_| is_theirs);
        let span = spans.find(|it| (it.since..it.until).contains(&entry.at));
        let is_explained = span.is_some_and(|span| {
            span.entries += 1;
            span.is_explained
        });
        let is_theirs = is_theirs && !is_explained;
        self.theirs += u64::from(is_theirs);
        let found = match (is_theirs, is_stated) {
            (true, false) if is_late => &mut self.just_after,
            (true, false) => &mut self.left_out,
            (false, true) => &mut self.slipped_in,
            _ => return,
        };
        if found.len() < MOST {
            found.push(sequence);
        }
    }
}

const MOST: usize = 100;
