//! Rings whose keys are in a token: moving in, moving out, and a token that is slow.

use std::collections::HashMap;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use guichet_domain::Entropy as _;
use serde_json::json;

use super::*;
use crate::custody::{CustodyError, SigningToken, TokenCustody, TokenKey};
use crate::public::ec_members;
use crate::{Keys, MemoryCustody, SystemEntropy};

const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

/// A token that makes P-256 keys, and waits before it signs when it is told to.
#[derive(Default)]
struct FakeToken {
    pairs: Mutex<HashMap<String, EcdsaKeyPair>>,
    go_on: Option<Mutex<Receiver<()>>>,
}

impl SigningToken for FakeToken {
    fn makes(&self, alg: SigningAlg) -> bool {
        alg == SigningAlg::Es256
    }

    fn generate(&self, _: SigningAlg) -> Result<TokenKey, CustodyError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let public = ec_members("P-256", pair.public_key().as_ref()).unwrap();
        let id = format!("{:02x?}", SystemEntropy.bytes16());
        locked(&self.pairs).insert(id.clone(), pair);
        Ok(TokenKey { id, public })
    }

    fn sign(&self, _: SigningAlg, key: &TokenKey, message: &[u8]) -> Result<Vec<u8>, CustodyError> {
        if let Some(go_on) = &self.go_on {
            let waited = locked(go_on).recv_timeout(Duration::from_secs(20));
            waited.expect("another task goes on while the token signs");
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "`keys` owns the system's generator"
        )]
        let random = aws_lc_rs::rand::SystemRandom::new();
        let pairs = locked(&self.pairs);
        let pair = pairs.get(&key.id).ok_or_else(|| CustodyError::Token {
            action: "sign",
            reason: "there is no such key".into(),
        })?;
        Ok(pair.sign(&random, message).unwrap().as_ref().to_vec())
    }

    fn destroy(&self, key: &TokenKey) -> Result<(), CustodyError> {
        locked(&self.pairs).remove(&key.id);
        Ok(())
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn node(custody: Arc<dyn Custody>) -> Keys {
    let algs = [SigningAlg::Es256, SigningAlg::EdDsa];
    Keys::open(custody, Arc::new(SystemEntropy), NOW, &algs)
        .ok()
        .unwrap()
}

fn places(keys: &Keys, stage: KeyStage) -> Vec<KeyPlace> {
    let of_es256 = keys.ring().keys().into_iter();
    of_es256
        .filter(|key| key.alg == SigningAlg::Es256 && key.stage == stage)
        .map(|key| key.place)
        .collect()
}

fn signed(keys: &Keys) -> String {
    keys.ring()
        .sign_jwt(SigningAlg::Es256, Typ::Jwt, &json!({}))
        .unwrap()
}

fn holds(jwt: &str, keys: &Keys) -> bool {
    keys.ring().verify_own(jwt, Typ::Jwt, None).is_ok()
}

#[test]
fn a_ring_moves_into_a_token_by_rotation_and_nothing_breaks() {
    let files = Arc::new(MemoryCustody::new());
    let before = signed(&node(files.clone()));
    let token = Arc::new(FakeToken::default());
    let keys = node(Arc::new(TokenCustody::new(files, token.clone())));
    assert_eq!(places(&keys, KeyStage::Current), [KeyPlace::File]);

    let policy = RotationPolicy::default();
    assert!(keys.rotate_due(NOW, policy).is_empty(), "nothing is due");
    assert_eq!(
        places(&keys, KeyStage::Next),
        [KeyPlace::Token],
        "the next one is in the token"
    );

    let due = NOW.after(policy.sign_for);
    assert_eq!(keys.rotate_due(due, policy).len(), 3);
    assert_eq!(places(&keys, KeyStage::Current), [KeyPlace::Token]);
    assert!(holds(&before, &keys) && holds(&signed(&keys), &keys));
    // Ed25519 is not made in this token: it rests sealed, as before.
    let of_others = keys.ring().keys();
    let mut of_others = of_others.iter().filter(|key| key.alg == SigningAlg::EdDsa);
    assert!(of_others.all(|key| key.place == KeyPlace::File));

    keys.rotate_due(due.after(policy.sign_for), policy);
    keys.rotate_due(due.after(policy.sign_for * 2), policy);
    let kept = keys.inventory();
    let kept = kept.iter().filter(|held| held.place == KeyPlace::Token);
    assert_eq!(
        locked(&token.pairs).len(),
        kept.count(),
        "what left its ring left the token"
    );
}

#[test]
fn without_its_token_a_ring_signs_with_a_new_key_and_verifies_what_it_signed() {
    let files = Arc::new(MemoryCustody::new());
    let token = Arc::new(FakeToken::default());
    let before = signed(&node(Arc::new(TokenCustody::new(files.clone(), token))));

    let keys = node(files);

    assert_eq!(places(&keys, KeyStage::Current), [KeyPlace::File]);
    assert_eq!(places(&keys, KeyStage::Next), [KeyPlace::File]);
    assert_eq!(places(&keys, KeyStage::Previous), [KeyPlace::Token]);
    assert!(holds(&before, &keys) && holds(&signed(&keys), &keys));
}

#[test]
fn a_key_revoked_on_one_node_does_not_stop_another_from_signing() {
    let custody = Arc::new(TokenCustody::new(
        Arc::new(MemoryCustody::new()),
        Arc::new(FakeToken::default()),
    ));
    let (one, other) = (node(custody.clone()), node(custody));
    assert_eq!(places(&other, KeyStage::Current), [KeyPlace::Token]);
    let keys = one.ring().keys().into_iter();
    let revoked = keys
        .filter(|key| key.alg == SigningAlg::Es256 && key.stage == KeyStage::Current)
        .map(|key| key.kid)
        .next()
        .unwrap();
    one.revoke(&revoked, NOW).unwrap();
    // The other has heard of nothing yet, and the token holds the old key no more.
    assert!(holds(&signed(&other), &one));
}

#[test]
fn a_token_that_signs_no_more_is_noticed() {
    let token = Arc::new(FakeToken::default());
    let keys = node(Arc::new(TokenCustody::new(
        Arc::new(MemoryCustody::new()),
        token.clone(),
    )));
    assert!(keys.ring().check().is_ok());
    locked(&token.pairs).clear();
    assert!(keys.ring().check().is_err());
}

#[test]
fn a_slow_token_does_not_keep_the_other_tasks_waiting() {
    let (go_on, waiting) = channel();
    let token = Arc::new(FakeToken {
        go_on: Some(Mutex::new(waiting)),
        ..FakeToken::default()
    });
    let keys = node(Arc::new(TokenCustody::new(
        Arc::new(MemoryCustody::new()),
        token,
    )));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let jwt = runtime.block_on(async {
        let own = keys.clone();
        let signing = tokio::spawn(async move { signed(&own) });
        // On the one worker: it gets there only if signing does not hold it.
        tokio::spawn(async move { go_on.send(()) })
            .await
            .unwrap()
            .unwrap();
        signing.await.unwrap()
    });
    assert!(holds(&jwt, &keys));
}
