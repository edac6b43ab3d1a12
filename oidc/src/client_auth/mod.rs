//! Client authentication (RFC 6749 §2.3, RFC 7523 §2.2, RFC 8705 §2, OIDC Core §9): by exactly one
//! method, which must be the registered one.

mod assertion;
mod basic;
mod certificate;
mod kept_secrets;
mod secret;

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use guichet_domain::{Client, ClientAuthentication, EventKind, OAuthError};
use http::HeaderMap;
use http::request::Parts;

use crate::Engine;
use crate::parameters::Parameters;
use crate::refusal::{Failure, Refusal};

pub(crate) use assertion::TYPE as ASSERTION_TYPE;
use basic::BasicCredentials;
pub use kept_secrets::ClientSecrets;

/// A client that proved who it is, in the way it registered.
pub(crate) struct AuthenticatedClient(Arc<Client>);

impl Deref for AuthenticatedClient {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

impl AuthenticatedClient {
    /// Authenticates the client of a request.
    pub(crate) async fn check(
        engine: &Engine,
        head: &Parts,
        asked: &Parameters,
    ) -> Result<Self, Failure> {
        let presented = Presented::read(&head.headers, asked)?;
        let checked = match &presented {
            Presented::Basic(credentials) => secret::basic(engine, credentials),
            Presented::Post { id, secret } => secret::post(engine, id, secret),
            Presented::Assertion { id, assertion } => {
                assertion::check(engine, head, *id, assertion).await
            }
            Presented::Nothing { id } => {
                let client = by_connection(engine, head, id).await;
                client.map(|client| (client, None))
            }
        };
        match checked {
            Ok((client, credential)) => {
                if let Some(credential) = credential {
                    engine.note_use(&client.id, &credential);
                }
                Ok(Self(client))
            }
            Err(Failure::Refused(refusal)) => {
                note(engine, &presented, refusal);
                Err(refusal.into())
            }
            Err(fault) => Err(fault),
        }
    }
}

impl AuthenticatedClient {
    /// The client.
    pub(crate) fn into_client(self) -> Arc<Client> {
        self.0
    }
}

/// The parameters that authenticate a client, at every endpoint where one does.
pub(crate) const PARAMETERS: &[&str] = &[
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
];

/// A client, and the name of the secret or key it used, where it has several.
type Authenticated = (Arc<Client>, Option<String>);

/// What a request presents, by the one method it uses.
enum Presented<'a> {
    Basic(BasicCredentials),
    Post {
        id: &'a str,
        secret: &'a str,
    },
    Assertion {
        id: Option<&'a str>,
        assertion: &'a str,
    },
    Nothing {
        id: &'a str,
    },
}

impl<'a> Presented<'a> {
    /// Finds the method. Several at once are refused (RFC 6749 §2.3): whoever checks one would believe
    /// the other.
    fn read(headers: &HeaderMap, asked: &'a Parameters) -> Result<Self, Refusal> {
        let basic = BasicCredentials::read(headers)?;
        let id = asked.get("client_id");
        let secret = asked.get("client_secret");
        let assertion = asked.get("client_assertion");
        let is_assertion = assertion.is_some() || asked.is_sent("client_assertion_type");
        match (basic, secret, is_assertion) {
            (Some(credentials), None, false) => match id {
                Some(id) if !credentials.is_of(id) => Err(invalid_request(
                    "client_id and the Authorization header name different clients",
                )),
                _ => Ok(Self::Basic(credentials)),
            },
            (None, Some(secret), false) => Ok(Self::Post {
                id: id.ok_or(MISSING_ID)?,
                secret,
            }),
            (None, None, true) => {
                if asked.get("client_assertion_type") != Some(assertion::TYPE) {
                    return Err(invalid_request("client_assertion_type is not jwt-bearer"));
                }
                let assertion = assertion.ok_or(invalid_request("client_assertion is missing"))?;
                Ok(Self::Assertion { id, assertion })
            }
            (None, None, false) => Ok(Self::Nothing {
                id: id.ok_or(MISSING_ID)?,
            }),
            _ => Err(invalid_request("the client authenticates in several ways")),
        }
    }

    /// The identifier that was claimed, for the audit log.
    fn claimed(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Basic(credentials) => Some(credentials.claimed().into()),
            Self::Post { id, .. } | Self::Nothing { id } => Some((*id).into()),
            Self::Assertion { assertion, .. } => {
                assertion::claimed_subject(assertion).map(Cow::from)
            }
        }
    }
}

/// A request that says no more than who it is from: its connection is the proof, or it is a public
/// client's, which has none but PKCE.
async fn by_connection(engine: &Engine, head: &Parts, id: &str) -> Result<Arc<Client>, Failure> {
    let client = engine.active_client(id).ok_or(UNKNOWN)?;
    match client.authentication {
        ClientAuthentication::None => Ok(client),
        _ => certificate::check(engine, head, client).await,
    }
}

/// One text whatever was wrong, so that nobody learns which clients there are or how they
/// authenticate. The audit log has the reason.
pub(crate) const REFUSED: Refusal = Refusal::new(
    OAuthError::InvalidClient,
    "the client is unknown, disabled, or did not authenticate with its registered token_endpoint_auth_method",
);
const UNKNOWN: Refusal = REFUSED.because("unknown or disabled client");
const OTHER_METHOD: Refusal = REFUSED.because("not the registered method");
const MISSING_ID: Refusal = REFUSED.because("no client named");

const fn invalid_request(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}

/// Recorded for registered clients only: the name of an unknown one is an attacker's text.
fn note(engine: &Engine, presented: &Presented<'_>, refusal: Refusal) {
    let claimed = presented.claimed().unwrap_or_default();
    if let Some(client) = engine.parts().clients.client(&claimed) {
        engine.note_refusal(EventKind::TokenRefused, &client.id, refusal);
    }
}
