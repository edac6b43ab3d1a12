//! What both sides are told: each by its own names, until it has it.

use std::collections::BTreeSet;

use guichet_domain::Preview;
use guichet_domain::client::ClientDirectory as _;
use guichet_store::durable::{EvidenceEnd, Party};
use serde_json::{Value, json};

use super::world::{CITIZEN_AT_CANTINE, ISSUER, PERSON, World, exchange};
use crate::{Event, How, Notice, PollAsk};

const REVOKED: &str = "urn:guichet:event:grant-revoked";

async fn revoke(world: &World, seed: u8) {
    let now = world.now();
    let ended = world.desk.end(exchange(seed), PERSON, How::Citizen, now);
    assert!(ended.await.unwrap());
}

fn ask(asked: &Value) -> PollAsk {
    serde_json::from_value(asked.clone()).unwrap()
}

async fn poll(world: &World, client: &str, asked: Value) -> (Vec<(String, Value)>, bool) {
    let (client, asked) = (world.directory.client(client).unwrap(), ask(&asked));
    let answer = world.desk.events().poll(&client, &asked).await.unwrap();
    let said = |(name, token): (String, String)| (name, world.event(&token));
    let sets = answer.sets.into_iter().map(said).collect();
    (sets, answer.more_available)
}

fn at_once() -> Value {
    json!({"returnImmediately": true})
}

#[tokio::test]
async fn both_sides_hear_of_a_revocation_by_their_own_names() {
    let world = World::new().await;
    world.both_listen();
    world
        .fetched(
            1,
            &json!({"usage": "recurring", "frequency_days": 30, "max_pulls": 2}),
        )
        .await;
    revoke(&world, 1).await;
    world.deliver().await;
    let mut posted = world.posted();
    posted.sort_by(|one, other| one.0.cmp(&other.0));
    let [(service_url, service), (holder_url, holder)] = posted.as_slice() else {
        panic!("{posted:?}")
    };
    assert_eq!(service_url, "https://cantine.example/events");
    assert_eq!(holder_url, "https://fd-famille.example/events");
    assert_eq!(
        (&service["aud"], &holder["aud"]),
        (&json!("cantine"), &json!("fd-famille"))
    );
    assert_eq!(service["sub_id"]["sub"], CITIZEN_AT_CANTINE);
    let event = json!({"grant_id": exchange(1).to_string(), "how": "revoked"});
    assert_eq!(service["events"][REVOKED], event);
    let detail_alias = &holder["events"][REVOKED]["exchange"];
    assert_ne!(detail_alias, &json!(exchange(1).to_string()));
    assert_ne!(holder["sub_id"]["sub"], CITIZEN_AT_CANTINE);
    for told in [service, holder] {
        assert_eq!(told["iss"], ISSUER);
        let members: BTreeSet<&str> = told
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        // No `exp`, no `sub`, no `nonce`: it is no other kind of token.
        assert_eq!(
            members,
            BTreeSet::from(["aud", "events", "iat", "iss", "jti", "sub_id"])
        );
    }
    world.deliver().await;
    assert!(world.posted().is_empty(), "taken is taken");
}

#[tokio::test]
async fn a_joiner_over_both_sides_events_finds_no_common_value() {
    fn values(of: &Value, found: &mut BTreeSet<String>) {
        match of {
            Value::Object(members) => members.values().for_each(|one| values(one, found)),
            Value::Array(all) => all.iter().for_each(|one| values(one, found)),
            one => drop(found.insert(one.to_string())),
        }
    }
    let world = World::new().await;
    world.both_listen();
    for seed in 1..=3 {
        world
            .fetched(
                seed,
                &json!({"usage": "recurring", "frequency_days": 30, "max_pulls": 2}),
            )
            .await;
        revoke(&world, seed).await;
        let parties = [Party::Service, Party::DataProvider];
        world
            .desk
            .ask_to_erase(exchange(seed), PERSON, &parties, world.now())
            .await
            .unwrap();
        world.clock.pass(1000);
        world.desk.look_for_unconfirmed(world.now()).await.unwrap();
    }
    world.deliver().await;
    let posted = world.posted();
    assert_eq!(posted.len(), 18);
    let (mut service, mut holder) = (BTreeSet::new(), BTreeSet::new());
    for (url, said) in &posted {
        let side = if url.contains("cantine") {
            &mut service
        } else {
            &mut holder
        };
        values(said, side);
    }
    let common: BTreeSet<_> = service.intersection(&holder).collect();
    // The hub, the words of the format, and times to the second.
    let is_known = |value: &str| {
        let words = [
            format!("\"{ISSUER}\""),
            "\"iss_sub\"".into(),
            "\"revoked\"".into(),
            "\"both\"".into(),
        ];
        words.iter().any(|word| word == value) || value.parse::<i64>().is_ok()
    };
    assert!(common.iter().all(|value| is_known(value)), "{common:?}");
}

#[tokio::test]
async fn a_data_provider_that_never_heard_of_an_exchange_does_not_hear_of_its_end() {
    let world = World::new().await;
    world.both_listen();
    world
        .directory
        .change_famille(|famille| famille.preview = Preview::None);
    world.send(1, &json!({})).await;
    revoke(&world, 1).await;
    world.deliver().await;
    let told: Vec<String> = world.posted().into_iter().map(|(url, _)| url).collect();
    assert_eq!(told, ["https://cantine.example/events"]);
}

#[tokio::test]
async fn what_could_not_be_sent_is_sent_again_unchanged() {
    let world = World::new().await;
    world.both_listen();
    world.listening.falls_silent();
    world.send(1, &json!({})).await;
    revoke(&world, 1).await;
    world.deliver().await;
    let first = world.posted();
    world.deliver().await;
    assert!(world.posted().is_empty(), "not before its time");
    world.listening.says(202, "");
    world.clock.pass(2);
    world.deliver().await;
    let again = world.posted();
    assert_eq!(first.len(), 2);
    assert!(
        first.iter().all(|one| again.contains(one)),
        "the same names and times"
    );
    world.clock.pass(100_000);
    world.deliver().await;
    assert!(world.posted().is_empty());
    let kinds = world.kinds().await;
    let count = |kind: &str| kinds.iter().filter(|one| *one == kind).count();
    assert_eq!((count("event.failed"), count("event.delivered")), (2, 2));
}

#[tokio::test]
async fn what_was_given_up_waits_to_be_fetched_and_an_operator_sees_it() {
    let world = World::new().await;
    world.both_listen();
    world.listening.falls_silent();
    world.send(1, &json!({})).await;
    revoke(&world, 1).await;
    for _ in 0..12 {
        world.deliver().await;
        world.clock.pass(24 * 60 * 60);
    }
    assert_eq!(world.posted().len(), 20, "ten times each");
    assert_eq!(world.durable.outbox.waiting().await.unwrap(), 0);
    let alarms = world.desk.alarms(world.now()).await.unwrap();
    assert_eq!(
        alarms.words().as_deref(),
        Some("1 events not taken by cantine; 1 events not taken by fd-famille")
    );
    let (sets, more) = poll(&world, "cantine", at_once()).await;
    assert_eq!((sets.len(), more), (1, false));
    poll(
        &world,
        "cantine",
        json!({"maxEvents": 0, "ack": [sets[0].0]}),
    )
    .await;
    assert!(poll(&world, "cantine", at_once()).await.0.is_empty());
    assert!(world.kinds().await.contains(&"event.given_up".to_owned()));
}

#[tokio::test]
async fn a_token_that_says_the_wrong_thing_is_not_sent_again() {
    let world = World::new().await;
    world.both_listen();
    let refusal = r#"{"err":"invalid_audience"}"#;
    world.listening.says(400, refusal);
    world.send(1, &json!({})).await;
    revoke(&world, 1).await;
    world.deliver().await;
    assert_eq!(world.posted().len(), 2);
    assert_eq!(world.durable.outbox.waiting().await.unwrap(), 0);
    assert_eq!(poll(&world, "cantine", at_once()).await.0.len(), 1);
}

#[tokio::test]
async fn a_party_fetches_its_events_in_parts_and_acknowledges_them() {
    let world = World::new().await;
    for seed in 1..=3 {
        world.send(seed, &json!({})).await;
        revoke(&world, seed).await;
        world.clock.pass(1);
    }
    let two = json!({"maxEvents": 2, "returnImmediately": true});
    let (first, more) = poll(&world, "cantine", two.clone()).await;
    assert_eq!((first.len(), more), (2, true));
    let (same, _) = poll(&world, "cantine", two).await;
    assert_eq!(same, first, "not acknowledged, not forgotten");
    let names: Vec<&String> = first.iter().map(|(name, _)| name).collect();
    assert!(
        first
            .iter()
            .all(|(name, said)| said["jti"] == name.as_str())
    );
    // Another party's acknowledgement takes nothing away.
    poll(&world, "fd-famille", json!({"maxEvents": 0, "ack": names})).await;
    let rejected = json!({"returnImmediately": true, "ack": [names[0], "no name"],
        "setErrs": {names[1]: {"err": "invalid_key", "description": "?"}}});
    let (rest, more) = poll(&world, "cantine", rejected).await;
    assert_eq!((rest.len(), more), (1, false));
    assert!(!names.contains(&&rest[0].0));
    let (none, more) = poll(&world, "cantine", json!({"maxEvents": 0})).await;
    assert_eq!((none.len(), more), (0, true));
    let events = world.events().await;
    let how: Vec<_> = events
        .iter()
        .filter(|event| event.kind.as_str().starts_with("event."))
        .map(|event| {
            (
                event.kind.as_str(),
                event.details.get("error").map(String::as_str),
            )
        })
        .collect();
    assert_eq!(
        how,
        [
            ("event.delivered", None),
            ("event.failed", Some("invalid_key"))
        ]
    );
}

#[tokio::test]
async fn who_waits_for_an_event_gets_it_when_it_happens() {
    let world = World::new().await;
    world.send(1, &json!({})).await;
    let waiting = poll(&world, "cantine", json!({}));
    let happening = async {
        tokio::task::yield_now().await;
        revoke(&world, 1).await;
    };
    let ((sets, _), ()) = tokio::join!(waiting, happening);
    assert_eq!(sets.len(), 1);
}

#[tokio::test]
async fn told_twice_about_one_thing_is_told_once() {
    let world = World::new().await;
    let client = world.directory.client("cantine").unwrap();
    let (client, subject) = (client, CITIZEN_AT_CANTINE.parse().unwrap());
    let leave = async |event: &Event, occurrence: &[u8]| {
        let notice = Notice {
            client: &client,
            subject: &subject,
            about: None,
            event,
            occurrence,
            at: world.now(),
        };
        world.desk.events().leave(&notice).await.unwrap();
    };
    let revoked = Event::GrantRevoked {
        how: EvidenceEnd::Revoked,
    };
    leave(&Event::AccountDisabled, b"one").await;
    leave(&Event::AccountDisabled, b"one").await;
    leave(&Event::AccountDisabled, b"two").await;
    leave(&revoked, b"one").await;
    assert_eq!(poll(&world, "cantine", at_once()).await.0.len(), 3);
}
