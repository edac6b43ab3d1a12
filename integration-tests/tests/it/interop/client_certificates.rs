//! Services that come with a certificate to the hub's own TLS listener (RFC 8705), over real connections.

use anyhow::{Context as _, Result};
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::machine::{free_port, install_tls, root};
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{Hands as _, MockProvider, RawClient};
use reqwest::{Certificate, Client, Identity};
use serde_json::{Value, json};

use super::deployment::Deployment;

const AUTHORITY: &[u8] = include_bytes!("fixtures/authority.pem");
const CLIENT: &str = include_str!("fixtures/client.pem");
const OTHER: &str = include_str!("fixtures/other.pem");
/// Says the same name as `CLIENT`, on nobody's word but its own.
const SELF_SIGNED: &str = include_str!("fixtures/self_signed.pem");

#[tokio::test]
async fn a_service_is_known_by_the_certificate_of_its_connection() -> Result<()> {
    let tls = free_port()?;
    let base = format!("https://localhost:{tls}");
    let mut deployment = Deployment::new(&[], &[])?;
    deployment.clients = certified()?;
    deployment.further = listening(tls);
    let _node = deployment.start().await?;

    let plain = deployment.issuer.clone();
    let discovery = format!("{plain}/.well-known/openid-configuration");
    let metadata: Value = client(None)?.get(discovery).send().await?.json().await?;
    let alias = &metadata["mtls_endpoint_aliases"]["token_endpoint"];
    assert_eq!(*alias, format!("{base}/token"));

    let (named, own) = ("certified", "self-certified");
    for (what, certificate, service, at, error) in [
        ("its own", Some(CLIENT), named, &base, "invalid_grant"),
        ("another's", Some(OTHER), named, &base, "invalid_client"),
        (
            "nobody's word",
            Some(SELF_SIGNED),
            named,
            &base,
            "invalid_client",
        ),
        ("none", None, named, &base, "invalid_client"),
        ("no TLS", None, named, &plain, "invalid_client"),
        (
            "the registered one",
            Some(SELF_SIGNED),
            own,
            &base,
            "invalid_grant",
        ),
        (
            "one not registered",
            Some(CLIENT),
            own,
            &base,
            "invalid_client",
        ),
    ] {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", "x"),
            ("redirect_uri", "https://service.example/callback"),
            ("client_id", service),
        ];
        let request = client(certificate)?.post(format!("{at}/token")).form(&form);
        let answer: Value = request.send().await?.json().await?;
        // Authenticated, it is the code that is refused.
        assert_eq!(answer["error"], error, "{service}, {what}: {answer}");
    }
    Ok(())
}

/// FAPI 2.0 with mutual TLS: pushed, redeemed and used over the client's own certificate.
#[tokio::test]
async fn a_token_is_good_over_the_certificate_it_was_issued_to_and_over_no_other() -> Result<()> {
    let (provider, tls) = (MockProvider::start("mock").await?, free_port()?);
    let (service, base) = (RawClient::new("bound"), format!("https://localhost:{tls}"));
    let mut deployment = Deployment::new(&[], &[&provider])?;
    deployment.clients = vec![json!({
        "client_id": service.client_id, "redirect_uris": [service.redirect_uri], "profile": "fapi2",
        "token_endpoint_auth_method": "tls_client_auth",
        "tls_client_auth_subject_dn": "CN=client.example, C=FR",
        "tls_client_certificate_bound_access_tokens": true, "scope": "openid given_name",
    })];
    deployment.further = listening(tls);
    let _node = deployment.start().await?;
    let (own, other, none) = (client(Some(CLIENT))?, client(Some(OTHER))?, client(None)?);

    let attempt = service.attempt(&deployment.issuer)?;
    let attempt = attempt.with("scope", "openid given_name");
    let push = async |by: &Client| {
        let request = by.post(format!("{base}/par")).form(attempt.parameters());
        Answer::of(request).await
    };
    for stranger in [&other, &none] {
        let refused = push(stranger).await?;
        assert_eq!((refused.status, refused.error()), (401, "invalid_client"));
    }
    let pushed = push(&own).await?;
    assert_eq!(pushed.status, 201, "{}", pushed.body);
    let query = [
        ("client_id", service.client_id.as_str()),
        ("request_uri", pushed.text("request_uri")),
    ];
    let address = format!("{}/authorize", deployment.issuer);
    let address = reqwest::Url::parse_with_params(&address, query)?;
    let mut citizen = service.citizen();
    let journey = citizen.visit(address.as_str()).choose(&provider.button());
    let view = journey.agree().await?;
    let code = parameter(&view.url, "code").with_context(|| format!("no code: {view}"))?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &service.redirect_uri),
        ("code_verifier", &attempt.verifier),
        ("client_id", &service.client_id),
    ];
    let tokens = Answer::of(own.post(format!("{base}/token")).form(&form)).await?;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let token = tokens.text("access_token");
    for (what, by, at, status) in [
        ("its own", &own, &base, 200),
        ("another's", &other, &base, 401),
        ("none", &none, &base, 401),
        ("no TLS", &own, &deployment.issuer, 401),
    ] {
        let asked = by.get(format!("{at}/userinfo")).bearer_auth(token);
        let answer = Answer::of(asked).await?;
        assert_eq!(answer.status, status, "{what}: {}", answer.body);
    }
    Ok(())
}

/// A client that trusts the tests' authority and presents this certificate.
#[expect(clippy::disallowed_methods, reason = "a client of the tests")]
fn client(certificate: Option<&str>) -> Result<Client> {
    install_tls();
    let authority = Certificate::from_pem(AUTHORITY)?;
    let mut builder = Client::builder().tls_certs_only([authority]);
    if let Some(certificate) = certificate {
        builder = builder.identity(Identity::from_pem(certificate.as_bytes())?);
    }
    Ok(builder.build()?)
}

/// The settings of a TLS listener that asks for certificates.
fn listening(tls: u16) -> String {
    let fixtures = root().join("integration-tests/tests/it/interop/fixtures");
    let fixtures = fixtures.display();
    format!(
        r#"
[tls]
listen = "127.0.0.1:{tls}"
certificate = "{fixtures}/hub.pem"
key = "{fixtures}/hub.key"

[client_certificates]
ask = true
authorities = ["{fixtures}/authority.pem"]
address = "https://localhost:{tls}"
"#
    )
}

/// A service known by the name in its certificate, and one known by the certificate itself.
fn certified() -> Result<Vec<Value>> {
    let own = SELF_SIGNED.split("-----").nth(2);
    let own = own.context("no certificate")?.replace('\n', "");
    let redirect_uris = ["https://service.example/callback"];
    Ok(vec![
        json!({
            "client_id": "certified", "redirect_uris": redirect_uris,
            "token_endpoint_auth_method": "tls_client_auth",
            "tls_client_auth_subject_dn": "CN=client.example, C=FR",
        }),
        json!({
            "client_id": "self-certified", "redirect_uris": redirect_uris,
            "token_endpoint_auth_method": "self_signed_tls_client_auth",
            "jwks": { "keys": [{ "kty": "EC", "x5c": [own] }] },
        }),
    ])
}
