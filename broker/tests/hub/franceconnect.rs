//! What an application written for FranceConnect v2 finds at the hub.

use http::StatusCode;
use serde_json::{Value, json};

use guichet_domain::client::Profile;

use crate::browser::{Answer, Browser, query};
use crate::world::World;

/// A hub at which "Cantine" is an application of FranceConnect.
async fn world() -> World {
    let world = World::new().await;
    world.directory.change_client("cantine", |client| {
        client.profile = Profile::FranceConnect;
        client.scopes = "openid profile birth email idp_id idp_birthdate cnaf_quotient_familial"
            .parse()
            .unwrap();
    });
    world
}

async fn start(browser: &mut Browser, further: &str) -> Answer {
    let address = format!(
        "/authorize?response_type=code&client_id=cantine&redirect_uri=https%3A%2F%2Fcantine.example%2Fcb\
         &state=s-1&nonce=0123456789abcdef0123456789abcdef&acr_values=eidas1&{further}"
    );
    browser.get(&address).await
}

async fn start_and_follow(browser: &mut Browser, further: &str) -> Answer {
    let first = start(browser, further).await;
    browser.follow(first).await
}

#[tokio::test]
async fn a_provider_that_may_not_be_named_is_invalid_idp_hint() {
    let world = world().await;
    let refused = |answer: Answer| query(answer.at_service().as_str())["error"].clone();
    let unknown = start(&mut world.browser(), "scope=openid&idp_hint=nobody").await;
    assert_eq!(refused(unknown), "invalid_idp_hint");

    let named = "scope=openid&idp_hint=postale";
    let straight = start_and_follow(&mut world.browser(), named).await;
    assert!(straight.to().starts_with(&world.partner.issuer("postale")));
    world.directory.change_client("cantine", |client| {
        client.idp_hints = Some(vec!["citoyen".parse().unwrap()]);
    });
    let not_listed = start(&mut world.browser(), named).await;
    let answer = query(not_listed.at_service().as_str());
    assert_eq!(answer["error"], "invalid_idp_hint");
    assert_eq!(answer["state"], "s-1");
    assert!(answer["error_uri"].ends_with("/errors/invalid_idp_hint"));
    let listed = start_and_follow(&mut world.browser(), "scope=openid&idp_hint=citoyen").await;
    assert!(listed.to().starts_with(&world.partner.issuer("citoyen")));
    world
        .directory
        .change_client("cantine", |client| client.profile = Profile::Standard);
    let list = start_and_follow(&mut world.browser(), named).await;
    assert_eq!(
        list.status,
        StatusCode::OK,
        "any other service gets the list"
    );
}

#[tokio::test]
async fn a_hint_does_not_count_where_a_session_answers() {
    let world = world().await;
    let mut browser = world.browser();
    let choice = start_and_follow(&mut browser, "scope=openid").await;
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    browser.agree(&consent).await.at_service();
    let again = start(&mut browser, "scope=openid&idp_hint=nobody").await;
    assert!(again.to().ends_with("/consent"), "{again:?}");
}

#[tokio::test]
async fn the_claims_of_franceconnect_are_shown_and_served() {
    let world = world().await;
    world.partner.claim_in_userinfo(json!({
        "birthdate": "1978-03-00", "given_name": "Anne Sophie Zoé",
        "given_name_array": ["Anne Sophie", "Zoé"], "idp_id": "postale", "idp_birthdate": "2000-01-01",
    }));
    let mut browser = world.browser();
    let asked = "scope=openid%20profile%20idp_id%20idp_birthdate";
    let choice = start_and_follow(&mut browser, asked).await;
    let consent = browser.sign_in("citoyen", &choice, &world.partner).await;
    for shown in [
        "1er mars 1978",
        "mars 1978",
        "selon votre fournisseur",
        "citoyen",
    ] {
        assert!(consent.body.contains(shown), "{shown}: {}", consent.body);
    }
    assert_eq!(consent.body.matches("Anne Sophie").count(), 1, "said once");
    let back = browser.agree(&consent).await.at_service();
    let tokens = browser.redeem("cantine", &back).await;
    let userinfo = browser
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await;
    let claims: Value = serde_json::from_str(&userinfo.body).unwrap();
    assert_eq!(claims["given_name_array"], json!(["Anne Sophie", "Zoé"]));
    assert_eq!(claims["birthdate"], "1978-03-01");
    assert_eq!(
        claims["idp_birthdate"], "1978-03-00",
        "as the provider sent it"
    );
    assert_eq!(
        claims["idp_id"], "citoyen",
        "and not what it said of itself"
    );
}

#[tokio::test]
async fn prompt_login_leaves_the_page_out_for_a_service_that_may_and_for_no_other() {
    let world = world().await;
    let at_the_end = async |prompt: &str| {
        let mut browser = world.browser();
        let further = format!("scope=openid%20profile{prompt}");
        let choice = start_and_follow(&mut browser, &further).await;
        browser.sign_in("citoyen", &choice, &world.partner).await
    };
    let shown = |answer: &Answer| answer.body.contains("name=\"decision\"");
    assert!(
        shown(&at_the_end("&prompt=login").await),
        "its record says nothing"
    );
    let change = |change: fn(&mut guichet_domain::Client)| {
        world.directory.change_client("cantine", change);
    };
    change(|client| client.may_skip_information = true);
    assert!(shown(&at_the_end("&prompt=login%20consent").await));
    assert!(shown(&at_the_end("").await));
    let data = at_the_end("%20cnaf_quotient_familial&prompt=login").await;
    assert!(shown(&data), "data of another administration is announced");
    let straight = at_the_end("&prompt=login").await;
    assert!(straight.to().ends_with("/return"), "{straight:?}");
    assert!(world.audit().await.contains("\"unshown\""));
    change(|client| client.kind = guichet_domain::ClientKind::Private);
    assert!(
        shown(&at_the_end("&prompt=login").await),
        "who must agree is asked"
    );
}
