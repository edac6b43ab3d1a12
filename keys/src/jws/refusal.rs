//! Why a token is refused: one name for each check.

/// Why a token is refused. Names the check, never the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwsRefusal {
    /// Longer than is accepted: 16 KiB, for a document what its reader says.
    #[error("the token is longer than is accepted here")]
    TooLong,
    /// Not three parts of canonical base64url.
    #[error("the token is not a compact JWS")]
    NotCompact,
    /// The header is not a JSON object without duplicate members, or a member has a wrong type.
    #[error("the token's header is malformed")]
    Header,
    /// The header has `crit` or `b64`: extensions nobody here understands.
    #[error("the token's header demands an extension that is not supported")]
    Critical,
    /// `alg` is not among those accepted.
    #[error("the token's algorithm is not accepted here")]
    Alg,
    /// `typ` is not the one expected here.
    #[error("the token's type is not the one expected here")]
    Typ,
    /// No key of the set fits `kid`, `alg`, `use` and `key_ops`. Keys may have rotated.
    #[error("no known key fits the token")]
    UnknownKey,
    /// The header carries no `jwk`, or one that is no public key that may verify (RFC 9449 §4.3).
    #[error("the token carries no usable public key")]
    EmbeddedKey,
    /// No fitting key verifies the signature.
    #[error("the token's signature does not hold")]
    Signature,
    /// The claims are not a JSON object without duplicate members, or not what the caller expects.
    #[error("the token's claims are malformed")]
    Claims,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` lies in the future.
    #[error("the token is not valid yet")]
    NotYet,
    /// `exp` lies further in the future than is accepted.
    #[error("the token lives longer than is accepted")]
    TooLongLived,
}
