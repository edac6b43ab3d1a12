//! Probes: each node asks every provider now and then whether it is there, so that people learn that it
//! is not before they leave for it.

use std::sync::Arc;

use futures_util::StreamExt as _;
use guichet_domain::provider::Endpoints;
use guichet_domain::{AuditEvent, EventKind, KeySource, Provider, ProviderId};
use http::{Request, StatusCode};
use url::Url;

use crate::hub::Hub;

/// How many providers are asked at once.
const AT_ONCE: usize = 16;

impl Hub {
    /// Asks every provider that could be used whether it is there. To be called now and then.
    pub async fn probe_providers(&self) {
        let providers = self.parts().providers.providers();
        let active = providers.iter().filter(|provider| provider.active);
        let probes: Vec<_> = active.map(|it| self.probe(Arc::clone(it))).collect();
        futures_util::stream::iter(probes)
            .buffer_unordered(AT_ONCE)
            .collect::<()>()
            .await;
        for provider in providers.iter().filter(|provider| provider.active) {
            self.note_turn(&provider.id);
        }
    }

    /// That a provider is not reached any more, or again, is on record: webhooks are told.
    fn note_turn(&self, provider: &ProviderId) {
        let now = self.now();
        let Some(is_down) = self.health().turn(provider, now) else {
            return;
        };
        let kind = if is_down {
            EventKind::ProviderDown
        } else {
            EventKind::ProviderUp
        };
        let ledger = &self.parts().ledger;
        ledger.note(AuditEvent::new(kind, now).provider(provider));
    }

    async fn probe(&self, provider: Arc<Provider>) {
        if let Some(answered) = self.ask_whether_there(&provider).await {
            self.health().probed(&provider.id, answered, self.now());
        }
    }

    /// Whether a provider answers at this moment; one that publishes nothing is taken at its word.
    pub(crate) async fn answers_now(&self, provider: &Arc<Provider>) -> bool {
        self.ask_whether_there(provider).await.unwrap_or(true)
    }

    async fn ask_whether_there(&self, provider: &Arc<Provider>) -> Option<bool> {
        let request = probed_at(provider)
            .and_then(|address| Request::get(address.as_str()).body(Vec::new()).ok())?;
        let asked = self.transport(provider).send(request).await;
        Some(asked.is_ok_and(|answer| answer.status() == StatusCode::OK))
    }
}

/// What is asked: the address its record names for that, else what it publishes; nothing where it
/// publishes nothing.
fn probed_at(provider: &Provider) -> Option<Url> {
    if let Some(stated) = &provider.status_uri {
        return Some(stated.clone());
    }
    match &provider.endpoints {
        Endpoints::Discovered => {
            let issuer = provider.issuer.trim_end_matches('/');
            Url::parse(&format!("{issuer}/.well-known/openid-configuration")).ok()
        }
        Endpoints::Static(endpoints) => match &endpoints.keys {
            KeySource::JwksUri(published) => Some(published.clone()),
            KeySource::Jwks(_) => None,
        },
    }
}
