//! Onboarding: from nothing to a sandbox client at once, and to production by a habilitation that two persons
//! signed. Each operation is one function here, whoever asks: the console's pages or the API.
//!
//! | file | holds |
//! |---|---|
//! | `newcomer` | a team that begins by itself |
//! | `elsewhere`, `approval` | what a review tool outside agreed to, and the habilitation that its word makes |
//! | `draft`, `check` | what is asked, written in steps; what it comes to, or what is wrong with it |
//! | `contacts` | whom to write to, sealed |
//! | `steps` | the one way a habilitation goes from state to state |
//! | `duties` | what a step leaves to be done for its services and for those who are told, and who does it |
//! | `client`, `own_keys` | the clients that teams make: sandbox and production, each with keys of its own |
//! | `admission` | what every way of registering a client asks |
//! | `notice` | mail about steps |
//! | `register` | the public register of what was granted to whom |

mod admission;
mod approval;
mod check;
mod client;
mod contacts;
mod draft;
mod duties;
mod elsewhere;
mod newcomer;
mod notice;
mod own_keys;
mod register;
mod steps;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use guichet_domain::habilitation::{Habilitation, Hand, NotNow, Signatory, Step, StepKind};
use guichet_domain::staff::{Organisation, StaffMember, Team};
use guichet_domain::{Client, ClientId, HabilitationId};
use guichet_exchange::Catalogue;
use guichet_keys::Sealer;
use guichet_store::Fault;
use guichet_store::durable::Habilitations;

use crate::people::{Action, Kind, Place, Rights, StaffDoor};
use crate::{ChangeError, ClientRecords};

pub use admission::Admission;
pub(crate) use check::{SCOPES, Wrong};
pub(crate) use client::{Credential, Made, NewClient};
pub(crate) use contacts::{CONTACTS, Contacts};
pub(crate) use draft::{Part, fields};
pub(crate) use elsewhere::Approved;
pub(crate) use newcomer::Newcomer;
pub use register::{
    PUBLIC_TEMPLATES, PUBLIC_TEXTS_EN, PUBLIC_TEXTS_FR, PublicRegister, ReadRegister,
};
pub(crate) use steps::{Wish, tag_of, tag_of_all};

/// What onboarding is made of.
pub struct Onboarding {
    /// Who is who, their teams, the audit log, mail.
    pub door: StaffDoor,
    /// What was asked and granted.
    pub habilitations: Arc<dyn Habilitations>,
    /// Services.
    pub clients: Arc<ClientRecords>,
    /// What can be asked for.
    pub catalogue: Arc<Catalogue>,
    /// Seals contacts.
    pub contacts: Sealer,
    /// The hub's issuer, for whoever connects a client.
    pub issuer: String,
    /// Whether somebody whom nobody invited may begin.
    pub open: bool,
}

/// Whoever asks, as of this request.
pub(crate) struct By<'a> {
    /// Who.
    pub(crate) member: &'a StaffMember,
    /// What they may.
    pub(crate) rights: &'a Rights,
}

impl By<'_> {
    fn signatory(&self) -> Signatory {
        Signatory {
            id: self.member.id.clone(),
            who: self.member.who.clone(),
        }
    }

    fn hand<'a>(&'a self, clients: &'a [ClientId]) -> Hand<'a> {
        Hand {
            signatory: self.signatory(),
            seats: &self.member.seats,
            clients,
        }
    }

    fn actor(&self) -> crate::Actor {
        crate::Actor::Member(self.member.id.clone())
    }
}

/// A habilitation, and those who ask.
pub(crate) struct File {
    pub(crate) habilitation: Habilitation,
    pub(crate) organisation: Organisation,
    pub(crate) team: Team,
}

impl File {
    /// Where it lies.
    pub(crate) fn place(&self) -> Place {
        Place::Team(self.organisation.id.clone(), self.team.id.clone())
    }

    /// Whether this member may take a step on it now: by the matrix, and by the state machine.
    pub(crate) fn may(&self, step: StepKind, by: &By<'_>) -> Result<(), OnboardingError> {
        let (action, kind) = right_of(step);
        let place = self.place();
        if !by.rights.may(action, kind, &place) {
            return Err(OnboardingError::Forbidden);
        }
        // What counts as somebody's word is a person's.
        if step.is_a_review() && !matches!(by.member.who, guichet_domain::staff::Who::Person(_)) {
            return Err(OnboardingError::Forbidden);
        }
        let hand = by.hand(&self.team.clients);
        Ok(self.habilitation.may_take(step, &hand)?)
    }

    fn after(
        &self,
        step: Step,
        by: &By<'_>,
        now: guichet_domain::Timestamp,
    ) -> Result<Habilitation, NotNow> {
        let hand = by.hand(&self.team.clients);
        self.habilitation.after(step, &hand, now)
    }
}

/// The right that a step takes, in the words of the matrix.
pub(crate) const fn right_of(step: StepKind) -> (Action, Kind) {
    match step {
        StepKind::Edit | StepKind::Submit | StepKind::TakeBack | StepKind::Renew => {
            (Action::Change, Kind::Habilitation)
        }
        StepKind::Sign
        | StepKind::RequestChanges
        | StepKind::Refuse
        | StepKind::Resume
        | StepKind::Approve => (Action::Change, Kind::Review),
        StepKind::Suspend | StepKind::Revoke => (Action::Disable, Kind::Review),
    }
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OnboardingError {
    /// There is no such thing, or none for the eyes of whoever asks.
    #[error("there is nothing of this name")]
    Unknown,
    /// Not theirs to do.
    #[error("not theirs to do")]
    Forbidden,
    /// Not from where it is, or not by them.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// What was said cannot stand: everything that is wrong with it.
    #[error("{} members are wrong", .0.len())]
    Wrong(Vec<Wrong>),
    /// Somebody else was faster.
    #[error("it is not as it was looked at")]
    Overtaken,
    /// They have as many as they may.
    #[error("there are as many as there may be")]
    TooMany,
    /// A client cannot be registered like that.
    #[error(transparent)]
    Client(#[from] ChangeError),
    /// The store, the audit log, a key.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Onboarding {
    /// Every habilitation that this member may see, newest identifier last.
    pub(crate) async fn files(&self, by: &By<'_>) -> Result<Vec<File>, OnboardingError> {
        let organisations = self.door.teams.organisations().await?;
        let teams = self.door.teams.teams().await?;
        let mut files = Vec::new();
        for habilitation in self.habilitations.habilitations().await? {
            let organisation = organisations
                .iter()
                .find(|it| it.id == habilitation.organisation);
            let team = teams.iter().find(|it| it.id == habilitation.team);
            if let (Some(organisation), Some(team)) = (organisation, team) {
                let file = File {
                    habilitation,
                    organisation: organisation.clone(),
                    team: team.clone(),
                };
                if by
                    .rights
                    .may(Action::Read, Kind::Habilitation, &file.place())
                {
                    files.push(file);
                }
            }
        }
        Ok(files)
    }

    /// One of them.
    pub(crate) async fn file(&self, id: &str, by: &By<'_>) -> Result<File, OnboardingError> {
        let id: HabilitationId = id.parse().map_err(|_| OnboardingError::Unknown)?;
        let habilitation = self.habilitations.habilitation(&id).await?;
        let habilitation = habilitation.ok_or(OnboardingError::Unknown)?;
        let organisations = self.door.teams.organisations().await?;
        let mut organisations = organisations.into_iter();
        let organisation = organisations.find(|it| it.id == habilitation.organisation);
        let team = self.team(habilitation.team.as_str()).await?;
        let file = File {
            organisation: organisation.ok_or(OnboardingError::Unknown)?,
            team,
            habilitation,
        };
        if by
            .rights
            .may(Action::Read, Kind::Habilitation, &file.place())
        {
            Ok(file)
        } else {
            Err(OnboardingError::Unknown)
        }
    }

    /// The teams for which this member may do `action` to something of `kind`.
    pub(crate) async fn teams_of(
        &self,
        by: &By<'_>,
        (action, kind): (Action, Kind),
    ) -> Result<Vec<Team>, OnboardingError> {
        let mut teams = self.door.teams.teams().await?;
        teams.retain(|team| {
            let place = crate::people::Grounds::team(team);
            team.active && by.rights.may(action, kind, &place)
        });
        Ok(teams)
    }

    /// The services that a habilitation is about.
    pub(crate) async fn clients_of(
        &self,
        habilitation: &Habilitation,
    ) -> Result<Vec<Arc<Client>>, OnboardingError> {
        let mut all = self.clients.registry.clients().await?;
        all.retain(|client| client.habilitation.as_ref() == Some(&habilitation.id));
        Ok(all)
    }

    async fn team(&self, id: &str) -> Result<Team, OnboardingError> {
        let mut teams = self.door.teams.teams().await?.into_iter();
        let team = teams.find(|team| team.id.as_str() == id);
        team.ok_or(OnboardingError::Unknown)
    }
}
