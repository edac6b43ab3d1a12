//! Who is who, put right by two operators: what changes for services, and what comes back.

use std::sync::Arc;
use std::time::Duration;

use guichet_broker::{OfficeParts, OfficeRefusal, Operator, Operators, PeopleOffice};
use guichet_domain::client::ClientDirectory as _;
use guichet_domain::{PersonId, SubjectIdentifier};
use guichet_keys::SystemEntropy;
use guichet_oidc::SubjectLetters;
use guichet_store::durable::corrections::Change;
use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::claims_of;
use crate::civil_status::{says, sub};
use crate::world::World;

#[tokio::test]
async fn two_operators_make_two_persons_one_and_back() {
    let world = World::new().await;
    let older = sub(&world, "postale", json!({})).await;
    world.clock.pass(Duration::from_secs(1));
    let newer = sub(&world, "postale", json!({"family_name": "BERNARD"})).await;
    let office = office(&world);
    let (one, two) = (person(&world, &older).await, person(&world, &newer).await);
    let proposed = office
        .propose_merge(two, one, &alice(), "T-1")
        .await
        .unwrap();
    let alone = office.confirm(proposed.id, &alice()).await;
    assert!(matches!(alone, Err(OfficeRefusal::SameOperator)));
    assert_eq!(
        sub(&world, "postale", json!({"family_name": "BERNARD"})).await,
        newer
    );

    let done = office.confirm(proposed.id, &bob()).await.unwrap();
    assert_eq!(done.notices, 1);
    assert_eq!(
        sub(&world, "postale", json!({"family_name": "BERNARD"})).await,
        older
    );
    assert_eq!(sub(&world, "postale", json!({})).await, older);
    let told = notice(&world, 1).await;
    assert_eq!(told["sub"], newer);
    assert_eq!(
        told["events"]["urn:guichet:event:subject-changed"]["sub"],
        older
    );
    assert!(told.get("sid").is_none());

    world.clock.pass(Duration::from_secs(1));
    let undone = office.undo(proposed.id, &bob()).await.unwrap();
    assert_eq!(undone.notices, 1);
    assert_eq!(
        sub(&world, "postale", json!({"family_name": "BERNARD"})).await,
        newer
    );
    assert_eq!(sub(&world, "postale", json!({})).await, older);
    let told = notice(&world, 2).await;
    assert_eq!(told["sub"], older);
    assert_eq!(
        told["events"]["urn:guichet:event:subject-parted"]["sub"],
        newer
    );
    let again = office.confirm(proposed.id, &bob()).await;
    assert!(matches!(again, Err(OfficeRefusal::Settled)));

    let audit = world.audit().await;
    for (event, by) in [
        ("correction.proposed", "alice"),
        ("correction.confirmed", "bob"),
        ("correction.undone", "bob"),
    ] {
        let line = audit.lines().find(|line| line.contains(event)).unwrap();
        assert!(line.contains(&format!("\"by\":\"{by}\"")), "{line}");
    }
}

#[tokio::test]
async fn a_session_from_before_a_correction_is_not_reused() {
    let world = World::new().await;
    let older = sub(&world, "postale", json!({})).await;
    world
        .partner
        .claim_in_userinfo(json!({"family_name": "BERNARD"}));
    let mut browser = world.browser();
    let back = browser.log_in(&world, "cantine", "postale").await;
    let tokens = browser.redeem("cantine", &back).await;
    let newer = claims_of(tokens["id_token"].as_str().unwrap())["sub"].clone();
    let silent = "scope=openid%20profile&prompt=none";
    assert!(
        browser
            .start("cantine", silent)
            .await
            .to()
            .contains("/login/")
    );
    world.clock.pass(Duration::from_secs(1));
    let office = office(&world);
    let (one, two) = (
        person(&world, &older).await,
        person(&world, newer.as_str().unwrap()).await,
    );
    let proposed = office
        .propose_merge(one, two, &alice(), "T-2")
        .await
        .unwrap();
    office.confirm(proposed.id, &bob()).await.unwrap();
    let asked = browser.start("cantine", silent).await.at_service();
    assert!(asked.as_str().contains("login_required"), "{asked}");
}

#[tokio::test]
async fn what_an_entry_says_and_another_correction_kept_from_happening_is_told_in_the_next() {
    let world = World::new().await;
    let before = sub(&world, "citoyen", json!({})).await;
    world.clock.pass(Duration::from_secs(1));
    says(&world, &json!({"birthplace": "69123"}));
    assert_eq!(sub(&world, "citoyen", json!({})).await, before);
    let office = office(&world);
    let one = person(&world, &before).await;
    // The oldest row goes to somebody new, who then is the older of the two.
    let split = office.propose_split(one, 1, &alice(), "T-8").await.unwrap();
    office.confirm(split.id, &bob()).await.unwrap();
    let Change::Split { to, .. } = split.change else {
        panic!("{:?}", split.change);
    };
    let merge = office
        .propose_merge(one, to, &alice(), "T-9")
        .await
        .unwrap();
    office.confirm(merge.id, &bob()).await.unwrap();
    let undone = office.undo(split.id, &bob()).await;
    assert!(
        matches!(undone, Err(OfficeRefusal::Overtaken)),
        "{undone:?}"
    );
    // Both are found, and the way back is the way they came.
    world.register.confirms();
    sub(&world, "citoyen", json!({})).await;
    for correction in [merge.id, split.id] {
        office.undo(correction, &bob()).await.unwrap();
    }
    assert_eq!(sub(&world, "citoyen", json!({})).await, before);
    let audit = world.audit().await;
    let acts = audit.lines().filter(|line| line.contains("correction."));
    let acts: Vec<&str> = acts.collect();
    let failed = acts
        .iter()
        .position(|act| act.contains("correction.failed"))
        .unwrap();
    for act in [acts[failed - 1], acts[failed]] {
        assert!(act.contains(&split.id.to_string()), "{act}");
    }
    assert!(acts[failed - 1].contains("correction.undone"));
}

#[tokio::test]
async fn what_the_register_calls_one_person_waits_for_an_operator() {
    let world = World::new().await;
    let old = sub(&world, "citoyen", json!({})).await;
    world.clock.pass(Duration::from_secs(1));
    // The new papers come first, from a provider that has them: nobody can know.
    let new = sub(&world, "citoyen", json!({"family_name": "BERNARD"})).await;
    assert_ne!(new, old);
    says(&world, &json!({"family_name": "BERNARD"}));
    assert_eq!(sub(&world, "citoyen", json!({})).await, new);
    let open = world.durable.corrections.latest(10).await.unwrap();
    assert_eq!(open.len(), 1, "however often they sign in");
    assert_eq!(open[0].proposed.by, "civil register");
    office(&world).confirm(open[0].id, &bob()).await.unwrap();
    assert_eq!(
        sub(&world, "citoyen", json!({})).await,
        old,
        "the older name counts"
    );
    assert_eq!(
        sub(&world, "citoyen", json!({"family_name": "BERNARD"})).await,
        old
    );
}

#[tokio::test]
async fn a_row_that_is_somebody_elses_is_split_off_and_the_rest_stays() {
    let world = World::new().await;
    let before = sub(&world, "citoyen", json!({})).await;
    world.clock.pass(Duration::from_secs(1));
    says(&world, &json!({"birthplace": "69123"}));
    assert_eq!(sub(&world, "citoyen", json!({})).await, before);
    let office = office(&world);
    let person = person(&world, &before).await;
    let split = office
        .propose_split(person, 2, &alice(), "T-3")
        .await
        .unwrap();
    let done = office.confirm(split.id, &bob()).await.unwrap();
    assert_eq!(done.notices, 1, "whoever is signed in may be either");
    world.register.confirms();
    assert_eq!(sub(&world, "citoyen", json!({})).await, before);
    let other = sub(&world, "citoyen", json!({"birthplace": "69123"})).await;
    assert_ne!(other, before);
    office.undo(split.id, &bob()).await.unwrap();
    assert_eq!(
        sub(&world, "citoyen", json!({"birthplace": "69123"})).await,
        before
    );
    // Nobody is left without a row.
    let alone = office.propose_split(person, 9, &alice(), "T-4").await;
    assert!(matches!(alone, Err(OfficeRefusal::NoSuchRow)));
}

#[tokio::test]
async fn after_the_window_a_merge_is_taken_apart_by_a_split() {
    let world = World::new().await;
    let older = sub(&world, "postale", json!({})).await;
    world.clock.pass(Duration::from_secs(1));
    let papers = json!({"given_name": "Claude"});
    let newer = sub(&world, "postale", papers.clone()).await;
    let office = office(&world);
    let (one, two) = (person(&world, &older).await, person(&world, &newer).await);
    let merge = office
        .propose_merge(one, two, &alice(), "T-5")
        .await
        .unwrap();
    office.confirm(merge.id, &bob()).await.unwrap();
    world.clock.pass(Duration::from_hours(24 * 31));
    let late = office.undo(merge.id, &bob()).await;
    assert!(matches!(late, Err(OfficeRefusal::TooLate)));
    let split = office.propose_split(one, 2, &bob(), "T-6").await.unwrap();
    let done = office.confirm(split.id, &alice()).await.unwrap();
    assert_eq!(done.notices, 1);
    assert_eq!(
        sub(&world, "postale", papers).await,
        newer,
        "with the names they had"
    );
    assert_eq!(sub(&world, "postale", json!({})).await, older);
}

#[tokio::test]
async fn what_cannot_be_corrected_is_refused_by_name() {
    let world = World::new().await;
    let older = sub(&world, "postale", json!({})).await;
    let newer = sub(&world, "postale", json!({"given_name": "Claude"})).await;
    let office = office(&world);
    let (one, two) = (person(&world, &older).await, person(&world, &newer).await);
    let again = office.propose_merge(one, one, &alice(), "T-7").await;
    assert!(matches!(again, Err(OfficeRefusal::SamePerson)));
    let nobody = PersonId::from_bytes([0; 16]);
    let nobody = office.propose_merge(one, nobody, &alice(), "T-7").await;
    assert!(matches!(nobody, Err(OfficeRefusal::Nobody)));
    let merge = office
        .propose_merge(one, two, &alice(), "T-7")
        .await
        .unwrap();
    let withdrawn = office.undo(merge.id, &alice()).await.unwrap();
    assert_eq!(withdrawn.notices, 0);
    let confirmed = office.confirm(merge.id, &bob()).await;
    assert!(matches!(confirmed, Err(OfficeRefusal::Settled)));
    let page = world
        .browser()
        .start_and_follow("cantine", "scope=openid")
        .await;
    assert_eq!(page.status, StatusCode::OK);
}

fn office(world: &World) -> PeopleOffice {
    let clients = ["cantine", "banque"];
    PeopleOffice::new(OfficeParts {
        people: world.durable.people.clone(),
        corrections: world.durable.corrections.clone(),
        refresh: world.durable.refresh_tokens.clone(),
        clients: clients.map(|id| world.directory.client(id).unwrap()).into(),
        letters: SubjectLetters::new(&world.keys, world.durable.outbox.clone()),
        ledger: world.ledger.clone(),
        clock: world.clock.clone(),
        entropy: Arc::new(SystemEntropy),
        undo_window: Duration::from_hours(24 * 30),
    })
}

fn alice() -> Operator {
    operator("alice")
}

fn bob() -> Operator {
    operator("bob")
}

fn operator(name: &str) -> Operator {
    let hash = guichet_keys::client_secret_hash("credential");
    let operators = Operators::new(vec![(name.to_owned(), hash)]);
    operators.prove(name, "credential").unwrap()
}

async fn person(world: &World, subject: &str) -> PersonId {
    let sector = world.directory.client("cantine").unwrap().sector.clone();
    let subject: SubjectIdentifier = subject.parse().unwrap();
    let person = world.durable.subjects.person(&sector, &subject).await;
    person.unwrap().unwrap()
}

/// The notice number `count` that services got.
async fn notice(world: &World, count: usize) -> Value {
    world.hub.deliver_due().await;
    let notices = world.partner.notices(count).await;
    claims_of(&notices[count - 1].1)
}
