//! By what callers are counted who prove nothing about themselves.

use http::request::Parts;

/// What a caller without proof is counted by: its address, or the network it is in. An extension of the
/// request, put there by whoever knows the address; callers without one are not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CountedBy(pub String);

impl CountedBy {
    /// What the caller of this request is counted by, if it is.
    pub(crate) fn of(head: &Parts) -> Option<&Self> {
        head.extensions.get()
    }
}
