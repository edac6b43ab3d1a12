//! Where a person went on when they signed in again: the session that was replaced is gone, and what was
//! granted in it lives on with the one in its place, for as long as that one does. Whoever ends it ends that one.

use guichet_domain::SessionId;
use guichet_keys::first_half;
use guichet_store::Fault;
use guichet_web::PageError;
use http::HeaderMap;

use super::LiveSession;
use crate::hub::Hub;

impl Hub {
    /// Notes that `next` goes on where `replaced` ends.
    pub(super) async fn note_successor(
        &self,
        replaced: SessionId,
        next: SessionId,
    ) -> Result<(), Fault> {
        let place = self.place_of_successor(replaced);
        let sealed = self.sealers().pending.seal_json(place.as_bytes(), &next);
        let sealed = sealed.map_err(|error| Fault::new("seal a session's successor", error))?;
        let until = self.now().after(self.parts().settings.session_lifetime);
        self.parts().sessions.start(place, sealed, until).await
    }

    /// The session that went on where `replaced` ended, if one did; it may have ended since.
    pub(super) async fn successor_of(
        &self,
        replaced: SessionId,
    ) -> Result<Option<SessionId>, Fault> {
        let place = self.place_of_successor(replaced);
        let Some(record) = self.parts().sessions.load(place).await? else {
            return Ok(None);
        };
        let opened = self
            .sealers()
            .pending
            .open_json(place.as_bytes(), &record.sealed);
        opened
            .map(Some)
            .map_err(|error| Fault::new("open a session's successor", error))
    }

    /// The session `id`, or the one that its person went on in, if either is alive.
    pub(crate) async fn session_or_successor(
        &self,
        id: SessionId,
    ) -> Result<Option<LiveSession>, Fault> {
        let mut session = id;
        for _ in 0..MOST_SUCCESSORS {
            if let Some(live) = self.session_alive(session).await? {
                return Ok(Some(live));
            }
            match self.successor_of(session).await? {
                Some(next) => session = next,
                None => break,
            }
        }
        Ok(None)
    }

    /// What a sign-out ends: the session of the browser that sent `headers`, or the one that its person
    /// has gone on in by another tab, before the browser heard of it.
    pub(crate) async fn session_to_end(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<LiveSession>, PageError> {
        if let Some(live) = self.live_session(headers).await? {
            return Ok(Some(live));
        }
        let Some(id) = self.session_named(headers) else {
            return Ok(None);
        };
        let successor = self.session_or_successor(id).await;
        successor.map_err(|fault| self.fault("look for a session to end", &fault))
    }

    /// Under a key, so that no cookie made of an old session's identifier leads here.
    fn place_of_successor(&self, replaced: SessionId) -> SessionId {
        let tag = self.sealers().successors.tag(&[replaced.as_bytes()]);
        SessionId::from_bytes(first_half(tag))
    }
}

/// How often one person signs in again while what was granted the first time lives on.
const MOST_SUCCESSORS: usize = 32;
