//! A statement held against a whole ledger, by whoever has one: an auditor, the data-protection authority, a
//! witness. With the citizen's keys, which are in the statement, every entry about them is found, and nobody
//! else's.

use std::collections::BTreeSet;
use std::io::{self, BufRead};

use guichet_domain::{EventKind, ExchangeId, LedgerName, Timestamp};
use guichet_exchange::Proven;
use guichet_keys::HistoryKey;
use guichet_ledger::History;

use super::super::entry::Entry;
use super::verify::head_of;

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recount {
    /// How many entries of the ledger were read.
    pub read: u64,
    /// How many of them are about the citizen.
    pub theirs: u64,
    /// Those that the statement leaves out, up to a hundred.
    pub left_out: Vec<u64>,
    /// Those that the statement has and that are not theirs, up to a hundred.
    pub slipped_in: Vec<u64>,
}

impl Recount {
    /// Whether the statement has all of it and nothing else.
    pub const fn agrees(&self) -> bool {
        self.left_out.is_empty() && self.slipped_in.is_empty()
    }
}

/// Reads the ledger up to where the statement says. `None` when it is no statement.
pub async fn recount(
    statement: impl BufRead,
    history: &History,
) -> Result<Option<Recount>, RecountError> {
    let mut lines = statement.lines();
    let Some(head) = head_of(&lines.next().transpose()?.unwrap_or_default()) else {
        return Ok(None);
    };
    let mut stated = BTreeSet::new();
    for line in lines {
        if let Ok(proven) = serde_json::from_str::<Proven>(&line?) {
            stated.insert(proven.index);
        }
    }
    let time = |text: &String| text.parse::<Timestamp>().ok();
    let closed = head.closed.iter();
    let mut theirs = Theirs {
        keys: head
            .keys
            .iter()
            .filter_map(|key| HistoryKey::of_text(key))
            .collect(),
        closed: closed
            .filter_map(|(since, until)| time(since).zip(time(until)))
            .collect(),
        ..Theirs::default()
    };
    theirs.names = theirs.keys.iter().map(HistoryKey::name).collect();
    let mut recount = Recount::default();
    // Once for what is decided, and once more for what came before a decision.
    for pass in 0..2 {
        let mut next = 0;
        while next < head.before {
            let page = history.read(next, PAGE).await?;
            let Some(last) = page.last() else { break };
            next = last.sequence + 1;
            for record in page.iter().filter(|it| it.sequence < head.before) {
                let Some(entry) = Entry::parse(&record.entry) else {
                    continue;
                };
                if pass == 0 {
                    theirs.learn(&entry);
                    recount.read += 1;
                } else {
                    let is_theirs = theirs.has(&entry);
                    recount.note(
                        record.sequence,
                        is_theirs,
                        stated.contains(&record.sequence),
                    );
                }
            }
        }
    }
    Ok(Some(recount))
}

const PAGE: u32 = 1000;

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
    closed: Vec<(Timestamp, Timestamp)>,
    decided: BTreeSet<ExchangeId>,
}

impl Theirs {
    fn learn(&mut self, entry: &Entry) {
        if entry.kind() == Some(EventKind::EvidenceDecided)
            && let Some(exchange) = entry.exchange()
            && self
                .keys
                .iter()
                .any(|key| key.marked(exchange, entry.detail("mark")))
        {
            self.decided.insert(exchange);
        }
    }

    fn has(&self, entry: &Entry) -> bool {
        let is_closed =
            |(since, until): &(Timestamp, Timestamp)| (*since..*until).contains(&entry.at);
        let is_theirs = match (entry.person, entry.exchange()) {
            (Some(name), _) => self.names.contains(&name),
            (None, Some(exchange)) => self.decided.contains(&exchange),
            (None, None) => false,
        };
        is_theirs && !self.closed.iter().any(is_closed)
    }
}

impl Recount {
    fn note(&mut self, sequence: u64, is_theirs: bool, is_stated: bool) {
        self.theirs += u64::from(is_theirs);
        let found = match (is_theirs, is_stated) {
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
