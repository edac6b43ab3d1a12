//! Requests to the hub as one of its clients, with a proof of possession where one is wanted.

use std::sync::PoisonError;

use bytes::Bytes;
use guichet_keys::KeysError;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, Response};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::{Hub, HubError};
use crate::digest::hash;
use crate::proof::{ProofClaims, bare};

/// Whether a request proves a key (RFC 9449).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// It does.
    Dpop,
    /// It does not.
    None,
}

impl Hub {
    /// Posts a form and reads the JSON object of a success; `Null` when the answer has no body.
    pub(crate) async fn post(
        &self,
        url: &str,
        form: &[(&str, &str)],
        proof: Proof,
    ) -> Result<Value, HubError> {
        let answer = self.post_once(url, form, proof).await?;
        match read(&answer) {
            Err(HubError::Refused { error, .. })
                if proof == Proof::Dpop && error == "use_dpop_nonce" =>
            {
                // It said which nonce it wants (RFC 9449 §8), and is asked once more.
                read(&self.post_once(url, form, proof).await?)
            }
            outcome => outcome,
        }
    }

    /// A proof for one request; `token` is what comes with it.
    pub(crate) fn proof(
        &self,
        method: &Method,
        url: &Url,
        token: Option<&str>,
        nonce: Option<String>,
    ) -> Result<String, KeysError> {
        self.means().keys.prove(&ProofClaims {
            jti: self.fresh(),
            htm: method.to_string(),
            htu: bare(url).into(),
            iat: self.now().seconds(),
            ath: token.map(hash),
            nonce,
        })
    }

    async fn post_once(
        &self,
        url: &str,
        form: &[(&str, &str)],
        proof: Proof,
    ) -> Result<Response<Bytes>, HubError> {
        let shown = self.show_who_we_are()?;
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .extend_pairs(&shown.fields)
            .finish();
        let mut request = Request::post(url)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json");
        if let Some(header) = shown.header {
            request = request.header(AUTHORIZATION, header);
        }
        if proof == Proof::Dpop {
            let url = Url::parse(url).map_err(|_| HubError::Answer("an address"))?;
            let proof = self.proof(&Method::POST, &url, None, self.nonce())?;
            request = request.header("DPoP", proof);
        }
        let request = request
            .body(body.into_bytes())
            .map_err(|_| HubError::Answer("an address"))?;
        let sent = self.means().line.send(request).await;
        let answer = sent.map_err(|_| HubError::Unreachable)?;
        self.note_nonce(&answer);
        Ok(answer)
    }

    /// Posts JSON and reads the JSON of a success.
    pub(crate) async fn post_json(&self, url: &str, body: &Value) -> Result<Value, HubError> {
        let request = Request::post(url)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, self.show_in_head()?)
            .body(body.to_string().into_bytes())
            .map_err(|_| HubError::Answer("an address"))?;
        let sent = self.means().line.send(request).await;
        read(&sent.map_err(|_| HubError::Unreachable)?)
    }

    /// Asks with an access token that is bound to our key (RFC 9449 §7.1).
    pub(crate) async fn get_as_citizen(&self, url: &Url, token: &str) -> Result<Value, HubError> {
        let proof = self.proof(&Method::GET, url, Some(token), self.nonce())?;
        let request = Request::get(url.as_str())
            .header(AUTHORIZATION, format!("DPoP {token}"))
            .header("DPoP", proof)
            .header(ACCEPT, "application/json")
            .body(Vec::new())
            .map_err(|_| HubError::Answer("an address"))?;
        let sent = self.means().line.send(request).await;
        read(&sent.map_err(|_| HubError::Unreachable)?)
    }

    fn nonce(&self) -> Option<String> {
        let kept = self.0.nonce.lock();
        kept.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note_nonce(&self, answer: &Response<Bytes>) {
        let given = answer.headers().get("DPoP-Nonce");
        if let Some(given) = given.and_then(|given| given.to_str().ok()) {
            let kept = self.0.nonce.lock();
            *kept.unwrap_or_else(PoisonError::into_inner) = Some(given.to_owned());
        }
    }
}

/// The JSON of a success, or the error that stands in a refusal.
fn read(answer: &Response<Bytes>) -> Result<Value, HubError> {
    let status = answer.status();
    if status.is_success() && answer.body().is_empty() {
        return Ok(Value::Null);
    }
    let body: Option<Value> = serde_json::from_slice(answer.body()).ok();
    if status.is_success() {
        return body.ok_or(HubError::Answer("no JSON"));
    }
    if status.is_server_error() {
        return Err(HubError::Unreachable);
    }
    let error = body.and_then(|body| body["error"].as_str().map(str::to_owned));
    Err(HubError::Refused {
        status,
        error: error.unwrap_or_else(|| "no OAuth error".to_owned()),
    })
}
