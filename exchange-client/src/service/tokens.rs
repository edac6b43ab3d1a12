//! Redeeming the code: an access token bound to our key, and what the citizen granted.

use serde::Deserialize;
use url::Url;

use super::EvidenceClient;
use crate::hub::{HubError, Proof};

/// What a code was worth.
#[derive(Clone, Deserialize)]
pub struct Tokens {
    /// Bound to our key: for the exchange alone.
    pub(crate) access_token: String,
    token_type: String,
    /// Who the citizen is to us; to be verified like any ID token.
    #[serde(default)]
    pub id_token: Option<String>,
    /// What was granted. Empty when the citizen kept it all to themselves.
    #[serde(default, rename = "authorization_details")]
    pub granted: Vec<Granted>,
}

/// One evidence the citizen granted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Granted {
    /// The decision, by the name it has with us.
    pub grant_id: String,
    /// What.
    pub evidence_type: String,
    /// Which fields: those asked for, or some of them.
    pub fields: Vec<String>,
    /// What for.
    pub purpose: String,
    /// Who holds it.
    pub data_provider: String,
    /// Where it is fetched.
    pub evidence_endpoint: Url,
}

impl EvidenceClient {
    /// Redeems the code that came back with the browser; `verifier` is the PKCE verifier it left with.
    pub async fn redeem(&self, code: &str, verifier: &str) -> Result<Tokens, HubError> {
        let endpoints = self.hub.endpoints().await?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", verifier),
        ];
        let endpoint = endpoints.token_endpoint.as_str();
        let answer = self.hub.post(endpoint, &form, Proof::Dpop).await?;
        let tokens: Tokens =
            serde_json::from_value(answer).map_err(|_| HubError::Answer("tokens"))?;
        if tokens.token_type.eq_ignore_ascii_case("DPoP") {
            Ok(tokens)
        } else {
            Err(HubError::Answer("a token that is not bound to our key"))
        }
    }
}
