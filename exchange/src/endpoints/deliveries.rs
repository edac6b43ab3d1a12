//! `POST /exchange/deliveries`: each side confirms its half of a delivery. Both name the digest of the same
//! envelope; what only one side confirms is conspicuous.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{EventKind, ExchangeId};
use guichet_keys::{JwsAlg, Typ, TypRule, VerifyPolicy};
use guichet_oidc::ClientForm;
use guichet_store::Fault;
use guichet_store::durable::{DeliveryHalf, DeliveryRecord, EvidenceGrantRecord};
use http::StatusCode;

use super::Counter;
use crate::Desk;
use crate::desk::exchange_event;

/// The form, authenticated as at `/token`: `exchange` (by the data provider) or `grant_id` (by the
/// service), `half`, `digest`, `receipt`. 204, however often it comes.
pub(super) async fn post(State(counter): State<Counter>, request: Request) -> Response {
    let form = match counter.engine.client_form(request, MEMBERS).await {
        Ok(form) => form,
        Err(refused) => return refused,
    };
    match counter.desk.note_delivery(&form).await {
        Ok(Ok(())) => StatusCode::NO_CONTENT.into_response(),
        Ok(Err(why)) => counter.engine.refuse_form(why),
        Err(fault) => {
            let error = &fault as &dyn std::error::Error;
            tracing::error!(error, "a delivery was not noted");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

const MEMBERS: &[&str] = &["exchange", "grant_id", "half", "digest", "receipt"];

impl Desk {
    async fn note_delivery(&self, form: &ClientForm) -> Result<Result<(), &'static str>, Fault> {
        let half = match form.get("half") {
            Some("released") => DeliveryHalf::Released,
            Some("received") => DeliveryHalf::Received,
            _ => return Ok(Err("half is released or received")),
        };
        let Some(digest) = form.get("digest").and_then(hash) else {
            return Ok(Err("digest is not sha-256: and 43 characters of base64url"));
        };
        let Some(record) = self.delivered(form, half).await? else {
            return Ok(Err("there is no such exchange of this client"));
        };
        let Some(receipt) = form.get("receipt") else {
            return Ok(Err("receipt is missing"));
        };
        if !self.is_signed(form, receipt).await {
            return Ok(Err("receipt is not signed by this client for this digest"));
        }
        let now = self.parts.clock.now();
        let delivery = DeliveryRecord {
            exchange: record.id,
            half,
            digest,
            receipt: receipt.to_owned(),
            at: now,
        };
        if self.parts.grants.deliver(&delivery).await? {
            let event = exchange_event(EventKind::EvidenceDelivered, record.id, now)
                .client(&form.client.id)
                .detail("half", half)
                .detail("digest", form.get("digest").unwrap_or_default());
            self.append(event).await?;
        }
        Ok(Ok(()))
    }

    /// The exchange, when this client has this half of it. Nothing is confirmed that was never released.
    async fn delivered(
        &self,
        form: &ClientForm,
        half: DeliveryHalf,
    ) -> Result<Option<EvidenceGrantRecord>, Fault> {
        let named = |member| {
            form.get(member)
                .and_then(|text| text.parse::<ExchangeId>().ok())
        };
        let record = match half {
            DeliveryHalf::Released => match named("exchange") {
                Some(alias) => self.parts.grants.of_alias(alias).await?,
                None => None,
            },
            DeliveryHalf::Received => match named("grant_id") {
                Some(id) => self.parts.grants.get(id).await?,
                None => None,
            },
        };
        let is_theirs = |record: &EvidenceGrantRecord| match half {
            DeliveryHalf::Received => record.client == form.client.id,
            DeliveryHalf::Released => {
                let holder = record.data_provider.as_str();
                let holder = self.parts.data_providers.data_provider(holder);
                holder.is_some_and(|holder| holder.client == form.client.id)
            }
        };
        Ok(record.filter(|record| record.pulls > 0 && is_theirs(record)))
    }

    async fn is_signed(&self, form: &ClientForm, receipt: &str) -> bool {
        if receipt.len() > LONGEST_RECEIPT {
            return false;
        }
        let policy = VerifyPolicy {
            algs: &JwsAlg::ALL,
            typ: TypRule::Exactly(Typ::EvidenceDelivery.as_str()),
        };
        let verified = self
            .client_keys
            .verified(&form.client, receipt, policy)
            .await;
        verified.is_some_and(|verified| {
            let says = |name: &str| {
                verified
                    .claims
                    .get(name)
                    .and_then(serde_json::Value::as_str)
            };
            says("digest") == form.get("digest") && says("half") == form.get("half")
        })
    }
}

const LONGEST_RECEIPT: usize = 8 * 1024;

/// The 32 bytes of a digest.
fn hash(text: &str) -> Option<[u8; 32]> {
    let digest = text.strip_prefix("sha-256:")?;
    URL_SAFE_NO_PAD.decode(digest).ok()?.try_into().ok()
}
