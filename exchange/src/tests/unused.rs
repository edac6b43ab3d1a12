//! What nobody fetches for long ends by itself, and both sides hear of it.

use std::time::Duration;

use serde_json::{Value, json};

use super::world::{PERSON, World};

const DAY: u64 = 24 * 60 * 60;

fn recurring(every_days: u32) -> Value {
    json!({"usage": "recurring", "frequency_days": every_days, "max_pulls": 3})
}

async fn end_unused(world: &World) -> usize {
    world.desk.end_unused(world.now()).await.unwrap()
}

async fn has_ended(world: &World) -> bool {
    let held = world.desk.of_person(PERSON, 1).await.unwrap();
    held[0].ended.is_some()
}

#[tokio::test]
async fn a_grant_that_nobody_uses_ends_by_itself_and_both_sides_hear_of_it() {
    let world = World::new().await;
    world.both_listen();
    world.fetched(1, &recurring(30)).await;
    world.clock.pass(179 * DAY);
    assert_eq!(end_unused(&world).await, 0);
    assert!(!has_ended(&world).await);
    world.clock.pass(2 * DAY);
    assert_eq!(end_unused(&world).await, 1);
    assert!(has_ended(&world).await);
    world.deliver().await;
    let posted = world.posted();
    assert_eq!(posted.len(), 2, "{posted:?}");
    for (_, said) in posted {
        let revoked = &said["events"]["urn:guichet:event:grant-revoked"];
        assert_eq!(revoked["how"], "unused", "{said}");
    }
    let events = world.events().await;
    let ends = events
        .iter()
        .filter(|it| it.kind.as_str() == "evidence.revoked");
    let told: Vec<_> = ends.map(|it| it.details.get("how").cloned()).collect();
    assert_eq!(told, [Some("unused".into())]);
    assert_eq!(end_unused(&world).await, 0, "over is over");
}

#[tokio::test]
async fn what_is_fetched_twice_a_year_is_not_unused_before_a_year() {
    let world = World::new().await;
    let until = world.now().after(Duration::from_secs(360 * DAY));
    let mut slow = recurring(170);
    slow["until"] = json!(until.to_string());
    world.fetched(1, &slow).await;
    world.clock.pass(339 * DAY);
    assert_eq!(end_unused(&world).await, 0);
    world.clock.pass(2 * DAY);
    assert_eq!(end_unused(&world).await, 1);
}

#[tokio::test]
async fn of_two_nodes_that_find_the_same_one_ends_it_and_it_is_told_once() {
    let world = World::new().await;
    world.fetched(1, &recurring(30)).await;
    world.clock.pass(181 * DAY);
    let (one, other) = tokio::join!(end_unused(&world), end_unused(&world));
    assert_eq!(one + other, 1);
    let events = world.events().await;
    let ends = events
        .iter()
        .filter(|it| it.kind.as_str() == "evidence.revoked");
    assert_eq!(ends.count(), 1);
}
