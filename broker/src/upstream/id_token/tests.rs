//! Each way an ID token can lie, refused by its own name.

use std::sync::Arc;

use guichet_domain::SigningAlg;
use guichet_keys::{KeyRing, Keys, MemoryCustody, Typ};
use serde_json::json;

use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_700_000_000);

struct Signer(Keys);

impl Signer {
    /// With keys of its own.
    fn new() -> Self {
        let entropy = Arc::new(guichet_keys::SystemEntropy);
        let custody = Arc::new(MemoryCustody::default());
        Self(
            Keys::open(
                custody,
                entropy,
                NOW,
                &[SigningAlg::Es256, SigningAlg::EdDsa],
            )
            .unwrap(),
        )
    }

    fn ring(&self) -> &KeyRing {
        self.0.ring()
    }

    fn keys(&self) -> JwkSet {
        JwkSet::parse(&self.ring().jwks()).unwrap()
    }

    fn sign(&self, claims: &Value) -> String {
        self.ring()
            .sign_jwt(SigningAlg::Es256, Typ::Jwt, claims)
            .unwrap()
    }
}

fn expected() -> Expected<'static> {
    Expected {
        issuer: "https://idp.example",
        client_id: "hub",
        alg: None,
        nonce: "n-1",
        access_token: "at",
        signed_in_since: None,
        must_state_auth_time: false,
        now: NOW,
        skew: Duration::from_mins(1),
    }
}

fn claims() -> Value {
    json!({
        "iss": "https://idp.example", "aud": "hub", "sub": "u-1", "nonce": "n-1",
        "iat": NOW.seconds(), "exp": NOW.seconds() + 300, "acr": "eidas2",
        "amr": ["pwd", "otp", "telepathy", 5], "given_name": "Camille",
    })
}

fn judged(change: &Value, expected: &Expected<'_>) -> Result<VerifiedIdToken, Lie> {
    let signer = Signer::new();
    let mut claims = claims();
    for (name, value) in change.as_object().unwrap() {
        if value == "absent" {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    VerifiedIdToken::verify(&signer.sign(&claims), &signer.keys(), expected)
}

fn lie(change: &Value) -> Option<Lie> {
    judged(change, &expected()).err()
}

#[test]
fn a_token_that_holds_tells_who_how_and_when() {
    let token = judged(&json!({}), &expected()).ok().unwrap();
    assert_eq!(token.subject(), "u-1");
    assert_eq!(token.auth_time(), NOW);
    assert_eq!(token.members()["acr"], "eidas2");
    assert_eq!(token.members()["given_name"], "Camille");
    let unknown = judged(&json!({"auth_time": 0}), &expected()).ok().unwrap();
    assert_eq!(unknown.auth_time(), NOW);
    assert!(!unknown.states_auth_time());
}

#[test]
fn a_token_for_another_client_issuer_or_nonce_is_refused() {
    for (change, expected) in [
        (json!({"iss": "https://other.example"}), Lie::Issuer),
        (json!({"iss": "https://idp.example/"}), Lie::Issuer),
        (json!({"iss": "absent"}), Lie::Issuer),
        (json!({"aud": "other"}), Lie::Audience),
        (json!({"aud": ["hub", "other"]}), Lie::Audience),
        (json!({"aud": []}), Lie::Audience),
        (json!({"aud": "absent"}), Lie::Audience),
        (json!({"azp": "other"}), Lie::AuthorizedParty),
        (json!({"azp": 5}), Lie::AuthorizedParty),
        (json!({"nonce": "n-2"}), Lie::Nonce),
        (json!({"nonce": "absent"}), Lie::Nonce),
        (json!({"at_hash": "AAAA"}), Lie::AccessTokenHash),
    ] {
        assert_eq!(lie(&change), Some(expected), "{change}");
    }
    assert_eq!(lie(&json!({"aud": ["hub"], "azp": "hub"})), None);
    let at_hash = half_hash(JwsAlg::Es256, "at");
    assert_eq!(lie(&json!({"at_hash": at_hash})), None);
}

#[test]
fn the_hash_of_the_access_token_is_checked_whatever_the_token_is_signed_with() {
    for alg in JwsAlg::ALL {
        let holds = |at_hash: &str| {
            let claims = json!({"nonce": "n-1", "at_hash": at_hash});
            check_bindings(claims.as_object().unwrap(), alg, &expected())
        };
        assert_eq!(holds(&half_hash(alg, "at")), Ok(()), "{alg:?}");
        assert_eq!(
            holds(&half_hash(alg, "other")),
            Err(Lie::AccessTokenHash),
            "{alg:?}"
        );
    }
}

#[test]
fn a_token_out_of_its_time_is_refused() {
    let now = NOW.seconds();
    for (change, expected) in [
        (json!({"exp": now - 61}), Lie::Expiry),
        (json!({"exp": "absent"}), Lie::Expiry),
        (json!({"exp": "tomorrow"}), Lie::Expiry),
        (json!({"iat": now + 61}), Lie::IssuedAt),
        (json!({"iat": now - 601}), Lie::IssuedAt),
        (json!({"iat": "absent"}), Lie::IssuedAt),
        (json!({"nbf": now + 61}), Lie::IssuedAt),
        (json!({"nbf": "tomorrow"}), Lie::IssuedAt),
        (json!({"nbf": null}), Lie::IssuedAt),
        (json!({"auth_time": now + 61}), Lie::AuthTime),
        (json!({"auth_time": "noon"}), Lie::AuthTime),
    ] {
        assert_eq!(lie(&change), Some(expected), "{change}");
    }
    assert_eq!(
        lie(&json!({"exp": now - 59, "iat": now + 59})),
        None,
        "clocks differ a little"
    );
    assert_eq!(
        lie(&json!({"iat": 1_700_000_000.5})),
        None,
        "a NumericDate may have a fraction"
    );
}

#[test]
fn an_empty_or_null_subject_is_nobody() {
    for sub in [
        json!(""),
        json!(" "),
        json!("null"),
        json!(null),
        json!(5),
        json!("absent"),
    ] {
        assert_eq!(lie(&json!({"sub": sub})), Some(Lie::Subject), "{sub}");
    }
}

#[test]
fn a_sign_in_older_than_asked_is_refused_and_so_is_one_that_does_not_say() {
    let since = NOW.before(Duration::from_mins(5));
    let asked = || Expected {
        signed_in_since: Some(since),
        must_state_auth_time: true,
        ..expected()
    };
    let judged = |change: Value| judged(&change, &asked()).err();
    assert_eq!(judged(json!({})), Some(Lie::AuthTime));
    assert_eq!(judged(json!({"auth_time": 0})), Some(Lie::AuthTime));
    assert_eq!(
        judged(json!({"auth_time": since.seconds() - 61})),
        Some(Lie::AuthTime)
    );
    assert_eq!(judged(json!({"auth_time": since.seconds()})), None);
}

#[test]
fn a_token_of_another_signer_or_without_a_signature_is_refused() {
    let (signer, stranger) = (Signer::new(), Signer::new());
    let keys = signer.keys();
    let refused = |raw: &str| VerifiedIdToken::verify(raw, &keys, &expected()).err();
    assert_eq!(refused(&stranger.sign(&claims())), Some(Lie::Key));
    let token = signer.sign(&claims());
    let (head, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = head.split_once('.').unwrap();
    let other = signer.sign(&json!({"sub": "u-2"}));
    let payload = other.split('.').nth(1).unwrap();
    assert_eq!(
        refused(&format!("{header}.{payload}.{signature}")),
        Some(Lie::Signature)
    );
    assert!(
        refused(&format!("{head}.")).is_some(),
        "no signature at all"
    );
    assert_eq!(refused(""), Some(Lie::Form));
}

#[test]
fn alg_none_and_an_hmac_with_the_public_key_are_refused() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use guichet_keys::testing::signed_hs256;
    let signer = Signer::new();
    let keys = signer.keys();
    let jwks = signer.ring().jwks();
    let key = serde_json::from_slice::<Value>(&jwks).unwrap()["keys"][0].clone();
    let point = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
    for alg in ["none", "None", "HS256"] {
        let header = json!({"alg": alg, "typ": "JWT", "kid": key["kid"]});
        let known = [&jwks[..], key.to_string().as_bytes(), &point, b""].map(<[u8]>::to_vec);
        let mut tokens = known
            .map(|known| signed_hs256(&known, &header, &claims()))
            .to_vec();
        let (message, _) = tokens[0].rsplit_once('.').unwrap();
        tokens.extend(["", "AAAA"].map(|signature| format!("{message}.{signature}")));
        for raw in tokens {
            let refused = VerifiedIdToken::verify(&raw, &keys, &expected()).err();
            assert_eq!(refused, Some(Lie::Algorithm), "{raw}");
        }
    }
}
