//! Verifying a statement, offline: every check has a name, and what fails is said precisely. It is read line by
//! line, however long it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, BufRead};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{EventKind, ExchangeId, LedgerName, Timestamp};
use guichet_exchange::{Proven, ReceiptKeys};
use guichet_keys::{HistoryKey, JwsAlg, JwsRefusal, Typ, TypRule, VerifyPolicy, verify_document};
use guichet_ledger::{
    Disagreement, Hash, NoteError, Signed, Verdict, agrees, leaf_hash, open_checkpoint,
};

use super::super::entry::Entry;
use super::{Chain, Head};

/// What was found of a statement; it says what its first line says.
pub type Verification = Verdict<Check, Problem, Head>;

/// One check of a statement and what it found.
pub type Checked = guichet_ledger::Checked<Check, Problem>;

/// The checks, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It is a statement.
    Form,
    /// The hub signed it.
    Signature,
    /// The ledger's key signed its checkpoint.
    Checkpoint,
    /// Its entries are about this citizen and were not changed.
    Entries,
    /// They are as many, and those, as the hub put on record.
    Count,
    /// They are in the tree of the checkpoint.
    Inclusion,
    /// Everything of an earlier statement is in it.
    Earlier,
    /// The checkpoint is of the same history as one kept elsewhere.
    History,
}

impl Check {
    /// In a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Signature => "signature",
            Self::Checkpoint => "checkpoint",
            Self::Entries => "entries",
            Self::Count => "count",
            Self::Inclusion => "inclusion",
            Self::Earlier => "earlier",
            Self::History => "history",
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No file of a statement's shape.
    #[error("this is not a statement of a history")]
    NotAStatement,
    /// A line that is no entry, by its number in the file.
    #[error("line {0} is no entry")]
    Line(usize),
    /// The hub's keys do not verify it.
    #[error("the hub did not sign this: {0}")]
    Signature(JwsRefusal),
    /// The checkpoint does not hold.
    #[error("the checkpoint does not hold: {0}")]
    Checkpoint(NoteError),
    /// The text of an entry is not the one its hash was made of.
    #[error("entry {0} was changed")]
    Changed(u64),
    /// An entry about somebody else, or of another place, or out of order.
    #[error("entry {0} was slipped in: it is about somebody else, or from another place")]
    SlippedIn(u64),
    /// The entry that says how many there are is another, or says nothing of the kind.
    #[error("the entry that says how many there are is not one of this citizen")]
    NotStated,
    /// There are fewer, more or others than were put on record.
    #[error("{there} entries are here, and they are not the {stated} that were put on record")]
    Count {
        /// Here.
        there: u64,
        /// On record.
        stated: u64,
    },
    /// An entry is not in the signed tree.
    #[error("entry {0} is not in the signed log")]
    NotInTree(u64),
    /// An entry of an earlier statement is gone.
    #[error("entry {0}, which an earlier statement has, was left out")]
    LeftOut(u64),
    /// The earlier statement is about somebody else, or is none.
    #[error("the earlier statement is none, or is about somebody else")]
    OtherEarlier,
    /// The earlier statement does not hold itself.
    #[error("the earlier statement does not hold: {0}")]
    Earlier(Box<Problem>),
    /// The checkpoint that was kept does not agree with the statement's.
    #[error(transparent)]
    History(Disagreement),
}

/// Whether a text looks like a statement rather than like a receipt: a JWS, and then lines that are objects.
pub fn is_statement(text: &str) -> bool {
    head_of(text.lines().next().unwrap_or_default()).is_some()
}

/// Checks a statement with the keys of its hub; against an earlier one of the same citizen and against a
/// checkpoint that somebody kept, if there are any.
pub fn verify_statement(
    statement: impl BufRead,
    keys: &ReceiptKeys,
    earlier: Option<&mut dyn BufRead>,
    kept: Option<&str>,
) -> io::Result<Verification> {
    let Some(read) = Whole::read(statement, keys)? else {
        return Ok(Verification {
            checks: vec![Checked::of(Check::Form, Err(Problem::NotAStatement))],
            says: None,
        });
    };
    let mut checks = read.checks;
    if let Ok(signed) = read.signed {
        if let Some(earlier) = earlier {
            let earlier = Whole::read(earlier, keys)?;
            let compared = compared(&read.head, &read.reading, earlier);
            checks.push(Checked::of(Check::Earlier, compared));
        }
        if let Some(kept) = kept {
            let agrees = agrees(signed, kept, keys.ledger(), keys.origin());
            let agrees = agrees.map_err(Problem::History);
            checks.push(Checked::of(Check::History, agrees));
        }
    }
    Ok(Verification {
        checks,
        says: Some(read.head),
    })
}

/// A statement that was read to its end, and what it says for itself.
struct Whole {
    head: Head,
    reading: Reading,
    signed: Result<Signed, Problem>,
    checks: Vec<Checked>,
}

impl Whole {
    /// `None` where it is no statement.
    fn read(statement: impl BufRead, keys: &ReceiptKeys) -> io::Result<Option<Self>> {
        let mut lines = statement.lines();
        let first = lines.next().transpose()?.unwrap_or_default();
        let Some(head) = head_of(&first) else {
            return Ok(None);
        };
        let checkpoint = open_checkpoint(&head.checkpoint, keys.ledger(), keys.origin());
        let signed = checkpoint.map_err(Problem::Checkpoint);
        let mut reading = Reading::of(&head, signed.as_ref().ok().copied());
        for (number, line) in (2..).zip(lines) {
            let line = line?;
            if !line.is_empty() {
                reading.line(number, &line);
            }
        }
        let count = reading.count(&head);
        let mut checks = vec![
            Checked::of(Check::Form, reading.form.clone()),
            Checked::of(Check::Signature, signature(&first, keys)),
            Checked::of(Check::Checkpoint, signed.clone().map(drop)),
            Checked::of(Check::Entries, reading.entries.clone()),
            Checked::of(Check::Count, count),
        ];
        if signed.is_ok() {
            checks.push(Checked::of(Check::Inclusion, reading.inclusion.clone()));
        }
        Ok(Some(Self {
            head,
            reading,
            signed,
            checks,
        }))
    }
}

/// An earlier statement counts for what it is: one that does not hold itself says nothing of the later one.
fn compared(head: &Head, reading: &Reading, earlier: Option<Whole>) -> Result<(), Problem> {
    let is_theirs = |other: &Head| other.keys.iter().any(|key| head.keys.contains(key));
    let earlier = earlier.filter(|earlier| is_theirs(&earlier.head));
    let earlier = earlier.ok_or(Problem::OtherEarlier)?;
    let mut checks = earlier.checks.into_iter();
    match checks.find_map(|checked| checked.problem) {
        Some(problem) => Err(Problem::Earlier(Box::new(problem))),
        None => reading.holds_all_of(head, &earlier.reading),
    }
}

/// What the first line says, whoever signed it.
pub(super) fn head_of(line: &str) -> Option<Head> {
    let payload = URL_SAFE_NO_PAD
        .decode(line.trim().split('.').nth(1)?)
        .ok()?;
    serde_json::from_slice(&payload).ok()
}

pub(super) fn signature(first: &str, keys: &ReceiptKeys) -> Result<(), Problem> {
    let policy = VerifyPolicy {
        algs: &JwsAlg::ALL,
        typ: TypRule::Exactly(Typ::History.as_str()),
    };
    let verified = verify_document(first.trim(), keys.hub(), policy, LONGEST_HEAD);
    verified.map(drop).map_err(Problem::Signature)
}

/// The longest first line, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

/// What was read of a statement so far. Of each kind of problem the first is kept.
struct Reading {
    keys: Vec<HistoryKey>,
    names: Vec<LedgerName>,
    before: u64,
    signed: Option<Signed>,
    /// Exchanges whose decision is this citizen's, and those of which an entry came before it.
    own: BTreeSet<ExchangeId>,
    pending: Vec<(ExchangeId, u64)>,
    chain: Chain,
    last: Option<u64>,
    /// Each, with when it was written; of one without a text, when the one before it was.
    leaves: BTreeMap<(u64, Hash), Option<Timestamp>>,
    at: Option<Timestamp>,
    form: Result<(), Problem>,
    entries: Result<(), Problem>,
    inclusion: Result<(), Problem>,
}

impl Reading {
    fn of(head: &Head, signed: Option<Signed>) -> Self {
        let keys = head.history_keys();
        let mut reading = Self {
            names: keys.iter().map(HistoryKey::name).collect(),
            keys,
            before: head.says.before,
            signed,
            own: BTreeSet::new(),
            pending: Vec::new(),
            chain: Chain::new(),
            last: None,
            leaves: BTreeMap::new(),
            at: None,
            form: Ok(()),
            entries: Ok(()),
            inclusion: Ok(()),
        };
        reading.include(&head.stated);
        reading
    }

    fn line(&mut self, number: usize, line: &str) {
        let Ok(proven) = serde_json::from_str::<Proven>(line) else {
            note(&mut self.form, Problem::Line(number));
            return;
        };
        let index = proven.index;
        let Some(leaf) = proven.leaf() else {
            note(&mut self.form, Problem::Line(number));
            return;
        };
        if self.last.is_some_and(|last| last >= index) || index >= self.before {
            note(&mut self.entries, Problem::SlippedIn(index));
        }
        self.last = Some(index);
        if let Some(text) = &proven.entry {
            if leaf_hash(text.as_bytes()) != leaf {
                note(&mut self.entries, Problem::Changed(index));
            }
            self.read(index, text);
        }
        self.chain.push(&leaf);
        self.leaves.insert((index, leaf), self.at);
        self.include(&proven);
    }

    /// Whether the entry is about this citizen: it names them, or is of an exchange that they decided.
    fn read(&mut self, index: u64, text: &str) {
        let entry = Entry::parse(text.as_bytes()).filter(|entry| entry.seq == index);
        let Some(entry) = entry else {
            return note(&mut self.entries, Problem::SlippedIn(index));
        };
        self.at = Some(entry.at);
        match (entry.person, entry.exchange()) {
            (Some(name), _) if self.names.contains(&name) => {}
            (None, Some(exchange)) if entry.kind() == Some(EventKind::EvidenceDecided) => {
                let mark = entry.detail("mark");
                if self.keys.iter().any(|key| key.marked(exchange, mark)) {
                    self.own.insert(exchange);
                } else {
                    note(&mut self.entries, Problem::SlippedIn(index));
                }
            }
            (None, Some(exchange)) => self.pending.push((exchange, index)),
            _ => note(&mut self.entries, Problem::SlippedIn(index)),
        }
        // What was shown comes before what was decided: who it is of is known at the end.
        if self.pending.len() > MOST_PENDING {
            self.settle();
        }
    }

    fn settle(&mut self) {
        let own = &self.own;
        self.pending.retain(|(exchange, _)| !own.contains(exchange));
    }

    fn include(&mut self, proven: &Proven) {
        let Some(signed) = self.signed else { return };
        if !proven.is_in(signed) {
            note(&mut self.inclusion, Problem::NotInTree(proven.index));
        }
    }

    /// Whether they are those that the hub put on record, and every one is this citizen's.
    fn count(&mut self, head: &Head) -> Result<(), Problem> {
        self.settle();
        if let Some((_, index)) = self.pending.first() {
            note(&mut self.entries, Problem::SlippedIn(*index));
        }
        let text = head.stated.entry.as_deref().unwrap_or_default();
        let is_its = head.stated.leaf() == Some(leaf_hash(text.as_bytes()));
        let stated = Entry::parse(text.as_bytes()).filter(|_| is_its);
        if !stated.is_some_and(|entry| head.is_stated_by(&entry, &self.names)) {
            return Err(Problem::NotStated);
        }
        let says = &head.says;
        if self.chain.count() != says.entries || self.chain.text() != says.digest {
            return Err(Problem::Count {
                there: self.chain.count(),
                stated: says.entries,
            });
        }
        Ok(())
    }

    /// Whether everything of an earlier statement is in this one, but for times that are left out by now.
    fn holds_all_of(&self, head: &Head, earlier: &Self) -> Result<(), Problem> {
        let spans = head.says.spans();
        let is_out = |at: &Option<Timestamp>| {
            at.is_some_and(|at| {
                spans
                    .iter()
                    .any(|(since, until)| (*since..*until).contains(&at))
            })
        };
        let mut gone = earlier
            .leaves
            .iter()
            .filter(|(leaf, at)| !self.leaves.contains_key(*leaf) && !is_out(at));
        match gone.next() {
            Some(((index, _), _)) => Err(Problem::LeftOut(*index)),
            None => Ok(()),
        }
    }
}

/// Beyond so many those that are settled are dropped.
const MOST_PENDING: usize = 10_000;

fn note(found: &mut Result<(), Problem>, problem: Problem) {
    if found.is_ok() {
        *found = Err(problem);
    }
}
