//! Where a node can be made to call (threat N-41).

use std::net::TcpListener;

use anyhow::{Context as _, Result};
use guichet_integration_tests::controls::CONFIRM_SIGN_OUT;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::keys::SigningKey;
use guichet_integration_tests::machine::free_port;
use guichet_integration_tests::wait::until;
use guichet_integration_tests::{Hands, MockProvider, Node, NodeSettings, RawClient};
use serde_json::{Value, json};

use super::stage::must_be_inert;

#[tokio::test]
async fn addresses_inside_are_not_called_whoever_registered_them() -> Result<()> {
    // One port at two addresses, out of the way of what other tests are given: the second address is what
    // `localhost` and an IPv4 address in IPv6 would lead to.
    let port = free_port()?;
    let neighbour = TcpListener::bind(("127.0.0.3", port))?;
    let own = TcpListener::bind(("127.0.0.1", port))?;
    let inside = [
        format!("http://127.0.0.3:{port}"),
        format!("https://127.0.0.3:{port}"),
        format!("https://localhost:{port}"),
        format!("http://[::ffff:7f00:3]:{port}"),
        "http://169.254.169.254".to_owned(),
        "https://10.0.0.1".to_owned(),
        "https://[fd00::1]".to_owned(),
    ];
    let service = RawClient::new("service");
    let mut settings = NodeSettings {
        clients: publishers(&inside),
        providers: named_inside(&inside).await?,
        // Nothing inside may be reached: not even this machine.
        reachable: Vec::new(),
        ..NodeSettings::new()?
    };
    settings.clients.push(service.metadata());
    let mut node = settings.start().await?;
    let hub = settings.issuer.as_str();

    for (number, issuer) in inside.iter().enumerate() {
        let mut citizen = service.citizen();
        let before = node.process.log().len();
        let view = citizen
            .visit(&service.attempt(hub)?.url())
            .choose(&format!("Inside {number}"))
            .await?;
        assert!(view.url.path().ends_with("/provider"), "{issuer}: {view}");
        assert_eq!(view.status, Some(502), "{issuer}: {view}");
        must_be_inert(citizen.page()?);
        let refused = [format!("inside-{number}"), "forbidden_address".to_owned()];
        until_logged(&mut node, before, &refused)
            .await
            .context(issuer.clone())?;
    }
    for (number, address) in inside.iter().enumerate() {
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
        let before = node.process.log().len();
        let answer = service.token_unauthenticated(hub, &form).await?;
        assert_eq!(answer.error(), "invalid_client", "{}", answer.body);
        let refused = [name, "not an address that may be called".to_owned()];
        until_logged(&mut node, before, &refused)
            .await
            .context(address.clone())?;
    }
    for listener in [neighbour, own] {
        listener.set_nonblocking(true)?;
        assert!(listener.accept().is_err(), "the hub called {listener:?}");
    }
    Ok(())
}

/// Three services of one session; the third signs out, the two others are to be told.
#[tokio::test]
async fn a_notice_goes_where_the_hub_may_call_and_nowhere_else() -> Result<()> {
    // A neighbour of the node, and the one network it may reach.
    let behind = TcpListener::bind("127.0.0.2:0")?;
    let allowed = TcpListener::bind("127.0.0.1:0")?;
    let provider = MockProvider::start("honest").await?;
    let [told, attacker, service] = ["told", "attacker", "service"].map(RawClient::new);
    let notified = |client: &RawClient, listener: &TcpListener| -> Result<Value> {
        listener.set_nonblocking(true)?;
        let address = format!("http://{}/logout", listener.local_addr()?);
        Ok(client.metadata_with(&json!({ "backchannel_logout_uri": address })))
    };
    let settings = NodeSettings {
        clients: vec![
            notified(&told, &allowed)?,
            notified(&attacker, &behind)?,
            service.metadata(),
        ],
        providers: vec![provider.registration()],
        ..NodeSettings::new()?
    };
    let mut node = settings.start().await?;
    let hub = settings.issuer.as_str();
    let mut citizen = service.citizen();
    for party in [&told, &attacker, &service] {
        citizen = citizen.stopping_at(&party.redirect_uri);
        let view = citizen.visit(&party.attempt(hub)?.url()).await?;
        if view.url.path().ends_with("/provider") {
            citizen.here().choose(&provider.button()).await?;
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
    let refused = ["attacker", "the egress policy refuses this address"];
    until_logged(&mut node, 0, &refused.map(str::to_owned)).await?;
    assert!(
        behind.accept().is_err(),
        "the hub called its neighbour for a service"
    );
    Ok(())
}

/// Waits for a line with all of these in it, in the log from this place on: what the node finds out by itself, when
/// it starts, does not count.
async fn until_logged(node: &mut Node, from: usize, words: &[String]) -> Result<()> {
    let is_there = async |log: &str| {
        let mut lines = log.get(from..)?.lines();
        lines
            .any(|line| words.iter().all(|word| line.contains(word)))
            .then_some(())
    };
    node.process.until(is_there).await
}

/// Providers at these addresses.
async fn named_inside(addresses: &[String]) -> Result<Vec<Value>> {
    let honest = MockProvider::start("honest").await?.registration();
    let numbered = addresses.iter().enumerate();
    let named = numbered.map(|(number, issuer)| {
        let mut registration = honest.clone();
        registration["id"] = json!(format!("inside-{number}"));
        registration["name"] = json!(format!("Inside {number}"));
        registration["issuer"] = json!(issuer);
        registration
    });
    Ok(named.collect())
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
