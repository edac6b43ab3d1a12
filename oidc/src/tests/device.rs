//! Device authorization (RFC 8628): a device asks, a person answers elsewhere, the device fetches it once.

use std::time::Duration;

use guichet_domain::{BrowserId, OAuthError};
use serde_json::{Value, json};

use crate::testing::{Answered, Form, ISSUER, TestHouse, World};
use crate::{Answer, DeferredSettings, Note, Settlement, Typed, WaitingRequest};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const FROM: &str = "203.0.113.7";

async fn world() -> World {
    let world = World::new().await;
    for (id, more) in [
        ("tv", json!({"token_endpoint_auth_method": "none"})),
        ("kiosk", json!({})),
        ("kiosk2", json!({})),
    ] {
        let mut special = json!({"grant_types": [DEVICE], "redirect_uris": []});
        special
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        world.clients.add(id, &special);
    }
    world
}

impl World {
    async fn device_authorization(&self, client: &str, form: Form) -> Answered {
        self.send(form.by_at("/device_authorization", client)).await
    }

    async fn asks(&self, client: &str) -> Value {
        let form = Form::empty().with("scope", "openid given_name");
        let answered = self.device_authorization(client, form).await;
        assert_eq!(answered.status, 200, "{}", answered.body);
        answered.json()
    }

    async fn polls(&self, client: &str, device_code: &Value) -> Answered {
        let form = Form::empty()
            .with("grant_type", DEVICE)
            .with("device_code", device_code.as_str().unwrap());
        self.send(form.by_at("/token", client)).await
    }

    async fn typed(&self, code: &str) -> Option<WaitingRequest> {
        match self.engine.device_request(code, FROM).await.unwrap() {
            Typed::Found(waiting) => Some(*waiting),
            Typed::Unknown | Typed::TooMany => None,
        }
    }

    async fn approves(&self, waiting: &WaitingRequest) -> Settlement {
        let outcome = TestHouse::outcome();
        settlement(self.engine.grant(&waiting.request, outcome).await.unwrap())
    }
}

fn settlement(answer: Answer) -> Settlement {
    let Answer::Settled(settled) = answer else {
        panic!("a device cannot be answered through a browser");
    };
    settled.what
}

#[tokio::test]
async fn a_device_fetches_what_the_person_granted_once() {
    let world = world().await;
    for client in ["tv", "kiosk"] {
        let asked = world.asks(client).await;
        assert_eq!(
            asked["verification_uri"],
            format!("{ISSUER}/account/device")
        );
        let code = asked["user_code"].as_str().unwrap();
        let complete = format!("{ISSUER}/account/device?user_code={code}");
        assert_eq!(asked["verification_uri_complete"], complete);
        assert_eq!(
            (&asked["expires_in"], &asked["interval"]),
            (&json!(600), &json!(5))
        );
        let pending = world.polls(client, &asked["device_code"]).await;
        assert_eq!(pending.error().as_deref(), Some("authorization_pending"));
        assert_eq!(pending.status, 400);

        let waiting = world
            .typed(&code.to_ascii_lowercase().replace('-', " "))
            .await
            .unwrap();
        assert_eq!(waiting.note, Note::UserCode(code.to_owned()));
        assert_eq!(world.approves(&waiting).await, Settlement::Approved);

        world.clock.advance(Duration::from_secs(5));
        let tokens = world.polls(client, &asked["device_code"]).await;
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        assert_eq!(tokens.json()["scope"], "openid given_name");
        let userinfo = world
            .userinfo(tokens.json()["access_token"].as_str().unwrap())
            .await;
        assert_eq!(userinfo.json()["given_name"], "Angela");

        world.clock.advance(Duration::from_secs(5));
        let again = world.polls(client, &asked["device_code"]).await;
        assert_eq!(again.error().as_deref(), Some("invalid_grant"), "a replay");
        assert!(world.typed(code).await.is_none());
    }
}

#[tokio::test]
async fn a_refusal_is_told_to_the_device_and_stays() {
    let world = world().await;
    let asked = world.asks("kiosk").await;
    let waiting = world
        .typed(asked["user_code"].as_str().unwrap())
        .await
        .unwrap();
    let refused = world
        .engine
        .refuse(&waiting.request, OAuthError::AccessDenied, "no");
    assert_eq!(settlement(refused.await.unwrap()), Settlement::Refused);
    for _ in 0..2 {
        let denied = world.polls("kiosk", &asked["device_code"]).await;
        assert_eq!(denied.error().as_deref(), Some("access_denied"));
        world.clock.advance(Duration::from_secs(5));
    }
    assert_eq!(world.approves(&waiting).await, Settlement::TooLate);
    let recorded = world.recorded().await;
    assert!(recorded.contains(&"deferred.refused kiosk".to_owned()));
    assert!(
        !recorded
            .iter()
            .any(|entry| entry.starts_with("deferred.approved"))
    );
}

#[tokio::test]
async fn a_device_that_asks_too_often_must_wait_longer_each_time() {
    let world = world().await;
    let asked = world.asks("kiosk").await;
    let poll = async |seconds| {
        world.clock.advance(Duration::from_secs(seconds));
        world
            .polls("kiosk", &asked["device_code"])
            .await
            .error()
            .unwrap()
    };
    assert_eq!(poll(0).await, "authorization_pending");
    assert_eq!(poll(1).await, "slow_down");
    assert_eq!(
        poll(10).await,
        "authorization_pending",
        "ten seconds from now on"
    );
    assert_eq!(poll(5).await, "slow_down", "five are too few by now");
    assert_eq!(poll(15).await, "authorization_pending");
}

#[tokio::test]
async fn an_expired_code_is_told_apart_from_one_there_never_was() {
    let world = world().await;
    let asked = world.asks("kiosk").await;
    let waiting = world
        .typed(asked["user_code"].as_str().unwrap())
        .await
        .unwrap();
    world.clock.advance(Duration::from_mins(10));
    let expired = world.polls("kiosk", &asked["device_code"]).await;
    assert_eq!(expired.error().as_deref(), Some("expired_token"));
    assert_eq!(world.approves(&waiting).await, Settlement::TooLate);
    assert!(
        world
            .typed(asked["user_code"].as_str().unwrap())
            .await
            .is_none()
    );
    let unknown = world.polls("kiosk", &json!("never-issued")).await;
    assert_eq!(unknown.error().as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn another_clients_device_code_neither_works_nor_breaks() {
    let world = world().await;
    let asked = world.asks("kiosk").await;
    let waiting = world
        .typed(asked["user_code"].as_str().unwrap())
        .await
        .unwrap();
    world.approves(&waiting).await;
    for thief in ["kiosk2", "tv"] {
        let stolen = world.polls(thief, &asked["device_code"]).await;
        assert_eq!(stolen.error().as_deref(), Some("invalid_grant"));
    }
    assert_eq!(
        world.polls("kiosk", &asked["device_code"]).await.status,
        200
    );
}

#[tokio::test]
async fn what_is_no_device_request_of_a_registered_client_is_refused() {
    let world = world().await;
    let ask = async |client: &str, form| world.device_authorization(client, form).await.error();
    let scope = |scope| Form::empty().with("scope", scope);
    assert_eq!(
        ask("basic", scope("openid")).await.as_deref(),
        Some("unauthorized_client")
    );
    assert_eq!(
        ask("kiosk", Form::empty()).await.as_deref(),
        Some("invalid_scope")
    );
    assert_eq!(
        ask("kiosk", scope("given_name")).await.as_deref(),
        Some("invalid_scope")
    );
    let high = scope("openid").with("acr_values", "eidas3");
    let refused = ask("kiosk", high).await;
    assert_eq!(
        refused.as_deref(),
        Some("unmet_authentication_requirements")
    );
    let anybody = Form::empty()
        .with("client_id", "kiosk")
        .with("scope", "openid");
    let refused = world.post("/device_authorization", &anybody).await;
    assert_eq!(refused.error().as_deref(), Some("invalid_client"));
    // What was asked by device is no code, and the other way round.
    let asked = world.asks("kiosk").await;
    let as_code = Form::redeeming("basic", asked["device_code"].as_str().unwrap());
    let refused = world.send(as_code.by("basic")).await;
    assert_eq!(refused.error().as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn guesses_are_bounded_by_address_and_a_crowd_shuts_nobody_out() {
    let world = world().await;
    let asked = world.asks("kiosk").await;
    let code = asked["user_code"].as_str().unwrap();
    for _ in 0..30 {
        assert!(world.typed("BBBB-BBBB").await.is_none());
    }
    assert!(
        world.typed(code).await.is_none(),
        "this address tried too often"
    );
    let elsewhere = world
        .engine
        .device_request(code, "198.51.100.9")
        .await
        .unwrap();
    assert!(matches!(elsewhere, Typed::Found(_)));
    world.clock.advance(Duration::from_mins(10));
    let asked = world.asks("kiosk").await;
    let code = asked["user_code"].as_str().unwrap();
    assert!(world.typed(code).await.is_some(), "the window is over");
    for address in 0..400 {
        for _ in 0..30 {
            let from = format!("2001:db8:{address:x}::/64");
            world
                .engine
                .device_request("CCCC-CCCC", &from)
                .await
                .unwrap();
        }
    }
    let crowd = world
        .engine
        .device_request(code, "192.0.2.1")
        .await
        .unwrap();
    assert!(
        matches!(crowd, Typed::Found(_)),
        "whoever holds the code is not shut out by whoever guesses"
    );
}

#[tokio::test]
async fn a_ticket_is_good_in_the_browser_it_was_made_for() {
    let world = world().await;
    let asked = world.asks("kiosk").await;
    let waiting = world
        .typed(asked["user_code"].as_str().unwrap())
        .await
        .unwrap();
    let (own, other) = (
        BrowserId::from_bytes([1; 16]),
        BrowserId::from_bytes([2; 16]),
    );
    let ticket = world.engine.ticket(&waiting, own).unwrap();
    let found = world.engine.by_ticket(&ticket, own).await.unwrap();
    assert_eq!(found.unwrap().name, waiting.name);
    assert!(
        world
            .engine
            .by_ticket(&ticket, other)
            .await
            .unwrap()
            .is_none()
    );
    for broken in ["", "AAAA", &ticket[1..]] {
        assert!(world.engine.by_ticket(broken, own).await.unwrap().is_none());
    }
    world.approves(&waiting).await;
    assert!(
        world
            .engine
            .by_ticket(&ticket, own)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn a_session_that_ended_takes_along_what_a_device_has_not_fetched_yet() {
    let world = world().await;
    let asked = world.asks("kiosk").await;
    let code = asked["user_code"].as_str().unwrap();
    let waiting = world.typed(code).await.unwrap();
    assert_eq!(world.approves(&waiting).await, Settlement::Approved);
    let session = TestHouse::outcome().session;
    world.engine.end_session(session).await.unwrap();
    // Longer than a code and an access token live; a device may still come.
    world.clock.advance(Duration::from_mins(9));
    let late = world.polls("kiosk", &asked["device_code"]).await;
    assert_eq!(late.error().as_deref(), Some("invalid_grant"));
}

#[tokio::test]
async fn nothing_is_settled_that_the_ledger_did_not_take() {
    let world = world().await;
    let asked = world.asks("kiosk").await;
    let waiting = world
        .typed(asked["user_code"].as_str().unwrap())
        .await
        .unwrap();
    world
        .records
        .is_full
        .store(true, std::sync::atomic::Ordering::SeqCst);
    let approved = world
        .engine
        .grant(&waiting.request, TestHouse::outcome())
        .await;
    assert!(approved.is_err());
    let pending = world.polls("kiosk", &asked["device_code"]).await;
    assert_eq!(pending.error().as_deref(), Some("authorization_pending"));
}

#[tokio::test]
async fn what_is_switched_off_is_neither_there_nor_advertised() {
    let world = World::with(|settings| settings.deferred = DeferredSettings::default()).await;
    let document = world.get("/.well-known/openid-configuration").await.json();
    for member in [
        "device_authorization_endpoint",
        "backchannel_authentication_endpoint",
        "backchannel_token_delivery_modes_supported",
    ] {
        assert_eq!(document[member], Value::Null, "{member}");
    }
    for grant in [DEVICE, "urn:openid:params:grant-type:ciba"] {
        let form = Form::empty().with("grant_type", grant);
        let refused = world.send(form.by("basic")).await;
        assert_eq!(refused.error().as_deref(), Some("unsupported_grant_type"));
    }
    for path in ["/device_authorization", "/bc-authorize"] {
        let refused = world.send(Form::empty().by_at(path, "basic")).await;
        assert_eq!(
            refused.error().as_deref(),
            Some("invalid_request"),
            "{path}"
        );
    }
}
