//! Providers' keys kept fresh while nobody signs in, and an alert when a provider has been away for so
//! long that what we know of it is no longer to be relied on.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use guichet_domain::{Provider, ProviderId, Timestamp};

use crate::hub::Hub;

/// How fresh what we know of a provider is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderKeys {
    /// The provider.
    pub provider: ProviderId,
    /// When its endpoints and keys were last fetched; never, since this node started, when `None`.
    pub fetched: Option<Timestamp>,
    /// Whether that is too long ago (`HubSettings::metadata_alert`).
    pub stale: bool,
}

/// Whether an alert is on: it is raised once, and taken back once.
#[derive(Default)]
pub(super) struct Alert(AtomicBool);

impl Alert {
    fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, provider: &Provider, age: Option<Duration>, stale: bool) {
        if self.0.swap(stale, Ordering::Relaxed) == stale {
            return;
        }
        let id = &provider.id;
        let hours = age.map(|age| age.as_secs() / 3600);
        if stale {
            tracing::error!(provider = %id, ?hours, "keys of a provider are stale: it has not been reached for too long");
        } else {
            tracing::info!(provider = %id, "keys of a provider are fresh again");
        }
    }
}

impl Hub {
    /// Fetches again what is old or was never had, for every provider that may be used; the last good
    /// copy serves meanwhile. To be called about once a minute. Tells how fresh each one is.
    pub fn watch_providers(&self) -> Vec<ProviderKeys> {
        let since = self.began();
        let providers = self.parts().providers.providers();
        let used = providers.iter().filter(|provider| provider.active);
        used.map(|provider| {
            let fetched = self.keep_fresh(provider);
            let age = self.now().since(fetched.unwrap_or(since));
            let stale = age > self.parts().settings.metadata_alert;
            self.alert_of(&provider.id, |alert| {
                alert.set(provider, fetched.map(|_| age), stale);
            });
            ProviderKeys {
                provider: provider.id.clone(),
                fetched,
                stale,
            }
        })
        .collect()
    }

    /// The providers whose alert is on, by their short names.
    pub fn stale_providers(&self) -> Vec<ProviderId> {
        let providers = self.parts().providers.providers();
        let used = providers.iter().filter(|provider| provider.active);
        let mut stale = Vec::new();
        for provider in used {
            self.alert_of(&provider.id, |alert| {
                stale.extend(alert.is_on().then(|| provider.id.clone()));
            });
        }
        stale
    }
}
