//! `GET /exchange/catalogue` and `/exchange/catalogue.jwt`: which evidence there is, what it may be asked
//! for, where each data provider is, and which service was approved for what. The signed one says until
//! when it may be relied on.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use guichet_domain::{Client, DataProvider, KeySource, Timestamp};
use guichet_keys::{KeysError, Typ};
use http::header;
use serde_json::{Value, json};

use super::{Counter, failed};
use crate::Desk;

/// As JSON.
pub(super) async fn json(State(counter): State<Counter>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, FRESH),
    ];
    match counter.desk.published() {
        Ok(published) => (headers, published.to_string()).into_response(),
        Err(error) => failed(&error, NOT_WRITTEN),
    }
}

/// As a JWT (typ `evidence-catalogue+jwt`), signed with the keys at `/jwks`.
pub(super) async fn signed(State(counter): State<Counter>) -> Response {
    match counter.desk.signed_catalogue() {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "application/jwt"),
                (header::CACHE_CONTROL, FRESH),
            ];
            (headers, text).into_response()
        }
        Err(error) => failed(&error, NOT_WRITTEN),
    }
}

const NOT_WRITTEN: &str = "the catalogue was not written";

/// A data provider that was disabled is gone from it within a minute: half of that as it was signed here,
/// half where it was read.
const FRESH: &str = "public, max-age=30";
const SIGNED_FOR: Duration = Duration::from_secs(30);

/// The catalogue as it was last signed, and when: anybody may ask for it, and a signature may be a journey
/// to another machine.
#[derive(Default)]
pub(crate) struct SignedCatalogue(Mutex<Option<(Timestamp, String)>>);

impl Desk {
    /// Signed anew when it was not for half a minute; of several who ask at once, one signs.
    pub(crate) fn signed_catalogue(&self) -> Result<String, KeysError> {
        let now = self.parts.clock.now();
        let SignedCatalogue(last) = &self.signed_catalogue;
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((signed, text)) = &*last
            && now.since(*signed) < SIGNED_FOR
        {
            return Ok(text.clone());
        }
        let published = self.published().map_err(KeysError::Claims)?;
        let ring = self.parts.keys.ring();
        let alg = ring.algs().first().copied().unwrap_or_default();
        let text = ring.sign_jwt(alg, Typ::EvidenceCatalogue, &published)?;
        *last = Some((now, text.clone()));
        Ok(text)
    }

    pub(crate) fn published(&self) -> serde_json::Result<Value> {
        let now = self.parts.clock.now();
        let all = self.parts.data_providers.data_providers();
        let active = all.iter().filter(|known| known.active);
        let places: Vec<Value> = active.map(|known| self.place(known)).collect();
        let mut published = serde_json::to_value(self.catalogue())?;
        published["iss"] = self.parts.issuer.as_str().into();
        published["iat"] = now.seconds().into();
        published["exp"] = (now.seconds() + GOOD_FOR_SECONDS).into();
        published["data_providers"] = places.into();
        let services = self.parts.services.services();
        let approved = services.iter().filter_map(|it| approved(it, now));
        published["services"] = approved.collect::<Vec<_>>().into();
        Ok(published)
    }

    /// Where a data provider is, and the keys that verify what it signs.
    fn place(&self, known: &DataProvider) -> Value {
        let mut place = json!({
            "id": known.id,
            "name": known.name,
            "evidence_endpoint": known.evidence_endpoint,
            "evidence_types": known.evidence,
        });
        match self.client_of(known).and_then(|client| client.keys.clone()) {
            Some(KeySource::JwksUri(uri)) => place["jwks_uri"] = uri.as_str().into(),
            Some(KeySource::Jwks(jwks)) => place["jwks"] = jwks,
            None => {}
        }
        place
    }
}

/// What a service may ask for now, and until when; `None` when that is nothing.
fn approved(client: &Client, now: Timestamp) -> Option<Value> {
    let live = client.evidence_rights.iter().filter(|it| it.is_live(now));
    let rights: Vec<Value> = live
        .map(|right| {
            let mut told = json!({
                "evidence_type": right.evidence_type,
                "fields": right.fields,
                "purposes": right.purposes,
            });
            if let Some(until) = right.until {
                told["until"] = until.to_string().into();
            }
            told
        })
        .collect();
    let is_told = client.active && !rights.is_empty();
    is_told.then(|| json!({"client_id": client.id, "name": client.name, "rights": rights}))
}

/// A day: whoever has not looked since asks again.
const GOOD_FOR_SECONDS: i64 = 24 * 60 * 60;
