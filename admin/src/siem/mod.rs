//! The audit log as a SIEM reads it: a line of CEF each entry, or OTLP logs in JSON. What the log holds and
//! nothing else: random identifiers, keyed names, registered names.

mod cef;
mod otlp;

use guichet_store::durable::EntryRecord;
use serde_json::{Map, Value};

pub use cef::line;
pub use otlp::export;

/// An entry, read for whoever exports it.
struct Read {
    sequence: u64,
    /// Milliseconds since 1970.
    at: i64,
    kind: String,
    /// Every other member of the event, by its name; details under their own.
    members: Vec<(String, String)>,
}

impl Read {
    /// What an entry says; one that cannot be read says nothing but that it is there.
    fn of(entry: &EntryRecord) -> Self {
        let event: Value = serde_json::from_slice(&entry.entry).unwrap_or_default();
        let mut members = Vec::new();
        for (name, value) in event.as_object().into_iter().flatten() {
            match (name.as_str(), value) {
                ("at" | "kind", _) => {}
                ("details", Value::Object(details)) => members.extend(flat(details)),
                (name, value) => members.push((name.to_owned(), text(value))),
            }
        }
        Self {
            sequence: entry.sequence,
            at: event["at"].as_i64().unwrap_or_default(),
            kind: event["kind"].as_str().unwrap_or("unreadable").to_owned(),
            members,
        }
    }

    /// How much it asks to be looked at: `true` for what an operator must know of.
    fn is_grave(&self) -> bool {
        let kind = self.kind.as_str();
        GRAVE.contains(&kind)
    }

    fn is_refusal(&self) -> bool {
        ["refused", "failed", "replayed", "barred", "lost"]
            .iter()
            .any(|word| self.kind.contains(word))
    }
}

/// What is never routine.
const GRAVE: [&str; 6] = [
    "switch.off",
    "switch.on",
    "staff.broke_glass",
    "code.replayed",
    "ledger.events_lost",
    "key.revoked",
];

fn flat(details: &Map<String, Value>) -> impl Iterator<Item = (String, String)> {
    details
        .iter()
        .map(|(name, value)| (name.clone(), text(value)))
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(event: &Value) -> EntryRecord {
        EntryRecord {
            sequence: 7,
            entry: event.to_string().into_bytes(),
        }
    }

    #[test]
    fn a_line_of_cef_is_one_line_whatever_stands_in_it() {
        let told = entry(&json!({
            "at": 1_795_000_000_123_i64, "kind": "switch.off", "client": "a|b",
            "details": {"reason": "one=1\ntwo\\2", "by": "staff:x"},
        }));
        let line = line(&told);
        assert!(line.starts_with("CEF:0|Guichet|guichet|"), "{line}");
        assert!(line.contains("|switch.off|switch.off|8|rt=1795000000123 externalId=7 "));
        assert!(line.contains(r"guichetReason=one\=1\ntwo\\2"), "{line}");
        assert!(line.contains("guichetClient=a|b"), "{line}");
        assert!(!line.contains('\n'));
    }

    #[test]
    fn otlp_names_time_kind_place_and_members() {
        let told = entry(&json!({
            "at": 1_795_000_000_123_i64, "kind": "login.refused", "client": "town",
            "details": {"error": "invalid_scope"},
        }));
        let sent = export(&[told]);
        let record = &sent["resourceLogs"][0]["scopeLogs"][0]["logRecords"][0];
        assert_eq!(record["timeUnixNano"], "1795000000123000000");
        assert_eq!(record["eventName"], "login.refused");
        assert_eq!(record["severityText"], "WARN");
        let attributes = record["attributes"].to_string();
        for said in [
            "guichet.sequence",
            "guichet.client",
            "town",
            "guichet.error",
        ] {
            assert!(attributes.contains(said), "{attributes}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_there_all_the_same() {
        let broken = EntryRecord {
            sequence: 1,
            entry: b"\xff".to_vec(),
        };
        assert!(line(&broken).contains("|unreadable|"));
        assert!(export(&[broken]).to_string().contains("unreadable"));
    }
}
