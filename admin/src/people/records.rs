//! Members of the staff, as a desk changes them: their roles, and clients that are members.

use std::sync::Arc;

use async_trait::async_trait;
use guichet_domain::staff::{Role, Seat, StaffMember, Who};
use guichet_domain::{
    AuditEvent, ClientId, EventKind, InvalidMember, Reason, Rule, Sealed, StaffId, Timestamp,
};
use guichet_keys::{KeysError, Sealer};
use guichet_store::Fault;
use guichet_store::durable::{Registry, Staff};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Card;
use crate::{ChangeError, Records};

/// The members. Persons come in by invitation alone; clients are put there.
pub struct PeopleRecords {
    /// Where they are kept.
    pub staff: Arc<dyn Staff>,
    /// Seals names and addresses.
    pub cards: Sealer,
    /// Which clients there are.
    pub registry: Arc<dyn Registry>,
}

/// A member as they are declared.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PersonMetadata {
    /// Their identifier: 1 to 64 lower-case letters, digits, hyphens and underscores.
    pub id: String,
    /// For a client that is a member: its `client_id`. A person has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// What colleagues call them, 1 to 200 characters; unchanged when it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where mail reaches them. Never changed: another address is another invitation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Their roles, each on something.
    pub roles: Vec<SeatMetadata>,
}

/// A role on something.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeatMetadata {
    /// The role.
    pub role: Role,
    /// On what: `hub`, `organisation:ID`, `team:ID` or `client:ID`.
    pub on: String,
    /// Until when (RFC 3339); for good when there is nothing. Only read: an hour at a time is what breaking
    /// the glass gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl SeatMetadata {
    /// The seat, checked.
    pub fn check(&self) -> Result<Seat, InvalidMember> {
        let invalid = |reason: Reason| InvalidMember::new("roles", reason);
        let on = self.on.parse();
        let on = on.map_err(|error: guichet_domain::staff::NotThere| invalid(error.into()))?;
        let mut seat = Seat::new(self.role, on).map_err(|error| invalid(error.reason))?;
        seat.until = match &self.until {
            None => None,
            Some(until) => {
                let until: Result<Timestamp, _> = until.parse();
                Some(until.map_err(|error| invalid(error.into()))?)
            }
        };
        Ok(seat)
    }
}

impl From<&Seat> for SeatMetadata {
    fn from(seat: &Seat) -> Self {
        Self {
            role: seat.role,
            on: seat.on.to_string(),
            until: seat.until.map(|until| until.to_string()),
        }
    }
}

/// The seats of metadata, each once.
pub(super) fn seats(declared: &[SeatMetadata]) -> Result<Vec<Seat>, InvalidMember> {
    let mut seats: Vec<Seat> = Vec::new();
    for declared in declared {
        let seat = declared.check()?;
        if !seats.contains(&seat) {
            seats.push(seat);
        }
    }
    if seats.len() > MOST_SEATS {
        return Err(InvalidMember::new("roles", Rule::AtMostFifty));
    }
    Ok(seats)
}

const MOST_SEATS: usize = 50;

#[async_trait]
impl Records for PeopleRecords {
    type Metadata = PersonMetadata;
    type Record = StaffMember;
    const KIND: &'static str = "person";
    const NAME: &'static str = "id";

    fn id(metadata: &PersonMetadata) -> &str {
        &metadata.id
    }

    fn id_of(record: &StaffMember) -> &str {
        record.id.as_str()
    }

    /// Without name and address, which stay as they are.
    fn metadata(record: &StaffMember) -> PersonMetadata {
        PersonMetadata {
            id: record.id.to_string(),
            client_id: match &record.who {
                Who::Client(client) => Some(client.to_string()),
                Who::Person(_) => None,
            },
            name: None,
            address: None,
            roles: record.seats.iter().map(SeatMetadata::from).collect(),
        }
    }

    /// Whoever has a role has a part in it.
    fn is_active(record: &StaffMember) -> bool {
        !record.seats.is_empty()
    }

    fn inactive(record: &StaffMember) -> StaffMember {
        StaffMember {
            seats: Vec::new(),
            ..record.clone()
        }
    }

    fn brings_secret(
        &self,
        _known: &StaffMember,
        _metadata: &PersonMetadata,
    ) -> Result<bool, ChangeError> {
        Ok(false)
    }

    fn event(record: &StaffMember, what: &'static str, now: Timestamp) -> AuditEvent {
        AuditEvent::new(EventKind::StaffChanged, now)
            .detail("staff", &record.id)
            .detail("change", what)
            .detail("roles", in_words(&record.seats))
    }

    async fn all(&self) -> Result<Vec<Arc<StaffMember>>, Fault> {
        let members = self.staff.members().await?;
        Ok(members.into_iter().map(Arc::new).collect())
    }

    async fn check(
        &self,
        known: Option<&StaffMember>,
        metadata: &PersonMetadata,
    ) -> Result<StaffMember, ChangeError> {
        let seats = seats(&metadata.roles)?;
        let member = match known {
            Some(known) => self.changed(known, metadata, seats)?,
            None => self.client(metadata, seats).await?,
        };
        if let Some(known) = known {
            let others = self.staff.members().await?;
            if is_last_operator(known, &others) && !member.operates() {
                return Err(last_operator().into());
            }
        }
        Ok(member)
    }

    async fn replace(
        &self,
        known: Option<&StaffMember>,
        record: &StaffMember,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        self.staff.replace_member(known, record, now).await
    }
}

impl PeopleRecords {
    /// A card as it rests, for whoever has this identifier.
    pub fn sealed(&self, card: &Card, id: &StaffId) -> Result<Sealed, KeysError> {
        card.seal(&self.cards, id)
    }

    /// A member with other roles, and another name where one is given.
    fn changed(
        &self,
        known: &StaffMember,
        metadata: &PersonMetadata,
        seats: Vec<Seat>,
    ) -> Result<StaffMember, ChangeError> {
        let is_same = match (&known.who, &metadata.client_id) {
            (Who::Client(known), Some(client)) => known.as_str() == client,
            (Who::Person(_), Some(_)) => false,
            (_, None) => true,
        };
        if !is_same {
            let reason = Rule::StaysWho;
            return Err(InvalidMember::new("client_id", reason).into());
        }
        let card = Card::open(&self.cards, &known.id, &known.card);
        if metadata
            .address
            .as_ref()
            .is_some_and(|it| *it != card.address)
        {
            let reason = Rule::AnotherInvitation;
            return Err(InvalidMember::new("address", reason).into());
        }
        let mut member = StaffMember {
            seats,
            ..known.clone()
        };
        if let Some(name) = metadata.name.as_ref().filter(|it| **it != card.name) {
            let card = Card::new(name, &card.address)?;
            member.card = card.seal(&self.cards, &known.id)?;
        }
        Ok(member)
    }

    /// A client that becomes a member: one that is registered, with a role.
    async fn client(
        &self,
        metadata: &PersonMetadata,
        seats: Vec<Seat>,
    ) -> Result<StaffMember, ChangeError> {
        let id: StaffId = metadata
            .id
            .parse()
            .map_err(|error| InvalidMember::new("id", error))?;
        let client = metadata.client_id.as_deref().ok_or_else(|| {
            let reason = Rule::InvitedPeople;
            InvalidMember::new("client_id", reason)
        })?;
        let client: ClientId = client
            .parse()
            .map_err(|error| InvalidMember::new("client_id", error))?;
        let clients = self.registry.clients().await?;
        if !clients.iter().any(|it| it.id == client) {
            return Err(InvalidMember::new("client_id", NO_CLIENT).into());
        }
        if seats.is_empty() {
            return Err(InvalidMember::new("roles", Rule::AtLeastOne).into());
        }
        let name = metadata.name.as_deref().unwrap_or(&metadata.id);
        let card = Card::new(name, metadata.address.as_deref().unwrap_or_default())?;
        Ok(StaffMember {
            card: card.seal(&self.cards, &id)?,
            id,
            who: Who::Client(client),
            seats,
            since: Timestamp::from_millis(0),
        })
    }
}

/// What is said of a client that is not there, and of one beyond reach: the same.
pub(crate) const NO_CLIENT: Rule = Rule::NoClient;

/// Whether nobody would operate the hub without this person: a client lets nobody in by itself.
pub(super) fn is_last_operator(member: &StaffMember, all: &[StaffMember]) -> bool {
    let mut others = all.iter().filter(|it| it.id != member.id);
    member.operates() && !others.any(StaffMember::operates)
}

pub(crate) fn last_operator() -> InvalidMember {
    InvalidMember::new("roles", Rule::OnlyOperator)
}

/// Seats as the audit log has them.
pub(super) fn in_words(seats: &[Seat]) -> String {
    let words: Vec<String> = seats.iter().map(ToString::to_string).collect();
    words.join(" ")
}
