//! Open sessions as their person sees them, and ends them, from the account.

use std::collections::BTreeSet;

use guichet_domain::{Acr, Amr, ClientId, PersonId, ProviderId, SessionId, Timestamp};
use guichet_keys::first_half;
use guichet_web::PageError;
use http::{HeaderMap, HeaderValue};

use super::{Assertion, LiveSession, Session, Source};
use crate::hub::Hub;
use crate::logout::Ending;
use crate::wording;

/// An open session, as the account shows it.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// What the account calls it by. Opens nothing: the cookie holds another name.
    pub handle: String,
    /// Whether it is the one of the browser that asks.
    pub is_here: bool,
    /// The name of the provider the person signed in with.
    pub provider: String,
    /// The level reached.
    pub acr: Acr,
    /// When.
    pub since: Timestamp,
    /// When a service was last entered with it.
    pub used: Timestamp,
    /// What the device is called, as far as its browser says.
    pub device: Option<String>,
    /// The code of the visit.
    pub browsing: String,
    /// The names of the services signed in to.
    pub services: Vec<String>,
    /// Who said what of the person: the provider they came from last first.
    pub told: Vec<Statement>,
}

/// What a session was told of its person, without the values.
#[derive(Clone, Debug)]
pub struct Statement {
    /// The name of the provider that said so; of the civil register there is none.
    pub by: Option<String>,
    /// When: for a provider, when the person signed in there.
    pub at: Timestamp,
    /// The level of that sign-in.
    pub acr: Option<Acr>,
    /// By which methods.
    pub amr: Vec<Amr>,
    /// What was said: names of texts.
    pub claims: Vec<&'static str>,
}

/// What became of a session that its person wanted ended.
#[derive(Debug)]
pub enum SessionEnded {
    /// It was this browser's own; the cookie that forgets it.
    Here(HeaderValue),
    /// It was another browser's.
    Elsewhere,
    /// It was over already, or is nobody's that may be ended from here.
    Gone,
}

impl Hub {
    /// Who is signed in at the browser that sent `headers`, and every session of theirs, this
    /// browser's first; `None` where nobody is. Nobody else's is ever among them (threat N-67).
    pub async fn open_sessions(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<(PersonId, Vec<OpenSession>)>, PageError> {
        let Some(here) = self.account_session(headers).await? else {
            return Ok(None);
        };
        let person = self.standing(here.session.person).await?;
        let mut open = Vec::new();
        for live in self.sessions_alive(&here).await? {
            open.push(self.describe(&live, Some(here.id)));
        }
        open.sort_by_key(|session| !session.is_here);
        Ok(Some((person, open)))
    }

    /// Ends the session that the account calls `handle`, if it is one of the person's who asks: its
    /// tokens die and its services are told.
    pub async fn end_open_session(
        &self,
        headers: &HeaderMap,
        handle: &str,
    ) -> Result<SessionEnded, PageError> {
        let Some(here) = self.account_session(headers).await? else {
            return Ok(SessionEnded::Gone);
        };
        let theirs = self.sessions_alive(&here).await?;
        let is_meant = |live: &LiveSession| {
            guichet_keys::same(self.handle_of(live.id).as_bytes(), handle.as_bytes())
        };
        let Some(live) = theirs.into_iter().find(is_meant) else {
            return Ok(SessionEnded::Gone);
        };
        let is_here = live.id == here.id;
        self.end_for_good(live, Ending::Account).await?;
        if is_here {
            Ok(SessionEnded::Here(self.forget_session()?))
        } else {
            Ok(SessionEnded::Elsewhere)
        }
    }

    /// Ends every session of the person who asks but the one of this browser; how many.
    pub async fn end_other_sessions(&self, headers: &HeaderMap) -> Result<usize, PageError> {
        let Some(here) = self.account_session(headers).await? else {
            return Ok(0);
        };
        let mut ended = 0;
        for live in self.sessions_alive(&here).await? {
            if live.id != here.id {
                self.end_for_good(live, Ending::Account).await?;
                ended += 1;
            }
        }
        Ok(ended)
    }

    /// The session that opens the account at this browser: none from before a correction of who its
    /// person is; and on a device that is not the person's own, only one that was begun for the account.
    pub(crate) async fn account_session(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<LiveSession>, PageError> {
        let live = self.live_session(headers).await?;
        let opens =
            |session: &Session| !session.shared_device || self.is_account(&session.begun_for);
        match live.filter(|live| opens(&live.session)) {
            Some(live) if !self.is_corrected_since(&live.session).await? => Ok(Some(live)),
            _ => Ok(None),
        }
    }

    /// Every session of whoever is signed in `here`, those that began under a name they were merged with
    /// included.
    pub(crate) async fn sessions_alive(
        &self,
        here: &LiveSession,
    ) -> Result<Vec<LiveSession>, PageError> {
        self.alive_of(here.session.person).await
    }

    /// The same of a person, wherever they are asked for from.
    pub(super) async fn alive_of(&self, person: PersonId) -> Result<Vec<LiveSession>, PageError> {
        let file = self.parts().people.file(person).await;
        let file = file.map_err(|fault| self.fault("read a person's file", &fault))?;
        let mut names = file.map(|file| file.persons()).unwrap_or_default();
        names.insert(person);
        let mut alive = Vec::new();
        for name in names {
            for id in self.sessions_of(name).await? {
                let live = self.load_session(id).await?;
                alive.extend(live.filter(|live| live.session.person == name));
            }
        }
        Ok(alive)
    }

    pub(super) fn describe(&self, live: &LiveSession, here: Option<SessionId>) -> OpenSession {
        let session = &live.session;
        let parts = self.parts();
        let told = session.asserted.iter().map(|told| self.statement(told));
        let name_of = |id: &ClientId| {
            let client = parts.clients.client(id.as_str());
            client.map_or_else(|| id.to_string(), |client| client.name.clone())
        };
        let services: BTreeSet<String> = session
            .participants
            .iter()
            .filter(|known| !self.is_account(&known.client))
            .map(|known| name_of(&known.client))
            .collect();
        OpenSession {
            handle: self.handle_of(live.id),
            is_here: Some(live.id) == here,
            provider: self.provider_name(&session.provider),
            acr: session.acr,
            since: session.auth_time,
            used: session.used.unwrap_or(session.started),
            device: session.device.clone(),
            browsing: session.browsing.to_string(),
            services: services.into_iter().collect(),
            told: told.collect(),
        }
    }

    fn statement(&self, told: &Assertion) -> Statement {
        let (by, acr, amr) = match &told.by {
            Source::Provider { id, acr, amr } => {
                (Some(self.provider_name(id)), Some(*acr), amr.clone())
            }
            Source::Register => (None, None, Vec::new()),
        };
        let mut claims: Vec<&str> = Vec::new();
        for label in told.claims.iter().copied().map(wording::label) {
            // Two claims may have one name in words.
            if !claims.contains(&label) {
                claims.push(label);
            }
        }
        Statement {
            by,
            at: told.at,
            acr,
            amr,
            claims,
        }
    }

    /// What citizens call a provider; its short name where there is no record of it any more.
    pub(crate) fn provider_name(&self, id: &ProviderId) -> String {
        let provider = self.parts().providers.provider(id.as_str());
        provider.map_or_else(|| id.to_string(), |provider| provider.name.clone())
    }

    fn handle_of(&self, id: SessionId) -> String {
        let tag = self.session_index_key().tag(&[b"handle", id.as_bytes()]);
        SessionId::from_bytes(first_half(tag)).to_string()
    }
}
