//! How a client looks after its own registration.

use http::{Method, StatusCode};
use serde_json::json;

use super::{CALLBACK, open, place_of, registered, request, service, token_of, with};
use crate::testing::{Form, INITIAL, NOON};

#[tokio::test]
async fn a_client_reads_changes_and_removes_itself() {
    let world = open().await;
    let client = registered(
        &world,
        &with(&json!({"logo_uri": "https://new.example/logo"})),
    )
    .await;
    let (place, id) = (place_of(&client), client["client_id"].as_str().unwrap());
    let first = token_of(&client).to_owned();
    let read = world.send(request(Method::GET, &place, &first, None)).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.body);
    assert_eq!(read.json()["registration_access_token"], first);
    assert_eq!(read.json().get("client_secret"), None, "shown once");
    assert_eq!(read.json()["logo_uri"], "https://new.example/logo");

    // A replacement of everything: the logo goes, the secret stays.
    let changed = with(&json!({
        "client_id": id,
        "client_name": "Newer",
        "client_secret": client["client_secret"],
        "contacts": null,
    }));
    let changed = world
        .send(request(Method::PUT, &place, &first, Some(&changed)))
        .await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.body);
    let changed = changed.json();
    assert_eq!(changed["client_name"], "Newer");
    assert_eq!(changed.get("logo_uri"), None);
    assert_eq!(changed["client_id_issued_at"], NOON.seconds());
    let second = token_of(&changed).to_owned();
    assert_ne!(second, first, "the token changed");
    let code = world
        .authorize(&Form::asking(id).with("redirect_uri", CALLBACK))
        .await
        .location_parameter("code")
        .unwrap();
    let form = Form::redeeming(id, &code).with("redirect_uri", CALLBACK);
    let secret = client["client_secret"].as_str().unwrap();
    let tokens = world.send(form.with_basic(id, secret)).await;
    assert_eq!(tokens.status, StatusCode::OK, "the secret is the old one");
    let access_token = tokens.json()["access_token"].as_str().unwrap().to_owned();

    for method in [Method::GET, Method::DELETE] {
        let old = world.send(request(method, &place, &first, None)).await;
        assert_eq!(old.status, StatusCode::UNAUTHORIZED, "the old token");
    }
    let removed = world
        .send(request(Method::DELETE, &place, &second, None))
        .await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    let gone = world
        .send(request(Method::GET, &place, &second, None))
        .await;
    assert_eq!(gone.status, StatusCode::UNAUTHORIZED);
    let userinfo = world.userinfo(&access_token).await;
    assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED);
    let recorded = world.recorded().await;
    for kind in ["client.changed", "client.removed"] {
        assert!(recorded.contains(&format!("{kind} {id}")), "{recorded:?}");
    }
}

#[tokio::test]
async fn another_method_brings_another_secret() {
    let world = open().await;
    let client = registered(&world, &service()).await;
    let change = with(&json!({
        "client_id": client["client_id"],
        "token_endpoint_auth_method": "client_secret_post",
    }));
    let asked = request(
        Method::PUT,
        &place_of(&client),
        token_of(&client),
        Some(&change),
    );
    let changed = world.send(asked).await.json();
    let (old, new) = (&client["client_secret"], &changed["client_secret"]);
    assert!(new.is_string() && old != new, "{changed}");
}

#[tokio::test]
async fn a_change_says_whose_it_is_and_nothing_that_only_the_server_says() {
    let world = open().await;
    let client = registered(&world, &service()).await;
    for (member, value) in [
        ("client_id", json!(null)),
        ("client_id", json!("basic")),
        ("registration_access_token", json!("x")),
        ("registration_client_uri", json!("https://evil.example/")),
        ("client_id_issued_at", json!(1)),
        ("client_secret", json!("not the one it has")),
    ] {
        let mut change = with(&json!({"client_id": client["client_id"]}));
        change[member] = value;
        let asked = request(
            Method::PUT,
            &place_of(&client),
            token_of(&client),
            Some(&change),
        );
        let answered = world.send(asked).await;
        assert_eq!(answered.status, StatusCode::BAD_REQUEST, "{member}");
        assert_eq!(answered.error().as_deref(), Some("invalid_client_metadata"));
    }
}

#[tokio::test]
async fn nobody_looks_after_another_client() {
    let world = open().await;
    let (mine, other) = (
        registered(&world, &service()).await,
        registered(&world, &service()).await,
    );
    let place = place_of(&other);
    let secret = other["client_secret"].as_str().unwrap();
    for token in [token_of(&mine), INITIAL, secret, "x"] {
        let change = with(&json!({"client_id": other["client_id"]}));
        for asked in [
            request(Method::GET, &place, token, None),
            request(Method::PUT, &place, token, Some(&change)),
            request(Method::DELETE, &place, token, None),
        ] {
            let answered = world.send(asked).await;
            assert_eq!(answered.status, StatusCode::UNAUTHORIZED);
        }
    }
    // Nor after one that the operator registered, or that never was.
    for id in ["basic", "nobody"] {
        let asked = request(
            Method::GET,
            &format!("/register/{id}"),
            token_of(&mine),
            None,
        );
        assert_eq!(world.send(asked).await.status, StatusCode::UNAUTHORIZED);
    }
    let still = request(Method::GET, &place, token_of(&other), None);
    assert_eq!(world.send(still).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_was_disabled_does_not_revive_itself() {
    let world = open().await;
    let client = registered(&world, &service()).await;
    let id = client["client_id"].as_str().unwrap();
    let mut disabled = (*world.engine.active_client(id).unwrap()).clone();
    disabled.active = false;
    crate::RegisteredClients::add(&*world.clients, &disabled, NOON)
        .await
        .unwrap();
    let change = with(&json!({"client_id": id, "active": true}));
    let asked = request(
        Method::PUT,
        &place_of(&client),
        token_of(&client),
        Some(&change),
    );
    assert_eq!(world.send(asked).await.status, StatusCode::UNAUTHORIZED);
    assert!(world.engine.active_client(id).is_none());
}
