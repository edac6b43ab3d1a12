//! CSV (RFC 4180), as spreadsheets open it: with a mark that says UTF-8, a semicolon between fields, every
//! field quoted. A field that a spreadsheet would take for a formula begins with an apostrophe (threat N-201).

use super::{Head, Line, Writer, cells};

pub(super) struct Csv;

impl Writer for Csv {
    fn begin(&mut self, head: &Head) -> Vec<u8> {
        let mut text = "\u{feff}".as_bytes().to_vec();
        text.extend(row(&head.columns));
        text
    }

    fn line(&mut self, line: &Line) -> Vec<u8> {
        row(&cells(line))
    }

    fn end(&mut self) -> Vec<u8> {
        Vec::new()
    }
}

fn row(fields: &[String]) -> Vec<u8> {
    let fields: Vec<String> = fields.iter().map(|it| field(it)).collect();
    format!("{}\r\n", fields.join(";")).into_bytes()
}

fn field(text: &str) -> String {
    let is_formula = text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠',
    ]);
    let guard = if is_formula { "'" } else { "" };
    format!(
        "\"{guard}{}\"",
        text.replace('"', "\"\"").replace(['\r', '\n'], " ")
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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

    #[test]
    fn no_field_begins_as_a_formula() {
        for text in [
            "=1+1", "+33", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "＝1",
        ] {
            assert!(field(text).starts_with("\"'"), "{text:?}");
        }
        assert_eq!(field("ABCD-2345"), "\"ABCD-2345\"");
    }

    proptest! {
        #[test]
        fn a_field_is_one_field_whatever_it_says(text in "\\PC{0,40}", more in "[\"\r\n;=]{0,8}") {
            let written = field(&format!("{text}{more}"));
            let inside = &written[1..written.len() - 1];
            prop_assert!(written.starts_with('"') && written.ends_with('"'));
            prop_assert_eq!(inside.matches('"').count() % 2, 0);
            prop_assert!(!inside.replace("\"\"", "").contains('"'));
            prop_assert!(!written.contains('\n') && !written.contains('\r'));
        }
    }
}
