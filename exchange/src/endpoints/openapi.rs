//! `GET /exchange/openapi.json` and `/exchange/schemas/{name}`: every message of an exchange, for programs.
//! The node serves what it speaks itself, under its own address, so that nobody reads the page of another
//! version.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderName, StatusCode, header};
use serde_json::{Value, json};

use super::Counter;

/// OpenAPI 3.1.
pub(super) async fn document(State(counter): State<Counter>) -> Response {
    let described = described(&counter.desk.parts.issuer).to_string();
    (headers("application/json"), described).into_response()
}

/// A JSON Schema (2020-12) that the document refers to.
pub(super) async fn schema(State(counter): State<Counter>, Path(name): Path<String>) -> Response {
    match schema_named(&name, &counter.desk.parts.issuer) {
        Some(schema) => (headers("application/schema+json"), schema.to_string()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The document of the hub at `issuer`.
fn described(issuer: &str) -> Value {
    // A test reads it: what would be missing here is missing at build time.
    let mut document: Value = serde_json::from_str(DOCUMENT).unwrap_or_default();
    document["servers"] = json!([{ "url": issuer }]);
    document
}

/// One of [`SCHEMAS`]; where it is served is its `$id`.
fn schema_named(name: &str, issuer: &str) -> Option<Value> {
    let (_, text) = SCHEMAS.iter().find(|(known, _)| *known == name)?;
    let mut schema: Value = serde_json::from_str(text).unwrap_or_default();
    schema["$id"] = format!("{issuer}/exchange/schemas/{name}").into();
    Some(schema)
}

const fn headers(media_type: &'static str) -> [(HeaderName, &'static str); 2] {
    [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ]
}

const DOCUMENT: &str = include_str!("../../api/openapi.json");

macro_rules! schemas {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../api/schemas/", $name)))),*]
    };
}

/// By the last part of their address, which is what they call one another.
const SCHEMAS: &[(&str, &str)] = schemas![
    "authorization-detail.json",
    "catalogue.json",
    "common.json",
    "delivery.json",
    "erasure.json",
    "event.json",
    "evidence-request.json",
    "evidence.json",
    "granted-detail.json",
    "receipt.json",
    "voucher.json",
];

#[cfg(test)]
mod tests {
    use super::*;

    const HUB: &str = "https://hub.example/path";

    /// Every `$ref` within `value`.
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                for member in members.values() {
                    references(member, found);
                }
            }
            Value::Array(items) => {
                for item in items {
                    references(item, found);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let schema = |name: &str| schema_named(name, HUB).unwrap_or_else(|| panic!("no {name}"));
        let mut documents = vec![described(HUB)];
        documents.extend(SCHEMAS.iter().map(|(name, _)| schema(name)));
        for document in &documents {
            let mut found = Vec::new();
            references(document, &mut found);
            for reference in found {
                let (file, place) = reference.split_once('#').unwrap_or((reference, ""));
                let file = file.strip_prefix("schemas/").unwrap_or(file);
                let within = if file.is_empty() {
                    document.clone()
                } else {
                    schema(file)
                };
                assert!(within.pointer(place).is_some(), "{reference}");
            }
        }
        assert_eq!(documents.len(), 12);
    }

    #[test]
    fn the_document_is_that_of_this_hub_and_names_every_schema() {
        let document = described(HUB);
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["servers"][0]["url"], HUB);
        let voucher = schema_named("voucher.json", HUB).unwrap();
        assert_eq!(
            voucher["$id"],
            format!("{HUB}/exchange/schemas/voucher.json")
        );
        assert_eq!(schema_named("../openapi.json", HUB), None);
        let names = &document["paths"]["/exchange/schemas/{name}"]["get"]["parameters"][0];
        let served: Vec<&str> = SCHEMAS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names["schema"]["enum"], json!(served));
    }
}
