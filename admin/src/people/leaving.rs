//! The way out: a member goes with all they sent for, and the last operator stays.

use guichet_domain::staff::{Sender, StaffMember};
use guichet_domain::{AuditEvent, EventKind, StaffId};

use super::records::{is_last_operator, last_operator};
use super::{DoorError, Grounds, Rights, StaffDoor};
use crate::Actor;

impl StaffDoor {
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
}
