//! `id_token_hint`: an ID token of ours that a client shows again (OIDC Core §3.1.2.1, RP-Initiated
//! Logout §2).

use guichet_domain::{OAuthError, SubjectIdentifier};
use guichet_keys::{Typ, Verified};
use serde::Deserialize;

use crate::Engine;
use crate::refusal::Refusal;

/// What a verified hint says. It may have expired: it identifies, it does not authorize.
pub(crate) struct IdTokenHint {
    pub(crate) subject: SubjectIdentifier,
    pub(crate) audience: String,
    pub(crate) sid: Option<String>,
}

impl IdTokenHint {
    /// Verifies a hint: signed by a key of our ring, current or previous, with the algorithm of that
    /// key (threat N-34), and issued by this issuer.
    pub(crate) fn verify(engine: &Engine, token: &str) -> Result<Self, Refusal> {
        let ring = engine.parts().keys.ring();
        let claims: HintClaims = ring
            .verify_own(token, Typ::Jwt, None)
            .and_then(Verified::claims_as)
            .map_err(|_| NOT_OURS)?;
        if claims.iss != engine.issuer() {
            return Err(NOT_OURS);
        }
        Ok(Self {
            subject: claims.sub,
            audience: claims.aud,
            sid: claims.sid,
        })
    }
}

const NOT_OURS: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "id_token_hint is not an ID token of this issuer",
);

/// `exp` and `auth_time` are demanded though not used: a signed userinfo answer has neither, and is
/// no ID token.
#[derive(Deserialize)]
#[expect(dead_code, reason = "members that must be there and are not looked at")]
struct HintClaims {
    iss: String,
    sub: SubjectIdentifier,
    aud: String,
    exp: i64,
    auth_time: i64,
    sid: Option<String>,
}
