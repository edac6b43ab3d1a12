//! Authorization details (RFC 9396) of devices and of services that name a person.

use guichet_domain::{Clock as _, SigningAlg};
use guichet_keys::Typ;
use http::StatusCode;
use serde_json::{Value, json};

use crate::testing::{Answered, Form, ISSUER, SECRET, SUBJECT, TestHouse, World, text};
use crate::{AcceptedRequest, Outcome, Typed};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const CIBA: &str = "urn:openid:params:grant-type:ciba";
const PARAMETER: &str = "authorization_details";
const UNKNOWN: &str = r#"[{"type": "unheard-of"}]"#;

fn asked() -> Value {
    json!([{"type": "evidence", "fields": ["value", "year"]}])
}

fn granted() -> Value {
    json!({"type": "evidence", "fields": ["value"], "grant_id": "one"})
}

async fn world() -> World {
    let (world, _) = World::with_desk().await;
    let jwks: Value = serde_json::from_slice(&world.client_keys.client_ring().jwks()).unwrap();
    let either = json!({
        "grant_types": [DEVICE, CIBA], "redirect_uris": [], "jwks": jwks,
        "backchannel_token_delivery_mode": "poll",
    });
    world.clients.add("kiosk", &either);
    world
}

impl World {
    async fn kiosk_asks(&self, path: &str, form: &Form) -> Answered {
        let mut request = form.with_basic("kiosk", SECRET);
        *request.uri_mut() = path.parse().unwrap();
        self.send(request).await
    }

    /// The person says yes to some of it.
    async fn grants(&self, request: &AcceptedRequest) {
        assert_eq!(
            request.details()[0].members()["fields"],
            asked()[0]["fields"]
        );
        let outcome = Outcome {
            details: vec![serde_json::from_value(granted()).unwrap()],
            ..TestHouse::outcome()
        };
        self.engine.grant(request, outcome).await.unwrap();
    }

    async fn fetches_details(&self, form: &Form) {
        let tokens = self.kiosk_asks("/token", form).await.json();
        assert_eq!(tokens[PARAMETER], json!([granted()]), "{tokens}");
    }
}

#[tokio::test]
async fn a_device_asks_for_details_too() {
    let world = world().await;
    let form = Form::empty().with("scope", "openid");
    let path = "/device_authorization";
    let unknown = form.clone().with(PARAMETER, UNKNOWN);
    let refused = world.kiosk_asks(path, &unknown).await;
    assert_eq!(
        refused.error().as_deref(),
        Some("invalid_authorization_details")
    );
    let form = form.with(PARAMETER, &asked().to_string());
    let asked = world.kiosk_asks(path, &form).await.json();
    let user_code = text(&asked, "user_code");
    let found = world.engine.device_request(user_code, "203.0.113.7").await;
    let Typed::Found(waiting) = found.unwrap() else {
        panic!("no request waits");
    };
    world.grants(&waiting.request).await;
    let poll = Form::empty()
        .with("grant_type", DEVICE)
        .with("device_code", text(&asked, "device_code"));
    world.fetches_details(&poll).await;
}

#[tokio::test]
async fn a_service_that_names_a_person_asks_for_details_plainly_or_signed() {
    let world = world().await;
    let now = world.clock.now().seconds();
    let claims = json!({
        "iss": "kiosk", "aud": ISSUER, "iat": now, "nbf": now, "exp": now + 300, "jti": "one",
        "scope": "openid", "login_hint": SUBJECT, PARAMETER: asked(),
    });
    let ring = world.client_keys.client_ring();
    let signed = ring.sign_jwt(SigningAlg::Es256, Typ::Jwt, &claims).unwrap();
    let plain = Form::empty()
        .with("scope", "openid")
        .with("login_hint", SUBJECT);
    let path = "/bc-authorize";
    let unknown = plain.clone().with(PARAMETER, UNKNOWN);
    let refused = world.kiosk_asks(path, &unknown).await;
    assert_eq!(
        refused.error().as_deref(),
        Some("invalid_authorization_details")
    );
    for form in [
        plain.with(PARAMETER, &asked().to_string()),
        Form::empty().with("request", &signed),
    ] {
        let asked = world.kiosk_asks(path, &form).await;
        assert_eq!(asked.status, StatusCode::OK, "{}", asked.body);
        let mut waiting = world
            .engine
            .requests_for(crate::testing::PERSON)
            .await
            .unwrap();
        world.grants(&waiting.remove(0).request).await;
        let poll = Form::empty()
            .with("grant_type", CIBA)
            .with("auth_req_id", text(&asked.json(), "auth_req_id"));
        world.fetches_details(&poll).await;
        world.clock.advance(std::time::Duration::from_secs(10));
    }
}
