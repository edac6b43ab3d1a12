//! Once-only: a fact that one administration holds goes to another with the citizen's agreement,
//! instead of being asked again. `docs/exchange.md` tells the whole story.
//!
//! `catalogue` says which facts there are, `request` what a service asks for and may; [`Desk`] is where all
//! else is done.

mod alarms;
mod catalogue;
mod delivery;
mod desk;
mod digests;
mod endpoints;
mod erasure;
mod events;
mod grant;
mod matching;
mod parties;
mod prepare;
mod receipt;
mod request;
#[cfg(any(test, feature = "testing"))]
#[expect(clippy::unwrap_used, reason = "the world of the tests")]
pub mod testing;
#[cfg(test)]
mod tests;
mod trail;
mod unconfirmed;
mod voucher;

pub use alarms::Alarms;
pub use catalogue::{
    Basis, Catalogue, CatalogueError, EvidenceHolder, EvidenceType, Field, FieldType, Label,
    Purpose,
};
pub use desk::{Desk, DeskParts, ServiceDirectory};
pub use digests::{Digests, FieldDigest};
pub use endpoints::{routes, routes_for_servers};
pub use events::{
    Event, EventLetters, EventParts, EventPost, Events, Missing, Named, Notice, PollAnswer, PollAsk,
};
pub use grant::{Altered, Change, Decision, Held, How, Narrowed, Standing, Word};
pub use prepare::{EvidencePost, Posted, Prepared, Preparing, Without};
pub use receipt::{
    Check, Checked, Ended, Hidden, LONGEST_RECEIPT, Labelled, LogPart, Made, NoReceiptKeys, Party,
    Problem, Proven, ReceiptKeys, StatedPurpose, Statement, Verification, verify_receipt,
};
pub use request::{Ask, EVIDENCE, Procedure, Requests, Usage};
pub use trail::{Counted, Counts, DayCounts, NotAnOrder, hiding, is_hidden};
