//! The hub's proof of who it is, on a form for one of a provider's endpoints: a secret, an assertion,
//! or the certificate of the connection (OIDC Core §9, RFC 8705 §2).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_domain::provider::ProviderAuthentication;
use guichet_keys::Typ;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request};
use serde::Serialize;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

use super::means::Means;
use super::{ProviderFailure, Upstream};

impl Upstream {
    /// A form for `endpoint` that says who posts it. One for each attempt: an assertion is used once.
    pub(super) fn authenticated_form(
        &self,
        endpoint: &Url,
        fields: &[(&str, &str)],
        means: &Means,
    ) -> Result<Request<Vec<u8>>, ProviderFailure> {
        let mut form = Serializer::new(String::new());
        form.extend_pairs(fields);
        let mut basic = None;
        match self.record.authentication {
            ProviderAuthentication::ClientSecretBasic => basic = Some(self.basic()?),
            ProviderAuthentication::ClientSecretPost => {
                form.append_pair("client_id", &self.record.client_id);
                form.append_pair("client_secret", self.secret()?);
            }
            ProviderAuthentication::PrivateKeyJwt => {
                form.append_pair("client_id", &self.record.client_id);
                form.append_pair("client_assertion_type", ASSERTION_TYPE);
                form.append_pair("client_assertion", &self.assertion(means)?);
            }
            // The connection says who calls; the form, which client that is (RFC 8705 §2).
            ProviderAuthentication::TlsClientAuth
            | ProviderAuthentication::SelfSignedTlsClientAuth => {
                form.append_pair("client_id", &self.record.client_id);
            }
        }
        let mut request = Request::post(endpoint.as_str())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(ACCEPT, "application/json")
            .body(form.finish().into_bytes())
            .map_err(|_| ProviderFailure::Unusable)?;
        if let Some(basic) = basic {
            request.headers_mut().insert(AUTHORIZATION, basic);
        }
        Ok(request)
    }

    /// Name and secret, each form-encoded first (RFC 6749 §2.3.1).
    fn basic(&self) -> Result<HeaderValue, ProviderFailure> {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!(
            "{}:{}",
            encoded(&self.record.client_id),
            encoded(self.secret()?)
        );
        let mut value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair)))
            .map_err(|_| ProviderFailure::Unusable)?;
        value.set_sensitive(true);
        Ok(value)
    }

    fn secret(&self) -> Result<&str, ProviderFailure> {
        let secret = self.secret.as_ref().ok_or(ProviderFailure::Unusable)?;
        Ok(secret.secret())
    }

    /// A client assertion (RFC 7523 §3). Its audience is the issuer, so that what one provider is
    /// given is worth nothing at another.
    fn assertion(&self, means: &Means) -> Result<String, ProviderFailure> {
        let claims = Assertion {
            iss: &self.record.client_id,
            sub: &self.record.client_id,
            aud: &self.record.issuer,
            jti: means.jti(),
            iat: means.now.seconds(),
            exp: means.now.after(ASSERTION_LIFETIME).seconds(),
        };
        let ring = means.keys.client_ring();
        let signed = ring.sign_jwt(self.record.authentication_alg, Typ::Jwt, &claims);
        signed.map_err(|error| {
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
