//! Where else a record leads: pages of other rooms of the console about it, for whoever may see the record. Whoever
//! makes such pages adds a line.

use crate::people::Kind;

/// The texts and addresses of what there is about the record `id` of this kind.
pub(super) fn of(kind: Kind, id: &str) -> Vec<(&'static str, String)> {
    match kind {
        Kind::Client => vec![
            (
                "record-link-credentials",
                format!("/clients/{id}/credentials"),
            ),
            ("record-link-scorecard", format!("/clients/{id}/scorecard")),
            ("record-link-tests", format!("/clients/{id}/tests")),
        ],
        _ => Vec::new(),
    }
}
