//! What is answered to a good request: evidence for the service alone, or why there is none.

use std::collections::BTreeSet;
use std::time::Duration;

use guichet_domain::{IdentityClaims, PivotIdentity};
use http::StatusCode;
use serde_json::json;

use super::{evidence, opened, tomorrow};
use crate::data_provider::{BlindRegister, Match};
use crate::testing::{BODY, World, own_keys, quotient};
use crate::{Answer, Phase, PreviewState, field_digest, request_digest};

#[tokio::test]
async fn a_good_request_is_answered_with_evidence_for_the_service_alone() {
    let world = World::new();
    let voucher = world.voucher();
    let (status, body, half) = world.serve(&voucher, evidence(620)).await;
    assert_eq!(status, StatusCode::OK);
    let claims = opened(&world, &body);
    assert_eq!(
        claims["fields"],
        json!({ "quotient": 620 }),
        "no more than was asked for"
    );
    assert_eq!(claims["aud"], "cantine");
    assert_eq!(claims["request_digest"], request_digest(BODY));
    assert_eq!(claims["exp"], tomorrow().seconds());
    // Of two builds of the JSON library, one keeps the order of members and one sorts them.
    let names: BTreeSet<&str> = claims
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let documented = [
        "aud",
        "evidence_type",
        "exchange",
        "exp",
        "fields",
        "iat",
        "iss",
        "request_digest",
        "subject",
        "voucher",
    ];
    assert_eq!(
        names,
        BTreeSet::from(documented),
        "no name of the citizen, nor anything else"
    );
    assert_ne!(claims["subject"], voucher.sub);
    let envelope = body["evidence"].as_str().unwrap();
    assert_eq!(half.unwrap().digest(), crate::sha256_text(envelope));
    assert!(own_keys().decrypt(envelope).is_err());
}

#[tokio::test]
async fn what_the_citizen_saw_is_what_is_sent() {
    let world = World::new();
    let mut voucher = world.voucher();
    voucher.preview.state = PreviewState::Shown;
    let shown = ("quotient".to_owned(), field_digest("quotient", &620.into()));
    voucher.preview.digests.extend([shown]);
    let (status, body, half) = world.serve(&voucher, evidence(621)).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(body, json!({ "status": "changed" }));
    assert!(half.is_none());
    voucher.jti = "another".to_owned();
    let (status, ..) = world.serve(&voucher, evidence(620)).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn the_hub_is_given_digests_that_it_cannot_read_and_they_are_known_again() {
    let world = World::new();
    let preparing = |exchange: &str, jti: &str| {
        let mut voucher = world.voucher();
        voucher.phase = Phase::Prepare;
        voucher.client.id.clone_from(&voucher.iss);
        exchange.clone_into(&mut voucher.exchange);
        jti.clone_into(&mut voucher.jti);
        voucher
    };
    let mut given = Vec::new();
    for (exchange, jti) in [("one", "1"), ("one", "2"), ("two", "3")] {
        let (_, body, _) = world.serve(&preparing(exchange, jti), evidence(620)).await;
        let digest = body["digests"]["quotient"].as_str().unwrap().to_owned();
        assert!(digest.starts_with("hmac-sha-256:"), "{digest}");
        assert!(!digest.contains(&field_digest("quotient", &620.into())["sha-256:".len()..]));
        given.push(digest);
    }
    assert_eq!(given[0], given[1]);
    assert_ne!(given[0], given[2], "the same value in another exchange");
    for (exchange, value, status) in [
        ("one", 620, StatusCode::OK),
        ("one", 621, StatusCode::CONFLICT),
        ("two", 620, StatusCode::CONFLICT),
    ] {
        let mut voucher = world.voucher();
        exchange.clone_into(&mut voucher.exchange);
        voucher.jti = format!("{exchange} {value}");
        voucher.preview.state = PreviewState::Shown;
        let shown = ("quotient".to_owned(), given[0].clone());
        voucher.preview.digests.extend([shown]);
        let (answered, body, _) = world.serve(&voucher, evidence(value)).await;
        assert_eq!(answered, status, "{exchange} {value}");
        assert_eq!(body.get("digests"), None, "{body}");
    }
}

#[tokio::test]
async fn what_is_shown_first_is_no_delivery() {
    let world = World::new();
    let mut voucher = world.voucher();
    voucher.phase = Phase::Prepare;
    voucher.client.id.clone_from(&voucher.iss);
    let (status, body, half) = world.serve(&voucher, evidence(620)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(opened(&world, &body)["fields"]["quotient"], 620);
    assert!(half.is_none());
}

#[tokio::test]
async fn every_other_answer_has_its_status_and_its_words() {
    let world = World::new();
    let page = url::Url::parse("https://famille.example/lier").unwrap();
    let cases = [
        (Answer::NoMatch, 404, json!({ "status": "no_match" })),
        (
            Answer::SeveralMatches,
            409,
            json!({ "status": "several_matches" }),
        ),
        (
            Answer::Later {
                retry_after: Duration::from_mins(2),
            },
            202,
            json!({ "status": "later", "retry_after": 120 }),
        ),
        (
            Answer::NeedsLink {
                link: Some(page.clone()),
            },
            403,
            json!({ "status": "needs_link", "link_uri": page }),
        ),
    ];
    for (found, status, expected) in cases {
        let (given, body, half) = world.serve(&world.voucher(), found).await;
        assert_eq!(given.as_u16(), status);
        assert_eq!(body, expected);
        assert!(half.is_none());
    }
}

#[tokio::test]
async fn a_page_of_ones_own_is_named_while_preparing_and_nothing_is_released_by_it_later() {
    let page = url::Url::parse("https://famille.example/apercu").unwrap();
    let own_page = || Answer::OwnPage {
        page: page.clone(),
        fields: quotient(620),
    };
    let world = World::new();
    let (status, body, half) = world.serve(&world.voucher(), own_page()).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(body, json!({}));
    assert!(half.is_none());
    let asked = || world.wire.forms_at("/token/introspection").len();
    assert_eq!(asked(), 0, "the hub did not hear of a release");
    let mut voucher = world.voucher();
    voucher.phase = Phase::Prepare;
    voucher.client.id.clone_from(&voucher.iss);
    let (status, body, half) = world.serve(&voucher, own_page()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body["preview_uri"], page.as_str());
    let digest = body["digests"]["quotient"].as_str().unwrap();
    assert!(digest.starts_with("hmac-sha-256:"), "{body}");
    assert!(half.is_none());
    assert_eq!(asked(), 1);
}

#[tokio::test]
async fn what_cannot_be_sealed_is_not_released() {
    let world = World::new();
    let mut voucher = world.voucher();
    voucher.recipient =
        json!({ "kty": "EC", "use": "enc", "alg": "ECDH-ES+A256KW", "crv": "P-256" });
    let (status, _, half) = world.serve(&voucher, evidence(620)).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(half.is_none());
    assert!(world.wire.forms_at("/token/introspection").is_empty());
}

#[tokio::test]
async fn a_register_is_indexed_without_a_name_and_finds_none_one_or_several() {
    let world = World::new();
    let person = |family_name: &str| {
        let claims = IdentityClaims {
            given_name: Some("Camille".to_owned()),
            family_name: Some(family_name.to_owned()),
            birthdate: Some("1990-04-12".to_owned()),
            gender: Some("female".to_owned()),
            birthcountry: Some("99100".to_owned()),
            birthplace: Some("69383".to_owned()),
            ..IdentityClaims::default()
        };
        PivotIdentity::from_claims(&claims).ok().unwrap()
    };
    let mut register = BlindRegister::default();
    let rows = [("MARTIN", 1), ("DUPONT", 2), ("Dupont", 3)];
    let rows = rows.map(|(name, row)| (person(name), row));
    let hub = world.desk().hub().clone();
    register.add(&hub, rows).await.unwrap();
    let index = |name: &str| {
        let hub = world.wire.hub.lock().unwrap().clone();
        let key = hub.blind_index_key("famille").unwrap();
        key.index(&person(name)).unwrap().to_string()
    };
    assert_eq!(register.find(&index("MARTIN")), Match::One(&1));
    assert_eq!(register.find(&index("DUPONT")), Match::Several);
    assert_eq!(register.find(&index("DURAND")), Match::Nobody);
    assert_eq!(register.find("no index"), Match::Nobody);
    let sent = world.wire.forms_at("/exchange/blind-indexes");
    let sent = serde_json::to_string(&sent).unwrap();
    assert!(!sent.contains("MARTIN") && !sent.contains(&index("MARTIN")));
}
