//! `/register`: who is let in, what they may ask, how they look after themselves (threats N-41, N-42,
//! N-43, N-65).

mod admission;
mod metadata;
mod own;
mod statements;

use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::register::policy::RegistrationPolicy;
use crate::testing::{Answered, INITIAL, ISSUER, World, policy};

const CALLBACK: &str = "https://new.example/cb";

fn service() -> Value {
    json!({"client_name": "New", "redirect_uris": [CALLBACK]})
}

fn with(more: &Value) -> Value {
    let mut metadata = service();
    for (name, value) in more.as_object().unwrap() {
        metadata[name] = value.clone();
    }
    metadata
}

fn request(method: Method, path: &str, token: &str, body: Option<&Value>) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"));
    match body {
        Some(body) => request
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    }
    .unwrap()
}

async fn register(world: &World, metadata: &Value) -> Answered {
    let asked = request(Method::POST, "/register", INITIAL, Some(metadata));
    world.send(asked).await
}

/// A client that registered just now, as it was told.
async fn registered(world: &World, metadata: &Value) -> Value {
    let answered = register(world, metadata).await;
    assert_eq!(answered.status, StatusCode::CREATED, "{}", answered.body);
    answered.json()
}

fn place_of(client: &Value) -> String {
    let uri = client["registration_client_uri"].as_str().unwrap();
    uri.strip_prefix(ISSUER).unwrap().to_owned()
}

fn token_of(client: &Value) -> &str {
    client["registration_access_token"].as_str().unwrap()
}

async fn open() -> World {
    World::registering(RegistrationPolicy {
        open: true,
        per_minute: 600,
        most_clients: 600,
        ..policy()
    })
    .await
}
