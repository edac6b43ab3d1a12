//! What registration answers: the client as it stands (RFC 7591 §3.2.1, RFC 7592 §3), or why not
//! (RFC 7591 §3.2.2).

use std::fmt::Display;
use std::sync::Arc;

use axum::response::Response;
use guichet_domain::client::Registration;
use guichet_domain::{Client, ClientMetadata, OAuthError};
use guichet_store::Fault;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::client_uri;
use super::secret::NewSecret;
use crate::refusal::{Failure, Refusal, bearer_error, error_uri, token_error};
use crate::{Engine, respond};

/// A client, shown to itself.
pub(super) struct Shown {
    pub(super) client: Arc<Client>,
    /// Its secret, when it was made just now: it rests as a hash and is never shown again.
    pub(super) secret: Option<NewSecret>,
    /// Its registration access token.
    pub(super) access_token: String,
    /// The software statement it came with, when it has just registered or changed by one.
    pub(super) software_statement: Option<String>,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    metadata: ClientMetadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    /// 0: it does not expire. Required with a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id_issued_at: Option<i64>,
    registration_access_token: &'a str,
    registration_client_uri: String,
    /// As it was sent (RFC 7591 §3.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    software_statement: Option<&'a str>,
}

impl Shown {
    pub(super) fn answer(&self, engine: &Engine, status: StatusCode) -> Response {
        let mut metadata = ClientMetadata::from(&*self.client);
        // What the operator decides is not the client's to read back and send again.
        metadata.kind = None;
        metadata.sector = None;
        metadata.providers = None;
        metadata.idp_hints = None;
        metadata.active = None;
        metadata.token_exchange_resources = None;
        metadata.evidence_rights = None;
        metadata.events_uri = None;
        metadata.messages = None;
        metadata.environment = None;
        metadata.habilitation = None;
        metadata.exception = None;
        let secret = self.secret.as_ref().map(NewSecret::text);
        respond::json(
            status,
            &Body {
                metadata,
                client_secret: secret,
                client_secret_expires_at: secret.map(|_| 0),
                client_id_issued_at: self.client.registration.as_ref().map(issued_at),
                registration_access_token: &self.access_token,
                registration_client_uri: client_uri(engine, &self.client.id),
                software_statement: self.software_statement.as_deref(),
            },
        )
    }
}

fn issued_at(registration: &Registration) -> i64 {
    registration.at.seconds()
}

/// Metadata that makes no client here: names the member at fault and repeats nothing that was sent
/// (threat N-43).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unregistrable {
    pub(super) error: OAuthError,
    description: String,
}

impl Unregistrable {
    /// Of a member, for a reason that is ours to word.
    pub(super) fn member(member: &str, reason: &dyn Display) -> Self {
        let error = match member {
            "redirect_uris" => OAuthError::InvalidRedirectUri,
            _ => OAuthError::InvalidClientMetadata,
        };
        Self::new(error, &format!("{member}: {reason}"))
    }

    pub(super) fn of(error: &guichet_domain::client::ClientMetadataError) -> Self {
        use guichet_domain::client::ClientMetadataError as Error;
        match error {
            Error::Invalid { member, reason } => Self::member(member, reason),
            // Without the URI, which is the client's text.
            Error::RedirectUri { member, source, .. } => Self::member(member, source),
        }
    }

    pub(super) fn statement(error: OAuthError, reason: &str) -> Self {
        Self::new(error, &format!("software_statement: {reason}"))
    }

    /// Only what may stand in an `error_description` (RFC 6749 §5.2).
    fn new(error: OAuthError, description: &str) -> Self {
        let may_stand = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
        Self {
            error,
            description: description.chars().filter(may_stand).collect(),
        }
    }
}

/// Why there is no registration to show.
pub(super) enum Failed {
    /// The metadata.
    Metadata(Unregistrable),
    /// The token that was brought, or the request around the metadata.
    Refused(Refusal),
    /// Too many within a minute.
    TooMany,
    /// As many clients registered themselves as the operator lets in.
    Full,
    /// Nobody may register here.
    Off,
    /// A store, a key or the audit log failed.
    Fault(Fault),
}

impl From<Unregistrable> for Failed {
    fn from(refused: Unregistrable) -> Self {
        Self::Metadata(refused)
    }
}

impl From<Refusal> for Failed {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Failed {
    pub(super) fn answer(self, issuer: &str) -> Response {
        match self {
            Self::Metadata(refused) => respond::json(
                StatusCode::BAD_REQUEST,
                &ErrorBody {
                    error: refused.error,
                    error_description: &refused.description,
                    error_uri: &error_uri(issuer, refused.error),
                },
            ),
            Self::Refused(refusal) => bearer_error(issuer, refusal),
            Self::TooMany => later(issuer),
            Self::Full => token_error(
                issuer,
                Refusal::new(
                    OAuthError::AccessDenied,
                    "no further client may register here: ask the operator",
                ),
            ),
            Self::Off => respond::empty(StatusCode::NOT_FOUND),
            Self::Fault(fault) => token_error(issuer, Failure::Fault(fault).seen_from_outside()),
        }
    }
}

fn later(issuer: &str) -> Response {
    let refusal = Refusal::new(
        OAuthError::TemporarilyUnavailable,
        "too many registrations: try again in a minute",
    );
    let mut response = token_error(issuer, refusal);
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    response
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: OAuthError,
    error_description: &'a str,
    error_uri: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_repeats_nothing_that_could_end_the_text_it_stands_in() {
        let refused = Unregistrable::member("scope", &"a\"b\\c\u{e9}<\n");
        assert_eq!(refused.description, "scope: abc<");
        assert_eq!(refused.error, OAuthError::InvalidClientMetadata);
    }
}
