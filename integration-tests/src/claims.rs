//! JSON objects that tests send: metadata and claims, with members changed, and the time they are of.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

/// An object with these members replaced; `null` leaves one out.
#[must_use]
pub fn changed(mut members: Value, change: &Value) -> Value {
    for (name, value) in change.as_object().into_iter().flatten() {
        if value.is_null() {
            members.as_object_mut().map(|members| members.remove(name));
        } else {
            members[name] = value.clone();
        }
    }
    members
}

/// The present, in seconds since 1970: a client's own clock.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.map_or(0, |since| since.as_secs())).unwrap_or_default()
}
