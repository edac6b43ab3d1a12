//! CIBA: a client names a person, who answers in their account; the client fetches it once.

use std::sync::atomic::Ordering;
use std::time::Duration;

use guichet_domain::{Clock as _, OAuthError, SigningAlg};
use serde_json::{Value, json};

use crate::testing::{Answered, Form, ISSUER, NOON, PERSON, SECRET, SUBJECT, TestHouse, World};
use crate::{Answer, Note, Settled, Settlement, WaitingRequest};

const CIBA: &str = "urn:openid:params:grant-type:ciba";
const TOKEN: &str = "a-notification-token-of-many-bits";

async fn world() -> World {
    let world = World::new().await;
    let poll = json!({
        "grant_types": [CIBA], "redirect_uris": [], "backchannel_token_delivery_mode": "poll",
    });
    let with = |more: Value| {
        let mut special = poll.clone();
        special
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        special
    };
    world.clients.add("desk", &poll);
    world.clients.add("desk2", &poll);
    world.clients.add(
        "bell",
        &with(json!({
            "backchannel_token_delivery_mode": "ping",
            "backchannel_client_notification_endpoint": "https://bell.example/ping",
        })),
    );
    let jwks: Value = serde_json::from_slice(&world.client_keys.client_ring().jwks()).unwrap();
    world.clients.add(
        "signer",
        &with(json!({
            "jwks": jwks, "backchannel_authentication_request_signing_alg": "ES256",
        })),
    );
    world
}

fn naming() -> Form {
    Form::empty()
        .with("scope", "openid given_name")
        .with("login_hint", SUBJECT)
}

impl World {
    async fn bc_authorize(&self, client: &str, form: Form) -> Answered {
        self.send(form.by_at("/bc-authorize", client)).await
    }

    async fn named(&self, client: &str, form: Form) -> Value {
        let answered = self.bc_authorize(client, form).await;
        assert_eq!(answered.status, 200, "{}", answered.body);
        answered.json()
    }

    async fn ciba_polls(&self, client: &str, auth_req_id: &Value) -> Answered {
        let form = Form::empty()
            .with("grant_type", CIBA)
            .with("auth_req_id", auth_req_id.as_str().unwrap());
        self.send(form.with_basic(client, SECRET)).await
    }

    async fn waiting(&self) -> Vec<WaitingRequest> {
        self.engine.requests_for(PERSON).await.unwrap()
    }

    async fn answered(&self, waiting: &WaitingRequest) -> Settled {
        let granted = self
            .engine
            .grant(&waiting.request, TestHouse::outcome())
            .await;
        let Answer::Settled(settled) = granted.unwrap() else {
            panic!("nobody is sent anywhere");
        };
        settled
    }

    fn signed_request(&self, changed: &Value) -> String {
        let now = self.clock.now().seconds();
        let mut claims = json!({
            "iss": "signer", "aud": ISSUER, "iat": now, "nbf": now, "exp": now + 300, "jti": "one",
            "scope": "openid given_name", "login_hint": SUBJECT, "requested_expiry": 60,
        });
        for (name, value) in changed.as_object().unwrap() {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        let ring = self.client_keys.client_ring();
        ring.sign_jwt(SigningAlg::Es256, guichet_keys::Typ::Jwt, &claims)
            .unwrap()
    }
}

#[tokio::test]
async fn a_client_fetches_what_the_person_it_named_granted_once() {
    let world = world().await;
    let form = naming()
        .with("binding_message", "Guichet 12")
        .with("requested_expiry", "120");
    let asked = world.named("desk", form).await;
    assert_eq!(
        (&asked["expires_in"], &asked["interval"]),
        (&json!(120), &json!(5))
    );
    let pending = world.ciba_polls("desk", &asked["auth_req_id"]).await;
    assert_eq!(pending.error().as_deref(), Some("authorization_pending"));
    let [waiting] = &world.waiting().await[..] else {
        panic!("one request waits");
    };
    assert_eq!(waiting.note, Note::Message(Some("Guichet 12".to_owned())));
    let settled = world.answered(waiting).await;
    assert_eq!(settled.what, Settlement::Approved);
    world.clock.advance(Duration::from_secs(5));
    let tokens = world.ciba_polls("desk", &asked["auth_req_id"]).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    world.clock.advance(Duration::from_secs(5));
    let again = world.ciba_polls("desk", &asked["auth_req_id"]).await;
    assert_eq!(again.error().as_deref(), Some("invalid_grant"));
    assert!(world.waiting().await.is_empty());
}

#[tokio::test]
async fn only_the_person_named_may_answer() {
    let world = world().await;
    let asked = world.named("desk", naming()).await;
    let waiting = world.waiting().await.remove(0);
    let mut outcome = TestHouse::outcome();
    outcome.subject = "somebody-else".parse().unwrap();
    let Answer::Settled(settled) = world.engine.grant(&waiting.request, outcome).await.unwrap()
    else {
        panic!("nobody is sent anywhere");
    };
    assert_eq!(settled.what, Settlement::Refused);
    let denied = world.ciba_polls("desk", &asked["auth_req_id"]).await;
    assert_eq!(denied.error().as_deref(), Some("access_denied"));
    let stranger = guichet_domain::PersonId::from_bytes([99; 16]);
    world.named("desk", naming()).await;
    assert!(
        world
            .engine
            .requests_for(stranger)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_client_that_is_pinged_hears_of_yes_and_of_no() {
    let world = world().await;
    let form = || naming().with("client_notification_token", TOKEN);
    let asked = world.named("bell", form()).await;
    let ping_of = async |waiting: &WaitingRequest| world.engine.ping_of(&waiting.request).await;
    let is_answered = async |ping| world.engine.is_answered(ping).await.unwrap();
    let waiting = world.waiting().await.remove(0);
    let ping = ping_of(&waiting).await.unwrap().unwrap();
    assert!(!is_answered(&ping).await, "nobody is told too early");
    world.answered(&waiting).await;
    assert!(is_answered(&ping).await);
    assert_eq!(
        ping_of(&waiting).await.unwrap(),
        None,
        "one answer, one ping"
    );
    assert_eq!(ping.auth_req_id, asked["auth_req_id"].as_str().unwrap());
    assert_eq!((ping.token.as_str(), ping.client.as_str()), (TOKEN, "bell"));
    world.named("bell", form()).await;
    let waiting = world.waiting().await.remove(0);
    let ping = ping_of(&waiting).await.unwrap().unwrap();
    let denied = OAuthError::AccessDenied;
    let refused = world.engine.refuse(&waiting.request, denied, "no").await;
    assert!(matches!(refused, Ok(Answer::Settled(_))));
    assert!(is_answered(&ping).await);
    for token in [
        None,
        Some("short"),
        Some("with a space in it, which is none"),
    ] {
        let form = token.map_or(naming(), |token| {
            naming().with("client_notification_token", token)
        });
        let refused = world.bc_authorize("bell", form).await;
        assert_eq!(
            refused.error().as_deref(),
            Some("invalid_request"),
            "{token:?}"
        );
    }
}

#[tokio::test]
async fn exactly_one_hint_names_somebody_the_client_knows() {
    let world = world().await;
    let id_token = world.tokens_for("basic").await["id_token"].clone();
    let ask = async |form| world.bc_authorize("desk", form).await.error();
    let bare = || Form::empty().with("scope", "openid");
    assert_eq!(ask(bare()).await.as_deref(), Some("invalid_request"));
    let unknown = bare().with("login_hint", "nobody");
    assert_eq!(ask(unknown).await.as_deref(), Some("unknown_user_id"));
    let strange = bare().with("login_hint", "no subject at all, é");
    assert_eq!(ask(strange).await.as_deref(), Some("unknown_user_id"));
    let two = naming().with("id_token_hint", id_token.as_str().unwrap());
    assert_eq!(ask(two).await.as_deref(), Some("invalid_request"));
    let others = bare().with("id_token_hint", id_token.as_str().unwrap());
    assert_eq!(
        ask(others).await.as_deref(),
        Some("invalid_request"),
        "another client's token"
    );
    let token = bare().with("login_hint_token", "x.y.z");
    assert_eq!(ask(token).await.as_deref(), Some("invalid_request"));
    assert!(world.waiting().await.is_empty());
}

#[tokio::test]
async fn what_is_no_request_of_a_client_registered_for_it_is_refused() {
    let world = world().await;
    let ask = async |client: &str, form| world.bc_authorize(client, form).await.error();
    assert_eq!(
        ask("basic", naming()).await.as_deref(),
        Some("unauthorized_client")
    );
    let form = naming().with("binding_message", "a\u{202e}b");
    assert_eq!(
        ask("desk", form).await.as_deref(),
        Some("invalid_binding_message")
    );
    let form = naming().with("requested_expiry", "0");
    assert_eq!(ask("desk", form).await.as_deref(), Some("invalid_request"));
    let form = naming().with("scope", "given_name");
    assert_eq!(ask("desk", form).await.as_deref(), Some("invalid_scope"));
    let nobody = naming().with("client_id", "desk");
    let refused = world.post("/bc-authorize", &nobody).await;
    assert_eq!(
        (refused.status.as_u16(), refused.error().as_deref()),
        (401, Some("invalid_client"))
    );
}

#[tokio::test]
async fn no_client_buries_a_person_under_requests() {
    let world = world().await;
    for _ in 0..4 {
        world.named("desk", naming()).await;
    }
    let fifth = world.bc_authorize("desk", naming()).await;
    assert_eq!(
        (fifth.status.as_u16(), fifth.error().as_deref()),
        (403, Some("access_denied"))
    );
    world.named("desk2", naming()).await;
    assert_eq!(world.waiting().await.len(), 5);
    let first = world.waiting().await.remove(0);
    world.answered(&first).await;
    world.named("desk", naming()).await;
}

#[tokio::test]
async fn a_request_is_not_open_before_it_is_on_record() {
    let world = world().await;
    world.records.is_full.store(true, Ordering::SeqCst);
    let failed = world.bc_authorize("desk", naming()).await;
    assert_eq!(failed.status.as_u16(), 500, "{}", failed.body);
    assert!(world.waiting().await.is_empty());
}

#[tokio::test]
async fn a_refusal_says_on_record_whose_it_is() {
    let world = world().await;
    world.named("desk", naming()).await;
    let waiting = world.waiting().await.remove(0);
    let denied = OAuthError::AccessDenied;
    world
        .engine
        .refuse(&waiting.request, denied, "no")
        .await
        .unwrap();
    world.recorded().await;
    let entries = world.records.entries();
    let refused = entries
        .iter()
        .map(|entry| serde_json::from_slice::<Value>(entry).unwrap())
        .find(|entry| entry["kind"] == "deferred.refused")
        .unwrap();
    let ledger = &world.engine.parts().ledger;
    assert_eq!(
        refused["person"],
        ledger.people().of(PERSON).name().to_string()
    );
}

#[tokio::test]
async fn a_signed_request_from_before_the_guard_remembers_counts_for_nothing() {
    let world = world().await;
    let before = NOON.seconds() - 1;
    let old = world.signed_request(&json!({"iat": before, "nbf": before}));
    let form = Form::empty().with("request", &old);
    let refused = world.bc_authorize("signer", form).await;
    assert_eq!(refused.error().as_deref(), Some("invalid_request"));
    let form = Form::empty().with("request", &world.signed_request(&json!({"jti": "two"})));
    world.named("signer", form).await;
}

#[tokio::test]
async fn another_clients_request_neither_works_nor_breaks() {
    let world = world().await;
    let asked = world.named("desk", naming()).await;
    world.answered(&world.waiting().await[0]).await;
    let stolen = world.ciba_polls("desk2", &asked["auth_req_id"]).await;
    assert_eq!(stolen.error().as_deref(), Some("invalid_grant"));
    assert_eq!(
        world.ciba_polls("desk", &asked["auth_req_id"]).await.status,
        200
    );
}

#[tokio::test]
async fn a_client_that_signs_has_nothing_else_believed() {
    let world = world().await;
    let send = async |form| world.bc_authorize("signer", form).await;
    let signed = |changed: Value| Form::empty().with("request", &world.signed_request(&changed));
    assert_eq!(
        send(naming()).await.error().as_deref(),
        Some("invalid_request"),
        "unsigned"
    );
    let beside = signed(json!({})).with("binding_message", "x");
    assert_eq!(
        send(beside).await.error().as_deref(),
        Some("invalid_request")
    );
    let asked = send(signed(json!({}))).await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert_eq!(asked.json()["expires_in"], 60);
    assert_eq!(
        send(signed(json!({}))).await.error().as_deref(),
        Some("invalid_request"),
        "again"
    );
    let now = world.clock.now().seconds();
    for (number, broken) in [
        json!({"iss": "desk"}),
        json!({"iss": null}),
        json!({"aud": "https://elsewhere.example"}),
        json!({"aud": null}),
        json!({"exp": null}),
        json!({"exp": now - 120}),
        json!({"exp": now + 7200}),
        json!({"iat": null}),
        json!({"nbf": null}),
        json!({"nbf": now - 7200}),
        json!({"nbf": now + 600}),
        json!({"jti": null}),
        json!({"login_hint": 7}),
    ]
    .into_iter()
    .enumerate()
    {
        let mut changed = json!({"jti": format!("broken {number}")});
        changed
            .as_object_mut()
            .unwrap()
            .extend(broken.as_object().unwrap().clone());
        let refused = send(signed(changed)).await;
        assert_eq!(
            refused.error().as_deref(),
            Some("invalid_request"),
            "{broken}"
        );
    }
    let forged = signed(json!({"jti": "forged"})).0[0].1.clone();
    let (signed_part, signature) = forged.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { 'B' } else { 'A' };
    let forged = format!("{signed_part}.{other}{}", &signature[1..]);
    let forged = Form::empty().with("request", &forged);
    assert_eq!(
        send(forged).await.error().as_deref(),
        Some("invalid_request")
    );
}
