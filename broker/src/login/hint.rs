//! `idp_hint`: the provider that a service names (FranceConnect v2), where it may name one.
//!
//! A client's own list overrides the hub's; where there is neither, every provider may be named. An
//! application of FranceConnect is told when it named one it may not; any other is shown the list.

use guichet_domain::client::Profile;
use guichet_domain::{Client, EventKind, OAuthError};

use super::{Refusal, Trip};
use crate::hub::Hub;

impl Hub {
    /// The provider that the request names and its client may name.
    pub(crate) fn hinted<'t>(&self, trip: &'t Trip, client: &Client) -> Option<&'t str> {
        let parts = self.parts();
        let lists = [&client.idp_hints, &parts.settings.idp_hints];
        let list = lists.into_iter().find_map(Option::as_ref);
        trip.request.idp_hint().filter(|hint| match list {
            Some(list) => list.iter().any(|id| id.as_str() == *hint),
            None => parts.providers.provider(hint).is_some(),
        })
    }

    /// Why a login goes no further that would begin with the choice of a provider: its client named one
    /// that it may not name, and expects to be told.
    pub(crate) fn refused_hint(&self, trip: &Trip, client: &Client) -> Option<Refusal> {
        let names = trip.request.idp_hint().is_some();
        let is_told = client.profile == Profile::FranceConnect;
        (is_told && names && self.hinted(trip, client).is_none()).then(|| {
            Refusal::to_client(
                trip.event(EventKind::LoginRefused, self.now()),
                OAuthError::InvalidIdpHint,
                "An idp_hint was provided but is not allowed",
            )
        })
    }
}
