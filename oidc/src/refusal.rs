//! Why a request goes no further, and the one function for each shape it takes on the wire: a page, an
//! answer to the client (in `answer`), a token error, a bearer error.

use axum::response::Response;
use guichet_domain::{ClientId, OAuthError};
use guichet_keys::{JwsAlg, KeysError};
use guichet_store::Fault;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::PageRefusal;
use crate::binding::{self, Scheme};
use crate::respond;

/// The protocol says no. Every text is fixed in the code and plain ASCII: nothing from a request is
/// ever repeated (threat N-28).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The code of the standard.
    pub(crate) error: OAuthError,
    /// What a developer reads.
    pub(crate) description: &'static str,
    /// What the audit log keeps: more precise where precision would help an attacker.
    pub(crate) reason: &'static str,
}

impl Refusal {
    /// A refusal that says outside what it says inside.
    pub(crate) const fn new(error: OAuthError, description: &'static str) -> Self {
        Self {
            error,
            description,
            reason: description,
        }
    }

    /// The same to the outside, for this reason.
    pub(crate) const fn because(self, reason: &'static str) -> Self {
        Self { reason, ..self }
    }
}

/// Why an endpoint cannot answer as asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The protocol said no.
    Refused(Refusal),
    /// A store, a key or the audit log failed.
    Fault(Fault),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Failure {
    /// What the outside sees of it. A fault is logged here, once, and is opaque outside.
    pub(crate) fn seen_from_outside(self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Fault(fault) => {
                tracing::error!(error = &fault as &dyn std::error::Error, "request failed");
                FAULT
            }
        }
    }
}

const FAULT: Refusal = Refusal::new(OAuthError::ServerError, "the server could not answer");

/// A fault of our own keys.
pub(crate) fn key_fault(what: &'static str) -> impl FnOnce(KeysError) -> Fault {
    move |error| Fault::new(what, error)
}

/// The status of an error outside of redirects (RFC 6749 §5.2, RFC 6750 §3.1).
pub(crate) const fn status(error: OAuthError) -> StatusCode {
    match error {
        OAuthError::InvalidClient
        | OAuthError::InvalidToken
        | OAuthError::InsufficientUserAuthentication => StatusCode::UNAUTHORIZED,
        OAuthError::InsufficientScope => StatusCode::FORBIDDEN,
        OAuthError::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
        OAuthError::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// The public page that explains an error, rendered by the house.
pub(crate) fn error_uri(issuer: &str, error: OAuthError) -> String {
    format!("{issuer}/errors/{error}")
}

/// A refusal as a page of the house.
pub(crate) fn page(refusal: Refusal, client: Option<ClientId>) -> PageRefusal {
    let status = match status(refusal.error) {
        fault if fault.is_server_error() => fault,
        _ => StatusCode::BAD_REQUEST,
    };
    PageRefusal {
        error: refusal.error,
        description: refusal.description,
        client,
        status: status.as_u16(),
    }
}

/// The members of an error answer (RFC 6749 §5.2).
#[derive(Serialize)]
struct ErrorBody<'a> {
    error: OAuthError,
    error_description: &'a str,
    error_uri: &'a str,
}

/// A refusal at the token endpoint (RFC 6749 §5.2).
pub(crate) fn token_error(issuer: &str, refusal: Refusal) -> Response {
    let mut response = body(issuer, refusal);
    if response.status() == StatusCode::UNAUTHORIZED {
        // A 401 names the scheme to use (RFC 9110 §15.5.2), whichever the client tried.
        response.headers_mut().insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Basic realm=\"token\", charset=\"UTF-8\""),
        );
    }
    response
}

/// A refusal at an endpoint that takes an access token (RFC 6750 §3).
pub(crate) fn bearer_error(issuer: &str, refusal: Refusal) -> Response {
    let mut response = body(issuer, refusal);
    if response.status().is_client_error() {
        challenge_with(&mut response, &challenge("Bearer", issuer, refusal));
    }
    response
}

/// A refusal at an endpoint that takes an access token under either scheme (RFC 9449 §7.1): the one it
/// came under says what is wrong, the other that it is there.
pub(crate) fn resource_error(issuer: &str, scheme: Scheme, refusal: Refusal) -> Response {
    let mut response = match scheme {
        Scheme::Bearer => bearer_error(issuer, refusal),
        Scheme::Dpop => body(issuer, refusal),
    };
    if matches!(
        refusal.error,
        OAuthError::InvalidDpopProof | OAuthError::UseDpopNonce
    ) {
        // RFC 9449 §7.1 and §9: here it is the token that is not shown to be the bearer's.
        *response.status_mut() = StatusCode::UNAUTHORIZED;
    }
    if response.status().is_client_error() {
        let dpop = match scheme {
            Scheme::Bearer => format!("DPoP {}", dpop_algs()),
            Scheme::Dpop => format!("{}, {}", challenge("DPoP", issuer, refusal), dpop_algs()),
        };
        challenge_with(&mut response, &dpop);
    }
    response
}

fn challenge(scheme: &str, issuer: &str, refusal: Refusal) -> String {
    format!(
        "{scheme} realm=\"{issuer}\", error=\"{}\", error_description=\"{}\", error_uri=\"{}\"",
        refusal.error,
        refusal.description,
        error_uri(issuer, refusal.error),
    )
}

fn dpop_algs() -> String {
    format!("algs=\"{}\"", binding::ALGS.map(JwsAlg::as_str).join(" "))
}

/// The answer to a request that brought no access token at all: a bare challenge, so that a client
/// that did not know learns how to ask (RFC 6750 §3.1).
pub(crate) fn bearer_challenge(issuer: &str) -> Response {
    let mut response = respond::empty(StatusCode::UNAUTHORIZED);
    challenge_with(&mut response, &format!("Bearer realm=\"{issuer}\""));
    challenge_with(&mut response, &format!("DPoP {}", dpop_algs()));
    response
}

fn challenge_with(response: &mut Response, challenge: &str) {
    // Issuer, codes and descriptions are visible ASCII, so the value always builds.
    if let Ok(value) = HeaderValue::from_str(challenge) {
        response
            .headers_mut()
            .append(header::WWW_AUTHENTICATE, value);
    }
}

fn body(issuer: &str, refusal: Refusal) -> Response {
    let mut response = respond::json(
        status(refusal.error),
        &ErrorBody {
            error: refusal.error,
            error_description: refusal.description,
            error_uri: &error_uri(issuer, refusal.error),
        },
    );
    // For layers that add what an error demands, such as a nonce.
    response.extensions_mut().insert(refusal.error);
    response
}
