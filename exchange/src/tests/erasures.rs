//! What citizens want erased: asked once, answered by the party itself, never forgotten.

use guichet_domain::client::ClientDirectory as _;
use guichet_domain::{PersonId, SigningAlg};
use guichet_keys::{Keys, Typ};
use guichet_store::durable::{Erasure, ErasureAnswer, Party};
use serde_json::{Value, json};

use super::world::{ISSUER, PERSON, World, exchange};
use crate::How;
use crate::erasure::Said;

const BOTH: [Party; 2] = [Party::Service, Party::DataProvider];
const DAY: u64 = 24 * 60 * 60;

async fn ask(world: &World, seed: u8, parties: &[Party]) -> bool {
    let asked = world
        .desk
        .ask_to_erase(exchange(seed), PERSON, parties, world.now());
    asked.await.unwrap()
}

/// What "cantine" answers about the first exchange, stated by `keys` with `changed` claims.
async fn answer(
    world: &World,
    outcome: &str,
    ground: &str,
    keys: &Keys,
    changed: &Value,
) -> Result<(), &'static str> {
    let name = exchange(1).to_string();
    let mut claims = json!({
        "iss": "cantine", "aud": ISSUER, "grant_id": name, "outcome": outcome, "ground": ground,
    });
    for (member, value) in changed.as_object().unwrap() {
        claims[member] = value.clone();
    }
    let statement = keys
        .ring()
        .sign_jwt(SigningAlg::Es256, Typ::EvidenceErasure, &claims);
    let client = world.directory.client("cantine").unwrap();
    let said = Said {
        client: &client,
        exchange: (Party::Service, &name),
        outcome,
        ground,
        statement: &statement.ok().unwrap(),
    };
    world.desk.note_erasure(&said, world.now()).await.unwrap()
}

async fn answers(world: &World) -> Vec<Option<(ErasureAnswer, String)>> {
    let erasures = world.desk.erasures_of(PERSON).await.unwrap();
    let said = |one: Erasure| one.statement.map(|said| (said.answer, said.ground));
    erasures.into_iter().map(said).collect()
}

#[tokio::test]
async fn both_parties_are_asked_once_and_what_still_stands_ends() {
    let world = World::new().await;
    world.both_listen();
    world
        .fetched(
            1,
            &json!({"usage": "recurring", "frequency_days": 30, "max_pulls": 2}),
        )
        .await;
    assert!(ask(&world, 1, &BOTH).await);
    assert!(!ask(&world, 1, &BOTH).await);
    world.deliver().await;
    let asked: Vec<Value> = world
        .posted()
        .into_iter()
        .map(|(_, said)| said["events"]["urn:guichet:event:erasure-requested"].clone())
        .filter(|event| !event.is_null())
        .collect();
    assert_eq!(asked.len(), 2);
    let due = world.now().seconds() + 30 * 24 * 60 * 60;
    assert!(asked.iter().all(|event| event["due"] == due));
    let held = world.desk.of_person(PERSON, 10).await.unwrap();
    assert!(!held[0].standing.may_be_ended());
    let kinds = world.kinds().await;
    let count = kinds
        .iter()
        .filter(|kind| *kind == "evidence.erasure_requested");
    assert_eq!(count.count(), 2);
}

#[tokio::test]
async fn nobody_is_asked_about_what_was_never_sent_or_is_another_persons() {
    let world = World::new().await;
    world.send(1, &json!({})).await;
    assert!(!ask(&world, 1, &BOTH).await);
    world.fetched(2, &json!({})).await;
    let somebody_else = PersonId::from_bytes([66; 16]);
    let asked = world
        .desk
        .ask_to_erase(exchange(2), somebody_else, &BOTH, world.now());
    assert!(!asked.await.unwrap());
    assert!(!ask(&world, 3, &BOTH).await);
    assert!(answers(&world).await.is_empty());
}

#[tokio::test]
async fn a_party_says_that_it_erased_or_which_law_forbids_it() {
    let world = World::new().await;
    world.fetched(1, &json!({})).await;
    ask(&world, 1, &[Party::Service]).await;
    let law = "Code du patrimoine, art. L. 211-1";
    let none = json!({});
    assert_eq!(
        answer(&world, "refused", law, &world.service, &none).await,
        Ok(())
    );
    assert_eq!(
        answers(&world).await,
        [Some((ErasureAnswer::Refused, law.to_owned()))]
    );
    assert_eq!(
        answer(&world, "refused", law, &world.service, &none).await,
        Ok(())
    );
    assert_eq!(
        answer(&world, "done", "", &world.service, &none).await,
        Ok(())
    );
    assert_eq!(
        answers(&world).await,
        [Some((ErasureAnswer::Done, String::new()))]
    );
    let late = answer(&world, "refused", law, &world.service, &none).await;
    assert_eq!(late, Err("it was answered before"));
    assert_eq!(
        answers(&world).await,
        [Some((ErasureAnswer::Done, String::new()))]
    );
    let kinds = world.kinds().await;
    let count = |kind: &str| kinds.iter().filter(|one| *one == kind).count();
    assert_eq!(count("evidence.erased"), 1);
}

#[tokio::test]
async fn an_answer_that_its_party_did_not_give_does_not_count() {
    let world = World::new().await;
    world.fetched(1, &json!({})).await;
    let none = json!({});
    let unasked = answer(&world, "done", "", &world.service, &none).await;
    assert_eq!(unasked, Err("nobody asked for that to be erased"));
    ask(&world, 1, &[Party::Service]).await;
    let not_stated = Err("statement is not this answer, signed by this client");
    assert_eq!(
        answer(&world, "done", "", &world.holder.keys, &none).await,
        not_stated
    );
    for changed in [
        json!({"outcome": "refused"}),
        json!({"grant_id": exchange(2).to_string()}),
        json!({"iss": "banque"}),
        json!({"aud": "https://elsewhere.example"}),
        json!({"ground": "a law"}),
    ] {
        let said = answer(&world, "done", "", &world.service, &changed).await;
        assert_eq!(said, not_stated, "{changed}");
    }
    for (outcome, ground) in [
        ("refused", ""),
        ("refused", "no"),
        ("refused", "line\nline"),
        ("done", "a law"),
        ("perhaps", ""),
    ] {
        let said = answer(&world, outcome, ground, &world.service, &none).await;
        assert!(said.is_err(), "{outcome} {ground}");
    }
    assert_eq!(answers(&world).await, [None]);
    // The name that only the data provider has for it is no name of the service's.
    let holder = world.directory.client("fd-famille").unwrap();
    let name = exchange(1).to_string();
    let said = Said {
        client: &holder,
        exchange: (Party::Service, &name),
        outcome: "done",
        ground: "",
        statement: "a.b.c",
    };
    let noted = world.desk.note_erasure(&said, world.now()).await.unwrap();
    assert_eq!(noted, Err("there is no such exchange of this client"));
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_seen_by_operators() {
    let world = World::new().await;
    world.fetched(1, &json!({})).await;
    let now = world.now();
    world
        .desk
        .end(exchange(1), PERSON, How::Citizen, now)
        .await
        .unwrap();
    ask(&world, 1, &[Party::Service]).await;
    world.clock.pass(30 * DAY);
    assert_eq!(world.desk.alarms(world.now()).await.unwrap().overdue, 0);
    world.clock.pass(1);
    assert_eq!(world.desk.alarms(world.now()).await.unwrap().overdue, 1);
    answer(&world, "done", "", &world.service, &json!({}))
        .await
        .unwrap();
    assert_eq!(world.desk.alarms(world.now()).await.unwrap().overdue, 0);
}
