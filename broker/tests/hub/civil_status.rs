//! A life's worth of changes of civil status, seen by one service: who stays the same person, and who
//! never was.

use serde_json::{Value, json};

use crate::browser::claims_of;
use crate::people::{says, signed_in, sub};
use crate::world::World;

/// Asks the register about what the provider states.
const ASKING: &str = "citoyen";
/// Is believed.
const BELIEVED: &str = "postale";

#[tokio::test]
async fn a_marriage_brings_a_name_in_use_and_changes_nobody() {
    let world = World::new().await;
    let before = sub(&world, ASKING, json!({})).await;
    let married = json!({"preferred_username": "DUPONT"});
    assert_eq!(sub(&world, ASKING, married).await, before);
}

#[tokio::test]
async fn both_names_are_told_apart_and_the_name_at_birth_counts() {
    let world = World::new().await;
    let both = json!({"family_name": "MARTIN", "preferred_username": "MARTIN DUPONT"});
    let (both, claims) = signed_in(&world, ASKING, both).await;
    assert_eq!(claims["family_name"], "MARTIN");
    assert_eq!(claims["preferred_username"], "MARTIN DUPONT");
    assert_eq!(sub(&world, ASKING, json!({})).await, both);
    let taken_for_birth = json!({"family_name": "DUPONT"});
    assert_ne!(sub(&world, BELIEVED, taken_for_birth).await, both);
}

#[tokio::test]
async fn a_divorce_takes_the_name_in_use_away_and_changes_nobody() {
    let world = World::new().await;
    let married = json!({"preferred_username": "DUPONT"});
    let before = sub(&world, ASKING, married).await;
    let (after, claims) = signed_in(&world, ASKING, json!({})).await;
    assert_eq!(after, before);
    assert!(claims.get("preferred_username").is_none());
}

#[tokio::test]
async fn a_change_of_gender_and_of_given_names_keeps_the_person() {
    changed(json!({"gender": "male", "given_name": "Camille Aimé"})).await;
}

#[tokio::test]
async fn a_corrected_date_of_birth_keeps_the_person() {
    changed(json!({"birthdate": "1990-04-21"})).await;
}

#[tokio::test]
async fn a_corrected_place_of_birth_keeps_the_person() {
    changed(json!({"birthplace": "69123"})).await;
}

#[tokio::test]
async fn a_given_name_added_later_keeps_the_person() {
    changed(json!({"given_name": "Camille Aimée Louise"})).await;
}

#[tokio::test]
async fn spelling_habits_are_one_person_without_any_register() {
    let world = World::new().await;
    let reference = sub(&world, BELIEVED, json!({"family_name": "D’Hœrée-Müller"})).await;
    for spelling in [
        "D'HOEREE MULLER",
        "d’hœrée müller",
        "D\u{2019}Hœre\u{301}e-Mu\u{308}ller",
    ] {
        let papers = json!({"family_name": spelling, "given_name": "CAMILLE AIMEE"});
        assert_eq!(sub(&world, BELIEVED, papers).await, reference, "{spelling}");
    }
}

#[tokio::test]
async fn twins_and_homonyms_stay_apart() {
    let world = World::new().await;
    let mut seen = std::collections::HashSet::new();
    for papers in [
        json!({}),
        // The twin: the same day, the same place, another given name.
        json!({"given_name": "Claude Aimée"}),
        // The same names in another order.
        json!({"given_name": "Aimée Camille"}),
        // Homonyms of the same day, born elsewhere.
        json!({"birthplace": "75056"}),
        json!({"birthplace": "2A004"}),
        json!({"birthcountry": "99243"}),
        // A letter of the given name in the family name.
        json!({"given_name": "Camille", "family_name": "AIMEE MARTIN"}),
        json!({"gender": "unspecified"}),
    ] {
        let sub = sub(&world, BELIEVED, papers.clone()).await;
        assert!(seen.insert(sub), "{papers}");
    }
}

#[tokio::test]
async fn a_presumed_date_that_becomes_known_keeps_the_person() {
    let world = World::new().await;
    let presumed = json!({"birthdate": "1978-03-00"});
    let (before, claims) = signed_in(&world, ASKING, presumed.clone()).await;
    assert_eq!(claims["birthdate"], "1978-03-01");
    let known = json!({"birthdate": "1978-03-14"});
    says(&world, &known);
    let (after, claims) = signed_in(&world, ASKING, presumed).await;
    assert_eq!(
        (after, &claims["birthdate"]),
        (before.clone(), &json!("1978-03-14"))
    );
    assert_eq!(sub(&world, BELIEVED, known).await, before);
}

#[tokio::test]
async fn an_adoption_brings_another_family_name_and_keeps_the_person() {
    changed(json!({"family_name": "BERNARD"})).await;
}

#[tokio::test]
async fn a_naturalised_spelling_keeps_the_person() {
    let world = World::new().await;
    let passport =
        json!({"given_name": "Thị Linh", "family_name": "Nguyễn", "birthcountry": "99243"});
    let decree = json!({"given_name": "Aline", "family_name": "NGUYEN", "birthcountry": "99243"});
    says(&world, &passport);
    let before = sub(&world, ASKING, passport.clone()).await;
    says(&world, &decree);
    assert_eq!(sub(&world, ASKING, passport).await, before);
    assert_eq!(sub(&world, ASKING, decree.clone()).await, before);
    assert_eq!(sub(&world, BELIEVED, decree).await, before);
}

#[tokio::test]
async fn one_person_at_two_providers_is_one_person_whom_two_services_call_differently() {
    let world = World::new().await;
    let at_one = sub(&world, ASKING, json!({})).await;
    assert_eq!(sub(&world, BELIEVED, json!({})).await, at_one);
    let mut browser = world.browser();
    world.partner.claim_in_userinfo(json!({}));
    let back = browser.log_in(&world, "banque", BELIEVED).await;
    let tokens = browser.redeem("banque", &back).await;
    assert_ne!(
        claims_of(tokens["id_token"].as_str().unwrap())["sub"],
        at_one
    );
}

#[tokio::test]
async fn a_person_made_up_beforehand_is_not_whom_the_register_corrects_to() {
    let world = World::new().await;
    // Somebody has a careless provider state what the victim's own provider misspells.
    let misspelled = json!({"family_name": "MARTAIN"});
    let made_up = sub(&world, BELIEVED, misspelled.clone()).await;
    says(&world, &json!({}));
    let victim = sub(&world, ASKING, misspelled.clone()).await;
    assert_ne!(victim, made_up);
    assert_eq!(sub(&world, BELIEVED, json!({})).await, victim);
    assert_eq!(sub(&world, BELIEVED, misspelled).await, made_up);
    assert!(!world.audit().await.contains("person.renamed"));
}

#[tokio::test]
async fn a_given_name_with_a_space_stays_one_entry() {
    let world = World::new().await;
    let papers =
        json!({"given_name": "Anne Sophie Zoé", "given_name_array": ["Anne Sophie", "Zoé"]});
    let (_, claims) = signed_in(&world, BELIEVED, papers).await;
    assert_eq!(claims["given_name_array"], json!(["Anne Sophie", "Zoé"]));
}

#[tokio::test]
async fn what_is_no_identity_never_reaches_the_register() {
    let world = World::new().await;
    for wrong in [
        json!({"gender": "absent"}),
        json!({"birthplace": "2C004"}),
        json!({"birthplace": "absent"}),
        json!({"birthplace": ""}),
        json!({"birthdate": "1990-00-12"}),
        json!({"birthdate": "1990-02-30"}),
        json!({"given_name": ""}),
        json!({"family_name": "\u{202e}NITRAM"}),
        json!({"birthcountry": "FR"}),
        json!({"email": "nobody"}),
    ] {
        world.partner.claim_in_userinfo(wrong.clone());
        let mut browser = world.browser();
        let choice = browser.start_and_follow("cantine", "scope=openid").await;
        let page = browser.sign_in(ASKING, &choice, &world.partner).await;
        assert!(
            page.status.is_server_error() || page.status.is_client_error(),
            "{wrong}"
        );
        assert!(
            page.body.contains("toute votre identité"),
            "{wrong}: {}",
            page.body
        );
    }
    let audit = world.audit().await;
    assert!(!audit.contains("register.asked") && audit.contains("identity.refused"));
}

/// The register has new papers for a person, of whom the provider still has the old: the person stays,
/// under the old, and under the new at every provider.
async fn changed(change: Value) {
    let world = World::new().await;
    let before = sub(&world, ASKING, json!({})).await;
    says(&world, &change);
    assert_eq!(sub(&world, ASKING, json!({})).await, before);
    assert_eq!(sub(&world, ASKING, change.clone()).await, before);
    assert_eq!(sub(&world, BELIEVED, change.clone()).await, before);
    assert_eq!(sub(&world, BELIEVED, json!({})).await, before);
    let audit = world.audit().await;
    assert_eq!(audit.matches("person.renamed").count(), 1, "{audit}");
    for value in change.as_object().unwrap().values() {
        assert!(!audit.contains(value.as_str().unwrap()));
    }
}
