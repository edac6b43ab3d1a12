//! Clients that connect with a certificate (RFC 8705; threats N-45, N-61).

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::ClientCertificates;
use crate::testing::{Answered, CERTIFICATE, Form, World, over};

const SUBJECT: &str = r"CN=service.example,O=Mairie de Lyon\, 3e+OU=SI,L=Lyon,C=FR";

/// A client whose certificate an authority vouches for, and one that vouches for itself.
async fn world() -> World {
    let world = World::new().await;
    world.clients.add(
        "named",
        &json!({
            "token_endpoint_auth_method": "tls_client_auth",
            "tls_client_auth_subject_dn": SUBJECT,
            "tls_client_certificate_bound_access_tokens": true,
        }),
    );
    let own = json!({"keys": [{"kty": "EC", "x5c": [STANDARD.encode(CERTIFICATE)]}]});
    world.clients.add(
        "own",
        &json!({"token_endpoint_auth_method": "self_signed_tls_client_auth", "jwks": own}),
    );
    world
}

fn bare(client: &str) -> Request<Body> {
    Form::redeeming(client, "no-such-code")
        .with("client_id", client)
        .posted("/token")
}

fn is_authenticated(answered: &Answered) -> bool {
    answered.error().as_deref() == Some("invalid_grant")
}

fn is_refused(answered: &Answered) -> bool {
    answered.error().as_deref() == Some("invalid_client")
        && answered.status == StatusCode::UNAUTHORIZED
}

/// Another certificate: the same but for one bit of its signature, which nobody here looks at.
fn other_certificate() -> Vec<u8> {
    let mut other = CERTIFICATE.to_vec();
    *other.last_mut().unwrap() ^= 1;
    other
}

#[tokio::test]
async fn a_certificate_of_the_registered_name_authenticates_when_an_authority_vouches_for_it() {
    let world = world().await;
    let trusted = world.send(over(bare("named"), CERTIFICATE, true)).await;
    assert!(is_authenticated(&trusted), "{trusted:?}");
    let untrusted = world.send(over(bare("named"), CERTIFICATE, false)).await;
    assert!(is_refused(&untrusted));
    assert!(is_refused(&world.send(bare("named")).await));
    world.clients.add(
        "named",
        &json!({
            "token_endpoint_auth_method": "tls_client_auth",
            "tls_client_auth_san_dns": "other.example",
        }),
    );
    assert!(is_refused(
        &world.send(over(bare("named"), CERTIFICATE, true)).await
    ));
}

#[tokio::test]
async fn a_self_signed_certificate_authenticates_when_it_is_registered() {
    let world = world().await;
    assert!(is_authenticated(
        &world.send(over(bare("own"), CERTIFICATE, false)).await
    ));
    let other = other_certificate();
    assert!(is_refused(
        &world.send(over(bare("own"), &other, true)).await
    ));
    assert!(is_refused(&world.send(bare("own")).await));
}

#[tokio::test]
async fn a_certificate_is_no_other_clients_proof() {
    let world = world().await;
    for client in ["basic", "post", "jwt", "disabled", "nobody"] {
        let answered = world.send(over(bare(client), CERTIFICATE, true)).await;
        assert!(is_refused(&answered), "{client}");
    }
}

#[tokio::test]
async fn no_header_passes_for_a_certificate() {
    let world = world().await;
    let mut request = bare("named");
    for name in [
        "client-cert",
        "x-ssl-client-cert",
        "x-forwarded-client-cert",
    ] {
        let value = format!(":{}:", STANDARD.encode(CERTIFICATE));
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    assert!(is_refused(&world.send(request).await));
}

/// The access token of `named`, bound to its certificate.
async fn bound_token(world: &World) -> String {
    let code = world.code_for("named").await;
    let form = Form::redeeming("named", &code).with("client_id", "named");
    let answered = world
        .send(over(form.posted("/token"), CERTIFICATE, true))
        .await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
    assert_eq!(answered.json()["token_type"], "Bearer");
    answered.json()["access_token"].as_str().unwrap().to_owned()
}

fn userinfo(token: &str) -> Request<Body> {
    Request::get("/userinfo")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn a_token_bound_to_a_certificate_is_served_over_it_alone() {
    let world = world().await;
    let token = bound_token(&world).await;
    let served = world.send(over(userinfo(&token), CERTIFICATE, false)).await;
    assert_eq!(served.status, StatusCode::OK, "{}", served.body);
    for stolen in [
        userinfo(&token),
        over(userinfo(&token), &other_certificate(), true),
    ] {
        let answered = world.send(stolen).await;
        assert_eq!(answered.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answered.error().as_deref(), Some("invalid_token"));
    }
}

#[tokio::test]
async fn a_client_whose_tokens_are_bound_gets_none_without_a_certificate() {
    let world = world().await;
    world.clients.add(
        "basic",
        &json!({"tls_client_certificate_bound_access_tokens": true}),
    );
    let code = world.code_for("basic").await;
    let redeeming = || Form::redeeming("basic", &code).by("basic");
    let refused = world.send(redeeming()).await;
    assert_eq!(refused.error().as_deref(), Some("invalid_request"));
    let answered = world.send(over(redeeming(), CERTIFICATE, false)).await;
    assert_eq!(answered.status, StatusCode::OK, "{}", answered.body);
}

#[tokio::test]
async fn the_metadata_says_where_certificates_are_asked_for() {
    let methods = |document: &Value| document["token_endpoint_auth_methods_supported"].to_string();
    let without = World::new()
        .await
        .get("/.well-known/openid-configuration")
        .await
        .json();
    assert_eq!(without["tls_client_certificate_bound_access_tokens"], false);
    assert!(!methods(&without).contains("tls_client_auth"));
    let world = World::with(|settings| {
        settings.client_certificates = Some(ClientCertificates {
            base: Some("https://mtls.hub.example".to_owned()),
            has_authority: true,
        });
    })
    .await;
    let with = world.get("/.well-known/openid-configuration").await.json();
    assert_eq!(with["tls_client_certificate_bound_access_tokens"], true);
    assert!(methods(&with).contains("\"tls_client_auth\""));
    assert!(methods(&with).contains("\"self_signed_tls_client_auth\""));
    let aliases = &with["mtls_endpoint_aliases"];
    assert_eq!(aliases["token_endpoint"], "https://mtls.hub.example/token");
    assert_eq!(
        aliases["userinfo_endpoint"],
        "https://mtls.hub.example/userinfo"
    );
    for (member, path) in [
        ("device_authorization_endpoint", "device_authorization"),
        ("backchannel_authentication_endpoint", "bc-authorize"),
    ] {
        assert_eq!(aliases[member], format!("https://mtls.hub.example/{path}"));
    }
}
