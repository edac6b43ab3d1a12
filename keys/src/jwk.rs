//! Public keys of others: a JWK Set (RFC 7517 §5), parsed once.

use crate::jws::JwsAlg;

/// The keys of a JWK Set that can verify a signature; others are passed over.
#[derive(Clone, Default)]
pub struct JwkSet(Vec<VerifyingKey>);

/// One public key of a set.
#[derive(Clone)]
pub struct VerifyingKey {
    kid: Option<String>,
}

/// Why a text is no JWK Set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkSetError {
    /// Not a JSON object with an array `keys`.
    #[error("a JWK Set is a JSON object with an array \"keys\"")]
    NotJwkSet,
    /// Larger or longer than anybody needs.
    #[error("the JWK Set is larger than 256 KiB or holds more than 100 keys")]
    TooLarge,
    /// A private or symmetric key stands in the set.
    #[error("the JWK Set holds a private or symmetric key")]
    SecretKey,
}

impl JwkSet {
    /// Parses the JSON text of a set. Keys that cannot verify are passed over; a private or
    /// symmetric key refuses the whole set.
    pub fn parse(_json: &[u8]) -> Result<Self, JwkSetError> {
        todo!()
    }

    /// The same from a parsed value, as registered in a client's `jwks`.
    pub fn from_value(_value: &serde_json::Value) -> Result<Self, JwkSetError> {
        todo!()
    }

    /// The keys, in the order of the set.
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.0
    }
}

impl VerifyingKey {
    /// Its `kid`, if it has one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithms it may verify.
    pub fn algs(&self) -> &[JwsAlg] {
        todo!()
    }
}
