//! Those who operate the hub and those who look after services: who they are, and which roles they have on
//! what. What a role may do is the console's to say.

mod role;
mod seat;
mod sender;
mod unit;

use serde::{Deserialize, Serialize};

use crate::{ClientId, Sealed, StaffId, SubjectIdentifier, Timestamp};

pub use role::Role;
pub use seat::{NotThere, On, Seat};
pub use sender::Sender;
pub use unit::{Organisation, OrganisationMetadata, Team, TeamMetadata};

/// Somebody who has a part in operating the hub, or a client that has.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffMember {
    /// Their identifier: in the audit log, in addresses.
    pub id: StaffId,
    /// By what they are recognized.
    pub who: Who,
    /// Name and address, sealed: the one place where they stand.
    pub card: Sealed,
    /// Their roles, each on something.
    pub seats: Vec<Seat>,
    /// Since when.
    pub since: Timestamp,
}

impl StaffMember {
    /// Whether they are a person who operates the hub for good: without any, nobody lets anybody in.
    pub fn operates(&self) -> bool {
        let for_good = |seat: &Seat| seat.role == Role::Operator && seat.until.is_none();
        matches!(self.who, Who::Person(_)) && self.seats.iter().any(for_good)
    }
}

/// By what a member is recognized.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// A person, by the name that the hub knows them by at the console and nowhere else.
    Person(SubjectIdentifier),
    /// A client, in its own name.
    Client(ClientId),
}

impl Who {
    /// As text: no person's is a client's.
    pub fn key(&self) -> String {
        match self {
            Self::Person(subject) => format!("person:{subject}"),
            Self::Client(client) => format!("client:{client}"),
        }
    }
}

/// What lets somebody in: sent to one address, good once, for a while.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invitation {
    /// Whose it will be.
    pub id: StaffId,
    /// What the text in the link hashes to.
    pub hash: [u8; 32],
    /// Name and address, sealed: they cannot be changed without making another invitation.
    pub card: Sealed,
    /// The roles that it gives.
    pub seats: Vec<Seat>,
    /// Who sent it.
    #[serde(default)]
    pub by: Sender,
    /// Until when it is good.
    pub expires: Timestamp,
}
