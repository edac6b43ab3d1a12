//! What is dangerous in an account wants more than a session: that its person signed in a moment ago, as
//! surely as they do of late, and by a way that they are known by. Whoever finds a browser open, or holds the
//! weakest of somebody's ways, locks nobody out with it (threat N-301).

use std::time::Duration;

use guichet_domain::{Acr, PersonId, ProviderId, Timestamp};
use guichet_web::PageError;
use http::HeaderMap;

use super::{LiveSession, Session};
use crate::hub::Hub;

/// A session whose person signed in a moment ago, surely enough. Made by [`Hub::fresh_session`] alone.
pub(crate) struct FreshSession {
    live: LiveSession,
    person: PersonId,
}

impl FreshSession {
    /// The session, and who its person is by now.
    pub(crate) fn into_parts(self) -> (LiveSession, PersonId) {
        (self.live, self.person)
    }
}

/// Why a session is not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// They signed in too long ago, or too weakly.
    SignInAgain {
        /// At which level they are to.
        level: Acr,
    },
    /// They came by a provider that never spoke for them until lately, while another one did before.
    TooNew {
        /// Until then that other one is asked for.
        until: Timestamp,
    },
}

/// How a person is used to sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Accustomed {
    /// The highest level of late, as far as a way that is open reaches it.
    pub(crate) level: Acr,
    /// The providers that may speak for them, and since when each does.
    pub(crate) providers: Vec<(ProviderId, Timestamp)>,
}

impl Accustomed {
    /// Whether a sign-in by `provider` at `level` is one that its person is known by.
    pub(crate) fn doubts(
        &self,
        provider: &ProviderId,
        level: Acr,
        now: Timestamp,
    ) -> Option<Doubt> {
        if level < self.level {
            return Some(Doubt::SignInAgain { level: self.level });
        }
        let known = self.providers.iter().find(|(id, _)| id == provider);
        let since = known.map_or(now, |(_, first)| *first);
        let until = since.after(NEW_FOR);
        let has_older = self.providers.iter().any(|(_, first)| *first < since);
        (has_older && now < until).then_some(Doubt::TooNew { until })
    }

    fn doubts_session(&self, session: &Session, now: Timestamp) -> Option<Doubt> {
        // A provider that says nothing of when may have asked nobody.
        if !session.states_auth_time || now.since(session.auth_time) > FRESH_FOR {
            return Some(Doubt::SignInAgain { level: self.level });
        }
        self.doubts(&session.provider, session.acr, now)
    }
}

impl Hub {
    /// The session of whoever is signed in to their account at the browser that sent `headers`, where it is
    /// enough for what is dangerous there; `None` where nobody is signed in.
    pub(crate) async fn fresh_session(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<Result<FreshSession, Doubt>>, PageError> {
        self.session_fresh_at(headers, self.now()).await
    }

    /// The same as of `at`, when the form came that is answered now.
    pub(crate) async fn session_fresh_at(
        &self,
        headers: &HeaderMap,
        at: Timestamp,
    ) -> Result<Option<Result<FreshSession, Doubt>>, PageError> {
        let Some(live) = self.account_session(headers).await? else {
            return Ok(None);
        };
        let person = self.standing(live.session.person).await?;
        let accustomed = self.accustomed(person).await;
        let accustomed =
            accustomed.map_err(|fault| self.fault("read how a citizen signs in", &fault))?;
        Ok(Some(match accustomed.doubts_session(&live.session, at) {
            Some(doubt) => Err(doubt),
            None => Ok(FreshSession { live, person }),
        }))
    }

    /// Who is freshly signed in to their account at that browser, or why that is not enough; `None` where
    /// nobody is signed in.
    pub async fn freshly_signed_in(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<Result<PersonId, Doubt>>, PageError> {
        let fresh = self.fresh_session(headers).await?;
        Ok(fresh.map(|fresh| fresh.map(|fresh| fresh.person)))
    }
}

/// As long as for second factors at the embedded provider.
const FRESH_FOR: Duration = Duration::from_mins(5);
/// How long a provider that begins to speak for somebody changes nothing about those that did before: they
/// hear of it, and have the time to say that it is not them.
const NEW_FOR: Duration = Duration::from_hours(72);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::tests::session;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn id(text: &str) -> ProviderId {
        text.parse().unwrap()
    }

    fn used(level: Acr, providers: &[(&str, i64)]) -> Accustomed {
        Accustomed {
            level,
            providers: providers
                .iter()
                .map(|(name, first)| (id(name), at(*first)))
                .collect(),
        }
    }

    #[test]
    fn a_session_of_five_minutes_ago_is_not_fresh_whoever_holds_it() {
        let (usual, session) = (used(Acr::Eidas1, &[("citoyen", 0)]), session());
        let signed_in = session.auth_time;
        let soon = signed_in.after(FRESH_FOR);
        assert_eq!(usual.doubts_session(&session, soon), None);
        let later = soon.after(Duration::from_millis(1));
        let again = Doubt::SignInAgain { level: Acr::Eidas1 };
        assert_eq!(usual.doubts_session(&session, later), Some(again));
    }

    #[test]
    fn a_sign_in_of_which_nobody_says_when_it_was_is_not_fresh() {
        let (usual, mut session) = (used(Acr::Eidas1, &[("citoyen", 0)]), session());
        session.states_auth_time = false;
        let again = Doubt::SignInAgain { level: Acr::Eidas1 };
        let doubt = usual.doubts_session(&session, session.auth_time);
        assert_eq!(doubt, Some(again));
    }

    #[test]
    fn the_weakest_of_ones_ways_is_not_enough() {
        let usual = used(Acr::Eidas2, &[("citoyen", 0)]);
        let again = Doubt::SignInAgain { level: Acr::Eidas2 };
        let doubts = |level| usual.doubts(&id("citoyen"), level, at(9));
        assert_eq!(doubts(Acr::Eidas1), Some(again));
        assert_eq!(doubts(Acr::Eidas2), None);
        assert_eq!(doubts(Acr::Eidas3), None);
    }

    #[test]
    fn a_provider_that_is_new_waits_while_another_was_there_before() {
        let usual = used(Acr::Eidas1, &[("citoyen", 0), ("postale", 100)]);
        let until = at(100).after(NEW_FOR);
        let doubts = |by: &str, now| usual.doubts(&id(by), Acr::Eidas1, now);
        assert_eq!(doubts("postale", at(200)), Some(Doubt::TooNew { until }));
        assert_eq!(doubts("postale", until), None);
        assert_eq!(doubts("citoyen", at(200)), None);
        // One that nobody noted is as new as can be.
        let now = at(200).after(NEW_FOR * 2);
        assert!(matches!(doubts("nobody", now), Some(Doubt::TooNew { .. })));
        let first = used(Acr::Eidas1, &[("postale", 100)]);
        assert_eq!(first.doubts(&id("postale"), Acr::Eidas1, at(101)), None);
    }
}
