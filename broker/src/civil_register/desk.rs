//! Where a login asks the register: through a circuit breaker, with what it said of late at hand for the
//! time it does not answer, and with what the settings let a sign-in do without it.
//!
//! What is remembered is sealed, expires, and rests under a keyed name: neither the identity nor its
//! matching index is to be seen. The latest word that the store took counts: whoever was said to be
//! deceased does not come back to life because the register is down. An answer that is none of those it
//! gives is an answer: nothing stands in for it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use guichet_domain::{Acr, Clock, PivotIdentity, Timestamp, WithoutRegister, WithoutRegisterAt};
use guichet_keys::{Keys, Mac, Sealer};
use guichet_store::short_lived::Verdicts;
use serde::{Deserialize, Serialize};

use super::{CivilRegister, RegisterUnavailable, Verdict};
use crate::breaker::{Breaker, Patience};

/// How the register is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterSettings {
    /// After how many failures it is left alone, and for how long.
    pub patience: Patience,
    /// How long what it said may stand in for an answer that does not come.
    pub remember: Duration,
    /// What holds without an answer, by the level a sign-in reached.
    pub without: WithoutRegisterAt,
}

impl Default for RegisterSettings {
    /// Five failures, thirty seconds, a day; and nobody passes unchecked.
    fn default() -> Self {
        Self {
            patience: Patience {
                failures: 5,
                pause: Duration::from_secs(30),
            },
            remember: Duration::from_hours(24),
            without: WithoutRegisterAt::default(),
        }
    }
}

/// What a login hears.
pub(crate) enum Heard {
    /// The register's answer.
    Now(Verdict),
    /// What it said before; it gives no answer now.
    Earlier(Verdict, RegisterUnavailable),
    /// Nothing, and the settings let the provider's word count.
    ProvidersWord(RegisterUnavailable),
    /// Nothing that is of use, and nobody passes.
    Nothing(RegisterUnavailable),
}

/// The desk.
pub(crate) struct RegisterDesk {
    register: Option<Arc<dyn CivilRegister>>,
    settings: RegisterSettings,
    breaker: Mutex<Breaker>,
    verdicts: Arc<dyn Verdicts>,
    keys: Keys,
    names: Mac,
    sealer: Sealer,
    clock: Arc<dyn Clock>,
}

/// What is remembered.
#[derive(Serialize, Deserialize)]
struct Remembered {
    at: Timestamp,
    verdict: Verdict,
}

impl RegisterDesk {
    /// The desk in front of `register`; without one, every question goes unanswered.
    pub(crate) fn new(
        register: Option<Arc<dyn CivilRegister>>,
        settings: RegisterSettings,
        verdicts: Arc<dyn Verdicts>,
        keys: &Keys,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            register,
            settings,
            breaker: Mutex::new(Breaker::CLOSED),
            verdicts,
            names: keys.mac("civil register verdict"),
            sealer: keys.sealer("civil register verdict"),
            keys: keys.clone(),
            clock,
        }
    }

    /// Asks about an identity that a sign-in at `level` stated.
    pub(crate) async fn hear(&self, identity: &PivotIdentity, level: Acr) -> Heard {
        match self.ask(identity).await {
            Ok(verdict) => {
                self.remember(identity, &verdict).await;
                Heard::Now(verdict)
            }
            Err(why @ RegisterUnavailable::Unknown) => Heard::Nothing(why),
            Err(why) => self.without(identity, level, why).await,
        }
    }

    async fn ask(&self, identity: &PivotIdentity) -> Result<Verdict, RegisterUnavailable> {
        let register = self.register.as_ref();
        let register = register.ok_or(RegisterUnavailable::Unreachable)?;
        let patience = self.settings.patience;
        self.turn(|breaker, now| breaker.admit(now, patience))
            .map_err(|_| RegisterUnavailable::LeftAlone)?;
        let answer = register.ask(identity).await;
        let heard = self.turn(|breaker, now| {
            Ok(match &answer {
                Ok(_) => breaker.succeeded(),
                // It answers, and one person's data may be all that is wrong.
                Err(RegisterUnavailable::Unknown) => breaker,
                Err(_) => breaker.failed(now, patience),
            })
        });
        if heard.is_ok_and(|(before, after)| before.is_closed() != after.is_closed()) {
            let closed = answer.is_ok();
            tracing::warn!(closed, "the breaker of the civil register turned");
        }
        answer
    }

    /// Moves the breaker on; where it was, and where it is.
    fn turn(
        &self,
        step: impl FnOnce(Breaker, Timestamp) -> Result<Breaker, Timestamp>,
    ) -> Result<(Breaker, Breaker), Timestamp> {
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *breaker;
        *breaker = step(before, self.clock.now())?;
        Ok((before, *breaker))
    }

    async fn without(
        &self,
        identity: &PivotIdentity,
        level: Acr,
        why: RegisterUnavailable,
    ) -> Heard {
        let policy = self.settings.without.level(level);
        if policy == WithoutRegister::Refuse {
            return Heard::Nothing(why);
        }
        match self.recall(identity).await {
            Ok(Some(verdict)) => Heard::Earlier(verdict, why),
            Ok(None) if policy == WithoutRegister::ProvidersWord => Heard::ProvidersWord(why),
            // Where nobody can say what the register said last, it may have said no.
            Ok(None) | Err(Forgetful) => Heard::Nothing(why),
        }
    }

    /// Remembers a verdict where it may be needed. A store that fails costs what it was for, and no
    /// sign-in.
    async fn remember(&self, identity: &PivotIdentity, verdict: &Verdict) {
        if self.settings.without == WithoutRegisterAt::default() {
            return;
        }
        let (name, at) = (self.name(identity), self.clock.now());
        let remembered = Remembered {
            at,
            verdict: verdict.clone(),
        };
        let sealed = match self.sealer.seal_json(&name, &remembered) {
            Ok(sealed) => sealed,
            Err(error) => {
                tracing::error!(%error, "a verdict cannot be sealed");
                return;
            }
        };
        let until = at.after(self.settings.remember);
        if let Err(error) = self.verdicts.remember(name, sealed, until).await {
            tracing::error!(%error, "a verdict cannot be remembered");
        }
    }

    async fn recall(&self, identity: &PivotIdentity) -> Result<Option<Verdict>, Forgetful> {
        let name = self.name(identity);
        let sealed = self.verdicts.recall(name).await.map_err(|error| {
            tracing::error!(%error, "no verdict can be recalled");
            Forgetful
        })?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let opened = self.sealer.open_json::<Remembered>(&name, &sealed);
        let remembered = opened.map_err(|error| {
            tracing::error!(%error, "a remembered verdict does not open");
            Forgetful
        })?;
        // The setting may have been longer when it was remembered.
        let is_fresh = self.clock.now() < remembered.at.after(self.settings.remember);
        Ok(is_fresh.then_some(remembered.verdict))
    }

    fn name(&self, identity: &PivotIdentity) -> [u8; 32] {
        let index = self.keys.matching_index(identity);
        self.names.tag(&[index.as_bytes()])
    }
}

/// The memory of verdicts is not to be had.
struct Forgetful;
