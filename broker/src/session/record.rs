//! Sessions in the store and in the browser's cookie.

use guichet_domain::{IdentityClaims, PersonId, SessionId};
use guichet_store::Fault;
use guichet_store::durable::ActivePerson;
use guichet_store::short_lived::{Advance, SessionRecord};
use guichet_web::{CookieLife, PageError};
use http::{HeaderMap, HeaderValue};

use super::{LiveSession, Session};
use crate::hub::Hub;
use crate::logout::Ending;

/// The cookie that holds a session's identifier.
const COOKIE: &str = "session";

/// The cookie of a device that is not the person's own.
const SHARED_DEVICE: &str = "shared_device";

impl Hub {
    /// The session of the browser that sent `headers`, if it has one that is alive. One of somebody who
    /// may not act, or might not when it was begun, ends here (threat N-08), and so does one that came by a way
    /// which its person closed (N-210).
    pub(crate) async fn live_session(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<LiveSession>, PageError> {
        let Some(id) = self.session_named(headers) else {
            return Ok(None);
        };
        let Some(live) = self.load_session(id).await? else {
            return Ok(None);
        };
        let session = &live.session;
        let ending = if self.admit(session.person, session.started).await?.is_err() {
            Ending::Barred
        } else if self.rests_on_closed_way(session).await? {
            Ending::WayClosed
        } else {
            return Ok(Some(live));
        };
        self.end_for_good(live, ending).await?;
        Ok(None)
    }

    /// The identifier that the browser holds, whatever it is of.
    pub(super) fn session_named(&self, headers: &HeaderMap) -> Option<SessionId> {
        self.parts().cookies.get(headers, COOKIE)?.parse().ok()
    }

    /// The session `id`, if it is alive, whoever's it is: to be looked at or ended.
    pub(crate) async fn load_session(
        &self,
        id: SessionId,
    ) -> Result<Option<LiveSession>, PageError> {
        let loaded = self.session_alive(id).await;
        loaded.map_err(|fault| self.fault("load a session", &fault))
    }

    /// The same for whom a fault is no page.
    pub(super) async fn session_alive(&self, id: SessionId) -> Result<Option<LiveSession>, Fault> {
        let Some(record) = self.parts().sessions.load(id).await? else {
            return Ok(None);
        };
        let session = self.open_session(id, &record)?;
        let ends = session
            .started
            .after(self.parts().settings.session_lifetime);
        let version = record.version;
        Ok((self.now() < ends).then_some(LiveSession {
            id,
            version,
            session,
        }))
    }

    /// Who is signed in in a session, or in the one that took its place, and what is known of them;
    /// `None` when it is over.
    pub(crate) async fn identity_in(
        &self,
        id: SessionId,
    ) -> Result<Option<(PersonId, IdentityClaims)>, Fault> {
        let Some(LiveSession { session, .. }) = self.session_or_successor(id).await? else {
            return Ok(None);
        };
        let gate = &*self.parts().gate;
        let admitted = ActivePerson::admit(gate, session.person, session.started).await?;
        // Whoever closed the way it came by may have been cut short before it ended.
        if self.is_of_closed_way(&session).await? {
            return Ok(None);
        }
        Ok(admitted.is_ok().then_some((session.person, session.claims)))
    }

    /// Begins a session under a fresh identifier; the answer must carry the cookie.
    pub(crate) async fn start_session(
        &self,
        id: SessionId,
        session: &Session,
    ) -> Result<HeaderValue, PageError> {
        let parts = self.parts();
        let sealed = self.seal_session(id, session)?;
        // Found before it is alive: whatever ends it from elsewhere misses no moment of it.
        self.index_session(id, session).await?;
        let started = parts
            .sessions
            .start(id, sealed, self.session_expiry(session))
            .await;
        started.map_err(|fault| self.fault("start a session", &fault))?;
        let cookie = parts
            .cookies
            .set(COOKIE, &id.to_string(), CookieLife::Visit);
        cookie.map_err(|error| self.fault("make a cookie", &error))
    }

    /// Changes a session by compare-and-swap, looking again when another request was first. `None`
    /// when it ended meanwhile.
    pub(crate) async fn change_session<T>(
        &self,
        live: LiveSession,
        change: impl Fn(&mut Session) -> T + Send,
    ) -> Result<Option<T>, PageError> {
        let id = live.id;
        let mut current = Some(live);
        for _ in 0..TRIES {
            let Some(mut live) = current else {
                return Ok(None);
            };
            let yielded = change(&mut live.session);
            let sealed = self.seal_session(id, &live.session)?;
            let expires = self.session_expiry(&live.session);
            let replaced = self
                .parts()
                .sessions
                .replace(id, live.version, sealed, expires)
                .await;
            match replaced.map_err(|fault| self.fault("change a session", &fault))? {
                Advance::Done => return Ok(Some(yielded)),
                Advance::Moved => current = self.load_session(id).await?,
            }
        }
        Err(self.fault("change a session", &Contended))
    }

    /// Ends a session in whose place the same person goes on in `next`, and says whether they may: whoever
    /// ended it while `next` was made of it meant the person, not the identifier.
    pub(crate) async fn replace_session(
        &self,
        replaced: SessionId,
        next: SessionId,
    ) -> Result<bool, PageError> {
        if let Err(fault) = self.note_successor(replaced, next).await {
            // Two sign-ins at once in one browser: the first one's successor stays.
            tracing::warn!(%fault, "a session's successor is not noted");
        }
        let Some(ended) = self.end_session(replaced).await? else {
            let took_its_place = self.successor_of(replaced).await;
            let took_its_place =
                took_its_place.map_err(|fault| self.fault("look for a successor", &fault))?;
            return Ok(took_its_place.is_some_and(|other| other != next));
        };
        // Services that joined after `next` was made of it.
        match self.load_session(next).await? {
            Some(live)
                if ended
                    .participants
                    .iter()
                    .any(|it| live.session.participant(&it.client).is_none()) =>
            {
                let take_in = |session: &mut Session| session.take_in(&ended.participants);
                if self.change_session(live, take_in).await?.is_some() {
                    return Ok(true);
                }
            }
            Some(_) => return Ok(true),
            None => (),
        }
        // Over already: nobody is left to tell them but this.
        self.leave_letters(replaced, &ended).await?;
        Ok(true)
    }

    /// Ends a session: it goes to exactly one caller.
    pub(crate) async fn end_session(&self, id: SessionId) -> Result<Option<Session>, PageError> {
        let ended = self.parts().sessions.end(id).await;
        let ended = ended.map_err(|fault| self.fault("end a session", &fault))?;
        let Some(record) = ended else {
            return Ok(None);
        };
        let session = self.open_session(id, &record);
        let session = session.map_err(|fault| self.fault("end a session", &fault))?;
        self.unindex_session(id, &session).await;
        Ok(Some(session))
    }

    /// Whether this browser said that it is not the person's own device.
    pub(crate) fn is_shared_device(&self, headers: &HeaderMap) -> bool {
        self.parts().cookies.get(headers, SHARED_DEVICE) == Some("1")
    }

    /// The cookie that remembers that, for this visit, or forgets it.
    pub(crate) fn remember_shared_device(&self, shared: bool) -> Result<HeaderValue, PageError> {
        let cookies = &self.parts().cookies;
        let cookie = if shared {
            cookies.set(SHARED_DEVICE, "1", CookieLife::Visit)
        } else {
            cookies.clear(SHARED_DEVICE)
        };
        cookie.map_err(|error| self.fault("make a cookie", &error))
    }

    /// The cookie that makes the browser forget its session.
    pub(crate) fn forget_session(&self) -> Result<HeaderValue, PageError> {
        let cookie = self.parts().cookies.clear(COOKIE);
        cookie.map_err(|error| self.fault("make a cookie", &error))
    }

    fn session_expiry(&self, session: &Session) -> guichet_domain::Timestamp {
        let settings = &self.parts().settings;
        session.expires(self.now(), settings.session_idle, settings.session_lifetime)
    }

    fn seal_session(
        &self,
        id: SessionId,
        session: &Session,
    ) -> Result<guichet_domain::Sealed, PageError> {
        let sealed = self.sealers().session.seal_json(id.as_bytes(), session);
        sealed.map_err(|error| self.fault("seal a session", &error))
    }

    fn open_session(&self, id: SessionId, record: &SessionRecord) -> Result<Session, Fault> {
        let opened = self
            .sealers()
            .session
            .open_json(id.as_bytes(), &record.sealed);
        opened.map_err(|error| Fault::new("open a sealed session", error))
    }
}

/// A browser has a handful of tabs; more writers than that at once is no browser.
const TRIES: usize = 8;

/// A session was changed by others again and again.
#[derive(Debug, thiserror::Error)]
#[error("too many changes to one session at once")]
struct Contended;
