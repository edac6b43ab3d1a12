//! Each check of a voucher, attacked.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{IdentityClaims, PivotIdentity, SigningAlg, Timestamp};
use guichet_keys::{JweRefusal, JwsRefusal, Typ};
use http::request::Parts;
use serde_json::{Value, json};

use super::*;
use crate::proof::ProofRefusal;
use crate::testing::{BODY, NOW, World, hub_keys, own_keys, payload, quotient, seal};
use crate::{Phase, PreviewState, Voucher, field_digest, request_digest};

impl World {
    fn desk(&self) -> &EvidenceDesk {
        self.wire.desk.get().unwrap()
    }

    async fn verify(&self, head: &Parts, body: &[u8]) -> Result<Accepted, VoucherRefusal> {
        self.desk().verifier.verify(head, body).await
    }

    /// What becomes of a voucher that the hub signed after `change`.
    async fn verdict_on(&self, change: impl FnOnce(&mut Voucher)) -> Result<(), VoucherRefusal> {
        let mut voucher = self.voucher();
        change(&mut voucher);
        let text = self.signed(&voucher);
        let accepted = self.verify(&self.head(&text), BODY).await?;
        self.desk().verifier.confirm(&accepted).await
    }

    async fn serve(&self, voucher: &Voucher, found: Answer) -> (StatusCode, Value, Option<Half>) {
        let head = self.head(&self.signed(voucher));
        let served = self.desk().serve(&head, BODY, |_| async { found }).await;
        let body = serde_json::from_slice(served.response.body()).unwrap();
        (served.response.status(), body, served.half)
    }
}

fn tomorrow() -> Timestamp {
    NOW.after(Duration::from_hours(24))
}

fn evidence(value: i64) -> Answer {
    Answer::Evidence {
        fields: quotient(value),
        valid_until: tomorrow(),
    }
}

/// What stands in the evidence of an answer.
fn opened(world: &World, body: &Value) -> Value {
    let envelope = body["evidence"].as_str().unwrap();
    let signed = world.service_keys.decrypt(envelope).unwrap();
    payload(&String::from_utf8(signed).unwrap())
}

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
async fn a_voucher_is_good_for_one_use() {
    let world = World::new();
    let text = world.signed(&world.voucher());
    assert!(world.verify(&world.head(&text), BODY).await.is_ok());
    let again = world.verify(&world.head(&text), BODY).await;
    assert_eq!(again.unwrap_err(), VoucherRefusal::Used);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_who_present_one_voucher_at_once_one_is_the_first() {
    let world = std::sync::Arc::new(World::new());
    let text = world.signed(&world.voucher());
    let racers: Vec<_> = (0..20)
        .map(|_| {
            let (world, text) = (world.clone(), text.clone());
            tokio::spawn(async move { world.verify(&world.head(&text), BODY).await.map(drop) })
        })
        .collect();
    let mut first = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(()) => first += 1,
            Err(refusal) => assert_eq!(refusal, VoucherRefusal::Used),
        }
    }
    assert_eq!(first, 1);
}

#[tokio::test]
async fn what_a_restart_forgot_the_hub_still_knows() {
    let world = World::new();
    let text = world.signed(&world.voucher());
    let accepted = world.verify(&world.head(&text), BODY).await.unwrap();
    world.desk().verifier.confirm(&accepted).await.unwrap();
    let endpoint = url::Url::parse(crate::testing::ENDPOINT).unwrap();
    let used = std::sync::Arc::new(InMemory::default());
    let hub = world.desk().hub().clone();
    let restarted = VoucherVerifier::new(hub, "famille", endpoint, used);
    let accepted = restarted.verify(&world.head(&text), BODY).await.unwrap();
    let again = restarted.confirm(&accepted).await;
    assert_eq!(again, Err(VoucherRefusal::Inactive));
}

#[tokio::test]
async fn what_the_citizen_took_back_is_good_no_more() {
    let world = World::new();
    *world.wire.revoked.lock().unwrap() = true;
    let verdict = world.verdict_on(|_| ()).await;
    assert_eq!(verdict, Err(VoucherRefusal::Inactive));
}

#[tokio::test]
async fn without_the_hub_nothing_leaves_and_the_service_may_try_again() {
    let world = World::new();
    world.verdict_on(|_| ()).await.unwrap();
    *world.wire.hub_is_down.lock().unwrap() = true;
    let (status, body, half) = world.serve(&world.voucher(), evidence(620)).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(body, json!({ "error": "temporarily_unavailable" }));
    assert!(half.is_none());
}

#[tokio::test]
async fn a_voucher_for_somebody_else_or_by_somebody_else_is_refused() {
    let world = World::new();
    let other_audience = world.verdict_on(|v| v.aud = "impots".to_owned()).await;
    assert_eq!(other_audience, Err(VoucherRefusal::Audience));
    let other_hub = world
        .verdict_on(|v| v.iss = "https://hub.example.evil".to_owned())
        .await;
    assert_eq!(other_hub, Err(VoucherRefusal::Issuer));
}

#[tokio::test]
async fn a_voucher_lives_for_a_minute() {
    let world = World::new();
    let refused = |refusal| Err(VoucherRefusal::Voucher(refusal));
    let past = world.verdict_on(|v| v.exp = NOW.seconds() - 6).await;
    assert_eq!(past, refused(JwsRefusal::Expired));
    let long = world.verdict_on(|v| v.exp = NOW.seconds() + 66).await;
    assert_eq!(long, refused(JwsRefusal::TooLongLived));
    let early = world.verdict_on(|v| v.iat = NOW.seconds() + 6).await;
    assert_eq!(early, refused(JwsRefusal::NotYet));
    let almost = world.verdict_on(|v| v.exp = NOW.seconds() + 1).await;
    assert_eq!(almost, Ok(()));
}

#[tokio::test]
async fn what_is_shown_goes_to_the_hub_and_what_is_sent_to_a_service() {
    let world = World::new();
    let shown_to_a_service = world.verdict_on(|v| v.phase = Phase::Prepare).await;
    assert_eq!(shown_to_a_service, Err(VoucherRefusal::Phase));
    let to_the_hub = |v: &mut Voucher| v.client.id.clone_from(&v.iss);
    let sent_to_the_hub = world.verdict_on(to_the_hub).await;
    assert_eq!(sent_to_the_hub, Err(VoucherRefusal::Phase));
    let shown_to_the_hub = world.verdict_on(|v| {
        to_the_hub(v);
        v.phase = Phase::Prepare;
    });
    assert_eq!(shown_to_the_hub.await, Ok(()));
}

#[tokio::test]
async fn a_phase_nobody_knows_is_no_voucher() {
    let world = World::new();
    let mut claims = serde_json::to_value(world.voucher()).unwrap();
    claims["phase"] = "approve".into();
    let hub = world.wire.hub.lock().unwrap().clone();
    let signed = hub
        .ring()
        .sign_jwt(SigningAlg::Es256, Typ::Voucher, &claims)
        .unwrap();
    let text = world.wire.sealed(&signed);
    let verdict = world.verify(&world.head(&text), BODY).await;
    assert_eq!(
        verdict.unwrap_err(),
        VoucherRefusal::Voucher(JwsRefusal::Claims)
    );
}

/// What is done to a good proof.
type Change = fn(&mut crate::proof::ProofClaims);

#[tokio::test]
async fn a_proof_is_for_this_request_by_the_key_in_the_voucher() {
    let world = World::new();
    let text = world.signed(&world.voucher());
    let cases: [(Change, ProofRefusal); 6] = [
        (|p| p.htm = "GET".to_owned(), ProofRefusal::Method),
        (
            |p| p.htu = "https://impots.example/evidence".to_owned(),
            ProofRefusal::Address,
        ),
        (
            |p| p.ath = Some(crate::digest::hash("another")),
            ProofRefusal::Token,
        ),
        (|p| p.ath = None, ProofRefusal::Token),
        (|p| p.iat -= 61, ProofRefusal::Stale),
        (|p| p.iat += 61, ProofRefusal::Stale),
    ];
    for (change, expected) in cases {
        let mut claims = world.proof_claims(&text);
        change(&mut claims);
        let proof = world.service_keys.prove(&claims).unwrap();
        let verdict = world
            .verify(&crate::testing::head_with(&text, &proof), BODY)
            .await;
        assert_eq!(verdict.unwrap_err(), VoucherRefusal::Proof(expected));
    }
    let thief = own_keys().prove(&world.proof_claims(&text)).unwrap();
    let verdict = world
        .verify(&crate::testing::head_with(&text, &thief), BODY)
        .await;
    assert_eq!(
        verdict.unwrap_err(),
        VoucherRefusal::Proof(ProofRefusal::Key)
    );
    let verdict = world.verify(&world.head(&text), BODY).await;
    assert!(verdict.is_ok(), "what failed before did not spend it");
}

#[tokio::test]
async fn one_voucher_and_one_proof_must_come_and_no_more() {
    let world = World::new();
    let text = world.signed(&world.voucher());
    let whole = || world.head(&text);
    let (mut bearer, mut bare, mut twice, mut unproven) = (whole(), whole(), whole(), whole());
    bearer
        .headers
        .insert("Authorization", format!("Bearer {text}").parse().unwrap());
    bare.headers.remove("Authorization");
    let proof = twice.headers["DPoP"].clone();
    twice.headers.append("DPoP", proof);
    unproven.headers.remove("DPoP");
    for head in [bearer, bare, twice, unproven] {
        let verdict = world.verify(&head, BODY).await;
        assert_eq!(verdict.unwrap_err(), VoucherRefusal::Credentials);
    }
}

#[tokio::test]
async fn a_voucher_is_for_one_request_to_the_byte() {
    let world = World::new();
    let text = world.signed(&world.voucher());
    let spaced = String::from_utf8(BODY.to_vec()).unwrap().replace(':', ": ");
    for body in [&b"{}"[..], b"", spaced.as_bytes()] {
        let verdict = world.verify(&world.head(&text), body).await;
        assert_eq!(verdict.unwrap_err(), VoucherRefusal::OtherRequest);
    }
}

#[tokio::test]
async fn a_request_asks_for_no_more_than_the_voucher_is_for() {
    let world = World::new();
    let cases = [
        (
            r#"{"evidence_type":"quotient-familial","fields":["quotient","children"]}"#,
            VoucherRefusal::Beyond,
        ),
        (
            r#"{"evidence_type":"quotient-familial","fields":[]}"#,
            VoucherRefusal::Beyond,
        ),
        (
            r#"{"evidence_type":"revenu","fields":["quotient"]}"#,
            VoucherRefusal::Beyond,
        ),
        (
            r#"{"evidence_type":"quotient-familial","fields":["quotient"],"sub":"x"}"#,
            VoucherRefusal::Body,
        ),
        (
            r#"{"evidence_type":"quotient-familial","fields":["quotient"],"fields":["children"]}"#,
            VoucherRefusal::Body,
        ),
        ("quotient", VoucherRefusal::Body),
    ];
    for (body, expected) in cases {
        let voucher = world.wire.voucher(request_digest(body.as_bytes()));
        let head = world.head(&world.signed(&voucher));
        let verdict = world.verify(&head, body.as_bytes()).await;
        assert_eq!(verdict.unwrap_err(), expected, "{body}");
    }
}

#[tokio::test]
async fn only_the_hub_signs_vouchers() {
    let world = World::new();
    let voucher = world.voucher();
    let refused = |refusal| VoucherRefusal::Voucher(refusal);
    let stranger = hub_keys();
    let forged = stranger
        .ring()
        .sign_jwt(SigningAlg::Es256, Typ::Voucher, &voucher);
    let hub = world.wire.hub.lock().unwrap().clone();
    let signed_by_the_hub = |typ| {
        hub.ring()
            .sign_jwt(SigningAlg::Es256, typ, &voucher)
            .unwrap()
    };
    let good = signed_by_the_hub(Typ::Voucher);
    let (signed, _) = good.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    let unsigned = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"evidence-voucher+jwt"}"#);
    let hmac = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"evidence-voucher+jwt"}"#);
    let mut richer = voucher.clone();
    richer.fields.push("children".to_owned());
    let richer = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&richer).unwrap());
    let signature = good.rsplit_once('.').unwrap().1;
    let cases = [
        (forged.unwrap(), JwsRefusal::UnknownKey),
        (format!("{unsigned}.{payload}."), JwsRefusal::Alg),
        (format!("{hmac}.{payload}.{signature}"), JwsRefusal::Alg),
        (
            format!("{header}.{richer}.{signature}"),
            JwsRefusal::Signature,
        ),
        (signed_by_the_hub(Typ::AccessToken), JwsRefusal::Typ),
        ("a.b".to_owned(), JwsRefusal::NotCompact),
    ];
    for (signed, expected) in cases {
        let text = world.wire.sealed(&signed);
        let verdict = world.verify(&world.head(&text), BODY).await;
        assert_eq!(verdict.unwrap_err(), refused(expected));
    }
}

#[tokio::test]
async fn a_voucher_that_is_not_encrypted_to_us_is_refused() {
    let world = World::new();
    let voucher = world.voucher();
    let hub = world.wire.hub.lock().unwrap().clone();
    let signed = hub
        .ring()
        .sign_jwt(SigningAlg::Es256, Typ::Voucher, &voucher);
    let bare = signed.unwrap();
    let for_another = seal(&voucher.recipient, &bare);
    for (text, expected) in [
        (bare, JweRefusal::NotCompact),
        (for_another, JweRefusal::UnknownKey),
    ] {
        let verdict = world.verify(&world.head(&text), BODY).await;
        assert_eq!(verdict.unwrap_err(), VoucherRefusal::Envelope(expected));
    }
}

#[tokio::test]
async fn an_answer_without_evidence_does_not_count_as_a_release() {
    let world = World::new();
    for found in [Answer::NoMatch, Answer::NeedsLink { link: None }] {
        world.serve(&world.voucher(), found).await;
    }
    assert!(world.wire.forms_at("/token/introspection").is_empty());
    world.serve(&world.voucher(), evidence(620)).await;
    assert_eq!(world.wire.forms_at("/token/introspection").len(), 1);
}

#[tokio::test]
async fn a_rotated_key_is_found_and_an_invented_one_floods_nobody() {
    let world = World::new();
    world.verdict_on(|_| ()).await.unwrap();
    *world.wire.hub.lock().unwrap() = hub_keys();
    let unknown = Err(VoucherRefusal::Voucher(JwsRefusal::UnknownKey));
    for _ in 0..10 {
        assert_eq!(world.verdict_on(|_| ()).await, unknown, "too soon");
    }
    assert_eq!(world.wire.key_fetches.load(Ordering::Relaxed), 1);
    world.wire.clock.advance(11);
    assert_eq!(world.verdict_on(|_| ()).await, Ok(()));
    assert_eq!(world.wire.key_fetches.load(Ordering::Relaxed), 2);
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

#[test]
fn a_refusal_names_its_kind_and_no_more() {
    let of = |refusal: VoucherRefusal| {
        let response = refusal.response();
        let challenge = response.headers().get("WWW-Authenticate");
        let challenge = challenge.map(|text| text.to_str().unwrap().to_owned());
        (response.status().as_u16(), challenge.unwrap_or_default())
    };
    let (status, challenge) = of(VoucherRefusal::Used);
    assert_eq!(status, 401);
    assert!(challenge.starts_with(r#"DPoP error="invalid_token""#));
    let (status, challenge) = of(VoucherRefusal::Proof(ProofRefusal::Key));
    assert_eq!(status, 401);
    assert!(challenge.starts_with(r#"DPoP error="invalid_dpop_proof""#));
    assert_eq!(of(VoucherRefusal::Beyond), (400, String::new()));
    assert_eq!(of(VoucherRefusal::HubDown), (503, String::new()));
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
