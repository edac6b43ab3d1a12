//! Tokens that must be refused, one by one (threat N-34), and the standards' own examples.

use aws_lc_rs::hmac;
use guichet_domain::SigningAlg;
use proptest::prelude::*;
use serde_json::json;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::Timestamp;
use serde_json::Value;

use super::token::MAX_TOKEN;
use super::*;
use crate::ring::{KeyRing, Typ};
use crate::{Keys, MemoryCustody, SystemEntropy};
use std::sync::Arc;

const POLICY: VerifyPolicy<'_> = VerifyPolicy {
    algs: &JwsAlg::ALL,
    typ: TypRule::JwtOrAbsent,
};

fn ring() -> KeyRing {
    let algs = [SigningAlg::Es256, SigningAlg::EdDsa];
    Keys::open(
        Arc::new(MemoryCustody::new()),
        Arc::new(SystemEntropy),
        Timestamp::from_seconds(1000),
        &algs,
    )
    .ok()
    .unwrap()
    .ring()
    .clone()
}

fn keys_of(ring: &KeyRing) -> JwkSet {
    JwkSet::parse(&ring.jwks()).unwrap()
}

/// A token with this header and these claims and a signature of no worth.
fn forged(header: &Value, claims: &Value) -> String {
    format!(
        "{}.{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims.to_string()),
        URL_SAFE_NO_PAD.encode([0; 64])
    )
}

fn refusal(jwt: &str, keys: &JwkSet) -> Option<JwsRefusal> {
    verify(jwt, keys, POLICY).err()
}

#[test]
fn what_the_ring_signs_its_published_keys_verify() {
    let ring = ring();
    for alg in [SigningAlg::Es256, SigningAlg::EdDsa] {
        let jwt = ring
            .sign_jwt(alg, Typ::Jwt, &json!({ "sub": "a" }))
            .unwrap();
        let verified = verify(&jwt, &keys_of(&ring), POLICY).ok().unwrap();
        assert_eq!(verified.alg, alg.into());
        assert_eq!(verified.claims["sub"], "a");
    }
}

#[test]
fn the_example_of_rfc_7515_a_3_verifies() {
    let keys = JwkSet::from_value(&json!({ "keys": [{
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }] }))
    .unwrap();
    let jwt = "eyJhbGciOiJFUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
        DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    assert_eq!(
        verify(jwt, &keys, POLICY).ok().unwrap().claims["iss"],
        "joe"
    );
}

#[test]
fn none_and_hmac_are_refused_whatever_the_policy() {
    let keys = keys_of(&ring());
    for alg in [
        "none", "None", "NONE", "HS256", "HS384", "HS512", "es256", "",
    ] {
        let jwt = forged(&json!({ "alg": alg }), &json!({}));
        assert_eq!(refusal(&jwt, &keys), Some(JwsRefusal::Alg), "{alg}");
    }
    let unsigned = forged(&json!({ "alg": "none" }), &json!({}));
    let empty = &unsigned[..=unsigned.rfind('.').unwrap()];
    assert_eq!(refusal(empty, &keys), Some(JwsRefusal::Alg));
}

#[test]
fn an_hmac_under_the_public_key_is_refused() {
    let ring = ring();
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(json!({ "alg": "HS256" }).to_string()),
        URL_SAFE_NO_PAD.encode("{}")
    );
    let tag = hmac::sign(
        &hmac::Key::new(hmac::HMAC_SHA256, &ring.jwks()),
        signed.as_bytes(),
    );
    let jwt = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag));
    assert_eq!(refusal(&jwt, &keys_of(&ring)), Some(JwsRefusal::Alg));
}

#[test]
fn a_key_inside_the_token_is_not_believed() {
    let attacker = ring();
    let own_key: Value = serde_json::from_slice(&attacker.jwks()).unwrap();
    let jwt = attacker
        .sign_jwt(SigningAlg::Es256, Typ::Jwt, &json!({}))
        .unwrap();
    let payload_on = &jwt[jwt.find('.').unwrap()..];
    for name in ["jwk", "x5c", "jku", "x5u"] {
        let header = json!({ "alg": "ES256", name: own_key["keys"][0] });
        let jwt = format!("{}{payload_on}", URL_SAFE_NO_PAD.encode(header.to_string()));
        assert_eq!(
            refusal(&jwt, &keys_of(&ring())),
            Some(JwsRefusal::Signature),
            "{name}"
        );
    }
}

#[test]
fn another_ring_s_token_is_refused() {
    let jwt = ring()
        .sign_jwt(SigningAlg::Es256, Typ::Jwt, &json!({}))
        .unwrap();
    assert_eq!(
        refusal(&jwt, &keys_of(&ring())),
        Some(JwsRefusal::UnknownKey)
    );
}

#[test]
fn extensions_nobody_understands_are_refused() {
    let keys = keys_of(&ring());
    for header in [
        json!({ "alg": "ES256", "crit": ["exp"], "exp": 1 }),
        json!({ "alg": "ES256", "crit": [] }),
        json!({ "alg": "ES256", "b64": false }),
    ] {
        assert_eq!(
            refusal(&forged(&header, &json!({})), &keys),
            Some(JwsRefusal::Critical)
        );
    }
}

#[test]
fn a_malformed_header_is_refused() {
    let keys = keys_of(&ring());
    for header in [
        r"{}",
        r#"{"alg":1}"#,
        r#"{"alg":null}"#,
        r#"{"alg":"ES256","typ":1}"#,
        r#"{"alg":"ES256","kid":["a"]}"#,
        r#"{"alg":"ES256","alg":"ES256"}"#,
        r#"["ES256"]"#,
        "",
    ] {
        let jwt = format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(header));
        assert_eq!(refusal(&jwt, &keys), Some(JwsRefusal::Header), "{header}");
    }
}

#[test]
fn what_is_not_three_canonical_parts_is_refused() {
    let ring = ring();
    let keys = keys_of(&ring);
    let jwt = ring
        .sign_jwt(SigningAlg::Es256, Typ::Jwt, &json!({}))
        .unwrap();
    let no_signature = jwt.rsplit_once('.').unwrap().0;
    for bad in [
        String::new(),
        ".".into(),
        "..".into(),
        no_signature.into(),
        format!("{jwt}."),
        format!("{jwt}.a"),
        format!("{jwt}="),
        format!(" {jwt}"),
        format!("{jwt}\n"),
        jwt.replace('.', ".."),
    ] {
        assert!(
            matches!(
                refusal(&bad, &keys),
                Some(JwsRefusal::NotCompact | JwsRefusal::Header)
            ),
            "{bad}"
        );
    }
    let long = format!("{jwt}{}", "A".repeat(MAX_TOKEN));
    assert_eq!(refusal(&long, &keys), Some(JwsRefusal::TooLong));
}

#[test]
fn a_token_of_another_type_is_refused() {
    let ring = ring();
    let keys = keys_of(&ring);
    let logout = ring
        .sign_jwt(SigningAlg::Es256, Typ::LogoutToken, &json!({}))
        .unwrap();
    assert_eq!(refusal(&logout, &keys), Some(JwsRefusal::Typ));
    let exact = VerifyPolicy {
        typ: TypRule::Exactly("logout+jwt"),
        ..POLICY
    };
    assert!(verify(&logout, &keys, exact).is_ok());
    let id_token = ring
        .sign_jwt(SigningAlg::Es256, Typ::Jwt, &json!({}))
        .unwrap();
    assert_eq!(verify(&id_token, &keys, exact).err(), Some(JwsRefusal::Typ));
    assert!(exact.typ.admits(Some("application/LOGOUT+jwt")));
    assert!(!exact.typ.admits(None));
    assert!(TypRule::JwtOrAbsent.admits(None) && TypRule::JwtOrAbsent.admits(Some("jwt")));
    let request = TypRule::REQUEST_OBJECT;
    for typ in [
        None,
        Some("oauth-authz-req+jwt"),
        Some("application/oauth-authz-req+jwt"),
    ] {
        assert!(request.admits(typ), "{typ:?}");
    }
    for typ in [Some(""), Some("dpop+jwt"), Some("at+jwt")] {
        assert!(!request.admits(typ), "{typ:?}");
    }
    assert!(!TypRule::DPOP_PROOF.admits(None) && !TypRule::DPOP_PROOF.admits(Some("JWT")));
}

#[test]
fn the_policy_s_algorithms_are_the_only_ones() {
    let ring = ring();
    let jwt = ring
        .sign_jwt(SigningAlg::EdDsa, Typ::Jwt, &json!({}))
        .unwrap();
    let policy = VerifyPolicy {
        algs: &[JwsAlg::Es256],
        ..POLICY
    };
    assert_eq!(
        verify(&jwt, &keys_of(&ring), policy).err(),
        Some(JwsRefusal::Alg)
    );
}

#[test]
fn keys_without_kid_serve_tokens_with_one() {
    let ring = ring();
    let mut set: Value = serde_json::from_slice(&ring.jwks()).unwrap();
    for key in set["keys"].as_array_mut().unwrap() {
        key.as_object_mut().unwrap().remove("kid");
    }
    let keys = JwkSet::from_value(&set).unwrap();
    let jwt = ring
        .sign_jwt(SigningAlg::Es256, Typ::Jwt, &json!({}))
        .unwrap();
    assert!(verify(&jwt, &keys, POLICY).is_ok());
}

#[test]
fn no_flipped_bit_anywhere_verifies() {
    let ring = ring();
    let keys = keys_of(&ring);
    let jwt = ring
        .sign_jwt(SigningAlg::EdDsa, Typ::Jwt, &json!({ "sub": "a" }))
        .unwrap();
    for bit in 0..jwt.len() * 8 {
        let mut bytes = jwt.clone().into_bytes();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(changed) = String::from_utf8(bytes) {
            assert!(
                verify(&changed, &keys, POLICY).is_err(),
                "bit {bit}: {changed}"
            );
        }
    }
}

#[test]
fn claims_must_be_an_object_without_duplicates() {
    let ring = ring();
    let jwt = ring
        .sign_jwt(SigningAlg::Es256, Typ::Jwt, &json!(["a"]))
        .unwrap();
    assert_eq!(refusal(&jwt, &keys_of(&ring)), Some(JwsRefusal::Claims));
}

#[test]
fn times_are_judged_with_leeway_and_a_ceiling() {
    let verified = |claims: Value| Verified {
        claims: claims.as_object().unwrap().clone(),
        alg: JwsAlg::Es256,
        typ: None,
        kid: None,
    };
    let rule = TimeRule {
        now: Timestamp::from_seconds(1000),
        leeway: Duration::from_secs(10),
        longest: Some(Duration::from_mins(5)),
    };
    for (claims, expected) in [
        (json!({ "exp": 1100 }), Ok(Timestamp::from_seconds(1100))),
        (json!({ "exp": 1100.9 }), Ok(Timestamp::from_seconds(1100))),
        (json!({ "exp": 991 }), Ok(Timestamp::from_seconds(991))),
        (json!({ "exp": 990 }), Err(JwsRefusal::Expired)),
        (
            json!({ "exp": 1100, "nbf": 1010, "iat": 1010 }),
            Ok(Timestamp::from_seconds(1100)),
        ),
        (json!({ "exp": 1100, "nbf": 1011 }), Err(JwsRefusal::NotYet)),
        (json!({ "exp": 1100, "iat": 1011 }), Err(JwsRefusal::NotYet)),
        (json!({ "exp": 1311 }), Err(JwsRefusal::TooLongLived)),
        (json!({ "exp": 1e300 }), Err(JwsRefusal::TooLongLived)),
        (json!({ "exp": -1 }), Err(JwsRefusal::Expired)),
        (json!({ "exp": "1100" }), Err(JwsRefusal::Claims)),
        (json!({}), Err(JwsRefusal::Claims)),
    ] {
        assert_eq!(
            verified(claims.clone()).check_times(rule),
            expected,
            "{claims}"
        );
    }
}

proptest! {
    #[test]
    fn taking_apart_never_panics(text in "\\PC{0,60}", parts in "[A-Za-z0-9_.=-]{0,80}") {
        let _ = Token::parse(&text);
        let _ = Token::parse(&parts);
    }
}
