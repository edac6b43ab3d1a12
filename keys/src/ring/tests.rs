//! Rotation, as the node that rotates and as another node sees it.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::jwk::PRIVATE_MEMBERS;
use crate::{Keys, MemoryCustody, SystemEntropy};

const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

fn node(custody: &Arc<MemoryCustody>) -> Keys {
    let algs = [SigningAlg::Es256, SigningAlg::EdDsa];
    Keys::open(custody.clone(), Arc::new(SystemEntropy), NOW, &algs)
        .ok()
        .unwrap()
}

fn kid(ring: &KeyRing, alg: SigningAlg, stage: KeyStage) -> Option<String> {
    ring.keys()
        .into_iter()
        .find(|key| key.alg == alg && key.stage == stage)
        .map(|key| key.kid)
}

fn published(ring: &KeyRing) -> Vec<String> {
    let jwks: Value = serde_json::from_slice(&ring.jwks()).unwrap();
    let keys = jwks["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

fn signed(ring: &KeyRing) -> String {
    ring.sign_jwt(
        SigningAlg::Es256,
        Typ::Jwt,
        &json!({ "exp": NOW.seconds() + 60 }),
    )
    .unwrap()
}

#[test]
fn a_rotation_moves_each_key_one_stage_on() {
    let keys = node(&Arc::new(MemoryCustody::new()));
    let ring = keys.ring();
    let next = kid(ring, SigningAlg::Es256, KeyStage::Next).unwrap();
    let current = kid(ring, SigningAlg::Es256, KeyStage::Current).unwrap();
    let old_token = signed(ring);
    assert!(
        published(ring).contains(&next),
        "published ahead of its turn"
    );

    ring.rotate(SigningAlg::Es256, NOW).unwrap();

    assert_eq!(
        kid(ring, SigningAlg::Es256, KeyStage::Current),
        Some(next.clone())
    );
    assert_eq!(
        kid(ring, SigningAlg::Es256, KeyStage::Previous),
        Some(current)
    );
    let new_token = signed(ring);
    let verified = ring
        .verify_own(&new_token, Typ::Jwt, Some(NOW))
        .ok()
        .unwrap();
    assert_eq!(verified.kid, Some(next));
    assert!(ring.verify_own(&old_token, Typ::Jwt, Some(NOW)).is_ok());
}

#[test]
fn another_node_sees_a_rotation_when_it_refreshes() {
    let custody = Arc::new(MemoryCustody::new());
    let (one, other) = (node(&custody), node(&custody));
    assert_eq!(one.ring().jwks(), other.ring().jwks());
    one.ring().rotate(SigningAlg::Es256, NOW).unwrap();
    let token = signed(one.ring());
    assert!(
        other.ring().verify_own(&token, Typ::Jwt, None).is_ok(),
        "the key was published before it signed"
    );
    assert_ne!(one.ring().jwks(), other.ring().jwks());
    other.refresh().unwrap();
    assert_eq!(one.ring().jwks(), other.ring().jwks());
}

#[test]
fn two_nodes_that_rotate_at_once_lose_no_key() {
    let custody = Arc::new(MemoryCustody::new());
    let nodes = [node(&custody), node(&custody)];
    std::thread::scope(|scope| {
        for keys in &nodes {
            scope.spawn(|| keys.ring().rotate(SigningAlg::Es256, NOW).unwrap());
        }
    });
    for keys in &nodes {
        keys.refresh().unwrap();
    }
    assert_eq!(nodes[0].ring().keys(), nodes[1].ring().keys());
    let previous = nodes[0].ring().keys();
    let previous = previous
        .iter()
        .filter(|key| key.stage == KeyStage::Previous)
        .count();
    assert_eq!(previous, 2, "both rotations happened, one after the other");
}

#[test]
fn two_nodes_that_start_at_once_share_one_master_and_ring() {
    let custody = Arc::new(MemoryCustody::new());
    let nodes: Vec<Keys> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| node(&custody))).collect();
        starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect()
    });
    for keys in &nodes {
        keys.refresh().unwrap();
        assert_eq!(keys.derive("a"), nodes[0].derive("a"));
        assert_eq!(keys.ring().keys(), nodes[0].ring().keys());
        assert_eq!(
            keys.ledger_signer().verifier(),
            nodes[0].ledger_signer().verifier()
        );
    }
}

#[test]
fn upkeep_rotates_when_due_and_drops_what_is_past_keeping() {
    let keys = node(&Arc::new(MemoryCustody::new()));
    let ring = keys.ring();
    let policy = RotationPolicy {
        sign_for: Duration::from_secs(100),
        publish_before: Duration::from_secs(10),
        keep_after: Duration::from_secs(50),
    };
    let at = |seconds| NOW.after(Duration::from_secs(seconds));
    assert_eq!(ring.rotate_due(at(99), policy).unwrap(), []);
    let before = kid(ring, SigningAlg::Es256, KeyStage::Current);
    let rotated = ring.rotate_due(at(100), policy).unwrap();
    assert_eq!(rotated, [SigningAlg::Es256, SigningAlg::EdDsa]);
    assert_eq!(kid(ring, SigningAlg::Es256, KeyStage::Previous), before);
    assert_eq!(ring.rotate_due(at(149), policy).unwrap(), []);
    assert_eq!(kid(ring, SigningAlg::Es256, KeyStage::Previous), before);
    assert_eq!(ring.rotate_due(at(150), policy).unwrap(), []);
    assert_eq!(kid(ring, SigningAlg::Es256, KeyStage::Previous), None);
}

#[test]
fn what_a_key_signed_verifies_for_good_where_it_may_unless_it_was_revoked() {
    let custody = Arc::new(MemoryCustody::new());
    let keys = node(&custody);
    let ring = keys.ring();
    let policy = RotationPolicy {
        sign_for: Duration::from_secs(100),
        publish_before: Duration::from_secs(10),
        keep_after: Duration::from_secs(50),
    };
    let at = |seconds| NOW.after(Duration::from_secs(seconds));
    let document = signed(ring);
    ring.rotate_due(at(100), policy).unwrap();
    let revoked = signed(ring);
    ring.rotate_due(at(150), policy).unwrap();
    let kid_now = kid(ring, SigningAlg::Es256, KeyStage::Current).unwrap();
    ring.revoke(&kid_now, at(151)).unwrap();
    let verifies = |jwks: &[u8], text: &str| {
        let jwks = crate::JwkSet::parse(jwks).unwrap();
        let policy = VerifyPolicy {
            algs: &JwsAlg::ALL,
            typ: TypRule::JwtOrAbsent,
        };
        crate::verify(text, &jwks, policy).is_ok()
    };
    for other in [ring.clone(), node(&custody).ring().clone()] {
        assert!(verifies(&other.jwks_for_good(), &document));
        assert!(!verifies(&other.jwks_for_good(), &revoked));
        assert!(!verifies(&other.jwks(), &document));
        let jwks = String::from_utf8(other.jwks_for_good().to_vec()).unwrap();
        assert!(!jwks.contains("\"d\""), "{jwks}");
    }
}

#[test]
fn a_key_does_not_sign_before_it_was_published_long_enough() {
    let keys = node(&Arc::new(MemoryCustody::new()));
    let policy = RotationPolicy {
        sign_for: Duration::from_secs(1),
        publish_before: Duration::from_secs(100),
        keep_after: Duration::from_secs(1000),
    };
    let ring = keys.ring();
    assert_eq!(
        ring.rotate_due(NOW.after(Duration::from_secs(99)), policy)
            .unwrap(),
        []
    );
    assert_eq!(
        ring.rotate_due(NOW.after(Duration::from_secs(100)), policy)
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn rotating_often_keeps_a_bounded_number_of_keys() {
    let keys = node(&Arc::new(MemoryCustody::new()));
    let oldest = kid(keys.ring(), SigningAlg::EdDsa, KeyStage::Current).unwrap();
    for _ in 0..10 {
        keys.ring().rotate(SigningAlg::EdDsa, NOW).unwrap();
    }
    let infos = keys.ring().keys();
    assert_eq!(
        infos
            .iter()
            .filter(|key| key.alg == SigningAlg::EdDsa)
            .count(),
        6
    );
    assert!(infos.iter().all(|key| key.kid != oldest));
    assert_eq!(published(keys.ring()).len(), infos.len());
}

#[test]
fn an_expired_hint_is_tolerated_only_where_asked() {
    let keys = node(&Arc::new(MemoryCustody::new()));
    let token = signed(keys.ring());
    let later = NOW.after(Duration::from_secs(61));
    assert_eq!(
        keys.ring().verify_own(&token, Typ::Jwt, Some(later)).err(),
        Some(JwsRefusal::Expired)
    );
    assert!(keys.ring().verify_own(&token, Typ::Jwt, None).is_ok());
}

#[test]
fn a_token_of_another_type_or_ring_is_not_our_own() {
    let custody = Arc::new(MemoryCustody::new());
    let keys = node(&custody);
    let token = signed(keys.ring());
    assert_eq!(
        keys.ring().verify_own(&token, Typ::AccessToken, None).err(),
        Some(JwsRefusal::Typ)
    );
    assert_eq!(
        keys.client_ring().verify_own(&token, Typ::Jwt, None).err(),
        Some(JwsRefusal::UnknownKey)
    );
}

#[test]
fn an_algorithm_without_key_is_named() {
    let keys = node(&Arc::new(MemoryCustody::new()));
    let error = keys
        .ring()
        .sign_jwt(SigningAlg::Rs256, Typ::Jwt, &json!({}))
        .err()
        .unwrap();
    assert!(matches!(error, KeysError::NoKey("RS256")));
    assert_eq!(keys.ring().algs(), [SigningAlg::Es256, SigningAlg::EdDsa]);
}

#[test]
fn rsa_is_made_when_asked_for_and_its_signatures_verify() {
    let keys = node(&Arc::new(MemoryCustody::new()));
    let ring = keys.client_ring();
    ring.ensure(SigningAlg::Rs256, NOW).unwrap();
    let token = ring
        .sign_jwt(SigningAlg::Rs256, Typ::Jwt, &json!({ "iss": "hub" }))
        .unwrap();
    let set = crate::JwkSet::parse(&ring.jwks()).unwrap();
    let policy = VerifyPolicy {
        algs: &[JwsAlg::Rs256],
        typ: TypRule::JwtOrAbsent,
    };
    let verified = crate::verify(&token, &set, policy).ok().unwrap();
    assert_eq!(verified.claims["iss"], "hub");
    assert_eq!(
        kid(ring, SigningAlg::Rs256, KeyStage::Next),
        None,
        "waits for upkeep"
    );
}

#[test]
fn pss_has_an_rsa_key_of_its_own() {
    let keys = node(&Arc::new(MemoryCustody::new()));
    let ring = keys.ring();
    for alg in [SigningAlg::Rs256, SigningAlg::Ps256] {
        ring.ensure(alg, NOW).unwrap();
    }
    let set = crate::JwkSet::parse(&ring.jwks()).unwrap();
    let policy = VerifyPolicy {
        algs: &[JwsAlg::Ps256],
        typ: TypRule::JwtOrAbsent,
    };
    let sign = |alg| ring.sign_jwt(alg, Typ::Jwt, &json!({})).unwrap();
    let token = sign(SigningAlg::Ps256);
    assert!(crate::verify(&token, &set, policy).is_ok());
    assert!(ring.verify_own(&token, Typ::Jwt, None).is_ok());
    let other = sign(SigningAlg::Rs256);
    assert_eq!(
        crate::verify(&other, &set, policy).err(),
        Some(JwsRefusal::Alg)
    );
    assert_ne!(
        kid(ring, SigningAlg::Ps256, KeyStage::Current),
        kid(ring, SigningAlg::Rs256, KeyStage::Current)
    );
}

#[test]
fn by_schedule_each_key_is_published_before_it_signs_and_its_tokens_outlive_it() {
    let keys = node(&Arc::new(MemoryCustody::new()));
    let ring = keys.ring();
    let policy = RotationPolicy::default();
    let hour = Duration::from_hours(1);
    let token_lifetime = Duration::from_hours(24);
    let mut now = NOW;
    let mut seen_an_hour_ago = published(ring);
    let mut alive: Vec<(Timestamp, String)> = Vec::new();
    let mut signed_by = std::collections::BTreeSet::new();
    while now < NOW.after(policy.sign_for * 3) {
        ring.rotate_due(now, policy).unwrap();
        let claims = json!({ "exp": now.after(token_lifetime).seconds() });
        let token = ring.sign_jwt(SigningAlg::Es256, Typ::Jwt, &claims).unwrap();
        let verified = ring.verify_own(&token, Typ::Jwt, Some(now)).unwrap();
        let kid = verified.kid.unwrap();
        assert!(
            seen_an_hour_ago.contains(&kid),
            "a client's cache has the key"
        );
        signed_by.insert(kid);
        alive.retain(|(expires, _)| *expires > now);
        for (_, token) in &alive {
            assert!(ring.verify_own(token, Typ::Jwt, Some(now)).is_ok());
        }
        alive.push((now.after(token_lifetime), token));
        seen_an_hour_ago = published(ring);
        now = now.after(hour * 6);
    }
    assert_eq!(signed_by.len(), 3, "a new key every ninety days");
    assert!(published(ring).len() <= 6, "old keys leave the set");
}

#[test]
fn a_revoked_key_leaves_the_set_and_verifies_nothing_while_the_next_one_signs() {
    let custody = Arc::new(MemoryCustody::new());
    let (one, other) = (node(&custody), node(&custody));
    let ring = one.ring();
    let revoked = kid(ring, SigningAlg::Es256, KeyStage::Current).unwrap();
    let next = kid(ring, SigningAlg::Es256, KeyStage::Next);
    let token = signed(ring);

    one.revoke(&revoked, NOW).unwrap();

    other.refresh().unwrap();
    for node in [&one, &other] {
        assert!(!published(node.ring()).contains(&revoked));
        assert_eq!(
            node.ring().verify_own(&token, Typ::Jwt, None).err(),
            Some(JwsRefusal::UnknownKey)
        );
        let fresh = node.ring().verify_own(&signed(node.ring()), Typ::Jwt, None);
        assert_eq!(
            fresh.unwrap().kid,
            next,
            "verifiers know the next key already"
        );
    }
    assert!(
        kid(ring, SigningAlg::Es256, KeyStage::Next).is_some(),
        "a new next is published"
    );
    assert!(matches!(
        one.revoke(&revoked, NOW),
        Err(KeysError::UnknownKid)
    ));
}

#[test]
fn every_stage_of_every_ring_can_be_revoked() {
    let keys = node(&Arc::new(MemoryCustody::new()));
    keys.ring().rotate(SigningAlg::Es256, NOW).unwrap();
    keys.decryption_ring()
        .ensure(guichet_domain::KeyManagementAlg::EcdhEs, NOW)
        .unwrap();
    for held in keys.inventory() {
        keys.revoke(&held.kid, NOW).unwrap();
        assert!(
            keys.inventory().iter().all(|kept| kept.kid != held.kid),
            "{held:?}"
        );
    }
    assert_eq!(keys.ring().algs(), [SigningAlg::Es256, SigningAlg::EdDsa]);
    assert_eq!(keys.client_ring().algs(), [SigningAlg::Es256]);
}

#[test]
fn rsa_without_a_next_key_still_signs_after_a_revocation() {
    let keys = node(&Arc::new(MemoryCustody::new()));
    let ring = keys.ring();
    ring.ensure(SigningAlg::Rs256, NOW).unwrap();
    let revoked = kid(ring, SigningAlg::Rs256, KeyStage::Current).unwrap();
    ring.revoke(&revoked, NOW).unwrap();
    let token = ring
        .sign_jwt(SigningAlg::Rs256, Typ::Jwt, &json!({}))
        .unwrap();
    assert!(ring.verify_own(&token, Typ::Jwt, None).is_ok());
}

/// What may happen to the keys.
#[derive(Clone, Copy, Debug)]
enum Event {
    Rotate(SigningAlg),
    RotateDecryption,
    Revoke(usize),
    Upkeep,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        proptest::sample::select(&[SigningAlg::Es256, SigningAlg::EdDsa][..])
            .prop_map(Event::Rotate),
        Just(Event::RotateDecryption),
        (0..12_usize).prop_map(Event::Revoke),
        Just(Event::Upkeep),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn whatever_happens_to_the_keys_the_published_set_is_public_whole_and_signs(
        events in proptest::collection::vec(event(), 0..12),
    ) {
        let keys = node(&Arc::new(MemoryCustody::new()));
        let encryption = guichet_domain::KeyManagementAlg::EcdhEs;
        keys.decryption_ring().ensure(encryption, NOW).unwrap();
        let mut now = NOW;
        for event in events {
            now = now.after(Duration::from_hours(24 * 40));
            match event {
                Event::Rotate(alg) => keys.ring().rotate(alg, now).unwrap(),
                Event::RotateDecryption => keys.decryption_ring().rotate(encryption, now).unwrap(),
                Event::Revoke(at) => {
                    let inventory = keys.inventory();
                    keys.revoke(&inventory[at % inventory.len()].kid, now).unwrap();
                }
                Event::Upkeep => {
                    let outcomes = keys.rotate_due(now, RotationPolicy::default());
                    prop_assert!(outcomes.iter().all(Result::is_ok));
                }
            }
            let jwks: Value = serde_json::from_slice(&keys.jwks()).unwrap();
            let published = jwks["keys"].as_array().unwrap();
            for key in published {
                prop_assert!(PRIVATE_MEMBERS.iter().all(|name| key.get(name).is_none()));
                prop_assert!(key["use"] == "sig" || key["use"] == "enc");
            }
            let mut kids: Vec<_> = published.iter().map(|key| key["kid"].as_str()).collect();
            let all = kids.len();
            kids.sort_unstable();
            kids.dedup();
            prop_assert_eq!(kids.len(), all, "each key once");
            let set = crate::JwkSet::parse(&keys.jwks()).unwrap();
            for alg in [SigningAlg::Es256, SigningAlg::EdDsa] {
                let token = keys.ring().sign_jwt(alg, Typ::Jwt, &json!({})).unwrap();
                let policy = VerifyPolicy { algs: &JwsAlg::ALL, typ: TypRule::JwtOrAbsent };
                prop_assert!(crate::verify(&token, &set, policy).is_ok());
            }
            let encryption_keys = crate::EncryptionKeySet::parse(&keys.jwks()).unwrap();
            prop_assert!(encryption_keys.for_alg(encryption).is_some());
        }
    }
}
