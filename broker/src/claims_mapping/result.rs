//! What may come out of a rule: what the claim is, no larger than anybody's claim.

use cel::Value as Cel;
use serde_json::Value;

/// The result of the rule for `claim` as JSON: a text, for `email_verified` a yes or no, for `amr`
/// and `given_name_array` a list of texts; or `null`, which leaves the claim out.
pub(super) fn checked(claim: &str, value: &Cel) -> Result<Value, String> {
    match (claim, value) {
        (_, Cel::Null) => Ok(Value::Null),
        ("email_verified", Cel::Bool(flag)) => Ok(Value::Bool(*flag)),
        ("email_verified", _) => Err("a bool is wanted".to_owned()),
        ("amr" | "given_name_array", Cel::List(texts)) if texts.len() <= MOST_TEXTS => texts
            .iter()
            .map(text)
            .collect::<Result<_, _>>()
            .map(Value::Array),
        ("amr" | "given_name_array", _) => {
            Err(format!("a list of {MOST_TEXTS} texts at most is wanted"))
        }
        (_, value) => text(value),
    }
}

fn text(value: &Cel) -> Result<Value, String> {
    match value {
        Cel::String(text) if text.len() <= LONGEST_TEXT => Ok(Value::String(text.to_string())),
        Cel::String(_) => Err(format!("a text of {LONGEST_TEXT} bytes at most is wanted")),
        _ => Err("a string is wanted".to_owned()),
    }
}

const LONGEST_TEXT: usize = 1024;
const MOST_TEXTS: usize = 16;
