//! The floor's calls to the provider: found out once, then a token and a userinfo call for each login.

use anyhow::{Result, ensure};
use aws_lc_rs::signature::ParsedPublicKey;
use guichet_integration_tests::http_citizen::plain_client;
use reqwest::Client;
use serde::Deserialize;
use serde_json::Value;

use crate::floor::crypto::{public_key, verify};
use crate::floor::records::Claims;
use crate::stub_provider::{CLIENT_ID, CLIENT_SECRET};

/// The provider, discovered.
pub(super) struct Provider {
    issuer: String,
    pub(super) authorization_endpoint: String,
    token_endpoint: String,
    userinfo_endpoint: String,
    key: ParsedPublicKey,
    http: Client,
}

#[derive(Deserialize)]
struct Tokens {
    access_token: String,
    id_token: String,
}

impl Provider {
    pub(super) async fn discover(issuer: &str) -> Result<Self> {
        let http = plain_client();
        let get =
            async |url: &str| -> Result<Value> { Ok(http.get(url).send().await?.json().await?) };
        let metadata = get(&format!("{issuer}/.well-known/openid-configuration")).await?;
        let at = |name: &str| metadata[name].as_str().unwrap_or_default().to_owned();
        let jwks = get(&at("jwks_uri")).await?;
        Ok(Self {
            issuer: issuer.to_owned(),
            authorization_endpoint: at("authorization_endpoint"),
            token_endpoint: at("token_endpoint"),
            userinfo_endpoint: at("userinfo_endpoint"),
            key: public_key(&jwks["keys"][0])?,
            http,
        })
    }

    /// From a code to the claims about whom it stands for.
    pub(super) async fn ask(
        &self,
        code: &str,
        nonce: &str,
        verifier: &str,
        redirect_uri: &str,
    ) -> Result<Claims> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
        ];
        let answer = self
            .http
            .post(&self.token_endpoint)
            .form(&form)
            .send()
            .await?
            .bytes()
            .await?;
        let tokens: Tokens = serde_json::from_slice(&answer)?;
        let id_token = verify(&tokens.id_token, &self.key)?;
        let holds = id_token["iss"] == *self.issuer
            && id_token["aud"] == CLIENT_ID
            && id_token["nonce"] == nonce;
        ensure!(holds, "the ID token does not hold");
        let request = self
            .http
            .get(&self.userinfo_endpoint)
            .bearer_auth(&tokens.access_token);
        let claims: Claims = serde_json::from_slice(&request.send().await?.bytes().await?)?;
        ensure!(id_token["sub"] == *claims.sub, "userinfo speaks of another");
        Ok(claims)
    }
}
