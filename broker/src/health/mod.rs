//! Whether each provider is well, as far as this node has seen: what came of the calls that logins made,
//! and of the probes it sends by itself.
//!
//! | file | does |
//! |---|---|
//! | `mod` | what was seen of each provider, and what follows from it |
//! | `probe` | asks each provider now and then whether it is there |
//! | `report` | what everybody may know: a page and a feed |
//!
//! Calls and probes have a breaker each. A provider whose front answers while its token endpoint is
//! down is thus not offered to everybody again at each probe: one person tries for all.

mod probe;
mod report;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError, RwLock};

use guichet_domain::{ProviderId, Timestamp};

use crate::breaker::{Breaker, Patience};
use crate::upstream::ProviderFailure;

pub use report::{ProviderStatus, State};
pub(crate) use report::{feed, page};

/// How a provider does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// As it should.
    Up,
    /// It failed lately; the next person to choose it tries for all.
    OnTrial,
    /// It does not answer: nobody is sent there.
    Down,
}

/// What this node has seen of every provider.
pub(crate) struct Health {
    patience: Patience,
    watches: RwLock<HashMap<ProviderId, Watch>>,
    /// Those of which it is on record that they are down.
    told_down: Mutex<HashSet<ProviderId>>,
}

/// What was seen of one.
#[derive(Clone, Copy)]
struct Watch {
    calls: Breaker,
    probes: Breaker,
}

impl Watch {
    const NOTHING_SEEN: Self = Self {
        calls: Breaker::CLOSED,
        probes: Breaker::CLOSED,
    };

    fn standing(self, now: Timestamp, patience: Patience) -> Standing {
        if !self.probes.is_closed() {
            return Standing::Down;
        }
        match self.calls.admit(now, patience) {
            Ok(_) if self.calls.is_closed() => Standing::Up,
            Ok(_) => Standing::OnTrial,
            Err(_) => Standing::Down,
        }
    }
}

impl Health {
    /// Nothing seen yet: everybody is believed to be well.
    pub(crate) fn new(patience: Patience) -> Self {
        Self {
            patience,
            watches: RwLock::default(),
            told_down: Mutex::default(),
        }
    }

    /// How `provider` does.
    pub(crate) fn standing(&self, provider: &ProviderId, now: Timestamp) -> Standing {
        let watches = self.watches.read().unwrap_or_else(PoisonError::into_inner);
        let watch = watches.get(provider).copied();
        watch.map_or(Standing::Up, |watch| watch.standing(now, self.patience))
    }

    /// Whether it is down by now, where that is another than was told.
    fn turn(&self, provider: &ProviderId, now: Timestamp) -> Option<bool> {
        let is_down = self.standing(provider, now) == Standing::Down;
        let mut told = self
            .told_down
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_news = if is_down {
            told.insert(provider.clone())
        } else {
            told.remove(provider)
        };
        is_news.then_some(is_down)
    }

    /// Lets somebody leave for `provider`; nobody while it is down, and one at a time while it is on
    /// trial.
    pub(crate) fn admit(&self, provider: &ProviderId, now: Timestamp) -> bool {
        let patience = self.patience;
        // The common case takes no lock that others wait for.
        match self.standing(provider, now) {
            Standing::Up => true,
            Standing::Down => false,
            Standing::OnTrial => self.change(provider, |watch| {
                let admitted = watch.calls.admit(now, patience);
                watch.calls = admitted.unwrap_or(watch.calls);
                admitted.is_ok()
            }),
        }
    }

    /// What came of the calls that a login made when its person was back.
    pub(crate) fn called<T>(
        &self,
        provider: &ProviderId,
        outcome: &Result<T, ProviderFailure>,
        now: Timestamp,
    ) {
        match outcome {
            Ok(_) if self.standing(provider, now) == Standing::Up && self.is_spotless(provider) => {
            }
            Ok(_) => self.change(provider, |watch| watch.calls = watch.calls.succeeded()),
            Err(failure) => self.failed(provider, *failure, now),
        }
    }

    /// A call that a login made came to nothing. What the person did there, and what the provider says
    /// about them, is no sign of illness: nobody must be able to make it look ill.
    pub(crate) fn failed(&self, provider: &ProviderId, failure: ProviderFailure, now: Timestamp) {
        if failure.is_outage() {
            self.change(provider, |watch| {
                watch.calls = watch.calls.failed(now, self.patience);
                warn_when_open(provider, "calls", watch.calls);
            });
        }
    }

    /// What came of a probe, or of fetching what it publishes.
    pub(crate) fn probed(&self, provider: &ProviderId, answered: bool, now: Timestamp) {
        let patience = self.patience;
        self.change(provider, |watch| {
            let before = watch.probes;
            watch.probes = if answered {
                before.succeeded()
            } else {
                // Probes are never held back, so each that fails after the pause is the trial that failed.
                let tried = before.admit(now, patience).unwrap_or(before);
                tried.failed(now, patience)
            };
            if before.is_closed() {
                warn_when_open(provider, "probes", watch.probes);
            } else if answered {
                tracing::info!(%provider, "a provider answers again");
            }
        });
    }

    fn is_spotless(&self, provider: &ProviderId) -> bool {
        let watches = self.watches.read().unwrap_or_else(PoisonError::into_inner);
        watches
            .get(provider)
            .is_none_or(|watch| watch.calls == Breaker::CLOSED)
    }

    fn change<T>(&self, provider: &ProviderId, change: impl FnOnce(&mut Watch) -> T) -> T {
        let mut watches = self.watches.write().unwrap_or_else(PoisonError::into_inner);
        let watch = watches.entry(provider.clone());
        change(watch.or_insert(Watch::NOTHING_SEEN))
    }
}

fn warn_when_open(provider: &ProviderId, of: &'static str, breaker: Breaker) {
    if !breaker.is_closed() {
        tracing::warn!(%provider, of, "a provider does not answer; nobody is sent there for now");
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::upstream::Lie;

    const PATIENCE: Patience = Patience {
        failures: 3,
        pause: Duration::from_secs(30),
    };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn citoyen() -> ProviderId {
        "citoyen".parse().unwrap()
    }

    fn failed(health: &Health, failure: ProviderFailure, times: usize) {
        for _ in 0..times {
            health.called::<()>(&citoyen(), &Err(failure), at(0));
        }
    }

    #[test]
    fn a_provider_that_times_out_again_and_again_is_down_then_one_person_tries() {
        let health = Health::new(PATIENCE);
        failed(&health, ProviderFailure::Timeout, 2);
        assert_eq!(health.standing(&citoyen(), at(0)), Standing::Up);
        failed(&health, ProviderFailure::Timeout, 1);
        assert_eq!(health.standing(&citoyen(), at(29)), Standing::Down);
        assert!(!health.admit(&citoyen(), at(29)));
        assert_eq!(health.standing(&citoyen(), at(30)), Standing::OnTrial);
        assert!(health.admit(&citoyen(), at(30)));
        assert!(!health.admit(&citoyen(), at(31)), "somebody is trying");
        health.called(&citoyen(), &Ok(()), at(32));
        assert_eq!(health.standing(&citoyen(), at(32)), Standing::Up);
    }

    #[test]
    fn a_success_in_between_starts_the_count_again() {
        let health = Health::new(PATIENCE);
        failed(&health, ProviderFailure::Unreachable, 2);
        health.called(&citoyen(), &Ok(()), at(0));
        failed(&health, ProviderFailure::Unreachable, 2);
        assert_eq!(health.standing(&citoyen(), at(0)), Standing::Up);
    }

    #[test]
    fn what_people_can_bring_about_makes_no_provider_look_ill() {
        let health = Health::new(PATIENCE);
        for failure in [
            ProviderFailure::Denied,
            ProviderFailure::Error,
            ProviderFailure::Unexplained,
            ProviderFailure::NoAnswer,
            ProviderFailure::TooLarge,
            ProviderFailure::ClaimType,
            ProviderFailure::WrongIssuer,
            ProviderFailure::Lie(Lie::Nonce),
            ProviderFailure::Lie(Lie::Absent),
            ProviderFailure::NotAllowed,
        ] {
            failed(&health, failure, 10);
        }
        assert_eq!(health.standing(&citoyen(), at(0)), Standing::Up);
    }

    #[test]
    fn a_probe_that_succeeds_does_not_hide_that_calls_fail() {
        let health = Health::new(PATIENCE);
        failed(&health, ProviderFailure::Timeout, 3);
        health.probed(&citoyen(), true, at(1));
        assert_eq!(health.standing(&citoyen(), at(1)), Standing::Down);
    }

    #[test]
    fn one_probe_that_succeeds_brings_back_a_provider_that_probes_had_down() {
        let health = Health::new(PATIENCE);
        for second in [0, 30, 60, 90, 120] {
            health.probed(&citoyen(), false, at(second));
        }
        assert_eq!(health.standing(&citoyen(), at(500)), Standing::Down);
        assert!(!health.admit(&citoyen(), at(500)));
        health.probed(&citoyen(), true, at(501));
        assert_eq!(health.standing(&citoyen(), at(501)), Standing::Up);
    }
}
