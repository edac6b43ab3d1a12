//! Where a node can be made to call (threat N-41).

use std::net::TcpListener;

use anyhow::Result;
use guichet_integration_tests::controls::CONFIRM_SIGN_OUT;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::keys::SigningKey;
use guichet_integration_tests::wait::until;
use guichet_integration_tests::{Hands, MockProvider, NodeSettings, RawClient};
use serde_json::{Value, json};

use super::stage::must_be_inert;

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one node meets every address that somebody else names"
)]
async fn addresses_inside_are_not_called_whoever_registered_them() -> Result<()> {
    // Two neighbours of the node, and the one network it may reach.
    let neighbour = TcpListener::bind("127.0.0.3:0")?;
    let behind = TcpListener::bind("127.0.0.2:0")?;
    let allowed = TcpListener::bind("127.0.0.1:0")?;
    for listener in [&neighbour, &behind, &allowed] {
        listener.set_nonblocking(true)?;
    }
    let port = neighbour.local_addr()?.port();
    let inside = [
        format!("http://127.0.0.3:{port}"),
        format!("https://127.0.0.3:{port}"),
        format!("https://localhost:{port}"),
        format!("http://[::ffff:7f00:3]:{port}"),
        "http://169.254.169.254".to_owned(),
        "https://10.0.0.1".to_owned(),
        "https://[fd00::1]".to_owned(),
    ];
    let honest = MockProvider::start("honest").await?;
    let mut providers = vec![honest.registration()];
    for (number, issuer) in inside.iter().enumerate() {
        let mut registration = honest.registration();
        registration["id"] = json!(format!("inside-{number}"));
        registration["name"] = json!(format!("Inside {number}"));
        registration["issuer"] = json!(issuer);
        providers.push(registration);
    }
    let client = |name: &str, notified: Option<&TcpListener>| -> Result<(RawClient, Value)> {
        let client = RawClient::new(name);
        let mut metadata = client.metadata();
        if let Some(listener) = notified {
            metadata["backchannel_logout_uri"] =
                json!(format!("http://{}/logout", listener.local_addr()?));
        }
        Ok((client, metadata))
    };
    let (told, told_metadata) = client("told", Some(&allowed))?;
    let (attacker, attacker_metadata) = client("attacker", Some(&behind))?;
    let (service, service_metadata) = client("service", None)?;
    let publishers = publishers(&inside);
    let settings = NodeSettings {
        clients: [told_metadata, attacker_metadata, service_metadata]
            .into_iter()
            .chain(publishers)
            .collect(),
        providers,
        ..NodeSettings::new()?
    };
    let mut node = settings.start().await?;
    let hub = settings.issuer.as_str();

    for (number, issuer) in inside.iter().enumerate() {
        let mut citizen = service.citizen();
        let view = citizen
            .visit(&service.attempt(hub)?.url())
            .choose(&format!("Inside {number}"))
            .await?;
        assert!(view.url.path().ends_with("/provider"), "{issuer}: {view}");
        // 502, not 504: it was not even tried.
        assert_eq!(view.status, Some(502), "{issuer}: {view}");
        must_be_inert(citizen.page()?);
    }
    for number in 0..inside.len() {
        // Signed by anyone: the keys to verify it with are what would have to be fetched.
        let name = format!("publisher-{number}");
        let claims =
            json!({ "iss": name, "sub": name, "aud": hub, "jti": "a", "exp": 9_999_999_999_u64 });
        let assertion = SigningKey::generate("any")?.sign(&claims)?;
        let form = [
            ("grant_type", "authorization_code"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &assertion),
        ];
        let answer = service.token_unauthenticated(hub, &form).await?;
        assert_eq!(answer.error(), "invalid_client", "{}", answer.body);
    }
    assert!(neighbour.accept().is_err(), "the neighbour was called");

    // Three services of one session; the third signs out, the two others are to be told.
    let mut citizen = service.citizen();
    for party in [&told, &attacker, &service] {
        citizen = citizen.stopping_at(&party.redirect_uri);
        let view = citizen.visit(&party.attempt(hub)?.url()).await?;
        if view.url.path().ends_with("/provider") {
            citizen.here().choose(&honest.button()).await?;
        }
        let view = citizen.here().agree().await?;
        assert!(parameter(&view.url, "code").is_some(), "{view}");
    }
    citizen
        .visit(&format!("{hub}/session/end"))
        .press(CONFIRM_SIGN_OUT)
        .await?;
    until("the notice to the service that may be told", async || {
        allowed.accept().ok()
    })
    .await?;
    node.process
        .until(async |log| {
            (log.contains("did not arrive") && log.contains("attacker")).then_some(())
        })
        .await?;
    assert!(
        behind.accept().is_err(),
        "the hub called its neighbour for a service"
    );
    Ok(())
}

/// Services whose keys are to be fetched from these addresses.
fn publishers(addresses: &[String]) -> Vec<Value> {
    let numbered = addresses.iter().enumerate();
    numbered
        .map(|(number, address)| {
            let mut metadata = RawClient::new(&format!("publisher-{number}")).metadata();
            metadata["token_endpoint_auth_method"] = json!("private_key_jwt");
            metadata["jwks_uri"] = json!(format!("{address}/jwks"));
            metadata
        })
        .collect()
}
