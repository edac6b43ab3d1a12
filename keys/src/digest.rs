//! Hashes that other rooms need, and the one comparison for secrets.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::SecretHash;
use subtle::ConstantTimeEq as _;

use crate::jws::JwsAlg;

/// SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    thirty_two(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// SHA-256 of `bytes` as base64url: 43 characters.
pub fn sha256_base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(sha256(bytes))
}

/// SHA-256 over `parts` laid end to end. Boundaries do not count: the caller frames them.
pub fn sha256_of(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finish()
}

/// SHA-256 fed piece by piece.
pub struct Sha256(digest::Context);

impl Sha256 {
    /// Nothing hashed yet.
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// Adds `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of everything added.
    pub fn finish(self) -> [u8; 32] {
        thirty_two(self.0.finish().as_ref())
    }
}

impl Default for Sha256 {
    fn default() -> Self {
        Self::new()
    }
}

/// The first half of a digest, where sixteen bytes are name enough.
pub fn first_half(digest: [u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&digest[..16]);
    half
}

/// Whether two secrets, or two hashes of secrets, are equal, in a time that depends on their
/// lengths only.
pub fn same(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// What a client secret rests as: SHA-256 over its UTF-8 bytes.
pub fn client_secret_hash(secret: &str) -> SecretHash {
    SecretHash::from_bytes(sha256(secret.as_bytes()))
}

/// The S256 challenge of a PKCE verifier (RFC 7636 §4.2).
pub fn pkce_s256(verifier: &str) -> String {
    sha256_base64url(verifier.as_bytes())
}

/// `at_hash` and `c_hash` (OIDC Core §3.1.3.6): the left half of the hash that goes with `alg`,
/// as base64url. For EdDSA that is SHA-512, the hash inside Ed25519.
pub fn half_hash(alg: impl Into<JwsAlg>, text: &str) -> String {
    let algorithm = match alg.into() {
        JwsAlg::Es256 | JwsAlg::Rs256 | JwsAlg::Ps256 => &digest::SHA256,
        JwsAlg::Es384 | JwsAlg::Rs384 | JwsAlg::Ps384 => &digest::SHA384,
        JwsAlg::Rs512 | JwsAlg::Ps512 | JwsAlg::EdDsa => &digest::SHA512,
    };
    let hash = digest::digest(algorithm, text.as_bytes());
    URL_SAFE_NO_PAD.encode(&hash.as_ref()[..hash.as_ref().len() / 2])
}

/// The 32 bytes of a SHA-256 or HMAC-SHA-256 output.
pub(crate) fn thirty_two(bytes: &[u8]) -> [u8; 32] {
    let mut array = [0; 32];
    array.copy_from_slice(bytes);
    array
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_answers_the_vector_of_fips_180_4() {
        let expected = "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";
        assert_eq!(URL_SAFE_NO_PAD.encode(sha256(b"abc")), expected);
        assert_eq!(sha256_of(&[b"a", b"", b"bc"]), sha256(b"abc"));
    }

    #[test]
    fn pkce_answers_the_vector_of_rfc_7636() {
        assert_eq!(
            pkce_s256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn at_hash_answers_the_vector_of_openid_connect_core() {
        // Core appendix A.3: RS256, so SHA-256.
        assert_eq!(
            half_hash(JwsAlg::Rs256, "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
        assert_eq!(half_hash(JwsAlg::Es384, "a").len(), 32);
        assert_eq!(half_hash(JwsAlg::EdDsa, "a").len(), 43);
    }

    #[test]
    fn same_compares_content_and_length() {
        assert!(same(b"secret", b"secret"));
        assert!(!same(b"secret", b"secreT"));
        assert!(!same(b"secret", b"secret "));
        assert!(same(b"", b""));
    }
}
