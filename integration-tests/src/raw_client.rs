//! A service that does just what a test tells it to, well or badly; nobody serves its redirect URI.

use anyhow::{Context, Result};
use aws_lc_rs::digest;
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use url::Url;

use crate::claims::changed;
use crate::http_citizen::{HttpCitizen, shared_client};
use crate::keys::{base64url, random_text};

/// The service.
#[derive(Clone, Debug)]
pub struct RawClient {
    /// Its `client_id`.
    pub client_id: String,
    /// Its `client_secret`.
    pub client_secret: String,
    /// Its only registered redirect URI.
    pub redirect_uri: String,
    http: Client,
}

/// An authorization request to be, with what its answer must match.
#[derive(Clone, Debug)]
pub struct Attempt {
    endpoint: Url,
    parameters: Vec<(String, String)>,
    /// The PKCE verifier behind the challenge.
    pub verifier: String,
    /// The `state` sent.
    pub state: String,
    /// The `nonce` sent.
    pub nonce: String,
}

/// What an endpoint answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, `null` if it was not JSON.
    pub json: Value,
    /// The body as it came.
    pub body: String,
}

impl RawClient {
    /// A service of its own host, hence of its own sector.
    pub fn new(name: &str) -> Self {
        Self {
            client_id: name.to_owned(),
            client_secret: format!("a secret of {name} for one test run"),
            redirect_uri: format!("https://{name}.example/callback"),
            http: shared_client(),
        }
    }

    /// Its registration (RFC 7591), for `Guests::clients`.
    pub fn metadata(&self) -> Value {
        json!({
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "client_name": self.client_id,
            "redirect_uris": [self.redirect_uri],
            "post_logout_redirect_uris": [format!("https://{}.example/", self.client_id)],
            "token_endpoint_auth_method": "client_secret_basic",
            "response_types": ["code"],
            "grant_types": ["authorization_code"],
            "scope": "openid given_name family_name birthdate email",
        })
    }

    /// The same with these members changed; `null` leaves one out.
    pub fn metadata_with(&self, change: &Value) -> Value {
        changed(self.metadata(), change)
    }

    /// A citizen whose walk ends at this service.
    pub fn citizen(&self) -> HttpCitizen {
        HttpCitizen::new().stopping_at(&self.redirect_uri)
    }

    /// A correct request to this issuer.
    pub fn attempt(&self, issuer: &str) -> Result<Attempt> {
        let (verifier, state, nonce) = (random_text()?, random_text()?, random_text()?);
        let challenge = base64url(digest::digest(&digest::SHA256, verifier.as_bytes()).as_ref());
        let parameters = [
            ("response_type", "code"),
            ("client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", "openid given_name family_name"),
            ("state", &state),
            ("nonce", &nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let parameters = parameters
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        let endpoint = Url::parse(&format!("{issuer}/authorize")).context("not an issuer")?;
        Ok(Attempt {
            endpoint,
            parameters,
            verifier,
            state,
            nonce,
        })
    }

    /// Redeems a code as it should be done.
    pub async fn redeem(&self, issuer: &str, code: &str, attempt: &Attempt) -> Result<Answer> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.redirect_uri),
            ("code_verifier", &attempt.verifier),
        ];
        self.token(issuer, &form).await
    }

    /// Posts any form to the token endpoint, authenticated with `client_secret_basic`.
    pub async fn token(&self, issuer: &str, form: &[(&str, &str)]) -> Result<Answer> {
        self.call(&format!("{issuer}/token"), form).await
    }

    /// Brings a refresh token to the token endpoint.
    pub async fn refresh(&self, issuer: &str, token: &str) -> Result<Answer> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.token(issuer, &form).await
    }

    /// Asks what a token stands for.
    pub async fn introspect(&self, issuer: &str, token: &str) -> Result<Answer> {
        let endpoint = format!("{issuer}/token/introspection");
        self.call(&endpoint, &[("token", token)]).await
    }

    /// Gives a token back.
    pub async fn revoke(&self, issuer: &str, token: &str) -> Result<Answer> {
        let endpoint = format!("{issuer}/token/revocation");
        self.call(&endpoint, &[("token", token)]).await
    }

    async fn call(&self, endpoint: &str, form: &[(&str, &str)]) -> Result<Answer> {
        Answer::of(self.posting(endpoint, form)).await
    }

    /// Any form to be posted to an endpoint, authenticated with `client_secret_basic`.
    pub fn posting(&self, endpoint: &str, form: &[(&str, &str)]) -> RequestBuilder {
        // RFC 6749 §2.3.1: both halves are form-encoded first.
        let encode =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let request = self.http.post(endpoint).form(form);
        request.basic_auth(encode(&self.client_id), Some(encode(&self.client_secret)))
    }

    /// Posts any form to the token endpoint without authentication.
    pub async fn token_unauthenticated(
        &self,
        issuer: &str,
        form: &[(&str, &str)],
    ) -> Result<Answer> {
        Answer::of(self.http.post(format!("{issuer}/token")).form(form)).await
    }

    /// Asks for userinfo with this access token.
    pub async fn userinfo(&self, issuer: &str, access_token: &str) -> Result<Answer> {
        Answer::of(
            self.http
                .get(format!("{issuer}/userinfo"))
                .bearer_auth(access_token),
        )
        .await
    }
}

impl Attempt {
    /// The same with a parameter replaced or added.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        let mut changed = self.without(name);
        changed.parameters.push((name.to_owned(), value.to_owned()));
        changed
    }

    /// The same with a parameter said once more.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.parameters.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same without a parameter.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.parameters.retain(|(parameter, _)| parameter != name);
        self
    }

    /// The address to visit.
    pub fn url(&self) -> String {
        let mut url = self.endpoint.clone();
        url.query_pairs_mut().extend_pairs(&self.parameters);
        url.into()
    }

    /// The parameters, for a request by POST.
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }
}

impl Answer {
    /// Sends a request and reads what comes back.
    pub async fn of(request: RequestBuilder) -> Result<Self> {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let body = response.text().await?;
        let json = serde_json::from_str(&body).unwrap_or_default();
        Ok(Self { status, json, body })
    }

    /// The OAuth error code, empty if there is none.
    pub fn error(&self) -> &str {
        self.text("error")
    }

    /// A member of the JSON body, empty if it is not there.
    pub fn text(&self, member: &str) -> &str {
        self.json[member].as_str().unwrap_or_default()
    }
}
