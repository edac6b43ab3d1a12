//! Whose roles are whose to give and to take: nobody gives what exceeds their own (threat N-68), and that they tried is
//! on record.

use guichet_domain::staff::{Seat, Who};
use guichet_domain::{ClientId, StaffId};

use super::{Action, DoorError, Grounds, Kind, Rights, StaffDoor};
use crate::Actor;

impl StaffDoor {
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

    /// Whether every role that this client has, where it is a member, is theirs to give who have these rights.
    pub(crate) async fn may_give_those_of(
        &self,
        client: &ClientId,
        rights: &Rights,
        grounds: &Grounds,
    ) -> Result<(), DoorError> {
        let member = self.staff.recognized(&Who::Client(client.clone())).await?;
        let now = self.clock.now();
        let seats = member.iter().flat_map(|member| &member.seats);
        let mut held = seats.filter(|seat| seat.is_held(now));
        match held.find(|seat| !rights.may_give(seat, grounds)) {
            Some(beyond) => Err(DoorError::Beyond(beyond.clone())),
            None => Ok(()),
        }
    }
}
