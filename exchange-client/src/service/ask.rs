//! Asking: a pushed authorization request (RFC 9126) with `authorization_details` (RFC 9396).

use guichet_domain::Timestamp;
use guichet_keys::pkce_s256;
use serde::{Serialize, Serializer};
use url::Url;

use super::EvidenceClient;
use crate::hub::{HubError, Proof};

/// One evidence that is asked for: an authorization detail of the type `evidence`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EvidenceAsk {
    /// By its name in the catalogue.
    pub evidence_type: String,
    /// Which fields; empty for all that one has a right to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// What for, by its name in the catalogue.
    pub purpose: String,
    /// `single` (default) or `recurring`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// Recurring: at most once in so many days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frequency_days: Option<u32>,
    /// Recurring: at most so many times.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_pulls: Option<u32>,
    /// Recurring: not from this moment on, in RFC 3339.
    #[serde(serialize_with = "as_text", skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// For how many days it is kept; the purpose's own number when not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
    /// One's own reference of the procedure, which must say nothing of the citizen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub procedure: Option<String>,
}

/// A request to send a browser to the hub with.
#[derive(Clone, Debug)]
pub struct AuthorizationAsk<'a> {
    /// What is asked for; nothing, to sign someone in.
    pub evidence: &'a [EvidenceAsk],
    /// Scopes beside it, with `openid` among them.
    pub scope: &'a str,
    /// Comes back with the browser.
    pub state: &'a str,
    /// Comes back in the ID token.
    pub nonce: &'a str,
    /// The PKCE verifier (RFC 7636), kept until the code comes.
    pub verifier: &'a str,
    /// Further parameters: `acr_values`, `ui_locales`, `login_hint`.
    pub further: &'a [(&'a str, &'a str)],
}

/// The type comes first, then the rest.
#[derive(Serialize)]
struct Detail<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    ask: &'a EvidenceAsk,
}

/// As the hub reads it: `2027-06-30T00:00:00Z`.
#[expect(clippy::ref_option, reason = "serde calls it so")]
fn as_text<S: Serializer>(time: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => serializer.collect_str(time),
        None => serializer.serialize_none(),
    }
}

impl EvidenceClient {
    /// Pushes the request and says where to send the browser. The code that comes back is good for our
    /// key alone.
    pub async fn authorization_url(&self, ask: &AuthorizationAsk<'_>) -> Result<Url, HubError> {
        let endpoints = self.hub.endpoints().await?;
        let details: Vec<_> = ask
            .evidence
            .iter()
            .map(|ask| Detail {
                r#type: "evidence",
                ask,
            })
            .collect();
        let details = serde_json::to_string(&details).map_err(|_| HubError::Answer("details"))?;
        let challenge = pkce_s256(ask.verifier);
        let mut form = vec![
            ("response_type", "code"),
            ("redirect_uri", &self.redirect_uri),
            ("scope", ask.scope),
            ("state", ask.state),
            ("nonce", ask.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        if !ask.evidence.is_empty() {
            form.push(("authorization_details", &details));
        }
        form.extend_from_slice(ask.further);
        let pushed = self
            .hub
            .post(
                endpoints.pushed_authorization_request_endpoint.as_str(),
                &form,
                Proof::Dpop,
            )
            .await?;
        let request = pushed["request_uri"]
            .as_str()
            .ok_or(HubError::Answer("no request_uri"))?;
        let mut url = endpoints.authorization_endpoint.clone();
        url.query_pairs_mut()
            .append_pair("client_id", self.hub.client_id())
            .append_pair("request_uri", request);
        Ok(url)
    }
}
