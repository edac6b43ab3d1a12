//! `cargo xtask tidy`: the rules of the house that no lint knows, one file a rule.

mod crates;
mod dockerfile;
mod frame;
mod headers;
mod imports;
mod links;
mod named_tests;
mod planned;
mod reaches;
mod reasons;
mod texts;
mod words;

use std::path::Path;

use anyhow::{Result, bail};

use crate::run::{command, read};
use crate::workspace::Workspace;

/// What a rule found wrong, one line each: where, and what.
type Findings = Vec<String>;

/// Applies every rule and reports all that is wrong at once.
pub(crate) fn tidy(workspace: &Workspace) -> Result<()> {
    println!("\n$ cargo xtask tidy");
    let texts = workspace.texts()?;
    let architecture = text(&texts, "ARCHITECTURE.md");
    let manifest = text(&texts, "Cargo.toml");
    let tree =
        "cargo tree --workspace --locked --prefix none --format {p} --edges normal,build,dev";

    let mut findings = Findings::new();
    findings.extend(headers::every_source_says_what_it_is_for(&texts));
    findings.extend(imports::rooms_import_what_the_table_allows(
        architecture,
        &workspace.rooms,
    ));
    findings.extend(crates::only_some_rooms_may_use_some_crates(
        &workspace.rooms,
    ));
    findings.extend(crates::some_crates_are_not_built(&read(&mut command(
        &workspace.root,
        tree,
    ))?));
    findings.extend(reaches::only_some_rooms_touch_files_and_environment(&texts));
    findings.extend(reasons::every_dependency_has_a_reason(manifest));
    findings.extend(reasons::every_postponement_has_a_reason(&texts));
    for promises in [named_tests::THREATS, named_tests::CONFORMANCE] {
        findings.extend(named_tests::every_named_test_exists(&promises, &texts));
    }
    findings.extend(planned::every_statement_about_a_person_is_planned(&texts));
    findings.extend(frame::every_page_stands_in_the_one_frame(&texts));
    findings.extend(words::every_page_says_it_in_the_words_of_the_glossary(
        &texts,
    ));
    findings.extend(links::every_local_link_leads_somewhere(
        &texts,
        &workspace.root,
    ));
    findings.extend(dockerfile::the_image_builds_from_what_is_here(
        text(&texts, "Dockerfile"),
        manifest,
        &workspace.root,
    ));

    for finding in &findings {
        println!("  {finding}");
    }
    match findings.len() {
        0 => Ok(()),
        count => bail!("tidy: {count} finding(s)"),
    }
}

fn text<'a>(texts: &'a [(String, String)], path: &str) -> &'a str {
    texts
        .iter()
        .find(|(name, _)| name == path)
        .map_or("", |(_, content)| content)
}

/// Whether a path is Rust source.
fn is_rust(path: &str) -> bool {
    has_extension(path, "rs")
}

fn has_extension(path: &str, wanted: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == wanted)
}

/// Whether a file may have pages of the product: it tries nothing out and checks nothing.
fn is_of_the_product(path: &str) -> bool {
    let in_tests =
        path.contains("/tests/") || path.ends_with("/tests.rs") || path.contains("/testing/");
    !in_tests && !["integration-tests", "xtask", "fuzz"].contains(&room_of(path))
}

/// The room a path lies in: its first folder.
fn room_of(path: &str) -> &str {
    path.split('/').next().unwrap_or_default()
}

/// The numbered lines of a source that ship in the product: no comments, and nothing from the unit tests on
/// (tests close a file, by the house order).
fn shipped_lines(content: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = content
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line));
    lines
        .take_while(|(_, line)| !line.trim_start().starts_with("#[cfg(test)]"))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// The cells of the rows of every table in a markdown text whose heading row has exactly these cells.
fn table_rows<'a>(markdown: &'a str, heading: &[&str]) -> Vec<Vec<&'a str>> {
    let mut rows = Vec::new();
    let mut inside = false;
    for line in markdown.lines().map(str::trim) {
        let Some(cells) = cells(line) else {
            inside = false;
            continue;
        };
        if cells == heading {
            inside = true;
        } else if inside && !is_rule(&cells) {
            rows.push(cells);
        }
    }
    rows
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

fn is_rule(cells: &[&str]) -> bool {
    cells
        .iter()
        .all(|cell| cell.chars().all(|c| matches!(c, '-' | ':')))
}

/// The words of a markdown cell that stand between backticks.
fn in_backticks(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tables_under_the_wanted_heading_are_read() {
        let markdown =
            "| a | b |\n|---|---|\n| 1 | 2 |\n\n| c | d |\n|:--|---|\n| 3 | `x`, `y` |\nend";
        assert_eq!(table_rows(markdown, &["c", "d"]), [["3", "`x`, `y`"]]);
        assert!(table_rows(markdown, &["e", "f"]).is_empty());
    }

    #[test]
    fn unit_tests_and_comments_do_not_ship() {
        let source = "// one\nlet two = 2;\n    #[cfg(test)]\nmod tests {}\nlet five = 5;";
        assert_eq!(
            shipped_lines(source).collect::<Vec<_>>(),
            [(2, "let two = 2;")]
        );
    }

    #[test]
    fn words_between_backticks_are_found() {
        assert_eq!(
            in_backticks("`domain`, `keys` and others").collect::<Vec<_>>(),
            ["domain", "keys"]
        );
    }
}
