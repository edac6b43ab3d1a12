//! Fetching: the grant becomes a voucher, the voucher is spent at the data provider, what comes back is
//! verified and acknowledged.

use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request};
use url::Url;

use super::{Evidence, EvidenceClient, Granted, Tokens};
use crate::answer::Written;
use crate::data_provider::Asked;
use crate::hub::{HubError, Proof};
use crate::{Half, Status, request_digest};

/// What a data provider had to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The evidence, verified.
    Evidence(Evidence),
    /// It takes a while: to be [picked up](EvidenceClient::pick_up) then.
    Later {
        /// When to ask again.
        retry_after: Duration,
    },
    /// Nobody there is this citizen, or nothing is known of them.
    NoMatch,
    /// More than one is.
    SeveralMatches,
    /// The values are no longer those the citizen saw: they decide again.
    Changed,
    /// The citizen signs in there once, at this page.
    NeedsLink {
        /// The page.
        link: Option<Url>,
    },
}

/// Why nothing was fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The hub gives no voucher: the grant ended, or is used up, or not yet due.
    #[error(transparent)]
    Hub(#[from] HubError),
    /// The data provider does not answer.
    #[error("the data provider does not answer")]
    Unreachable,
    /// The data provider refuses the voucher.
    #[error("the data provider refuses: {0}")]
    Refused(String),
    /// What came back is not believed.
    #[error("the evidence is not believed: {0}")]
    Unbelievable(&'static str),
}

impl EvidenceClient {
    /// Fetches what was granted, verifies it, and acknowledges it to the hub.
    pub async fn fetch(&self, tokens: &Tokens, granted: &Granted) -> Result<Fetched, FetchError> {
        // Before anything is released: evidence that cannot be verified would be lost.
        let keys = self.hub.keys_of(&granted.data_provider).await?;
        let body = self.request_body(granted)?;
        let digest = request_digest(&body);
        let voucher = self.voucher(tokens, granted, &digest).await?;
        let written = self.ask(granted, &voucher, body).await?;
        let Some(envelope) = written.evidence else {
            return without_evidence(written);
        };
        let evidence = self.open(&envelope, &keys, granted, &digest)?;
        let half = Half::received(&granted.grant_id, &evidence.voucher, &envelope);
        if let Err(error) = self.hub.deliver(&half).await {
            // The evidence is here and holds; the hub sees a half that is missing and says so.
            tracing::warn!(%error, "a delivery was not acknowledged");
        }
        Ok(Fetched::Evidence(evidence))
    }

    /// Asks again for what was not ready, with fresh tokens and a fresh voucher. `tokens` are fresh
    /// afterwards, also when it is still not ready: to be kept in place of what they were.
    pub async fn pick_up(
        &self,
        tokens: &mut Tokens,
        granted: &Granted,
    ) -> Result<Fetched, FetchError> {
        *tokens = self.renew(tokens).await?;
        self.fetch(tokens, granted).await
    }

    fn request_body(&self, granted: &Granted) -> Result<Vec<u8>, FetchError> {
        let asked = Asked {
            evidence_type: granted.evidence_type.clone(),
            fields: granted.fields.clone(),
            nonce: Some(self.hub.fresh()),
        };
        serde_json::to_vec(&asked).map_err(|_| FetchError::Unbelievable("a request of our own"))
    }

    /// Token exchange (RFC 8693). The voucher is encrypted to the data provider: to us it is a text.
    async fn voucher(
        &self,
        tokens: &Tokens,
        granted: &Granted,
        digest: &str,
    ) -> Result<String, FetchError> {
        let endpoints = self.hub.endpoints().await?;
        let form = [
            ("grant_type", TOKEN_EXCHANGE),
            ("subject_token", &tokens.access_token),
            ("subject_token_type", ACCESS_TOKEN),
            ("requested_token_type", EVIDENCE_VOUCHER),
            ("audience", &granted.data_provider),
            ("grant_id", &granted.grant_id),
            ("request_digest", digest),
        ];
        let endpoint = endpoints.token_endpoint.as_str();
        let answer = self.hub.post(endpoint, &form, Proof::Dpop).await?;
        let voucher = answer["access_token"]
            .as_str()
            .filter(|_| answer["issued_token_type"] == EVIDENCE_VOUCHER);
        Ok(voucher.ok_or(HubError::Answer("no voucher"))?.to_owned())
    }

    async fn ask(
        &self,
        granted: &Granted,
        voucher: &str,
        body: Vec<u8>,
    ) -> Result<Written, FetchError> {
        let url = &granted.evidence_endpoint;
        let proof = self
            .hub
            .proof(&Method::POST, url, Some(voucher), None)
            .map_err(HubError::from)?;
        let request = Request::post(url.as_str())
            .header(AUTHORIZATION, format!("DPoP {voucher}"))
            .header("DPoP", proof)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .body(body)
            .map_err(|_| FetchError::Unreachable)?;
        let sent = self.hub.means().line.send(request).await;
        let answer = sent.map_err(|_| FetchError::Unreachable)?;
        if answer.status().is_server_error() {
            return Err(FetchError::Unreachable);
        }
        serde_json::from_slice(answer.body())
            .map_err(|_| FetchError::Unbelievable("no JSON of an answer"))
    }
}

fn without_evidence(written: Written) -> Result<Fetched, FetchError> {
    Ok(match written.status {
        Some(Status::Later) => Fetched::Later {
            retry_after: Duration::from_secs(written.retry_after.unwrap_or(60)),
        },
        Some(Status::NoMatch) => Fetched::NoMatch,
        Some(Status::SeveralMatches) => Fetched::SeveralMatches,
        Some(Status::Changed) => Fetched::Changed,
        Some(Status::NeedsLink) => Fetched::NeedsLink {
            link: written.link_uri,
        },
        None => {
            let error = written.error.unwrap_or_else(|| "no reason given".into());
            return Err(FetchError::Refused(error));
        }
    })
}

const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const EVIDENCE_VOUCHER: &str = "urn:guichet:params:oauth:token-type:evidence-voucher";
