//! Once-only: a fact that one administration holds goes to another with the citizen's agreement,
//! instead of being asked again. `docs/exchange.md` tells the whole story.
//!
//! `catalogue` says which facts there are, `request` what a service asks for and may.

mod catalogue;
mod digests;
mod request;

pub use catalogue::{
    Basis, Catalogue, CatalogueError, EvidenceHolder, EvidenceType, Field, FieldType, Label,
    Purpose,
};
pub use digests::Digests;
pub use request::{Ask, EVIDENCE, Procedure, Requests, Usage};
