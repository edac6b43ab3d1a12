//! What is exchanged with clients, by the one outgoing client: documents they publish, evidence that data
//! providers show, events that they are told.

use async_trait::async_trait;
use bytes::Bytes;
use guichet_admin::{Outside, Unreached};
use guichet_exchange::{EventPost, EvidencePost, Posted};
use guichet_oidc::{Document, Fetch, Unfetchable};
use guichet_web::{Outgoing, OutgoingError};
use http::{Request, StatusCode, header};
use url::Url;

/// The outgoing client as the engine sees it.
pub(crate) struct ClientDocuments(pub(crate) Outgoing);

#[async_trait]
impl Fetch for ClientDocuments {
    async fn get(&self, url: &Url, what: Document) -> Result<Bytes, Unfetchable> {
        let request = Request::get(url.as_str())
            .header(header::ACCEPT, what.accept())
            .body(Vec::new())
            .map_err(|_| Unfetchable::Refused)?;
        let answer = self.0.execute(request).await.map_err(|error| match error {
            OutgoingError::Refused => Unfetchable::Refused,
            OutgoingError::TooLarge => Unfetchable::TooLarge,
            _ => Unfetchable::Unanswered,
        })?;
        if answer.status() != StatusCode::OK {
            return Err(Unfetchable::Unanswered);
        }
        let body = answer.into_body();
        if body.len() > what.largest() {
            return Err(Unfetchable::TooLarge);
        }
        Ok(body)
    }
}

/// The outgoing client as the console sees it, which looks at what records point to.
#[async_trait]
impl Outside for ClientDocuments {
    async fn get(&self, url: &Url) -> Result<(u16, Vec<u8>), Unreached> {
        let request = Request::get(url.as_str()).body(Vec::new());
        let request = request.map_err(|_| Unreached::Refused)?;
        let answer = self.0.execute(request).await.map_err(|error| match error {
            OutgoingError::Refused => Unreached::Refused,
            OutgoingError::TooLarge => Unreached::TooLarge,
            _ => Unreached::Silent,
        })?;
        let status = answer.status().as_u16();
        Ok((status, answer.into_body().to_vec()))
    }
}

/// The outgoing client as the exchange sees it.
pub(super) struct Parties(pub(super) Outgoing);

#[async_trait]
impl EvidencePost for Parties {
    async fn post(&self, url: &Url, voucher: &str, proof: &str, body: Vec<u8>) -> Option<Posted> {
        let request = Request::post(url.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header(header::AUTHORIZATION, format!("DPoP {voucher}"))
            .header("dpop", proof)
            .body(body)
            .ok()?;
        self.answer(request).await
    }
}

#[async_trait]
impl EventPost for Parties {
    async fn post_event(&self, url: &Url, token: &str) -> Option<Posted> {
        let request = Request::post(url.as_str())
            .header(header::CONTENT_TYPE, "application/secevent+jwt")
            .header(header::ACCEPT, "application/json")
            .body(token.as_bytes().to_vec())
            .ok()?;
        self.answer(request).await
    }
}

impl Parties {
    async fn answer(&self, request: Request<Vec<u8>>) -> Option<Posted> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let answer = match self.0.execute(request).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::warn!(host, %error, "a party of an exchange does not answer");
                return None;
            }
        };
        let status = answer.status().as_u16();
        let body = answer.into_body();
        Some(Posted { status, body })
    }
}
