//! What lies where: which team looks after which service, and whose team it is. A role on something reaches
//! what lies within it.

use std::collections::HashMap;

use guichet_domain::staff::{On, Organisation, Seat, Team};
use guichet_domain::{ClientId, OrganisationId, TeamId};
use guichet_store::Fault;
use guichet_store::durable::Teams;

/// Organisations and teams as they are at one moment.
pub struct Grounds {
    organisations: Vec<Organisation>,
    teams: Vec<Team>,
    /// Who looks after a service: asked of each of thousands.
    of_client: HashMap<ClientId, Vec<(OrganisationId, TeamId)>>,
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
    /// It has a part in each of these: whoever reaches one of them reaches it.
    Each(Vec<Place>),
}

impl Place {
    /// Whether a role on `on` reaches it.
    pub(crate) fn is_within(&self, on: &On) -> bool {
        match (on, self) {
            (On::Hub, _) | (_, Self::Everybody) => true,
            (on, Self::Each(places)) => places.iter().any(|place| place.is_within(on)),
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
        Ok(Self::made_of(
            teams.organisations().await?,
            teams.teams().await?,
        ))
    }

    pub(crate) fn made_of(organisations: Vec<Organisation>, teams: Vec<Team>) -> Self {
        let mut of_client: HashMap<_, Vec<_>> = HashMap::new();
        for team in &teams {
            for client in &team.clients {
                let of = of_client.entry(client.clone()).or_default();
                of.push((team.organisation.clone(), team.id.clone()));
            }
        }
        Self {
            organisations,
            teams,
            of_client,
        }
    }

    /// Where a service lies.
    pub fn client(&self, id: &ClientId) -> Place {
        let of = self.of_client.get(id).cloned();
        Place::Client(id.clone(), of.unwrap_or_default())
    }

    /// Who looks after what `on` is, where that is a client.
    pub(crate) fn teams_of(&self, on: &On) -> Vec<TeamId> {
        let On::Client(id) = on else {
            return Vec::new();
        };
        let of = self.of_client.get(id).into_iter().flatten();
        of.map(|(_, team)| team.clone()).collect()
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

    /// Where somebody lies who has, or will have, these roles: with nobody but those who reach everything where
    /// none of them is on anything that is there.
    pub fn of_seats(&self, seats: &[Seat]) -> Place {
        let places = seats.iter().filter_map(|seat| self.place_of(&seat.on));
        Place::Each(places.collect())
    }

    /// Whether a role on it is good for anything: not on what is disabled, or is not there.
    pub(crate) fn is_open(&self, on: &On) -> bool {
        match on {
            On::Hub => true,
            On::Organisation(id) => self.is_active(id),
            On::Team(id) => {
                let mut teams = self.teams.iter();
                teams.any(|team| team.id == *id && self.is_at_work(team))
            }
            On::Client(id) => {
                let of = self.teams.iter().filter(|team| team.clients.contains(id));
                let mut of = of.peekable();
                of.peek().is_none() || of.any(|team| self.is_at_work(team))
            }
        }
    }

    fn is_at_work(&self, team: &Team) -> bool {
        team.active && self.is_active(&team.organisation)
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
            legal_id: None,
            active: true,
        };
        Grounds::made_of(
            vec![organisation("etat"), organisation("ville")],
            vec![
                team("cartes", "etat", &["carte-grise"], true),
                team("cantines", "ville", &["cantine"], true),
                team("closed", "ville", &["piscine"], false),
            ],
        )
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
            let both = Place::Each(vec![Place::Hub, place(of)]);
            assert_eq!(both.is_within(&on), reaches, "{on} {of} beside the hub");
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
            ("client:cantine", true),
            // With a disabled team alone, and with nobody.
            ("client:piscine", false),
            ("client:nobody-s", true),
        ] {
            assert_eq!(grounds.is_open(&on.parse().unwrap()), open, "{on}");
        }
    }
}
