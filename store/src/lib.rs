//! What is remembered, behind narrow traits named for who uses them.
//!
//! Two halves: [`short_lived`] records (logins, codes, sessions, replay guards, counters) live in
//! memory or Redis, sealed and with an expiry; [`durable`] records live in SQLite or PostgreSQL. The
//! verb is the guarantee: of fifty callers of `redeem`, one gets `Fresh`. One conformance suite runs
//! on every backend.

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod durable;
pub mod fault;
pub mod short_lived;

pub use durable::{Durable, DurableSettings, RegistrySnapshot};
pub use fault::Fault;
pub use short_lived::{Limits, RedisSettings, ShortLived};
