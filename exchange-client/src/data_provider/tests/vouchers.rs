//! Each check of a voucher and of its proof, attacked.

use std::sync::atomic::Ordering;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::SigningAlg;
use guichet_keys::{JweRefusal, JwsRefusal, Typ};

use crate::data_provider::VoucherRefusal;
use crate::proof::ProofRefusal;
use crate::testing::{BODY, NOW, World, hub_keys, own_keys, seal};
use crate::{Phase, Voucher, request_digest};

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
