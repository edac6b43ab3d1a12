//! Who stands where: whoever is recognized and may act at all, what they may at this moment, and what is on record of
//! those who tried more.

use guichet_domain::staff::{StaffMember, Who};
use guichet_domain::{AuditEvent, EventKind, Sector, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::ActivePerson;

use super::{Action, Grounds, Kind, Rights, StaffDoor};
use crate::Actor;

impl StaffDoor {
    /// Whoever is recognized by this, in something that began at `since`. A person who is frozen, or whose account
    /// is closed, is nobody here (threat N-324).
    pub async fn recognized(
        &self,
        who: &Who,
        since: Timestamp,
    ) -> Result<Option<StaffMember>, Fault> {
        if self.may_act(who, since).await? {
            self.staff.recognized(who).await
        } else {
            Ok(None)
        }
    }

    /// Whether they may act. A client may as long as it has tokens.
    pub(crate) async fn may_act(&self, who: &Who, since: Timestamp) -> Result<bool, Fault> {
        let Who::Person(subject) = who else {
            return Ok(true);
        };
        let person = self.subjects.person(&Sector::of_console(), subject).await?;
        let Some(person) = person else {
            return Ok(false);
        };
        let admitted = ActivePerson::admit(&*self.gate, person, since).await?;
        Ok(admitted.is_ok())
    }

    /// What a member may at this moment.
    pub async fn rights(&self, member: &StaffMember) -> Result<Rights, Fault> {
        let grounds = Grounds::of(&*self.teams).await?;
        Ok(Rights::of(&member.seats, &grounds, self.clock.now()))
    }

    /// That somebody tried what is not theirs to do is on record.
    pub(crate) fn note_refused(&self, by: &Actor, action: Action, kind: Kind) {
        let event = AuditEvent::new(EventKind::OperationRefused, self.clock.now())
            .detail("by", by)
            .detail("action", format!("{action:?}").to_lowercase())
            .detail("kind", format!("{kind:?}").to_lowercase());
        self.ledger.note(event);
    }
}
