//! Tokens and keys made by others: no text that its key did not sign is believed, whatever its shape;
//! a key that is taken from a set can be used.

use std::sync::{Arc, OnceLock};

use guichet_domain::{ContentEncryption, Encryption, KeyManagementAlg, SigningAlg, Timestamp};
use guichet_keys::{
    EncryptionKeySet, HmacAlg, JwkSet, JwsAlg, Keys, MemoryCustody, SystemEntropy, TypRule,
    VerifyPolicy, encrypt, thumbprint_of, verify, verify_hmac, verify_self_contained,
};

use crate::{Target, as_text, by_name};

pub(crate) fn target(input: &[u8]) {
    let ways: [(&str, Target); 3] = [
        ("token", |input| as_text(input, token)),
        ("encrypted", |input| as_text(input, encrypted)),
        ("keys", key_set),
    ];
    by_name(input, &ways, |way, rest| way(rest));
}

/// Nothing of the kind was ever signed by our keys, so none may hold under them.
fn token(text: &str) {
    let any = VerifyPolicy {
        algs: &JwsAlg::ALL,
        typ: TypRule::REQUEST_OBJECT,
    };
    assert!(verify(text, &our_keys().1, any).is_err(), "forged");
    let secret = b"a secret nobody was told, of 48 bytes or more ...";
    assert!(verify_hmac(text, secret, &HmacAlg::ALL, any.typ).is_err());
    let proof = VerifyPolicy {
        typ: TypRule::DPOP_PROOF,
        ..any
    };
    if let Ok((_, key)) = verify_self_contained(text, proof) {
        assert_eq!(key.thumbprint().len(), 43);
    }
}

/// Whatever opens, opens the same again: what it refuses depends on nothing but the text.
fn encrypted(text: &str) {
    let ring = our_keys().0.decryption_ring();
    let opened = ring.open(text);
    assert_eq!(opened, ring.open(text));
}

fn key_set(json: &[u8]) {
    if let Ok(set) = JwkSet::parse(json) {
        assert!(set.keys().iter().all(|key| !key.algs().is_empty()));
    }
    if let Ok(value) = serde_json::from_slice(json) {
        if let Some(thumbprint) = thumbprint_of(&value) {
            assert_eq!(thumbprint.len(), 43);
        }
        // What a parser of text takes, the one of values takes: it has less to refuse.
        assert!(JwkSet::parse(json).is_err() || JwkSet::from_value(&value).is_ok());
    }
    let Ok(set) = EncryptionKeySet::parse(json) else {
        return;
    };
    for alg in KeyManagementAlg::ALL {
        if let Some(key) = set.for_alg(alg) {
            let with = Encryption {
                alg,
                enc: ContentEncryption::A256Gcm,
            };
            encrypt(key, with, None, b"{}", &SystemEntropy).expect("a key that was taken");
        }
    }
}

fn our_keys() -> &'static (Keys, JwkSet) {
    static KEYS: OnceLock<(Keys, JwkSet)> = OnceLock::new();
    KEYS.get_or_init(|| {
        let now = Timestamp::from_seconds(1_782_907_200);
        let algs = [SigningAlg::Es256, SigningAlg::EdDsa];
        let custody = Arc::new(MemoryCustody::new());
        let keys = Keys::open(custody, Arc::new(SystemEntropy), now, &algs).expect("our keys");
        let ring = keys.decryption_ring();
        ring.ensure(KeyManagementAlg::EcdhEs, now).expect("a key");
        let set = JwkSet::parse(&keys.ring().jwks()).expect("our keys");
        (keys, set)
    })
}
