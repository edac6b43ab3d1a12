//! Who operates the hub and who looks after services: what each role may do, who is let in, and by whom.
//!
//! `matrix` is the whole of it as data, [`may`] the one function that reads it; [`Rights`] is what
//! somebody may by all their seats. Pages, API and commands ask nothing else. `door` is where people come in, by
//! `invitations` or around them by `glass`, and go out (`leaving`); `standing` is who somebody is there, `giving` which
//! roles are theirs to give. [`PeopleRecords`] are the members as a desk changes them.

mod card;
mod door;
mod giving;
mod glass;
mod grounds;
mod invitations;
mod leaving;
mod matrix;
mod post;
mod records;
mod rights;
mod standing;

pub use card::Card;
pub use door::{DoorError, StaffDoor};
pub(crate) use glass::said;
pub use grounds::{Grounds, Place};
pub use invitations::Invited;
pub use matrix::{Action, Kind, MATRIX, may};
pub use post::{MailRefused, StaffPost};
pub(crate) use records::{NO_CLIENT, last_operator};
pub use records::{PeopleRecords, PersonMetadata, SeatMetadata};
pub use rights::{Rights, scope_of};
