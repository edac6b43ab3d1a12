//! Whose word a login rests on: the provider's that the person came from, or two providers', where the
//! service asks for that (`eidas1-corroborated` and its like).
//!
//! The word of the first one is in the browser's session; it counts for a login that says so, for the
//! same person, while both providers could be chosen still. One that was there before the login is worth
//! no more than single sign-on lends.

use guichet_domain::{Acr, AcrValue, PersonId, Provider, ProviderId, Timestamp};
use guichet_web::PageError;

use super::Found;
use crate::hub::Hub;
use crate::login::notice::Setback;
use crate::login::{AwaitingConsent, AwaitingProvider, Login, SteppingUp, Trip, Vouched};
use crate::session::{LiveSession, Reached, Session};

/// Whose word is needed, and whose there is.
pub(super) struct Words<'a> {
    /// The level that must be reached.
    pub(super) required: AcrValue,
    /// The provider that the person came from.
    pub(super) provider: &'a Provider,
    /// The word of another one before.
    pub(super) earlier: Option<Earlier<'a>>,
    /// What was heard up to then is too old.
    pub(super) since: Timestamp,
    /// Whether the words of both count as those of two.
    pub(super) counts: &'a (dyn Fn(&ProviderId, &ProviderId) -> bool + Sync),
}

/// What the first of two providers said.
pub(super) struct Earlier<'a> {
    /// In which session.
    session: &'a Session,
    /// Which provider.
    first: ProviderId,
    /// As much of it as single sign-on lends, where it was there before this login.
    lent: Option<Acr>,
}

impl Words<'_> {
    /// On to what the service would receive, or back to the choice for a second provider's word; and what
    /// was reached.
    pub(super) fn next(
        &self,
        mut trip: Trip,
        session: &mut Session,
        found: Found,
    ) -> (Login, Reached) {
        let counting = self.earlier.as_ref();
        let counting = counting.filter(|earlier| (self.counts)(&session.provider, &earlier.first));
        if let Some(earlier) = counting {
            session.add_word_of(earlier.session, &earlier.first, self.since);
        }
        let counts = |other: &ProviderId| (self.counts)(&session.provider, other);
        let mut reached = session.reached(self.required, self.since, counts);
        if let Some(earlier) = counting
            && let Some(lent) = earlier.lent
            && (reached.with.is_some() || session.provider == earlier.first)
        {
            // Nobody showed more than that for this service.
            reached = reached.at_most(lent);
        }
        if reached.acr.satisfies(self.required) {
            let named = (found.session, &*session);
            let (subject, grant) = (found.subject, found.grant);
            let awaiting = AwaitingConsent::new(trip, named, reached.clone(), subject, grant);
            return (Login::AwaitingConsent(awaiting), reached);
        }
        let provider = self.provider.id.clone();
        trip.vouched = Some(Vouched::by(self.provider, found.person.id()));
        trip.stepping_up = Some(SteppingUp {
            person: found.person.id(),
            provider: provider.clone(),
        });
        let back = AwaitingProvider::after(trip, provider, Setback::SecondIsNeeded);
        (Login::AwaitingProvider(back), reached)
    }
}

/// What the first of two providers said of `person`, if one did for this login: not where operators
/// corrected since who is who.
pub(super) async fn earlier<'a>(
    hub: &Hub,
    trip: &Trip,
    previous: Option<&'a LiveSession>,
    person: PersonId,
) -> Result<Option<Earlier<'a>>, PageError> {
    let (Some(vouched), Some(previous)) = (&trip.vouched, previous) else {
        return Ok(None);
    };
    let session = &previous.session;
    let is_theirs = vouched.person == person && session.person == person;
    if !is_theirs || hub.is_corrected_since(session).await? {
        return Ok(None);
    }
    Ok(Some(Earlier {
        session,
        first: vouched.provider.clone(),
        lent: vouched.lent,
    }))
}

impl Hub {
    /// Whatever a provider said up to then is too old to be one of two words.
    pub(crate) fn words_count_since(&self) -> Timestamp {
        self.now().before(self.parts().settings.session_lifetime)
    }
}
