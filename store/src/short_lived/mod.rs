//! Records that expire: logins in flight, codes, access tokens, sessions, replay guards, counters,
//! pushed requests, deferred grants, verdicts of the civil register, vouchers.
//!
//! Records are sealed by their owner before they come here: a backend sees an identifier, a step,
//! opaque bytes and an expiry. Losing a backend loses what is in flight and never lets anything be
//! spent twice. [`ShortLived`] holds all traits over one backend.
//!
//! One file per consumer holds its trait, its records and what its verbs mean in cells. `cells.rs` is
//! the primitive, `memory.rs` and `redis/` are its two backends.

mod access_tokens;
mod attempts;
mod cells;
mod codes;
mod deferred;
mod facade;
mod logins;
mod memory;
mod pending;
mod pushed;
mod redis;
mod replay;
mod session_index;
mod sessions;
mod typed;
mod verdicts;
mod vouchers;

pub use access_tokens::AccessTokens;
pub use attempts::Attempts;
pub use codes::{Codes, Redemption};
pub use deferred::{Deferred, DeferredGrants, DeferredRecord, DeferredState, Settlement};
pub use facade::ShortLived;
pub use logins::{LoginRecord, Logins, Step};
pub use memory::Limits;
pub use pending::Pending;
pub use pushed::PushedRequests;
pub use redis::RedisSettings;
pub use replay::ReplayGuard;
pub use session_index::{SessionIndex, SessionKey};
pub use sessions::{SessionRecord, Sessions};
pub use verdicts::Verdicts;
pub use vouchers::{Spent, Vouchers};

/// What became of an attempt to move a record on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance {
    /// This caller moved it.
    Done,
    /// It was not as the caller thought (any more): someone else moved it, or it expired. The caller
    /// must not answer with anything the next step yields.
    Moved,
}
