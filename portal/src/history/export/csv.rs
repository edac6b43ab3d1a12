//! CSV, as spreadsheets open it.

use guichet_web::{csv_head, csv_row};

use super::{Head, Line, Writer, cells};

pub(super) struct Csv;

impl Writer for Csv {
    fn begin(&mut self, head: &Head) -> Vec<u8> {
        csv_head(&head.columns)
    }

    fn line(&mut self, line: &Line) -> Vec<u8> {
        csv_row(&cells(line))
    }

    fn end(&mut self) -> Vec<u8> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{head, line};
    use super::*;

    #[test]
    fn a_file_has_a_head_and_a_row_for_each_entry() {
        let mut csv = Csv;
        let mut text = csv.begin(&head());
        text.extend(csv.line(&line(7, "a;b \"c\"")));
        text.extend(csv.end());
        let text = String::from_utf8(text).unwrap();
        let rows: Vec<&str> = text
            .trim_start_matches('\u{feff}')
            .split_terminator("\r\n")
            .collect();
        assert_eq!(rows.len(), 2);
        assert!(text.starts_with("\u{feff}\"entry\";\"time\""));
        assert!(
            rows[1].starts_with("\"7\";\"2026-11-21T20:06:00Z\""),
            "{}",
            rows[1]
        );
        assert!(rows[1].contains("\"a;b \"\"c\"\"\""), "{}", rows[1]);
    }
}
