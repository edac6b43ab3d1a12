//! A habilitation: what an organisation may ask citizens for, for which service, and who agreed to that. The
//! record with all its versions; `standing` is where a version is and the one way from there to the next,
//! `duty` what a step leaves to be done, `elsewhere` what a review tool outside agreed to, `dossier` what is asked, `terms` what is granted, `difference` what changed between two versions.

mod difference;
mod dossier;
mod duty;
mod elsewhere;
mod standing;
mod step;
mod terms;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::staff::{On, Seat, Who};
use crate::{ClientId, HabilitationId, OrganisationId, Sealed, StaffId, TeamId, Timestamp};

pub use difference::{Change, Difference, Passage, differences};
pub use dossier::{AskedField, AskedScope, Dossier, LegalBasis};
pub use duty::{Duty, TAKEN_FOR, Task};
pub use elsewhere::{Approval, Elsewhere};
pub use standing::{Agreed, Granted, Signature, Standing, State};
pub use step::{NotNow, STEPS, Step, StepKind};
pub use terms::Terms;

/// A habilitation with all its versions. Immutable: each step makes another value, which the store puts in the
/// place of the one it came from, or not at all.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Habilitation {
    /// Its identifier.
    pub id: HabilitationId,
    /// Who asks: the legal entity.
    pub organisation: OrganisationId,
    /// The team that looks after it.
    pub team: TeamId,
    /// Its versions, oldest first; at least one.
    pub versions: Vec<Version>,
    /// The services that stopped with its suspension: they go on when it ends.
    #[serde(default)]
    pub paused: Vec<ClientId>,
    /// What its steps left to be done, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<Duty>,
}

/// One version of what is asked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// From 1.
    pub number: u32,
    /// What is asked.
    pub dossier: Dossier,
    /// Whom to write to, sealed; nobody yet when there is nothing.
    #[serde(default)]
    pub contacts: Option<Sealed>,
    /// Everybody who wrote in it.
    pub authors: Vec<Signatory>,
    /// Where it is.
    pub standing: Standing,
    /// What happened to it, oldest first.
    #[serde(default)]
    pub remarks: Vec<Remark>,
}

/// Somebody who did something: by the name the audit log has, and by what they are recognized, so that one
/// person is one whatever they are called.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signatory {
    /// Their identifier.
    pub id: StaffId,
    /// By what they are recognized.
    pub who: Who,
}

impl Signatory {
    /// Whether both are the same person.
    pub fn is(&self, other: &Self) -> bool {
        self.id == other.id || self.who == other.who
    }
}

/// A step that was taken, and what was said with it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Which.
    pub step: StepKind,
    /// By whom.
    pub by: StaffId,
    /// When.
    pub at: Timestamp,
    /// What they said; empty where nothing was.
    #[serde(default)]
    pub text: String,
}

/// Whoever takes a step, and what ties them to those who ask.
pub struct Hand<'a> {
    /// Who.
    pub signatory: Signatory,
    /// All their roles, those past their time included.
    pub seats: &'a [Seat],
    /// The services of the team that asks.
    pub clients: &'a [ClientId],
}

impl Habilitation {
    /// A draft by this member.
    pub fn begin(
        id: HabilitationId,
        (organisation, team): (OrganisationId, TeamId),
        by: Signatory,
        now: Timestamp,
    ) -> Self {
        let begun = Remark {
            step: StepKind::Edit,
            by: by.id.clone(),
            at: now,
            text: String::new(),
        };
        Self {
            id,
            organisation,
            team,
            versions: vec![Version {
                number: 1,
                dossier: Dossier::default(),
                contacts: None,
                authors: vec![by],
                standing: Standing::Draft,
                remarks: vec![begun],
            }],
            paused: Vec::new(),
            duties: Vec::new(),
        }
    }

    /// The version that is worked on, or was last.
    pub fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// The version with this number.
    pub fn version(&self, number: u32) -> Option<&Version> {
        self.versions.iter().find(|it| it.number == number)
    }

    /// What is granted at this moment: nothing while it is suspended.
    pub fn granted(&self) -> Option<&Granted> {
        self.versions
            .iter()
            .rev()
            .find_map(|it| match &it.standing {
                Standing::Validated(granted) => Some(granted),
                _ => None,
            })
    }

    /// The version that grants, or would but for its suspension.
    pub fn granting(&self) -> Option<&Version> {
        let grants =
            |it: &&Version| matches!(it.standing.state(), State::Validated | State::Suspended);
        self.versions.iter().rev().find(grants)
    }

    /// The last version that was ever granted: what the public register shows.
    pub fn registered(&self) -> Option<(&Version, &Granted)> {
        let all = self.versions.iter().rev();
        all.filter(|it| it.standing.state() != State::Superseded)
            .find_map(|it| it.standing.granted().map(|granted| (it, granted)))
    }

    /// Whether this member has, or had, a part in what asks: a role on the organisation, the team, or one of
    /// its services.
    pub fn is_of(&self, hand: &Hand<'_>) -> bool {
        hand.seats.iter().any(|seat| match &seat.on {
            On::Hub => false,
            On::Organisation(id) => *id == self.organisation,
            On::Team(id) => *id == self.team,
            On::Client(id) => hand.clients.contains(id),
        })
    }
}
