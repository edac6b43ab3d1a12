//! What a house may have the engine do with an accepted request, and what not.

use guichet_domain::{Acr, OAuthError};

use crate::testing::{Form, World};
use crate::{AcceptedRequest, Answer, SubjectChange, ToTell};

async fn accepted(world: &World, form: &Form) -> AcceptedRequest {
    let answered = world.authorize(form).await;
    assert!(answered.error().is_none(), "{answered:?}");
    world.house.last_asked()
}

#[tokio::test]
async fn no_code_is_issued_to_a_client_disabled_meanwhile() {
    let world = World::new().await;
    let request = accepted(&world, &Form::asking("basic")).await;
    assert!(world.engine.client_of(&request).is_some());
    world.clients.disable("basic");
    assert!(world.engine.client_of(&request).is_none());
    let outcome = crate::testing::TestHouse::outcome();
    assert!(world.engine.grant(&request, outcome).await.is_err());
}

#[tokio::test]
async fn no_code_goes_to_a_redirect_uri_withdrawn_meanwhile() {
    let world = World::new().await;
    let request = accepted(&world, &Form::asking("basic")).await;
    world.clients.add(
        "basic",
        &serde_json::json!({"redirect_uris": ["https://basic.example/new"]}),
    );
    assert!(world.engine.client_of(&request).is_none());
}

#[tokio::test]
async fn scopes_and_claims_that_were_not_asked_for_are_left_out() {
    let world = World::new().await;
    let form = Form::asking("basic").with("scope", "openid given_name");
    let answered = world.authorize(&form).await;
    let code = answered.location_parameter("code").unwrap();
    let tokens = world
        .send(Form::redeeming("basic", &code).by("basic"))
        .await
        .json();
    assert_eq!(tokens["scope"], "openid given_name");
    let userinfo = world
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await
        .json();
    assert_eq!(
        userinfo,
        serde_json::json!({"sub": crate::testing::SUBJECT, "given_name": "Angela"})
    );
}

#[tokio::test]
async fn a_level_below_the_one_required_becomes_a_refusal() {
    let world = World::new().await;
    *world.house.change.lock().unwrap() = Some(|outcome| outcome.acr = Acr::Eidas1.into());
    let form = Form::asking("basic").with("acr_values", "eidas2");
    let answered = world.authorize(&form).await;
    assert_eq!(
        answered.error().as_deref(),
        Some("unmet_authentication_requirements")
    );
}

#[tokio::test]
async fn a_person_other_than_the_one_hinted_at_becomes_a_refusal() {
    let world = World::new().await;
    let tokens = world.tokens_for("basic").await;
    *world.house.change.lock().unwrap() =
        Some(|outcome| outcome.subject = "SomebodyElse".parse().unwrap());
    let form = Form::asking("basic").with("id_token_hint", tokens["id_token"].as_str().unwrap());
    let answered = world.authorize(&form).await;
    assert_eq!(answered.error().as_deref(), Some("login_required"));
}

#[tokio::test]
async fn a_house_refuses_through_the_engine() {
    let world = World::new().await;
    let request = accepted(&world, &Form::asking("basic").with("prompt", "none")).await;
    let answer = world
        .engine
        .refuse(&request, OAuthError::LoginRequired, "nobody is signed in")
        .await
        .unwrap();
    let Answer::Redirect(url) = answer else {
        panic!("the query was asked for");
    };
    insta::assert_snapshot!(url, @"https://basic.example/callback?tenant=a%20b&error=login_required&error_description=nobody+is+signed+in&error_uri=https%3A%2F%2Fhub.example%2Ferrors%2Flogin_required&state=a+state&iss=https%3A%2F%2Fhub.example#");
}

#[tokio::test]
async fn a_logout_token_says_what_back_channel_logout_wants() {
    let world = World::new().await;
    let client = world.engine.active_client("basic").unwrap();
    let notice = world.engine.logout_notice(&client, &to_tell(Some("a-sid")));
    let notice = notice.unwrap().unwrap();
    assert_eq!(notice.uri.as_str(), "https://basic.example/backchannel");
    let verified = world
        .keys
        .ring()
        .verify_own(
            &notice.logout_token,
            guichet_keys::Typ::LogoutToken,
            Some(crate::testing::NOON),
        )
        .unwrap();
    let mut claims = serde_json::Value::Object(verified.claims);
    assert_eq!(claims["jti"].as_str().unwrap().len(), 22);
    claims["jti"] = "[random]".into();
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(claims);
    });
}

#[tokio::test]
async fn a_client_without_a_back_channel_gets_no_notice() {
    let world = World::new().await;
    world.clients.add(
        "basic",
        &serde_json::json!({"backchannel_logout_uri": null}),
    );
    let client = world.engine.active_client("basic").unwrap();
    let notice = world.engine.logout_notice(&client, &to_tell(Some("a-sid")));
    assert!(notice.unwrap().is_none());
}

fn to_tell(sid: Option<&str>) -> ToTell {
    ToTell {
        client: "basic".parse().unwrap(),
        subject: crate::testing::SUBJECT.parse().unwrap(),
        sid: sid.map(str::to_owned),
        change: SubjectChange::SignedOut,
    }
}

#[tokio::test]
async fn a_notice_about_a_subject_ends_its_sessions_and_says_what_became_of_it() {
    let world = World::new().await;
    let client = world.engine.active_client("basic").unwrap();
    let changes = [
        (
            SubjectChange::Became("newer".parse().unwrap()),
            "urn:guichet:event:subject-changed",
        ),
        (
            SubjectChange::PartedFrom("newer".parse().unwrap()),
            "urn:guichet:event:subject-parted",
        ),
    ];
    for (change, event) in changes {
        let to = ToTell {
            change,
            ..to_tell(None)
        };
        let notice = world.engine.logout_notice(&client, &to).unwrap().unwrap();
        let ring = world.keys.ring();
        let verified = ring.verify_own(
            &notice.logout_token,
            guichet_keys::Typ::LogoutToken,
            Some(crate::testing::NOON),
        );
        let claims = serde_json::Value::Object(verified.unwrap().claims);
        assert_eq!(claims["sub"], crate::testing::SUBJECT);
        assert!(claims.get("sid").is_none());
        assert_eq!(claims["events"][event]["sub"], "newer");
        assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());
    }
}

#[tokio::test]
async fn a_level_beyond_what_the_metadata_promises_is_stated_as_the_highest_promised() {
    let world = World::new().await;
    *world.house.change.lock().unwrap() = Some(|outcome| outcome.acr = Acr::Eidas3.into());
    let tokens = world.tokens_for("basic").await;
    let id_token = tokens["id_token"].as_str().unwrap();
    let verified = world
        .keys
        .ring()
        .verify_own(id_token, guichet_keys::Typ::Jwt, None)
        .unwrap();
    assert_eq!(verified.claims["acr"], "eidas2");
}
