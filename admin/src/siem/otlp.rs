//! OpenTelemetry logs (OTLP 1.x, JSON over HTTP): what a collector takes at `/v1/logs`.

use guichet_store::durable::EntryRecord;
use serde_json::{Value, json};

use super::Read;

/// Entries as one `ExportLogsServiceRequest`.
pub fn export(entries: &[EntryRecord]) -> Value {
    let records: Vec<Value> = entries.iter().map(record).collect();
    json!({
        "resourceLogs": [{
            "resource": {"attributes": [
                attribute("service.name", "guichet"),
                attribute("service.version", env!("CARGO_PKG_VERSION")),
            ]},
            "scopeLogs": [{
                "scope": {"name": "guichet.ledger"},
                "logRecords": records,
            }],
        }],
    })
}

fn record(entry: &EntryRecord) -> Value {
    let read = Read::of(entry);
    let (number, severity) = match (read.is_grave(), read.is_refusal()) {
        (true, _) => (17, "ERROR"),
        (false, true) => (13, "WARN"),
        (false, false) => (9, "INFO"),
    };
    let mut attributes = vec![json!({
        "key": "guichet.sequence", "value": {"intValue": read.sequence.to_string()},
    })];
    let members = read.members.iter();
    attributes.extend(members.map(|(name, value)| attribute(&format!("guichet.{name}"), value)));
    json!({
        // Strings, as JSON has no numbers of sixty-four bits.
        "timeUnixNano": i128::from(read.at).saturating_mul(1_000_000).to_string(),
        "severityNumber": number,
        "severityText": severity,
        "eventName": read.kind,
        "body": {"stringValue": read.kind},
        "attributes": attributes,
    })
}

fn attribute(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}
