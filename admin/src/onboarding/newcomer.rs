//! A team that begins by itself: whoever signed in at the console and is nobody there names their organisation
//! and their team, and owns it. That gives a sandbox and the right to ask, nothing else.

use guichet_domain::staff::{
    On, Organisation, OrganisationMetadata, Role, Seat, StaffMember, Team, TeamMetadata, Who,
};
use guichet_domain::{AuditEvent, EventKind, StaffId};
use guichet_store::Fault;
use guichet_store::durable::Founded;

use super::{Onboarding, OnboardingError, Wrong};
use crate::people::Card;

/// What they say of themselves.
#[derive(Clone, Default, serde::Deserialize, serde::Serialize)]
#[serde(default)]
pub(crate) struct Newcomer {
    /// Their name.
    pub(crate) name: String,
    /// Where mail reaches them.
    pub(crate) address: String,
    /// Their organisation.
    pub(crate) organisation: String,
    /// Its number in the register of companies.
    pub(crate) legal_id: String,
    /// Their team.
    pub(crate) team: String,
}

impl Onboarding {
    /// Makes an organisation, its team and their owner. An organisation that is there already invites: nobody
    /// walks into it by its number.
    pub(crate) async fn welcome(
        &self,
        who: &Who,
        newcomer: &Newcomer,
    ) -> Result<StaffMember, OnboardingError> {
        if !self.open || self.door.staff.recognized(who).await?.is_some() {
            return Err(OnboardingError::Forbidden);
        }
        let id = StaffId::random(&*self.door.entropy);
        let Founding {
            card,
            organisation,
            team,
        } = self.checked(newcomer, &id).await?;
        let now = self.door.clock.now();
        let seat = Seat::new(Role::TeamOwner, On::Team(team.id.clone()));
        let seat = seat.map_err(|error| Fault::new("a seat", error))?;
        let sealed = card.seal(&self.door.cards, &id);
        let member = StaffMember {
            card: sealed.map_err(|error| Fault::new("seal a card", error))?,
            who: who.clone(),
            seats: vec![seat],
            since: now,
            id,
        };
        let event = AuditEvent::new(EventKind::OnboardingBegun, now)
            .detail("by", crate::Actor::Member(member.id.clone()))
            .detail("organisation", &organisation.id)
            .detail("team", &team.id);
        self.door.ledger.append(event).await?;
        let founded = self.door.teams.found((&organisation, &team), &member, now);
        match founded.await? {
            Founded::Done => Ok(member),
            // By somebody who was faster.
            Founded::NumberTaken => Err(OnboardingError::Wrong(vec![taken()])),
            // The same form, sent twice: whoever is in already is in.
            Founded::OwnerKnown => {
                let known = self.door.staff.recognized(who).await?;
                known.ok_or(OnboardingError::Overtaken)
            }
        }
    }

    /// What they said of themselves, where it can stand; everything that is wrong otherwise.
    async fn checked(
        &self,
        newcomer: &Newcomer,
        id: &StaffId,
    ) -> Result<Founding, OnboardingError> {
        let mut wrongs = Vec::new();
        let card = Card::new(&newcomer.name, &newcomer.address);
        if let Err(invalid) = &card {
            wrongs.push(wrong(invalid.member));
        } else if newcomer.address.trim().is_empty() {
            wrongs.push(wrong("address"));
        }
        let organisation = OrganisationMetadata {
            id: format!("o-{id}"),
            name: Some(newcomer.organisation.clone()),
            legal_id: Some(newcomer.legal_id.clone()),
            active: None,
        };
        let organisation = organisation.check();
        if let Err(invalid) = &organisation {
            wrongs.push(wrong(if invalid.member == "name" {
                "organisation"
            } else {
                invalid.member
            }));
        }
        let team = TeamMetadata {
            id: format!("t-{id}"),
            name: Some(newcomer.team.clone()),
            organisation: format!("o-{id}"),
            clients: Vec::new(),
            active: None,
        };
        let team = team.check();
        if team.is_err() {
            wrongs.push(wrong("team"));
        }
        if let Ok(organisation) = &organisation {
            let all = self.door.teams.organisations().await?;
            if all.iter().any(|it| it.number() == organisation.number()) {
                wrongs.push(taken());
            }
        }
        match (card, organisation, team) {
            (Ok(card), Ok(organisation), Ok(team)) if wrongs.is_empty() => Ok(Founding {
                card,
                organisation,
                team,
            }),
            _ => Err(OnboardingError::Wrong(wrongs)),
        }
    }
}

/// What is made for a newcomer.
struct Founding {
    card: Card,
    organisation: Organisation,
    team: Team,
}

fn taken() -> Wrong {
    Wrong::new("legal_id", "onboarding-wrong-taken")
}

fn wrong(member: &str) -> Wrong {
    let text = match member {
        "address" => "onboarding-wrong-address",
        "legal_id" => "onboarding-wrong-number",
        _ => "onboarding-wrong-line",
    };
    Wrong::new(member, text)
}
