//! A change of what somebody chose: applied to what is known, kept by comparing, on record, and told.

use std::time::Duration;

use guichet_domain::{AuditEvent, EventKind, PersonId, ProviderId, Timestamp};
use guichet_keys::Sealer;
use guichet_store::Fault;
use guichet_store::durable::WayChoice;
use guichet_web::{Locale, Mail};

use super::address::{Typed, VALID_FOR};
use super::choices::{Choices, Known, Row};
use super::door::words_of;
use super::notice::{Notice, What};
use super::preferences::{Preferences, Preferred};
use crate::hub::Hub;
use crate::session::{Doubt, LiveSession};

/// What somebody changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WayChange {
    /// Which providers may speak for them, and of which sign-ins they hear: all in one save.
    Preferences(Preferences),
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
    /// An alias is cut, or joined again.
    Alias {
        /// What the account calls it by.
        handle: String,
        /// Whether mail to it arrives.
        open: bool,
    },
    /// A device is forgotten: whoever comes from there next comes from a new one.
    ForgetDevice {
        /// What the account calls it by.
        handle: String,
    },
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
    /// Refused: there is no such provider, or no such device or alias of theirs.
    Unknown,
    /// Refused: that is no address.
    NotAnAddress,
    /// Refused: that is not the code that was sent, or it is over.
    WrongCode,
    /// Refused: too many codes were sent, or changes made, lately.
    TooMany,
    /// Refused: the session is not enough for it.
    Doubted(Doubt),
}

impl WayChange {
    /// Whether sessions may end by it.
    pub(super) fn may_close(&self) -> bool {
        matches!(self, Self::Preferences(said) if said.may_close())
    }

    /// Whether it only ends what a fresh session began, by a code that was mailed in answer.
    pub(super) const fn is_answer(&self) -> bool {
        matches!(self, Self::ConfirmAddress { .. })
    }

    /// The entry of what is changed as one thing.
    fn describe(&self, event: AuditEvent) -> AuditEvent {
        match self {
            Self::AskAddress { .. } => event.detail("address", "asked"),
            Self::ConfirmAddress { .. } => event.detail("address", "given"),
            Self::ForgetAddress => event.detail("address", "forgotten"),
            // They have entries of their own, which name the service, and each thing that was said.
            Self::Alias { .. } | Self::Preferences(_) => event,
            Self::ForgetDevice { .. } => event.detail("device", "forgotten"),
        }
    }

    /// What the person is told of it; nothing where it only begins something, or says it itself.
    const fn told(&self) -> Option<What> {
        match self {
            Self::Preferences(_) | Self::AskAddress { .. } | Self::Alias { .. } => None,
            Self::ForgetDevice { .. } => Some(What::Device),
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
    /// Each thing that a save changed; empty where what is changed is one thing.
    preferred: Vec<Preferred>,
}

impl Applied {
    const fn is(outcome: Chosen) -> Self {
        Self {
            outcome,
            code: None,
            preferred: Vec::new(),
        }
    }

    fn chosen(is_changed: bool) -> Self {
        Self::is(if is_changed {
            Chosen::Changed
        } else {
            Chosen::Unchanged
        })
    }

    fn preferred(preferred: Vec<Preferred>) -> Self {
        let chosen = Self::chosen(!preferred.is_empty());
        Self {
            preferred,
            ..chosen
        }
    }

    /// Whether anything is to be kept.
    const fn writes(&self) -> bool {
        matches!(
            self.outcome,
            Chosen::Changed | Chosen::Asked | Chosen::WrongCode
        )
    }

    /// The entries of it, one for each thing.
    fn entries(&self, change: &WayChange, event: &AuditEvent) -> Vec<AuditEvent> {
        if self.preferred.is_empty() {
            return vec![change.describe(event.clone())];
        }
        let each = self.preferred.iter();
        each.map(|it| it.describe(event.clone())).collect()
    }

    /// What the person is told of it.
    fn told(&self, change: &WayChange, hub: &Hub) -> Vec<What> {
        let each = self.preferred.iter().map(|it| it.told(hub));
        each.chain(change.told()).collect()
    }
}

impl Hub {
    /// Makes the change, and tells of it.
    pub(super) async fn carry_out_change(
        &self,
        person: PersonId,
        here: &LiveSession,
        change: &WayChange,
    ) -> Result<Chosen, Fault> {
        if self.is_too_often(person, change).await? {
            return Ok(Chosen::TooMany);
        }
        let before = self.known_choices(person).await?.counting();
        let (chosen, told) = match change {
            WayChange::Alias { handle, open } => {
                let (chosen, told) = self.cut_alias(person, handle, *open).await?;
                (chosen, told.into_iter().collect())
            }
            WayChange::ForgetDevice { handle } if !self.is_device_of(person, handle).await? => {
                (Chosen::Unknown, Vec::new())
            }
            WayChange::ForgetDevice { handle } => {
                let event = AuditEvent::new(EventKind::WaysChanged, self.now());
                let event = event.person(person).session(here.id);
                self.parts().ledger.append(change.describe(event)).await?;
                let is_gone = self.forget_device(person, handle).await?;
                let chosen = Applied::chosen(is_gone).outcome;
                (chosen, change.told().into_iter().collect())
            }
            _ => self.choose(person, here, change).await?,
        };
        if chosen == Chosen::Changed {
            let notice = |what| Notice {
                what,
                at: self.now(),
                visit: here.session.browsing.to_string(),
            };
            let notices: Vec<Notice> = told.into_iter().map(notice).collect();
            // An address that is taken away hears of it, too.
            self.tell(person, &notices, &before).await?;
        }
        Ok(chosen)
    }

    /// Of two changes at once one is made with the other known: nobody closes the way in on which the other
    /// session rests, and leaves none; and no code is guessed at more often than it may.
    async fn choose(
        &self,
        person: PersonId,
        here: &LiveSession,
        change: &WayChange,
    ) -> Result<(Chosen, Vec<What>), Fault> {
        for _ in 0..TRIES {
            let known = self.known_choices(person).await?;
            let mut choices = known.counting();
            let applied = self.apply(change, &mut choices, self.now());
            if words_of(&here.session).any(|id| choices.closed(id).is_some()) {
                return Ok((Chosen::InUse, Vec::new()));
            }
            if !applied.writes() {
                return Ok((applied.outcome, Vec::new()));
            }
            if self
                .keep(person, here, change, (&known, choices), &applied)
                .await?
            {
                if let (WayChange::AskAddress { address, locale }, Some(code)) =
                    (change, &applied.code)
                {
                    self.mail_code(address, *locale, code).await;
                }
                return Ok((applied.outcome, applied.told(change, self)));
            }
        }
        Err(Fault::bare(
            "too many changes of one citizen's choices at once",
        ))
    }

    fn apply(&self, change: &WayChange, choices: &mut Choices, now: Timestamp) -> Applied {
        match change {
            WayChange::Preferences(said) => {
                let all = self.parts().providers.providers();
                let all: Vec<&ProviderId> = all.iter().map(|it| &it.id).collect();
                let preferred = said.apply(choices, &all, now);
                preferred.map_or(Applied::is(Chosen::Unknown), Applied::preferred)
            }
            WayChange::ForgetAddress => Applied::chosen(choices.forget_address()),
            // Neither is among the choices.
            WayChange::Alias { .. } | WayChange::ForgetDevice { .. } => Applied::chosen(false),
            WayChange::AskAddress { address, .. } if choices.is_told_at(address, now) => {
                Applied::chosen(false)
            }
            WayChange::AskAddress { address, locale } => {
                let code = choices.ask(address, *locale, &*self.parts().entropy, now);
                let outcome = code
                    .as_ref()
                    .map_or(Chosen::NotAnAddress, |_| Chosen::Asked);
                Applied {
                    code,
                    ..Applied::is(outcome)
                }
            }
            WayChange::ConfirmAddress { code } => Applied::is(match choices.confirm(code, now) {
                Typed::Right => Chosen::Changed,
                Typed::Wrong | Typed::Over => Chosen::WrongCode,
            }),
        }
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
        let put_on_record = async |kind| {
            let event = AuditEvent::new(kind, now).person(person).session(here.id);
            let event = event.browsing(&here.session.browsing);
            for entry in applied.entries(change, &event) {
                self.parts().ledger.append(entry).await?;
            }
            Ok::<(), Fault>(())
        };
        let is_said = applied.outcome != Chosen::WrongCode;
        if is_said {
            put_on_record(EventKind::WaysChanged).await?;
        }
        let row = known.next(person, self.kin(person).await?, choices);
        let choice = sealed(&self.sealers().ways, person, row, now)?;
        let kept = self.parts().ways.choose(&choice).await?;
        if !kept && is_said {
            put_on_record(EventKind::WaysChangeFailed).await?;
        }
        Ok(kept)
    }

    /// Codes are mailed to whomever somebody names, and each change is told: neither without end.
    async fn is_too_often(&self, person: PersonId, change: &WayChange) -> Result<bool, Fault> {
        let (space, most) = match change {
            WayChange::AskAddress { .. } => (CODES, MOST_CODES),
            // As often as a code that was sent may be guessed at.
            WayChange::ConfirmAddress { .. } => return Ok(false),
            _ => (CHANGES, MOST_CHANGES),
        };
        let until = self.now().after(CODES_WINDOW);
        let attempts = &self.parts().attempts;
        let asked = attempts.count(space, person.as_bytes(), until).await?;
        Ok(asked > most)
    }

    async fn mail_code(&self, address: &str, locale: Locale, code: &str) {
        let pages = &self.parts().pages;
        let mail = Mail {
            to: address.trim().to_owned(),
            subject: pages.text(locale, "notice-code-subject", &[]),
            text: pages.text(locale, "notice-code-mail", &[("code", code)]),
        };
        // Later it is good for nothing.
        let sent = self.parts().mailer.send_for(&mail, VALID_FOR).await;
        if let Err(error) = sent {
            tracing::error!(%error, "a mail was not taken");
        }
    }
}

/// The row of `person`, as it rests.
pub(super) fn sealed(
    sealer: &Sealer,
    person: PersonId,
    (revision, row): (u64, Row),
    now: Timestamp,
) -> Result<WayChoice, Fault> {
    let at_rest = sealer.seal_json(person.as_bytes(), &row);
    Ok(WayChoice {
        person,
        revision,
        sealed: at_rest.map_err(|error| Fault::new("seal a citizen's choices", error))?,
        changed: now,
    })
}

/// A person has a handful of tabs; more writers than that at once is nobody.
const TRIES: usize = 8;
const CODES: &str = "address code";
/// How many codes one person may have sent in a while: nobody is flooded by it.
const MOST_CODES: u64 = 5;
const CHANGES: &str = "change of ways";
/// How many changes one person may make in a while.
const MOST_CHANGES: u64 = 30;
const CODES_WINDOW: Duration = Duration::from_hours(1);
