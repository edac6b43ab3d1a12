//! How a party shows the hub who it is.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_keys::Typ;
use serde_json::json;
use url::form_urlencoded::byte_serialize;

use super::{Hub, HubError};

/// The value of `token_endpoint_auth_method`, with what it needs.
#[derive(Clone)]
pub enum Authentication {
    /// `private_key_jwt` (RFC 7523), with one's own signing key.
    PrivateKeyJwt,
    /// `client_secret_basic`.
    SecretBasic(String),
    /// `client_secret_post`.
    SecretPost(String),
}

/// What a request carries of it.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) fields: Vec<(&'static str, String)>,
    /// The value of `Authorization`.
    pub(super) header: Option<String>,
}

impl Hub {
    /// What goes into the next request: an assertion is good for one.
    pub(super) fn show_who_we_are(&self) -> Result<Shown, HubError> {
        let id = self.client_id().to_owned();
        Ok(match &self.0.registration.authentication {
            Authentication::PrivateKeyJwt => Shown {
                fields: vec![
                    ("client_id", id),
                    ("client_assertion_type", ASSERTION_TYPE.to_owned()),
                    ("client_assertion", self.assertion()?),
                ],
                header: None,
            },
            Authentication::SecretPost(secret) => Shown {
                fields: vec![("client_id", id), ("client_secret", secret.clone())],
                header: None,
            },
            // RFC 6749 §2.3.1: both are form-encoded first.
            Authentication::SecretBasic(secret) => {
                let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
                let both = format!("{}:{}", encoded(&id), encoded(secret));
                Shown {
                    fields: Vec::new(),
                    header: Some(format!("Basic {}", STANDARD.encode(both))),
                }
            }
        })
    }

    /// The value of `Authorization` for a request whose body is no form: the assertion stands there
    /// itself.
    pub(super) fn show_in_head(&self) -> Result<String, HubError> {
        match &self.0.registration.authentication {
            Authentication::PrivateKeyJwt => Ok(format!("Bearer {}", self.assertion()?)),
            Authentication::SecretBasic(_) => {
                self.show_who_we_are()?.header.ok_or(HubError::NoHead)
            }
            Authentication::SecretPost(_) => Err(HubError::NoHead),
        }
    }

    fn assertion(&self) -> Result<String, HubError> {
        let now = self.now();
        let claims = json!({
            "iss": self.client_id(),
            "sub": self.client_id(),
            "aud": self.issuer(),
            "iat": now.seconds(),
            "exp": now.after(ASSERTION_LIFE).seconds(),
            "jti": self.fresh(),
        });
        Ok(self.means().keys.sign(Typ::Jwt, &claims)?)
    }
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const ASSERTION_LIFE: Duration = Duration::from_mins(1);
