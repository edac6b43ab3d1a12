//! What the audit log holds, and that nothing leaves without it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use http::StatusCode;

use crate::testing::{Form, SECRET, World};

#[tokio::test]
async fn a_whole_flow_is_told_in_order() {
    let world = World::new().await;
    let tokens = world.tokens_for("basic").await;
    world
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await;
    assert_eq!(
        world.recorded().await,
        [
            "service.returned basic",
            "token.issued basic",
            "userinfo.served basic"
        ]
    );
}

#[tokio::test]
async fn refusals_are_recorded_with_the_reason_nobody_outside_is_told() {
    let world = World::new().await;
    world
        .authorize(&Form::asking("basic").with("scope", "email"))
        .await;
    let code = world.code_for("basic").await;
    let form = Form::redeeming("basic", &code);
    world.send(form.with_basic("basic", "wrong")).await;
    world.send(form.by("other")).await;
    world.send(form.by("basic")).await;
    assert_eq!(
        world.recorded().await,
        [
            "login.refused basic: scope must contain openid",
            "service.returned basic",
            "token.refused basic: wrong secret",
            "token.refused other: the code of another client",
            "code.replayed basic",
            "token.refused basic: spent code",
        ]
    );
}

#[tokio::test]
async fn unknown_clients_leave_no_trace_to_fill_the_ledger_with() {
    let world = World::new().await;
    world.authorize(&Form::asking("nobody")).await;
    world
        .send(Form::redeeming("basic", "x").with_basic("nobody", SECRET))
        .await;
    world.userinfo("nobodys-token").await;
    assert!(world.recorded().await.is_empty());
}

#[tokio::test]
async fn whoever_knows_a_client_id_cannot_fill_the_ledger_with_it() {
    let world = World::new().await;
    let wrong = || Form::redeeming("basic", "x").with_basic("basic", "wrong");
    for _ in 0..20 {
        world
            .authorize(&Form::asking("public").with("scope", "email"))
            .await;
        world
            .send(Form::redeeming("public", "x").by("public"))
            .await;
        world.send(wrong()).await;
    }
    let expected = [
        "login.refused public: scope must contain openid",
        "token.refused public: unknown or expired code",
        "token.refused basic: wrong secret",
    ];
    assert_eq!(world.recorded().await, expected);
    world.clock.advance(Duration::from_mins(1));
    world.send(wrong()).await;
    world.recorded().await;
    let last = String::from_utf8(world.records.entries().pop().unwrap()).unwrap();
    assert!(last.contains(r#""unrecorded_since_last":"19""#), "{last}");
}

#[tokio::test]
async fn no_entry_holds_a_name_a_token_or_a_code() {
    let world = World::new().await;
    let code = world.code_for("basic").await;
    let tokens = world
        .send(Form::redeeming("basic", &code).by("basic"))
        .await
        .json();
    let access_token = tokens["access_token"].as_str().unwrap();
    world.userinfo(access_token).await;
    assert_eq!(world.recorded().await.len(), 3);
    for entry in world.records.entries() {
        let entry = String::from_utf8(entry).unwrap();
        for private in [
            "Angela",
            "DUBOIS",
            "angela@",
            crate::testing::SUBJECT,
            &code,
            access_token,
        ] {
            assert!(!entry.contains(private), "{entry}");
        }
    }
}

#[tokio::test]
async fn no_code_leaves_when_the_audit_log_cannot_be_written() {
    let world = World::new().await;
    world.records.is_full.store(true, Ordering::SeqCst);
    let answered = world.authorize(&Form::asking("basic")).await;
    assert_eq!(answered.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answered.header("location"), None);
}

#[tokio::test]
async fn no_token_leaves_when_the_audit_log_cannot_be_written() {
    let world = World::new().await;
    let code = world.code_for("basic").await;
    world.records.is_full.store(true, Ordering::SeqCst);
    let answered = world
        .send(Form::redeeming("basic", &code).by("basic"))
        .await;
    assert_eq!(answered.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answered.error().as_deref(), Some("server_error"));
    assert!(!answered.body.contains("disk"), "{}", answered.body);
}

#[tokio::test]
async fn no_claim_leaves_when_the_audit_log_cannot_be_written() {
    let world = World::new().await;
    let tokens = world.tokens_for("basic").await;
    world.records.is_full.store(true, Ordering::SeqCst);
    let answered = world
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await;
    assert_eq!(answered.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answered.body.contains("Angela"));
}

#[tokio::test]
async fn an_assertion_that_does_not_hold_is_recorded_without_a_client_id_beside_it() {
    let world = World::new().await;
    let stranger = World::new().await;
    let forged = stranger.assertion(&serde_json::json!({}));
    let form = Form::redeeming("jwt", "x").with_assertion(&forged);
    let refused = world.post("/token", &form).await;
    assert_eq!(refused.error().as_deref(), Some("invalid_client"));
    assert_eq!(
        world.recorded().await,
        ["token.refused jwt: the assertion's signature does not hold"]
    );
}

#[tokio::test]
async fn what_is_signed_for_a_client_of_fapi_is_signed_as_fapi_has_it() {
    use guichet_domain::SigningAlg::{Es256, Rs256};
    let world = World::with(|settings| settings.signing_algs = vec![Rs256, Es256]).await;
    let jwks = serde_json::json!({"keys": [{"kty": "EC"}]});
    let fapi = serde_json::json!({
        "profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt", "jwks": jwks,
    });
    world.clients.add("fapi", &fapi);
    let alg = |id| {
        world
            .engine
            .alg_for(&world.engine.active_client(id).unwrap())
    };
    assert_eq!(alg("fapi"), Es256);
    assert_eq!(alg("basic"), Rs256);
}
