//! Support: what a citizen reads out opens what the audit log says of that login, and nothing personal.
//!
//! | what | file |
//! |---|---|
//! | what is read out, as it may be typed | `handle.rs` |
//! | the ledger read on: what leads to a login | `marks.rs` |
//! | the entries that it leads to, and who they name | `found.rs` |
//! | one of them, masked | `step.rs` |
//! | who it was, found by the name that the log has for them | `whom.rs` |
//! | why somebody looks, and that they did, on record before they see anything | `look.rs` |
//! | what the citizen is asked to let them see, and what that is | `agreement.rs` |
//! | freeze and thaw, merge and split: the hub's own offices do it | `acts.rs` |
//!
//! Whoever looks never learns who it is: the citizen is named by what they read out, here and on every page. What
//! is hidden is shown for an hour, to the one member who asked, once the citizen agreed in their account
//! (threats N-340 to N-346, N-380 to N-383). Told in `docs/support.md`.

mod acts;
mod agreement;
mod found;
mod handle;
mod look;
mod marks;
mod step;
#[cfg(test)]
mod tests;
mod whom;

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::{Clock, Entropy, InvalidMember};
use guichet_keys::Sealer;
use guichet_ledger::Ledger;
use guichet_store::Fault;
use guichet_store::durable::{Cases, Corrections, Histories, People, SupportRequests, Traces};
use guichet_store::short_lived::Attempts;

use crate::audit::AuditBook;

pub use acts::{Citizens, Declined, Wish, Wished};
pub use agreement::{NameSeen, Opened, RowSeen};
pub use handle::Handle;
pub use look::{Asked, Barred, Looked, Purpose, Why};
pub use step::Step;

/// Where the support works. Cheap to clone.
#[derive(Clone)]
pub struct SupportDesk {
    /// What leads to a login.
    pub traces: Arc<dyn Traces>,
    /// Where its entries are.
    pub audit: AuditBook,
    /// What citizens are asked.
    pub requests: Arc<dyn SupportRequests>,
    /// What the ledger says of each citizen.
    pub histories: Arc<dyn Histories>,
    /// Who is who.
    pub people: Arc<dyn People>,
    /// Who may not act, and why.
    pub cases: Arc<dyn Cases>,
    /// What was put right.
    pub corrections: Arc<dyn Corrections>,
    /// Who tried how often what leads nowhere.
    pub attempts: Arc<dyn Attempts>,
    /// Who freezes, thaws, merges and splits.
    pub citizens: Arc<dyn Citizens>,
    /// Seals what citizens are told.
    pub sealer: Sealer,
    /// Each look is in it before anything is seen.
    pub ledger: Ledger,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// Why nothing was shown, or done.
#[derive(Debug, thiserror::Error)]
pub enum SupportError {
    /// It leads nowhere: never given out, too old, of nothing that is on record, or not one at all.
    #[error("nothing is on record under this reference or code")]
    Nothing,
    /// They tried too much that leads nowhere.
    #[error("too many references and codes that lead nowhere")]
    TooMany,
    /// Nobody is known at that login: there is nobody to ask, or to freeze.
    #[error("nobody was recognized at this login")]
    Nobody,
    /// More than one person signed in there: nobody says which of them called.
    #[error("more than one person signed in under it: the reference of one error page is needed")]
    Several,
    /// The citizen has enough to answer already.
    #[error("the citizen has requests enough to answer")]
    Enough,
    /// What was said cannot stand.
    #[error(transparent)]
    Invalid(#[from] InvalidMember),
    /// The office said no; why, in its words.
    #[error("{0}")]
    Declined(String),
    /// Something broke.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// How long what citizens were asked is kept, once it can be answered no more.
const ASKED_KEPT_FOR: Duration = Duration::from_hours(24 * 30);

/// What stands between a sealed text and another place: it opens for its request alone.
pub const SEALED_FOR: &str = "support request";
