//! Who may come in, and the way out. How people come in is told in `invitations` and `glass`.

use std::sync::Arc;

use guichet_domain::staff::{Invitation, Seat, Sender, StaffMember};
use guichet_domain::{AuditEvent, ClientId, Clock, Entropy, EventKind, InvalidMember, StaffId};
use guichet_keys::{KeysError, Mac, Sealer};
use guichet_ledger::Ledger;
use guichet_store::Fault;
use guichet_store::durable::{PersonGate, Staff, Subjects, Teams};

use super::records::{is_last_operator, last_operator};
use super::{Action, Card, Grounds, Kind, Rights, StaffPost};
use crate::{Actor, RecordDesk};

/// What the door is made of.
#[derive(Clone)]
pub struct StaffDoor {
    /// Who is in.
    pub staff: Arc<dyn Staff>,
    /// What roles can be on.
    pub teams: Arc<dyn Teams>,
    /// The audit log.
    pub ledger: Ledger,
    /// Tags records, so that whoever changes one says which they know.
    pub tags: Mac,
    /// Seals names and addresses.
    pub cards: Sealer,
    /// Carries invitations; without it their links are shown to whoever invites.
    pub post: Option<Arc<dyn StaffPost>>,
    /// Who is behind the names that the console knows persons by.
    pub subjects: Arc<dyn Subjects>,
    /// Which persons may act at all.
    pub gate: Arc<dyn PersonGate>,
    /// Whether a review tool is believed: without one, what it sent before lets nobody in.
    pub believes_review_tool: bool,
    /// Where the console is, without a slash.
    pub address: String,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// Why the door stays shut.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// A role that whoever gives it does not have to give.
    #[error("the role {0} is not yours to give or to take")]
    Beyond(Seat),
    /// The identifier is somebody's, or of another invitation.
    #[error("the identifier is taken")]
    Taken,
    /// There is no such invitation or member, or none any more.
    #[error("there is no such invitation or member any more")]
    Gone,
    /// What was said cannot stand.
    #[error(transparent)]
    Invalid(#[from] InvalidMember),
    /// A card cannot be sealed.
    #[error("the card cannot be sealed")]
    Keys(#[from] KeysError),
    /// The store or the audit log.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl StaffDoor {
    /// A desk at which `by` changes records of a kind.
    pub(crate) fn desk<R>(&self, records: R, declared: Arc<[String]>, by: Actor) -> RecordDesk<R> {
        RecordDesk {
            records,
            ledger: self.ledger.clone(),
            declared,
            tags: self.tags.clone(),
            by,
            clock: Arc::clone(&self.clock),
        }
    }

    /// Removes a member all of whose roles are the caller's to take. The last operator stays.
    pub async fn remove(
        &self,
        by: (&StaffId, &Rights),
        member: &StaffMember,
    ) -> Result<(), DoorError> {
        let grounds = Grounds::of(&*self.teams).await?;
        self.within(by, &member.seats, |seat| by.1.may_take(seat, &grounds))?;
        if is_last_operator(member, &self.staff.members().await?) {
            return Err(last_operator().into());
        }
        let actor = Actor::Member(by.0.clone());
        let event = AuditEvent::new(EventKind::StaffRemoved, self.clock.now())
            .detail("staff", &member.id)
            .detail("by", &actor);
        self.ledger.append(event).await?;
        if !self.staff.remove_member(member).await? {
            return Err(DoorError::Gone);
        }
        self.take_back_all(&Sender::Member(member.id.clone()), &actor)
            .await?;
        Ok(())
    }

    /// Name and address of a member.
    pub fn card(&self, member: &StaffMember) -> Card {
        Card::open(&self.cards, &member.id, &member.card)
    }

    /// Name and address on an invitation.
    pub fn card_of(&self, invitation: &Invitation) -> Card {
        Card::open(&self.cards, &invitation.id, &invitation.card)
    }

    /// Whether those of these that are held are all the caller's, as `is_theirs` has it; what is not is on record.
    pub(super) fn within(
        &self,
        by: (&StaffId, &Rights),
        seats: &[Seat],
        is_theirs: impl Fn(&Seat) -> bool,
    ) -> Result<(), DoorError> {
        let now = self.clock.now();
        let mut held = seats.iter().filter(|seat| seat.is_held(now));
        match held.find(|seat| !is_theirs(seat)) {
            Some(beyond) => {
                let actor = Actor::Member(by.0.clone());
                self.note_refused(&actor, Action::Change, Kind::Person);
                Err(DoorError::Beyond(beyond.clone()))
            }
            None => Ok(()),
        }
    }

    /// Whether a seat is theirs to give; that it is not, and they tried, is on record.
    pub(crate) fn may_give(
        &self,
        by: (&StaffId, &Rights),
        seat: &Seat,
        grounds: &Grounds,
    ) -> Result<(), DoorError> {
        self.within(by, std::slice::from_ref(seat), |seat| {
            by.1.may_give(seat, grounds)
        })
    }

    /// Whether they may make a member of this client, with this seat; that they tried is on record otherwise.
    pub(crate) fn may_let_in(
        &self,
        by: (&StaffId, &Rights),
        (client, seat): (&ClientId, &Seat),
        grounds: &Grounds,
    ) -> Result<(), DoorError> {
        let reaches = by.1.may_let_in(client, grounds);
        self.within(by, std::slice::from_ref(seat), |seat| {
            reaches && by.1.may_give(seat, grounds)
        })
    }

    /// Whether they may turn a member's seats from `before` into `after`; what they may not is on record.
    pub(crate) fn may_turn(
        &self,
        (by, rights): (&StaffId, &Rights),
        (before, after): (&[Seat], &[Seat]),
        grounds: &Grounds,
    ) -> Result<(), DoorError> {
        let turned = rights.may_turn(before, after, (grounds, self.clock.now()));
        turned.map_err(|beyond| {
            let actor = Actor::Member(by.clone());
            self.note_refused(&actor, Action::Change, Kind::Person);
            DoorError::Beyond(beyond)
        })
    }
}

#[cfg(test)]
mod tests;
