//! Providers' keys kept fresh while nobody signs in, and an alert when what we know of them is soon no longer
//! to be relied on: the provider has been away for long, or its keys end by their own word.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use guichet_domain::{Provider, ProviderId, Timestamp};

use crate::hub::Hub;

/// How fresh what we know of a provider is, and how long it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderKeys {
    /// The provider.
    pub provider: ProviderId,
    /// When its endpoints and keys were last fetched; never, since this node started, when `None`.
    pub fetched: Option<Timestamp>,
    /// Whether that is too long ago (`HubSettings::metadata_alert`).
    pub stale: bool,
    /// When the last of its keys ends, where each of them says when it does.
    pub end: Option<Timestamp>,
    /// Whether that is soon (`HubSettings::keys_end_alert`), or past.
    pub ending: bool,
}

/// What is the matter with the keys of a provider: each is raised once, and taken back once.
#[derive(Default)]
pub(super) struct Alerts {
    stale: AtomicBool,
    ending: AtomicBool,
}

impl Alerts {
    fn set(&self, keys: &ProviderKeys) {
        let provider = &keys.provider;
        let changes = |alert: &AtomicBool, to| alert.swap(to, Ordering::Relaxed) != to;
        let fetched = keys.fetched.map(Timestamp::seconds);
        match (changes(&self.stale, keys.stale), keys.stale) {
            (true, true) => {
                tracing::error!(%provider, fetched, "keys of a provider are stale: it has not been reached for too long");
            }
            (true, false) => tracing::info!(%provider, "keys of a provider are fresh again"),
            (false, _) => (),
        }
        let end = keys.end.map(Timestamp::seconds);
        match (changes(&self.ending, keys.ending), keys.ending) {
            (true, true) => {
                tracing::error!(%provider, end, "keys of a provider end soon: it publishes none that last longer");
            }
            (true, false) => tracing::info!(%provider, "a provider has keys again that last"),
            (false, _) => (),
        }
    }
}

impl Hub {
    /// Fetches again what is old or was never had, for every provider that may be used; the last good
    /// copy serves meanwhile. To be called about once a minute. Tells how fresh each one is.
    pub fn watch_providers(&self) -> Vec<ProviderKeys> {
        let watched = self.used_providers();
        watched.map(|provider| self.watch(&provider)).collect()
    }

    fn watch(&self, provider: &Arc<Provider>) -> ProviderKeys {
        let (now, settings) = (self.now(), &self.parts().settings);
        let copy = self.keep_fresh(provider);
        let fetched = copy.as_ref().map(|copy| copy.fetched);
        let end = copy.and_then(|copy| copy.keys.end());
        let keys = ProviderKeys {
            provider: provider.id.clone(),
            fetched,
            stale: now.since(fetched.unwrap_or(self.began())) > settings.metadata_alert,
            end,
            ending: end.is_some_and(|end| end <= now.after(settings.keys_end_alert)),
        };
        self.alerts_of(&provider.id, |alerts| alerts.set(&keys));
        keys
    }

    /// The providers that have not been reached for too long, by their short names.
    pub fn stale_providers(&self) -> Vec<ProviderId> {
        self.alerted(|alerts| &alerts.stale)
    }

    /// The providers whose keys end soon, by their short names.
    pub fn providers_with_ending_keys(&self) -> Vec<ProviderId> {
        self.alerted(|alerts| &alerts.ending)
    }

    fn alerted(&self, which: impl Fn(&Alerts) -> &AtomicBool) -> Vec<ProviderId> {
        let is_on = |provider: &Arc<Provider>| {
            self.alerts_of(&provider.id, |it| which(it).load(Ordering::Relaxed))
        };
        let alerted = self.used_providers().filter(is_on);
        alerted.map(|provider| provider.id.clone()).collect()
    }

    fn used_providers(&self) -> impl Iterator<Item = Arc<Provider>> {
        let providers = self.parts().providers.providers();
        let used: Vec<_> = providers
            .iter()
            .filter(|provider| provider.active)
            .cloned()
            .collect();
        used.into_iter()
    }
}
