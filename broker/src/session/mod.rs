//! The hub's own session: who signed in at this browser, and at which services since.
//!
//! It holds the identity sealed and expires with it: nothing of it rests anywhere else. Its
//! identifier is drawn apart from everything else (threat N-19) and anew at every sign-in (N-51).

mod asserted;
mod fresh;
mod index;
mod not_me;
mod notice_link;
mod open;
mod reached;
mod record;
mod successor;
mod sufficient;

use std::time::Duration;

use guichet_domain::{
    Acr, Amr, BrowsingId, Claim, ClientId, IdentityClaims, PersonId, ProviderId, Scopes, SessionId,
    SubjectIdentifier, Timestamp,
};
use serde::{Deserialize, Serialize};

pub(crate) use asserted::{Assertion, CIVIL_STATUS, Source, stated};
pub(crate) use fresh::Accustomed;
pub use fresh::Doubt;
pub(crate) use index::UpstreamKey;
pub use not_me::{Frozen, Report};
pub use notice_link::NoticeFollowed;
pub use open::{OpenSession, SessionEnded, Statement};
pub(crate) use reached::Reached;
pub(crate) use sufficient::{Insufficient, SufficientSession, Wanted};

/// What is remembered of a sign-in.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Session {
    /// Who.
    pub(crate) person: PersonId,
    /// With which provider.
    pub(crate) provider: ProviderId,
    /// What is known of them, as the civil register has it.
    pub(crate) claims: IdentityClaims,
    /// Who said which of that, and when.
    #[serde(default)]
    pub(crate) asserted: Vec<Assertion>,
    /// The level reached.
    pub(crate) acr: Acr,
    /// By which methods.
    pub(crate) amr: Vec<Amr>,
    /// When.
    pub(crate) auth_time: Timestamp,
    /// Whether the provider says so; else they may have signed in there long before.
    #[serde(default)]
    pub(crate) states_auth_time: bool,
    /// The provider's ID token, kept only where the provider can be signed out of.
    pub(crate) id_token: Option<String>,
    /// Other providers that the person signed in with in sessions that this one goes on from.
    #[serde(default)]
    pub(crate) also_at: Vec<SignedInAt>,
    /// When this session began.
    pub(crate) started: Timestamp,
    /// The service it was begun for: how it shares sign-ins decides to whom this one is lent.
    pub(crate) begun_for: ClientId,
    /// The code of the visit, the same over the sessions that follow one another.
    pub(crate) browsing: BrowsingId,
    /// What the device is called, as far as its browser says.
    #[serde(default)]
    pub(crate) device: Option<String>,
    /// When a service was last entered with it.
    #[serde(default)]
    pub(crate) used: Option<Timestamp>,
    /// Whether the device is not the person's own: then it answers nobody but the service it was begun
    /// for, and is kept so that signing out reaches the provider.
    pub(crate) shared_device: bool,
    /// The sign-in at a provider that it began with, where that can be ended there.
    #[serde(default)]
    pub(crate) found_by: Vec<UpstreamKey>,
    /// Services signed in to since.
    pub(crate) participants: Vec<Participant>,
    /// Sessions that this one continues: tokens hang off them too, for a while.
    pub(crate) earlier: Vec<Earlier>,
}

/// A provider that the person is signed in with and can be signed out of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SignedInAt {
    /// Which.
    pub(crate) provider: ProviderId,
    /// Its ID token, by which it knows whom to sign out.
    pub(crate) id_token: String,
}

/// A session that a later sign-in replaced.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Earlier {
    /// Which.
    pub(crate) id: SessionId,
    /// When the last token that hangs off it is over.
    tokens_until: Timestamp,
    /// The sign-in at a provider that it began with.
    #[serde(default)]
    found_by: Vec<UpstreamKey>,
}

/// A service that the person is signed in to.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Participant {
    /// Which.
    pub(crate) client: ClientId,
    /// The person's name there.
    pub(crate) subject: SubjectIdentifier,
    /// The session's name there: random, another for each service.
    pub(crate) sid: String,
    /// What it was granted.
    pub(crate) scopes: Scopes,
    /// Which claims it was granted, whether for a scope or for their names.
    #[serde(default)]
    pub(crate) claims: Vec<Claim>,
}

impl Participant {
    /// Whether the person was informed of all that a request asks for.
    pub(crate) fn was_granted(&self, scopes: &Scopes, claims: &[Claim]) -> bool {
        self.scopes == *scopes && claims.iter().all(|claim| self.claims.contains(claim))
    }
}

/// A session that is alive, with its place in the store.
pub(crate) struct LiveSession {
    pub(crate) id: SessionId,
    pub(crate) version: u64,
    pub(crate) session: Session,
}

impl LiveSession {
    /// Whether this is the session `id`, or one in its place.
    pub(crate) fn is_or_continues(&self, id: SessionId) -> bool {
        self.id == id || self.session.earlier.iter().any(|earlier| earlier.id == id)
    }
}

impl Session {
    /// The service `client`, if the person is signed in to it.
    pub(crate) fn participant(&self, client: &ClientId) -> Option<&Participant> {
        self.participants
            .iter()
            .find(|participant| participant.client == *client)
    }

    /// Notes that the person is signed in to a service; it keeps the `sid` it has. `fresh_sid` is for
    /// one that is new.
    pub(crate) fn join(
        &mut self,
        client: &ClientId,
        subject: &SubjectIdentifier,
        scopes: &Scopes,
        claims: &[Claim],
        fresh_sid: String,
    ) -> Participant {
        let sid = self
            .participant(client)
            .map_or(fresh_sid, |known| known.sid.clone());
        let participant = Participant {
            client: client.clone(),
            subject: subject.clone(),
            sid,
            scopes: scopes.clone(),
            claims: claims.to_vec(),
        };
        self.participants.retain(|other| other.client != *client);
        self.participants.push(participant.clone());
        participant
    }

    /// Every provider that is to be passed by at a sign-out: the one the session came from first.
    pub(crate) fn signed_in_at(&self) -> Vec<SignedInAt> {
        let main = self.id_token.as_ref().map(|id_token| SignedInAt {
            provider: self.provider.clone(),
            id_token: id_token.clone(),
        });
        main.into_iter().chain(self.also_at.clone()).collect()
    }

    /// Notes that the person is signed in elsewhere too; what is known of a provider already is later.
    fn note_also_at(&mut self, others: Vec<SignedInAt>) {
        for other in others {
            let is_known = |known: &SignedInAt| known.provider == other.provider;
            if self.provider != other.provider && !self.also_at.iter().any(is_known) {
                self.also_at.push(other);
            }
        }
    }

    /// Takes over what hangs off `previous`, a session of the same person whose tokens are over at
    /// `tokens_until`; what has no living token any more is dropped. The lifetime is this session's
    /// own: the person has just signed in.
    pub(crate) fn continue_from(
        &mut self,
        previous: LiveSession,
        now: Timestamp,
        tokens_until: Timestamp,
    ) {
        self.note_also_at(previous.session.signed_in_at());
        self.earlier = previous.session.earlier;
        self.earlier.retain(|earlier| now < earlier.tokens_until);
        self.earlier.push(Earlier {
            id: previous.id,
            tokens_until,
            found_by: previous.session.found_by,
        });
        self.participants = previous.session.participants;
    }

    /// Takes over services that joined the session before this one while it was being replaced.
    pub(crate) fn take_in(&mut self, late: &[Participant]) {
        for participant in late {
            if self.participant(&participant.client).is_none() {
                self.participants.push(participant.clone());
            }
        }
    }

    /// The sign-ins at providers that it goes back to: its own, and those whose tokens it keeps.
    pub(crate) fn sign_ins(&self) -> impl Iterator<Item = &UpstreamKey> {
        let earlier = self.earlier.iter().flat_map(|earlier| &earlier.found_by);
        self.found_by.iter().chain(earlier)
    }

    /// Whether it goes back to a sign-in.
    pub(crate) fn is_found_by(&self, key: &UpstreamKey) -> bool {
        self.sign_ins().any(|its| its == key)
    }

    /// When it ends unless it is used: `idle` from now, and never later than `lifetime` after it began.
    pub(crate) fn expires(&self, now: Timestamp, idle: Duration, lifetime: Duration) -> Timestamp {
        now.after(idle).min(self.started.after(lifetime))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::login::tests::Counting;

    /// A session of a fictional person, begun at 1000 s.
    pub(crate) fn session() -> Session {
        Session {
            person: PersonId::from_bytes([1; 16]),
            provider: "citoyen".parse().unwrap(),
            claims: IdentityClaims {
                given_name: Some("Camille".into()),
                ..IdentityClaims::default()
            },
            asserted: Vec::new(),
            acr: Acr::Eidas1,
            amr: vec![Amr::Pwd],
            auth_time: Timestamp::from_seconds(1000),
            states_auth_time: true,
            id_token: None,
            also_at: Vec::new(),
            started: Timestamp::from_seconds(1000),
            begun_for: "cantine".parse().unwrap(),
            browsing: BrowsingId::random(&Counting::default()),
            device: None,
            used: None,
            shared_device: false,
            found_by: Vec::new(),
            participants: Vec::new(),
            earlier: Vec::new(),
        }
    }

    #[test]
    fn a_service_keeps_its_sid_and_is_listed_once() {
        let mut session = session();
        let client = "cantine".parse().unwrap();
        let subject = "s".parse().unwrap();
        session.join(
            &client,
            &subject,
            &"openid".parse().unwrap(),
            &[],
            "one".into(),
        );
        let scopes: Scopes = "openid email".parse().unwrap();
        let again = session.join(&client, &subject, &scopes, &[], "two".into());
        assert_eq!(again.sid, "one");
        assert_eq!(session.participants.len(), 1);
        assert!(session.participants[0].scopes == scopes);
    }

    #[test]
    fn a_session_slides_but_not_past_its_lifetime() {
        let (idle, lifetime) = (Duration::from_mins(30), Duration::from_hours(12));
        let expires = |seconds| session().expires(Timestamp::from_seconds(seconds), idle, lifetime);
        assert_eq!(expires(1000).seconds(), 1000 + 1800);
        assert_eq!(expires(43_000).seconds(), 1000 + 43_200);
    }

    #[test]
    fn a_session_that_continues_another_keeps_its_services_and_its_tokens_reachable() {
        let mut first = session();
        let subject = "s".parse().unwrap();
        first.join(
            &"cantine".parse().unwrap(),
            &subject,
            &Scopes::default(),
            &[],
            "sid".into(),
        );
        let id = SessionId::from_bytes([3; 16]);
        let mut second = session();
        let key: UpstreamKey = serde_json::from_str("\"AAAA\"").unwrap();
        first.found_by = vec![key.clone()];
        let live = |id, session| LiveSession {
            id,
            version: 4,
            session,
        };
        let at = Timestamp::from_seconds;
        second.continue_from(live(id, first), at(1000), at(1100));
        let ids = |session: &Session| -> Vec<SessionId> {
            session.earlier.iter().map(|earlier| earlier.id).collect()
        };
        assert_eq!(ids(&second), [id]);
        assert_eq!(second.participants[0].sid, "sid");
        let (next, last) = (
            SessionId::from_bytes([4; 16]),
            SessionId::from_bytes([5; 16]),
        );
        let mut third = session();
        third.continue_from(live(next, second), at(1099), at(1200));
        assert_eq!(ids(&third), [id, next]);
        assert!(third.is_found_by(&key));
        let mut fourth = session();
        fourth.continue_from(live(last, third), at(1150), at(1250));
        assert_eq!(
            ids(&fourth),
            [next, last],
            "the first one's tokens are over"
        );
        assert!(!fourth.is_found_by(&key), "and so is what it was found by");
    }

    #[test]
    fn a_service_that_joined_while_its_session_was_replaced_is_not_lost() {
        let (mut replaced, mut next) = (session(), session());
        let subject = "s".parse().unwrap();
        let join = |session: &mut Session, client: &str, sid: &str| {
            let client = client.parse().unwrap();
            session.join(&client, &subject, &Scopes::default(), &[], sid.into());
        };
        join(&mut next, "cantine", "new");
        join(&mut replaced, "cantine", "old");
        join(&mut replaced, "banque", "late");
        next.take_in(&replaced.participants);
        let sids: Vec<&str> = next.participants.iter().map(|it| it.sid.as_str()).collect();
        assert_eq!(sids, ["new", "late"]);
    }
}
