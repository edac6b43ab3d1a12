//! What a verifier found, for people and for programs.

use std::fmt::Display;

use anyhow::Result;
use guichet_ledger::{Checked, Verdict};
use serde_json::{Value, json};

use super::print;

/// One object: whether it holds, every check, and beside them the members of `says`.
pub(super) fn as_json<C: Display, P: Display, S>(
    found: &Verdict<C, P, S>,
    mut says: Value,
) -> Value {
    let check = |checked: &Checked<C, P>| {
        json!({
            "check": checked.check.to_string(),
            "holds": checked.problem.is_none(),
            "problem": checked.problem.as_ref().map(ToString::to_string),
        })
    };
    says["holds"] = found.holds().into();
    says["checks"] = found.checks.iter().map(check).collect();
    says
}

/// A line for each check, and one for the whole `document`.
pub(super) fn tell<C: Display, P: Display, S>(
    found: &Verdict<C, P, S>,
    document: &str,
) -> Result<()> {
    for Checked { check, problem } in &found.checks {
        match problem {
            None => print::line(&format!("{check}: holds"))?,
            Some(problem) => print::line(&format!("{check}: FAILS: {problem}"))?,
        }
    }
    let holds = if found.holds() {
        "holds"
    } else {
        "does NOT hold"
    };
    print::line(&format!("the {document} {holds}"))
}
