//! What the traits of this half share, written over [`Cells`](super::cells::Cells) for both backends.

use guichet_domain::{Sealed, Timestamp};

use super::Advance;
use super::cells::{Cell, Mark};

/// Every trait of this half over one place for cells.
pub(super) struct Typed<C>(pub(super) C);

pub(super) fn cell(mark: Mark, sealed: Sealed, expires: Timestamp) -> Cell {
    Cell {
        mark,
        body: sealed.into_bytes(),
        expires,
    }
}

/// A caller's own space within a space. The length comes first, so that no two pairs share a name.
pub(super) fn name(space: &'static str, what: &[u8]) -> Vec<u8> {
    let mut name = Vec::with_capacity(1 + space.len() + what.len());
    name.push(u8::try_from(space.len()).unwrap_or(u8::MAX));
    name.extend_from_slice(space.as_bytes());
    name.extend_from_slice(what);
    name
}

pub(super) const fn advance(done: bool) -> Advance {
    if done { Advance::Done } else { Advance::Moved }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn no_two_pairs_of_space_and_key_share_a_name() {
        assert_ne!(name("ab", b"c"), name("a", b"bc"));
        assert_ne!(name("", b"\x01a"), name("a", b""));
    }
}
