//! Who is in: a session of the console's own, apart from the hub's, half an hour without use and eight hours
//! at most. Each sign-in makes another; a role that is taken away is gone at the next request, and so is whoever is
//! frozen.

use std::time::Duration;

use guichet_domain::staff::{StaffMember, Who};
use guichet_domain::{SessionId, Timestamp};
use guichet_keys::{HandedOut, HandedOutKind, TokenHash, first_half};
use guichet_web::{CookieLife, PageError};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use super::Console;
use crate::Actor;
use crate::people::Rights;

/// Whoever is in, as of this request.
pub(crate) struct Present {
    /// Who.
    pub(crate) member: StaffMember,
    /// What they may.
    pub(crate) rights: Rights,
    /// Under which session.
    pub(super) session: SessionId,
}

impl Present {
    /// As the audit log names them.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Member(self.member.id.clone())
    }
}

/// What a session knows: by what its member is recognized, and nothing of what they may.
#[derive(Serialize, Deserialize)]
struct Session {
    who: Who,
    began: Timestamp,
    used: Timestamp,
    expires: Timestamp,
}

/// Without use.
const IDLE: Duration = Duration::from_mins(30);
/// At most.
const LONGEST: Duration = Duration::from_hours(8);
/// How often its use is written down.
const NOTED_EVERY: Duration = Duration::from_mins(1);
const COOKIE: &str = "session";

impl Console {
    /// Whoever is in at this browser; otherwise the page that says how to come in.
    pub(crate) async fn present(&self, headers: &HeaderMap) -> Result<Present, PageError> {
        let present = self.is_present(headers).await?;
        present.ok_or_else(|| {
            PageError::new(StatusCode::UNAUTHORIZED, "console-signed-out")
                .with_way_back("/sign-in", None)
        })
    }

    /// The same for whoever answers otherwise.
    pub(crate) async fn is_present(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<Present>, PageError> {
        let Some(id) = self.cookie(headers) else {
            return Ok(None);
        };
        let Some(session) = self.live(id).await? else {
            return Ok(None);
        };
        let member = self.door.recognized(&session.who, session.began).await;
        let member = member.map_err(|fault| self.fault("find a member", &fault))?;
        let Some(member) = member else {
            return Ok(None);
        };
        let rights = self.door.rights(&member).await;
        let rights = rights.map_err(|fault| self.fault("read rights", &fault))?;
        let present = Present {
            member,
            rights,
            session: id,
        };
        Ok(present.rights.is_any().then_some(present))
    }

    /// Whoever signed in at this browser, whether they are anybody here or not.
    pub(super) async fn newcomer(&self, headers: &HeaderMap) -> Result<Option<Who>, PageError> {
        let Some(id) = self.cookie(headers) else {
            return Ok(None);
        };
        let Some(session) = self.live(id).await? else {
            return Ok(None);
        };
        let may_act = self.door.may_act(&session.who, session.began).await;
        let may_act =
            may_act.map_err(|fault| self.fault("read whether somebody may act", &fault))?;
        Ok(may_act.then_some(session.who))
    }

    /// Begins a session for whoever just signed in, in place of the one this browser had; its cookie.
    pub(super) async fn begin_session(
        &self,
        who: Who,
        headers: &HeaderMap,
    ) -> Result<HeaderValue, PageError> {
        self.end_session(headers).await?;
        let now = self.door.clock.now();
        let secret = HandedOut::fresh(&*self.door.entropy, HandedOutKind::SessionCookie);
        let id = identifier(secret.hash());
        let session = Session {
            who,
            began: now,
            used: now,
            expires: now.after(LONGEST),
        };
        let sealed = self.session_seal.seal_json(id.as_bytes(), &session);
        let sealed = sealed.map_err(|error| self.fault("seal a session", &error))?;
        let started = self.sessions.start(id, sealed, now.after(IDLE)).await;
        started.map_err(|fault| self.fault("begin a session", &fault))?;
        let cookie = self.cookies.set(COOKIE, secret.text(), CookieLife::Visit);
        cookie.map_err(|error| self.fault("make a cookie", &error))
    }

    /// Ends the session of this browser; the cookie that forgets it.
    pub(super) async fn end_session(&self, headers: &HeaderMap) -> Result<HeaderValue, PageError> {
        if let Some(id) = self.cookie(headers) {
            let ended = self.sessions.end(id).await;
            ended.map_err(|fault| self.fault("end a session", &fault))?;
        }
        let forget = self.cookies.clear(COOKIE);
        forget.map_err(|error| self.fault("make a cookie", &error))
    }

    fn cookie(&self, headers: &HeaderMap) -> Option<SessionId> {
        let text = self.cookies.get(headers, COOKIE)?;
        Some(identifier(TokenHash::of(
            HandedOutKind::SessionCookie,
            text,
        )))
    }

    /// A session that is not over, its use written down.
    async fn live(&self, id: SessionId) -> Result<Option<Session>, PageError> {
        let fault = |error| self.fault("read a session", &error);
        let Some(record) = self.sessions.load(id).await.map_err(fault)? else {
            return Ok(None);
        };
        let opened = self.session_seal.open_json(id.as_bytes(), &record.sealed);
        // Another house's, or sealed under keys that are gone: signing in again mends it.
        let Ok(mut session): Result<Session, _> = opened else {
            return Ok(None);
        };
        let now = self.door.clock.now();
        if now >= session.expires {
            return Ok(None);
        }
        if now.since(session.used) >= NOTED_EVERY {
            session.used = now;
            let sealed = self.session_seal.seal_json(id.as_bytes(), &session);
            let sealed = sealed.map_err(|error| self.fault("seal a session", &error))?;
            let until = now.after(IDLE).min(session.expires);
            // Another request may have been first: then it is written down already.
            self.sessions
                .replace(id, record.version, sealed, until)
                .await
                .map_err(fault)?;
        }
        Ok(Some(session))
    }
}

fn identifier(hash: TokenHash) -> SessionId {
    SessionId::from_bytes(first_half(*hash.as_bytes()))
}
