//! The `franceconnect` profile: an application written for FranceConnect v2 finds what it knows.

use guichet_domain::{Acr, Claim};
use guichet_keys::pkce_s256;
use http::StatusCode;
use serde_json::json;

use crate::Prompt;
use crate::testing::tokens::with_resources;
use crate::testing::{Form, PERSON, SECRET, VERIFIER, World, redirect_uri, text};

/// A hub with an application as FranceConnect's partners register it.
async fn world() -> World {
    let world = World::new().await;
    world
        .clients
        .add("fc", &json!({"profile": "franceconnect"}));
    world
}

/// The request of FranceConnect's documentation: no PKCE, state, a long nonce, a level, `prompt=login`.
fn asking() -> Form {
    Form::asking("fc")
        .without("code_challenge")
        .without("code_challenge_method")
        .with("nonce", "0123456789abcdef0123456789abcdef")
        .with("acr_values", "eidas1")
        .with("prompt", "login consent")
}

/// Its way to the tokens.
fn redeeming(code: &str) -> Form {
    Form::empty()
        .with("grant_type", "authorization_code")
        .with("redirect_uri", &redirect_uri("fc"))
        .with("client_id", "fc")
        .with("client_secret", SECRET)
        .with("code", code)
}

#[tokio::test]
async fn an_application_of_franceconnect_signs_people_in_as_it_did() {
    let world = world().await;
    let answered = world.authorize(&asking()).await;
    let code = answered.location_parameter("code").unwrap();
    let answered = world.post("/token", &redeeming(&code)).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
    let tokens = answered.json();
    let mut members: Vec<&String> = tokens.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(
        members,
        [
            "access_token",
            "expires_in",
            "id_token",
            "scope",
            "token_type"
        ]
    );
    assert_eq!(tokens["expires_in"], 60);
    let id_token = claims_of(text(&tokens, "id_token"));
    assert_eq!(id_token["exp"], id_token["iat"].as_i64().unwrap() + 60);
    assert_eq!(tokens["token_type"], "Bearer");
    let answered = world
        .userinfo(tokens["access_token"].as_str().unwrap())
        .await;
    assert_eq!(answered.header("content-type"), Some("application/jwt"));
    let claims = claims_of(&answered.body);
    assert_eq!(claims["exp"], claims["iat"].as_i64().unwrap() + 60);
    assert_eq!(claims["aud"], "fc");
}

#[tokio::test]
async fn prompt_login_leaves_single_sign_on_to_the_hub() {
    let world = world().await;
    for prompt in ["login", "consent", "consent login"] {
        world.authorize(&asking().with("prompt", prompt)).await;
        assert_eq!(world.house.last_asked().prompt(), Prompt::default());
    }
    world.clients.add(
        "fc",
        &json!({"profile": "franceconnect", "may_skip_information": true}),
    );
    for (prompt, skips) in [
        ("login", true),
        ("consent", false),
        ("login consent", false),
    ] {
        world.authorize(&asking().with("prompt", prompt)).await;
        let asked = world.house.last_asked().prompt();
        assert_eq!(asked.skip_information, skips, "{prompt}");
    }
    for prompt in ["none", "select_account", "login none"] {
        let answered = world.authorize(&asking().with("prompt", prompt)).await;
        assert_eq!(answered.error().as_deref(), Some("invalid_request"));
    }
}

#[tokio::test]
async fn what_franceconnect_demands_is_demanded() {
    let world = world().await;
    for name in ["state", "nonce", "acr_values"] {
        let answered = world.authorize(&asking().without(name)).await;
        assert_eq!(
            answered.error().as_deref(),
            Some("invalid_request"),
            "{name}"
        );
    }
    let short = asking().with("nonce", "0123456789abcdef01234");
    let answered = world.authorize(&short).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn a_level_that_is_not_offered_is_invalid_acr() {
    let world = world().await;
    let answered = world
        .authorize(&asking().with("acr_values", "eidas3"))
        .await;
    assert_eq!(answered.error().as_deref(), Some("invalid_acr"));
    let description = answered.location_parameter("error_description").unwrap();
    assert!(
        description.ends_with("expected: eidas1, eidas2"),
        "{description}"
    );
    let several = asking().with("acr_values", "eidas3 eidas2 loa9");
    world.authorize(&several).await;
    assert_eq!(world.house.last_asked().acr().required, Acr::Eidas2);
    let unknown = asking().with("acr_values", "loa9");
    world.authorize(&unknown).await;
    assert_eq!(world.house.last_asked().acr().required, Acr::Eidas1);
}

#[tokio::test]
async fn what_franceconnect_refuses_and_the_standards_allow_is_accepted() {
    let world = world().await;
    let modern = asking()
        .with("code_challenge", &pkce_s256(VERIFIER))
        .with("code_challenge_method", "S256")
        .with("max_age", "3600")
        .with("anything", "else");
    let answered = world.authorize(&modern).await;
    assert!(
        answered.location_parameter("code").is_some(),
        "{answered:?}"
    );
}

#[tokio::test]
async fn scopes_of_franceconnect_are_theirs_who_registered_them() {
    let world = world().await;
    let more = asking().with("scope", "openid idp_id idp_birthdate");
    let answered = world.authorize(&more).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_scope"));
    let scope = "openid profile idp_id idp_birthdate";
    world
        .clients
        .add("fc", &json!({"profile": "franceconnect", "scope": scope}));
    world.authorize(&more).await;
    let claims = world.house.last_asked().claims();
    assert_eq!(claims, [Claim::IdpBirthdate, Claim::IdpId]);
    world.authorize(&asking().with("scope", scope)).await;
    assert!(
        world
            .house
            .last_asked()
            .claims()
            .contains(&Claim::GivenNameArray)
    );
}

#[tokio::test]
async fn how_a_person_signed_in_is_told_to_an_application_that_may_know_and_asks() {
    let world = world().await;
    let amr = async |asked: Form| {
        let code = world.authorize(&asked).await.location_parameter("code");
        let tokens = world
            .post("/token", &redeeming(&code.unwrap()))
            .await
            .json();
        claims_of(text(&tokens, "id_token"))["amr"].clone()
    };
    let asking = || asking().with("scope", "openid");
    let named = || asking().with("claims", r#"{"id_token":{"amr":{"essential":true}}}"#);
    assert_eq!(amr(asking()).await, json!(null), "nobody asked");
    let refused = world.authorize(&named()).await;
    assert_eq!(refused.error().as_deref(), Some("invalid_scope"));
    let scope = || asking().with("scope", "openid amr");
    let refused = world.authorize(&scope()).await;
    assert_eq!(refused.error().as_deref(), Some("invalid_scope"));

    let entitled = json!({"profile": "franceconnect", "scope": "openid profile amr"});
    world.clients.add("fc", &entitled);
    assert_eq!(amr(asking()).await, json!(null), "nobody asked");
    assert_eq!(amr(named()).await, json!(["pwd", "otp"]));
    assert_eq!(amr(scope()).await, json!(["pwd", "otp"]));
}

#[tokio::test]
async fn a_data_provider_hears_of_a_service_s_token_what_its_record_allows() {
    let mut settings = with_resources();
    let family = &mut settings.resources[0];
    family.service_tokens = true;
    family.claims = vec![Claim::FamilyName];
    let world = World::with_tokens(settings).await;
    let scope = "openid given_name family_quotient";
    let service = json!({"profile": "franceconnect", "scope": scope});
    world.clients.add("fc", &service);
    let token = token_of(&world, "fc", scope).await;
    let heard = world.about("other", "/checktoken", &token).await.json();
    assert_eq!(heard["active"], true);
    assert_eq!(heard["client_id"], "fc");
    assert_eq!(heard["aud"], "fc");
    assert_eq!(heard["jti"], token);
    assert_eq!(heard["scope"], "family_quotient", "and none of identity");
    assert_eq!(heard["acr"], "eidas2");
    assert_eq!(heard["sub"], format!("{PERSON}@other"));
    assert_eq!(heard["family_name"], "DUBOIS");
    assert_eq!(heard.get("given_name"), None, "the record names it not");

    let nothing = json!({"active": false});
    let other_scopes = token_of(&world, "fc", "openid given_name").await;
    assert_eq!(
        world
            .about("other", "/checktoken", &other_scopes)
            .await
            .json(),
        nothing
    );
    let plain = json!({"profile": "standard", "require_pkce": false, "scope": scope,
        "token_endpoint_auth_method": "client_secret_post"});
    world.clients.add("fc", &plain);
    let standard = token_of(&world, "fc", scope).await;
    assert_eq!(
        world.about("other", "/checktoken", &standard).await.json(),
        nothing
    );
}

/// One token that holds scopes of two data providers: each hears its own part, under a name of its own, and
/// whoever is none of them, is disabled, or comes late, hears nothing.
#[tokio::test]
async fn of_one_token_each_data_provider_hears_its_own_part_and_nobody_else_any() {
    let mut settings = with_resources();
    for resource in &mut settings.resources {
        resource.service_tokens = true;
    }
    settings.resources[1].scopes = "email".parse().unwrap();
    settings.resources[1].clients = vec!["basic".parse().unwrap()];
    settings.resources[1].claims = vec![Claim::FamilyName];
    let (first, second) = (settings.resources[0].clone(), settings.resources[1].clone());
    let world = World::with_tokens(settings).await;
    let scope = format!("openid given_name {} {}", first.scopes, second.scopes);
    world
        .clients
        .add("fc", &json!({"profile": "franceconnect", "scope": scope}));
    let token = token_of(&world, "fc", &scope).await;
    let by_first = world.about("other", "/checktoken", &token).await.json();
    let by_second = world.about("basic", "/checktoken", &token).await.json();
    assert_eq!(by_first["scope"], first.scopes.to_string());
    assert_eq!(by_second["scope"], second.scopes.to_string());
    assert_ne!(by_first["sub"], by_second["sub"], "no name in common");
    assert_eq!(
        by_first.get("family_name"),
        None,
        "its record lets it hear none"
    );
    assert_eq!(by_second["family_name"], "DUBOIS");
    for stranger in ["narrow", "lax"] {
        let heard = world.about(stranger, "/checktoken", &token).await.json();
        assert_eq!(heard, json!({"active": false}), "{stranger}");
    }
    world.clients.disable("other");
    let disabled = world.about("other", "/checktoken", &token).await;
    assert_eq!(disabled.error().as_deref(), Some("invalid_client"));
    world.clock.advance(std::time::Duration::from_secs(61));
    let late = world.about("basic", "/checktoken", &token).await.json();
    assert_eq!(late, json!({"active": false}));
}

/// The access token of an application of FranceConnect for a sign-in that asks for `scope`.
async fn token_of(world: &World, client: &str, scope: &str) -> String {
    world.next_sign_in(7, 9);
    let asked = asking().with("client_id", client).with("scope", scope);
    let answered = world.authorize(&asked).await;
    let code = answered.location_parameter("code").unwrap();
    let form = Form::empty()
        .with("grant_type", "authorization_code")
        .with("redirect_uri", &redirect_uri(client))
        .with("client_id", client)
        .with("client_secret", SECRET)
        .with("code", &code);
    let tokens = world.post("/token", &form).await.json();
    text(&tokens, "access_token").to_owned()
}

/// The claims of a JWT whose signature other tests look at.
fn claims_of(jwt: &str) -> serde_json::Value {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let payload = URL_SAFE_NO_PAD
        .decode(jwt.split('.').nth(1).unwrap())
        .unwrap();
    serde_json::from_slice(&payload).unwrap()
}
