//! The log as its readers see it: entries, the latest checkpoint, and proofs.
//!
//! A proof needs the roots of a few dozen subtrees. They are not read from the entries: beside each
//! checkpoint rest the tree at its start and the leaf hashes since (`checkpoint`), and from those that
//! cover the last leaf of a subtree its root follows. So a proof costs one such record for each level of
//! the tree, however long the log is, and entries that are gone cost nobody else their proof.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_keys::LedgerVerifier;
use guichet_store::Fault;
use guichet_store::durable::{EntryRecord, LedgerRecords};

use crate::agreement::CONSISTENCY;
use crate::checkpoint::Span;
use crate::note::{self, Signed, verifier_key};
use crate::proof::{consistency_subtrees, inclusion_subtrees};
use crate::tree::{Frontier, Hash, leaf_hash};

/// What was written. Cheap to clone.
#[derive(Clone)]
pub struct History {
    records: Arc<dyn LedgerRecords>,
    verifier: LedgerVerifier,
    origin: Arc<str>,
}

impl History {
    /// The log of this name in `records`, whose checkpoints `verifier` verifies.
    pub fn new(records: Arc<dyn LedgerRecords>, verifier: LedgerVerifier, origin: String) -> Self {
        Self {
            records,
            verifier,
            origin: origin.into(),
        }
    }

    /// The log's name.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The log's public key, as signed notes write it.
    pub fn verifier_key(&self) -> String {
        verifier_key(&self.origin, &self.verifier)
    }

    /// Entries from `first` on, at most `limit`, in order.
    pub async fn read(&self, first: u64, limit: u32) -> Result<Vec<EntryRecord>, Fault> {
        self.records.read(first, limit).await
    }

    /// How many entries there are.
    pub async fn size(&self) -> Result<u64, Fault> {
        self.records.size().await
    }

    /// The latest checkpoint: its text, and what it says.
    pub async fn checkpoint(&self) -> Result<Option<(String, Signed)>, Fault> {
        let Some(record) = self.records.last_checkpoint().await? else {
            return Ok(None);
        };
        let signed = note::open(&record.note, &self.verifier, &self.origin);
        let signed = signed.map_err(|error| Fault::new("the latest checkpoint", error))?;
        Ok(Some((record.note, signed)))
    }

    /// The latest checkpoint, and a line that proves it to continue the log of `since` entries where it
    /// does: what [`agrees`](crate::agrees()) reads.
    pub async fn checkpoint_since(&self, since: u64) -> Result<Option<String>, Fault> {
        let Some((mut text, signed)) = self.checkpoint().await? else {
            return Ok(None);
        };
        if let Some(proof) = self.prover().consistency(since, signed.size).await? {
            text.push_str(CONSISTENCY);
            text.push_str(&since.to_string());
            for hash in proof {
                text.push(' ');
                text.push_str(&STANDARD.encode(hash));
            }
            text.push('\n');
        }
        Ok(Some(text))
    }

    /// Makes proofs; several of one cost little more than the first.
    pub fn prover(&self) -> Prover<'_> {
        self.prover_knowing(Roots::default())
    }

    /// The same, with the roots that an earlier one came by.
    pub fn prover_knowing(&self, roots: Roots) -> Prover<'_> {
        Prover {
            records: &*self.records,
            known: roots.0,
        }
    }
}

/// Roots of parts of a log that somebody came by, to go on with.
#[derive(Default)]
pub struct Roots(HashMap<Range<u64>, Hash>);

/// Makes proofs, and remembers the roots it came by.
pub struct Prover<'a> {
    records: &'a dyn LedgerRecords,
    known: HashMap<Range<u64>, Hash>,
}

impl Prover<'_> {
    /// The proof that the entry at `sequence` is in the log of `size` entries, at which a checkpoint was
    /// signed; `None` if one of the two is beyond.
    pub async fn inclusion(
        &mut self,
        sequence: u64,
        size: u64,
    ) -> Result<Option<Vec<Hash>>, Fault> {
        self.roots(inclusion_subtrees(sequence, size)).await
    }

    /// The proof that the log of `size` entries continues the log of `old` entries.
    pub async fn consistency(&mut self, old: u64, size: u64) -> Result<Option<Vec<Hash>>, Fault> {
        self.roots(consistency_subtrees(old, size)).await
    }

    async fn roots(
        &mut self,
        subtrees: Option<Vec<Range<u64>>>,
    ) -> Result<Option<Vec<Hash>>, Fault> {
        let Some(subtrees) = subtrees else {
            return Ok(None);
        };
        let mut roots = Vec::with_capacity(subtrees.len());
        for subtree in subtrees {
            match self.root(subtree).await? {
                Some(root) => roots.push(root),
                None => return Ok(None),
            }
        }
        Ok(Some(roots))
    }

    /// What it came by, for proofs of entries from `next` on: what lies before and is cheap to have again is
    /// forgotten, so that however many proofs are made, little is remembered.
    pub fn into_roots(self, next: u64) -> Roots {
        let mut known = self.known;
        known.retain(|part, _| part.end > next || part.end - part.start >= WORTH_KEEPING);
        Roots(known)
    }

    async fn root(&mut self, subtree: Range<u64>) -> Result<Option<Hash>, Fault> {
        if let Some(root) = self.known.get(&subtree) {
            return Ok(Some(*root));
        }
        let root = match self.signed_root(&subtree).await? {
            Some(root) => Some(root),
            None => self.read_root(&subtree).await?,
        };
        if let Some(root) = root {
            self.known.insert(subtree, root);
        }
        Ok(root)
    }

    /// The root as the hashes beside a checkpoint have it; `None` where they leave a gap.
    async fn signed_root(&self, subtree: &Range<u64>) -> Result<Option<Hash>, Fault> {
        let last = subtree.end - 1;
        let covering = self.records.checkpoints(subtree.end, 1).await?;
        let span = covering
            .first()
            .and_then(|covering| Span::decode(&covering.frontier));
        Ok(span.and_then(|span| {
            let mut tree = span.at(last)?.since(subtree.start)?;
            tree.push(span.leaf(last)?);
            Some(tree.root())
        }))
    }

    /// The root over the stored entries; `None` if one is missing.
    async fn read_root(&self, subtree: &Range<u64>) -> Result<Option<Hash>, Fault> {
        const PAGE: u64 = 1000;
        let mut tree = Frontier::default();
        let mut next = subtree.start;
        while next < subtree.end {
            let limit = u32::try_from((subtree.end - next).min(PAGE)).unwrap_or(1);
            let page = self.records.read(next, limit).await?;
            if page.is_empty() {
                return Ok(None);
            }
            for record in page {
                if record.sequence != next {
                    return Ok(None);
                }
                tree.push(leaf_hash(&record.entry));
                next += 1;
            }
        }
        Ok(Some(tree.root()))
    }
}

/// How large a part is whose root is dear.
const WORTH_KEEPING: u64 = 512;

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::proof::{consistency_proof, inclusion_proof};
    use crate::testing::{MemoryRecords, event, signer};
    use crate::{Ledger, LedgerSettings};

    const ORIGIN: &str = "guichet.example/ledger";

    /// A log of this many entries, with a checkpoint every so often.
    async fn log(entries: u64, every: u64) -> (Arc<MemoryRecords>, Ledger, Vec<Hash>) {
        let records = MemoryRecords::new();
        let settings = LedgerSettings::default();
        let ledger = Ledger::open(records.clone(), signer(), ORIGIN, settings).await;
        let ledger = ledger.ok().unwrap();
        for number in 0..entries {
            ledger.append(event(number)).await.unwrap();
            if number % every == every - 1 {
                ledger.flush().await.unwrap();
            }
        }
        ledger.flush().await.unwrap();
        let entries = records.entries.lock().unwrap();
        let leaves = entries.values().map(|entry| leaf_hash(entry)).collect();
        drop(entries);
        (records, ledger, leaves)
    }

    #[tokio::test]
    async fn proofs_from_the_store_are_those_from_the_leaves_and_read_no_entry() {
        for (size, every) in [(1, 1), (2, 2), (21, 5), (64, 7), (100, 33), (33, 100)] {
            let (records, ledger, leaves) = log(size, every).await;
            records.reads.store(0, Ordering::Relaxed);
            let mut prover = ledger.history().prover();
            for index in 0..size {
                let proof = prover.inclusion(index, size).await.unwrap();
                assert_eq!(proof, inclusion_proof(&leaves, index), "{index} of {size}");
                let proof = prover.consistency(index + 1, size).await.unwrap();
                assert_eq!(proof, consistency_proof(&leaves, index + 1));
            }
            assert_eq!(prover.inclusion(size, size).await.unwrap(), None);
            assert_eq!(records.reads.load(Ordering::Relaxed), 0);
        }
    }

    #[tokio::test]
    async fn entries_that_are_gone_cost_nobody_else_their_proof() {
        let (records, ledger, leaves) = log(40, 9).await;
        records.entries.lock().unwrap().retain(|at, _| *at == 17);
        let proof = ledger.history().prover().inclusion(17, 40).await.unwrap();
        assert_eq!(proof, inclusion_proof(&leaves, 17));
    }

    #[tokio::test]
    async fn where_hashes_leave_a_gap_the_entries_are_read() {
        let (records, ledger, leaves) = log(40, 9).await;
        let last = records.checkpoints.lock().unwrap().pop_last().unwrap();
        records.checkpoints.lock().unwrap().clear();
        records.checkpoints.lock().unwrap().insert(last.0, last.1);
        let proof = ledger.history().prover().inclusion(3, 40).await.unwrap();
        assert_eq!(proof, inclusion_proof(&leaves, 3));
        records.entries.lock().unwrap().remove(&30);
        let history = ledger.history();
        assert_eq!(history.prover().inclusion(3, 40).await.unwrap(), None);
    }
}
