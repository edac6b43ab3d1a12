//! The level a login must reach, whoever asks for it.

use guichet_domain::provider::Voice;
use guichet_domain::{Acr, AcrValue, Client, Provider};

use crate::login::Trip;

/// The lowest level that is enough for a login, and who may still help to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequiredLevel {
    acr: AcrValue,
    /// Whose word is the first of the two that are needed.
    vouched: Option<Voice>,
}

impl RequiredLevel {
    /// The highest of what the request asked for, what the client's record demands as it is today, and
    /// the floor that the context, or a fact that is asked for, put under this login.
    pub(crate) fn of(trip: &Trip, client: &Client) -> Self {
        let asked = trip.request.acr().required;
        let required = Self {
            acr: client.minimum_acr.map_or(asked, |least| asked.and(least)),
            vouched: trip.vouched.as_ref().map(|first| first.voice.clone()),
        };
        let required = required.at_least(trip.floor);
        if trip.thawing && trip.reopening.is_none() {
            required.of_two()
        } else {
            required
        }
    }

    /// `level`, of one provider, whoever vouched before.
    pub(crate) const fn alone(level: Acr) -> Self {
        Self {
            acr: AcrValue::alone(level),
            vouched: None,
        }
    }

    /// Raised to `floor`, if that is higher.
    pub(crate) fn at_least(self, floor: Option<Acr>) -> Self {
        let acr = floor.map_or(self.acr, |floor| self.acr.and(floor.into()));
        Self { acr, ..self }
    }

    /// The same by the word of two.
    fn of_two(self) -> Self {
        let acr = self.acr.and(AcrValue::corroborated(self.acr.level));
        Self { acr, ..self }
    }

    /// The level itself.
    pub(crate) const fn acr(&self) -> AcrValue {
        self.acr
    }

    /// What each provider must reach.
    pub(crate) const fn of_each(&self) -> Acr {
        self.acr.level
    }

    /// Whether `provider` gave its word already where another's is needed: by whichever of its records,
    /// or by another provider of the same operator.
    pub(crate) fn has_word_of(&self, provider: &Provider) -> bool {
        let first = self.vouched.as_ref();
        self.acr.corroborated && first.is_some_and(|first| first.is_also(&provider.voice()))
    }
}

#[cfg(test)]
impl From<Acr> for RequiredLevel {
    fn from(acr: Acr) -> Self {
        Self::alone(acr)
    }
}

#[cfg(test)]
mod tests {
    use guichet_domain::PersonId;
    use serde_json::json;

    use super::*;
    use crate::login::Vouched;
    use crate::login::tests::{client, provider, trip};

    #[test]
    fn the_highest_of_request_record_and_context_counts() {
        let mut service = client();
        let mut login = trip(json!({"acr": {"required": "eidas2"}}));
        let required = |login: &Trip, service: &Client| RequiredLevel::of(login, service).acr();
        assert_eq!(required(&login, &service), Acr::Eidas2);
        service.minimum_acr = Some(Acr::Eidas1.into());
        assert_eq!(required(&login, &service), Acr::Eidas2, "never lowered");
        service.minimum_acr = Some(Acr::Eidas3.into());
        assert_eq!(required(&login, &service), Acr::Eidas3);
        service.minimum_acr = None;
        login.floor = Some(Acr::Eidas3);
        assert_eq!(required(&login, &service), Acr::Eidas3);
        service.minimum_acr = Some(AcrValue::corroborated(Acr::Eidas1));
        let each = AcrValue::corroborated(Acr::Eidas3);
        assert_eq!(required(&login, &service), each);
    }

    #[test]
    fn the_second_word_is_another_issuers_and_another_operators() {
        let asks = json!({"acr": {"required": "eidas1-corroborated"}});
        let mut login = trip(asks);
        let first = provider("citoyen");
        let mut alias = provider("alias");
        alias.issuer.clone_from(&first.issuer);
        let mut realm = provider("realm");
        realm.issuer = format!("{}/realms/b", first.issuer);
        let has =
            |login: &Trip, provider| RequiredLevel::of(login, &client()).has_word_of(provider);
        assert!(!has(&login, &first));
        login.vouched = Some(Vouched {
            person: PersonId::from_bytes([1; 16]),
            provider: first.id.clone(),
            voice: first.voice(),
            lent: None,
        });
        assert!(has(&login, &first) && has(&login, &alias) && has(&login, &realm));
        let other = provider("postale");
        assert!(!has(&login, &other));
        let mut alone = trip(json!({}));
        alone.vouched = login.vouched;
        assert!(!has(&alone, &first), "one word is enough");
    }
}
