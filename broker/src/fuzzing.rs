//! What providers, the register and a returning browser say, for the fuzzer alone.

use std::time::Duration;

use guichet_domain::Timestamp;
use guichet_keys::JwkSet;

use crate::civil_register::read_answer;
use crate::upstream::{Expected, UpstreamState, VerifiedIdToken, identity_claims};

/// The register's XML.
pub fn register_answer(body: &[u8]) {
    let _ = read_answer(body);
}

/// A provider's userinfo as JSON.
pub fn userinfo(body: &[u8]) {
    if let Ok(serde_json::Value::Object(members)) = serde_json::from_slice(body) {
        let _ = identity_claims(&members);
    }
}

/// An ID token nobody signed.
///
/// # Panics
/// When it is believed.
pub fn id_token(text: &str) {
    let Ok(keys) = JwkSet::parse(KEY_OF_RFC_7517) else {
        return;
    };
    let now = Timestamp::from_seconds(1_782_907_200);
    let expected = Expected {
        issuer: "https://provider.example",
        client_id: "hub",
        nonce: "nonce",
        access_token: "token",
        alg: None,
        signed_in_since: None,
        must_state_auth_time: false,
        now,
        skew: Duration::from_mins(1),
    };
    assert!(VerifiedIdToken::verify(text, &keys, &expected).is_err());
}

/// A `state` from a browser.
///
/// # Panics
/// When one state is read from two spellings.
pub fn state(text: &str) {
    if let Some(state) = UpstreamState::parse(text) {
        assert_eq!(state.to_text(), text);
    }
}

/// The public key of RFC 7517 appendix A.1, whose private half nobody here has.
const KEY_OF_RFC_7517: &[u8] = br#"{"keys":[{"kty":"EC","crv":"P-256","x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4","y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM","use":"sig","kid":"1"}]}"#;
