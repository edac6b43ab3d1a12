//! Once-only: a fact that one administration holds goes to another with the citizen's agreement,
//! instead of being asked again. So far the catalogue: which facts there are, who holds them, what
//! citizens read.

mod catalogue;

pub use catalogue::{Catalogue, CatalogueError, EvidenceHolder, EvidenceType, Label};
