//! Whether a provider may speak for somebody: asked once the hub knows who it is, and for every session
//! that goes on (threat N-210).

use std::collections::BTreeSet;

use guichet_domain::{PersonId, ProviderId, Timestamp};
use guichet_store::Fault;
use guichet_web::PageError;

use super::choices::{Known, kin_of};
use super::notice::{Notice, What};
use crate::hub::Hub;
use crate::login::Trip;
use crate::session::{Session, Source};

impl Hub {
    /// What `person` chose, or whoever is the same person.
    pub(crate) async fn known_choices(&self, person: PersonId) -> Result<Known, Fault> {
        let parts = self.parts();
        let sealer = &self.sealers().ways;
        Known::read(&*parts.ways, &*parts.people, sealer, person).await
    }

    /// Everybody who is the same person as `person` by now.
    pub(super) async fn kin(&self, person: PersonId) -> Result<BTreeSet<PersonId>, Fault> {
        kin_of(&*self.parts().people, person).await
    }

    /// Since when `provider` may not speak for `person`, by their own choice; `None` where it may.
    pub(crate) async fn closed_way(
        &self,
        person: PersonId,
        provider: &ProviderId,
    ) -> Result<Option<Timestamp>, PageError> {
        let known = self.known_choices(person).await;
        let known = known.map_err(|fault| self.fault("read a citizen's choices", &fault))?;
        Ok(known.counting().closed(provider))
    }

    /// Tells a person that somebody came by a way that they closed.
    pub(crate) async fn tell_kept_out(&self, person: PersonId, provider: &ProviderId, trip: &Trip) {
        let client = self.parts().engine.client_of(&trip.request);
        let notice = Notice {
            what: What::KeptOut {
                provider: self.provider_name(provider),
                service: client.map_or_else(String::new, |client| client.name.clone()),
            },
            at: self.now(),
            visit: trip.browsing.to_string(),
        };
        let told = async {
            let choices = self.known_choices(person).await?.counting();
            self.tell(person, &[notice], &choices).await
        };
        if let Err(error) = told.await {
            tracing::error!(%error, "a person was not told of a sign-in that was kept out");
        }
    }

    /// Whether a session rests on the word of a provider that may not speak for its person any more.
    pub(crate) async fn rests_on_closed_way(&self, session: &Session) -> Result<bool, PageError> {
        let closed = self.is_of_closed_way(session).await;
        closed.map_err(|fault| self.fault("read a citizen's choices", &fault))
    }

    /// The same for whom a fault is no page.
    pub(crate) async fn is_of_closed_way(&self, session: &Session) -> Result<bool, Fault> {
        let choices = self.known_choices(session.person).await?.counting();
        Ok(words_of(session).any(|provider| choices.closed(provider).is_some()))
    }
}

/// The providers on whose word a session rests.
pub(super) fn words_of(session: &Session) -> impl Iterator<Item = &ProviderId> {
    let told = session.asserted.iter().filter_map(|told| match &told.by {
        Source::Provider { id, .. } => Some(id),
        Source::Register => None,
    });
    [&session.provider].into_iter().chain(told)
}
