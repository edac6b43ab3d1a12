//! Reads the whole log again and says what does not hold, to the entry.
//!
//! Three things are held against each entry. Its own bytes say its place and the hash of the entry
//! before it. The leaf hashes that lead to a signed root say what its bytes were. And the signed
//! roots say what the whole was: stored ones, and ones kept elsewhere, where whoever rules this
//! store, or even holds its key, cannot reach them.

use std::collections::VecDeque;
use std::fmt;

use guichet_keys::LedgerVerifier;
use guichet_store::Fault;
use guichet_store::durable::{EntryRecord, LedgerRecords};

use crate::checkpoint::Checkpoint;
use crate::entry::{NOTHING_BEFORE, Place};
use crate::note::NoteError;
use crate::tree::{Frontier, Hash, leaf_hash};

/// Verifies the whole log, reading it in pieces; memory does not grow with it. `against` are
/// checkpoints kept elsewhere, as [`latest_checkpoint`](crate::latest_checkpoint) gave them.
pub async fn verify(
    records: &dyn LedgerRecords,
    verifier: &LedgerVerifier,
    origin: &str,
    against: &[String],
) -> Result<Report, Fault> {
    let mut auditor = Auditor::new(Entries::new(records));
    auditor.trust(against, verifier, origin);
    let mut stored = Stored {
        records,
        page: VecDeque::new(),
        next_size: 0,
        is_done: false,
    };
    loop {
        let kept = auditor.kept.first().map(|kept| kept.signed.size);
        let next = stored.peek_size().await?;
        match (kept, next) {
            (None, None) => break,
            // At one size, what was kept elsewhere is believed first.
            (Some(kept), next) if next.is_none_or(|next| kept <= next) => {
                let checkpoint = auditor.kept.remove(0);
                auditor.up_to(&checkpoint, true).await?;
                auditor.past.push(checkpoint);
            }
            _ => {
                let Some(record) = stored.take() else { break };
                match Checkpoint::of(&record, verifier, origin) {
                    Ok(checkpoint) => auditor.up_to(&checkpoint, false).await?,
                    Err(reason) => auditor.found(Finding::Checkpoint {
                        size: record.size,
                        reason,
                    }),
                }
            }
        }
    }
    auditor.read_to_the_end().await?;
    Ok(auditor.report)
}

/// What the log holds and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many entries there are.
    pub entries: u64,
    /// How many checkpoints were compared, kept elsewhere or stored.
    pub checkpoints: u64,
    /// How many entries the last of them covers; later ones are chained, but not signed yet.
    pub covered: u64,
    /// What does not hold, in order of place, at most [`MAX_FINDINGS`]; none for a sound log.
    pub findings: Vec<Finding>,
    /// How many findings there are beyond those listed.
    pub more: u64,
}

/// How many findings a report lists.
pub const MAX_FINDINGS: usize = 100;

impl Report {
    /// Whether nothing was found.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Something that does not hold. Its `Display` is a sentence for an auditor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// An entry's bytes are not those that were written.
    Altered {
        /// Which.
        sequence: u64,
    },
    /// Entries are not there.
    Missing {
        /// The first of them.
        first: u64,
        /// The last of them.
        last: u64,
    },
    /// Another entry stands in a place.
    Moved {
        /// The place.
        sequence: u64,
        /// The place that the entry there was written for.
        holds: u64,
    },
    /// Of two neighbours one was altered, and nothing tells which.
    Unchained {
        /// The second of the two, the last entry of the log.
        sequence: u64,
    },
    /// From here on another history was written.
    Forked {
        /// The first entry that is not the one signed.
        sequence: u64,
        /// The size of the checkpoint that tells.
        checkpoint: u64,
    },
    /// Somewhere in between another history was written; the checkpoint has no hashes to say where.
    ForkedWithin {
        /// The first entry that may be at fault.
        first: u64,
        /// The last one.
        last: u64,
    },
    /// Two signed checkpoints contradict each other: the key itself signed two histories.
    Contradiction {
        /// The size of the one.
        one: u64,
        /// The size of the other.
        other: u64,
    },
    /// A stored checkpoint does not hold.
    Checkpoint {
        /// The size it is stored for.
        size: u64,
        /// Why.
        reason: NoteError,
    },
    /// The hashes stored with a checkpoint do not lead to its root: they were altered.
    Hashes {
        /// The checkpoint's size.
        size: u64,
    },
    /// A checkpoint kept elsewhere is none of this log.
    KeptElsewhere {
        /// Which of those given, from 0.
        index: usize,
        /// Why.
        reason: NoteError,
    },
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { sequence } => write!(f, "entry {sequence} was altered"),
            Self::Missing { first, last } if first == last => write!(f, "entry {first} is missing"),
            Self::Missing { first, last } => write!(f, "entries {first} to {last} are missing"),
            Self::Moved { sequence, holds } => {
                write!(f, "place {sequence} holds the entry written as {holds}")
            }
            Self::Unchained { sequence } => write!(
                f,
                "entry {sequence} does not follow the one before it: one of the two was altered"
            ),
            Self::Forked {
                sequence,
                checkpoint,
            } => write!(
                f,
                "from entry {sequence} on, another history stands than the checkpoint of size \
                 {checkpoint} signed"
            ),
            Self::ForkedWithin { first, last } => write!(
                f,
                "between entries {first} and {last} another history stands than was signed"
            ),
            Self::Contradiction { one, other } => write!(
                f,
                "the checkpoints of sizes {one} and {other} contradict each other: the key \
                 signed two histories"
            ),
            Self::Checkpoint { size, reason } => {
                write!(
                    f,
                    "the stored checkpoint of size {size} does not hold: {reason}"
                )
            }
            Self::Hashes { size } => write!(
                f,
                "the hashes stored with the checkpoint of size {size} were altered"
            ),
            Self::KeptElsewhere { index, reason } => {
                write!(
                    f,
                    "checkpoint {} of those given does not hold: {reason}",
                    index + 1
                )
            }
        }
    }
}

struct Auditor<'a> {
    entries: Entries<'a>,
    /// Checkpoints kept elsewhere, smallest first, not reached yet.
    kept: Vec<Checkpoint>,
    /// The same, already compared: their hashes still tell.
    past: Vec<Checkpoint>,
    /// The tree as signed, where hashes tell, as read elsewhere.
    tree: Frontier,
    /// Whether `tree` may be wrong: entries were missing or changed, and no hashes told what they were.
    is_doubtful: bool,
    /// The leaf hash of the entry before the next, and whether a checkpoint vouches for it.
    previous: Option<(Hash, bool)>,
    /// The size at which the signed history was last found to be the one read.
    last_good: u64,
    /// Whether the entries being read are of another history.
    in_fork: bool,
    report: Report,
}

impl<'a> Auditor<'a> {
    fn new(entries: Entries<'a>) -> Self {
        Self {
            entries,
            kept: Vec::new(),
            past: Vec::new(),
            tree: Frontier::default(),
            is_doubtful: false,
            previous: Some((NOTHING_BEFORE, true)),
            last_good: 0,
            in_fork: false,
            report: Report::default(),
        }
    }

    /// Takes in checkpoints kept elsewhere.
    fn trust(&mut self, against: &[String], verifier: &LedgerVerifier, origin: &str) {
        for (index, text) in against.iter().enumerate() {
            match Checkpoint::parse(text, verifier, origin) {
                Ok(checkpoint) => self.kept.push(checkpoint),
                Err(reason) => self.found(Finding::KeptElsewhere { index, reason }),
            }
        }
        self.kept.sort_by_key(|checkpoint| checkpoint.signed.size);
    }

    /// Reads up to a checkpoint and compares.
    async fn up_to(&mut self, checkpoint: &Checkpoint, is_kept: bool) -> Result<(), Fault> {
        let size = checkpoint.signed.size;
        if checkpoint.span.is_none() && !is_kept {
            self.found(Finding::Hashes { size });
        }
        let agrees = self.joins(checkpoint, is_kept);
        while self.tree.size() < size {
            let sequence = self.tree.size();
            if let Some(span) = checkpoint
                .span
                .as_ref()
                .filter(|span| span.start() == sequence)
            {
                self.settle(sequence, span.before().root());
                self.adopt(span.before().clone());
            }
            let signed = self.signed_leaf(sequence, checkpoint);
            self.step(sequence, signed, size).await?;
        }
        if agrees && checkpoint.span.is_some() && !self.is_doubtful {
            self.settle_signed(checkpoint);
        } else if agrees {
            self.settle(size, checkpoint.signed.root);
        }
        self.report.checkpoints += 1;
        self.report.covered = self.report.covered.max(size);
        Ok(())
    }

    /// Whether a checkpoint continues what was signed so far. Two signed checkpoints must be of one
    /// history, whatever the entries say; of two that are not, the one kept elsewhere is believed.
    fn joins(&mut self, checkpoint: &Checkpoint, is_kept: bool) -> bool {
        let size = self.tree.size();
        let continued = checkpoint.span.as_ref().and_then(|span| span.at(size));
        let Some(continued) = continued else {
            return true;
        };
        let is_known = !self.is_doubtful && self.last_good == size;
        if continued == self.tree || !is_known {
            self.adopt(continued);
            return true;
        }
        self.found(Finding::Contradiction {
            one: size,
            other: checkpoint.signed.size,
        });
        if is_kept {
            self.adopt(continued);
        }
        is_kept
    }

    /// Goes on from a tree that leads to a signed root.
    fn adopt(&mut self, tree: Frontier) {
        self.last_good = tree.size();
        self.tree = tree;
        self.is_doubtful = false;
    }

    /// The leaf hash that was signed for a place, if any hashes tell: kept elsewhere first.
    fn signed_leaf(&self, sequence: u64, checkpoint: &Checkpoint) -> Option<Hash> {
        self.kept
            .iter()
            .chain(&self.past)
            .chain([checkpoint])
            .find_map(|checkpoint| checkpoint.span.as_ref()?.leaf(sequence))
    }

    /// Compares the tree read so far with a signed root at the same size.
    fn settle(&mut self, size: u64, root: Hash) {
        if self.tree.root() == root {
            self.last_good = size;
            self.is_doubtful = false;
            return;
        }
        if !self.is_doubtful {
            self.found(if size > self.last_good {
                Finding::ForkedWithin {
                    first: self.last_good,
                    last: size - 1,
                }
            } else {
                Finding::Contradiction {
                    one: size,
                    other: size,
                }
            });
        }
        self.is_doubtful = true;
    }

    /// The same where every hash since the last comparison was signed: a difference is one between
    /// signatures.
    fn settle_signed(&mut self, checkpoint: &Checkpoint) {
        let size = checkpoint.signed.size;
        if self.tree.root() != checkpoint.signed.root {
            let covers = |kept: &&Checkpoint| kept.signed.size >= size;
            let kept = self.kept.iter().chain(&self.past).find(covers);
            let other = kept.map_or(self.last_good, |kept| kept.signed.size);
            self.found(Finding::Contradiction { one: size, other });
        }
        self.last_good = size;
    }

    /// Judges the entry at `sequence` and goes on to the next place.
    async fn step(
        &mut self,
        sequence: u64,
        signed: Option<Hash>,
        checkpoint: u64,
    ) -> Result<(), Fault> {
        let leaf = match self.entries.at(sequence).await? {
            None => {
                self.missing(sequence);
                None
            }
            Some(entry) => {
                let leaf = leaf_hash(&entry);
                let place = Place::of(&entry);
                let follower = self.entries.at(sequence + 1).await?;
                let follower = follower.and_then(|entry| Place::of(&entry));
                self.report.entries += 1;
                self.judge(sequence, leaf, place, follower, signed, checkpoint)
                    .then_some(leaf)
            }
        };
        self.entries.pass(sequence);
        if let Some(leaf) = signed.or(leaf) {
            self.tree.push(leaf);
            self.previous = Some((leaf, signed.is_some()));
        } else {
            // A hash that fits nothing: the size stays right, the roots are doubtful.
            self.tree.push([0; 32]);
            self.is_doubtful = true;
            self.previous = None;
        }
        Ok(())
    }

    /// Whether an entry that is there holds.
    fn judge(
        &mut self,
        sequence: u64,
        leaf: Hash,
        place: Option<Place>,
        follower: Option<Place>,
        signed: Option<Hash>,
        checkpoint: u64,
    ) -> bool {
        if signed == Some(leaf) {
            self.in_fork = false;
            return true;
        }
        let is_followed = follower.is_some_and(|follower| follower.previous == leaf);
        let finding = match (place, signed) {
            (Some(place), _) if place.sequence != sequence => Finding::Moved {
                sequence,
                holds: place.sequence,
            },
            (Some(place), None) => return self.is_chained(sequence, place, follower, is_followed),
            (Some(_), Some(_)) if self.in_fork => return false,
            (Some(_), Some(_)) if is_followed => {
                self.in_fork = true;
                Finding::Forked {
                    sequence,
                    checkpoint,
                }
            }
            _ => Finding::Altered { sequence },
        };
        self.found(finding);
        false
    }

    /// Where no hashes tell, whether an entry follows the one before it; if not, says which of the
    /// two was altered, by who else agrees with them.
    fn is_chained(
        &mut self,
        sequence: u64,
        place: Place,
        follower: Option<Place>,
        is_followed: bool,
    ) -> bool {
        let Some((previous, is_signed)) = self.previous else {
            return true;
        };
        // The tail of a history already found to be another one goes on after it.
        if place.previous == previous || (self.in_fork && is_signed) {
            return true;
        }
        if is_signed || (follower.is_some() && !is_followed) {
            self.found(Finding::Altered { sequence });
            return false;
        }
        if follower.is_some() {
            self.found(Finding::Altered {
                sequence: sequence - 1,
            });
        } else {
            self.found(Finding::Unchained { sequence });
        }
        self.is_doubtful = true;
        true
    }

    /// Reads what no checkpoint covers yet.
    async fn read_to_the_end(&mut self) -> Result<(), Fault> {
        let mut sequence = self.tree.size();
        while let Some(next) = self.entries.next_there().await? {
            if next > sequence {
                self.found(Finding::Missing {
                    first: sequence,
                    last: next - 1,
                });
                self.previous = None;
                sequence = next;
            }
            self.step(sequence, None, sequence).await?;
            sequence += 1;
        }
        Ok(())
    }

    fn missing(&mut self, sequence: u64) {
        if let Some(Finding::Missing { last, .. }) = self.report.findings.last_mut()
            && *last + 1 == sequence
        {
            *last = sequence;
            return;
        }
        self.found(Finding::Missing {
            first: sequence,
            last: sequence,
        });
    }

    fn found(&mut self, finding: Finding) {
        if self.report.findings.len() < MAX_FINDINGS {
            self.report.findings.push(finding);
        } else {
            self.report.more += 1;
        }
    }
}

/// The entries, read page by page.
struct Entries<'a> {
    records: &'a dyn LedgerRecords,
    page: VecDeque<EntryRecord>,
    next: u64,
    is_done: bool,
}

impl<'a> Entries<'a> {
    const PAGE: u32 = 1000;

    fn new(records: &'a dyn LedgerRecords) -> Self {
        Self {
            records,
            page: VecDeque::new(),
            next: 0,
            is_done: false,
        }
    }

    /// The entry at `sequence`, not before the last one passed.
    async fn at(&mut self, sequence: u64) -> Result<Option<Vec<u8>>, Fault> {
        while !self.is_done && self.page.back().is_none_or(|last| last.sequence < sequence) {
            self.read().await?;
        }
        let found = self
            .page
            .iter()
            .take(3)
            .find(|record| record.sequence == sequence);
        Ok(found.map(|record| record.entry.clone()))
    }

    /// Drops what stands up to `sequence`.
    fn pass(&mut self, sequence: u64) {
        while self
            .page
            .front()
            .is_some_and(|first| first.sequence <= sequence)
        {
            self.page.pop_front();
        }
    }

    /// The place of the next entry there is.
    async fn next_there(&mut self) -> Result<Option<u64>, Fault> {
        if self.page.is_empty() && !self.is_done {
            self.read().await?;
        }
        Ok(self.page.front().map(|record| record.sequence))
    }

    async fn read(&mut self) -> Result<(), Fault> {
        let page = self.records.read(self.next, Self::PAGE).await?;
        match page.last() {
            Some(last) => self.next = last.sequence.saturating_add(1),
            None => self.is_done = true,
        }
        self.page.extend(page);
        Ok(())
    }
}

/// The stored checkpoints, read page by page: each may hold a quarter of a megabyte of hashes.
struct Stored<'a> {
    records: &'a dyn LedgerRecords,
    page: VecDeque<guichet_store::durable::CheckpointRecord>,
    next_size: u64,
    is_done: bool,
}

impl Stored<'_> {
    const PAGE: u32 = 16;

    async fn peek_size(&mut self) -> Result<Option<u64>, Fault> {
        if self.page.is_empty() && !self.is_done {
            let page = self.records.checkpoints(self.next_size, Self::PAGE).await?;
            match page.last() {
                Some(last) => self.next_size = last.size.saturating_add(1),
                None => self.is_done = true,
            }
            self.page.extend(page);
        }
        Ok(self.page.front().map(|record| record.size))
    }

    fn take(&mut self) -> Option<guichet_store::durable::CheckpointRecord> {
        self.page.pop_front()
    }
}

#[cfg(test)]
mod tests;
