//! What a service asks for: an authorization detail of type `evidence` (RFC 9396), held against the
//! catalogue and against what the service was approved for.
//!
//! [`ask::Ask`] is what remains of one: explicit, and the same on the pages, in the grant and in the answer
//! to the service. `rights` judges; `scopes` makes the same of a plain data scope.

mod ask;
mod level;
mod rights;
mod scopes;
#[cfg(test)]
mod tests;

pub use ask::{Ask, Procedure, Usage};
pub use rights::Requests;

/// The type of the authorization details that ask for evidence.
pub const EVIDENCE: &str = "evidence";
