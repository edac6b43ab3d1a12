//! Changes laid over what is declared: a JSON merge patch (RFC 7396 §2).

use serde::Serialize;
use serde_json::{Map, Value};

/// The members of `known` with `changes` over them; `null` takes a member away.
pub(crate) fn merged<T: Serialize>(
    known: &T,
    changes: Map<String, Value>,
) -> Result<Map<String, Value>, serde_json::Error> {
    let mut members = match serde_json::to_value(known)? {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    lay(&mut members, changes);
    Ok(members)
}

fn lay(members: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (name, change) in changes {
        match change {
            Value::Null => {
                members.remove(&name);
            }
            Value::Object(changes) => {
                let member = members.entry(name).or_insert(Value::Null);
                if !member.is_object() {
                    *member = Value::Object(Map::new());
                }
                if let Value::Object(inner) = member {
                    lay(inner, changes);
                }
            }
            change => {
                members.insert(name, change);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patched(known: &Value, patch: Value) -> Value {
        let Value::Object(changes) = patch else {
            panic!("a patch of a record is an object");
        };
        merged(known, changes).unwrap().into()
    }

    /// The examples of RFC 7396, appendix A, whose patches are objects.
    #[test]
    fn a_patch_does_what_the_standard_s_examples_say() {
        for (known, patch, after) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (
                json!({"a": "b"}),
                json!({"b": "c"}),
                json!({"a": "b", "b": "c"}),
            ),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (
                json!({"a": "b", "b": "c"}),
                json!({"a": null}),
                json!({"b": "c"}),
            ),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (
                json!({"a": [{"b": "c"}]}),
                json!({"a": [1]}),
                json!({"a": [1]}),
            ),
            (
                json!({"e": null}),
                json!({"a": 1}),
                json!({"e": null, "a": 1}),
            ),
            (
                json!({}),
                json!({"a": {"bb": {"ccc": null}}}),
                json!({"a": {"bb": {}}}),
            ),
        ] {
            assert_eq!(patched(&known, patch.clone()), after, "{known} {patch}");
        }
    }
}
