//! Where else a record leads: pages of other rooms of the console about it. Whoever makes such pages adds a
//! line.

use crate::people::Kind;

/// The texts and addresses of what there is about the record `id` of this kind.
pub(super) fn of(kind: Kind, id: &str) -> Vec<(&'static str, String)> {
    let _ = id;
    match kind {
        Kind::Client | Kind::Provider | Kind::DataProvider => vec![],
        _ => vec![],
    }
}
