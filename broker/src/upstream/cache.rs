//! Providers' metadata and keys, kept: a login never waits for what is already known, a copy that is
//! getting old is fetched again in the background, and the last good copy serves while a provider is
//! away.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use arc_swap::ArcSwapOption;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use guichet_domain::{Provider, ProviderId, Timestamp};
use guichet_keys::KeysError;

use super::discovery::{Fetch, Upstream};
use super::failure::ProviderFailure;
use super::means::Means;
use super::transport::Transport;
use super::watch::Alerts;
use crate::hub::Hub;

/// Every provider asked for so far.
#[derive(Default)]
pub(crate) struct Upstreams(RwLock<HashMap<ProviderId, Arc<Entry>>>);

/// One provider.
#[derive(Default)]
struct Entry {
    copy: ArcSwapOption<Upstream>,
    alerts: Alerts,
    fetching: Mutex<Fetching>,
}

/// The fetches of one provider's metadata: one at a time, whoever waits shares its outcome.
#[derive(Default)]
struct Fetching {
    under_way: Option<UnderWay>,
    /// When the last one was begun.
    begun: Option<Timestamp>,
}

struct UnderWay {
    record: Arc<Provider>,
    outcome: Outcome,
}

type Outcome = Shared<BoxFuture<'static, Result<Arc<Upstream>, ProviderFailure>>>;

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

    fn fetching(&self) -> MutexGuard<'_, Fetching> {
        self.fetching.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a fetch was begun after `since`.
    fn begun_since(&self, since: Timestamp) -> bool {
        self.fetching().begun.is_some_and(|begun| begun > since)
    }

    /// Keeps what came of a fetch, unless the record was changed and fetched anew meanwhile.
    fn settle(&self, record: &Arc<Provider>, outcome: &Result<Arc<Upstream>, ProviderFailure>) {
        let mut fetching = self.fetching();
        let is_latest = |under_way: &UnderWay| Arc::ptr_eq(&under_way.record, record);
        if !fetching.under_way.as_ref().is_some_and(is_latest) {
            return;
        }
        fetching.under_way = None;
        if let Ok(fresh) = outcome {
            self.copy.store(Some(Arc::clone(fresh)));
        }
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
                    self.refresh_in_background(record, &entry);
                }
                Ok(copy)
            }
            None => self.begin(record, &entry).await,
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
        let is_under_way = entry.fetching().under_way.is_some();
        if !is_under_way && entry.begun_since(self.now().before(pause)) {
            return Ok(entry.copy_for(record).unwrap_or_else(|| Arc::clone(stale)));
        }
        self.begin(record, &entry).await
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

    /// Begins a fetch where one is due; what we have.
    pub(super) fn keep_fresh(&self, record: &Arc<Provider>) -> Option<Arc<Upstream>> {
        let entry = self.upstreams().entry(&record.id);
        let copy = entry.copy_for(record);
        let fetched = copy.as_ref().map(|copy| copy.fetched);
        let lifetime = self.parts().settings.metadata_lifetime;
        if fetched.is_none_or(|fetched| self.now().since(fetched) > lifetime) {
            self.refresh_in_background(record, &entry);
        }
        copy
    }

    /// Does something with the alerts of a provider.
    pub(super) fn alerts_of<T>(&self, id: &ProviderId, act: impl FnOnce(&Alerts) -> T) -> T {
        act(&self.upstreams().entry(id).alerts)
    }

    fn refresh_in_background(&self, record: &Arc<Provider>, entry: &Arc<Entry>) {
        let pause = self.parts().settings.metadata_pause;
        if !entry.begun_since(self.now().before(pause)) {
            // It goes on by itself.
            drop(self.begin(record, entry));
        }
    }

    /// Joins the fetch that is under way, or begins one off the request path: whoever began it may go.
    fn begin(&self, record: &Arc<Provider>, entry: &Arc<Entry>) -> Outcome {
        let mut fetching = entry.fetching();
        if let Some(under_way) = &fetching.under_way
            && under_way.record == *record
            && under_way.outcome.peek().is_none()
        {
            return under_way.outcome.clone();
        }
        fetching.begun = Some(self.now());
        let (hub, its, at) = (self.clone(), Arc::clone(record), Arc::clone(entry));
        let fetched = self.tasks().spawn(async move {
            let outcome = hub.fetch_in_time(&its).await;
            at.settle(&its, &outcome);
            outcome
        });
        let outcome = fetched
            .map(|joined| joined.unwrap_or(Err(ProviderFailure::Unreachable)))
            .boxed()
            .shared();
        fetching.under_way = Some(UnderWay {
            record: Arc::clone(record),
            outcome: outcome.clone(),
        });
        outcome
    }

    /// Metadata and keys, together within the time of one call.
    async fn fetch_in_time(
        &self,
        record: &Arc<Provider>,
    ) -> Result<Arc<Upstream>, ProviderFailure> {
        let within = self.parts().settings.provider_timeout;
        let fetched = match self.make_keys_for(record).await {
            Ok(()) => tokio::time::timeout(within, self.fetch_now(record))
                .await
                .unwrap_or(Err(ProviderFailure::Timeout)),
            Err(failure) => Err(failure),
        };
        // Where our own record cannot be used, the provider said nothing of how it is.
        if !matches!(fetched, Err(ProviderFailure::Unusable)) {
            let (answered, now) = (fetched.is_ok(), self.now());
            self.health().probed(&record.id, answered, now);
        }
        if let Err(failure) = &fetched {
            tracing::warn!(
                provider = %record.id, failure = failure.as_str(),
                "metadata cannot be fetched, the last good copy stays"
            );
        }
        fetched.map(Arc::new)
    }

    /// Makes the keys that the record asks of us, where there are none yet: to sign with, to decrypt
    /// with. Making one takes a moment that is not the provider's, and custody may block.
    async fn make_keys_for(&self, record: &Provider) -> Result<(), ProviderFailure> {
        let (keys, now) = (self.parts().keys.clone(), self.now());
        let (signing, encryptions) = (record.authentication_alg, record.answers.encryptions());
        let made = tokio::task::spawn_blocking(move || -> Result<(), KeysError> {
            keys.client_ring().ensure(signing, now)?;
            for encryption in encryptions {
                keys.decryption_ring().ensure(encryption.alg, now)?;
            }
            Ok(())
        });
        match made.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => {
                tracing::error!(provider = %record.id, %error, "a key for this provider cannot be made");
                Err(ProviderFailure::Unusable)
            }
            Err(_) => Err(ProviderFailure::Unusable),
        }
    }

    async fn fetch_now(&self, record: &Arc<Provider>) -> Result<Upstream, ProviderFailure> {
        let fetch = Fetch {
            transport: &self.transport(record),
            secrets: &self.sealers().provider_secret,
            redirect_uri: self.redirect_uri(&record.id),
            now: self.now(),
        };
        Upstream::fetch(Arc::clone(record), &fetch).await
    }

    /// What `record`'s provider is called with, from now on.
    pub(crate) fn means(&self, record: &Provider) -> Means {
        let parts = self.parts();
        Means::new(
            parts.keys.clone(),
            self.transport(record),
            Arc::clone(&parts.entropy),
            self.now(),
        )
    }

    /// What carries requests to `record`'s provider.
    pub(crate) fn transport(&self, record: &Provider) -> Transport {
        let parts = self.parts();
        let with_certificate = parts.certified.as_ref();
        let outgoing = with_certificate
            .filter(|_| record.authentication.is_by_certificate())
            .unwrap_or(&parts.outgoing);
        Transport::new(outgoing.clone(), parts.settings.provider_timeout)
    }

    /// Where a provider sends people back: an address for each, so that one cannot answer for another
    /// (RFC 9700 §4.4.2.2).
    fn redirect_uri(&self, id: &ProviderId) -> String {
        self.public_url(&format!("/callback/{id}"))
    }
}
