//! Who is who, put right by two operators: what changes for services, and what comes back.

use std::time::Duration;

use guichet_broker::{OfficeRefusal, SessionEnded};
use guichet_domain::{CorrectionId, PersonId};
use guichet_store::durable::corrections::Change;
use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Browser, claims_of};
use crate::people::{
    Two, alice, bob, merged, notice, office, person, person_at, says, sub, two_people,
};
use crate::world::World;

#[tokio::test]
async fn two_operators_make_two_persons_one_and_back() {
    let world = World::new().await;
    let Two {
        older,
        newer,
        one,
        other: two,
    } = two_people(&world, json!({"family_name": "BERNARD"})).await;
    let office = office(&world);
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
    merged(&office, one, two).await;
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
    let merge = merged(&office, one, to).await;
    let undone = office.undo(split.id, &bob()).await;
    assert!(
        matches!(undone, Err(OfficeRefusal::Overtaken)),
        "{undone:?}"
    );
    // Both are found, and the way back is the way they came.
    world.register.confirms();
    sub(&world, "citoyen", json!({})).await;
    for correction in [merge, split.id] {
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
    let papers = json!({"given_name": "Claude"});
    let Two {
        older,
        newer,
        one,
        other: two,
    } = two_people(&world, papers.clone()).await;
    let office = office(&world);
    let merge = merged(&office, one, two).await;
    world.clock.pass(Duration::from_hours(24 * 31));
    let late = office.undo(merge, &bob()).await;
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
    let papers = json!({"given_name": "Claude"});
    let Two {
        older,
        newer,
        one,
        other: two,
    } = two_people(&world, papers.clone()).await;
    let office = office(&world);
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
    let audit = world.audit().await;
    assert!(!audit.contains("correction.confirmed"), "{audit}");
    assert_eq!(sub(&world, "postale", json!({})).await, older);
    assert_eq!(sub(&world, "postale", papers).await, newer);
}

/// Two persons made one by mistake: the older one known at the canteen, the other at the bank. What the
/// first one then got at the bank, under the other's name.
async fn wrongly_merged(world: &World) -> (Browser, Value, CorrectionId) {
    let older = sub(world, "postale", json!({})).await;
    world.clock.pass(Duration::from_secs(1));
    let papers = json!({"family_name": "BERNARD"});
    let (_, tokens) = signed_in_at_the_bank(world, papers).await;
    let office = office(world);
    let one = person(world, &older).await;
    let two = person_at(world, "banque", &claims(&tokens)).await;
    let merge = merged(&office, one, two).await;
    world.clock.pass(Duration::from_secs(1));
    let (browser, taken) = signed_in_at_the_bank(world, json!({})).await;
    assert_eq!(claims(&taken)["sub"], claims(&tokens)["sub"]);
    let refreshed = browser.refresh("banque", &taken).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.body);
    let taken = serde_json::from_str(&refreshed.body).unwrap();
    (browser, taken, merge)
}

#[tokio::test]
async fn what_was_granted_under_anothers_name_ends_with_the_mistake() {
    let world = World::new().await;
    let (browser, taken, merge) = wrongly_merged(&world).await;
    // Also where nobody can sign in for now.
    world
        .directory
        .change_client("banque", |client| client.active = false);
    let office = office(&world);
    world
        .directory
        .change_client("banque", |client| client.active = true);
    office.undo(merge, &bob()).await.unwrap();
    let dead = browser.refresh("banque", &taken).await;
    assert!(dead.body.contains("invalid_grant"), "{}", dead.body);
}

#[tokio::test]
async fn a_service_that_knew_one_of_two_wrongly_merged_is_told_to_sign_the_name_out() {
    let world = World::new().await;
    let (_, taken, merge) = wrongly_merged(&world).await;
    office(&world).undo(merge, &bob()).await.unwrap();
    world.hub.deliver_due().await;
    let notices = world.partner.notices(2).await;
    let (_, told) = notices.iter().find(|(who, _)| who == "banque").unwrap();
    let told = claims_of(told);
    assert_eq!(told["sub"], claims(&taken)["sub"]);
    assert!(told.get("sid").is_none(), "every session of that name");
}

#[tokio::test]
async fn an_undoing_that_broke_off_is_carried_out_when_the_operator_asks_again() {
    let world = World::new().await;
    let (browser, taken, merge) = wrongly_merged(&world).await;
    world.outbox.set_broken(true);
    let office = office(&world);
    let broken = office.undo(merge, &bob()).await;
    assert!(matches!(broken, Err(OfficeRefusal::Fault(_))));
    let dead = browser.refresh("banque", &taken).await;
    assert!(dead.body.contains("invalid_grant"), "{}", dead.body);
    world.outbox.set_broken(false);
    let elsewhere = office.undo(merge, &alice()).await;
    assert!(matches!(elsewhere, Err(OfficeRefusal::Settled)));
    let done = office.undo(merge, &bob()).await.unwrap();
    assert_eq!(done.notices, 2, "both names counted for both");
    let audit = world.audit().await;
    assert_eq!(audit.matches("correction.undone").count(), 1);
}

#[tokio::test]
async fn an_account_does_not_open_for_a_session_from_before_a_correction() {
    let world = World::new().await;
    let older = sub(&world, "postale", json!({})).await;
    world.clock.pass(Duration::from_secs(1));
    let papers = json!({"family_name": "BERNARD"});
    let (browser, tokens) = signed_in_at_the_bank(&world, papers.clone()).await;
    let (_, before) = world
        .hub
        .open_sessions(&browser.headers())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(before.len(), 1);
    world.clock.pass(Duration::from_secs(1));
    let office = office(&world);
    let one = person(&world, &older).await;
    let two = person_at(&world, "banque", &claims(&tokens)).await;
    merged(&office, one, two).await;
    let headers = browser.headers();
    assert!(world.hub.signed_in(&headers).await.unwrap().is_none());
    assert!(world.hub.open_sessions(&headers).await.unwrap().is_none());
    // Whoever signs in again finds what was begun under either name, and can end it.
    world.clock.pass(Duration::from_secs(1));
    let (fresh, _) = signed_in_at_the_bank(&world, json!({})).await;
    let headers = fresh.headers();
    let (_, open) = world.hub.open_sessions(&headers).await.unwrap().unwrap();
    assert_eq!(open.len(), 3, "{open:?}");
    for session in open.iter().filter(|session| !session.is_here) {
        let ended = world.hub.end_open_session(&headers, &session.handle).await;
        assert!(matches!(ended.unwrap(), SessionEnded::Elsewhere));
    }
}

async fn signed_in_at_the_bank(world: &World, papers: Value) -> (Browser, Value) {
    world.partner.claim_in_userinfo(papers);
    let mut browser = world.browser();
    let back = browser.log_in(world, "banque", "postale").await;
    let tokens = browser.redeem("banque", &back).await;
    (browser, tokens)
}

fn claims(tokens: &Value) -> Value {
    claims_of(tokens["id_token"].as_str().unwrap())
}

#[tokio::test]
async fn no_entry_of_a_correction_holds_an_identifier_of_a_person() {
    let world = World::new().await;
    let two = two_people(&world, json!({"family_name": "BERNARD"})).await;
    let office = office(&world);
    let merge = merged(&office, two.one, two.other).await;
    office.undo(merge, &alice()).await.unwrap();
    let audit = world.audit().await;
    let corrections = audit.lines().filter(|line| line.contains("correction."));
    assert_eq!(corrections.count(), 3, "{audit}");
    for person in [two.one, two.other] {
        assert!(!audit.contains(&person.to_string()), "{audit}");
    }
}
