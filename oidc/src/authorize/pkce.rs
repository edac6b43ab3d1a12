//! PKCE at the authorization endpoint (RFC 7636 §4.3, RFC 9700 §2.1.1): S256 or nothing.

use guichet_domain::{Client, OAuthError};

use crate::PkceChallenge;
use crate::parameters::Parameters;
use crate::refusal::Refusal;

/// The challenge of a request; `None` only where the client's record does not require one.
pub(super) fn challenge(
    client: &Client,
    asked: &Parameters,
) -> Result<Option<PkceChallenge>, Refusal> {
    let Some(challenge) = asked.get("code_challenge") else {
        return if asked.is_sent("code_challenge_method") {
            Err(refused(
                "code_challenge_method comes without code_challenge",
            ))
        } else if client.must_use_pkce() {
            Err(refused(
                "code_challenge is missing: this client must use PKCE",
            ))
        } else {
            Ok(None)
        };
    };
    // Without a method it would be `plain` (RFC 7636 §4.3), which shows the verifier to the browser.
    if asked.get("code_challenge_method") != Some("S256") {
        return Err(refused("code_challenge_method must be S256"));
    }
    if !is_s256(challenge) {
        return Err(refused("code_challenge must be 43 characters of base64url"));
    }
    Ok(Some(PkceChallenge(challenge.to_owned())))
}

/// Whether a text may be the base64url of a SHA-256 hash.
pub(super) fn is_s256(challenge: &str) -> bool {
    challenge.len() == 43
        && challenge
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}
