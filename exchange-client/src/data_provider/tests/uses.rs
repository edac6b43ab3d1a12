//! A voucher is good for one use, which the hub knows of.

use http::StatusCode;
use serde_json::json;

use super::evidence;
use crate::Answer;
use crate::data_provider::{InMemory, VoucherRefusal, VoucherVerifier};
use crate::testing::{BODY, World};

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
async fn an_answer_without_evidence_does_not_count_as_a_release() {
    let world = World::new();
    for found in [Answer::NoMatch, Answer::NeedsLink { link: None }] {
        world.serve(&world.voucher(), found).await;
    }
    assert!(world.wire.forms_at("/token/introspection").is_empty());
    world.serve(&world.voucher(), evidence(620)).await;
    assert_eq!(world.wire.forms_at("/token/introspection").len(), 1);
}
