//! Providers' metadata and keys, kept: a login never waits for what is already known, a copy that is
//! getting old is fetched again in the background, and the last good copy serves while a provider is
//! away.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use arc_swap::ArcSwapOption;
use guichet_domain::{Provider, ProviderId, Timestamp};
use tokio::sync::Mutex;

use super::discovery::{Fetch, Upstream};
use super::failure::ProviderFailure;
use super::transport::Transport;
use crate::hub::Hub;

/// Every provider asked for so far.
#[derive(Default)]
pub(crate) struct Upstreams(RwLock<HashMap<ProviderId, Arc<Entry>>>);

/// One provider.
#[derive(Default)]
struct Entry {
    copy: ArcSwapOption<Upstream>,
    /// One fetch at a time; holds when the last one began.
    fetching: Mutex<Option<Timestamp>>,
}

impl Upstreams {
    fn entry(&self, id: &ProviderId) -> Arc<Entry> {
        let known = self
            .0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(id)
            .cloned();
        known.unwrap_or_else(|| {
            let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(entries.entry(id.clone()).or_default())
        })
    }
}

impl Entry {
    /// The copy made for this very record: after a change of issuer or secret there is none.
    fn copy_for(&self, record: &Arc<Provider>) -> Option<Arc<Upstream>> {
        let copy = self.copy.load_full()?;
        let is_same = Arc::ptr_eq(&copy.record, record) || copy.record == *record;
        is_same.then_some(copy)
    }
}

impl Hub {
    /// The provider `record`, ready to be used.
    pub(crate) async fn upstream(
        &self,
        record: &Arc<Provider>,
    ) -> Result<Arc<Upstream>, ProviderFailure> {
        let entry = self.upstreams().entry(&record.id);
        match entry.copy_for(record) {
            Some(copy) => {
                let age = self.now().since(copy.fetched);
                if age > self.parts().settings.metadata_lifetime {
                    self.refresh_in_background(record, entry);
                }
                Ok(copy)
            }
            None => self.fetch(record, &entry).await,
        }
    }

    /// The provider again, after it used a key we do not know. At most one fetch per pause: an
    /// attacker's made-up keys must not turn us against the provider.
    pub(crate) async fn upstream_again(
        &self,
        stale: &Arc<Upstream>,
    ) -> Result<Arc<Upstream>, ProviderFailure> {
        let record = &stale.record;
        let entry = self.upstreams().entry(&record.id);
        let pause = self.parts().settings.metadata_pause;
        if self.now().since(stale.fetched) < pause {
            return Ok(Arc::clone(stale));
        }
        if let Some(last) = *entry.fetching.lock().await
            && self.now().since(last) < pause
        {
            return Ok(entry.copy_for(record).unwrap_or_else(|| Arc::clone(stale)));
        }
        entry.copy.store(None);
        match self.fetch(record, &entry).await {
            Ok(fresh) => Ok(fresh),
            Err(failure) => {
                entry.copy.store(Some(Arc::clone(stale)));
                Err(failure)
            }
        }
    }

    /// Fetches every active provider, so that the first citizen does not wait for it. Failures are
    /// logged; the provider is asked again when it is chosen.
    pub async fn warm_up(&self) {
        let providers = self.parts().providers.providers();
        let fetches = providers.iter().filter(|provider| provider.active).map(|provider| async {
            if let Err(failure) = self.upstream(provider).await {
                tracing::warn!(provider = %provider.id, failure = failure.as_str(), "no metadata yet");
            }
        });
        futures_util::future::join_all(fetches).await;
    }

    fn refresh_in_background(&self, record: &Arc<Provider>, entry: Arc<Entry>) {
        let (hub, record) = (self.clone(), Arc::clone(record));
        self.tasks().spawn(async move {
            let Ok(mut last) = entry.fetching.try_lock() else {
                return;
            };
            let now = hub.now();
            if last.is_some_and(|last| now.since(last) < hub.parts().settings.metadata_pause) {
                return;
            }
            *last = Some(now);
            match hub.fetch_now(&record).await {
                Ok(fresh) => entry.copy.store(Some(Arc::new(fresh))),
                Err(failure) => tracing::warn!(
                    provider = %record.id, failure = failure.as_str(),
                    "metadata cannot be refreshed, the last good copy stays"
                ),
            }
        });
    }

    /// Fetches; whoever waited for another's fetch takes its result.
    async fn fetch(
        &self,
        record: &Arc<Provider>,
        entry: &Entry,
    ) -> Result<Arc<Upstream>, ProviderFailure> {
        let mut last = entry.fetching.lock().await;
        if let Some(copy) = entry.copy_for(record) {
            return Ok(copy);
        }
        *last = Some(self.now());
        let fresh = Arc::new(self.fetch_now(record).await?);
        entry.copy.store(Some(Arc::clone(&fresh)));
        Ok(fresh)
    }

    async fn fetch_now(&self, record: &Arc<Provider>) -> Result<Upstream, ProviderFailure> {
        let fetch = Fetch {
            transport: &self.transport(),
            secrets: &self.sealers().provider_secret,
            redirect_uri: self.redirect_uri(&record.id),
            now: self.now(),
        };
        Upstream::fetch(Arc::clone(record), &fetch).await
    }

    pub(crate) fn transport(&self) -> Transport {
        let parts = self.parts();
        Transport::new(parts.outgoing.clone(), parts.settings.provider_timeout)
    }

    /// Where a provider sends people back: an address for each, so that one cannot answer for another
    /// (RFC 9700 §4.4.2.2).
    fn redirect_uri(&self, id: &ProviderId) -> String {
        self.public_url(&format!("/callback/{id}"))
    }
}
