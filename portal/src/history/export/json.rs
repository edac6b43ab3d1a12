//! JSON: one object, an entry a line.

use serde_json::json;

use super::{Head, Line, Writer};

#[derive(Default)]
pub(super) struct Json {
    has_line: bool,
}

impl Writer for Json {
    fn begin(&mut self, head: &Head) -> Vec<u8> {
        let (issuer, made) = (json!(head.issuer), json!(head.made.to_string()));
        let filter = json!(head.filter);
        format!("{{\"issuer\":{issuer},\"made\":{made},\"filter\":{filter},\"entries\":[")
            .into_bytes()
    }

    fn line(&mut self, line: &Line) -> Vec<u8> {
        let mut text = Vec::from(if self.has_line { &b",\n"[..] } else { b"\n" });
        self.has_line = true;
        // A line is texts and numbers: it always serializes.
        let _ = serde_json::to_writer(&mut text, line);
        text
    }

    fn end(&mut self) -> Vec<u8> {
        b"\n]}\n".to_vec()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::tests::{head, line};
    use super::*;

    fn file(lines: &[Line]) -> Value {
        let mut json = Json::default();
        let mut text = json.begin(&head());
        for line in lines {
            text.extend(json.line(line));
        }
        text.extend(json.end());
        serde_json::from_slice(&text).unwrap()
    }

    #[test]
    fn a_file_is_one_object_however_many_entries_it_has() {
        assert_eq!(file(&[])["entries"], json!([]));
        let said = file(&[line(9, "\"é\""), line(8, "b")]);
        assert_eq!(said["entries"][0]["what"], "\"é\"");
        assert_eq!(said["entries"][1]["entry"], 8);
        assert_eq!(said["entries"][1]["place"], Value::Null);
        assert_eq!(said["issuer"], "https://hub.example");
        assert_eq!(said["entries"][1].as_object().unwrap().len(), 15);
    }
}
