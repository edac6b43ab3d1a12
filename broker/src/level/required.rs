//! The level a login must reach, whoever asks for it.

use guichet_domain::{Acr, Client};

use crate::login::Trip;

/// The lowest level that is enough for a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequiredLevel(Acr);

impl RequiredLevel {
    /// The highest of what the request asked for, what the client's record demands as it is today, and
    /// the floor that the context put under this login.
    pub(crate) fn of(trip: &Trip, client: &Client) -> Self {
        let asked = Self(trip.request.acr().required);
        asked.at_least(client.minimum_acr).at_least(trip.floor)
    }

    /// Raised to `floor`, if that is higher.
    pub(crate) fn at_least(self, floor: Option<Acr>) -> Self {
        Self(floor.map_or(self.0, |floor| floor.max(self.0)))
    }

    /// The level itself.
    pub(crate) const fn acr(self) -> Acr {
        self.0
    }
}

#[cfg(test)]
impl From<Acr> for RequiredLevel {
    fn from(acr: Acr) -> Self {
        Self(acr)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::login::tests::{client, trip};

    #[test]
    fn the_highest_of_request_record_and_context_counts() {
        let mut service = client();
        let mut login = trip(json!({"acr": {"required": "eidas2"}}));
        let required = |login: &Trip, service: &Client| RequiredLevel::of(login, service).acr();
        assert_eq!(required(&login, &service), Acr::Eidas2);
        service.minimum_acr = Some(Acr::Eidas1);
        assert_eq!(required(&login, &service), Acr::Eidas2, "never lowered");
        service.minimum_acr = Some(Acr::Eidas3);
        assert_eq!(required(&login, &service), Acr::Eidas3);
        service.minimum_acr = None;
        login.floor = Some(Acr::Eidas3);
        assert_eq!(required(&login, &service), Acr::Eidas3);
    }
}
