//! The Merkle tree of RFC 9162 §2.1.1 over SHA-256.
//!
//! Entries are leaves, `SHA-256(0x00 ‖ entry)`; inner nodes are `SHA-256(0x01 ‖ left ‖ right)`. What
//! is kept while the log grows is the frontier: the roots of the perfect subtrees that the leaves so
//! far make up, largest first, one for each bit set in their number.

use guichet_keys::sha256_of;

/// A SHA-256 hash: of a leaf, of an inner node, of a tree.
pub type Hash = [u8; 32];

/// The hash of an entry's bytes.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    sha256_of(&[&[0], entry])
}

/// The hash of an inner node.
pub(crate) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256_of(&[&[1], left, right])
}

/// The root of the tree over these leaves.
pub fn root_of(leaves: &[Hash]) -> Hash {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.push(*leaf);
    }
    frontier.root()
}

/// A tree that grows, known by its frontier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frontier {
    size: u64,
    /// Roots of perfect subtrees, largest first.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// The frontier of `size` leaves with these peaks; `None` if their number does not fit.
    pub(crate) fn from_peaks(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        let fits = peaks.len() == usize::try_from(size.count_ones()).ok()?;
        fits.then_some(Self { size, peaks })
    }

    /// How many leaves there are.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// The peaks, largest first.
    pub(crate) fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// The tree over the leaves from `start` on, which begin a subtree of their own: `None` if the peaks
    /// do not part there.
    pub(crate) fn since(&self, start: u64) -> Option<Self> {
        let size = self.size.checked_sub(start)?;
        let fits = start == 0 || size < 1 << start.trailing_zeros();
        let before = usize::try_from(start.count_ones()).ok()?;
        let peaks = self.peaks.get(before..).filter(|_| fits)?;
        Self::from_peaks(size, peaks.to_vec())
    }

    /// Adds a leaf: one hash for each perfect subtree it completes.
    pub(crate) fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        for _ in 0..self.size.trailing_ones() {
            // One peak for each bit set in `size`, so there is one for each trailing one.
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root; of no leaves, the hash of nothing.
    pub(crate) fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(smallest) = peaks.next() else {
            return sha256_of(&[]);
        };
        peaks.fold(*smallest, |right, left| node_hash(left, &right))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(hex: &str) -> Hash {
        std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
    }

    /// The definition of RFC 9162 §2.1.1, word for word.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => sha256_of(&[]),
            [leaf] => *leaf,
            _ => {
                let left = leaves.len().next_power_of_two() / 2;
                node_hash(&defined(&leaves[..left]), &defined(&leaves[left..]))
            }
        }
    }

    /// The leaves of the vectors that Certificate Transparency implementations share.
    pub(crate) fn known_leaves() -> Vec<Hash> {
        let inputs: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        inputs.map(leaf_hash).to_vec()
    }

    #[test]
    fn roots_are_those_of_the_certificate_transparency_vectors() {
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let leaves = known_leaves();
        for (size, expected) in roots.into_iter().enumerate() {
            assert_eq!(root_of(&leaves[..size]), bytes(expected), "size {size}");
        }
    }

    proptest! {
        #[test]
        fn the_frontier_s_root_is_the_defined_one(size in 0..200_u8) {
            let leaves: Vec<Hash> = (0..size).map(|byte| leaf_hash(&[byte])).collect();
            prop_assert_eq!(root_of(&leaves), defined(&leaves));
        }

        #[test]
        fn a_frontier_made_from_its_peaks_goes_on_the_same(before in 0..100_u8, after in 0..20_u8) {
            let mut whole = Frontier::default();
            for byte in 0..before {
                whole.push(leaf_hash(&[byte]));
            }
            let mut resumed = Frontier::from_peaks(whole.size(), whole.peaks().to_vec()).unwrap();
            for byte in 0..after {
                whole.push(leaf_hash(&[byte]));
                resumed.push(leaf_hash(&[byte]));
            }
            prop_assert_eq!(whole, resumed);
        }
    }
}
