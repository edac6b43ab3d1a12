//! Values of records as pages show them: for reading, whatever their type.

use serde::Serialize;
use serde_json::Value;

/// A value for reading.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Shown {
    /// Yes or no, where that is what it is.
    flag: Option<bool>,
    /// Otherwise its lines: a list has one for each of its own.
    lines: Vec<String>,
}

impl Shown {
    pub(super) fn of(value: &Value) -> Self {
        let lines = match value {
            Value::Bool(_) => Vec::new(),
            Value::Array(all) => all.iter().map(line).collect(),
            Value::Object(members) => {
                let members = members.iter();
                members
                    .map(|(name, it)| format!("{name}: {}", line(it)))
                    .collect()
            }
            one => vec![line(one)],
        };
        Self {
            flag: value.as_bool(),
            lines,
        }
    }
}

/// Text as it is, anything else as JSON.
fn line(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_and_a_group_have_a_line_each_and_text_is_as_it_is() {
        let lines = |value: Value| Shown::of(&value).lines;
        assert_eq!(lines(json!("a <b>")), ["a <b>"]);
        assert_eq!(lines(json!(["a", "b"])), ["a", "b"]);
        assert_eq!(lines(json!({"only": ["a"]})), [r#"only: ["a"]"#]);
        assert_eq!(lines(json!(7)), ["7"]);
        assert_eq!(Shown::of(&json!(false)).flag, Some(false));
    }
}
