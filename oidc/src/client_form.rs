//! A form that a client posts to another room, authenticated as at the token endpoint.

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use guichet_domain::{Client, OAuthError};
use guichet_keys::{JwsAlg, Typ, TypRule, VerifyPolicy};
use serde_json::{Map, Value};

use crate::client_auth::AuthenticatedClient;
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
