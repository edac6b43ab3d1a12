//! A change of what somebody chose: applied to what is known, kept by comparing, on record, and told.

use std::time::Duration;

use guichet_domain::{AuditEvent, EventKind, PersonId, ProviderId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::WayChoice;
use guichet_web::{Locale, Mail};

use super::address::Typed;
use super::choices::{Choices, Known};
use super::door::words_of;
use super::notice::{Notice, What};
use crate::hub::Hub;
use crate::session::LiveSession;

/// What somebody changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayChange {
    /// Whether a provider may speak for them.
    Provider {
        /// Which.
        id: ProviderId,
        /// Whether it may.
        open: bool,
    },
    /// Whether providers that come later may.
    Others {
        /// Whether they may.
        open: bool,
    },
    /// Of which sign-ins they hear.
    Alerts {
        /// Of every one, not of unusual ones alone.
        all: bool,
    },
    /// Where they want to be told by mail: a code is sent there.
    AskAddress {
        /// Where.
        address: String,
        /// The language to write in.
        locale: Locale,
    },
    /// The code that was sent.
    ConfirmAddress {
        /// As it was typed.
        code: String,
    },
    /// They are told by mail no more, and the address is forgotten.
    ForgetAddress,
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// It holds from now on.
    Changed,
    /// It was so already.
    Unchanged,
    /// A code is on its way to the address.
    Asked,
    /// Refused: the session that asks rests on that provider's word.
    InUse,
    /// Refused: there is no such provider.
    Unknown,
    /// Refused: that is no address.
    NotAnAddress,
    /// Refused: that is not the code that was sent, or it is over.
    WrongCode,
    /// Refused: too many codes were sent lately.
    TooMany,
}

impl WayChange {
    /// Whether sessions may end by it.
    pub(super) const fn may_close(&self) -> bool {
        matches!(
            self,
            Self::Provider { open: false, .. } | Self::Others { open: false }
        )
    }

    fn describe(&self, event: AuditEvent) -> AuditEvent {
        let word = |open: &bool| if *open { "open" } else { "closed" };
        match self {
            Self::Provider { id, open } => event.provider(id).detail("way", word(open)),
            Self::Others { open } => event.detail("other_ways", word(open)),
            Self::Alerts { all } => event.detail("alerts", if *all { "all" } else { "unusual" }),
            Self::AskAddress { .. } => event.detail("address", "asked"),
            Self::ConfirmAddress { .. } => event.detail("address", "given"),
            Self::ForgetAddress => event.detail("address", "forgotten"),
        }
    }

    /// What the person is told of it; nothing where it only begins something.
    fn told(&self, hub: &Hub) -> Option<What> {
        match self {
            Self::Provider { id, open } => Some(What::Provider {
                provider: hub.provider_name(id),
                open: *open,
            }),
            Self::Others { open } => Some(What::Others { open: *open }),
            Self::Alerts { all } => Some(What::Alerts { all: *all }),
            Self::AskAddress { .. } => None,
            Self::ConfirmAddress { .. } => Some(What::Address { given: true }),
            Self::ForgetAddress => Some(What::Address { given: false }),
        }
    }
}

/// A change applied to what was known.
struct Applied {
    outcome: Chosen,
    /// The code to send.
    code: Option<String>,
}

impl Applied {
    const fn is(outcome: Chosen) -> Self {
        Self {
            outcome,
            code: None,
        }
    }

    /// Whether anything is to be kept.
    const fn writes(&self) -> bool {
        matches!(
            self.outcome,
            Chosen::Changed | Chosen::Asked | Chosen::WrongCode
        )
    }
}

impl Hub {
    /// Of two changes at once one is made with the other known: nobody closes the way in on which the other
    /// session rests, and leaves none; and no code is guessed at more often than it may.
    pub(super) async fn carry_out_change(
        &self,
        person: PersonId,
        here: &LiveSession,
        change: &WayChange,
    ) -> Result<Chosen, Fault> {
        if matches!(change, WayChange::AskAddress { .. })
            && self.has_asked_too_often(person).await?
        {
            return Ok(Chosen::TooMany);
        }
        for _ in 0..TRIES {
            let known = self.known_choices(person).await?;
            let before = known.counting();
            let mut choices = before.clone();
            let applied = self.apply(change, &mut choices, self.now());
            if words_of(&here.session).any(|id| choices.closed(id).is_some()) {
                return Ok(Chosen::InUse);
            }
            if !applied.writes() {
                return Ok(applied.outcome);
            }
            if self
                .keep(person, here, change, (&known, choices), &applied)
                .await?
            {
                if let (WayChange::AskAddress { address, locale }, Some(code)) =
                    (change, &applied.code)
                {
                    self.mail_code(address, *locale, code);
                }
                if applied.outcome == Chosen::Changed {
                    self.tell_of_change(person, here, change, &before).await?;
                }
                return Ok(applied.outcome);
            }
        }
        Err(Fault::bare(
            "too many changes of one citizen's choices at once",
        ))
    }

    fn apply(&self, change: &WayChange, choices: &mut Choices, now: Timestamp) -> Applied {
        let all = self.parts().providers.providers();
        let changed = match change {
            WayChange::Provider { id, .. } if !all.iter().any(|it| it.id == *id) => {
                return Applied::is(Chosen::Unknown);
            }
            WayChange::Provider { id, open } => choices.set(id, *open, now),
            WayChange::Others { open } => {
                choices.set_others(*open, all.iter().map(|it| &it.id), now)
            }
            WayChange::Alerts { all } => choices.set_alerts(*all),
            WayChange::ForgetAddress => choices.forget_address(),
            WayChange::AskAddress { address, locale } => {
                let code = choices.ask(address, *locale, &*self.parts().entropy, now);
                let outcome = code
                    .as_ref()
                    .map_or(Chosen::NotAnAddress, |_| Chosen::Asked);
                return Applied { outcome, code };
            }
            WayChange::ConfirmAddress { code } => {
                return Applied::is(match choices.confirm(code, now) {
                    Typed::Right => Chosen::Changed,
                    Typed::Wrong | Typed::Over => Chosen::WrongCode,
                });
            }
        };
        Applied::is(if changed {
            Chosen::Changed
        } else {
            Chosen::Unchanged
        })
    }

    /// On record, then kept if nobody was first.
    async fn keep(
        &self,
        person: PersonId,
        here: &LiveSession,
        change: &WayChange,
        (known, choices): (&Known, Choices),
        applied: &Applied,
    ) -> Result<bool, Fault> {
        let now = self.now();
        let event = |kind| {
            let event = AuditEvent::new(kind, now).person(person).session(here.id);
            change.describe(event.browsing(&here.session.browsing))
        };
        let ledger = &self.parts().ledger;
        let is_said = applied.outcome != Chosen::WrongCode;
        if is_said {
            ledger.append(event(EventKind::WaysChanged)).await?;
        }
        let (revision, choices) = known.next(person, choices);
        let sealed = self.sealers().ways.seal_json(person.as_bytes(), &choices);
        let choice = WayChoice {
            person,
            revision,
            sealed: sealed.map_err(|error| Fault::new("seal a citizen's choices", error))?,
            changed: now,
        };
        let kept = self.parts().ways.choose(&choice).await?;
        if !kept && is_said {
            ledger.append(event(EventKind::WaysChangeFailed)).await?;
        }
        Ok(kept)
    }

    /// An address that is taken away hears of it, too.
    async fn tell_of_change(
        &self,
        person: PersonId,
        here: &LiveSession,
        change: &WayChange,
        before: &Choices,
    ) -> Result<(), Fault> {
        let Some(what) = change.told(self) else {
            return Ok(());
        };
        let notice = Notice {
            what,
            at: self.now(),
            visit: here.session.browsing.to_string(),
        };
        self.tell(person, &self.fresh_reference(), &notice, before)
            .await
    }

    async fn has_asked_too_often(&self, person: PersonId) -> Result<bool, Fault> {
        let until = self.now().after(CODES_WINDOW);
        let attempts = &self.parts().attempts;
        let asked = attempts.count(CODES, person.as_bytes(), until).await?;
        Ok(asked > MOST_CODES)
    }

    fn mail_code(&self, address: &str, locale: Locale, code: &str) {
        let pages = &self.parts().pages;
        self.mail().send(Mail {
            to: address.trim().to_owned(),
            subject: pages.text(locale, "notice-code-subject", &[]),
            text: pages.text(locale, "notice-code-mail", &[("code", code)]),
        });
    }
}

/// A person has a handful of tabs; more writers than that at once is nobody.
const TRIES: usize = 8;
const CODES: &str = "address code";
/// How many codes one person may have sent in a while: nobody is flooded by it.
const MOST_CODES: u64 = 5;
const CODES_WINDOW: Duration = Duration::from_hours(1);
