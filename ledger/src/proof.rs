//! Inclusion and consistency proofs (RFC 9162 §2.1.3, §2.1.4).
//!
//! A proof is a list of subtree roots. Which subtrees is a matter of numbers alone; their roots come
//! from leaf hashes at hand, or from what rests in the store (`history`).

use std::ops::Range;

use crate::tree::{Hash, node_hash};

/// The proof that the leaf at `index` is in the tree over `leaves`; `None` if it is beyond.
pub fn inclusion_proof(leaves: &[Hash], index: u64) -> Option<Vec<Hash>> {
    inclusion_subtrees(index, leaves.len() as u64)?
        .into_iter()
        .map(|subtree| root_within(leaves, &subtree))
        .collect()
}

/// The proof that the tree over `leaves` continues the tree over the first `old` of them; `None`
/// if `old` is zero or beyond.
pub fn consistency_proof(leaves: &[Hash], old: u64) -> Option<Vec<Hash>> {
    consistency_subtrees(old, leaves.len() as u64)?
        .into_iter()
        .map(|subtree| root_within(leaves, &subtree))
        .collect()
}

/// Whether `proof` shows that `leaf` is at `index` in the tree of `size` leaves with this root
/// (RFC 9162 §2.1.3.2).
pub fn verify_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last) = (index, size - 1);
    let mut node = leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            node = node_hash(sibling, &node);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            node = node_hash(&node, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && node == *root
}

/// Whether `proof` shows that the tree of `new` leaves continues the tree of `old` leaves
/// (RFC 9162 §2.1.4.2).
pub fn verify_consistency(
    old: u64,
    new: u64,
    proof: &[Hash],
    old_root: &Hash,
    new_root: &Hash,
) -> bool {
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    let whole = old.is_power_of_two().then_some(*old_root);
    let mut path = whole.iter().chain(proof);
    let Some(first) = path.next() else {
        return false;
    };
    let shift = (old - 1).trailing_ones();
    let (mut place, mut last) = ((old - 1) >> shift, (new - 1) >> shift);
    let (mut from_old, mut from_new) = (*first, *first);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            from_old = node_hash(sibling, &from_old);
            from_new = node_hash(sibling, &from_new);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            from_new = node_hash(&from_new, sibling);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && from_old == *old_root && from_new == *new_root
}

/// The subtrees of `PATH(index, D[size])`, nearest the leaf first.
pub(crate) fn inclusion_subtrees(index: u64, size: u64) -> Option<Vec<Range<u64>>> {
    if index >= size {
        return None;
    }
    let mut subtrees = Vec::new();
    let mut tree = 0..size;
    while tree.end - tree.start > 1 {
        let middle = tree.start + left_size(tree.end - tree.start);
        let (kept, sibling) = if index < middle {
            (tree.start..middle, middle..tree.end)
        } else {
            (middle..tree.end, tree.start..middle)
        };
        subtrees.push(sibling);
        tree = kept;
    }
    subtrees.reverse();
    Some(subtrees)
}

/// The subtrees of `PROOF(old, D[size])`, in the order of the proof.
pub(crate) fn consistency_subtrees(old: u64, size: u64) -> Option<Vec<Range<u64>>> {
    if old == 0 || old > size {
        return None;
    }
    let mut subtrees = Vec::new();
    let mut tree = 0..size;
    // Whether what remains is the old tree as a whole, whose root the verifier knows.
    let mut is_known = true;
    while tree.end != old {
        let middle = tree.start + left_size(tree.end - tree.start);
        if old <= middle {
            subtrees.push(middle..tree.end);
            tree.end = middle;
        } else {
            subtrees.push(tree.start..middle);
            tree.start = middle;
            is_known = false;
        }
    }
    if !is_known {
        subtrees.push(tree);
    }
    subtrees.reverse();
    Some(subtrees)
}

/// The largest power of two below `size`, which is at least 2.
const fn left_size(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

fn root_within(leaves: &[Hash], subtree: &Range<u64>) -> Option<Hash> {
    let start = usize::try_from(subtree.start).ok()?;
    let end = usize::try_from(subtree.end).ok()?;
    Some(crate::tree::root_of(leaves.get(start..end)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tree::{leaf_hash, root_of};

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count)
            .map(|number| leaf_hash(&number.to_be_bytes()))
            .collect()
    }

    /// The tree of seven leaves that RFC 9162 §2.1.5 draws.
    #[test]
    fn proofs_are_those_of_the_example_in_rfc_9162() {
        let d = leaves(7);
        let ab = node_hash(&d[0], &d[1]);
        let cd = node_hash(&d[2], &d[3]);
        let ef = node_hash(&d[4], &d[5]);
        let left = node_hash(&ab, &cd);
        let right = node_hash(&ef, &d[6]);
        assert_eq!(root_of(&d), node_hash(&left, &right));
        assert_eq!(inclusion_proof(&d, 0), Some(vec![d[1], cd, right]));
        assert_eq!(inclusion_proof(&d, 3), Some(vec![d[2], ab, right]));
        assert_eq!(inclusion_proof(&d, 4), Some(vec![d[5], d[6], left]));
        assert_eq!(inclusion_proof(&d, 6), Some(vec![ef, left]));
        assert_eq!(consistency_proof(&d, 3), Some(vec![d[2], d[3], ab, right]));
        assert_eq!(consistency_proof(&d, 4), Some(vec![right]));
        assert_eq!(consistency_proof(&d, 6), Some(vec![ef, d[6], left]));
    }

    #[test]
    fn there_is_no_proof_of_what_is_not_there() {
        let d = leaves(3);
        assert_eq!(inclusion_proof(&d, 3), None);
        assert_eq!(consistency_proof(&d, 0), None);
        assert_eq!(consistency_proof(&d, 4), None);
        assert_eq!(inclusion_proof(&[], 0), None);
    }

    proptest! {
        #[test]
        fn an_inclusion_proof_holds_for_its_leaf_and_place_only(
            size in 1..130_u64,
            index in 0..130_u64,
            other in 0..130_u64,
        ) {
            let (index, other) = (index % size, other % size);
            let d = leaves(size);
            let root = root_of(&d);
            let proof = inclusion_proof(&d, index).unwrap();
            let leaf = |index: u64| d[usize::try_from(index).unwrap()];
            prop_assert!(verify_inclusion(leaf(index), index, size, &proof, &root));
            if other != index {
                prop_assert!(!verify_inclusion(leaf(other), index, size, &proof, &root));
                prop_assert!(!verify_inclusion(leaf(index), other, size, &proof, &root));
            }
            for at in 0..proof.len() {
                let mut changed = proof.clone();
                changed[at][0] ^= 1;
                prop_assert!(!verify_inclusion(leaf(index), index, size, &changed, &root));
            }
            let mut longer = proof.clone();
            longer.push(root);
            prop_assert!(!verify_inclusion(leaf(index), index, size, &longer, &root));
        }

        #[test]
        fn a_consistency_proof_holds_for_its_trees_only(size in 1..130_u64, old in 1..130_u64) {
            let old = 1 + old % size;
            let d = leaves(size);
            let root = root_of(&d);
            let old_root = root_of(&d[..usize::try_from(old).unwrap()]);
            let proof = consistency_proof(&d, old).unwrap();
            prop_assert!(verify_consistency(old, size, &proof, &old_root, &root));
            let mut forked = d.clone();
            forked[0][0] ^= 1;
            prop_assert!(!verify_consistency(old, size, &proof, &old_root, &root_of(&forked)));
            for at in 0..proof.len() {
                let mut changed = proof.clone();
                changed[at][0] ^= 1;
                prop_assert!(!verify_consistency(old, size, &changed, &old_root, &root));
            }
        }

        #[test]
        fn no_garbage_proves_anything(
            index: u64, size: u64, proof in proptest::collection::vec(any::<Hash>(), 0..70),
        ) {
            prop_assert!(!verify_inclusion([1; 32], index, size, &proof, &[2; 32]));
            prop_assert!(!verify_consistency(index, size, &proof, &[1; 32], &[2; 32]));
        }
    }
}
