//! Acceptance cases of FranceConnect that no other file here tells whole; `docs/conformance.md` says where each of
//! them is.

use guichet_domain::Clock as _;
use guichet_domain::client::{ClientDirectory as _, Profile};
use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser, claims_of, come_back, query};
use crate::partner::Ways;
use crate::world::World;

/// Makes an application of FranceConnect of a service, registered for these scopes.
fn becomes_an_application(world: &World, client: &str, scopes: &str) {
    world.directory.change_client(client, |client| {
        client.profile = Profile::FranceConnect;
        client.scopes = scopes.parse().unwrap();
    });
}

/// What such an application asks, up to the page it leads to.
async fn ask(browser: &mut Browser, client: &str, further: &str) -> Answer {
    let further = format!("nonce=0123456789abcdef0123456789abcdef&acr_values=eidas1&{further}");
    let address = format!(
        "/authorize?response_type=code&client_id={client}&redirect_uri=https%3A%2F%2F{client}.example%2Fcb\
         &state=s-1&{further}"
    );
    let first = browser.get(&address).await;
    browser.follow(first).await
}

async fn id_token(browser: &Browser, client: &str, back: &url::Url) -> Value {
    let tokens = browser.redeem(client, back).await;
    claims_of(tokens["id_token"].as_str().unwrap())
}

/// Scenario 22.
#[tokio::test]
async fn two_clicks_at_once_on_a_provider_end_in_one_sign_in() {
    let world = World::new().await;
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", "scope=openid").await;
    let (address, csrf) = (choice.action(0), choice.csrf(0));
    let fields = [("provider", "citoyen"), ("csrf", csrf.as_str())];
    let mut second = browser.clone();
    let (one, two) = tokio::join!(
        browser.post(&address, &fields),
        second.post(&address, &fields)
    );
    let mut arrived = 0;
    for left in [one, two]
        .iter()
        .filter_map(|answer| answer.location.as_ref())
    {
        if left.starts_with(&world.partner.issuer("citoyen")) {
            let back = come_back(left, "citoyen", &world.partner);
            let next = browser.get(&back).await.location;
            arrived += usize::from(next.is_some_and(|next| next.ends_with("/identity")));
        }
    }
    assert_eq!(arrived, 1);
    assert_eq!(world.partner.token_requests().len(), 1);
}

/// Scenario 26, its answers without a code.
#[tokio::test]
async fn an_answer_without_a_code_leads_back_to_the_choice() {
    let world = World::new().await;
    for instead in ["", "code=&"] {
        let mut browser = world.browser();
        let choice = browser.start_and_follow("cantine", "scope=openid").await;
        let callback = browser.leave_for("citoyen", &choice, &world.partner).await;
        assert!(callback.contains("code=c-1&"), "{callback}");
        let refused = browser.get(&callback.replace("code=c-1&", instead)).await;
        let again = browser.follow(refused).await;
        assert_eq!(again.status, StatusCode::BAD_GATEWAY, "{instead:?}");
        let consent = browser.sign_in("postale", &again, &world.partner).await;
        assert!(consent.body.contains("id=\"accept\""), "a way on");
    }
    assert_eq!(world.audit().await.matches("\"no_answer\"").count(), 2);
    assert_eq!(world.partner.token_requests().len(), 2, "the honest ones");
}

/// Scenario 35.
#[tokio::test]
async fn one_legal_entity_has_one_name_for_a_person_and_another_entity_another() {
    let world = World::new().await;
    let sub = async |client: &str, provider: &str| {
        let mut browser = world.browser();
        let back = browser.log_in(&world, client, provider).await;
        id_token(&browser, client, &back).await["sub"].clone()
    };
    let at_cantine = sub("cantine", "citoyen").await;
    assert_eq!(sub("cantine", "postale").await, at_cantine);
    assert_ne!(sub("banque", "citoyen").await, at_cantine);
    for client in ["cantine", "banque"] {
        let entity = "entity.example".parse().unwrap();
        let change = |it: &mut guichet_domain::Client| it.sector = entity;
        world.directory.change_client(client, change);
    }
    let of_entity = sub("cantine", "citoyen").await;
    assert_eq!(sub("banque", "postale").await, of_entity);
    assert_ne!(of_entity, at_cantine);
}

/// Scenario 36.
#[tokio::test]
async fn a_name_that_a_service_brought_along_is_the_one_it_is_told() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.log_in(&world, "cantine", "citoyen").await;
    let told = id_token(&browser, "cantine", &back).await;
    let sector = |client: &str| world.directory.client(client).unwrap().sector.clone();
    let subjects = &world.durable.subjects;
    let known_as = told["sub"].as_str().unwrap().parse().unwrap();
    let person = subjects.person(&sector("cantine"), &known_as).await;
    let person = person.unwrap().unwrap();
    let brought = format!("{}v1", "0f".repeat(32));
    let imported = brought.parse().unwrap();
    let (there, now) = (sector("banque"), world.clock.now());
    let assigned = subjects.assign(&there, person, imported, now).await;
    assigned.unwrap();
    let mut browser = world.browser();
    let back = browser.log_in(&world, "banque", "postale").await;
    assert_eq!(id_token(&browser, "banque", &back).await["sub"], brought);
}

/// Scenario 48.
#[tokio::test]
async fn how_a_person_signed_in_is_told_to_whoever_asks_after_one_who_did_not() {
    let world = World::new().await;
    becomes_an_application(&world, "cantine", "openid profile amr");
    becomes_an_application(&world, "banque", "openid profile");
    let mut browser = world.browser();
    let choice = ask(&mut browser, "cantine", "scope=openid").await;
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    let back = browser.agree(&consent).await.at_service();
    let told = id_token(&browser, "cantine", &back).await;
    assert_eq!(told.get("amr"), None);
    let named = "scope=openid&claims=%7B%22id_token%22%3A%7B%22amr%22%3Anull%7D%7D";
    let consent = ask(&mut browser, "cantine", named).await;
    assert!(consent.body.contains("id=\"accept\""), "by the session");
    let back = browser.agree(&consent).await.at_service();
    let told = id_token(&browser, "cantine", &back).await;
    assert_eq!(told["amr"], json!(["pwd"]));
    let scope = ask(&mut browser, "cantine", "scope=openid%20amr").await;
    assert!(scope.body.contains("id=\"accept\""), "{}", scope.body);
    assert!(
        !scope.body.contains("data-scope"),
        "no fact of another body"
    );
    let first = browser
        .get(&format!(
            "/authorize?response_type=code&client_id=banque&redirect_uri=https%3A%2F%2Fbanque.example%2Fcb\
             &state=s-1&nonce=0123456789abcdef0123456789abcdef&acr_values=eidas1&{named}"
        ))
        .await;
    let refused = query(first.at_service().as_str());
    assert_eq!(refused["error"], "invalid_scope");
    assert_eq!(refused["state"], "s-1");
}

/// Scenario 52.
#[tokio::test]
async fn a_sign_out_at_one_service_passes_by_the_provider_tells_the_other_and_comes_back() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.log_in(&world, "cantine", "citoyen").await;
    let tokens = browser.redeem("cantine", &back).await;
    let consent = browser.start_and_follow("banque", "scope=openid").await;
    browser.agree(&consent).await.at_service();

    let hint = tokens["id_token"].as_str().unwrap();
    let asked = format!(
        "/session/end?id_token_hint={hint}&state=s-9&post_logout_redirect_uri=https%3A%2F%2Fcantine.example%2Fbye"
    );
    let left = browser.get(&asked).await.to();
    assert!(left.starts_with(&world.partner.issuer("citoyen")), "{left}");
    let returning = &query(&left)["state"];
    let bye = browser
        .get(&format!("/logout/callback?state={returning}"))
        .await
        .at_service();
    assert_eq!(bye.as_str(), "https://cantine.example/bye?state=s-9#");

    let choice = browser.start_and_follow("banque", "scope=openid").await;
    assert!(
        choice.body.contains("id=\"provider-citoyen\""),
        "no session"
    );
    let notices = world.partner.notices(2).await;
    assert!(notices.iter().any(|(client, _)| client == "banque"));
    let audit = world.audit().await;
    let passed_on = audit.lines().find(|line| line.contains("logout.passed_on"));
    assert!(passed_on.unwrap().contains("\"provider\":\"citoyen\""));
}

/// Scenario 53.
#[tokio::test]
async fn a_sign_out_without_a_return_address_ends_on_a_page_by_way_of_the_provider_if_it_takes_part()
 {
    for keeps_sessions in [false, true] {
        let world = World::new().await;
        world.partner.adopt(Ways {
            keeps_sessions,
            ..Ways::default()
        });
        let mut browser = world.browser();
        let back = browser.log_in(&world, "cantine", "citoyen").await;
        let tokens = browser.redeem("cantine", &back).await;
        let hint = tokens["id_token"].as_str().unwrap();
        let asked = format!("/session/end?id_token_hint={hint}");
        let mut answer = browser.get(&asked).await;
        assert_eq!(answer.location.is_none(), keeps_sessions);
        if let Some(left) = &answer.location {
            let back = format!("/logout/callback?state={}", query(left)["state"]);
            answer = browser.get(&back).await;
        }
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.body.contains("déconnecté"), "{}", answer.body);
        let audit = world.audit().await;
        assert!(audit.contains("session.ended"));
        assert_eq!(audit.contains("logout.passed_on"), !keeps_sessions);
    }
}
