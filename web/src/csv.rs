//! CSV (RFC 4180), as spreadsheets open it: with a mark that says UTF-8, a semicolon between fields, every
//! field quoted. A field that a spreadsheet would take for a formula begins with an apostrophe (threat N-201).

/// What a file begins with: the mark, and the names of its columns.
pub fn csv_head<T: AsRef<str>>(columns: &[T]) -> Vec<u8> {
    let mut text = "\u{feff}".as_bytes().to_vec();
    text.extend(csv_row(columns));
    text
}

/// One row.
pub fn csv_row<T: AsRef<str>>(fields: &[T]) -> Vec<u8> {
    let fields: Vec<String> = fields.iter().map(|it| field(it.as_ref())).collect();
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

    use super::*;

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
