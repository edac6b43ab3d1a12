//! A checkpoint as it rests: the signed note, and the leaf hashes by which a departure from it is
//! named to the entry.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_keys::LedgerVerifier;
use guichet_store::Fault;
use guichet_store::durable::{CheckpointRecord, LedgerRecords};

use crate::note::{self, NoteError, Signed};
use crate::tree::{Frontier, Hash};

/// The latest signed checkpoint as text, to be kept elsewhere. `with_hashes` adds a line by which
/// [`verify`](crate::verify()) can name the very entry where the log departs from it.
pub async fn latest_checkpoint(
    records: &dyn LedgerRecords,
    with_hashes: bool,
) -> Result<Option<String>, Fault> {
    Ok(records.last_checkpoint().await?.map(|record| {
        let mut text = record.note;
        if with_hashes {
            text.push_str(HASHES);
            text.push_str(&STANDARD.encode(record.frontier));
            text.push('\n');
        }
        text
    }))
}

/// What stands before the hashes of a checkpoint kept elsewhere, on a line behind the signatures.
const HASHES: &str = "hashes ";

/// The most leaf hashes that one checkpoint holds.
pub(crate) const MAX_SPAN: usize = 8192;

/// A checkpoint whose signature holds.
pub(crate) struct Checkpoint {
    /// What it says.
    pub(crate) signed: Signed,
    /// The hashes that lead to its root, if they do.
    pub(crate) span: Option<Span>,
}

impl Checkpoint {
    /// From the store.
    pub(crate) fn of(
        record: &CheckpointRecord,
        verifier: &LedgerVerifier,
        origin: &str,
    ) -> Result<Self, NoteError> {
        let signed = note::open(&record.note, verifier, origin)?;
        if signed.size != record.size {
            return Err(NoteError::Malformed);
        }
        Ok(Self::with_hashes(signed, &record.frontier))
    }

    /// From a text kept elsewhere.
    pub(crate) fn parse(
        text: &str,
        verifier: &LedgerVerifier,
        origin: &str,
    ) -> Result<Self, NoteError> {
        let signed = note::open(text, verifier, origin)?;
        let hashes = text.lines().find_map(|line| line.strip_prefix(HASHES));
        let hashes = hashes.and_then(|hashes| STANDARD.decode(hashes).ok());
        Ok(Self::with_hashes(signed, &hashes.unwrap_or_default()))
    }

    /// The hashes prove themselves: they lead to the signed root, or they are not believed.
    fn with_hashes(signed: Signed, hashes: &[u8]) -> Self {
        let span = Span::decode(hashes)
            .filter(|span| span.size() == signed.size && span.after().root() == signed.root);
        Self { signed, span }
    }
}

/// The leaf hashes since some earlier size, and the tree at that size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    before: Frontier,
    leaves: Vec<Hash>,
}

impl Span {
    const VERSION: u8 = 1;

    /// Nothing yet after the tree `before`.
    pub(crate) const fn after_tree(before: Frontier) -> Self {
        Self {
            before,
            leaves: Vec::new(),
        }
    }

    /// The size at which it starts.
    pub(crate) const fn start(&self) -> u64 {
        self.before.size()
    }

    /// The tree at its start.
    pub(crate) const fn before(&self) -> &Frontier {
        &self.before
    }

    /// The size at which it ends.
    pub(crate) fn size(&self) -> u64 {
        self.start() + self.leaves.len() as u64
    }

    /// The leaf hash at `sequence`, if it covers it.
    pub(crate) fn leaf(&self, sequence: u64) -> Option<Hash> {
        let index = sequence.checked_sub(self.start())?;
        self.leaves.get(usize::try_from(index).ok()?).copied()
    }

    /// The last leaf hash.
    pub(crate) fn last(&self) -> Option<Hash> {
        self.leaves.last().copied()
    }

    /// Adds a leaf; `tree` is the tree before it, from which the span starts anew when it is full.
    pub(crate) fn push(&mut self, leaf: Hash, tree: &Frontier) {
        if self.leaves.len() == MAX_SPAN {
            self.before = tree.clone();
            self.leaves.clear();
        }
        self.leaves.push(leaf);
    }

    /// The tree at its end.
    pub(crate) fn after(&self) -> Frontier {
        self.at(self.size()).unwrap_or_default()
    }

    /// The tree at `size`, if it lies between start and end.
    pub(crate) fn at(&self, size: u64) -> Option<Frontier> {
        let count = usize::try_from(size.checked_sub(self.start())?).ok()?;
        let mut tree = self.before.clone();
        for leaf in self.leaves.get(..count)? {
            tree.push(*leaf);
        }
        Some(tree)
    }

    /// Version (1), start (8, most significant first), the peaks at the start, the leaves.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes =
            Vec::with_capacity(9 + 32 * (self.before.peaks().len() + self.leaves.len()));
        bytes.push(Self::VERSION);
        bytes.extend_from_slice(&self.start().to_be_bytes());
        for hash in self.before.peaks().iter().chain(&self.leaves) {
            bytes.extend_from_slice(hash);
        }
        bytes
    }

    /// What [`encode`](Self::encode) made; at least one leaf and at most [`MAX_SPAN`].
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&[Self::VERSION])?;
        let (start, rest) = rest.split_first_chunk::<8>()?;
        let (hashes, rest) = rest.as_chunks::<32>();
        let start = u64::from_be_bytes(*start);
        let peaks = usize::try_from(start.count_ones()).ok()?;
        let (peaks, leaves) = hashes.split_at_checked(peaks)?;
        if !rest.is_empty() || leaves.is_empty() || leaves.len() > MAX_SPAN {
            return None;
        }
        start.checked_add(leaves.len() as u64)?;
        Some(Self {
            before: Frontier::from_peaks(start, peaks.to_vec())?,
            leaves: leaves.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tree::{leaf_hash, root_of};

    fn span(before: u8, leaves: u8) -> Span {
        let mut tree = Frontier::default();
        for byte in 0..before {
            tree.push(leaf_hash(&[byte]));
        }
        let mut span = Span::after_tree(tree.clone());
        for byte in before..before + leaves {
            span.push(leaf_hash(&[byte]), &tree);
            tree.push(leaf_hash(&[byte]));
        }
        span
    }

    #[test]
    fn a_full_span_starts_anew_and_still_leads_to_the_root() {
        let mut tree = Frontier::default();
        let mut span = Span::default();
        let leaves: Vec<Hash> = (0..MAX_SPAN + 3)
            .map(|number| leaf_hash(&number.to_be_bytes()))
            .collect();
        for leaf in &leaves {
            span.push(*leaf, &tree);
            tree.push(*leaf);
        }
        assert_eq!(span.start(), MAX_SPAN as u64);
        assert_eq!(span.size(), MAX_SPAN as u64 + 3);
        assert_eq!(span.after().root(), root_of(&leaves));
    }

    proptest! {
        #[test]
        fn a_span_survives_the_store(before in 0..100_u8, leaves in 1..100_u8) {
            let span = span(before, leaves);
            prop_assert_eq!(Span::decode(&span.encode()), Some(span));
        }

        #[test]
        fn a_span_knows_its_leaves_and_every_tree_between(before in 0..100_u8, leaves in 1..100_u8) {
            let span = span(before, leaves);
            let all: Vec<Hash> = (0..before + leaves).map(|byte| leaf_hash(&[byte])).collect();
            for size in before..=before + leaves {
                let root = span.at(size.into()).map(|tree| tree.root());
                prop_assert_eq!(root, Some(root_of(&all[..usize::from(size)])));
            }
            prop_assert_eq!(span.leaf(before.into()), Some(all[usize::from(before)]));
            prop_assert_eq!(span.leaf(span.size()), None);
            prop_assert_eq!(span.leaf(u64::from(before).wrapping_sub(1)), None);
        }

        #[test]
        fn garbage_is_no_span_or_an_honest_one(bytes: Vec<u8>) {
            if let Some(span) = Span::decode(&bytes) {
                prop_assert_eq!(span.encode(), bytes);
            }
        }
    }
}
