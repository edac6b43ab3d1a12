//! A no that belongs to a login: what the audit keeps of it, and who is told.

use guichet_domain::{AuditEvent, OAuthError};
use http::StatusCode;

/// Why a transition did not happen. It knows its event, so that every outcome is audited.
pub(crate) struct Refusal {
    /// What the audit keeps.
    pub(crate) event: Box<AuditEvent>,
    /// Who is told what.
    pub(crate) told: Told,
}

/// Who is told of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// The client, by way of the browser; the login is over.
    Client(OAuthError, &'static str),
    /// The person, by a page; the login stays where it was.
    Person(StatusCode, &'static str),
}

impl Refusal {
    /// Ends the login with an answer to the client.
    pub(crate) fn to_client(
        event: AuditEvent,
        error: OAuthError,
        description: &'static str,
    ) -> Self {
        let event = event.detail("error", error);
        Self {
            event: Box::new(event),
            told: Told::Client(error, description),
        }
    }

    /// Tells the person by the page text `text`.
    pub(crate) fn to_person(event: AuditEvent, status: StatusCode, text: &'static str) -> Self {
        Self {
            event: Box::new(event),
            told: Told::Person(status, text),
        }
    }
}
