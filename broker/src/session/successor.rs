//! Where a person went on when they signed in again: the session that was replaced is gone, and what was
//! granted in it lives on with the one in its place, for as long as that one does.

use guichet_domain::SessionId;
use guichet_keys::first_half;
use guichet_store::Fault;

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

    /// Under a key, so that no cookie made of an old session's identifier leads here.
    fn place_of_successor(&self, replaced: SessionId) -> SessionId {
        let tag = self.sealers().successors.tag(&[replaced.as_bytes()]);
        SessionId::from_bytes(first_half(tag))
    }
}
