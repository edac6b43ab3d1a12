//! What was found of a statement of a history, in words for people.

use guichet_exchange::ReceiptKeys;
use guichet_web::{Locale, Pages};
use serde::Serialize;

use crate::history::statement::{Checked, Problem, Verification, verify_statement};

/// What the page shows.
#[derive(Serialize)]
pub(super) struct Stated {
    holds: bool,
    /// How many entries there are.
    entries: u64,
    checks: Vec<Line>,
}

/// One check: what it is, and what is wrong; empty when it holds.
#[derive(Serialize)]
struct Line {
    check: String,
    problem: String,
}

impl Stated {
    pub(super) fn new(pages: &Pages, locale: Locale, text: &str, keys: &ReceiptKeys) -> Self {
        // What is at hand is read whole: nothing can break off.
        let found = verify_statement(text.as_bytes(), keys, None, None).ok();
        let checks = found.iter().flat_map(|found| &found.checks);
        let line = |made: &Checked| Line {
            check: pages.text(locale, &format!("statement-check-{}", made.check), &[]),
            problem: problem(pages, locale, made),
        };
        let head = found.as_ref().and_then(|found| found.says.as_ref());
        Self {
            holds: found.as_ref().is_some_and(Verification::holds),
            entries: head.map_or(0, |head| head.says.entries),
            checks: checks.map(line).collect(),
        }
    }
}

fn problem(pages: &Pages, locale: Locale, made: &Checked) -> String {
    let (word, number) = match &made.problem {
        None => return String::new(),
        Some(Problem::NotAStatement) => ("form", None),
        Some(Problem::Line(line)) => ("line", Some(line.to_string())),
        Some(Problem::Signature(_)) => ("signature", None),
        Some(Problem::Changed(entry)) => ("changed", Some(entry.to_string())),
        Some(Problem::SlippedIn(entry)) => ("slipped-in", Some(entry.to_string())),
        Some(Problem::NotStated) => ("not-stated", None),
        Some(Problem::Count { there, .. }) => ("count", Some(there.to_string())),
        Some(Problem::NotInTree(entry)) => ("tree", Some(entry.to_string())),
        Some(_) => ("checkpoint", None),
    };
    let number = number.unwrap_or_default();
    pages.text(
        locale,
        &format!("statement-problem-{word}"),
        &[("n", &number)],
    )
}
