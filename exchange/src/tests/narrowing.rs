//! Fields taken away from a decision that stands: less at once, and never more.

use guichet_domain::{EventKind, FieldName, PersonId};
use serde_json::json;

use super::world::{PERSON, World, exchange};
use crate::{How, Made, Narrowed, ReceiptKeys, verify_receipt};

fn quotient() -> Vec<FieldName> {
    vec!["quotient".parse().unwrap()]
}

impl World {
    async fn narrow(&self, seed: u8, person: PersonId, kept: &[FieldName]) -> Narrowed {
        let narrowed = self.desk.narrow(exchange(seed), person, kept, self.now());
        narrowed.await.unwrap()
    }
}

#[tokio::test]
async fn a_voucher_for_what_was_taken_away_is_refused() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let before = world.voucher(&detail).await.unwrap();
    assert_eq!(world.narrow(1, PERSON, &quotient()).await, Narrowed::Done);
    assert_eq!(world.heard("fd-famille", &before.token).await, None);
    assert_eq!(world.pulls(1).await, 0);
    let after = world.voucher(&detail).await.unwrap();
    assert_eq!(world.opened(&after.token)["fields"], json!(["quotient"]));
    assert!(world.heard("fd-famille", &after.token).await.is_some());
}

#[tokio::test]
async fn a_decision_is_narrowed_by_its_citizen_and_never_widened() {
    let world = World::new().await;
    world.send(1, &json!({})).await;
    let other = PersonId::from_bytes([7; 16]);
    let both = ["quotient", "tranche"].map(|name| name.parse().unwrap());
    assert_eq!(world.narrow(1, other, &quotient()).await, Narrowed::Gone);
    assert_eq!(world.narrow(9, PERSON, &quotient()).await, Narrowed::Gone);
    assert_eq!(world.narrow(1, PERSON, &[]).await, Narrowed::NothingToDo);
    assert_eq!(world.narrow(1, PERSON, &both).await, Narrowed::NothingToDo);
    assert_eq!(world.narrow(1, PERSON, &quotient()).await, Narrowed::Done);
    assert_eq!(world.narrow(1, PERSON, &both).await, Narrowed::NothingToDo);
    let held = world.desk.of_exchange(exchange(1), PERSON).await.unwrap();
    assert_eq!(held.unwrap().fields, quotient());
    let ended = world
        .desk
        .end(exchange(1), PERSON, How::Citizen, world.now());
    assert!(ended.await.unwrap());
    assert_eq!(world.narrow(1, PERSON, &quotient()).await, Narrowed::Gone);
}

#[tokio::test]
async fn the_receipt_says_what_is_left_and_holds() {
    let world = World::new().await;
    world.send(1, &json!({})).await;
    world.narrow(1, PERSON, &quotient()).await;
    let made = world.desk.receipt(exchange(1), PERSON, world.now()).await;
    let Made::Receipt(text) = made.unwrap() else {
        panic!("no receipt");
    };
    let keys: ReceiptKeys = world.desk.receipt_keys().unwrap();
    let found = verify_receipt(&text, &keys, None);
    assert!(found.holds(), "{:?}", found.checks);
    let said = found.says.unwrap();
    assert_eq!((said.granted.len(), said.asked.len()), (1, 2));
}

#[tokio::test]
async fn a_decision_is_marked_for_its_citizen_and_for_nobody_else() {
    let world = World::new().await;
    world.send(1, &json!({})).await;
    let events = world.events().await;
    let mut decided = events
        .iter()
        .filter(|it| it.kind == EventKind::EvidenceDecided);
    let mark = &decided.next().unwrap().details["mark"];
    let people = world.ledger.people();
    assert!(people.of(PERSON).marked(exchange(1), mark));
    assert!(
        !people
            .of(PersonId::from_bytes([7; 16]))
            .marked(exchange(1), mark)
    );
}
