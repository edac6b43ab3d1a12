//! Pairwise subjects.

/// Whom a subject is for: data providers live in another namespace than services, so that neither
/// can look up the other's pseudonyms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubjectNamespace {
    /// A service, that is, a client's sector.
    Service,
    /// A data provider's sector.
    DataProvider,
}
