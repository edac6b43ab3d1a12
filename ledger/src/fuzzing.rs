//! Checkpoints and entries as anybody may hand them over, for the fuzzer alone.

use guichet_keys::LedgerVerifier;

use crate::checkpoint::Span;
use crate::entry::{self, Place};
use crate::note;

/// A checkpoint that claims to be signed by a key that signed none.
///
/// # Panics
/// When it is believed.
pub fn checkpoint(text: &str) {
    let verifier = LedgerVerifier::from_bytes([1; 32]);
    assert!(note::open(text, &verifier, "fuzz.example/ledger").is_err());
}

/// An entry's bytes: with a place only in the one form that is written.
///
/// # Panics
/// When the place is written another way than it was read.
pub fn entry(bytes: &[u8]) {
    if let Some(place) = Place::of(bytes) {
        let written = entry::framed(place.sequence, &place.previous, b"{}");
        let prefix = written.len() - 1;
        assert_eq!(bytes[..prefix], written[..prefix]);
    }
}

/// Hashes beside a checkpoint: read back as they are written.
///
/// # Panics
/// When they are not.
pub fn span(bytes: &[u8]) {
    if let Some(span) = Span::decode(bytes) {
        assert_eq!(span.encode(), bytes);
    }
}
