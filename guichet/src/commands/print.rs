//! Printing results: the only place that writes to standard output, and beside it.

use std::io::Write as _;

use anyhow::Result;
use serde::Serialize;

/// Prints a line.
pub(crate) fn line(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(())
}

/// Prints a line on standard error: what is told beside a result. What stands in files of others tells a terminal
/// nothing: control characters are written out.
pub(crate) fn aside(text: &str) -> Result<()> {
    let mut out = std::io::stderr().lock();
    writeln!(out, "{}", visible(text))?;
    Ok(())
}

/// With every control character but the ends of lines escaped.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() && letter != '\n' {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Prints a value as indented JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    line(&serde_json::to_string_pretty(value)?)
}

/// Prints rows as columns under headings.
pub(crate) fn table<const N: usize>(
    headings: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<()> {
    let headings = headings.map(str::to_owned).to_vec();
    let mut all = vec![headings];
    all.extend(rows.into_iter().map(|row| row.to_vec()));
    columns(&all)
}

/// Prints rows as columns.
pub(crate) fn columns(rows: &[Vec<String>]) -> Result<()> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    for row in rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        line(cells.join("  ").trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_told_of_a_file_tells_the_terminal_nothing() {
        let told = super::visible("client \u{1b}[2Jx\u{7}\n    \u{9b}31m\r");
        assert_eq!(told, "client \\u{1b}[2Jx\\u{7}\n    \\u{9b}31m\\r");
    }
}
