//! Deliveries that both sides did not confirm: found once, told to both, mended by what comes in late.

use guichet_store::durable::{DeliveryHalf, DeliveryRecord};
use serde_json::{Value, json};

use super::world::{PERSON, World, exchange};

const QUARTER: u64 = 15 * 60;

async fn half(world: &World, half: DeliveryHalf, digest: u8) {
    let record = DeliveryRecord {
        exchange: exchange(1),
        voucher: [1; 32],
        pull: 1,
        half,
        digest: [digest; 32],
        receipt: "a.b.c".to_owned(),
        at: world.now(),
    };
    world
        .durable
        .evidence_grants
        .deliver(&record)
        .await
        .unwrap();
}

async fn look(world: &World) -> Vec<Value> {
    world.desk.look_for_unconfirmed(world.now()).await.unwrap();
    world.deliver().await;
    let posted = world.posted().into_iter();
    posted
        .map(|(_, said)| {
            said["events"]["urn:guichet:event:delivery-unconfirmed"]["missing"].clone()
        })
        .collect()
}

async fn unconfirmed(world: &World) -> bool {
    world.desk.of_person(PERSON, 1).await.unwrap()[0].unconfirmed
}

#[tokio::test]
async fn a_missing_half_is_told_to_both_sides_a_quarter_of_an_hour_later() {
    for (halves, missing) in [
        (vec![], "both"),
        (vec![(DeliveryHalf::Released, 1)], "received"),
        (vec![(DeliveryHalf::Received, 1)], "released"),
        (
            vec![(DeliveryHalf::Released, 1), (DeliveryHalf::Received, 2)],
            "match",
        ),
    ] {
        let world = World::new().await;
        world.both_listen();
        world.fetched(1, &json!({})).await;
        for (which, digest) in halves {
            half(&world, which, digest).await;
        }
        world.clock.pass(QUARTER);
        assert!(look(&world).await.is_empty(), "not yet");
        world.clock.pass(1);
        assert_eq!(look(&world).await, [missing, missing]);
        assert!(look(&world).await.is_empty(), "once");
        assert!(unconfirmed(&world).await);
        assert_eq!(world.desk.alarms(world.now()).await.unwrap().unconfirmed, 1);
        let last = world.events().await;
        let last = last
            .iter()
            .find(|one| one.kind.as_str() == "evidence.unconfirmed")
            .unwrap();
        assert_eq!(last.details["missing"], missing);
    }
}

#[tokio::test]
async fn a_half_that_comes_late_mends_it() {
    let world = World::new().await;
    world.both_listen();
    world.fetched(1, &json!({})).await;
    half(&world, DeliveryHalf::Released, 1).await;
    world.clock.pass(QUARTER + 1);
    look(&world).await;
    assert!(unconfirmed(&world).await);
    half(&world, DeliveryHalf::Received, 1).await;
    assert!(!unconfirmed(&world).await);
    assert_eq!(world.desk.alarms(world.now()).await.unwrap().unconfirmed, 0);
}

#[tokio::test]
async fn what_both_sides_confirmed_alarms_nobody() {
    let world = World::new().await;
    world.both_listen();
    world.fetched(1, &json!({})).await;
    half(&world, DeliveryHalf::Received, 1).await;
    half(&world, DeliveryHalf::Released, 1).await;
    world.clock.pass(10 * QUARTER);
    assert!(look(&world).await.is_empty());
    assert!(!unconfirmed(&world).await);
}
