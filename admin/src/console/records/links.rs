//! Where else a record leads: pages of other rooms of the console about it. Whoever makes such pages adds a
//! line.

use crate::people::Kind;

/// The texts and addresses of what there is about the record `id` of this kind.
pub(super) fn of(_kind: Kind, _id: &str) -> Vec<(&'static str, String)> {
    Vec::new()
}
