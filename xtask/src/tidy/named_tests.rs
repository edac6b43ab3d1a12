//! `docs/threats.md` promises a test for each threat, `docs/conformance.md` one for each section of each
//! standard; this keeps the promises checkable.
//!
//! The third cell of a row names tests in backticks, or opens with `not yet` or `left out` and says why.

use std::collections::{HashMap, HashSet};

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

/// Every test a row names is one of the workspace, in the modules it is said to be in, and every row names
/// one or owns up.
pub(super) fn every_named_test_exists(promises: &Promises, texts: &[(String, String)]) -> Findings {
    let mut known = Tests::new();
    for (path, content) in texts.iter().filter(|(path, _)| is_rust(path)) {
        for name in tests(path, content) {
            known.entry(name).or_default().push(path);
        }
    }
    let path = promises.path;
    let rows = table_rows(text(texts, path), &promises.heading);
    if rows.is_empty() {
        let heading = promises.heading.join(" | ");
        return vec![format!("{path}: no table headed `| {heading} |`")];
    }
    let checked = rows.iter().flat_map(|cells| check_row(path, cells, &known));
    checked.chain(numbers_given_twice(path, &rows)).collect()
}

/// A row that has a number has it for itself: others refer to it by that.
fn numbers_given_twice(path: &str, rows: &[Vec<&str>]) -> Findings {
    let mut given = HashSet::new();
    let numbers = rows.iter().filter_map(|cells| number(cells.first()?));
    let twice = numbers.filter(|number| !given.insert(*number));
    twice
        .map(|number| format!("{path}: {number} is the number of two rows"))
        .collect()
}

/// `N-17` of `N-17 A provider asserts …`.
fn number(about: &str) -> Option<&str> {
    let first = about.split_whitespace().next()?;
    let digits = first.strip_prefix("N-")?;
    digits
        .bytes()
        .all(|it| it.is_ascii_digit())
        .then_some(first)
}

/// The files that hold a test of each name.
type Tests<'a> = HashMap<&'a str, Vec<&'a str>>;

fn check_row(path: &str, cells: &[&str], known: &Tests<'_>) -> Findings {
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
    let unknown = named.into_iter().filter(|named| {
        let (modules, name) = named.rsplit_once("::").unwrap_or(("", *named));
        let files = known.get(name).into_iter().flatten();
        !files.copied().any(|file| fits(file, modules))
    });
    unknown
        .map(|name| format!("{path}: no test is called `{name}`"))
        .collect()
}

/// Whether a file holds these modules: `a::b` is `a/b.rs`, `a/b/mod.rs` or a file below `a/b/`.
fn fits(file: &str, modules: &str) -> bool {
    let file = file.strip_suffix(".rs").unwrap_or(file);
    let mut folders = file.split('/');
    modules
        .split("::")
        .filter(|module| !module.is_empty())
        .all(|module| folders.any(|folder| folder == module))
}

/// The tests of a source: functions under an attribute that makes them one, and the rules of the store,
/// which a macro runs on every backend.
fn tests<'a>(path: &str, source: &'a str) -> Vec<&'a str> {
    let are_rules = path.starts_with("store/src/conformance/");
    let mut is_marked = false;
    let mut found = Vec::new();
    let mut attribute = String::new();
    for line in source.lines().map(str::trim) {
        if !attribute.is_empty() || line.starts_with("#[") {
            // An attribute may run over several lines.
            attribute.push_str(line);
            if line.ends_with(']') {
                is_marked |= makes_a_test(&attribute);
                attribute.clear();
            }
        } else if let Some(name) = function(line) {
            let is_rule = are_rules && line.starts_with("pub async fn ");
            if is_marked || is_rule {
                found.push(name);
            }
            is_marked = false;
        } else if !line.starts_with("//") {
            is_marked = false;
        }
    }
    found
}

/// `#[test]`, `#[tokio::test]`, `#[tokio::test(flavor = "...")]`.
fn makes_a_test(attribute: &str) -> bool {
    let name = attribute.trim_start_matches("#[");
    let end = name.find(['(', ']', ' ']).unwrap_or(name.len());
    name[..end].rsplit("::").next() == Some("test")
}

/// The name of the function whose declaration this line begins.
fn function(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("fn ")?;
    let is_declared = before
        .split_whitespace()
        .all(|word| word == "async" || word.starts_with("pub"));
    let end = after.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
    is_declared.then_some(&after[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"
#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "a long story"
)]
/// Why.
async fn a_code_is_redeemed_once() {
}
    fn inner<T>() {}
    #[test]
    fn a_property(code in any()) {}
"#;

    fn check(table_row: &str) -> Findings {
        let threats = format!("| threat | prevented in | test |\n|---|---|---|\n{table_row}");
        let texts = [
            ("a/tests/it/attacks/codes.rs".to_owned(), SOURCE.to_owned()),
            ("docs/threats.md".to_owned(), threats),
        ];
        every_named_test_exists(&THREATS, &texts)
    }

    #[test]
    fn a_named_test_must_exist_where_it_is_said_to_be() {
        for (name, findings) in [
            ("a_code_is_redeemed_once", 0),
            ("attacks::codes::a_code_is_redeemed_once", 0),
            ("attacks::a_code_is_redeemed_once", 0),
            ("a_property", 0),
            ("a_code_is_redeemed_twice", 1),
            ("attacks::forms::a_code_is_redeemed_once", 1),
            ("codes::attacks::a_code_is_redeemed_once", 1),
        ] {
            let row = format!("| replay | `oidc` | `{name}` |");
            assert_eq!(check(&row).len(), findings, "{name}");
        }
    }

    #[test]
    fn a_function_that_nobody_runs_is_no_test() {
        assert_eq!(check("| replay | `oidc` | `inner` |").len(), 1);
        let rules = "pub async fn a_rule(books: Books) {}\nfn helper() {}";
        assert_eq!(tests("store/src/conformance/codes.rs", rules), ["a_rule"]);
        assert_eq!(tests("store/src/codes.rs", rules), Vec::<&str>::new());
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
    fn a_number_is_given_once() {
        let row =
            |number: &str| format!("| {number} replay | `oidc` | `a_code_is_redeemed_once` |");
        let table = |numbers: [&str; 2]| numbers.map(row).join("\n");
        for numbers in [["N-17", "N-18"], ["N-17", "N-171"], ["again", "again"]] {
            assert_eq!(check(&table(numbers)), Findings::new());
        }
        let twice = check(&table(["N-17", "N-17"]));
        assert_eq!(twice, ["docs/threats.md: N-17 is the number of two rows"]);
    }

    #[test]
    fn a_missing_table_is_found() {
        for promises in [THREATS, CONFORMANCE] {
            assert_eq!(every_named_test_exists(&promises, &[]).len(), 1);
        }
    }
}
