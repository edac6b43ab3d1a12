//! A grant begins when its sign-in is over: before, it is a decision on record that nobody can use; and when it
//! was fetched as often as was granted, nothing more hangs off it.

use guichet_domain::{EventKind, GrantId, Sealed};
use guichet_oidc::RichFailure;
use serde_json::json;

use super::world::{GRANT, PERSON, Who, World, digests, exchange};
use crate::{How, Standing, Word};

async fn standing(world: &World, seed: u8) -> Standing {
    let held = world.desk.of_exchange(exchange(seed), PERSON).await;
    held.unwrap().unwrap().standing
}

fn all() -> Word {
    Word::Sent {
        fields: ["quotient", "tranche"]
            .map(|name| name.parse().unwrap())
            .into(),
    }
}

/// In another sign-in than the one before.
fn later() -> Who {
    Who {
        grant: GrantId::from_bytes([9; 16]),
        ..Who::default()
    }
}

#[tokio::test]
async fn what_was_sent_in_a_sign_in_that_is_not_over_is_not_fetched() {
    let world = World::new().await;
    let (who, ask) = (Who::default(), world.ask(&json!({})));
    let shown = digests(&["quotient", "tranche"]);
    let sent = world.word_of(&who, 1, &ask, all(), &shown).await.unwrap();
    let detail = sent.unwrap();
    assert_eq!(standing(&world, 1).await, Standing::NotBegun);
    let Err(RichFailure::Refused(refusal)) = world.voucher(&detail).await else {
        panic!("a voucher before the service was answered");
    };
    assert_eq!(refusal.description(), "the grant ended");
    world.desk.begin(GRANT, world.now()).await.unwrap();
    world.desk.begin(GRANT, world.now()).await.unwrap();
    assert_eq!(standing(&world, 1).await, Standing::Open);
    world.pulled(&detail).await;
}

#[tokio::test]
async fn what_stands_goes_on_until_the_sign_in_that_takes_its_place_is_over() {
    let world = World::new().await;
    let recurring = json!({"usage": "recurring"});
    let standing_detail = world.send(1, &recurring).await;
    let ask = world.ask(&recurring);
    let shown = digests(&["quotient", "tranche"]);
    let sent = world.word_of(&later(), 2, &ask, all(), &shown).await;
    assert!(sent.unwrap().is_some());
    // The tab was closed here: the service never heard of the new one, and has the one it had.
    assert_eq!(standing(&world, 1).await, Standing::Open);
    assert_eq!(standing(&world, 2).await, Standing::NotBegun);
    assert!(world.voucher(&standing_detail).await.is_ok());
    let is_end = |kind: &EventKind| *kind == EventKind::EvidenceRevoked;
    let ends = async || {
        let events = world.events().await;
        events.iter().filter(|event| is_end(&event.kind)).count()
    };
    assert_eq!(ends().await, 0);
    world.desk.begin(later().grant, world.now()).await.unwrap();
    assert_eq!(standing(&world, 1).await, Standing::Over);
    assert_eq!(standing(&world, 2).await, Standing::Open);
    assert!(world.voucher(&standing_detail).await.is_err());
    world.desk.begin(later().grant, world.now()).await.unwrap();
    assert_eq!(ends().await, 1, "once, on record");
}

#[tokio::test]
async fn what_was_taken_back_on_the_way_never_begins_and_its_service_hears_of_nothing() {
    let world = World::new().await;
    world.both_listen();
    let (who, ask) = (Who::default(), world.ask(&json!({})));
    let shown = digests(&["quotient", "tranche"]);
    let sent = world.word_of(&who, 1, &ask, all(), &shown).await.unwrap();
    let end = world
        .desk
        .end(exchange(1), PERSON, How::Citizen, world.now());
    assert!(end.await.unwrap());
    world.desk.begin(GRANT, world.now()).await.unwrap();
    assert_eq!(standing(&world, 1).await, Standing::Over);
    assert!(world.voucher(&sent.unwrap()).await.is_err());
    world.deliver().await;
    let told: Vec<String> = world.posted().into_iter().map(|(url, _)| url).collect();
    assert_eq!(told, ["https://fd-famille.example/events"], "it showed it");
}

#[tokio::test]
async fn nothing_hangs_off_what_was_fetched_as_often_as_was_granted() {
    let world = World::new().await;
    world.fetched(1, &json!({})).await;
    assert_eq!(standing(&world, 1).await, Standing::Open, "it may be lost");
    world.arrived(1).await;
    assert_eq!(standing(&world, 1).await, Standing::Fetched);
    world.send(2, &json!({"usage": "recurring"})).await;
    let tokens = &world.desk.parts.access_tokens;
    let until = world.now().after(std::time::Duration::from_mins(1));
    let sealed = Sealed::from_bytes(vec![1]);
    let issued = tokens.issue([1; 32], GRANT, None, sealed, until).await;
    issued.unwrap();
    let end = world
        .desk
        .end(exchange(2), PERSON, How::Citizen, world.now());
    assert!(end.await.unwrap());
    let live = tokens.live([1; 32], world.now()).await.unwrap();
    assert!(live.is_none(), "what was fetched keeps no token alive");
    // What the service has by it may be disagreed with all the same.
    let end = world
        .desk
        .end(exchange(1), PERSON, How::Citizen, world.now());
    assert!(end.await.unwrap());
    assert_eq!(standing(&world, 1).await, Standing::Over);
}
