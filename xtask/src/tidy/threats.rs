//! `docs/threats.md` promises a test for each threat; this keeps the promise checkable.
//!
//! Its tables are headed `| threat | prevented in | test |`. The third cell names tests in backticks, or opens
//! with `not yet` and says why.

use std::collections::HashSet;

use super::{Findings, in_backticks, is_rust, table_rows};

/// Every test a row names is a function of the workspace, and every row names one or owns up.
pub(super) fn every_named_test_exists(threats: &str, texts: &[(String, String)]) -> Findings {
    let functions: HashSet<&str> = texts
        .iter()
        .filter(|(path, _)| is_rust(path))
        .flat_map(|(_, content)| functions(content))
        .collect();
    let rows = table_rows(threats, &["threat", "prevented in", "test"]);
    if rows.is_empty() {
        return vec![
            "docs/threats.md: no table headed `| threat | prevented in | test |`".to_owned(),
        ];
    }
    rows.iter()
        .flat_map(|cells| check_row(cells, &functions))
        .collect()
}

fn check_row(cells: &[&str], functions: &HashSet<&str>) -> Findings {
    let &[threat, _, tests] = cells else {
        return vec![format!(
            "docs/threats.md: a row without three cells: {}",
            cells.join(" | ")
        )];
    };
    if tests.starts_with("not yet") {
        return Findings::new();
    }
    let named: Vec<&str> = in_backticks(tests).collect();
    if named.is_empty() {
        return vec![format!("docs/threats.md: no test for: {threat}")];
    }
    let unknown = named
        .into_iter()
        .filter(|name| !functions.contains(last_segment(name)));
    unknown
        .map(|name| format!("docs/threats.md: no test is called `{name}`"))
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
        every_named_test_exists(&threats, &[("a/src/lib.rs".to_owned(), SOURCE.to_owned())])
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
    }

    #[test]
    fn a_missing_table_is_found() {
        assert_eq!(every_named_test_exists("", &[]).len(), 1);
    }
}
