//! What a client posts to another room: a form, authenticated as at the token endpoint; or something
//! else, authenticated in the head of the request.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use guichet_domain::{Client, ClientAuthentication, OAuthError};
use guichet_keys::{JwsAlg, Typ, TypRule, VerifyPolicy};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;
use serde_json::{Map, Value};

use crate::client_auth::{self, AuthenticatedClient};
use crate::parameters::Parameters;
use crate::refusal::{Failure, Refusal, token_error};
use crate::{Engine, form};

/// What a client that proved who it is says.
pub struct ClientForm {
    /// Who.
    pub client: Arc<Client>,
    asked: Parameters,
}

impl ClientForm {
    /// A member, when it stands there and is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.asked.get(name)
    }
}

impl Engine {
    /// Reads a form with these `members`, each at most once, and authenticates who sent it. `Err` is the
    /// answer to give.
    pub async fn client_form(
        &self,
        request: Request,
        members: &'static [&'static str],
    ) -> Result<ClientForm, Response> {
        let form = self.read_client_form(request, members).await;
        form.map_err(|failure| token_error(self.issuer(), failure.seen_from_outside()))
    }

    /// The answer that refuses such a form for what it says. `description` is fixed in the code.
    pub fn refuse_form(&self, description: &'static str) -> Response {
        let refusal = Refusal::new(OAuthError::InvalidRequest, description);
        token_error(self.issuer(), refusal)
    }

    /// The claims of a JWS of this type, when `client` signed it with a key it published.
    pub async fn claims_signed_by(
        &self,
        client: &Client,
        jws: &str,
        typ: Typ,
    ) -> Option<Map<String, Value>> {
        let policy = VerifyPolicy {
            algs: &JwsAlg::ALL,
            typ: TypRule::Exactly(typ.as_str()),
        };
        let verified = self.client_keys().verified(client, jws, policy).await?;
        Some(verified.claims)
    }

    /// Authenticates who sent a request whose body is no form, by the method it registered: by
    /// `Authorization: Basic`, by `Authorization: Bearer` with a client assertion (divergence D62), or by
    /// its certificate and `client_id` in the query. `Err` is the answer to give.
    pub async fn client_of_head(&self, head: &Parts) -> Result<Arc<Client>, Response> {
        let client = self.read_client_of_head(head).await;
        client.map_err(|failure| token_error(self.issuer(), failure.seen_from_outside()))
    }

    async fn read_client_of_head(&self, head: &Parts) -> Result<Arc<Client>, Failure> {
        let query = head.uri.query().unwrap_or_default();
        let asked = Parameters::read(query.as_bytes(), &["client_id"])?;
        asked.each_once()?;
        let client = match bearer(&head.headers) {
            Some(assertion) => {
                let asked = asked
                    .with("client_assertion_type", client_auth::ASSERTION_TYPE)
                    .with("client_assertion", assertion);
                let mut head = head.clone();
                head.headers.remove(AUTHORIZATION);
                AuthenticatedClient::check(self, &head, &asked).await?
            }
            None => AuthenticatedClient::check(self, head, &asked).await?,
        };
        // Anybody may say that they are a client that proves nothing.
        if client.authentication == ClientAuthentication::None {
            return Err(client_auth::REFUSED.because("a public client").into());
        }
        Ok(client.into_client())
    }

    async fn read_client_form(
        &self,
        request: Request,
        members: &'static [&'static str],
    ) -> Result<ClientForm, Failure> {
        let (head, body) = request.into_parts();
        let text = form::read(&head.headers, body).await?;
        let asked = Parameters::read_with_proof(&text, members)?;
        asked.each_once()?;
        let client = AuthenticatedClient::check(self, &head, &asked).await?;
        Ok(ClientForm {
            client: client.into_client(),
            asked,
        })
    }
}

/// The credential of `Authorization: Bearer`, when that is all there is.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (only, None) = (all.next()?, all.next()) else {
        return None;
    };
    let (scheme, credential) = only.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("Bearer")
        .then(|| credential.trim())
}
