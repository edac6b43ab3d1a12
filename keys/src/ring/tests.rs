//! Rotation, as the node that rotates and as another node sees it.

use serde_json::{Value, json};

use super::*;
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
fn a_published_key_holds_no_private_member() {
    let keys = node(&Arc::new(MemoryCustody::new()));
    keys.ring().ensure(SigningAlg::Rs256, NOW).unwrap();
    let jwks: Value = serde_json::from_slice(&keys.ring().jwks()).unwrap();
    for key in jwks["keys"].as_array().unwrap() {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none());
        }
        assert_eq!(key["use"], "sig");
    }
}
