//! Signing out, asked for by the person and by a client.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::StatusCode;

use crate::testing::{Browser, Setup, World};

const BACK: &str = "&post_logout_redirect_uri=https%3A%2F%2Fhub.example%2Fsigned-out&state=out";

/// Signs `ange` in for the client; the ID token it gets.
async fn id_token(browser: &mut Browser) -> String {
    let asked = browser.ask("&prompt=login").await;
    let answered = browser.sign_in(&asked, "ange").await;
    let code = answered.parameter("code").unwrap();
    let tokens = browser.redeem(&code).await;
    tokens["id_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_id_token_says_who_at_which_level_and_how() {
    let world = World::new().await;
    let mut browser = world.browser();
    let token = id_token(&mut browser).await;
    let claims = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["acr"], "eidas1");
    assert_eq!(claims["amr"], serde_json::json!(["pwd"]));
    assert_eq!(claims["nonce"], "n");
    assert!(
        claims["sub"]
            .as_str()
            .unwrap()
            .parse::<guichet_domain::AccountId>()
            .is_ok()
    );
    assert!(claims["auth_time"].is_i64());
}

#[tokio::test]
async fn the_client_of_this_very_session_signs_out_at_once() {
    let world = World::new().await;
    let mut browser = world.browser();
    let token = id_token(&mut browser).await;
    let out = browser
        .get(&format!("/session/end?id_token_hint={token}{BACK}"))
        .await;
    assert_eq!(out.location(), "https://hub.example/signed-out?state=out");
    assert!(browser.cookie("compte-citoyen-session").is_none());
    let none = browser.ask("&prompt=none").await;
    assert_eq!(none.parameter("error").as_deref(), Some("login_required"));
    assert!(
        world
            .recorded()
            .await
            .iter()
            .any(|kind| kind == "session.ended")
    );
}

#[tokio::test]
async fn anyone_else_s_request_asks_the_person_and_then_goes_back() {
    let world = World::new().await;
    let mut browser = world.browser();
    let old = id_token(&mut browser).await;
    id_token(&mut browser).await;
    // The first token is of a session that is no more.
    let asked = browser
        .get(&format!("/session/end?id_token_hint={old}{BACK}"))
        .await;
    assert_eq!(asked.location(), "/sign-out");
    let (_, question) = browser.follow(&asked).await;
    assert!(browser.cookie("compte-citoyen-session").is_some());
    let out = browser
        .submit(&question, "/sign-out", &[("decision", "accept")])
        .await;
    assert_eq!(out.location(), "https://hub.example/signed-out?state=out");
    assert!(browser.cookie("compte-citoyen-session").is_none());
}

#[tokio::test]
async fn a_person_may_stay() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.sign_in_directly("ange").await;
    let question = browser.get("/sign-out").await;
    browser
        .submit(&question, "/sign-out", &[("decision", "refuse")])
        .await;
    assert!(browser.cookie("compte-citoyen-session").is_some());
    let out = browser
        .submit(&question, "/sign-out", &[("decision", "accept")])
        .await;
    let (_, done) = browser.follow(&out).await;
    assert_eq!(done.status, StatusCode::OK);
    assert!(done.body.contains("You are signed out"));
}

#[tokio::test]
async fn a_client_that_registered_for_it_is_told_by_the_back_channel() {
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/logout", listener.local_addr().unwrap());
    let hub = axum::Router::new().route(
        "/logout",
        axum::routing::post(move |body: String| async move {
            told.send(body).unwrap();
        }),
    );
    tokio::spawn(axum::serve(listener, hub).into_future());
    let world = World::with(Setup {
        backchannel: Some(uri),
        ..Setup::default()
    })
    .await;
    let mut browser = world.browser();
    let id_token = id_token(&mut browser).await;
    browser
        .get(&format!("/session/end?id_token_hint={id_token}"))
        .await;
    let body = heard.recv().await.unwrap();
    let logout_token = body.strip_prefix("logout_token=").unwrap();
    assert_eq!(claims(logout_token)["sid"], claims(&id_token)["sid"]);
}

/// The claims of a token, unverified.
fn claims(token: &str) -> serde_json::Value {
    let claims = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    serde_json::from_slice(&claims).unwrap()
}

impl Browser {
    /// Redeems a code as the client; what the token endpoint answers.
    async fn redeem(&mut self, code: &str) -> serde_json::Value {
        let secret = format!("Basic {}", STANDARD.encode("hub:a-secret-of-the-tests"));
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", "https://hub.example/callback"),
        ];
        let answered = self.post_as("/token", &secret, &fields).await;
        assert_eq!(answered.status, StatusCode::OK, "{answered:?}");
        serde_json::from_str(&answered.body).unwrap()
    }
}
