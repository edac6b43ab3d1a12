//! Encrypting to published keys and opening again; tokens that must be refused, one by one.

use std::sync::{Arc, LazyLock};

use guichet_domain::{KeyManagementAlg, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use super::compact::MAX_JWE;
use super::*;
use crate::{JwkSetError, KeyStage, Keys, MemoryCustody, RotationPolicy, SystemEntropy};

const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

/// Keys that the tests share: RSA ones take a moment to make.
fn keys() -> &'static Keys {
    static SHARED: LazyLock<Keys> = LazyLock::new(|| fresh_keys(&KeyManagementAlg::ALL));
    &SHARED
}

fn fresh_keys(algs: &[KeyManagementAlg]) -> Keys {
    let custody = Arc::new(MemoryCustody::new());
    let keys = Keys::open(custody, Arc::new(SystemEntropy), NOW, &[])
        .ok()
        .unwrap();
    for alg in algs {
        keys.decryption_ring().ensure(*alg, NOW).unwrap();
    }
    keys
}

fn published(keys: &Keys) -> EncryptionKeySet {
    EncryptionKeySet::parse(&keys.decryption_ring().jwks()).unwrap()
}

fn every_way() -> impl Iterator<Item = Encryption> {
    KeyManagementAlg::ALL
        .into_iter()
        .flat_map(|alg| ContentEncryption::ALL.map(|enc| Encryption { alg, enc }))
}

fn encrypted(keys: &Keys, with: Encryption, payload: &[u8]) -> String {
    let set = published(keys);
    let to = set.for_alg(with.alg).unwrap();
    encrypt(to, with, Some("JWT"), payload, &SystemEntropy).unwrap()
}

fn header(jwe: &str) -> Value {
    let header = URL_SAFE_NO_PAD.decode(jwe.split('.').next().unwrap());
    serde_json::from_slice(&header.unwrap()).unwrap()
}

fn with_header(jwe: &str, header: &str) -> String {
    let (_, rest) = jwe.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
}

const ECDH: Encryption = Encryption {
    alg: KeyManagementAlg::EcdhEs,
    enc: ContentEncryption::A256Gcm,
};

#[test]
fn what_is_encrypted_to_a_published_key_opens_in_every_way() {
    let keys = keys();
    for with in every_way() {
        for payload in [&b""[..], b"a", &[7; 9000]] {
            let jwe = encrypted(keys, with, payload);
            assert_eq!(
                keys.decryption_ring().open(&jwe).as_deref(),
                Ok(payload),
                "{with:?}"
            );
            let header = header(&jwe);
            assert_eq!(header["alg"], with.alg.as_str());
            assert_eq!(header["enc"], with.enc.as_str());
            assert_eq!(header["cty"], "JWT");
            assert!(header["kid"].is_string());
        }
    }
}

#[test]
fn no_two_tokens_are_alike() {
    let keys = keys();
    for with in every_way() {
        assert_ne!(
            encrypted(keys, with, b"same"),
            encrypted(keys, with, b"same")
        );
    }
}

#[test]
fn another_s_keys_open_nothing() {
    let (ours, theirs) = (keys(), &fresh_keys(&KeyManagementAlg::ALL));
    for with in every_way() {
        let jwe = encrypted(theirs, with, b"secret");
        let refusal = ours.decryption_ring().open(&jwe);
        assert_eq!(refusal, Err(JweRefusal::UnknownKey), "{with:?}");
        let mut header = header(&jwe);
        header.as_object_mut().unwrap().remove("kid");
        let unnamed = with_header(&jwe, &header.to_string());
        let refusal = ours.decryption_ring().open(&unnamed);
        assert_eq!(refusal, Err(JweRefusal::Undecipherable), "{with:?}");
    }
}

#[test]
fn no_flipped_bit_of_any_part_opens() {
    let keys = keys();
    for with in every_way() {
        let jwe = encrypted(keys, with, b"secret");
        let parts: Vec<&str> = jwe.split('.').collect();
        for (at, part) in parts.iter().enumerate() {
            let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
            for bit in (0..bytes.len() * 8).step_by(5) {
                let mut changed = bytes.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                let changed = URL_SAFE_NO_PAD.encode(changed);
                let mut parts = parts.clone();
                parts[at] = &changed;
                let opened = keys.decryption_ring().open(&parts.join("."));
                assert!(opened.is_err(), "{with:?}, part {at}, bit {bit}");
            }
        }
    }
}

#[test]
fn parts_of_two_tokens_do_not_mix() {
    let keys = keys();
    for with in every_way() {
        let (one, other) = (
            encrypted(keys, with, b"one"),
            encrypted(keys, with, b"other"),
        );
        let (one, other): (Vec<&str>, Vec<&str>) =
            (one.split('.').collect(), other.split('.').collect());
        for at in 0..5 {
            let mut mixed = one.clone();
            mixed[at] = other[at];
            if mixed != one {
                assert_eq!(
                    keys.decryption_ring().open(&mixed.join(".")),
                    Err(JweRefusal::Undecipherable),
                    "{with:?}, part {at}"
                );
            }
        }
    }
}

#[test]
fn algorithms_that_are_not_offered_are_refused() {
    let keys = keys();
    let jwe = encrypted(keys, ECDH, b"secret");
    for (alg, enc) in [
        ("dir", "A256GCM"),
        ("RSA1_5", "A256GCM"),
        ("RSA-OAEP", "A256GCM"),
        ("A256KW", "A256GCM"),
        ("PBES2-HS256+A128KW", "A256GCM"),
        ("none", "A256GCM"),
        ("ECDH-ES", "A128GCM"),
        ("ECDH-ES", "none"),
        ("ecdh-es", "A256GCM"),
    ] {
        let mut header = header(&jwe);
        header["alg"] = alg.into();
        header["enc"] = enc.into();
        let changed = with_header(&jwe, &header.to_string());
        let refusal = keys.decryption_ring().open(&changed);
        assert_eq!(refusal, Err(JweRefusal::Alg), "{alg} {enc}");
    }
}

#[test]
fn compression_and_critical_extensions_are_refused() {
    let keys = keys();
    let jwe = encrypted(keys, ECDH, b"secret");
    for (name, value) in [
        ("zip", json!("DEF")),
        ("zip", json!("none")),
        ("crit", json!(["exp"])),
        ("crit", json!([])),
    ] {
        let mut header = header(&jwe);
        header[name] = value;
        let changed = with_header(&jwe, &header.to_string());
        assert_eq!(
            keys.decryption_ring().open(&changed),
            Err(JweRefusal::Critical)
        );
    }
}

#[test]
fn a_malformed_header_is_refused() {
    let keys = keys();
    let jwe = encrypted(keys, ECDH, b"secret");
    for header in [
        "",
        "[]",
        "{}",
        r#"{"alg":"ECDH-ES"}"#,
        r#"{"alg":1,"enc":"A256GCM"}"#,
        r#"{"alg":"ECDH-ES","alg":"ECDH-ES","enc":"A256GCM"}"#,
        r#"{"alg":"ECDH-ES","enc":"A256GCM","kid":1}"#,
        r#"{"alg":"ECDH-ES","enc":"A256GCM","apu":1}"#,
        r#"{"alg":"ECDH-ES","enc":"A256GCM","apv":"=="}"#,
    ] {
        let refusal = keys.decryption_ring().open(&with_header(&jwe, header));
        assert_eq!(refusal, Err(JweRefusal::Header), "{header}");
    }
}

#[test]
fn what_is_not_five_canonical_parts_is_refused() {
    let keys = keys();
    let jwe = encrypted(keys, ECDH, b"secret");
    for bad in [
        String::new(),
        "....".into(),
        format!("{jwe}."),
        format!("{jwe}="),
        format!(" {jwe}"),
        jwe.rsplit_once('.').unwrap().0.to_owned(),
        jwe.replacen('.', "..", 1),
    ] {
        let refusal = keys.decryption_ring().open(&bad).err().unwrap();
        assert!(
            matches!(refusal, JweRefusal::NotCompact | JweRefusal::Header),
            "{bad}: {refusal}"
        );
    }
    let long = format!("{jwe}{}", "A".repeat(MAX_JWE));
    assert_eq!(keys.decryption_ring().open(&long), Err(JweRefusal::TooLong));
}

#[test]
fn an_ephemeral_key_off_the_curve_or_missing_opens_nothing() {
    let keys = keys();
    for alg in [KeyManagementAlg::EcdhEs, KeyManagementAlg::EcdhEsA256Kw] {
        let jwe = encrypted(keys, Encryption { alg, ..ECDH }, b"secret");
        let valid = header(&jwe)["epk"].clone();
        let with = |name: &str, value: Value| {
            let mut epk = valid.clone();
            epk[name] = value;
            epk
        };
        for epk in [
            Value::Null,
            json!("epk"),
            json!({}),
            with("x", valid["y"].clone()),
            with("crv", "P-384".into()),
            with("x", "AA".into()),
        ] {
            let mut header = header(&jwe);
            header["epk"] = epk;
            let changed = with_header(&jwe, &header.to_string());
            let refusal = keys.decryption_ring().open(&changed);
            assert_eq!(refusal, Err(JweRefusal::Undecipherable), "{header}");
        }
    }
}

#[test]
fn keys_of_three_curves_may_be_encrypted_to() {
    for (crv, x, y) in [
        (
            "P-256",
            "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
        ),
        (
            "P-384",
            "YU4rRUzdmVqmRtWOs2OpDE_T5fsNIodcG8G5FWPrTPMyxpzsSOGaQLpe2FpxBmu2",
            "A8-yxCHxkfBz3hKZfI1jUYMjUhsEveZ9THuwFjH2sCNdtksRJU7D5-SkgaFL1ETP",
        ),
        (
            "P-521",
            "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
            "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
        ),
    ] {
        let set = json!({ "keys": [{ "kty": "EC", "crv": crv, "x": x, "y": y, "kid": "k" }] });
        let set = EncryptionKeySet::from_value(&set).unwrap();
        let to = set.for_alg(KeyManagementAlg::EcdhEs).unwrap();
        let jwe = encrypt(to, ECDH, None, b"secret", &SystemEntropy).unwrap();
        assert_eq!(header(&jwe)["epk"]["crv"], crv);
        assert_eq!(header(&jwe)["kid"], "k");
    }
}

#[test]
fn the_key_that_says_what_it_is_for_is_chosen_first() {
    let key = |members: Value| {
        let mut key = json!({
            "kty": "EC",
            "crv": "P-256",
            "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
        });
        for (name, value) in members.as_object().unwrap() {
            key[name] = value.clone();
        }
        key
    };
    let chosen = |keys: Vec<Value>| {
        let set = EncryptionKeySet::from_value(&json!({ "keys": keys })).unwrap();
        let key = set.for_alg(KeyManagementAlg::EcdhEs);
        key.and_then(|key| key.kid().map(str::to_owned))
    };
    let silent = key(json!({ "kid": "silent" }));
    let marked = key(json!({ "kid": "marked", "use": "enc" }));
    let named = key(json!({ "kid": "named", "use": "enc", "alg": "ECDH-ES" }));
    assert_eq!(chosen(vec![silent.clone()]), Some("silent".into()));
    assert_eq!(
        chosen(vec![silent.clone(), marked.clone()]),
        Some("marked".into())
    );
    assert_eq!(chosen(vec![silent, marked, named]), Some("named".into()));
    for unfit in [
        json!({ "kid": "k", "use": "sig" }),
        json!({ "kid": "k", "key_ops": ["verify"] }),
        json!({ "kid": "k", "alg": "ECDH-ES+A256KW" }),
        json!({ "kid": "k", "alg": "RSA-OAEP-256" }),
        json!({ "kid": "k", "alg": "ES256" }),
        json!({ "kid": "k", "y": "AAAA" }),
        json!({ "kid": "k", "kty": "OKP" }),
    ] {
        assert_eq!(chosen(vec![key(unfit.clone())]), None, "{unfit}");
    }
    let private = json!({ "keys": [key(json!({ "d": "AA" }))] });
    assert_eq!(
        EncryptionKeySet::from_value(&private).err(),
        Some(JwkSetError::PrivateKey)
    );
}

#[test]
fn a_key_that_is_not_for_the_algorithm_encrypts_nothing() {
    let keys = keys();
    let set = published(keys);
    let rsa = set.for_alg(KeyManagementAlg::RsaOaep256).unwrap();
    assert!(encrypt(rsa, ECDH, None, b"", &SystemEntropy).is_err());
}

#[test]
fn a_rotated_key_decrypts_until_it_is_past_keeping_and_a_revoked_one_at_once_no_more() {
    let keys = &fresh_keys(&[ECDH.alg]);
    let ring = keys.decryption_ring();
    let jwe = encrypted(keys, ECDH, b"secret");
    let kid_before = header(&jwe)["kid"].clone();
    let policy = RotationPolicy::default();
    let rotated_at = NOW.after(policy.sign_for);
    assert!(
        ring.rotate_due(rotated_at, policy)
            .unwrap()
            .contains(&ECDH.alg)
    );
    let fresh = encrypted(keys, ECDH, b"secret");
    assert_ne!(
        header(&fresh)["kid"],
        kid_before,
        "the next key is published"
    );
    assert!(ring.open(&jwe).is_ok() && ring.open(&fresh).is_ok());

    let kid = header(&fresh)["kid"].as_str().unwrap().to_owned();
    assert_eq!(ring.revoke(&kid, rotated_at).unwrap(), KeyStage::Current);
    assert_eq!(ring.open(&fresh), Err(JweRefusal::UnknownKey));
    assert!(ring.open(&encrypted(keys, ECDH, b"secret")).is_ok());

    ring.rotate_due(rotated_at.after(policy.keep_after), policy)
        .unwrap();
    assert_eq!(ring.open(&jwe), Err(JweRefusal::UnknownKey));
}

#[test]
fn only_the_current_keys_are_published_each_for_one_algorithm() {
    let keys = keys();
    let jwks: Value = serde_json::from_slice(&keys.decryption_ring().jwks()).unwrap();
    let algs: Vec<&str> = jwks["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| {
            assert_eq!(key["use"], "enc");
            assert!(
                crate::jwk::PRIVATE_MEMBERS
                    .iter()
                    .all(|name| key.get(name).is_none())
            );
            key["alg"].as_str().unwrap()
        })
        .collect();
    assert_eq!(algs, KeyManagementAlg::ALL.map(KeyManagementAlg::as_str));
    assert_eq!(keys.decryption_ring().algs(), KeyManagementAlg::ALL);
}

proptest! {
    #[test]
    fn taking_apart_never_panics(text in "\\PC{0,60}", parts in "[A-Za-z0-9_.=-]{0,80}") {
        let _ = compact::Encrypted::parse(&text);
        let _ = compact::Encrypted::parse(&parts);
    }

    #[test]
    fn any_set_of_members_is_judged_without_panic(
        kty in "EC|RSA|OKP|oct|",
        crv in "P-256|P-384|P-521|X25519|",
        bytes in proptest::collection::vec(any::<u8>(), 0..70),
    ) {
        let text = URL_SAFE_NO_PAD.encode(&bytes);
        let key = json!({ "kty": kty, "crv": crv, "x": text, "y": text, "n": text, "e": text });
        let set = EncryptionKeySet::from_value(&json!({ "keys": [key] })).unwrap();
        for alg in KeyManagementAlg::ALL {
            prop_assert!(set.for_alg(alg).is_none());
        }
    }
}
