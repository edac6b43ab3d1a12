//! What somebody may, by all the seats they hold at one moment.

use guichet_domain::staff::{Role, Seat};
use guichet_domain::{ClientId, Scopes, Timestamp};

use super::matrix::gives;
use super::{Action, Grounds, Kind, Place, may};

/// What somebody may.
#[derive(Clone, Debug)]
pub struct Rights {
    seats: Vec<Seat>,
}

impl Rights {
    /// By those of `seats` that are good for anything at `now`.
    pub fn of(seats: &[Seat], grounds: &Grounds, now: Timestamp) -> Self {
        let seats = seats.iter().filter(|seat| seat.is_held(now));
        let seats = seats.filter(|seat| grounds.is_open(&seat.on));
        Self {
            seats: seats.cloned().collect(),
        }
    }

    /// No more of them than a token's scopes name.
    #[must_use]
    pub fn within(mut self, scopes: &Scopes) -> Self {
        self.seats
            .retain(|seat| scopes.contains(&scope_of(seat.role)));
        self
    }

    /// Whether `action` may be done to something of `kind` at `place`.
    pub fn may(&self, action: Action, kind: Kind, place: &Place) -> bool {
        let mut seats = self.seats.iter();
        seats.any(|seat| may(seat.role, &seat.on, action, (kind, place)))
    }

    /// Whether it may be done to anything of `kind` at all.
    pub fn may_somewhere(&self, action: Action, kind: Kind) -> bool {
        self.may(action, kind, &Place::Everybody)
    }

    /// Whether they may see somebody, or an invitation, with these seats: one of them within reach is enough.
    pub fn sees(&self, seats: &[Seat], grounds: &Grounds) -> bool {
        self.may(Action::Read, Kind::Person, &grounds.of_seats(seats))
    }

    /// Whether they may make a member of this client: whoever sees to its keys will have the role.
    pub fn may_let_in(&self, client: &ClientId, grounds: &Grounds) -> bool {
        self.may(Action::Change, Kind::Client, &grounds.client(client))
    }

    /// Whether somebody with these seats is theirs alone to see to: they may take every one of them.
    pub fn may_take_all(&self, seats: &[Seat], (grounds, now): (&Grounds, Timestamp)) -> bool {
        let mut held = seats.iter().filter(|seat| seat.is_held(now));
        held.all(|seat| self.may_take(seat, grounds))
    }

    /// Whether they may give this seat to somebody. A role of their own that ends by itself gives none: what it
    /// gave would be there after it (threat N-321).
    pub fn may_give(&self, seat: &Seat, grounds: &Grounds) -> bool {
        self.reaches(seat, grounds, |own| own.until.is_none())
    }

    /// Whether they may take this seat from somebody: what they may give, and in an emergency as much.
    pub fn may_take(&self, seat: &Seat, grounds: &Grounds) -> bool {
        self.reaches(seat, grounds, |_| true)
    }

    fn reaches(&self, seat: &Seat, grounds: &Grounds, by: impl Fn(&Seat) -> bool) -> bool {
        let place = grounds.place_of(&seat.on);
        let reaches = |own: &Seat| match &place {
            Some(place) => gives(own.role).contains(&seat.role) && place.is_within(&own.on),
            // On what is gone: only who reaches everything.
            None => own.role == Role::Operator,
        };
        self.seats.iter().any(|own| by(own) && reaches(own))
    }

    /// Whether they may turn somebody's seats from `before` into `after`: every one that comes or goes is
    /// theirs to give, but for those past their time. The first that is not, otherwise.
    pub fn may_turn(
        &self,
        before: &[Seat],
        after: &[Seat],
        (grounds, now): (&Grounds, Timestamp),
    ) -> Result<(), Seat> {
        let gone = before.iter().filter(|seat| !after.contains(seat));
        let mut come = after.iter().filter(|seat| !before.contains(seat));
        let mut gone = gone.filter(|seat| seat.is_held(now));
        let beyond = gone.find(|seat| !self.may_take(seat, grounds));
        // A seat that ends by itself is not given: breaking the glass makes one.
        let beyond = beyond
            .or_else(|| come.find(|seat| seat.until.is_some() || !self.may_give(seat, grounds)));
        beyond.map_or(Ok(()), |seat| Err(seat.clone()))
    }

    /// Whether they have this role on anything.
    pub fn holds(&self, role: Role) -> bool {
        self.seats.iter().any(|seat| seat.role == role)
    }

    /// Whether they have any part in it.
    pub fn is_any(&self) -> bool {
        !self.seats.is_empty()
    }

    /// The seats.
    pub fn seats(&self) -> &[Seat] {
        &self.seats
    }
}

/// The scope by which a token of a client that is a member says that it may use a role.
pub fn scope_of(role: Role) -> String {
    format!("admin:{role}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::grounds::tests::grounds;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

    fn seat(role: Role, on: &str) -> Seat {
        Seat::new(role, on.parse().unwrap()).unwrap()
    }

    fn rights(seats: &[Seat]) -> Rights {
        Rights::of(seats, &grounds(), NOW)
    }

    #[test]
    fn a_team_s_owner_gives_roles_of_that_team_and_no_others() {
        let owner = rights(&[seat(Role::TeamOwner, "team:cantines")]);
        for (role, on, gives) in [
            (Role::TeamOwner, "team:cantines", true),
            (Role::TeamReader, "client:cantine", true),
            (Role::TeamReader, "team:cartes", false),
            (Role::TeamOwner, "organisation:ville", false),
            (Role::TeamReader, "client:carte-grise", false),
            (Role::Support, "hub", false),
            (Role::Operator, "hub", false),
        ] {
            assert_eq!(
                owner.may_give(&seat(role, on), &grounds()),
                gives,
                "{role} {on}"
            );
        }
        let technician = rights(&[seat(Role::TeamTechnician, "team:cantines")]);
        let reader = seat(Role::TeamReader, "team:cantines");
        assert!(!technician.may_give(&reader, &grounds()));
        let operator = rights(&[seat(Role::Operator, "hub")]);
        assert!(operator.may_give(&seat(Role::Auditor, "hub"), &grounds()));
        assert!(operator.may_give(&seat(Role::TeamReader, "team:gone"), &grounds()));
    }

    #[test]
    fn whoever_shares_somebody_with_others_sees_them_and_is_not_alone_to_see_to_them() {
        let owner = rights(&[seat(Role::TeamOwner, "team:cantines")]);
        let own = seat(Role::TeamReader, "client:cantine");
        let other = seat(Role::TeamReader, "team:cartes");
        let at = (&grounds(), NOW);
        for (seats, sees, alone) in [
            (vec![own.clone()], true, true),
            (vec![other.clone(), own.clone()], true, false),
            (vec![seat(Role::Operator, "hub"), own.clone()], true, false),
            (vec![other], false, false),
            (vec![seat(Role::TeamReader, "team:gone")], false, false),
        ] {
            assert_eq!(owner.sees(&seats, &grounds()), sees, "{seats:?}");
            assert_eq!(owner.may_take_all(&seats, at), alone, "{seats:?}");
            let operator = rights(&[seat(Role::Operator, "hub")]);
            assert!(operator.sees(&seats, &grounds()), "{seats:?}");
        }
    }

    #[test]
    fn an_hour_of_a_role_takes_roles_and_gives_none() {
        let mut glass = seat(Role::Operator, "hub");
        glass.until = Some(NOW.after(std::time::Duration::from_mins(1)));
        let hurried = rights(&[seat(Role::Support, "hub"), glass]);
        assert!(hurried.may(Action::Change, Kind::Provider, &Place::Hub));
        let (operator, gone) = (
            seat(Role::Operator, "hub"),
            seat(Role::TeamReader, "team:gone"),
        );
        for given in [&operator, &gone] {
            assert!(!hurried.may_give(given, &grounds()), "{given}");
            assert!(hurried.may_take(given, &grounds()), "{given}");
        }
        let at = (&grounds(), NOW);
        let own = hurried.seats().to_vec();
        let mut more = own.clone();
        more.push(operator.clone());
        assert_eq!(hurried.may_turn(&own, &more, at), Err(operator.clone()));
        assert_eq!(hurried.may_turn(&[operator], &[], at), Ok(()));
    }

    #[test]
    fn a_seat_past_its_time_or_on_a_closed_team_gives_no_right() {
        let mut over = seat(Role::Operator, "hub");
        over.until = Some(NOW);
        let rights = rights(&[over, seat(Role::TeamOwner, "team:closed")]);
        assert!(!rights.is_any());
        assert!(!rights.may_somewhere(Action::Read, Kind::Status));
    }

    #[test]
    fn a_token_s_scopes_narrow_and_never_widen() {
        let both = [seat(Role::Operator, "hub"), seat(Role::Auditor, "hub")];
        let narrowed = rights(&both).within(&"admin:auditor".parse().unwrap());
        assert!(narrowed.may(Action::Read, Kind::Ledger, &Place::Hub));
        assert!(!narrowed.may(Action::Change, Kind::Provider, &Place::Hub));
        let auditor = rights(&both[1..]).within(&"admin:operator".parse().unwrap());
        assert!(!auditor.is_any());
    }
}
