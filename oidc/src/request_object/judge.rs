//! What a request object says of itself: from whom, for whom, and when (RFC 9101 §4, §10.8; FAPI 2.0
//! Message Signing §5.3).

use std::time::Duration;

use guichet_domain::{Client, Timestamp};
use serde_json::{Map, Value};

use super::refused;
use crate::Engine;
use crate::profile::ObjectRules;
use crate::refusal::Refusal;

/// How far a client's clock may differ from ours.
const LEEWAY: Duration = Duration::from_mins(1);

/// Judges what an object says of itself. What is not there is not wrong, unless the profile wants it.
pub(super) fn itself(
    engine: &Engine,
    client: &Client,
    claims: &Map<String, Value>,
    rules: &ObjectRules,
) -> Result<(), Refusal> {
    let id = client.id.as_str();
    if claims.get("iss").is_some_and(|iss| iss != id) {
        return Err(refused("iss of the request object is not the client"));
    }
    // It could serve as a client assertion, or be one (RFC 9101 §10.8).
    if claims.get("sub").is_some_and(|sub| sub == id) {
        return Err(refused("sub of a request object must not be the client"));
    }
    match claims.get("aud") {
        Some(audience) if !names(audience, engine.issuer()) => {
            return Err(refused("aud of the request object is not this issuer"));
        }
        None if rules.alone => return Err(refused("the request object lacks aud")),
        Some(_) | None => (),
    }
    times(claims, rules, engine.now())
}

/// Whether an audience, one or several, is also `issuer`.
fn names(audience: &Value, issuer: &str) -> bool {
    match audience {
        Value::Array(several) => several.iter().any(|one| one == issuer),
        one => one == issuer,
    }
}

fn times(claims: &Map<String, Value>, rules: &ObjectRules, now: Timestamp) -> Result<(), Refusal> {
    let [expires, not_before, issued] =
        ["exp", "nbf", "iat"].map(|name| claims.get(name).map(seconds).transpose());
    let (expires, not_before, issued) = (expires?, not_before?, issued?);
    if expires.is_some_and(|expires| now.before(LEEWAY) >= expires) {
        return Err(refused("the request object has expired"));
    }
    if [not_before, issued]
        .into_iter()
        .flatten()
        .any(|time| time > now.after(LEEWAY))
    {
        return Err(refused("the request object is not valid yet"));
    }
    let Some(longest) = rules.longest else {
        return Ok(());
    };
    let (Some(expires), Some(not_before)) = (expires, not_before) else {
        return Err(refused("the request object lacks exp or nbf"));
    };
    if now.since(not_before) > longest || expires > not_before.after(longest) {
        return Err(refused("the request object lives longer than an hour"));
    }
    Ok(())
}

/// A `NumericDate` (RFC 7519 §2); a fraction is dropped.
fn seconds(value: &Value) -> Result<Timestamp, Refusal> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, as Timestamp does"
    )]
    let fraction = |number: f64| number as i64;
    value
        .as_i64()
        .or_else(|| value.as_f64().map(fraction))
        .map(Timestamp::from_seconds)
        .ok_or(refused("a time in the request object is not a number"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(10_000);
    const HOUR: ObjectRules = ObjectRules {
        alone: true,
        longest: Some(Duration::from_hours(1)),
    };
    const ANY: ObjectRules = ObjectRules {
        alone: false,
        longest: None,
    };

    fn holds(claims: &Value, rules: &ObjectRules) -> bool {
        times(claims.as_object().unwrap(), rules, NOW).is_ok()
    }

    #[test]
    fn times_hold_at_their_ends_and_no_further() {
        for (claims, holds_for_fapi2, holds_at_all) in [
            (json!({}), false, true),
            (json!({"exp": 10_060}), false, true),
            (json!({"nbf": 10_000}), false, true),
            (json!({"nbf": 10_000, "exp": 10_060}), true, true),
            (json!({"nbf": 10_008, "exp": 10_060}), true, true),
            (json!({"nbf": 10_060, "exp": 10_100}), true, true),
            (json!({"nbf": 10_061, "exp": 10_100}), false, false),
            (json!({"nbf": 9000, "exp": 9941}), true, true),
            (json!({"nbf": 9000, "exp": 9940}), false, false),
            (json!({"nbf": 10_000, "exp": 13_600}), true, true),
            (json!({"nbf": 10_000, "exp": 13_601}), false, true),
            (json!({"nbf": 6400, "exp": 10_000}), true, true),
            (json!({"nbf": 6399, "exp": 9999}), false, true),
            (json!({"nbf": 10_000.5, "exp": 10_060.5}), true, true),
            (
                json!({"nbf": 10_000, "exp": 10_060, "iat": 10_061}),
                false,
                false,
            ),
            (json!({"nbf": "10000", "exp": 10_060}), false, false),
        ] {
            assert_eq!(holds(&claims, &HOUR), holds_for_fapi2, "{claims}");
            assert_eq!(holds(&claims, &ANY), holds_at_all, "{claims}");
        }
    }

    #[test]
    fn one_of_several_audiences_is_enough() {
        assert!(names(&json!("https://us"), "https://us"));
        assert!(names(&json!(["https://them", "https://us"]), "https://us"));
        for other in [
            json!("https://us/"),
            json!([]),
            json!(["x"]),
            json!({}),
            json!(null),
        ] {
            assert!(!names(&other, "https://us"), "{other}");
        }
    }
}
