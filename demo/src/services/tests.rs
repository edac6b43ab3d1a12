//! The services from outside: a browser of a few lines, and a hub that says what a test wants.

mod forged_hub;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use url::Url;

use super::*;
use crate::cast::{Addresses, Member};
use crate::testing::{NOW, Stopped, surroundings};
use forged_hub::ForgedHub;

/// A browser at one service.
struct Browser {
    site: Router,
    cookies: Vec<(String, String)>,
}

impl Browser {
    fn at(site: Router) -> Self {
        Self {
            site,
            cookies: Vec::new(),
        }
    }

    async fn get(&mut self, path: &str) -> Page {
        self.send(Request::get(path), Body::empty()).await
    }

    async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.send(request, Body::from(body)).await
    }

    async fn send(&mut self, request: http::request::Builder, body: Body) -> Page {
        let jar: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = if jar.is_empty() {
            request
        } else {
            request.header(COOKIE, jar.join("; "))
        };
        let response = self
            .site
            .clone()
            .oneshot(request.body(body).unwrap())
            .await
            .unwrap();
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
        Page::read(response).await
    }

    /// Presses "sign in" and returns where the service sends the browser.
    async fn leave_for_the_hub(&mut self) -> Url {
        let home = self.get("/").await;
        let left = self
            .post("/sign-in", &[("csrf", &home.hidden("sign-in"))])
            .await;
        assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.body);
        Url::parse(&left.location).unwrap()
    }
}

struct Page {
    status: StatusCode,
    location: String,
    body: String,
}

impl Page {
    async fn read(response: Response) -> Self {
        let status = response.status();
        let location = response
            .headers()
            .get(LOCATION)
            .map(|value| value.to_str().unwrap().to_owned());
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        Self {
            status,
            location: location.unwrap_or_default(),
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// The hidden token of the form that posts to `action`.
    fn hidden(&self, action: &str) -> String {
        let form = self
            .body
            .split(&format!("action=\"/{action}\""))
            .nth(1)
            .unwrap();
        let value = form.split("name=\"csrf\" value=\"").nth(1).unwrap();
        value.split('"').next().unwrap().to_owned()
    }

    /// The text of the element with this id.
    fn shown(&self, id: &str) -> &str {
        let element = self.body.split(&format!("id=\"{id}\">")).nth(1);
        let element = element.unwrap_or_else(|| panic!("no #{id} in {}", self.body));
        element.split('<').next().unwrap()
    }
}

/// A service at a forged hub.
async fn at_hub(service: Service) -> (Browser, Arc<ForgedHub>) {
    let (browser, hub, _) = at_hub_with_clock(service).await;
    (browser, hub)
}

async fn at_hub_with_clock(service: Service) -> (Browser, Arc<ForgedHub>, Arc<Stopped>) {
    let (hub, base_url) = ForgedHub::open().await;
    let clock = Arc::new(Stopped::default());
    let surroundings = Surroundings {
        clock: Arc::<Stopped>::clone(&clock),
        ..surroundings(Addresses::default().with(Member::Hub, &base_url))
    };
    (
        Browser::at(router(service, &surroundings).unwrap()),
        hub,
        clock,
    )
}

fn parameter(url: &Url, name: &str) -> String {
    url.query_pairs()
        .find(|(known, _)| known == name)
        .unwrap_or_else(|| panic!("no {name}: {url}"))
        .1
        .into()
}

/// What the hub knows of a sign-in that the browser is on the way to.
fn grant(hub: &ForgedHub, url: &Url) -> String {
    hub.expect(&parameter(url, "nonce"), &parameter(url, "code_challenge"));
    let answer = [
        ("state", parameter(url, "state")),
        ("code", "c1".into()),
        ("iss", hub.issuer()),
    ];
    format!(
        "/callback?{}",
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(answer)
            .finish()
    )
}

#[tokio::test]
async fn a_citizen_signs_in_and_is_greeted_by_name() {
    for service in Service::ALL {
        let (mut browser, hub) = at_hub(service).await;
        hub.serve(service);
        let url = browser.leave_for_the_hub().await;
        assert_eq!(parameter(&url, "acr_values"), service.acr().as_str());
        assert_eq!(parameter(&url, "code_challenge_method"), "S256");
        let mut asked: Vec<String> = parameter(&url, "scope")
            .split(' ')
            .map(str::to_owned)
            .collect();
        let mut wanted: Vec<&str> = service.scope().split(' ').collect();
        asked.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(asked, wanted);
        let back = browser.get(&grant(&hub, &url)).await;
        assert_eq!(
            (back.status, back.location.as_str()),
            (StatusCode::SEE_OTHER, "/"),
            "{}",
            back.body
        );
        let home = browser.get("/").await;
        assert_eq!(home.shown("name"), "Camille Aimée MARTIN");
        assert_eq!(home.shown("subject"), "p1");
        assert_eq!(home.shown("acr"), "eidas2");
        assert_eq!(home.shown("amr"), "pwd otp");
    }
}

#[tokio::test]
async fn an_answer_counts_once_in_the_browser_that_asked_by_the_hub_that_was_asked() {
    let (mut browser, hub) = at_hub(Service::CarteGrise).await;
    hub.serve(Service::CarteGrise);
    let code = |page: &Page| (page.status, page.shown("error").to_owned());
    let bad = |code: &str| (StatusCode::BAD_REQUEST, code.to_owned());

    let callback = grant(&hub, &browser.leave_for_the_hub().await);
    let mut stranger = Browser::at(browser.site.clone());
    assert_eq!(code(&stranger.get(&callback).await), bad("wrong_browser"));
    assert_eq!(
        code(&browser.get(&callback).await),
        bad("invalid_state"),
        "it was spent"
    );

    let callback = grant(&hub, &browser.leave_for_the_hub().await);
    let other_issuer = callback.replace("iss=http", "iss=https");
    assert_eq!(code(&browser.get(&other_issuer).await), bad("wrong_issuer"));

    let callback = grant(&hub, &browser.leave_for_the_hub().await);
    let no_issuer = callback.split("&iss=").next().unwrap().to_owned();
    assert_eq!(code(&browser.get(&no_issuer).await), bad("wrong_issuer"));

    let callback = grant(&hub, &browser.leave_for_the_hub().await);
    assert_eq!(browser.get(&callback).await.status, StatusCode::SEE_OTHER);
    assert_eq!(code(&browser.get(&callback).await), bad("invalid_state"));
    for forged in [
        "/callback",
        "/callback?state=x&code=c1",
        "/callback?code=c1",
    ] {
        assert_eq!(
            code(&browser.get(forged).await),
            bad("invalid_state"),
            "{forged}"
        );
    }
    assert_eq!(
        browser.get("/callback?state=a&state=b").await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn what_the_hub_signs_must_be_what_was_asked_for() {
    let faults: [(&str, Value, &str); 8] = [
        ("nonce", json!("another"), "invalid_id_token"),
        ("aud", json!("banque"), "invalid_id_token"),
        ("iss", json!("http://localhost:1"), "invalid_id_token"),
        ("exp", json!(NOW.seconds() - 1), "invalid_id_token"),
        ("at_hash", json!("AAAA"), "invalid_id_token"),
        ("acr", json!("eidas1"), "insufficient_level"),
        ("acr", Value::Null, "insufficient_level"),
        ("sub", json!("p2"), "userinfo_failed"),
    ];
    let (mut browser, hub) = at_hub(Service::Plainte).await;
    hub.serve(Service::Plainte);
    for (claim, value, expected) in faults {
        let callback = grant(&hub, &browser.leave_for_the_hub().await);
        hub.lie(claim, value.clone());
        let page = browser.get(&callback).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{claim}");
        assert_eq!(page.shown("error"), expected, "{claim} {value}");
        assert!(
            browser.get("/").await.body.contains("id=\"sign-in\""),
            "{claim}: nobody is in"
        );
    }
}

#[tokio::test]
async fn a_refusal_is_explained_and_carries_its_code() {
    let (mut browser, hub) = at_hub(Service::Banque).await;
    hub.serve(Service::Banque);
    for (error, status) in [
        ("access_denied", StatusCode::FORBIDDEN),
        ("temporarily_unavailable", StatusCode::SERVICE_UNAVAILABLE),
        ("<script>", StatusCode::BAD_REQUEST),
    ] {
        let url = browser.leave_for_the_hub().await;
        let answer = [
            ("state", parameter(&url, "state")),
            ("error", error.into()),
            ("iss", hub.issuer()),
        ];
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(answer)
            .finish();
        let page = browser.get(&format!("/callback?{query}")).await;
        assert_eq!(page.status, status, "{error}");
        assert_eq!(
            page.shown("error"),
            error.replace('<', "&lt;").replace('>', "&gt;")
        );
    }
}

/// A signed-in browser.
async fn signed_in(service: Service) -> (Browser, Arc<ForgedHub>) {
    let (mut browser, hub) = at_hub(service).await;
    hub.serve(service);
    let callback = grant(&hub, &browser.leave_for_the_hub().await);
    assert_eq!(browser.get(&callback).await.status, StatusCode::SEE_OTHER);
    (browser, hub)
}

#[tokio::test]
async fn signing_out_ends_the_session_here_and_asks_the_hub_to() {
    let (mut browser, hub) = signed_in(Service::CarteGrise).await;
    let home = browser.get("/").await;
    let forged = browser.post("/sign-out", &[("csrf", "x")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let left = browser
        .post("/sign-out", &[("csrf", &home.hidden("sign-out"))])
        .await;
    let url = Url::parse(&left.location).unwrap();
    assert!(
        left.location
            .starts_with(&format!("{}/session/end?", hub.issuer())),
        "{url}"
    );
    assert_eq!(
        parameter(&url, "post_logout_redirect_uri"),
        "http://localhost:8020/signed-out"
    );
    assert_eq!(parameter(&url, "client_id"), "carte-grise");
    assert_eq!(parameter(&url, "id_token_hint").split('.').count(), 3);
    assert!(browser.get("/").await.body.contains("id=\"sign-in\""));
    let path = format!("/signed-out?state={}", parameter(&url, "state"));
    assert!(browser.get(&path).await.body.contains("id=\"signed-out\""));
    assert_eq!(browser.get(&path).await.location, "/", "said once");
}

#[tokio::test]
async fn the_hub_signs_out_the_session_it_names_and_a_token_counts_once() {
    let (mut browser, hub) = signed_in(Service::CarteGrise).await;
    let mut machine = Browser::at(browser.site.clone());
    for (claim, value) in [
        ("aud", json!("plainte")),
        ("nonce", json!("n")),
        ("sid", json!("s2")),
    ] {
        let token = hub.logout_token("j0", claim, value);
        let expected = if claim == "sid" {
            StatusCode::OK
        } else {
            StatusCode::BAD_REQUEST
        };
        let answer = machine
            .post("/backchannel-logout", &[("logout_token", &token)])
            .await;
        assert_eq!(answer.status, expected, "{claim}: {}", answer.body);
        assert_eq!(
            browser.get("/").await.shown("subject"),
            "p1",
            "{claim}: still in"
        );
    }
    let token = hub.logout_token("j1", "sid", json!("s1"));
    let answer = machine
        .post("/backchannel-logout", &[("logout_token", &token)])
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    assert!(browser.get("/").await.body.contains("id=\"sign-in\""));
    let again = machine
        .post("/backchannel-logout", &[("logout_token", &token)])
        .await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        machine.post("/backchannel-logout", &[]).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn new_keys_of_the_hub_are_found_and_invented_ones_not_looked_for_at_will() {
    let (mut browser, hub, clock) = at_hub_with_clock(Service::Cantine).await;
    hub.serve(Service::Cantine);
    let callback = grant(&hub, &browser.leave_for_the_hub().await);
    hub.rotate();
    clock.advance(10);
    assert_eq!(browser.get(&callback).await.location, "/");
    assert_eq!(hub.looks(), 2);
    hub.rotate();
    for _ in 0..3 {
        let token = hub.logout_token("j1", "sid", json!("s1"));
        let answer = browser
            .post("/backchannel-logout", &[("logout_token", &token)])
            .await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(hub.looks(), 2);
    clock.advance(10);
    let token = hub.logout_token("j1", "sid", json!("s1"));
    let answer = browser
        .post("/backchannel-logout", &[("logout_token", &token)])
        .await;
    assert_eq!((answer.status, hub.looks()), (StatusCode::OK, 3));
}

#[tokio::test]
async fn a_third_party_may_start_a_login_for_the_one_hub_and_no_other() {
    let (mut browser, hub) = at_hub(Service::Cantine).await;
    let query = |issuer: &str| {
        let asked = [
            ("iss", issuer),
            ("login_hint", "camille"),
            ("target_link_uri", "//evil.example"),
        ];
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(asked)
            .finish();
        format!("/initiate-login?{query}")
    };
    let page = browser.get(&query("http://localhost:1")).await;
    assert_eq!(page.shown("error"), "unknown_issuer");
    let left = browser.get(&query(&hub.issuer())).await;
    let url = Url::parse(&left.location).unwrap();
    assert_eq!(parameter(&url, "login_hint"), "camille");
    hub.serve(Service::Cantine);
    assert_eq!(
        browser.get(&grant(&hub, &url)).await.location,
        "/",
        "and back to this site only"
    );
}

#[tokio::test]
async fn without_the_hub_there_is_a_page() {
    // An address where nobody listens: whoever took it has left.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let hub = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let addresses = Addresses::default().with(Member::Hub, &hub);
    let mut browser = Browser::at(router(Service::Cantine, &surroundings(addresses)).unwrap());
    let home = browser.get("/").await;
    let page = browser
        .post("/sign-in", &[("csrf", &home.hidden("sign-in"))])
        .await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
    assert_eq!(page.shown("error"), "hub_unreachable");
}

#[tokio::test]
async fn a_sign_in_that_was_not_asked_for_here_is_not_started() {
    let (mut browser, _) = at_hub(Service::Cantine).await;
    assert_eq!(
        browser.post("/sign-in", &[("csrf", "")]).await.status,
        StatusCode::FORBIDDEN
    );
    let home = browser.get("/").await;
    let wrong_form = home.hidden("sign-in");
    assert_eq!(
        browser
            .post("/sign-out", &[("csrf", &wrong_form)])
            .await
            .status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn evidence_is_offered_beside_the_way_by_paper_which_always_works() {
    for service in [Service::CarteGrise, Service::Cantine] {
        let (mut browser, _) = signed_in(service).await;
        for language in ["en", "fr"] {
            let page = browser.get(&format!("/?ui_locales={language}")).await;
            assert!(page.body.contains("id=\"fetch-evidence\""), "{}", page.body);
            let is_missing = ["demo-paper", "demo-missing"].map(|id| page.body.contains(id));
            assert_eq!(is_missing, [false; 2], "a text is missing: {}", page.body);
        }
        let home = browser.get("/").await;
        let csrf = home.hidden("document");
        let sent = [("csrf", csrf.as_str()), ("document", "attestation.pdf")];
        let answer = browser.post("/document", &sent).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
        let home = browser.get("/").await;
        assert!(home.body.contains("attestation.pdf"), "{}", home.body);
        let forged = browser.post("/document", &[("document", "x")]).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn a_hub_that_cannot_be_asked_for_evidence_leaves_the_way_by_paper() {
    let (mut browser, _) = signed_in(Service::Cantine).await;
    let home = browser.get("/").await;
    let csrf = home.hidden("evidence");
    let answer = browser.post("/evidence", &[("csrf", &csrf)]).await;
    assert_eq!(answer.location, "/#evidence");
    let home = browser.get("/").await;
    assert!(
        home.body.contains("id=\"evidence-missing\""),
        "{}",
        home.body
    );
    assert!(home.body.contains("id=\"send-document\""));
}

#[tokio::test]
async fn an_answer_about_evidence_that_nobody_asked_for_is_refused() {
    let (mut browser, _) = signed_in(Service::Cantine).await;
    let page = browser
        .get("/evidence/callback?state=x&code=c&iss=http://localhost:8000")
        .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.body.contains("invalid_state"));
}
