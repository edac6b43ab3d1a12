//! `GET /exchange/schemas/evidence/{type}.json`: what stands in the evidence of each type.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use guichet_domain::EvidenceTypeId;
use http::{StatusCode, header};

use super::Counter;

/// By the name in the catalogue; 404 for what is not in it.
pub(super) async fn of_evidence(
    State(counter): State<Counter>,
    Path(file): Path<String>,
) -> Response {
    let desk = &counter.desk;
    let id = file.strip_suffix(".json").and_then(|id| id.parse().ok());
    let known = id.and_then(|id: EvidenceTypeId| desk.catalogue().evidence(&id));
    let Some(known) = known else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let issuer = desk.parts.issuer.trim_end_matches('/');
    let schema = known.schema(&format!("{issuer}/exchange/schemas/evidence/{file}"));
    let headers = [
        (header::CONTENT_TYPE, "application/schema+json"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, schema.to_string()).into_response()
}
