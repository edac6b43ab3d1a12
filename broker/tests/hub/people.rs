//! Who signs in with which papers, and the two operators who put right who is who.

use std::sync::Arc;
use std::time::Duration;

use guichet_broker::civil_register::{Confirmed, Verdict};
use guichet_broker::{OfficeParts, Operator, Operators, PeopleOffice, Tidings};
use guichet_domain::client::ClientDirectory as _;
use guichet_domain::{CorrectionId, IdentityClaims, PersonId, PivotIdentity, SubjectIdentifier};
use guichet_keys::SystemEntropy;
use serde_json::{Value, json};

use crate::browser::claims_of;
use crate::world::{ISSUER, World};

/// From now on the register has these papers, whatever it is asked; it says that it corrects where the
/// question was another.
pub(crate) fn says(world: &World, change: &Value) {
    let mut papers = serde_json::to_value(camille()).unwrap();
    let members = papers.as_object_mut().unwrap();
    for (name, value) in change.as_object().unwrap() {
        members.insert(name.clone(), value.clone());
    }
    let claims: IdentityClaims = serde_json::from_value(papers).unwrap();
    let identity = PivotIdentity::from_claims(&claims).ok().unwrap();
    let corrected = true;
    world.register.says(Ok(Verdict::Found(Confirmed {
        identity,
        corrected,
    })));
}

/// As the partner states her when a test says nothing else.
fn camille() -> IdentityClaims {
    IdentityClaims {
        given_name: Some("Camille Aimée".into()),
        family_name: Some("MARTIN".into()),
        birthdate: Some("1990-04-12".into()),
        gender: Some("female".into()),
        birthplace: Some("69383".into()),
        birthcountry: Some("99100".into()),
        ..IdentityClaims::default()
    }
}

/// The name that the service knows whoever has these papers by.
pub(crate) async fn sub(world: &World, provider: &str, papers: Value) -> String {
    signed_in(world, provider, papers).await.0
}

/// The same, with what userinfo says.
pub(crate) async fn signed_in(world: &World, provider: &str, papers: Value) -> (String, Value) {
    world.partner.claim_in_userinfo(papers);
    let mut browser = world.browser();
    let back = browser.log_in(world, "cantine", provider).await;
    let tokens = browser.redeem("cantine", &back).await;
    let sub = claims_of(tokens["id_token"].as_str().unwrap())["sub"].clone();
    let claims = browser
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await;
    let claims: Value = serde_json::from_str(&claims.body).unwrap();
    assert_eq!(claims["sub"], sub);
    (sub.as_str().unwrap().to_owned(), claims)
}

/// Two people, known to Cantine one after the other.
pub(crate) struct Two {
    /// The names that Cantine knows them by.
    pub(crate) older: String,
    pub(crate) newer: String,
    /// Who they are.
    pub(crate) one: PersonId,
    pub(crate) other: PersonId,
}

/// Camille, and a second later somebody whose papers differ so.
pub(crate) async fn two_people(world: &World, papers: Value) -> Two {
    let older = sub(world, "postale", json!({})).await;
    world.clock.pass(Duration::from_secs(1));
    let newer = sub(world, "postale", papers).await;
    Two {
        one: person(world, &older).await,
        other: person(world, &newer).await,
        older,
        newer,
    }
}

pub(crate) fn office(world: &World) -> PeopleOffice {
    let clients = ["cantine", "banque"];
    let waiting = world.durable.waiting_events.clone();
    PeopleOffice::new(OfficeParts {
        people: world.durable.people.clone(),
        corrections: world.durable.corrections.clone(),
        cases: world.durable.cases.clone(),
        refresh: world.durable.refresh_tokens.clone(),
        clients: clients.map(|id| world.directory.client(id).unwrap()).into(),
        tidings: Tidings::new(ISSUER, &world.keys, world.outbox.clone(), waiting),
        ledger: world.ledger.clone(),
        clock: world.clock.clone(),
        entropy: Arc::new(SystemEntropy),
        undo_window: Duration::from_hours(24 * 30),
    })
}

/// Two persons are one from now on: Alice says so, Bob agrees.
pub(crate) async fn merged(office: &PeopleOffice, one: PersonId, two: PersonId) -> CorrectionId {
    let merge = office.propose_merge(one, two, &alice(), "T-1").await;
    let merge = merge.unwrap().id;
    office.confirm(merge, &bob()).await.unwrap();
    merge
}

pub(crate) fn alice() -> Operator {
    operator("alice")
}

pub(crate) fn bob() -> Operator {
    operator("bob")
}

fn operator(name: &str) -> Operator {
    let hash = guichet_keys::client_secret_hash("credential");
    let operators = Operators::new(vec![(name.to_owned(), hash)]);
    operators.prove(name, "credential").unwrap()
}

pub(crate) async fn person(world: &World, subject: &str) -> PersonId {
    person_at(world, "cantine", &json!({"sub": subject})).await
}

/// Who is known to `client` by the `sub` of these claims.
pub(crate) async fn person_at(world: &World, client: &str, claims: &Value) -> PersonId {
    let sector = world.directory.client(client).unwrap().sector.clone();
    let subject: SubjectIdentifier = claims["sub"].as_str().unwrap().parse().unwrap();
    let person = world.durable.subjects.person(&sector, &subject).await;
    person.unwrap().unwrap()
}

/// The notice number `count` that services got.
pub(crate) async fn notice(world: &World, count: usize) -> Value {
    world.hub.deliver_due().await;
    let notices = world.partner.notices(count).await;
    claims_of(&notices[count - 1].1)
}
