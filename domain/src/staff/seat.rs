//! A seat: a role on something, for good or until a moment.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Role;
use crate::reason::Rule;
use crate::{ClientId, InvalidMember, OrganisationId, TeamId, Timestamp};

/// A role on something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Seat {
    /// The role.
    pub role: Role,
    /// On what.
    pub on: On,
    /// Until when; for good when there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// What a role is on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum On {
    /// All of it.
    Hub,
    /// Every team of an organisation.
    Organisation(OrganisationId),
    /// Every service of a team.
    Team(TeamId),
    /// One service.
    Client(ClientId),
}

/// Not something that a role can be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("hub, organisation:ID, team:ID or client:ID")]
pub struct NotThere;

impl Seat {
    /// A seat for good. Roles of the hub are on the hub, those of teams are not.
    pub fn new(role: Role, on: On) -> Result<Self, InvalidMember> {
        if role.is_of_team() == (on == On::Hub) {
            let reason = if role.is_of_team() {
                Rule::TeamRole
            } else {
                Rule::HubRole
            };
            return Err(InvalidMember::new("on", reason));
        }
        Ok(Self {
            role,
            on,
            until: None,
        })
    }

    /// Whether it is held at this moment.
    pub fn is_held(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.role, self.on)
    }
}

impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hub => f.write_str("hub"),
            Self::Organisation(id) => write!(f, "organisation:{id}"),
            Self::Team(id) => write!(f, "team:{id}"),
            Self::Client(id) => write!(f, "client:{id}"),
        }
    }
}

impl FromStr for On {
    type Err = NotThere;

    fn from_str(text: &str) -> Result<Self, NotThere> {
        let (kind, id) = text.split_once(':').unwrap_or((text, ""));
        let named = match kind {
            "hub" if text == "hub" => Some(Self::Hub),
            "organisation" => id.parse().ok().map(Self::Organisation),
            "team" => id.parse().ok().map(Self::Team),
            "client" => id.parse().ok().map(Self::Client),
            _ => None,
        };
        named.ok_or(NotThere)
    }
}

impl TryFrom<String> for On {
    type Error = NotThere;

    fn try_from(text: String) -> Result<Self, NotThere> {
        text.parse()
    }
}

impl From<On> for String {
    fn from(on: On) -> Self {
        on.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_role_is_on_survives_the_trip_through_text() {
        for text in [
            "hub",
            "organisation:ville",
            "team:a_b-1",
            "client:https://x",
        ] {
            assert_eq!(text.parse::<On>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "hub:",
            "team:",
            "team:A B",
            "client:",
            "citizen:1",
            "hubs",
        ] {
            assert_eq!(text.parse::<On>(), Err(NotThere), "{text}");
        }
    }

    #[test]
    fn roles_of_teams_are_never_on_the_hub_and_those_of_the_hub_on_nothing_else() {
        let team = || On::Team("a".parse().unwrap());
        for role in Role::ALL {
            assert_eq!(Seat::new(role, On::Hub).is_ok(), !role.is_of_team());
            assert_eq!(Seat::new(role, team()).is_ok(), role.is_of_team());
        }
    }

    #[test]
    fn a_seat_ends_when_it_said() {
        let mut seat = Seat::new(Role::Operator, On::Hub).unwrap();
        assert!(seat.is_held(Timestamp::from_seconds(1_000_000)));
        seat.until = Some(Timestamp::from_seconds(10));
        assert!(seat.is_held(Timestamp::from_seconds(9)));
        assert!(!seat.is_held(Timestamp::from_seconds(10)));
    }
}
