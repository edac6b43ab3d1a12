//! Assurance levels in a login: which one it must reach, and which one a session may lend.
//!
//! | file | does |
//! |---|---|
//! | `required` | what the service asked for, its record's least, the floor of a suspicious context |
//! | `lending` | how high single sign-on goes |
//! | `suspicion` | the word of the proxies in front about a request |
//!
//! A level is never lowered silently: what does not reach the one required leads back to the choice of
//! providers, and what is stated is what was reached.

mod lending;
mod required;
mod suspicion;

pub use lending::SingleSignOn;
pub(crate) use required::RequiredLevel;
pub use suspicion::Suspicion;
