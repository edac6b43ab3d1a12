//! What the door of the staff is made of, and why it stays shut. Who comes in is told in `invitations` and `glass`, who
//! goes in `leaving`; `standing` says who somebody is, `giving` which roles are theirs to give.

use std::sync::Arc;

use guichet_domain::staff::{Invitation, Seat, StaffMember};
use guichet_domain::{Clock, Entropy, InvalidMember};
use guichet_keys::{KeysError, Mac, Sealer};
use guichet_ledger::Ledger;
use guichet_store::Fault;
use guichet_store::durable::{PersonGate, Staff, Subjects, Teams};

use super::{Card, StaffPost};
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

    /// Name and address of a member.
    pub fn card(&self, member: &StaffMember) -> Card {
        Card::open(&self.cards, &member.id, &member.card)
    }

    /// Name and address on an invitation.
    pub fn card_of(&self, invitation: &Invitation) -> Card {
        Card::open(&self.cards, &invitation.id, &invitation.card)
    }
}

#[cfg(test)]
mod tests;
