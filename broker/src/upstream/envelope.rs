//! What a provider encrypted for the hub, opened (OIDC Core §10.2): within every encryption there is a
//! signature, since anybody can encrypt to a public key.

use guichet_domain::Encryption;
use guichet_keys::DecryptionRing;

/// The signed token in `token`, which is encrypted as registered, or not at all where nothing was
/// registered. `None` for anything else: encrypted when it should not be, not when it should, in
/// another way, not for us.
pub(super) fn opened(
    token: &str,
    registered: Option<Encryption>,
    ring: &DecryptionRing,
) -> Option<String> {
    match registered {
        None if is_encrypted(token) => None,
        None => Some(token.to_owned()),
        Some(with) => String::from_utf8(ring.open_only(token, with).ok()?).ok(),
    }
}

/// Whether `token` has the five parts of a compact JWE (RFC 7516 §3.1).
pub(super) fn is_encrypted(token: &str) -> bool {
    token.split('.').count() == 5
}
