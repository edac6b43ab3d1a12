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
    /// For fresh ones later, where the hub gives it: good once, and for our key alone.
    #[serde(default)]
    pub(super) refresh_token: Option<String>,
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
        self.tokens(&endpoints.token_endpoint, &form).await
    }

    /// Fresh tokens in place of `tokens`, which are spent by it (RFC 6749 §6). What was granted is in them,
    /// as far as it still stands. Needs the grant type `refresh_token` in one's record; the refresh token
    /// ends with the citizen's session unless `offline_access` was granted.
    pub async fn renew(&self, tokens: &Tokens) -> Result<Tokens, HubError> {
        let refresh_token = tokens.refresh_token.as_deref();
        let refresh_token = refresh_token.ok_or(HubError::Answer("no refresh token"))?;
        let endpoints = self.hub.endpoints().await?;
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ];
        self.tokens(&endpoints.token_endpoint, &form).await
    }

    async fn tokens(&self, endpoint: &Url, form: &[(&str, &str)]) -> Result<Tokens, HubError> {
        let answer = self.hub.post(endpoint.as_str(), form, Proof::Dpop).await?;
        let tokens: Tokens =
            serde_json::from_value(answer).map_err(|_| HubError::Answer("tokens"))?;
        if tokens.token_type.eq_ignore_ascii_case("DPoP") {
            Ok(tokens)
        } else {
            Err(HubError::Answer("a token that is not bound to our key"))
        }
    }
}
