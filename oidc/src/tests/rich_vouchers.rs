//! Vouchers: who gets one, for which token and with which key, and who hears of it.

use guichet_domain::SigningAlg;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::testing::{
    Answered, CERTIFICATE, Form, PERSON, PROVIDER, World, over, text, voucher_for, with_proof,
};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const DETAILS: &str = "authorization_details";

fn granted() -> Value {
    json!({"type": "evidence", "grant_id": "one"})
}

/// A world in which these clients may exchange.
async fn world() -> (World, std::sync::Arc<crate::testing::TestDesk>) {
    let (world, desk) = World::with_desk().await;
    for client in ["basic", "other"] {
        world.clients.add(client, &may_exchange());
    }
    (world, desk)
}

fn may_exchange() -> Value {
    json!({"grant_types": ["authorization_code", EXCHANGE]})
}

/// An access token of `basic` that holds `details`, bound to the key of the tests when `is_bound`.
async fn token(world: &World, details: &[Value], is_bound: bool) -> String {
    world.next_grants(details);
    let form = Form::asking("basic").with(DETAILS, r#"[{"type": "evidence"}]"#);
    let code = world.authorize(&form).await.location_parameter("code");
    let mut request = Form::redeeming("basic", &code.unwrap()).by("basic");
    if is_bound {
        request = with_proof(request, &world.proof("POST", "/token", &json!({})));
    }
    text(&world.send(request).await.json(), "access_token").to_owned()
}

/// Asks for a voucher as `client`, with a proof.
async fn proving(world: &World, client: &str, form: &Form) -> Answered {
    let proof = world.proof("POST", "/token", &json!({}));
    world.send(with_proof(form.by(client), &proof)).await
}

#[tokio::test]
async fn a_voucher_is_made_for_the_client_the_details_were_granted_to() {
    let (world, desk) = world().await;
    let token = token(&world, &[granted()], true).await;
    let answered = proving(&world, "basic", &voucher_for(&token, "one")).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
    let jkt = world.introspect("basic", &token).await.json()["cnf"]["jkt"].clone();
    assert_eq!(
        answered.json(),
        json!({
            "access_token": "v.one.sha-256:AAAA",
            "issued_token_type": "urn:guichet:params:oauth:token-type:evidence-voucher",
            "token_type": "DPoP",
            "expires_in": 60,
        })
    );
    let order = desk.orders.lock().unwrap()[0].clone();
    assert_eq!(order.client, "basic");
    assert_eq!(order.person, Some(PERSON));
    assert_eq!(order.acr, guichet_domain::Acr::Eidas2);
    assert_eq!(order.amr, 2);
    assert_eq!(order.act, Value::Null);
    assert_eq!(json!(order.jkt), jkt);
    assert_eq!(order.audience, "famille");
}

#[tokio::test]
async fn a_voucher_is_never_for_whoever_bears_it() {
    let (world, desk) = world().await;
    let token = token(&world, &[granted()], false).await;
    let form = voucher_for(&token, "one");
    let answered = world.send(form.by("basic")).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_dpop_proof"));
    assert_eq!(desk.orders.lock().unwrap().len(), 0);
    let answered = proving(&world, "basic", &form).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
}

#[tokio::test]
async fn a_bound_token_is_exchanged_by_its_own_key_alone() {
    let (world, desk) = world().await;
    let token = token(&world, &[granted()], true).await;
    let form = voucher_for(&token, "one");
    let proof = world.proof_under(SigningAlg::EdDsa, "POST", "/token", &json!({}));
    let answered = world.send(with_proof(form.by("basic"), &proof)).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_dpop_proof"));
    assert_eq!(desk.orders.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_token_bound_to_a_certificate_is_exchanged_over_a_connection_that_shows_it() {
    let (world, desk) = world().await;
    let mut bound = may_exchange();
    bound["tls_client_certificate_bound_access_tokens"] = true.into();
    world.clients.add("basic", &bound);
    world.next_grants(&[granted()]);
    let form = Form::asking("basic").with(DETAILS, r#"[{"type": "evidence"}]"#);
    let code = world.authorize(&form).await.location_parameter("code");
    let redeem = Form::redeeming("basic", &code.unwrap()).by("basic");
    let issued = world.send(over(redeem, CERTIFICATE, true)).await.json();
    let form = voucher_for(text(&issued, "access_token"), "one");
    let mut other = CERTIFICATE.to_vec();
    *other.last_mut().unwrap() ^= 1;
    let ordered = async |certificate: Option<&[u8]>| {
        let proof = world.proof("POST", "/token", &json!({}));
        let request = with_proof(form.by("basic"), &proof);
        world
            .send(match certificate {
                Some(der) => over(request, der, true),
                None => request,
            })
            .await
    };
    for shown in [None, Some(&other[..])] {
        let refused = ordered(shown).await;
        assert_eq!(refused.error().as_deref(), Some("invalid_request"));
    }
    assert_eq!(desk.orders.lock().unwrap().len(), 0);
    let answered = ordered(Some(CERTIFICATE)).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
}

#[tokio::test]
async fn what_another_client_was_granted_is_not_exchanged() {
    let (world, desk) = world().await;
    let token = token(&world, &[granted()], false).await;
    let found = proving(&world, "other", &voucher_for(&token, "one")).await;
    assert_eq!(found.error().as_deref(), Some("invalid_request"));
    // Not by the resource that the token is for either.
    world.next_grants(&[granted()]);
    let scope = json!({
        "grant_types": ["authorization_code", EXCHANGE], "scope": "openid family_quotient",
    });
    world.clients.add("basic", &scope);
    let for_resource = world.token_for(crate::testing::tokens::FAMILY).await;
    let heard = proving(&world, "other", &voucher_for(&for_resource, "one")).await;
    assert_eq!(heard.error().as_deref(), Some("invalid_request"));
    assert_eq!(
        found.json()["error_description"],
        heard.json()["error_description"]
    );
    assert_eq!(desk.orders.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn only_what_was_granted_is_exchanged() {
    let (world, desk) = world().await;
    let without = token(&world, &[], false).await;
    let answered = proving(&world, "basic", &voucher_for(&without, "one")).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_request"));
    assert_eq!(desk.orders.lock().unwrap().len(), 0);
    let token = token(&world, &[granted()], false).await;
    let unknown = proving(&world, "basic", &voucher_for(&token, "two")).await;
    assert_eq!(unknown.error().as_deref(), Some("invalid_request"));
    let grant = guichet_domain::GrantId::from_bytes([9; 16]);
    world.engine.revoke_grant(grant).await.unwrap();
    let revoked = proving(&world, "basic", &voucher_for(&token, "one")).await;
    assert_eq!(revoked.error().as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn a_request_for_a_voucher_says_all_that_it_must() {
    let (world, desk) = world().await;
    let token = token(&world, &[granted()], false).await;
    let good = voucher_for(&token, "one");
    for (form, error) in [
        (good.clone().without("audience"), "invalid_target"),
        (good.clone().and("audience", "impots"), "invalid_target"),
        (
            good.clone().with("resource", "https://a.example"),
            "invalid_target",
        ),
        (good.clone().without("grant_id"), "invalid_request"),
        (good.clone().and("grant_id", "two"), "invalid_request"),
        (good.clone().without("request_digest"), "invalid_request"),
        (good.clone().without("subject_token"), "invalid_request"),
        (
            good.clone().with("subject_token", "AAAA"),
            "invalid_request",
        ),
        (
            good.clone().without("subject_token_type"),
            "invalid_request",
        ),
        (good.clone().with("actor_token", "AAAA"), "invalid_request"),
        (
            good.clone()
                .with("requested_token_type", "urn:guichet:voucher"),
            "invalid_request",
        ),
    ] {
        let answered = proving(&world, "basic", &form).await;
        assert_eq!(answered.error().as_deref(), Some(error), "{form:?}");
    }
    assert_eq!(desk.orders.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn a_client_that_proves_nothing_or_is_not_registered_for_it_gets_none() {
    let (world, _) = world().await;
    let token = token(&world, &[granted()], false).await;
    let mut public = may_exchange();
    public["token_endpoint_auth_method"] = "none".into();
    world.clients.add("public", &public);
    for client in ["public", "post"] {
        let answered = proving(&world, client, &voucher_for(&token, "one")).await;
        assert_eq!(
            answered.error().as_deref(),
            Some("unauthorized_client"),
            "{client}"
        );
    }
}

/// To whom it says what, the desk decides: `exchange` has its tests.
#[tokio::test]
async fn whoever_makes_vouchers_is_asked_about_each_by_the_client_that_proved_itself() {
    let (world, desk) = world().await;
    let nothing = json!({"active": false});
    let voucher = "v.one.sha-256:AAAA";
    let unheard = world.introspect("basic", voucher).await;
    assert_eq!(unheard.json(), nothing);
    let heard = world.introspect(PROVIDER, voucher).await.json();
    assert_eq!(heard["active"], true);
    assert_eq!(heard["jti"], voucher);
    let asked = ["basic", PROVIDER].map(|client| (client.to_owned(), voucher.to_owned()));
    assert_eq!(*desk.heard.lock().unwrap(), asked);
    // What has not the shape of one is not even asked about.
    for text in ["v", "v.one", "v.one.two.three"] {
        assert_eq!(world.introspect(PROVIDER, text).await.json(), nothing);
    }
    assert_eq!(desk.heard.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_said_of_a_voucher_is_signed_for_whoever_wants_it_so() {
    let (world, _) = world().await;
    let form = Form::empty().with("token", "v.two.sha-256:AAAA");
    let mut request: Request<_> = form.by_at("/token/introspection", PROVIDER);
    let jwt = "application/token-introspection+jwt".parse().unwrap();
    request.headers_mut().insert(header::ACCEPT, jwt);
    let answered = world.send(request).await;
    assert_eq!(
        answered.header("content-type"),
        Some("application/token-introspection+jwt")
    );
    let body = answered.body.split('.').nth(1).unwrap();
    let body = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, body);
    let claims: Value = serde_json::from_slice(&body.unwrap()).unwrap();
    assert_eq!(claims["aud"], PROVIDER);
    assert_eq!(claims["token_introspection"]["active"], true);
    assert_eq!(claims.get("exp"), None, "it passes for no token");
}
