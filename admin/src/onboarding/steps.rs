//! The one way a habilitation goes from state to state: what is wished is checked against the matrix, the state
//! machine and the dossier, put on record with `by`, and becomes so in one compare-and-swap, together with what the
//! step leaves to be done.

use std::collections::HashMap;

use guichet_domain::habilitation::{Habilitation, State, Step, StepKind, Version};
use guichet_domain::{AuditEvent, ClientId, EventKind, HabilitationId, TeamId};
use guichet_keys::sha256_base64url;
use guichet_store::Fault;

use super::check::is_reason;
use super::duties::Hands;
use super::{By, Contacts, File, Onboarding, OnboardingError, Part, Wrong};
use crate::people::{Action, Grounds, Kind};

/// What somebody wishes to do with a habilitation.
#[derive(Clone)]
pub(crate) enum Wish {
    /// Keep what was typed on one page of a draft.
    Write(Part, HashMap<String, String>),
    /// Keep a whole draft in the place of what has this tag.
    Put(
        Box<guichet_domain::habilitation::Dossier>,
        Box<Contacts>,
        String,
    ),
    /// Send it to the reviewers.
    Submit,
    /// Have it back.
    TakeBack,
    /// Sign what has this tag.
    Sign(String),
    /// Say why, and do that.
    Say(StepKind, String),
    /// Begin another version.
    Renew,
}

impl Wish {
    /// The step it comes to.
    pub(crate) const fn step(&self) -> StepKind {
        match self {
            Self::Write(..) | Self::Put(..) => StepKind::Edit,
            Self::Submit => StepKind::Submit,
            Self::TakeBack => StepKind::TakeBack,
            Self::Sign(_) => StepKind::Sign,
            Self::Say(step, _) => *step,
            Self::Renew => StepKind::Renew,
        }
    }
}

/// How often whoever is overtaken looks again: as many reviewers do not click at once.
const TRIES: usize = 5;

impl Onboarding {
    /// Begins a draft for a team.
    pub(crate) async fn begin(
        &self,
        team: &TeamId,
        id: Option<HabilitationId>,
        by: &By<'_>,
    ) -> Result<File, OnboardingError> {
        let team = self.team(team.as_str()).await?;
        let place = Grounds::team(&team);
        if !by.rights.may(Action::Read, Kind::Team, &place) {
            return Err(OnboardingError::Unknown);
        }
        if !by.rights.may(Action::Add, Kind::Habilitation, &place) {
            return Err(OnboardingError::Forbidden);
        }
        let id = match id {
            Some(id) => id,
            None => self.fresh_id()?,
        };
        let now = self.door.clock.now();
        let of = (team.organisation.clone(), team.id.clone());
        let drafted = Habilitation::begin(id.clone(), of, by.signatory(), now);
        self.record(EventKind::HabilitationBegun, &drafted, StepKind::Edit, by)
            .await?;
        if self
            .habilitations
            .replace_habilitation(None, &drafted, now)
            .await?
        {
            self.file(id.as_str(), by).await
        } else {
            Err(OnboardingError::Overtaken)
        }
    }

    /// Takes a step. Whoever is overtaken by somebody else's looks again at what it is then.
    pub(crate) async fn take(
        &self,
        id: &str,
        wish: &Wish,
        by: &By<'_>,
    ) -> Result<File, OnboardingError> {
        for _ in 0..TRIES {
            let file = self.file(id, by).await?;
            file.may(wish.step(), by)?;
            if self.taken(&file, wish, by).await? {
                return self.file(id, by).await;
            }
        }
        Err(OnboardingError::Overtaken)
    }

    /// Whether a wish could be carried out now: nothing is done.
    pub(crate) fn try_out(
        &self,
        file: &File,
        wish: &Wish,
        by: &By<'_>,
    ) -> Result<(), OnboardingError> {
        let step = self.step(&file.habilitation, wish, (0, Vec::new()))?;
        file.after(step, by, self.door.clock.now())?;
        Ok(())
    }

    /// Once: whether it was still what it was looked at.
    async fn taken(&self, file: &File, wish: &Wish, by: &By<'_>) -> Result<bool, OnboardingError> {
        let now = self.door.clock.now();
        let known = &file.habilitation;
        let kind = wish.step();
        let step = |entry, running| self.step(known, wish, (entry, running));
        let tried = file.after(step(0, Vec::new())?, by, now)?;
        let running = match kind {
            StepKind::Suspend => self.running(&known.id).await?,
            _ => Vec::new(),
        };
        let entry = self
            .record(event_of(kind, &tried), &tried, kind, by)
            .await?;
        let next = file.after(step(entry, running)?, by, now)?;
        if !self
            .habilitations
            .replace_habilitation(Some(known), &next, now)
            .await?
        {
            let event = self.event(EventKind::HabilitationStepFailed, &next, kind, by);
            self.door.ledger.append(event).await?;
            return Ok(false);
        }
        // What it leaves to be done stands in the record: whatever does not come to its end here is repaired.
        self.carry_out(&next, Hands::Own).await;
        Ok(true)
    }

    /// What a wish comes to, now.
    fn step(
        &self,
        known: &Habilitation,
        wish: &Wish,
        (entry, running): (u64, Vec<ClientId>),
    ) -> Result<Step, OnboardingError> {
        let version = known.under(wish.step()).ok_or(OnboardingError::Unknown)?;
        let contacts = || self.contacts_of(known, version);
        Ok(match wish {
            Wish::Write(part, typed) => {
                let (mut dossier, mut contacts) = (version.dossier.clone(), contacts());
                part.write(typed, &self.catalogue, (&mut dossier, &mut contacts));
                self.edit(known, dossier, &contacts)?
            }
            Wish::Put(dossier, contacts, tag) => {
                if *tag != tag_of_all(known)? {
                    return Err(OnboardingError::Overtaken);
                }
                self.edit(known, (**dossier).clone(), contacts)?
            }
            Wish::Submit => {
                self.terms(&version.dossier, &contacts())
                    .map_err(OnboardingError::Wrong)?;
                Step::Submit
            }
            Wish::TakeBack => Step::TakeBack,
            Wish::Sign(tag) => {
                // What somebody signs is what they looked at.
                if *tag != tag_of(version)? {
                    return Err(OnboardingError::Overtaken);
                }
                let terms = self.terms(&version.dossier, &contacts());
                let terms = terms.map_err(OnboardingError::Wrong)?;
                Step::Sign { terms, entry }
            }
            Wish::Say(step, text) => said(*step, text, running)?,
            Wish::Renew => Step::Renew,
        })
    }

    fn edit(
        &self,
        known: &Habilitation,
        dossier: guichet_domain::habilitation::Dossier,
        contacts: &Contacts,
    ) -> Result<Step, OnboardingError> {
        let sealed = contacts.seal(&self.contacts, &known.id);
        let sealed = sealed.map_err(|error| Fault::new("seal contacts", error))?;
        Ok(Step::Edit {
            dossier: Box::new(dossier),
            contacts: Some(sealed),
        })
    }

    /// Whom to write to about a version.
    pub(crate) fn contacts_of(&self, of: &Habilitation, version: &Version) -> Contacts {
        Contacts::open(&self.contacts, &of.id, version.contacts.as_ref())
    }

    fn fresh_id(&self) -> Result<HabilitationId, OnboardingError> {
        let random = guichet_domain::StaffId::random(&*self.door.entropy);
        let id = format!("h-{random}").parse();
        id.map_err(|error| Fault::new("an identifier", error).into())
    }

    fn event(
        &self,
        kind: EventKind,
        habilitation: &Habilitation,
        step: StepKind,
        by: &By<'_>,
    ) -> AuditEvent {
        let event = AuditEvent::new(kind, self.door.clock.now())
            .detail("habilitation", &habilitation.id)
            .detail("organisation", &habilitation.organisation)
            .detail("team", &habilitation.team)
            .detail("step", step.as_str())
            .detail("by", by.actor());
        match habilitation.under(step) {
            Some(version) => event
                .detail("version", version.number)
                .detail("state", version.standing.state().as_str()),
            None => event,
        }
    }

    /// The entry that says so; its place in the log.
    async fn record(
        &self,
        kind: EventKind,
        habilitation: &Habilitation,
        step: StepKind,
        by: &By<'_>,
    ) -> Result<u64, Fault> {
        let event = self.event(kind, habilitation, step, by);
        Ok(self.door.ledger.append(event).await?.sequence)
    }
}

/// What tells a version from the same after any change of what it asks.
pub(crate) fn tag_of(version: &Version) -> Result<String, Fault> {
    let what = (version.number, &version.dossier, &version.contacts);
    let bytes =
        serde_json::to_vec(&what).map_err(|error| Fault::new("a version as JSON", error))?;
    Ok(sha256_base64url(&bytes))
}

/// What tells a habilitation from the same after any step, which is what a program knows of it.
pub(crate) fn tag_of_all(habilitation: &Habilitation) -> Result<String, Fault> {
    let latest = habilitation.latest();
    let version = latest.map(tag_of).transpose()?;
    let state = latest.map(|it| it.standing.state());
    let remarks = habilitation.versions.iter().map(|it| it.remarks.len());
    let what = (version, state, remarks.sum::<usize>());
    let bytes =
        serde_json::to_vec(&what).map_err(|error| Fault::new("a habilitation as JSON", error))?;
    Ok(sha256_base64url(&bytes))
}

fn said(step: StepKind, text: &str, running: Vec<ClientId>) -> Result<Step, OnboardingError> {
    if !is_reason(text) {
        let wrong = Wrong::new("text", "onboarding-wrong-reason");
        return Err(OnboardingError::Wrong(vec![wrong]));
    }
    let text = text.trim().to_owned();
    match step {
        StepKind::RequestChanges => Ok(Step::RequestChanges(text)),
        StepKind::Refuse => Ok(Step::Refuse(text)),
        StepKind::Suspend => Ok(Step::Suspend { text, running }),
        StepKind::Resume => Ok(Step::Resume(text)),
        StepKind::Revoke => Ok(Step::Revoke(text)),
        _ => Err(OnboardingError::Unknown),
    }
}

/// How the audit log calls a step that leads to this.
fn event_of(step: StepKind, next: &Habilitation) -> EventKind {
    match step {
        StepKind::Edit => EventKind::HabilitationEdited,
        StepKind::Renew => EventKind::HabilitationBegun,
        StepKind::Submit | StepKind::TakeBack => EventKind::HabilitationSubmitted,
        StepKind::Approve => EventKind::HabilitationValidated,
        StepKind::Sign => match next.latest().map(|it| it.standing.state()) {
            Some(State::Validated) => EventKind::HabilitationValidated,
            _ => EventKind::HabilitationSigned,
        },
        StepKind::RequestChanges => EventKind::HabilitationReturned,
        StepKind::Refuse => EventKind::HabilitationRefused,
        StepKind::Suspend => EventKind::HabilitationSuspended,
        StepKind::Resume => EventKind::HabilitationResumed,
        StepKind::Revoke => EventKind::HabilitationRevoked,
    }
}
