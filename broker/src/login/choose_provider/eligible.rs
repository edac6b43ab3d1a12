//! Which providers may be used for a login: the proof that the choice page and the callback both ask
//! for.

use std::sync::Arc;

use guichet_domain::provider::Availability;
use guichet_domain::{Acr, Client, Provider, ProviderId, Timestamp};

use crate::health::Standing;
use crate::hub::Hub;
use crate::level::RequiredLevel;

/// A provider that may be used for this login: open, allowed for the client, able to reach the level.
/// Made by [`EligibleProvider::check`] and [`EligibleProvider::check_returned`] alone.
pub(crate) struct EligibleProvider(Arc<Provider>);

/// Why a provider may not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ineligible {
    /// It is disabled (threat N-05).
    Disabled,
    /// It is on no page, so no hint leads there either (threat N-06).
    NotOffered,
    /// It opens later.
    NotYetOpen(Timestamp),
    /// It was given up.
    Closed(Timestamp),
    /// Its operators are working on it.
    Maintenance,
    /// The client does not accept it, or it does not serve the client (threat N-18).
    NotForClient,
    /// It cannot reach the level the client needs.
    LevelTooLow,
    /// The person signed in with it already, and the word of another one is needed.
    HasVouched,
    /// It does not answer.
    Down,
}

impl Ineligible {
    /// Its name in the audit log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::NotOffered => "not_offered",
            Self::NotYetOpen(_) => "not_yet_open",
            Self::Closed(_) => "closed",
            Self::Maintenance => "maintenance",
            Self::NotForClient => "not_for_client",
            Self::LevelTooLow => "level_too_low",
            Self::HasVouched => "has_vouched",
            Self::Down => "down",
        }
    }

    /// Whether it could be used but for how it does just now: what passes by itself.
    pub(crate) const fn will_pass(self) -> bool {
        matches!(self, Self::Maintenance | Self::Down)
    }

    /// The words of the choice page.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Disabled | Self::NotOffered => "ineligible-disabled",
            Self::NotYetOpen(_) => "ineligible-not-yet-open",
            Self::Closed(_) => "ineligible-closed",
            Self::Maintenance => "ineligible-maintenance",
            Self::NotForClient => "ineligible-not-for-client",
            Self::LevelTooLow => "ineligible-level-too-low",
            Self::HasVouched => "ineligible-has-vouched",
            Self::Down => "ineligible-down",
        }
    }

    /// The date in those words, if there is one.
    pub(super) const fn date(self) -> Option<Timestamp> {
        match self {
            Self::NotYetOpen(date) | Self::Closed(date) => Some(date),
            _ => None,
        }
    }
}

impl EligibleProvider {
    /// `provider`, if `client` may be served by it at the level `required`, now.
    pub(crate) fn check(
        provider: &Arc<Provider>,
        client: &Client,
        required: &RequiredLevel,
        now: Timestamp,
    ) -> Result<Self, Ineligible> {
        let closed = match provider.is_open(now) {
            Availability::Open => None,
            Availability::NotYet(opens) => Some(Ineligible::NotYetOpen(opens)),
            Availability::Closed(closed) => Some(Ineligible::Closed(closed)),
            Availability::Maintenance => Some(Ineligible::Maintenance),
            Availability::Inactive => Some(Ineligible::Disabled),
        };
        let eligible = Self::check_returned(provider, client, required)?;
        closed.map_or(Ok(eligible), Err)
    }

    /// The same for somebody who comes back from it: who left while it was open may finish, whatever
    /// its record says about the hour. Disabled is disabled (threat N-05).
    pub(crate) fn check_returned(
        provider: &Arc<Provider>,
        client: &Client,
        required: &RequiredLevel,
    ) -> Result<Self, Ineligible> {
        let listed = client.providers.as_ref();
        let accepted = listed.is_none_or(|list| list.contains(&provider.id));
        if !provider.active {
            Err(Ineligible::Disabled)
        } else if !provider.display.displayed {
            Err(Ineligible::NotOffered)
        } else if !accepted || !provider.serves(client) {
            Err(Ineligible::NotForClient)
        } else if provider.highest() < required.of_each() {
            Err(Ineligible::LevelTooLow)
        } else if required.has_word_of(provider) {
            Err(Ineligible::HasVouched)
        } else {
            Ok(Self(Arc::clone(provider)))
        }
    }

    /// Its record.
    pub(crate) fn record(&self) -> &Arc<Provider> {
        &self.0
    }
}

impl Hub {
    /// Whether the words of `one` and `other` count for this client as those of two at `level`: each
    /// could be chosen for that today, and neither is the other's.
    pub(crate) fn may_corroborate(
        &self,
        client: &Client,
        level: Acr,
        (one, other): (&ProviderId, &ProviderId),
    ) -> bool {
        let required = RequiredLevel::alone(level);
        let eligible = |id: &ProviderId| {
            let record = self.parts().providers.provider(id.as_str())?;
            EligibleProvider::check_returned(&record, client, &required).ok()
        };
        match (eligible(one), eligible(other)) {
            (Some(one), Some(other)) => !one.record().voice().is_also(&other.record().voice()),
            _ => false,
        }
    }

    /// `provider`, if somebody may leave for it: eligible by the records, and answering.
    pub(crate) fn usable(
        &self,
        provider: &Arc<Provider>,
        client: &Client,
        required: &RequiredLevel,
    ) -> Result<EligibleProvider, Ineligible> {
        let now = self.now();
        let eligible = EligibleProvider::check(provider, client, required, now)?;
        match self.health().standing(&provider.id, now) {
            Standing::Up | Standing::OnTrial => Ok(eligible),
            Standing::Down => Err(Ineligible::Down),
        }
    }

    /// Whether no provider is left for a login only because those there are cannot be reached now.
    pub(crate) fn all_are_down(&self, client: &Client, required: &RequiredLevel) -> bool {
        let providers = self.parts().providers.providers();
        let mut some_will_come_back = false;
        for provider in providers.iter() {
            match self.usable(provider, client, required) {
                Ok(_) => return false,
                Err(why) => some_will_come_back |= why.will_pass(),
            }
        }
        some_will_come_back
    }
}

#[cfg(test)]
mod tests {
    use guichet_domain::provider::{ClientList, Maintenance};

    use super::*;
    use crate::login::tests::{client, provider};

    const NOW: Timestamp = Timestamp::from_seconds(1100);

    fn check(provider: Provider, client: &Client, required: Acr) -> Option<Ineligible> {
        EligibleProvider::check(&Arc::new(provider), client, &required.into(), NOW).err()
    }

    #[test]
    fn a_provider_below_the_requested_acr_is_not_eligible() {
        let mut low = provider("citoyen");
        low.levels = vec![Acr::Eidas1];
        assert_eq!(check(low.clone(), &client(), Acr::Eidas1), None);
        assert_eq!(
            check(low, &client(), Acr::Eidas2),
            Some(Ineligible::LevelTooLow)
        );
    }

    #[test]
    fn a_disabled_provider_is_not_eligible() {
        let mut disabled = provider("citoyen");
        disabled.active = false;
        assert_eq!(
            check(disabled, &client(), Acr::Eidas1),
            Some(Ineligible::Disabled)
        );
    }

    #[test]
    fn a_provider_that_is_on_no_page_is_not_eligible() {
        let mut hidden = provider("citoyen");
        hidden.display.displayed = false;
        assert_eq!(
            check(hidden, &client(), Acr::Eidas1),
            Some(Ineligible::NotOffered)
        );
    }

    #[test]
    fn a_provider_the_client_does_not_accept_is_not_eligible() {
        let mut picky = client();
        picky.providers = Some(vec!["postale".parse().unwrap()]);
        let not_accepted = check(provider("citoyen"), &picky, Acr::Eidas1);
        assert_eq!(not_accepted, Some(Ineligible::NotForClient));
        assert_eq!(check(provider("postale"), &picky, Acr::Eidas1), None);
    }

    #[test]
    fn a_provider_that_does_not_serve_the_client_is_not_eligible() {
        let mut picky = provider("citoyen");
        picky.audience.clients = Some(ClientList::Except(vec![client().id]));
        assert_eq!(
            check(picky, &client(), Acr::Eidas1),
            Some(Ineligible::NotForClient)
        );
    }

    #[test]
    fn whoever_left_before_a_provider_closed_may_finish() {
        let mut closing = provider("citoyen");
        closing.opening.closes = Some(NOW);
        let maintained = || {
            let mut maintained = provider("citoyen");
            let (fr, en) = ("Travaux".into(), "Works".into());
            maintained.opening.maintenance = Some(Maintenance { fr, en });
            maintained
        };
        assert_eq!(
            check(closing.clone(), &client(), Acr::Eidas1),
            Some(Ineligible::Closed(NOW))
        );
        assert_eq!(
            check(maintained(), &client(), Acr::Eidas1),
            Some(Ineligible::Maintenance)
        );
        for provider in [closing, maintained()] {
            let required = &Acr::Eidas1.into();
            let back = EligibleProvider::check_returned(&Arc::new(provider), &client(), required);
            assert!(back.is_ok());
        }
    }
}
