//! The provider's own sessions: what a browser proved, until when.
//!
//! The cookie is 256 random bits; the session's identifier, which tokens and the audit log hold, is
//! made of its hash, so that neither lets anyone in. Every sign-in makes a new session (threat N-51).
//! When the same person signs in again, the new one goes on where the old one ends: clients know it by
//! the same name and are told when it is over.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{AccountId, Acr, Amr, ClientId, SessionId, Timestamp};
use guichet_keys::{HandedOut, HandedOutKind, TokenHash, first_half, sha256_of};
use guichet_store::short_lived::Advance;
use guichet_web::CookieLife;
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::Idp;
use crate::refusal::Halt;
use crate::sign_in::finish::SignedIn;

/// What a session knows.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The first session of this line of sign-ins by one person in one browser: what tokens hang off,
    /// and what clients' names for it are made of.
    pub(crate) root: SessionId,
    pub(crate) account: AccountId,
    pub(crate) acr: Acr,
    pub(crate) amr: Vec<Amr>,
    /// When the first factor was given.
    pub(crate) auth_time: Timestamp,
    pub(crate) expires: Timestamp,
    /// Clients signed in to, to be told of the sign-out.
    pub(crate) clients: Vec<ClientId>,
}

/// A session that the browser of a request is in.
pub(crate) struct LiveSession {
    pub(crate) id: SessionId,
    pub(crate) session: Session,
    version: u64,
}

impl Idp {
    /// The session of this browser, if it is in one.
    pub(crate) async fn session(&self, headers: &HeaderMap) -> Result<Option<LiveSession>, Halt> {
        let Some(cookie) = self.cookies.get(headers, COOKIE) else {
            return Ok(None);
        };
        let id = identifier(TokenHash::of(HandedOutKind::SessionCookie, cookie));
        self.session_by_id(id).await
    }

    async fn session_by_id(&self, id: SessionId) -> Result<Option<LiveSession>, Halt> {
        let Some(record) = self.sessions.load(id).await? else {
            return Ok(None);
        };
        let opened = self
            .sealers
            .sessions
            .open_json::<Session>(&self.context(id), &record.sealed);
        // Another house's, or sealed under keys that are gone: nobody is signed in by it, and signing
        // in again mends it.
        let Ok(session) = opened else {
            tracing::warn!(house = self.house(), "a session does not open");
            return Ok(None);
        };
        let live = session.expires > self.now();
        Ok(live.then_some(LiveSession {
            id,
            session,
            version: record.version,
        }))
    }

    /// Starts a session for whoever just signed in, on the way to `client` or to their account, in
    /// place of the one this browser was in. Returns it and its cookie.
    ///
    /// The earlier one goes last: a node that dies in between leaves it, with everybody who is to be told
    /// of its end.
    pub(crate) async fn start_session(
        &self,
        signed_in: &SignedIn,
        client: Option<&ClientId>,
        headers: &HeaderMap,
    ) -> Result<(LiveSession, HeaderValue), Halt> {
        let Some(earlier) = self.earlier_session(signed_in, headers).await? else {
            return self.begin_session(signed_in, client, None).await;
        };
        let earlier_one = Some(&earlier.session);
        let (mut live, cookie) = self.begin_session(signed_in, client, earlier_one).await?;
        let Some(last) = self.take_session(earlier.id).await? else {
            // Signed out meanwhile: what goes on from there is over as well.
            self.take_session(live.id).await?;
            return self.begin_session(signed_in, client, None).await;
        };
        // As it last was: another tab may have added a client.
        for client in &last.clients {
            live = self.join_session(live, client).await?;
        }
        Ok((live, cookie))
    }

    async fn begin_session(
        &self,
        signed_in: &SignedIn,
        client: Option<&ClientId>,
        earlier: Option<&Session>,
    ) -> Result<(LiveSession, HeaderValue), Halt> {
        let secret = HandedOut::fresh(&*self.entropy, HandedOutKind::SessionCookie);
        let id = identifier(secret.hash());
        let expires = self.now().after(self.settings.session_lifetime);
        let (root, mut clients) = earlier.map_or_else(
            || (id, Vec::new()),
            |earlier| (earlier.root, earlier.clients.clone()),
        );
        if let Some(client) = client.filter(|client| !clients.contains(client)) {
            clients.push(client.clone());
        }
        let session = Session {
            root,
            account: signed_in.account(),
            acr: signed_in.acr(),
            amr: signed_in.amr().to_vec(),
            auth_time: signed_in.auth_time(),
            expires,
            clients,
        };
        let sealed = self
            .sealers
            .sessions
            .seal_json(&self.context(id), &session)?;
        self.sessions.start(id, sealed, expires).await?;
        let cookie = self.cookies.set(COOKIE, secret.text(), CookieLife::Visit)?;
        Ok((
            LiveSession {
                id,
                session,
                version: 1,
            },
            cookie,
        ))
    }

    /// The session this browser is in, when it is of the same person. Another's ends for good, its
    /// tokens with it (threat N-52).
    async fn earlier_session(
        &self,
        signed_in: &SignedIn,
        headers: &HeaderMap,
    ) -> Result<Option<LiveSession>, Halt> {
        let Some(earlier) = self.session(headers).await? else {
            return Ok(None);
        };
        if earlier.session.account != signed_in.account() {
            self.sign_out(&earlier).await?;
            return Ok(None);
        }
        Ok(Some(earlier))
    }

    /// Remembers that the session serves `client` too; the session as it is then.
    pub(crate) async fn join_session(
        &self,
        live: LiveSession,
        client: &ClientId,
    ) -> Result<LiveSession, Halt> {
        let mut live = live;
        for _ in 0..3 {
            if live.session.clients.contains(client) {
                return Ok(live);
            }
            live.session.clients.push(client.clone());
            let sealed = self
                .sealers
                .sessions
                .seal_json(&self.context(live.id), &live.session)?;
            let expires = live.session.expires;
            let replaced = self
                .sessions
                .replace(live.id, live.version, sealed, expires)
                .await?;
            if replaced == Advance::Done {
                live.version += 1;
                return Ok(live);
            }
            // Another tab was first: look again. A session that ended meanwhile serves nobody.
            let Some(now) = self.session_by_id(live.id).await? else {
                break;
            };
            live = now;
        }
        Err(Halt::session_lost())
    }

    /// Removes a session. Returns it as it last was, to one caller only.
    pub(crate) async fn take_session(&self, id: SessionId) -> Result<Option<Session>, Halt> {
        let Some(record) = self.sessions.end(id).await? else {
            return Ok(None);
        };
        Ok(Some(
            self.sealers
                .sessions
                .open_json(&self.context(id), &record.sealed)?,
        ))
    }

    /// The cookie that makes the browser forget its session.
    pub(crate) fn forget_session(&self) -> Result<HeaderValue, Halt> {
        Ok(self.cookies.clear(COOKIE)?)
    }

    /// The session's name for one client, `sid`: another for each, so that two clients cannot tell
    /// that they serve the same session; the same when the person signs in again.
    pub(crate) fn sid(&self, session: &Session, client: &ClientId) -> String {
        let parts = [
            self.sid_key.as_slice(),
            session.root.as_bytes(),
            client.as_str().as_bytes(),
        ];
        URL_SAFE_NO_PAD.encode(&sha256_of(&parts)[..16])
    }

    fn context(&self, id: SessionId) -> Vec<u8> {
        [self.house().as_bytes(), b"/", id.as_bytes()].concat()
    }
}

const COOKIE: &str = "session";

fn identifier(hash: TokenHash) -> SessionId {
    SessionId::from_bytes(first_half(*hash.as_bytes()))
}
