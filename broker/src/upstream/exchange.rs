//! A code for tokens: the token request (OIDC Core §3.1.3.1), with the hub's proof of who it is.

use std::time::Duration;

use guichet_domain::provider::ProviderAuthentication;
use guichet_domain::{Entropy, SessionId, SigningAlg, Timestamp};
use guichet_keys::{KeyRing, Typ};
use guichet_web::OutgoingError;
use openidconnect::core::{CoreErrorResponseType, CoreTokenResponse};
use openidconnect::{
    AuthorizationCode, OAuth2TokenResponse as _, PkceCodeVerifier, RequestTokenError,
    StandardErrorResponse, TokenResponse as _,
};
use serde::Serialize;

use super::transport::Transport;
use super::{ProviderFailure, Upstream};

/// What a code bought. Both are secrets.
pub(crate) struct Tokens {
    /// As the provider signed it; not yet believed.
    pub(crate) id_token: String,
    /// For the userinfo endpoint.
    pub(crate) access_token: String,
}

/// What the hub proves itself with.
pub(crate) struct Proving<'a> {
    /// Its keys as a client.
    pub(crate) ring: &'a KeyRing,
    /// For identifiers.
    pub(crate) entropy: &'a dyn Entropy,
    /// The present.
    pub(crate) now: Timestamp,
}

impl Upstream {
    /// Redeems `code`.
    pub(crate) async fn exchange(
        &self,
        code: &str,
        verifier: &str,
        proving: Proving<'_>,
        transport: &Transport,
    ) -> Result<Tokens, ProviderFailure> {
        let mut request = self
            .client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        if self.record.authentication == ProviderAuthentication::PrivateKeyJwt {
            request = request
                .add_extra_param("client_assertion_type", ASSERTION_TYPE)
                .add_extra_param("client_assertion", self.assertion(&proving)?);
        }
        let answer: CoreTokenResponse = request
            .request_async(transport)
            .await
            .map_err(|error| of_token(&error))?;
        let id_token = answer.id_token().ok_or(ProviderFailure::Garbled)?;
        Ok(Tokens {
            id_token: id_token.to_string(),
            access_token: answer.access_token().secret().clone(),
        })
    }

    /// A client assertion (RFC 7523 §3). Its audience is the issuer, so that what one provider is
    /// given is worth nothing at another.
    fn assertion(&self, proving: &Proving<'_>) -> Result<String, ProviderFailure> {
        let claims = Assertion {
            iss: &self.record.client_id,
            sub: &self.record.client_id,
            aud: &self.record.issuer,
            jti: SessionId::random(proving.entropy).to_string(),
            iat: proving.now.seconds(),
            exp: proving.now.after(ASSERTION_LIFETIME).seconds(),
        };
        proving
            .ring
            .sign_jwt(SigningAlg::Es256, Typ::Jwt, &claims)
            .map_err(|error| {
                tracing::error!(%error, "a client assertion cannot be signed");
                ProviderFailure::Unusable
            })
    }
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ASSERTION_LIFETIME: Duration = Duration::from_mins(1);

#[derive(Serialize)]
struct Assertion<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    jti: String,
    iat: i64,
    exp: i64,
}

type TokenError = RequestTokenError<OutgoingError, StandardErrorResponse<CoreErrorResponseType>>;

fn of_token(error: &TokenError) -> ProviderFailure {
    match error {
        RequestTokenError::ServerResponse(_) => ProviderFailure::Error,
        RequestTokenError::Request(error) => error.into(),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => ProviderFailure::Garbled,
    }
}
