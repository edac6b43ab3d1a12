//! What sessions are found by: whose they are, for the account; and the sign-in at a provider that they
//! began with, for the provider that ends it.
//!
//! Keyed digests, each kind under a name of its own: the store never holds a person's name at a
//! provider, and whoever reads it finds nobody by it.

use guichet_domain::{PersonId, Provider, ProviderId, SessionId};
use guichet_store::short_lived::SessionKey;
use guichet_web::PageError;
use serde::{Deserialize, Serialize};

use super::Session;
use crate::hub::Hub;
use crate::logout::Ending;
use crate::upstream::VerifiedIdToken;

/// The sign-in at a provider behind a session: what its logout tokens name.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct UpstreamKey(#[serde(with = "guichet_domain::id::base64url_bytes")] Vec<u8>);

impl UpstreamKey {
    /// As the store has it.
    pub(crate) fn key(&self) -> Option<SessionKey> {
        let bytes = self.0.as_slice().try_into().ok()?;
        Some(SessionKey::from_bytes(bytes))
    }
}

impl Hub {
    /// The key of everything that `subject` began at `provider`.
    pub(crate) fn subject_key(&self, provider: &ProviderId, subject: &str) -> UpstreamKey {
        self.upstream_key(b"sub", provider, subject)
    }

    /// The key of the session that `provider` calls `sid`.
    pub(crate) fn sid_key(&self, provider: &ProviderId, sid: &str) -> UpstreamKey {
        self.upstream_key(b"sid", provider, sid)
    }

    /// What the logout tokens of `provider` will say of this sign-in, where it sends any.
    pub(crate) fn keys_of_sign_in(
        &self,
        provider: &Provider,
        id_token: &VerifiedIdToken,
    ) -> Vec<UpstreamKey> {
        if !provider.backchannel_logout {
            return Vec::new();
        }
        let sid = id_token.sid().map(|sid| self.sid_key(&provider.id, sid));
        let subject = self.subject_key(&provider.id, id_token.subject());
        sid.into_iter().chain([subject]).collect()
    }

    fn upstream_key(&self, kind: &[u8], provider: &ProviderId, name: &str) -> UpstreamKey {
        let parts = [kind, provider.as_str().as_bytes(), name.as_bytes()];
        UpstreamKey(self.session_index_key().tag(&parts).to_vec())
    }

    fn person_key(&self, person: PersonId) -> SessionKey {
        let tag = self
            .session_index_key()
            .tag(&[b"person", person.as_bytes()]);
        SessionKey::from_bytes(tag)
    }

    /// The sessions of a person, the latest first; some may be over.
    pub(crate) async fn sessions_of(&self, person: PersonId) -> Result<Vec<SessionId>, PageError> {
        self.found(self.person_key(person)).await
    }

    /// The sessions under a key, the latest first; some may be over.
    pub(crate) async fn found(&self, key: SessionKey) -> Result<Vec<SessionId>, PageError> {
        let found = self.parts().session_index.found(key).await;
        found.map_err(|fault| self.fault("look for sessions", &fault))
    }

    /// Makes a session found. What would be one too many for its person gives way (threat N-82).
    pub(super) async fn index_session(
        &self,
        id: SessionId,
        session: &Session,
    ) -> Result<(), PageError> {
        let ends = session
            .started
            .after(self.parts().settings.session_lifetime);
        for key in self.keys_of(session) {
            let noted = self.parts().session_index.note(key, id, ends).await;
            let gives_way = noted.map_err(|fault| self.fault("note a session", &fault))?;
            if let Some(earliest) = gives_way {
                let hub = self.clone();
                self.tasks()
                    .spawn(async move { hub.end_one_too_many(earliest).await });
            }
        }
        Ok(())
    }

    async fn end_one_too_many(&self, id: SessionId) {
        // Faults are logged where they happen.
        if let Ok(Some(live)) = self.load_session(id).await {
            drop(self.end_for_good(live, Ending::TooMany).await);
        }
    }

    /// The session is over: a key that still leads to it leads nowhere.
    pub(super) async fn unindex_session(&self, id: SessionId, session: &Session) {
        for key in self.keys_of(session) {
            if let Err(error) = self.parts().session_index.forget(key, id).await {
                tracing::warn!(%error, "an ended session is still listed");
            }
        }
    }

    fn keys_of(&self, session: &Session) -> impl Iterator<Item = SessionKey> {
        let by_sign_in = session.sign_ins().filter_map(UpstreamKey::key);
        by_sign_in.chain([self.person_key(session.person)])
    }
}
