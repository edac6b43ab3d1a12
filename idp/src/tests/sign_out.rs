//! Signing out, asked for by the person and by a client.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

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
    assert_eq!(
        out.location().trim_end_matches('#'),
        "https://hub.example/signed-out?state=out"
    );
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
    // The same person's, in another browser.
    let other = id_token(&mut world.browser()).await;
    let mut browser = world.browser();
    id_token(&mut browser).await;
    let asked = browser
        .get(&format!("/session/end?id_token_hint={other}{BACK}"))
        .await;
    assert_eq!(asked.location(), "/sign-out");
    let (_, question) = browser.follow(&asked).await;
    assert!(browser.cookie("compte-citoyen-session").is_some());
    let out = browser
        .submit(&question, "/sign-out", &[("decision", "accept")])
        .await;
    assert_eq!(
        out.location().trim_end_matches('#'),
        "https://hub.example/signed-out?state=out"
    );
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
    let (world, mut heard) = listening(0).await;
    let mut browser = world.browser();
    let id_token = id_token(&mut browser).await;
    browser
        .get(&format!("/session/end?id_token_hint={id_token}"))
        .await;
    assert_eq!(heard.sid().await, claims(&id_token)["sid"]);
}

#[tokio::test]
async fn a_client_that_did_not_answer_is_told_again_by_a_letter_that_outlives_the_node() {
    let (world, mut heard) = listening(1).await;
    let mut browser = world.browser();
    let id_token = id_token(&mut browser).await;
    browser
        .get(&format!("/session/end?id_token_hint={id_token}"))
        .await;
    let first = heard.sid().await;
    world.idp.finish().await;
    assert_eq!(world.durable.outbox.waiting().await.unwrap(), 1);
    world.clock.advance(Duration::from_secs(5));
    world.idp.deliver_due().await;
    assert_eq!(heard.sid().await, first);
    assert_eq!(world.durable.outbox.waiting().await.unwrap(), 0);
    let recorded = world.recorded().await;
    let of = |kind: &str| recorded.iter().filter(|known| *known == kind).count();
    assert_eq!(of("logout.notification_failed"), 1, "{recorded:?}");
    assert_eq!(of("logout.notified"), 1, "{recorded:?}");
}

#[tokio::test]
async fn who_signs_in_again_stays_in_the_session_that_clients_know() {
    let (world, mut heard) = listening(0).await;
    let mut browser = world.browser();
    let asked = browser.ask("").await;
    let answered = browser.sign_in(&asked, "camille").await;
    let tokens = browser.redeem(&answered.parameter("code").unwrap()).await;
    let first = tokens["id_token"].as_str().unwrap().to_owned();
    let cookie = browser.cookie("compte-citoyen-session").unwrap().to_owned();
    // Lifted by a second factor, for the client; then anew, for the account's own pages.
    let asked = browser.ask("&acr_values=eidas2").await;
    let (path, page) = browser.follow(&asked).await;
    let lifted = browser
        .submit(&page, &path, &[("code", &world.code())])
        .await;
    let lifted = browser.redeem(&lifted.parameter("code").unwrap()).await;
    let lifted = claims(lifted["id_token"].as_str().unwrap());
    assert_eq!(lifted["sid"], claims(&first)["sid"]);
    browser.sign_in_directly("camille").await;
    assert_ne!(browser.cookie("compte-citoyen-session"), Some(&*cookie));
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let shown = browser.post_as("/userinfo", &bearer, &[]).await;
    assert_eq!(shown.status, StatusCode::OK, "{shown:?}");
    // The first token still is of this session: no question, the client is told, its tokens die.
    let out = browser
        .get(&format!("/session/end?id_token_hint={first}{BACK}"))
        .await;
    assert_eq!(
        out.location().trim_end_matches('#'),
        "https://hub.example/signed-out?state=out"
    );
    assert_eq!(heard.sid().await, claims(&first)["sid"]);
    let dead = browser.post_as("/userinfo", &bearer, &[]).await;
    assert_eq!(dead.status, StatusCode::UNAUTHORIZED, "{dead:?}");
}

#[tokio::test]
async fn somebody_else_s_sign_in_ends_the_session_and_its_tokens_and_tells_its_clients() {
    let (world, mut heard) = listening(0).await;
    let mut browser = world.browser();
    let asked = browser.ask("").await;
    let answered = browser.sign_in(&asked, "ange").await;
    let tokens = browser.redeem(&answered.parameter("code").unwrap()).await;
    let sid = claims(tokens["id_token"].as_str().unwrap())["sid"].clone();
    browser.sign_in_directly("camille").await;
    assert_eq!(heard.sid().await, sid);
    let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
    let dead = browser.post_as("/userinfo", &bearer, &[]).await;
    assert_eq!(dead.status, StatusCode::UNAUTHORIZED, "{dead:?}");
    let recorded = world.recorded().await;
    assert!(recorded.iter().any(|kind| kind == "session.ended"));
    let answered = browser.ask("&prompt=none").await;
    let theirs = browser.redeem(&answered.parameter("code").unwrap()).await;
    assert_ne!(claims(theirs["id_token"].as_str().unwrap())["sid"], sid);
}

/// A client's ear.
struct Heard(tokio::sync::mpsc::UnboundedReceiver<String>);

impl Heard {
    /// The session named by the next logout token.
    async fn sid(&mut self) -> serde_json::Value {
        let body = self.0.recv().await.unwrap();
        claims(body.strip_prefix("logout_token=").unwrap())["sid"].clone()
    }
}

/// A world whose client listens, and fails the first notices.
async fn listening(fails: usize) -> (World, Heard) {
    let (told, heard) = tokio::sync::mpsc::unbounded_channel();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/logout", listener.local_addr().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let hub = axum::Router::new().route(
        "/logout",
        axum::routing::post(move |body: String| async move {
            told.send(body).unwrap();
            if count.fetch_add(1, Ordering::Relaxed) < fails {
                StatusCode::SERVICE_UNAVAILABLE
            } else {
                StatusCode::OK
            }
        }),
    );
    tokio::spawn(axum::serve(listener, hub).into_future());
    let world = World::with(Setup {
        backchannel: Some(uri),
        ..Setup::default()
    })
    .await;
    (world, Heard(heard))
}

/// The claims of a token, unverified.
pub(super) fn claims(token: &str) -> serde_json::Value {
    let claims = URL_SAFE_NO_PAD
        .decode(token.split('.').nth(1).unwrap())
        .unwrap();
    serde_json::from_slice(&claims).unwrap()
}

impl Browser {
    /// Redeems a code as the client; what the token endpoint answers.
    pub(super) async fn redeem(&mut self, code: &str) -> serde_json::Value {
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
