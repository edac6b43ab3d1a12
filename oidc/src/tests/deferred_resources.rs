//! `resource` (RFC 8707) where a grant is asked for on one device and answered on another.

use axum::body::Body;
use guichet_domain::SigningAlg;
use http::Request;
use serde_json::{Value, json};

use crate::testing::tokens::{FAMILY, TAX, with_resources};
use crate::testing::{Answered, Form, ISSUER, PERSON, SECRET, SUBJECT, TestHouse, World, text};
use crate::{Outcome, Typed};

const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const CIBA: &str = "urn:openid:params:grant-type:ciba";
const SCOPE: &str = "openid family_quotient";

async fn world() -> World {
    let world = World::with_tokens(with_resources()).await;
    let jwks: Value = serde_json::from_slice(&world.client_keys.client_ring().jwks()).unwrap();
    let either = json!({
        "grant_types": [DEVICE, CIBA], "redirect_uris": [], "scope": SCOPE, "jwks": jwks,
        "backchannel_token_delivery_mode": "poll",
    });
    world.clients.add("kiosk", &either);
    world
}

fn polling(asked: &Value) -> Form {
    Form::empty()
        .with("grant_type", DEVICE)
        .with("device_code", text(asked, "device_code"))
}

fn asking() -> Form {
    Form::empty().with("scope", SCOPE)
}

impl World {
    async fn kiosk(&self, path: &str, form: &Form) -> Answered {
        let mut request: Request<Body> = form.with_basic("kiosk", SECRET);
        *request.uri_mut() = path.parse().unwrap();
        self.send(request).await
    }

    /// The person says yes to the only request that waits for them.
    async fn says_yes(&self, user_code: Option<&str>) {
        let waiting = match user_code {
            Some(code) => match self
                .engine
                .device_request(code, "203.0.113.7")
                .await
                .unwrap()
            {
                Typed::Found(waiting) => *waiting,
                Typed::Unknown | Typed::TooMany => panic!("no request waits"),
            },
            None => self.engine.requests_for(PERSON).await.unwrap().remove(0),
        };
        let outcome = Outcome {
            scopes: SCOPE.parse().unwrap(),
            person: Some(PERSON),
            ..TestHouse::outcome()
        };
        self.engine.grant(&waiting.request, outcome).await.unwrap();
    }

    /// The tokens are for the resource alone.
    async fn fetches(&self, form: Form) {
        let tokens = self.kiosk("/token", &form).await.json();
        assert_eq!(tokens["scope"], "family_quotient", "{tokens}");
        let heard = self
            .introspect("other", text(&tokens, "access_token"))
            .await;
        assert_eq!(heard.json()["aud"], json!([FAMILY]));
    }
}

#[tokio::test]
async fn a_device_names_the_resource_its_token_is_for() {
    let world = world().await;
    let asked = world
        .kiosk("/device_authorization", &asking().with("resource", FAMILY))
        .await
        .json();
    world.says_yes(asked["user_code"].as_str()).await;
    world.fetches(polling(&asked)).await;
    let again = world
        .kiosk("/device_authorization", &asking().with("resource", FAMILY))
        .await
        .json();
    world.says_yes(again["user_code"].as_str()).await;
    let other = world
        .kiosk("/token", &polling(&again).with("resource", TAX))
        .await;
    assert_eq!(
        other.error().as_deref(),
        Some("invalid_target"),
        "not granted"
    );
    let unknown = asking().with("resource", "https://elsewhere.example");
    let refused = world.kiosk("/device_authorization", &unknown).await;
    assert_eq!(refused.error().as_deref(), Some("invalid_target"));
}

#[tokio::test]
async fn a_service_that_names_a_person_names_the_resource_plainly_or_signed() {
    let world = world().await;
    let now = guichet_domain::Clock::now(&*world.clock).seconds();
    let claims = json!({
        "iss": "kiosk", "aud": ISSUER, "iat": now, "nbf": now, "exp": now + 300, "jti": "one",
        "scope": SCOPE, "login_hint": SUBJECT, "resource": [FAMILY],
    });
    let ring = world.client_keys.client_ring();
    let signed = ring.sign_jwt(SigningAlg::Es256, guichet_keys::Typ::Jwt, &claims);
    let plain = asking()
        .with("login_hint", SUBJECT)
        .with("resource", FAMILY);
    for form in [plain, Form::empty().with("request", &signed.unwrap())] {
        let asked = world.kiosk("/bc-authorize", &form).await;
        assert_eq!(asked.status, 200, "{}", asked.body);
        let asked = asked.json();
        world.says_yes(None).await;
        let poll = Form::empty()
            .with("grant_type", CIBA)
            .with("auth_req_id", text(&asked, "auth_req_id"));
        world.fetches(poll).await;
        world.clock.advance(std::time::Duration::from_secs(10));
    }
}
