//! Clients in their own name: the client credentials grant, and what a resource is told of its tokens.

use axum::body::Body;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::testing::tokens::FAMILY;
use crate::testing::{Answered, Form, ISSUER, World, ath, with_proof};
use crate::{AccessTokenFormat, CallingClient, Resource, TokenSettings};

/// What clients call in their own name here.
const API: &str = "https://hub.example/api/admin/v1";
/// Where it is.
const BASE: &str = "https://console.example";

async fn world() -> World {
    let world = World::with_tokens(TokenSettings {
        own_name_resources: vec![Resource {
            identifier: API.to_owned(),
            format: AccessTokenFormat::Opaque,
            scopes: "admin:auditor admin:operator".parse().unwrap(),
            clients: Vec::new(),
            service_tokens: false,
            claims: Vec::new(),
        }],
        ..crate::testing::tokens::with_resources()
    })
    .await;
    let jwks: Value = serde_json::from_slice(&world.client_keys.client_ring().jwks()).unwrap();
    let own = json!({"grant_types": ["client_credentials"], "scope": "admin:auditor openid"});
    world.clients.add("basic", &own);
    let mut own = own;
    own["token_endpoint_auth_method"] = "private_key_jwt".into();
    own["jwks"] = jwks;
    world.clients.add("jwt", &own);
    world
}

fn asking() -> Form {
    Form::empty().with("grant_type", "client_credentials")
}

async fn by_key(world: &World, form: Form) -> Answered {
    let form = form.with_assertion(&world.assertion(&json!({})));
    world.send(form.posted("/token")).await
}

/// What the resource at `base` is told of a request with these headers.
async fn told(
    world: &World,
    base: &str,
    headers: &[(&str, String)],
) -> Result<CallingClient, StatusCode> {
    let mut request = Request::get("/clients").body(Body::empty()).unwrap();
    for (name, value) in headers {
        let name: header::HeaderName = name.parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    let (head, _) = request.into_parts();
    let told = world.engine.calling_client(&head, base, API).await;
    told.map_err(|answer| answer.status())
}

fn bearer(token: &str) -> [(&'static str, String); 1] {
    [("authorization", format!("Bearer {token}"))]
}

#[tokio::test]
async fn a_client_with_a_key_gets_a_token_in_its_own_name_for_that_resource_alone() {
    let world = world().await;
    let answered = by_key(&world, asking()).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
    let answer = answered.json();
    assert_eq!(answer["scope"], "admin:auditor");
    assert!(answer.get("refresh_token").is_none() && answer.get("id_token").is_none());
    let token = answer["access_token"].as_str().unwrap();
    let calling = told(&world, BASE, &bearer(token)).await.unwrap();
    assert_eq!(calling.client.as_str(), "jwt");
    assert_eq!(calling.scopes.to_string(), "admin:auditor");
    assert_eq!(world.userinfo(token).await.status, StatusCode::UNAUTHORIZED);
    let recorded = world.recorded().await;
    assert!(recorded.iter().any(|it| it.starts_with("token.issued")));
}

#[tokio::test]
async fn a_secret_alone_is_not_enough_but_with_a_bound_key_it_is() {
    let world = world().await;
    let refused = world.send(asking().by("basic")).await;
    assert_eq!(refused.error().as_deref(), Some("unauthorized_client"));

    let proof = world.proof("POST", "/token", &json!({}));
    let answered = world.send(with_proof(asking().by("basic"), &proof)).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
    let token = answered.json()["access_token"].as_str().unwrap().to_owned();

    let dpop = |htu: String| {
        let members = json!({"ath": ath(&token), "htu": htu});
        let proof = world.proof("GET", "/clients", &members);
        [("authorization", format!("DPoP {token}")), ("dpop", proof)]
    };
    let here = dpop(format!("{BASE}/clients"));
    assert_eq!(
        told(&world, BASE, &here).await.unwrap().client.as_str(),
        "basic"
    );
    let replayed = told(&world, BASE, &here).await;
    assert_eq!(replayed, Err(StatusCode::UNAUTHORIZED));
    let elsewhere = dpop(format!("{ISSUER}/clients"));
    assert_eq!(
        told(&world, BASE, &elsewhere).await,
        Err(StatusCode::UNAUTHORIZED)
    );
    assert_eq!(
        told(&world, BASE, &bearer(&token)).await,
        Err(StatusCode::UNAUTHORIZED)
    );
}

#[tokio::test]
async fn what_it_is_not_registered_for_it_does_not_get() {
    let world = world().await;
    for (form, error) in [
        (asking().with("scope", "admin:operator"), "invalid_scope"),
        (asking().with("scope", "openid"), "invalid_target"),
        (asking().with("resource", FAMILY), "invalid_target"),
    ] {
        let form =
            form.with_assertion(&world.assertion(&json!({"jti": error.to_owned() + &form.text()})));
        let answered = world.send(form.posted("/token")).await;
        assert_eq!(
            answered.error().as_deref(),
            Some(error),
            "{}",
            answered.body
        );
    }
    let answered = world.send(asking().by("other")).await;
    assert_eq!(answered.error().as_deref(), Some("unauthorized_client"));
}

#[tokio::test]
async fn no_token_of_a_person_opens_it_and_nobody_asks_for_one() {
    let world = world().await;
    let tokens = world.tokens_for("lax").await;
    let token = tokens["access_token"].as_str().unwrap();
    assert_eq!(
        told(&world, BASE, &bearer(token)).await,
        Err(StatusCode::UNAUTHORIZED)
    );
    assert_eq!(told(&world, BASE, &[]).await, Err(StatusCode::UNAUTHORIZED));
    let asked = Form::asking("lax").with("resource", API);
    let answered = world.authorize(&asked).await;
    assert_eq!(
        answered.location_parameter("error").as_deref(),
        Some("invalid_target")
    );
}

#[tokio::test]
async fn a_disabled_client_s_token_is_dead_at_once() {
    let world = world().await;
    let answer = by_key(&world, asking()).await.json();
    let token = answer["access_token"].as_str().unwrap();
    world.clients.add(
        "jwt",
        &json!({"grant_types": ["client_credentials"], "active": false}),
    );
    assert_eq!(
        told(&world, BASE, &bearer(token)).await,
        Err(StatusCode::UNAUTHORIZED)
    );
}
