//! What services hear by event of a person who may not act any more, may again, or is known by another
//! name: a service with sessions of its own may have no address for logout notices (threat N-240).

use guichet_domain::client::ClientDirectory as _;
use serde_json::json;

use crate::browser::claims_of;
use crate::cases::{freeze, thaw};
use crate::people::{alice, bob, merged, office, person, sub, two_people};
use crate::world::World;

const PURPOSE: &str = "demarche_en_ligne";

/// What waits for `client`, the oldest first: the kind of each event, and whom it is about.
pub(crate) async fn events(world: &World, client: &str) -> Vec<(String, String)> {
    let client = world.directory.client(client).unwrap();
    let ask = serde_json::from_value(json!({"returnImmediately": true})).unwrap();
    let answer = world.desk.events().poll(&client, &ask).await.unwrap();
    let mut told: Vec<_> = answer
        .sets
        .values()
        .map(|token| {
            let claims = claims_of(token);
            let events = claims["events"].as_object().unwrap();
            let uri = events.keys().next().unwrap();
            let kind = uri.rsplit('/').next().unwrap().to_owned();
            let whom = claims["sub_id"]["sub"].as_str().unwrap().to_owned();
            (claims["iat"].as_i64().unwrap(), (kind, whom))
        })
        .collect();
    told.sort();
    told.into_iter().map(|(_, event)| event).collect()
}

pub(crate) fn owned((kind, whom): (&str, &str)) -> (String, String) {
    (kind.to_owned(), whom.to_owned())
}

#[tokio::test]
async fn a_service_hears_that_somebody_is_frozen_open_again_and_frozen_after_all() {
    let world = World::new().await;
    world.approve("cantine", PURPOSE);
    let subject = sub(&world, "postale", json!({})).await;
    let person = person(&world, &subject).await;
    let case = freeze(&world, person).await;
    let disabled = owned(("account-disabled", &subject));
    assert_eq!(
        events(&world, "cantine").await,
        std::slice::from_ref(&disabled)
    );
    // As long as another case bars them, there is nothing to say.
    let another = freeze(&world, person).await;
    thaw(&world, case).await;
    assert_eq!(
        events(&world, "cantine").await,
        [disabled.clone(), disabled.clone()]
    );
    let office = office(&world);
    let proposed = office.propose_thaw(another, &alice(), "T-2").await.unwrap();
    office.confirm(proposed.id, &bob()).await.unwrap();
    let enabled = owned(("account-enabled", &subject));
    let told = [disabled.clone(), disabled.clone(), enabled.clone()];
    assert_eq!(events(&world, "cantine").await, told);
    world.clock.pass(std::time::Duration::from_secs(1));
    office.undo(proposed.id, &bob()).await.unwrap();
    let told = [disabled.clone(), disabled.clone(), enabled, disabled];
    assert_eq!(events(&world, "cantine").await, told);
}

#[tokio::test]
async fn a_service_hears_by_which_name_somebody_is_known_from_now_on() {
    let world = World::new().await;
    world.approve("cantine", PURPOSE);
    let two = two_people(&world, json!({"family_name": "DUPONT"})).await;
    let office = office(&world);
    let correction = merged(&office, two.one, two.other).await;
    let renamed = owned(("identifier-changed", &two.newer));
    assert_eq!(
        events(&world, "cantine").await,
        std::slice::from_ref(&renamed)
    );
    // Told again by whoever finds that it was not done to its end, it is the same.
    office.confirm(correction, &bob()).await.unwrap();
    assert_eq!(events(&world, "cantine").await, [renamed]);
}

#[tokio::test]
async fn who_takes_no_events_or_is_switched_off_is_left_none() {
    let world = World::new().await;
    let subject = sub(&world, "postale", json!({})).await;
    let person = person(&world, &subject).await;
    freeze(&world, person).await;
    assert!(events(&world, "cantine").await.is_empty());
    world.approve("cantine", PURPOSE);
    let switch = |active| {
        world
            .directory
            .change_client("cantine", |client| client.active = active);
    };
    switch(false);
    freeze(&world, person).await;
    switch(true);
    assert!(events(&world, "cantine").await.is_empty());
    freeze(&world, person).await;
    assert_eq!(events(&world, "cantine").await.len(), 1);
}
