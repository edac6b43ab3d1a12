//! Who calls, proven before anything else of a request is looked at: a client by its token, or whoever is in
//! at the console by their session.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use guichet_domain::Scopes;
use guichet_domain::staff::{Role, StaffMember, Who};
use http::request::Parts;
use http::{Method, StatusCode, header};

use super::problem::{Problem, faulty};
use super::{Api, resource};
use crate::Actor;
use crate::console::Present;
use crate::people::{Action, Grounds, Kind, Place, Rights, scope_of};

/// Whoever calls.
pub(crate) struct Caller {
    /// Who.
    pub(crate) member: StaffMember,
    /// What they may, and by a token no more than it names.
    pub(crate) rights: Rights,
    /// What lies where, as of this request.
    pub(crate) grounds: Grounds,
}

/// The scopes that tokens for the API may hold: one for each role.
pub fn scopes() -> Scopes {
    let all = Role::ALL.map(|role| scope_of(role).parse());
    all.into_iter().flatten().collect()
}

impl FromRequestParts<Arc<Api>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(head: &mut Parts, api: &Arc<Api>) -> Result<Self, Problem> {
        if head.headers.contains_key(header::AUTHORIZATION) {
            by_token(api, head).await
        } else {
            by_session(api, head).await
        }
    }
}

/// A client, with a token in its own name for this API. What it may is what its member may, within the
/// scopes of the token.
async fn by_token(api: &Api, head: &Parts) -> Result<Caller, Problem> {
    let base = &api.console.door.address;
    let asked = original(head);
    let calling = api
        .engine
        .calling_client(&asked, base, &resource(base))
        .await
        .map_err(|answer| Problem::challenged(&answer))?;
    let faulty = faulty(api, "find a member");
    let who = Who::Client(calling.client);
    let now = api.console.door.clock.now();
    let member = api.console.door.recognized(&who, now).await;
    let member = member.map_err(&faulty)?.ok_or_else(Problem::forbidden)?;
    let grounds = Grounds::of(&*api.console.door.teams)
        .await
        .map_err(faulty)?;
    let rights = Rights::of(&member.seats, &grounds, now).within(&calling.scopes);
    Ok(Caller {
        member,
        rights,
        grounds,
    })
}

/// The request as it was sent: a nested router sees a shortened path, and a proof names the whole one.
fn original(head: &Parts) -> Parts {
    let mut asked = head.clone();
    if let Some(original) = head.extensions.get::<axum::extract::OriginalUri>() {
        asked.uri = original.0.clone();
    }
    asked
}

/// Whoever is in at the console: they read. What changes anything is confirmed by a fresh sign-in (threat N-53).
async fn by_session(api: &Api, head: &Parts) -> Result<Caller, Problem> {
    let console = &api.console;
    let present = console.is_present(&head.headers).await;
    let present = present.map_err(|_| Problem::of(StatusCode::INTERNAL_SERVER_ERROR))?;
    let Some(present) = present else {
        // A bare challenge: whoever did not know learns how to ask.
        let base = &console.door.address;
        let challenge = api.engine.calling_client(head, base, &resource(base)).await;
        return Err(challenge.map_or_else(
            |answer| Problem::challenged(&answer),
            |_| Problem::of(StatusCode::UNAUTHORIZED),
        ));
    };
    if head.method != Method::GET && head.method != Method::HEAD {
        let detail = "a session changes things by the pages of the console alone, which ask for a confirmation";
        return Err(Problem::said(StatusCode::FORBIDDEN, detail));
    }
    Caller::of_session(api, &present).await
}

impl Caller {
    /// Whoever is in at the console.
    pub(crate) async fn of_session(api: &Api, present: &Present) -> Result<Self, Problem> {
        let door = &api.console.door;
        let grounds = Grounds::of(&*door.teams).await;
        Ok(Self {
            grounds: grounds.map_err(faulty(api, "read teams"))?,
            member: present.member.clone(),
            rights: present.rights.clone(),
        })
    }

    /// As the audit log names them.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Member(self.member.id.clone())
    }

    /// Whether they may do this to anything of this kind.
    pub(crate) fn somewhere(&self, api: &Api, action: Action, kind: Kind) -> Result<(), Problem> {
        if self.rights.may_somewhere(action, kind) {
            Ok(())
        } else {
            Err(self.refused(api, action, kind))
        }
    }

    /// Whether they may do this here. What they may not even see is not there (threat N-69).
    pub(crate) fn here(
        &self,
        api: &Api,
        action: Action,
        kind: Kind,
        place: &Place,
    ) -> Result<(), Problem> {
        self.somewhere(api, action, kind)?;
        if self.rights.may(action, kind, place) {
            return Ok(());
        }
        let refused = self.refused(api, action, kind);
        Err(if self.rights.may(Action::Read, kind, place) {
            refused
        } else {
            Problem::unknown()
        })
    }

    /// Refused, and on record.
    fn refused(&self, api: &Api, action: Action, kind: Kind) -> Problem {
        self.note_refused(api, action, kind);
        Problem::forbidden()
    }

    /// That this was refused is on record.
    pub(crate) fn note_refused(&self, api: &Api, action: Action, kind: Kind) {
        let door = &api.console.door;
        door.note_refused(&self.actor(), action, kind);
    }
}
