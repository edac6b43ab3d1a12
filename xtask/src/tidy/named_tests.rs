//! `docs/threats.md` promises a test for each threat, `docs/conformance.md` one for each section of each
//! standard; this keeps the promises checkable.
//!
//! The third cell of a row names tests in backticks, or opens with `not yet` or `left out` and says why.

use std::collections::HashSet;

use super::{Findings, in_backticks, is_rust, table_rows, text};

/// A document that promises tests, and the heading of its tables.
pub(super) struct Promises {
    path: &'static str,
    heading: [&'static str; 3],
}

/// How systems of this kind were broken.
pub(super) const THREATS: Promises = Promises {
    path: "docs/threats.md",
    heading: ["threat", "prevented in", "test"],
};

/// What the standards demand.
pub(super) const CONFORMANCE: Promises = Promises {
    path: "docs/conformance.md",
    heading: ["section", "demands", "test"],
};

/// Every test a row names is a function of the workspace, and every row names one or owns up.
pub(super) fn every_named_test_exists(promises: &Promises, texts: &[(String, String)]) -> Findings {
    let functions: HashSet<&str> = texts
        .iter()
        .filter(|(path, _)| is_rust(path))
        .flat_map(|(_, content)| functions(content))
        .collect();
    let path = promises.path;
    let rows = table_rows(text(texts, path), &promises.heading);
    if rows.is_empty() {
        let heading = promises.heading.join(" | ");
        return vec![format!("{path}: no table headed `| {heading} |`")];
    }
    rows.iter()
        .flat_map(|cells| check_row(path, cells, &functions))
        .collect()
}

fn check_row(path: &str, cells: &[&str], functions: &HashSet<&str>) -> Findings {
    let &[about, _, tests] = cells else {
        let row = cells.join(" | ");
        return vec![format!("{path}: a row without three cells: {row}")];
    };
    if tests.starts_with("not yet") || tests.starts_with("left out") {
        return Findings::new();
    }
    let named: Vec<&str> = in_backticks(tests).collect();
    if named.is_empty() {
        return vec![format!("{path}: no test for: {about}")];
    }
    let unknown = named
        .into_iter()
        .filter(|name| !functions.contains(last_segment(name)));
    unknown
        .map(|name| format!("{path}: no test is called `{name}`"))
        .collect()
}

fn last_segment(name: &str) -> &str {
    name.rsplit("::").next().unwrap_or(name)
}

fn functions(source: &str) -> impl Iterator<Item = &str> {
    source.lines().filter_map(|line| {
        let (_, after) = line.split_once("fn ")?;
        let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
        Some(&after[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str =
        "#[tokio::test]\nasync fn a_code_is_redeemed_once() {\n}\n    fn inner<T>() {}";

    fn check(table_row: &str) -> Findings {
        let threats = format!("| threat | prevented in | test |\n|---|---|---|\n{table_row}");
        let texts = [
            ("a/src/lib.rs".to_owned(), SOURCE.to_owned()),
            ("docs/threats.md".to_owned(), threats),
        ];
        every_named_test_exists(&THREATS, &texts)
    }

    #[test]
    fn a_named_test_must_exist() {
        assert_eq!(
            check("| replay | `oidc` | `attacks::a_code_is_redeemed_once` |"),
            Findings::new()
        );
        assert_eq!(
            check("| replay | `oidc` | `a_code_is_redeemed_twice` |").len(),
            1
        );
    }

    #[test]
    fn a_row_names_a_test_or_owns_up() {
        assert_eq!(check("| replay | `oidc` | |").len(), 1);
        assert_eq!(
            check("| replay | `oidc` | not yet: no refresh tokens |"),
            Findings::new()
        );
        assert_eq!(check("| §3.2 | implicit | left out: D2 |"), Findings::new());
    }

    #[test]
    fn a_missing_table_is_found() {
        for promises in [THREATS, CONFORMANCE] {
            assert_eq!(every_named_test_exists(&promises, &[]).len(), 1);
        }
    }
}
