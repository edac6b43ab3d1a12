//! How a request stops: refused, which is normal and audited, or broken, which is ours and logged.
//!
//! Handlers return a [`Halt`]; [`explain`] turns it into the page, once, for every route.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use guichet_domain::{AuditEvent, CaseReference, EventKind};
use guichet_keys::{KeysError, Unsealable};
use guichet_store::Fault;
use guichet_web::{CookieError, CsrfRefusal, PageError};
use http::StatusCode;

use crate::Idp;
use crate::accounts::AccountFault;
use crate::authenticators::passkey::CeremonyFailed;

/// Why a request goes no further.
#[derive(Clone, Debug)]
pub(crate) enum Halt {
    /// The rules, or the person, said no.
    Refused {
        why: Refusal,
        /// A path of ours to go on by.
        way_on: Option<String>,
    },
    /// A store, a key or the code failed; the text is for the log.
    Broken(String),
}

/// What a person is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No such sign-in or session (any more), or another browser's.
    SessionLost,
    /// The page belongs to a step that is over.
    OutOfOrder,
    /// The form is not one we gave to this browser.
    Form(CsrfRefusal),
    /// Too many tries; not before this long.
    TooMany(Duration),
    /// Password work is queueing up to the door.
    Busy,
    /// The client was disabled or removed meanwhile.
    ClientGone,
    /// There is no such thing here.
    NotFound,
}

impl Halt {
    pub(crate) fn session_lost() -> Self {
        Refusal::SessionLost.into()
    }

    /// With a path of ours to go on by.
    pub(crate) fn on_to(self, path: String) -> Self {
        match self {
            Self::Refused { why, .. } => Self::Refused {
                why,
                way_on: Some(path),
            },
            broken @ Self::Broken(_) => broken,
        }
    }
}

impl Refusal {
    /// What the audit log says of it.
    fn event(self) -> Option<(EventKind, &'static str)> {
        match self {
            Self::TooMany(_) => Some((EventKind::SignInThrottled, "too_many")),
            Self::Busy => Some((EventKind::SignInThrottled, "busy")),
            Self::ClientGone => Some((EventKind::LoginRefused, "client_gone")),
            Self::Form(_) => Some((EventKind::SignInRefused, "form")),
            Self::SessionLost | Self::OutOfOrder | Self::NotFound => None,
        }
    }

    /// Seconds after which it may be otherwise.
    fn retry_after(self) -> Option<u64> {
        match self {
            Self::TooMany(wait) => Some(wait.as_secs().max(1)),
            Self::Busy => Some(EMPTIED),
            _ => None,
        }
    }

    /// The page; where there are passkeys, a pause names them, because they are never paused.
    fn page(self, has_passkeys: bool) -> PageError {
        match self {
            Self::SessionLost => PageError::new(StatusCode::BAD_REQUEST, "error-session-lost"),
            Self::OutOfOrder => PageError::new(StatusCode::CONFLICT, "error-out-of-order"),
            Self::Form(_) => PageError::new(StatusCode::FORBIDDEN, "error-form-refused"),
            Self::TooMany(_) if has_passkeys => {
                PageError::new(StatusCode::TOO_MANY_REQUESTS, "idp-too-many")
            }
            Self::TooMany(wait) => PageError::too_many(wait),
            Self::Busy => PageError::new(StatusCode::SERVICE_UNAVAILABLE, "idp-busy"),
            Self::ClientGone => PageError::new(StatusCode::FORBIDDEN, "error-forbidden"),
            Self::NotFound => PageError::new(StatusCode::NOT_FOUND, "error-not-found"),
        }
    }
}

/// Makes the page of every [`Halt`] that a handler below returned, and tells the audit log or the
/// operator's log of it.
pub(crate) async fn explain(State(idp): State<Idp>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let Some(halt) = response.extensions_mut().remove::<Halt>() else {
        return response;
    };
    let reference = CaseReference::random(&*idp.entropy);
    match halt {
        Halt::Broken(cause) => {
            tracing::error!(%reference, house = idp.house(), cause, "a request failed");
            PageError::fault(reference).into_response()
        }
        Halt::Refused { why, way_on } => {
            if let Some((kind, detail)) = why.event() {
                idp.note(AuditEvent::new(kind, idp.now()).detail("reason", detail));
            }
            let page = why.page(idp.passkeys.is_some()).with_reference(reference);
            let page = match way_on {
                Some(path) => page.with_way_back(path, None),
                None => page,
            };
            let mut response = page.into_response();
            if let Some(seconds) = why.retry_after() {
                response
                    .headers_mut()
                    .insert(http::header::RETRY_AFTER, seconds.into());
            }
            response
        }
    }
}

/// Seconds after which a queue of password work has certainly emptied.
const EMPTIED: u64 = 2;

impl IntoResponse for Halt {
    /// The bare fact, for [`explain`] to make a page of.
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Refusal> for Halt {
    fn from(why: Refusal) -> Self {
        Self::Refused { why, way_on: None }
    }
}

impl From<CsrfRefusal> for Halt {
    fn from(refusal: CsrfRefusal) -> Self {
        Refusal::Form(refusal).into()
    }
}

macro_rules! broken {
    ($($error:ty),*) => {
        $(impl From<$error> for Halt {
            fn from(error: $error) -> Self {
                let mut cause = error.to_string();
                let mut source = std::error::Error::source(&error);
                while let Some(next) = source {
                    cause.push_str(": ");
                    cause.push_str(&next.to_string());
                    source = next.source();
                }
                Self::Broken(cause)
            }
        })*
    };
}

broken!(
    Fault,
    KeysError,
    Unsealable,
    CookieError,
    AccountFault,
    CeremonyFailed
);
