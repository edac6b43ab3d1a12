//! Checkpoints and entries of the ledger, as an export may hold them: nothing unsigned is believed.

use guichet_ledger::fuzzing;

use crate::{Target, as_text, by_name};

pub(crate) fn target(input: &[u8]) {
    let ways: [(&str, Target); 3] = [
        ("checkpoint", |input| as_text(input, fuzzing::checkpoint)),
        ("entry", fuzzing::entry),
        ("span", fuzzing::span),
    ];
    by_name(input, &ways, |way, rest| way(rest));
}
