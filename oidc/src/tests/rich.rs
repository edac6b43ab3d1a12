//! Authorization details (RFC 9396) from the request to the tokens: what is asked, by which way, and that
//! nobody gets more.

use std::time::Duration;

use axum::body::Body;
use guichet_domain::Clock as _;
use guichet_keys::Typ;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::Outcome;
use crate::testing::tokens::FAMILY;
use crate::testing::{Form, INITIAL, ISSUER, PERSON, TestHouse, World, policy, text};

const PARAMETER: &str = "authorization_details";
const REFUSED: Option<&str> = Some("invalid_authorization_details");

/// What the client asks for in most tests.
fn asked() -> Value {
    json!([{"type": "evidence", "evidence_type": "quotient", "fields": ["value", "year"]}])
}

/// What the house makes of it.
fn granted() -> Value {
    json!({"type": "evidence", "evidence_type": "quotient", "fields": ["value"], "grant_id": "one"})
}

fn asking(client: &str) -> Form {
    Form::asking(client).with(PARAMETER, &asked().to_string())
}

/// The tokens of `client` for a request in which the house grants `granted`.
async fn tokens(world: &World, form: &Form, client: &str, granted: &[Value]) -> Value {
    world.next_grants(granted);
    let answered = world.authorize(form).await;
    let code = answered.location_parameter("code").unwrap();
    world
        .send(Form::redeeming(client, &code).by(client))
        .await
        .json()
}

/// What the house was asked for last.
fn last_asked(world: &World) -> Value {
    serde_json::to_value(world.house.last_asked().details()).unwrap()
}

#[tokio::test]
async fn what_was_granted_stands_in_the_token_answer_and_the_client_hears_it_again() {
    let (world, _) = World::with_desk().await;
    let tokens = tokens(&world, &asking("basic"), "basic", &[granted()]).await;
    assert_eq!(last_asked(&world)[0]["usage"], "single", "as it was taken");
    assert_eq!(tokens[PARAMETER], json!([granted()]));
    let heard = world
        .introspect("basic", text(&tokens, "access_token"))
        .await;
    assert_eq!(heard.json()[PARAMETER], json!([granted()]));
}

#[tokio::test]
async fn a_request_without_details_is_answered_without() {
    let (world, _) = World::with_desk().await;
    for form in [
        Form::asking("basic"),
        Form::asking("basic").with(PARAMETER, ""),
        Form::asking("basic").with(PARAMETER, "[]"),
    ] {
        let tokens = tokens(&world, &form, "basic", &[]).await;
        assert_eq!(tokens.get(PARAMETER), None, "{tokens}");
    }
}

#[tokio::test]
async fn nobody_gets_more_than_was_asked_for() {
    let (world, _) = World::with_desk().await;
    let another = json!({"type": "evidence", "grant_id": "two"});
    let payment = json!({"type": "payment", "grant_id": "three"});
    let all = [granted(), another, payment];
    let one = tokens(&world, &asking("basic"), "basic", &all).await;
    assert_eq!(one[PARAMETER], json!([granted()]));
    let none = tokens(&world, &Form::asking("basic"), "basic", &all).await;
    assert_eq!(none.get(PARAMETER), None);
}

#[tokio::test]
async fn a_scope_may_stand_for_a_detail() {
    let (world, _) = World::with_desk().await;
    world
        .clients
        .add("basic", &json!({"scope": "openid family_quotient"}));
    let form = Form::asking("basic").with("scope", "openid family_quotient");
    let tokens = tokens(&world, &form, "basic", &[granted()]).await;
    assert_eq!(last_asked(&world)[0]["evidence_type"], "quotient");
    assert_eq!(tokens[PARAMETER], json!([granted()]));
}

#[tokio::test]
async fn what_is_malformed_unknown_or_not_permitted_is_refused_by_its_own_code() {
    let (world, _) = World::with_desk().await;
    world.clients.add(
        "other",
        &json!({"authorization_details_types": ["payment"]}),
    );
    let object = json!({"type": "evidence"});
    let large = json!([{"type": "evidence", "purpose": "p".repeat(16 * 1024)}]).to_string();
    let many = json!(vec![object.clone(); 17]).to_string();
    let deep = format!("{}{}", "[".repeat(1000), "]".repeat(1000));
    for details in [
        "no JSON",
        "[",
        r#"{"type": "evidence"}"#,
        r#""evidence""#,
        "[1]",
        r#"["evidence"]"#,
        "[[]]",
        r#"[{"evidence_type": "quotient"}]"#,
        r#"[{"type": ""}]"#,
        r#"[{"type": 1}]"#,
        r#"[{"type": "unheard-of"}]"#,
        r#"[{"type": "evidence"}, {"type": "Evidence"}]"#,
        r#"[{"type": "evidence", "forbidden": true}]"#,
        &large,
        &many,
        &deep,
    ] {
        let form = Form::asking("basic").with(PARAMETER, details);
        let start = &details[..details.len().min(60)];
        let answered = world.authorize(&form).await;
        assert_eq!(answered.error().as_deref(), REFUSED, "{start}");
        let pushed = world.send(form.by_at("/par", "basic")).await;
        assert!(pushed.status.is_client_error(), "{start}");
        assert_eq!(pushed.error().as_deref(), REFUSED, "{start}");
    }
    let not_registered = world.authorize(&asking("other")).await;
    assert_eq!(not_registered.error().as_deref(), REFUSED);
    assert_eq!(world.house.times_asked(), 0);
}

#[tokio::test]
async fn a_house_that_knows_no_type_refuses_details_and_advertises_none() {
    let world = World::new().await;
    let answered = world.authorize(&asking("basic")).await;
    assert_eq!(answered.error().as_deref(), REFUSED);
    let metadata = world.get("/.well-known/openid-configuration").await.json();
    assert_eq!(metadata.get("authorization_details_types_supported"), None);
    let (world, _) = World::with_desk().await;
    let metadata = world.get("/.well-known/openid-configuration").await.json();
    let types = &metadata["authorization_details_types_supported"];
    assert_eq!(types, &json!(["evidence", "payment"]));
}

#[tokio::test]
async fn a_pushed_request_holds_what_was_pushed_and_not_what_stands_beside_it() {
    let (world, _) = World::with_desk().await;
    let pushed = world.send(asking("basic").by_at("/par", "basic")).await;
    assert_eq!(pushed.status, StatusCode::CREATED, "{}", pushed.body);
    let pushed = pushed.json();
    let by_reference = Form::empty()
        .with("client_id", "basic")
        .with("request_uri", text(&pushed, "request_uri"))
        .with(PARAMETER, r#"[{"type": "payment"}]"#);
    let tokens = tokens(&world, &by_reference, "basic", &[granted()]).await;
    assert_eq!(tokens[PARAMETER], json!([granted()]));
    assert_eq!(last_asked(&world).as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_request_object_wins_over_what_stands_beside_it() {
    let (world, _) = World::with_desk().await;
    let object = |details: &Value| {
        let changed = json!({"iss": "jwt", "aud": ISSUER, PARAMETER: details});
        world.request_object(Typ::Jwt, &Form::asking("jwt"), &changed)
    };
    let beside = Form::asking("jwt").with(PARAMETER, r#"[{"type": "payment"}]"#);
    let form = beside.clone().with("request", &object(&asked()));
    world.authorize(&form).await;
    assert_eq!(last_asked(&world)[0]["type"], "evidence");
    let times = world.house.times_asked();
    for details in [json!({"type": "evidence"}), json!([{"no": "type"}])] {
        let answered = world
            .authorize(&beside.clone().with("request", &object(&details)))
            .await;
        assert_eq!(answered.error().as_deref(), REFUSED, "{details}");
    }
    assert_eq!(world.house.times_asked(), times);
}

#[tokio::test]
async fn a_refresh_brings_them_again_as_long_as_the_client_may_have_them() {
    let (world, _) = World::with_desk().await;
    world.refreshing("basic", &json!({}));
    let first = tokens(&world, &asking("basic"), "basic", &[granted()]).await;
    let refresh_token = text(&first, "refresh_token");
    let heard = world.introspect("basic", refresh_token).await.json();
    assert_eq!(heard[PARAMETER], json!([granted()]));
    let second = world.refresh("basic", refresh_token).await.json();
    assert_eq!(second[PARAMETER], json!([granted()]));
    world.refreshing("basic", &json!({"authorization_details_types": []}));
    let third = world.refresh("basic", text(&second, "refresh_token")).await;
    assert_eq!(third.status, StatusCode::OK);
    assert_eq!(third.json().get(PARAMETER), None);
}

#[tokio::test]
async fn a_token_request_may_name_less_and_never_more() {
    let (world, _) = World::with_desk().await;
    world.refreshing("basic", &json!({}));
    let both = json!([{"type": "evidence"}, {"type": "payment"}]);
    let form = Form::asking("basic").with(PARAMETER, &both.to_string());
    let payment = json!({"type": "payment", "grant_id": "two"});
    let first = tokens(&world, &form, "basic", &[granted(), payment.clone()]).await;
    assert_eq!(first[PARAMETER].as_array().unwrap().len(), 2);
    let named = |token: &str, details: &str| {
        let form = crate::testing::refreshing(token).with(PARAMETER, details);
        world.send(form.by("basic"))
    };
    let token = text(&first, "refresh_token");
    for more in [
        r#"[{"type": "evidence", "fields": ["value", "year"]}]"#,
        r#"[{"type": "evidence", "evidence_type": "income"}]"#,
        r#"[{"grant_id": "one"}]"#,
        "[",
    ] {
        let refused = named(token, more).await;
        assert_eq!(refused.error().as_deref(), REFUSED, "{more}");
    }
    // Nothing of that spent the token.
    let second = named(token, r#"[{"type": "payment"}]"#).await.json();
    assert_eq!(second[PARAMETER], json!([payment]));
    let third = world.refresh("basic", text(&second, "refresh_token")).await;
    assert_eq!(third.json()[PARAMETER].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn of_a_token_for_a_resource_its_resource_hears_no_details() {
    let (world, _) = World::with_desk().await;
    world
        .clients
        .add("basic", &json!({"scope": "openid family_quotient"}));
    let form = asking("basic").with("scope", "openid family_quotient");
    *world.house.next.lock().unwrap() = Some(Outcome {
        scopes: "openid family_quotient".parse().unwrap(),
        person: Some(PERSON),
        details: vec![serde_json::from_value(granted()).unwrap()],
        ..TestHouse::outcome()
    });
    let code = world.authorize(&form).await;
    let code = code.location_parameter("code").unwrap();
    let form = Form::redeeming("basic", &code).with("resource", FAMILY);
    let tokens = world.send(form.by("basic")).await.json();
    assert_eq!(tokens[PARAMETER], json!([granted()]));
    let token = text(&tokens, "access_token");
    let resource = world.introspect("other", token).await.json();
    assert_eq!(resource["active"], true);
    assert_eq!(resource.get(PARAMETER), None);
    assert_eq!(
        world.introspect("basic", token).await.json()[PARAMETER],
        json!([granted()])
    );
}

#[tokio::test]
async fn whoever_registers_itself_names_types_there_are() {
    let world = World::registering(policy()).await;
    let registering = |types: Value| {
        let metadata = json!({
            "redirect_uris": ["https://new.example/callback"], "authorization_details_types": types,
        });
        let request = Request::post("/register")
            .header("content-type", "application/json")
            .header("authorization", format!("Bearer {INITIAL}"))
            .body(Body::from(metadata.to_string()));
        world.send(request.unwrap())
    };
    let refused = registering(json!(["evidence", "unheard-of"])).await;
    assert_eq!(refused.error().as_deref(), Some("invalid_client_metadata"));
    assert!(refused.body.contains("authorization_details_types"));
    let registered = registering(json!(["evidence"])).await;
    assert_eq!(
        registered.status,
        StatusCode::CREATED,
        "{}",
        registered.body
    );
    assert_eq!(
        registered.json()["authorization_details_types"],
        json!(["evidence"])
    );
}

#[tokio::test]
async fn what_may_be_used_until_a_day_keeps_its_refresh_token_until_then_and_no_longer() {
    let day = Duration::from_hours(24);
    let (world, desk) = World::with_desk().await;
    world.refreshing("basic", &json!({}));
    *desk.lasts.lock().unwrap() = Some(world.clock.now().after(day * 300));
    let scope = "openid given_name offline_access";
    let tokens = async |details: &[Value]| {
        *world.house.next.lock().unwrap() = Some(Outcome {
            scopes: scope.parse().unwrap(),
            person: Some(PERSON),
            details: serde_json::from_value(json!(details)).unwrap(),
            ..TestHouse::outcome()
        });
        let form = asking("basic").with("scope", scope);
        let answered = world.authorize(&form).await;
        let code = answered.location_parameter("code").unwrap();
        let redeemed = world.send(Form::redeeming("basic", &code).by("basic"));
        redeemed.await.json()
    };
    let lasting = tokens(&[granted()]).await;
    // Months without a fetch, since there is one in a year.
    world.clock.advance(day * 200);
    let again = world
        .refresh("basic", text(&lasting, "refresh_token"))
        .await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);
    world.clock.advance(day * 101);
    let again = again.json();
    let late = world.refresh("basic", text(&again, "refresh_token")).await;
    assert_eq!(late.error().as_deref(), Some("invalid_grant"));
}
