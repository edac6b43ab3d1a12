//! `/register`: who is let in, what they may ask, how they look after themselves (threats N-41, N-42,
//! N-43, N-65).

use axum::body::Body;
use guichet_domain::SigningAlg;
use guichet_keys::Typ;
use http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};

use crate::register::policy::{RegistrationPolicy, StatementIssuer, StatementPolicy};
use crate::testing::{Answered, Form, INITIAL, ISSUER, NOON, World, policy};

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

#[tokio::test]
async fn what_is_off_has_no_address_and_is_not_advertised() {
    let world = World::new().await;
    assert_eq!(
        register(&world, &service()).await.status,
        StatusCode::NOT_FOUND
    );
    let document = world.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document.get("registration_endpoint"), None);
}

#[tokio::test]
async fn a_client_that_registered_signs_people_in_with_the_secret_it_was_told() {
    let world = World::registering(policy()).await;
    let document = world.get("/.well-known/openid-configuration").await.json();
    assert_eq!(
        document["registration_endpoint"],
        format!("{ISSUER}/register")
    );
    let answered = register(&world, &service()).await;
    assert_eq!(answered.header("cache-control"), Some("no-store"));
    let client = answered.json();
    assert_eq!(client["client_secret_expires_at"], 0);
    assert_eq!(client["client_id_issued_at"], NOON.seconds());
    assert_eq!(client["token_endpoint_auth_method"], "client_secret_basic");
    assert_eq!(client["scope"], "openid given_name email");
    let (id, secret) = (
        client["client_id"].as_str().unwrap(),
        client["client_secret"].as_str().unwrap(),
    );
    let asking = Form::asking(id).with("redirect_uri", CALLBACK);
    let code = world
        .authorize(&asking)
        .await
        .location_parameter("code")
        .unwrap();
    let form = Form::redeeming(id, &code).with("redirect_uri", CALLBACK);
    let tokens = world.send(form.with_basic(id, secret)).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.body);
    let recorded = world.recorded().await;
    assert_eq!(recorded[0], format!("client.registered {id}"));
}

#[tokio::test]
async fn nobody_registers_without_an_initial_access_token_that_is_alive() {
    let world = World::registering(policy()).await;
    let without = Request::post("/register")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(service().to_string()))
        .unwrap();
    let answered = world.send(without).await;
    assert_eq!(answered.status, StatusCode::UNAUTHORIZED);
    assert!(
        answered
            .header("www-authenticate")
            .unwrap()
            .starts_with("Bearer")
    );
    for token in ["x", &format!("{INITIAL}x"), "bearer"] {
        let asked = request(Method::POST, "/register", token, Some(&service()));
        assert_eq!(world.send(asked).await.status, StatusCode::UNAUTHORIZED);
    }
    world.clock.advance(std::time::Duration::from_hours(2));
    let late = register(&world, &service()).await;
    assert_eq!(late.error().as_deref(), Some("invalid_token"));
    assert_eq!(world.published.fetches(), 0);
}

#[tokio::test]
async fn an_initial_access_token_is_worth_its_uses_and_a_mistake_costs_none() {
    let world = World::registering(policy()).await;
    for _ in 0..5 {
        let wrong = with(&json!({"redirect_uris": ["https://new.example/cb#x"]}));
        let answered = register(&world, &wrong).await;
        assert_eq!(answered.error().as_deref(), Some("invalid_redirect_uri"));
    }
    for _ in 0..3 {
        registered(&world, &service()).await;
    }
    assert_eq!(
        register(&world, &service()).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn each_refusal_has_the_code_of_the_standard_and_names_the_member() {
    let world = open().await;
    for (member, value, error) in [
        ("redirect_uris", json!([]), "invalid_redirect_uri"),
        (
            "redirect_uris",
            json!(["javascript:alert(1)"]),
            "invalid_redirect_uri",
        ),
        (
            "redirect_uris",
            json!(["https://new.example/cb#x"]),
            "invalid_redirect_uri",
        ),
        (
            "redirect_uris",
            json!(["http://localhost:9/cb"]),
            "invalid_redirect_uri",
        ),
        (
            "redirect_uris",
            json!(["com.example.app:/cb"]),
            "invalid_redirect_uri",
        ),
        (
            "redirect_uris",
            json!("https://new.example/cb"),
            "invalid_redirect_uri",
        ),
        (
            "scope",
            json!("cnaf_quotient_familial"),
            "invalid_client_metadata",
        ),
        (
            "grant_types",
            json!(["urn:openid:params:grant-type:ciba"]),
            "invalid_client_metadata",
        ),
        (
            "grant_types",
            json!(["implicit"]),
            "invalid_client_metadata",
        ),
        (
            "response_types",
            json!(["id_token"]),
            "invalid_client_metadata",
        ),
        (
            "token_endpoint_auth_method",
            json!("self_signed_tls_client_auth"),
            "invalid_client_metadata",
        ),
        ("subject_type", json!("public"), "invalid_client_metadata"),
        ("profile", json!("franceconnect"), "invalid_client_metadata"),
        (
            "default_acr_values",
            json!(["eidas3"]),
            "invalid_client_metadata",
        ),
        (
            "id_token_signed_response_alg",
            json!("none"),
            "invalid_client_metadata",
        ),
        ("client_name", json!({"a": 1}), "invalid_client_metadata"),
    ] {
        let answered = register(&world, &with(&json!({member: value}))).await;
        assert_eq!(answered.status, StatusCode::BAD_REQUEST, "{member} {value}");
        assert_eq!(answered.error().as_deref(), Some(error), "{member} {value}");
        let description = answered.json()["error_description"].to_string();
        assert!(description.contains(member), "{member}: {description}");
        assert!(!description.contains("alert"), "{description}");
    }
}

#[tokio::test]
async fn addresses_that_name_a_machine_inside_are_refused_whatever_they_are_for() {
    let world = open().await;
    for member in [
        "jwks_uri",
        "logo_uri",
        "client_uri",
        "policy_uri",
        "tos_uri",
        "sector_identifier_uri",
        "backchannel_logout_uri",
        "frontchannel_logout_uri",
        "initiate_login_uri",
        "request_uris",
    ] {
        for address in [
            "https://127.0.0.1/x",
            "https://[::1]/x",
            "https://169.254.169.254/latest/meta-data",
            "https://10.0.0.1/x",
            "https://localhost/x",
            "https://db.internal/x",
            "http://new.example/x",
        ] {
            let value = match member {
                "request_uris" => json!([address]),
                _ => json!(address),
            };
            let answered = register(&world, &with(&json!({member: value}))).await;
            let description = answered.json()["error_description"].to_string();
            assert_eq!(
                answered.status,
                StatusCode::BAD_REQUEST,
                "{member} {address}"
            );
            assert!(description.contains(member), "{member}: {description}");
        }
    }
    assert_eq!(world.published.fetches(), 0, "nothing was even looked at");
}

#[tokio::test]
async fn what_the_operator_decides_is_not_the_clients_to_say() {
    let world = open().await;
    let client = registered(
        &world,
        &with(&json!({
            "client_id": "basic",
            "client_secret": "a secret of its own choice",
            "sector": "basic",
            "kind": "public",
            "active": true,
            "providers": ["citoyen"],
            "token_exchange_resources": ["https://api.example"],
            "require_pkce": false,
            "scope": "openid email birthdate",
            "frobnicate": "<script>alert(1)</script>",
        })),
    )
    .await;
    let id = client["client_id"].as_str().unwrap();
    assert_ne!(id, "basic");
    assert_ne!(client["client_secret"], "a secret of its own choice");
    assert_eq!(client["scope"], "openid email");
    assert_eq!(client["require_pkce"], true);
    assert_eq!(client.get("frobnicate"), None);
    let stored = world.engine.active_client(id).unwrap();
    assert_eq!(stored.sector.as_str(), "new.example");
    assert!(stored.needs_consent());
    assert!(stored.providers.is_none() && stored.token_exchange_resources.is_empty());
}

#[tokio::test]
async fn clients_of_two_hosts_share_a_sector_only_by_a_document_that_lists_them() {
    let world = open().await;
    let two_hosts = json!({"redirect_uris": [CALLBACK, "https://other.example/cb"]});
    let answered = register(&world, &with(&two_hosts)).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_client_metadata"));

    let mut named = with(&two_hosts);
    named["sector_identifier_uri"] = json!("https://sector.example/uris");
    let refused = register(&world, &named).await;
    let description = refused.json()["error_description"].to_string();
    assert!(
        description.contains("sector_identifier_uri"),
        "{description}"
    );
    world
        .published
        .put("https://sector.example/uris", format!("[\"{CALLBACK}\"]"));
    assert_eq!(
        register(&world, &named).await.status,
        StatusCode::BAD_REQUEST,
        "one of the two is not listed"
    );
    let listed = json!([CALLBACK, "https://other.example/cb"]).to_string();
    world.published.put("https://sector.example/uris", listed);
    let client = registered(&world, &named).await;
    let stored = world
        .engine
        .active_client(client["client_id"].as_str().unwrap())
        .unwrap();
    assert_eq!(stored.sector.as_str(), "sector.example");
}

#[tokio::test]
async fn a_host_the_operator_did_not_name_registers_nothing() {
    let hosts = vec!["*.gouv.example".parse().unwrap()];
    let world = World::registering(RegistrationPolicy { hosts, ..policy() }).await;
    let on = |host: &str| json!({"redirect_uris": [format!("https://{host}/cb")]});
    assert_eq!(
        register(&world, &on("evil.example"))
            .await
            .error()
            .as_deref(),
        Some("invalid_redirect_uri")
    );
    let mut mixed = on("impots.gouv.example");
    mixed["post_logout_redirect_uris"] = json!(["https://evil.example/"]);
    assert_eq!(
        register(&world, &mixed).await.error().as_deref(),
        Some("invalid_client_metadata")
    );
    registered(&world, &on("impots.gouv.example")).await;
}

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

#[tokio::test]
async fn a_flood_of_registrations_is_told_to_wait_and_ends_at_the_most_there_may_be() {
    let limited = RegistrationPolicy {
        open: true,
        per_minute: 4,
        most_clients: 6,
        ..policy()
    };
    let world = World::registering(limited).await;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(register(&world, &service()).await.status.as_u16());
    }
    assert_eq!(statuses, [201, 201, 201, 201, 429, 429]);
    world.clock.advance(std::time::Duration::from_mins(1));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(register(&world, &service()).await.status.as_u16());
    }
    assert_eq!(statuses, [201, 201, 400]);
}

#[tokio::test]
async fn what_is_no_json_object_is_refused_and_never_repeated() {
    let world = open().await;
    let send = async |content_type: &str, body: &str| {
        let asked = Request::post("/register")
            .header(header::CONTENT_TYPE, content_type)
            .body(Body::from(body.to_owned()))
            .unwrap();
        world.send(asked).await
    };
    for body in ["", "[]", "\"<script>\"", "{", "{\"a\":", "null"] {
        let answered = send("application/json", body).await;
        assert_eq!(answered.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(!answered.body.contains("<script>"));
    }
    // A page of another site can post text, not JSON.
    let answered = send("text/plain", &service().to_string()).await;
    assert_eq!(answered.status, StatusCode::BAD_REQUEST);
    let large = json!({"client_name": "x".repeat(70_000)}).to_string();
    assert_eq!(
        send("application/json", &large).await.status,
        StatusCode::BAD_REQUEST
    );
}

#[tokio::test]
async fn a_client_is_registered_only_once_it_is_on_record() {
    let world = open().await;
    world
        .records
        .is_full
        .store(true, std::sync::atomic::Ordering::SeqCst);
    let answered = register(&world, &service()).await;
    assert_eq!(answered.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(crate::RegisteredClients::registered(&*world.clients), 0);
}

#[tokio::test]
async fn what_a_trusted_software_statement_says_wins() {
    let world = World::new().await;
    let issuer_keys = &world.client_keys;
    let jwks: Value = serde_json::from_slice(&issuer_keys.client_ring().jwks()).unwrap();
    let trusting = RegistrationPolicy {
        open: true,
        statements: StatementPolicy {
            required: true,
            issuers: vec![StatementIssuer {
                issuer: "https://agency.example".to_owned(),
                keys: guichet_domain::KeySource::Jwks(jwks),
            }],
        },
        ..policy()
    };
    let registering = World::registering(trusting).await;
    let sign = |claims: &Value| {
        issuer_keys
            .client_ring()
            .sign_jwt(SigningAlg::Es256, Typ::Jwt, claims)
            .unwrap()
    };
    let said = json!({
        "iss": "https://agency.example",
        "iat": NOON.seconds(),
        "exp": NOON.seconds() + 60,
        "software_id": "town-hall",
        "client_name": "Town hall",
        "redirect_uris": ["https://town.example/cb"],
        "client_id": "basic",
        "sector": "basic",
    });
    let registered = registered(
        &registering,
        &with(&json!({"software_statement": sign(&said)})),
    )
    .await;
    assert_eq!(registered["client_name"], "Town hall");
    assert_eq!(
        registered["redirect_uris"],
        json!(["https://town.example/cb"])
    );
    assert_eq!(registered["software_id"], "town-hall");
    assert_ne!(registered["client_id"], "basic");

    let changed = |name: &str, value: Value| {
        let mut claims = said.clone();
        claims[name] = value;
        claims
    };
    let foreign = World::new().await;
    let by_stranger = foreign
        .client_keys
        .client_ring()
        .sign_jwt(SigningAlg::Es256, Typ::Jwt, &said)
        .unwrap();
    let valid = sign(&said);
    let unsigned = format!("{}.", valid.rsplit_once('.').unwrap().0);
    for (statement, error) in [
        (by_stranger, "invalid_software_statement"),
        (unsigned, "invalid_software_statement"),
        ("x".to_owned(), "invalid_software_statement"),
        (
            sign(&changed("exp", json!(NOON.seconds() - 3600))),
            "invalid_software_statement",
        ),
        (
            sign(&changed("iss", json!("https://evil.example"))),
            "unapproved_software_statement",
        ),
    ] {
        let answered = register(
            &registering,
            &with(&json!({"software_statement": statement})),
        )
        .await;
        assert_eq!(answered.error().as_deref(), Some(error), "{statement}");
    }
    assert_eq!(
        register(&registering, &service()).await.error().as_deref(),
        Some("invalid_software_statement"),
        "one is needed"
    );
}
