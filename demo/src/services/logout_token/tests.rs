//! Attacks on logout tokens.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;
use crate::testing::NOW;

/// A hub that signs whatever a test wants.
struct Forge(EcdsaKeyPair);

impl Forge {
    fn new() -> Self {
        Self(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap())
    }

    fn key(&self, id: &str) -> CoreJsonWebKey {
        let point = self.0.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        let key = json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "kid": id,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        });
        serde_json::from_value(key).unwrap()
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        #[expect(
            clippy::disallowed_methods,
            reason = "a signature of a test needs a nonce"
        )]
        let signature = self
            .0
            .sign(&SystemRandom::new(), message.as_bytes())
            .unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

fn message(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn header() -> Value {
    json!({"alg": "ES256", "typ": "logout+jwt", "kid": "k1"})
}

fn claims() -> Value {
    json!({
        "iss": "http://localhost:8000", "aud": "carte-grise", "iat": NOW.seconds(),
        "exp": NOW.seconds() + 120, "jti": "j1", "sid": "s1", "sub": "p1",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    })
}

fn judge(token: &str, keys: &[CoreJsonWebKey]) -> Result<LogoutToken, LogoutTokenError> {
    let expected = Expected {
        issuer: "http://localhost:8000",
        client_id: "carte-grise",
        alg: SigningAlg::Es256,
        keys,
    };
    verify(token, &expected, NOW)
}

#[test]
fn a_token_to_the_letter_says_who_is_to_be_signed_out() {
    let forge = Forge::new();
    let keys = [forge.key("k1")];
    let token = judge(&forge.sign(&header(), &claims()), &keys).unwrap();
    let session = Who::Session {
        sid: "s1".into(),
        sub: Some("p1".into()),
    };
    assert_eq!(
        token,
        LogoutToken {
            who: session,
            jti: "j1".into()
        }
    );
    let mut person = claims();
    person.as_object_mut().unwrap().remove("sid");
    let token = judge(&forge.sign(&header(), &person), &keys).unwrap();
    assert_eq!(token.who, Who::Person { sub: "p1".into() });
}

#[test]
fn each_claim_that_is_not_as_it_must_be_is_named() {
    let forge = Forge::new();
    let keys = [forge.key("k1")];
    let now = NOW.seconds();
    let removed = Value::Null;
    for (claim, value) in [
        ("iss", json!("http://localhost:8010")),
        ("iss", removed.clone()),
        ("aud", json!("plainte")),
        ("aud", json!(["carte-grise", "plainte"])),
        ("aud", json!([])),
        ("iat", json!(now - 601)),
        ("iat", json!(now + 61)),
        ("iat", removed.clone()),
        ("exp", json!(now)),
        ("exp", removed.clone()),
        ("nonce", json!("n")),
        ("events", json!({})),
        (
            "events",
            json!({"http://schemas.openid.net/event/backchannel-logout": true}),
        ),
        ("events", removed.clone()),
        ("jti", json!("")),
        ("jti", removed.clone()),
    ] {
        let mut wrong = claims();
        if value.is_null() {
            wrong.as_object_mut().unwrap().remove(claim);
        } else {
            wrong[claim] = value.clone();
        }
        let verdict = judge(&forge.sign(&header(), &wrong), &keys);
        assert_eq!(
            verdict,
            Err(LogoutTokenError::Claim(claim)),
            "{claim} {value}"
        );
    }
    let mut nobody = claims();
    nobody
        .as_object_mut()
        .unwrap()
        .retain(|name, _| name != "sid" && name != "sub");
    assert_eq!(
        judge(&forge.sign(&header(), &nobody), &keys),
        Err(LogoutTokenError::Claim("sub"))
    );
}

#[test]
fn a_token_that_is_not_signed_as_agreed_is_not_read() {
    let forge = Forge::new();
    let keys = [forge.key("k1")];
    let refused = |token: &str, error: JwsError| {
        assert_eq!(
            judge(token, &keys),
            Err(LogoutTokenError::Jws(error)),
            "{token}"
        );
    };
    let with = |name: &str, value: Value| {
        let mut header = header();
        header[name] = value;
        forge.sign(&header, &claims())
    };
    refused(
        &format!(
            "{}.",
            message(&json!({"alg": "none", "typ": "logout+jwt"}), &claims())
        ),
        JwsError::Algorithm,
    );
    for alg in ["none", "None", "HS256", "RS256", "es256"] {
        refused(&with("alg", json!(alg)), JwsError::Algorithm);
    }
    for typ in ["JWT", "at+jwt", ""] {
        refused(&with("typ", json!(typ)), JwsError::Type);
    }
    refused(&with("crit", json!(["exp"])), JwsError::Critical);
    refused(&with("kid", json!("k2")), JwsError::Signature);
    refused(
        &Forge::new().sign(&header(), &claims()),
        JwsError::Signature,
    );
    let good = forge.sign(&header(), &claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    refused(
        &format!("{}.{signature}", message(&header(), &json!({"sub": "p2"}))),
        JwsError::Signature,
    );
    refused(&format!("{signed}."), JwsError::Signature);
    for broken in ["", ".", "..", "a.b.c", signed, &format!("{good}.x")] {
        refused(broken, JwsError::Malformed);
    }
}

#[test]
fn a_key_for_encryption_verifies_nothing() {
    let forge = Forge::new();
    let mut key = serde_json::to_value(forge.key("k1")).unwrap();
    key["use"] = json!("enc");
    let keys = [serde_json::from_value(key).unwrap()];
    let verdict = judge(&forge.sign(&header(), &claims()), &keys);
    assert_eq!(verdict, Err(LogoutTokenError::Jws(JwsError::Signature)));
}
