//! Whether a live session answers a request: the proof that single sign-on needs.

use std::sync::Arc;

use guichet_domain::{Acr, AcrValue, Client, Provider, ProviderId, SessionId, Timestamp};

use super::{LiveSession, Reached, Session};
use crate::level::{RequiredLevel, SingleSignOn};
use crate::login::Trip;
use crate::login::choose_provider::EligibleProvider;

/// A live session that satisfies a request: level, age, provider, and whom it is shared with. Made by
/// [`SufficientSession::check`] alone.
pub(crate) struct SufficientSession {
    live: LiveSession,
    lent: Reached,
}

/// What a session is held against.
pub(crate) struct Wanted<'a> {
    /// What is asked.
    pub(crate) trip: &'a Trip,
    /// By whom.
    pub(crate) client: &'a Client,
    /// The client the session was begun for, as its record is today.
    pub(crate) lender: Option<&'a Client>,
    /// The provider it came from, as its record is today: one that was disabled, or that this client
    /// does not accept, lends no session (threats N-05, N-18).
    pub(crate) provider: Option<&'a Arc<Provider>>,
    /// What was heard up to then is too old to be the word of a second one.
    pub(crate) since: Timestamp,
    /// Whose word counts beside that provider's.
    pub(crate) counts: &'a (dyn Fn(&ProviderId) -> bool + Sync),
    /// How high single sign-on goes.
    pub(crate) policy: SingleSignOn,
}

/// Why a session does not answer a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Insufficient {
    /// All it lacks is a higher level, or a second provider's word: the same person may reach it.
    Level {
        /// What is lent as the first of two words, where that is enough.
        first: Option<Acr>,
    },
    /// Anything else: its age, its provider, a client that shares with nobody, `prompt`.
    Unusable,
}

impl SufficientSession {
    /// `live`, if it satisfies what is wanted.
    pub(crate) fn check(
        live: LiveSession,
        wanted: &Wanted<'_>,
        now: Timestamp,
    ) -> Result<Self, Insufficient> {
        let (trip, session) = (wanted.trip, &live.session);
        let required = RequiredLevel::of(trip, wanted.client);
        let mut lent = session.reached(required.acr(), wanted.since, wanted.counts);
        let prompt = trip.request.prompt();
        let is_recent = trip
            .request
            .max_age()
            .is_none_or(|max_age| now.since(lent.auth_time) <= max_age);
        let may_reuse = !prompt.login && !prompt.select_account && is_recent;
        let lender = wanted.lender.ok_or(Insufficient::Unusable)?;
        if !may_reuse || session.shared_device || !wanted.client.may_borrow_from(lender) {
            return Err(Insufficient::Unusable);
        }
        let acr = wanted.policy.lends(lent.acr);
        lent.acr = acr.ok_or(Insufficient::Unusable)?;
        if !lent.acr.satisfies(AcrValue::alone(required.of_each())) {
            return Err(Insufficient::Level { first: None });
        }
        let provider = wanted.provider.ok_or(Insufficient::Unusable)?;
        EligibleProvider::check_returned(provider, wanted.client, &required)
            .map_err(|_| Insufficient::Unusable)?;
        if !lent.acr.satisfies(required.acr()) {
            return Err(Insufficient::Level {
                first: Some(lent.acr.level),
            });
        }
        Ok(Self { live, lent })
    }

    /// Which session it is.
    pub(crate) fn id(&self) -> SessionId {
        self.live.id
    }

    /// The session.
    pub(crate) fn session(&self) -> &Session {
        &self.live.session
    }

    /// What it lends: what it reached, or as much of it as single sign-on passes on.
    pub(crate) fn lent(&self) -> &Reached {
        &self.lent
    }
}

#[cfg(test)]
mod tests {
    use guichet_domain::SessionSharing;
    use serde_json::json;

    use super::*;
    use crate::login::tests::{client, provider, trip};
    use crate::session::tests::session;

    struct Case {
        session: Session,
        change: serde_json::Value,
        client: Client,
        lender: Client,
        provider: Provider,
        policy: SingleSignOn,
    }

    impl Case {
        fn new() -> Self {
            Self {
                session: session(),
                change: json!({}),
                client: client(),
                lender: client(),
                provider: provider("citoyen"),
                policy: SingleSignOn::default(),
            }
        }

        fn asks(change: serde_json::Value) -> Self {
            Self {
                change,
                ..Self::new()
            }
        }

        fn check(self) -> Result<AcrValue, Insufficient> {
            let live = LiveSession {
                id: SessionId::from_bytes([9; 16]),
                version: 1,
                session: self.session,
            };
            let wanted = Wanted {
                trip: &trip(self.change),
                client: &self.client,
                lender: Some(&self.lender),
                provider: Some(&Arc::new(self.provider)),
                since: Timestamp::from_seconds(0),
                counts: &|_| true,
                policy: self.policy,
            };
            let now = Timestamp::from_seconds(1100);
            SufficientSession::check(live, &wanted, now).map(|sufficient| sufficient.lent().acr)
        }
    }

    #[test]
    fn a_session_answers_only_what_it_satisfies() {
        assert_eq!(Case::new().check(), Ok(Acr::Eidas1.into()));
        let higher = Case::asks(json!({"acr": {"required": "eidas2"}}));
        assert_eq!(higher.check(), Err(Insufficient::Level { first: None }));
        let older = Case::asks(json!({"max_age": {"secs": 99, "nanos": 0}}));
        assert_eq!(older.check(), Err(Insufficient::Unusable));
        let recent = Case::asks(json!({"max_age": {"secs": 100, "nanos": 0}}));
        assert_eq!(recent.check(), Ok(Acr::Eidas1.into()));
        for prompt in ["login", "select_account"] {
            let mut prompts = json!({
                "none": false, "login": false, "consent": false, "select_account": false});
            prompts[prompt] = true.into();
            let anew = Case::asks(json!({"prompt": prompts}));
            assert_eq!(anew.check(), Err(Insufficient::Unusable), "{prompt}");
        }
    }

    #[test]
    fn a_session_of_a_provider_that_is_disabled_or_not_accepted_is_not_reused() {
        let mut disabled = Case::new();
        disabled.provider.active = false;
        assert_eq!(disabled.check(), Err(Insufficient::Unusable));
        let mut picky = Case::new();
        picky.client.providers = Some(vec!["postale".parse().unwrap()]);
        assert_eq!(picky.check(), Err(Insufficient::Unusable));
        let mut lowered = Case::new();
        lowered.provider.levels = vec![Acr::Eidas1];
        assert_eq!(lowered.check(), Ok(Acr::Eidas1.into()));
    }

    #[test]
    fn a_high_session_lends_what_the_policy_allows_and_a_high_request_signs_in_anew() {
        let high = |required: &str| {
            let mut case = Case::asks(json!({"acr": {"required": required}}));
            case.session.acr = Acr::Eidas3;
            case
        };
        assert_eq!(high("eidas2").check(), Ok(Acr::Eidas2.into()));
        assert_eq!(
            high("eidas3").check(),
            Err(Insufficient::Level { first: None })
        );
        let mut off = high("eidas1");
        off.policy.enabled = false;
        assert_eq!(off.check(), Err(Insufficient::Unusable));
    }

    #[test]
    fn a_session_of_one_word_is_the_first_of_two() {
        let two = || Case::asks(json!({"acr": {"required": "eidas1-corroborated"}}));
        let lends = |level| Err(Insufficient::Level { first: Some(level) });
        assert_eq!(two().check(), lends(Acr::Eidas1));
        let mut high = two();
        high.session.acr = Acr::Eidas3;
        assert_eq!(high.check(), lends(Acr::Eidas2), "what the policy lends");
        let weak = Case::asks(json!({"acr": {"required": "eidas2-corroborated"}}));
        assert_eq!(weak.check(), Err(Insufficient::Level { first: None }));
        let mut disabled = two();
        disabled.provider.active = false;
        assert_eq!(disabled.check(), Err(Insufficient::Unusable));
    }

    #[test]
    fn clients_that_share_with_nobody_or_with_their_own_are_left_alone() {
        let shared = |client: SessionSharing, lender: SessionSharing, sector: &str| {
            let mut case = Case::new();
            case.client.sso = client;
            case.lender.sso = lender;
            case.lender.sector = sector.parse().unwrap();
            case.check().is_ok()
        };
        let (own, other) = (client().sector.to_string(), "other.example");
        let (all, sector, never) = (
            SessionSharing::All,
            SessionSharing::OwnSector,
            SessionSharing::Never,
        );
        assert!(shared(all, all, other));
        assert!(!shared(never, all, &own) && !shared(all, never, &own));
        assert!(shared(sector, all, &own) && shared(all, sector, &own));
        assert!(!shared(sector, all, other) && !shared(all, sector, other));
    }

    #[test]
    fn a_session_on_a_shared_device_answers_nobody_else() {
        let mut shared = Case::new();
        shared.session.shared_device = true;
        assert_eq!(shared.check(), Err(Insufficient::Unusable));
    }
}
