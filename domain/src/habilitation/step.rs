//! The state machine: which steps lead from where to where, and what each demands of whoever takes it. Pure: a
//! step makes another value or says why not. Who may take one at all is the console's matrix to say.

use serde::{Deserialize, Serialize};

use super::{
    Agreed, Dossier, Duty, Granted, Habilitation, Hand, Remark, Signatory, Signature, Standing,
    State, TAKEN_FOR, Task, Terms, Version,
};
use crate::{ClientId, Sealed, Timestamp};

/// A step, with what it brings.
#[derive(Clone)]
pub enum Step {
    /// What is asked is written anew, in a draft or because changes were requested.
    Edit {
        /// What is asked.
        dossier: Box<Dossier>,
        /// Whom to write to, sealed.
        contacts: Option<Sealed>,
    },
    /// It goes to the reviewers.
    Submit,
    /// It comes back from them, and signatures are forgotten.
    TakeBack,
    /// A reviewer signs; the second signature grants these terms.
    Sign {
        /// What the dossier comes to.
        terms: Terms,
        /// The place in the audit log of the entry that says so.
        entry: u64,
    },
    /// A reviewer wants something changed.
    RequestChanges(String),
    /// A reviewer refuses it.
    Refuse(String),
    /// What it granted is held back.
    Suspend {
        /// Why.
        text: String,
        /// Its services that are in use: they go on when it ends.
        running: Vec<ClientId>,
    },
    /// It goes on.
    Resume(String),
    /// What it granted is taken back: by somebody else than whoever suspended it.
    Revoke(String),
    /// Another version is begun; what this one granted goes on meanwhile.
    Renew,
}

/// The name of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// See [`Step::Edit`].
    Edit,
    /// See [`Step::Submit`].
    Submit,
    /// See [`Step::TakeBack`].
    TakeBack,
    /// See [`Step::Sign`].
    Sign,
    /// See [`Step::RequestChanges`].
    RequestChanges,
    /// See [`Step::Refuse`].
    Refuse,
    /// See [`Step::Suspend`].
    Suspend,
    /// See [`Step::Resume`].
    Resume,
    /// See [`Step::Revoke`].
    Revoke,
    /// See [`Step::Renew`].
    Renew,
    /// A review tool outside approved it: nobody here takes this step.
    Approve,
}

/// The whole machine: a step, where it may be taken, and where it leads. Besides, a version that grants is
/// [`State::Superseded`] when a later one is validated.
pub const STEPS: &[(StepKind, State, &[State])] = &[
    (StepKind::Edit, State::Draft, &[State::Draft]),
    (StepKind::Edit, State::ChangesRequested, &[State::Draft]),
    (StepKind::Submit, State::Draft, &[State::Submitted]),
    (StepKind::TakeBack, State::Submitted, &[State::Draft]),
    (
        StepKind::Sign,
        State::Submitted,
        &[State::Submitted, State::Validated],
    ),
    (
        StepKind::RequestChanges,
        State::Submitted,
        &[State::ChangesRequested],
    ),
    (StepKind::Refuse, State::Submitted, &[State::Refused]),
    (StepKind::Suspend, State::Validated, &[State::Suspended]),
    (StepKind::Resume, State::Suspended, &[State::Validated]),
    (StepKind::Revoke, State::Suspended, &[State::Revoked]),
    (StepKind::Renew, State::Validated, &[State::Draft]),
    (StepKind::Renew, State::Suspended, &[State::Draft]),
    (StepKind::Renew, State::Refused, &[State::Draft]),
];

/// Why a step cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    /// It does not lead anywhere from where it is.
    #[error("this step cannot be taken where the file is now")]
    State,
    /// Whoever wrote in it, or has a part in those who ask.
    #[error("whoever wrote it, or is of the organisation that asks, does not review it")]
    Involved,
    /// They signed it already, under whatever name.
    #[error("two different persons sign")]
    Twice,
    /// A later word of the review tool outside was taken already.
    #[error("a later approval was taken already")]
    Outdated,
    /// They suspended it: somebody else revokes.
    #[error("somebody else than whoever suspended it revokes it")]
    SameHand,
}

impl StepKind {
    /// Every step.
    pub const ALL: [Self; 11] = [
        Self::Edit,
        Self::Submit,
        Self::TakeBack,
        Self::Sign,
        Self::RequestChanges,
        Self::Refuse,
        Self::Suspend,
        Self::Resume,
        Self::Revoke,
        Self::Renew,
        Self::Approve,
    ];

    /// Its name in JSON and in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Edit => "edit",
            Self::Submit => "submit",
            Self::TakeBack => "take_back",
            Self::Sign => "sign",
            Self::RequestChanges => "request_changes",
            Self::Refuse => "refuse",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Revoke => "revoke",
            Self::Renew => "renew",
            Self::Approve => "approve",
        }
    }

    /// Whether it can be taken there at all.
    pub fn starts_in(self, state: State) -> bool {
        STEPS
            .iter()
            .any(|(step, from, _)| *step == self && *from == state)
    }

    /// Whether others than whoever takes it are told.
    const fn is_told(self) -> bool {
        !matches!(self, Self::Edit | Self::Renew)
    }

    /// Whether it is about what was granted, rather than about what is being asked.
    const fn is_about_the_grant(self) -> bool {
        matches!(self, Self::Suspend | Self::Resume | Self::Revoke)
    }

    /// Whether nobody takes it who has a part in those who ask.
    pub const fn is_a_review(self) -> bool {
        matches!(
            self,
            Self::Sign | Self::RequestChanges | Self::Refuse | Self::Resume
        )
    }
}

impl Step {
    /// Its name.
    pub const fn kind(&self) -> StepKind {
        match self {
            Self::Edit { .. } => StepKind::Edit,
            Self::Submit => StepKind::Submit,
            Self::TakeBack => StepKind::TakeBack,
            Self::Sign { .. } => StepKind::Sign,
            Self::RequestChanges(_) => StepKind::RequestChanges,
            Self::Refuse(_) => StepKind::Refuse,
            Self::Suspend { .. } => StepKind::Suspend,
            Self::Resume(_) => StepKind::Resume,
            Self::Revoke(_) => StepKind::Revoke,
            Self::Renew => StepKind::Renew,
        }
    }

    fn running(&self) -> Vec<ClientId> {
        match self {
            Self::Suspend { running, .. } => running.clone(),
            _ => Vec::new(),
        }
    }

    fn said(&self) -> &str {
        match self {
            Self::RequestChanges(text)
            | Self::Refuse(text)
            | Self::Suspend { text, .. }
            | Self::Resume(text)
            | Self::Revoke(text) => text,
            _ => "",
        }
    }
}

impl Habilitation {
    /// The version that a step would be taken on.
    pub fn under(&self, step: StepKind) -> Option<&Version> {
        if step.is_about_the_grant() {
            self.granting()
        } else {
            self.latest()
        }
    }

    /// The steps that this member could take now, as far as they are no stranger to them by the matrix.
    pub fn open_to(&self, hand: &Hand<'_>) -> Vec<StepKind> {
        let all = StepKind::ALL.into_iter();
        all.filter(|step| self.may_take(*step, hand).is_ok())
            .collect()
    }

    /// Whether this member could take a step now.
    pub fn may_take(&self, step: StepKind, hand: &Hand<'_>) -> Result<(), NotNow> {
        let version = self.under(step).ok_or(NotNow::State)?;
        if !step.starts_in(version.standing.state()) {
            return Err(NotNow::State);
        }
        let is_same = |other: &Signatory| other.is(&hand.signatory);
        if step.is_a_review() && (self.is_of(hand) || version.authors.iter().any(is_same)) {
            return Err(NotNow::Involved);
        }
        let signatures = version.standing.signatures();
        if step == StepKind::Sign && signatures.iter().any(|it| is_same(&it.by)) {
            return Err(NotNow::Twice);
        }
        match &version.standing {
            Standing::Suspended { by, .. } if step == StepKind::Revoke && is_same(by) => {
                Err(NotNow::SameHand)
            }
            _ => Ok(()),
        }
    }

    /// The same habilitation after a step, with what the step leaves to be done.
    pub fn after(&self, step: Step, hand: &Hand<'_>, now: Timestamp) -> Result<Self, NotNow> {
        let kind = step.kind();
        self.may_take(kind, hand)?;
        let number = self.under(kind).ok_or(NotNow::State)?.number;
        let running = step.running();
        let mut next = self.clone();
        if kind == StepKind::Renew {
            next.renew(hand, now);
            return Ok(next);
        }
        let validates = matches!(&step, Step::Sign { .. })
            && self
                .latest()
                .is_some_and(|it| !it.standing.signatures().is_empty());
        if validates {
            let others = next.versions.iter_mut().filter(|it| it.number != number);
            others.for_each(|version| version.give_way(now));
        }
        let mut versions = next.versions.iter_mut();
        if let Some(version) = versions.find(|it| it.number == number) {
            version.take(step, hand, now);
        }
        let owed = |task| Duty {
            by: hand.signatory.id.clone(),
            since: now,
            task,
        };
        next.owe(kind, running, &owed);
        if kind.is_told() {
            let taken_until = now.after(TAKEN_FOR);
            let step = kind;
            next.duties.push(owed(Task::Tell { step, taken_until }));
        }
        Ok(next)
    }

    fn renew(&mut self, hand: &Hand<'_>, now: Timestamp) {
        let Some(last) = self.versions.last() else {
            return;
        };
        let mut version = Version {
            number: last.number + 1,
            dossier: last.dossier.clone(),
            contacts: last.contacts.clone(),
            authors: vec![hand.signatory.clone()],
            standing: Standing::Draft,
            remarks: Vec::new(),
        };
        version.remark(StepKind::Renew, hand, now, "");
        self.versions.push(version);
    }
}

impl Version {
    /// Only for a step that may be taken: see [`Habilitation::may_take`].
    fn take(&mut self, step: Step, hand: &Hand<'_>, now: Timestamp) {
        let kind = step.kind();
        // A draft is saved often: its history says so once.
        let says_nothing_new = kind == StepKind::Edit
            && self.remarks.last().is_some_and(|it| {
                matches!(it.step, StepKind::Edit | StepKind::Renew) && it.by == hand.signatory.id
            });
        if !says_nothing_new {
            self.remark(kind, hand, now, step.said());
        }
        let standing = std::mem::replace(&mut self.standing, Standing::Draft);
        self.standing = match (step, standing) {
            (Step::Edit { dossier, contacts }, _) => {
                self.dossier = *dossier;
                self.contacts = contacts;
                if !self.authors.iter().any(|it| it.is(&hand.signatory)) {
                    self.authors.push(hand.signatory.clone());
                }
                Standing::Draft
            }
            (Step::Submit, _) => Standing::Submitted {
                at: now,
                signatures: Vec::new(),
            },
            (Step::TakeBack, _) => Standing::Draft,
            (Step::Sign { terms, entry }, Standing::Submitted { at, signatures }) => {
                let second = Signature {
                    by: hand.signatory.clone(),
                    at: now,
                };
                match signatures.into_iter().next() {
                    None => Standing::Submitted {
                        at,
                        signatures: vec![second],
                    },
                    Some(first) => Standing::Validated(Granted {
                        terms,
                        agreed: Agreed::Signatures([first, second]),
                        at: now,
                        entry,
                    }),
                }
            }
            (Step::RequestChanges(_), _) => Standing::ChangesRequested { at: now },
            (Step::Refuse(_), _) => Standing::Refused { at: now },
            (Step::Suspend { .. }, Standing::Validated(granted)) => Standing::Suspended {
                granted,
                by: hand.signatory.clone(),
                at: now,
            },
            (Step::Resume(_), Standing::Suspended { granted, .. }) => Standing::Validated(granted),
            (Step::Revoke(_), Standing::Suspended { granted, .. }) => {
                Standing::Revoked { granted, at: now }
            }
            (_, standing) => standing,
        };
    }

    /// A later version was validated.
    pub(super) fn give_way(&mut self, now: Timestamp) {
        let standing = std::mem::replace(&mut self.standing, Standing::Draft);
        self.standing = match standing {
            Standing::Validated(granted) | Standing::Suspended { granted, .. } => {
                Standing::Superseded { granted, at: now }
            }
            standing => standing,
        };
    }

    fn remark(&mut self, step: StepKind, hand: &Hand<'_>, now: Timestamp, text: &str) {
        self.remarks.push(Remark {
            step,
            by: hand.signatory.id.clone(),
            at: now,
            text: text.to_owned(),
        });
    }
}
