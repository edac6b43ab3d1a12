//! The matching index.

use guichet_domain::PivotIdentity;

/// The keyed fingerprint of a pivot identity, by which a person is found again.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MatchingIndex([u8; 32]);

impl MatchingIndex {
    /// The 32 bytes of the HMAC.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// As remembered.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// The canonical bytes of a pivot identity.
pub struct CanonicalIdentity(Vec<u8>);

impl CanonicalIdentity {
    /// Folds and frames `identity`.
    pub fn of(_identity: &PivotIdentity) -> Self {
        todo!()
    }

    /// The bytes that are keyed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
