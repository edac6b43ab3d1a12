//! Where the log ends, as far as this node knows: the tree, the last leaf, and the leaves that no
//! checkpoint covers yet.

use guichet_keys::{KeysError, LedgerSigner};
use guichet_store::Fault;
use guichet_store::durable::{CheckpointRecord, LedgerRecords};

use crate::checkpoint::{Checkpoint, Span};
use crate::entry::{NOTHING_BEFORE, Place, framed};
use crate::log::LedgerError;
use crate::note::{self, Signed};
use crate::tree::{Frontier, Hash, leaf_hash};

/// How many entries are read at once.
const PAGE: u32 = 1000;

/// The end of the log.
pub(crate) struct Head {
    tree: Frontier,
    last: Hash,
    span: Span,
    /// The size of the last checkpoint known.
    signed: u64,
}

/// What reading on came to.
pub(crate) enum ReadOn {
    /// The head is at the end of the log.
    AtEnd,
    /// The entry at this place does not continue the log.
    Broken(u64),
}

impl Head {
    /// The head at the last checkpoint, read on to the end of the log.
    pub(crate) async fn open(
        records: &dyn LedgerRecords,
        signer: &LedgerSigner,
        origin: &str,
    ) -> Result<Self, LedgerError> {
        let mut head = match records.last_checkpoint().await? {
            None => Self::empty(),
            Some(record) => Self::at(&record, signer, origin, records).await?,
        };
        match head.read_on(records).await? {
            ReadOn::AtEnd => Ok(head),
            ReadOn::Broken(sequence) => Err(LedgerError::Tampered(sequence)),
        }
    }

    fn empty() -> Self {
        Self {
            tree: Frontier::default(),
            last: NOTHING_BEFORE,
            span: Span::default(),
            signed: 0,
        }
    }

    /// The head at a checkpoint that must be ours, above an entry that must be the one it covers.
    async fn at(
        record: &CheckpointRecord,
        signer: &LedgerSigner,
        origin: &str,
        records: &dyn LedgerRecords,
    ) -> Result<Self, LedgerError> {
        let tampered = || LedgerError::Tampered(record.size.saturating_sub(1));
        let checkpoint =
            Checkpoint::of(record, &signer.verifier(), origin).map_err(|_| tampered())?;
        let span = checkpoint.span.ok_or_else(tampered)?;
        let last = span.last().ok_or_else(tampered)?;
        let size = checkpoint.signed.size;
        let newest = records.read(size - 1, 1).await?;
        let is_there = newest
            .first()
            .is_some_and(|newest| newest.sequence == size - 1 && leaf_hash(&newest.entry) == last);
        if !is_there {
            return Err(tampered());
        }
        let tree = span.after();
        Ok(Self {
            span: Span::after_tree(tree.clone()),
            tree,
            last,
            signed: size,
        })
    }

    /// How many entries there are.
    pub(crate) const fn size(&self) -> u64 {
        self.tree.size()
    }

    /// How many entries no checkpoint covers.
    pub(crate) const fn unsigned(&self) -> u64 {
        self.size() - self.signed
    }

    /// Takes in what other nodes wrote, up to the end of the log.
    pub(crate) async fn read_on(&mut self, records: &dyn LedgerRecords) -> Result<ReadOn, Fault> {
        loop {
            let page = records.read(self.size(), PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            for record in page {
                let place = Place {
                    sequence: self.size(),
                    previous: self.last,
                };
                if record.sequence != place.sequence || Place::of(&record.entry) != Some(place) {
                    return Ok(ReadOn::Broken(place.sequence));
                }
                self.push(leaf_hash(&record.entry));
            }
            if is_last {
                return Ok(ReadOn::AtEnd);
            }
        }
    }

    /// The entries that these bodies become at the end of the log, with their leaf hashes.
    pub(crate) fn entries<'a>(
        &self,
        bodies: impl Iterator<Item = &'a [u8]>,
    ) -> (Vec<Vec<u8>>, Vec<Hash>) {
        let mut previous = self.last;
        let mut entries = Vec::with_capacity(bodies.size_hint().0);
        let mut leaves = Vec::with_capacity(bodies.size_hint().0);
        for (sequence, body) in (self.size()..).zip(bodies) {
            let entry = framed(sequence, &previous, body);
            previous = leaf_hash(&entry);
            leaves.push(previous);
            entries.push(entry);
        }
        (entries, leaves)
    }

    /// Takes in a leaf that is durable.
    pub(crate) fn push(&mut self, leaf: Hash) {
        self.span.push(leaf, &self.tree);
        self.tree.push(leaf);
        self.last = leaf;
    }

    /// The checkpoint at this end of the log, signed; `None` when there is nothing new.
    pub(crate) fn checkpoint(
        &self,
        signer: &LedgerSigner,
        origin: &str,
    ) -> Result<Option<CheckpointRecord>, KeysError> {
        if self.unsigned() == 0 {
            return Ok(None);
        }
        let statement = Signed {
            size: self.size(),
            root: self.tree.root(),
        };
        Ok(Some(CheckpointRecord {
            size: statement.size,
            note: note::sign(signer, origin, statement)?,
            frontier: self.span.encode(),
        }))
    }

    /// A checkpoint at this size is durable: the next one starts here.
    pub(crate) fn signed(&mut self) {
        self.signed = self.size();
        self.span = Span::after_tree(self.tree.clone());
    }
}
