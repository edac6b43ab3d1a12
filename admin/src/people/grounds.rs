//! What lies where: which team looks after which service, and whose team it is. A role on something reaches
//! what lies within it.

use guichet_domain::staff::{On, Organisation, Team};
use guichet_domain::{ClientId, OrganisationId, TeamId};
use guichet_store::Fault;
use guichet_store::durable::Teams;

/// Organisations and teams as they are at one moment.
pub struct Grounds {
    organisations: Vec<Organisation>,
    teams: Vec<Team>,
}

/// Where something lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// With nobody but those who operate the hub.
    Hub,
    /// With everybody who has any part in it.
    Everybody,
    /// It is an organisation, or belongs to all of one.
    Organisation(OrganisationId),
    /// It is a team, or belongs to one.
    Team(OrganisationId, TeamId),
    /// It is a service, with those who look after it.
    Client(ClientId, Vec<(OrganisationId, TeamId)>),
}

impl Place {
    /// Whether a role on `on` reaches it.
    pub(crate) fn is_within(&self, on: &On) -> bool {
        match (on, self) {
            (On::Hub, _) | (_, Self::Everybody) => true,
            (On::Organisation(own), Self::Organisation(it) | Self::Team(it, _)) => own == it,
            (On::Organisation(own), Self::Client(_, of)) => of.iter().any(|(it, _)| own == it),
            (On::Team(own), Self::Team(_, it)) => own == it,
            (On::Team(own), Self::Client(_, of)) => of.iter().any(|(_, it)| own == it),
            (On::Client(own), Self::Client(it, _)) => own == it,
            (_, Self::Hub | Self::Organisation(_)) | (On::Client(_), Self::Team(..)) => false,
        }
    }
}

impl Grounds {
    /// As they are now.
    pub async fn of(teams: &dyn Teams) -> Result<Self, Fault> {
        Ok(Self {
            organisations: teams.organisations().await?,
            teams: teams.teams().await?,
        })
    }

    /// Where a service lies.
    pub fn client(&self, id: &ClientId) -> Place {
        let of = self.teams.iter().filter(|team| team.clients.contains(id));
        let of = of.map(|team| (team.organisation.clone(), team.id.clone()));
        Place::Client(id.clone(), of.collect())
    }

    /// Where a team lies.
    pub fn team(team: &Team) -> Place {
        Place::Team(team.organisation.clone(), team.id.clone())
    }

    /// Where that lies which a role is on; `None` for a team that is not there.
    pub fn place_of(&self, on: &On) -> Option<Place> {
        match on {
            On::Hub => Some(Place::Hub),
            On::Organisation(id) => Some(Place::Organisation(id.clone())),
            On::Team(id) => {
                let mut teams = self.teams.iter();
                teams.find(|team| team.id == *id).map(Self::team)
            }
            On::Client(id) => Some(self.client(id)),
        }
    }

    /// Whether a role on it is good for anything: not on what is disabled, or is not there.
    pub(super) fn is_open(&self, on: &On) -> bool {
        match on {
            On::Hub | On::Client(_) => true,
            On::Organisation(id) => self.is_active(id),
            On::Team(id) => {
                let mut teams = self.teams.iter();
                let team = teams.find(|team| team.id == *id && team.active);
                team.is_some_and(|team| self.is_active(&team.organisation))
            }
        }
    }

    fn is_active(&self, id: &OrganisationId) -> bool {
        let mut organisations = self.organisations.iter();
        organisations.any(|it| it.id == *id && it.active)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Two organisations of one team each; the second team of `ville` is disabled.
    pub(in crate::people) fn grounds() -> Grounds {
        let team = |id: &str, organisation: &str, clients: &[&str], active| Team {
            id: id.parse().unwrap(),
            name: id.to_owned(),
            organisation: organisation.parse().unwrap(),
            clients: clients.iter().map(|id| id.parse().unwrap()).collect(),
            active,
        };
        let organisation = |id: &str| Organisation {
            id: id.parse().unwrap(),
            name: id.to_owned(),
            active: true,
        };
        Grounds {
            organisations: vec![organisation("etat"), organisation("ville")],
            teams: vec![
                team("cartes", "etat", &["carte-grise"], true),
                team("cantines", "ville", &["cantine"], true),
                team("closed", "ville", &[], false),
            ],
        }
    }

    #[test]
    fn a_role_reaches_what_lies_within_and_nothing_beside() {
        let grounds = grounds();
        let place = |on: &str| grounds.place_of(&on.parse().unwrap()).unwrap();
        for (on, of, reaches) in [
            ("hub", "client:cantine", true),
            ("organisation:ville", "organisation:ville", true),
            ("organisation:ville", "team:cantines", true),
            ("organisation:ville", "client:cantine", true),
            ("organisation:ville", "client:carte-grise", false),
            ("organisation:ville", "organisation:etat", false),
            ("organisation:ville", "hub", false),
            ("team:cantines", "client:cantine", true),
            ("team:cantines", "team:cantines", true),
            ("team:cantines", "team:cartes", false),
            ("team:cantines", "organisation:ville", false),
            ("team:cantines", "client:carte-grise", false),
            ("client:cantine", "client:cantine", true),
            ("client:cantine", "team:cantines", false),
            ("client:cantine", "client:carte-grise", false),
        ] {
            let on: On = on.parse().unwrap();
            assert_eq!(place(of).is_within(&on), reaches, "{on} {of}");
            assert!(Place::Everybody.is_within(&on));
        }
    }

    #[test]
    fn a_role_on_what_is_disabled_or_gone_is_good_for_nothing() {
        let grounds = grounds();
        for (on, open) in [
            ("hub", true),
            ("team:cantines", true),
            ("team:closed", false),
            ("team:gone", false),
            ("organisation:gone", false),
        ] {
            assert_eq!(grounds.is_open(&on.parse().unwrap()), open, "{on}");
        }
    }
}
