//! What the audit log says of a grant and of what hangs off it: identifiers, a level, names of scopes.

use guichet_domain::{AuditEvent, EventKind, LoginId, PersonId, SessionId, Timestamp};

use crate::records::Granted;

/// An event about what a person granted.
pub(crate) fn of_grant(kind: EventKind, granted: &Granted, now: Timestamp) -> AuditEvent {
    let event = AuditEvent::new(kind, now)
        .client(&granted.client)
        .acr(granted.acr)
        .detail("grant", granted.grant)
        .detail("scope", &granted.scopes);
    about(event, Some(granted.session), granted.person)
}

/// The event, with the login of the house that ends with it, where the house has them.
pub(crate) fn during(event: AuditEvent, login: Option<LoginId>) -> AuditEvent {
    match login {
        Some(login) => event.login(login),
        None => event,
    }
}

/// The event, with whom and which session it is about, where that is known.
pub(crate) fn about(
    event: AuditEvent,
    session: Option<SessionId>,
    person: Option<PersonId>,
) -> AuditEvent {
    let event = match session {
        Some(session) => event.session(session),
        None => event,
    };
    match person {
        Some(person) => event.person(person),
        None => event,
    }
}
