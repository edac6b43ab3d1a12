//! Which providers may be used for a login: the proof that the choice page and the callback both ask
//! for.

use std::sync::Arc;

use guichet_domain::provider::Availability;
use guichet_domain::{Client, Provider, Timestamp};

use crate::level::RequiredLevel;

/// A provider that may be used for this login: enabled, allowed for the client, able to reach the
/// level. Made by [`EligibleProvider::check`] alone.
pub(crate) struct EligibleProvider(Arc<Provider>);

/// Why a provider may not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ineligible {
    /// It is disabled (threat N-05).
    Disabled,
    /// The client does not accept it (threat N-18).
    NotForClient,
    /// It cannot reach the level the client needs.
    LevelTooLow,
}

impl Ineligible {
    /// Its name in the audit log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::NotForClient => "not_for_client",
            Self::LevelTooLow => "level_too_low",
        }
    }

    /// The words of the choice page.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Disabled => "ineligible-disabled",
            Self::NotForClient => "ineligible-not-for-client",
            Self::LevelTooLow => "ineligible-level-too-low",
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
        let accepted = client
            .providers
            .as_ref()
            .is_none_or(|list| list.contains(&provider.id));
        if provider.is_open(now) != Availability::Open {
            Err(Ineligible::Disabled)
        } else if !accepted {
            Err(Ineligible::NotForClient)
        } else if provider.highest() < required.acr() {
            Err(Ineligible::LevelTooLow)
        } else {
            Ok(Self(Arc::clone(provider)))
        }
    }

    /// Its record.
    pub(crate) fn record(&self) -> &Arc<Provider> {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use guichet_domain::Acr;

    use super::*;
    use crate::login::tests::{client, provider};

    fn check(provider: Provider, client: &Client, required: Acr) -> Option<Ineligible> {
        let now = Timestamp::from_seconds(1100);
        EligibleProvider::check(&Arc::new(provider), client, &required.into(), now).err()
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
    fn a_provider_the_client_does_not_accept_is_not_eligible() {
        let mut picky = client();
        picky.providers = Some(vec!["postale".parse().unwrap()]);
        let not_accepted = check(provider("citoyen"), &picky, Acr::Eidas1);
        assert_eq!(not_accepted, Some(Ineligible::NotForClient));
        assert_eq!(check(provider("postale"), &picky, Acr::Eidas1), None);
    }
}
