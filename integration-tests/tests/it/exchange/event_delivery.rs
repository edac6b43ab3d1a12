//! Events of a node whose parties are away, fetch by themselves, or are somebody else.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use guichet_integration_tests::http_citizen::shared_client;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::keys::{header_of, verified};
use guichet_integration_tests::machine::free_port;
use guichet_integration_tests::node_settings::toml;
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider, Node, RawClient, wait};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::events::press_in_list;
use super::walk::has;
use crate::interop::deployment::Deployment;

/// A node, a service of the test's own, and a data provider that shows nothing ahead.
struct Town {
    deployment: Deployment,
    node: Node,
    provider: MockProvider,
    service: RawClient,
}

impl Town {
    /// The service hears of events at `events_uri`, or fetches them.
    async fn set(events_uri: Option<&str>) -> Result<Self> {
        let provider = MockProvider::start("mock").await?;
        let (service, holder) = (RawClient::new("ville"), RawClient::new("famille"));
        let mut deployment = Deployment::new(&[], &[&provider])?;
        let right = json!({
            "evidence_type": "quotient-familial", "fields": ["quotient"], "purposes": ["tarif-cantine"],
        });
        let mut metadata = service.metadata_with(&json!({ "evidence_rights": [right] }));
        if let Some(uri) = events_uri {
            metadata["events_uri"] = uri.into();
        }
        let client = json!({ "scope": "openid", "sector": "data-provider:famille" });
        deployment.clients = vec![metadata, holder.metadata_with(&client)];
        let place = json!({
            "id": "famille", "name": "Famille", "client_id": "famille", "preview": "none",
            "evidence_endpoint": "http://127.0.0.1:9/evidence", "evidence": ["quotient-familial"],
        });
        "[[data_providers]]\n".clone_into(&mut deployment.further);
        for (name, value) in place.as_object().into_iter().flatten() {
            let _ = writeln!(deployment.further, "{name} = {}", toml(value));
        }
        Ok(Self {
            node: deployment.start().await?,
            deployment,
            provider,
            service,
        })
    }

    /// A citizen agrees to something and takes it back.
    async fn takes_back(&self) -> Result<HttpCitizen> {
        let issuer = &self.deployment.issuer;
        let detail = json!([{
            "type": "evidence", "evidence_type": "quotient-familial", "purpose": "tarif-cantine",
        }]);
        let attempt = self.service.attempt(issuer)?;
        let attempt = attempt.with("authorization_details", &detail.to_string());
        let mut citizen = self.service.citizen();
        let journey = citizen.visit(&attempt.url());
        journey.choose(&self.provider.button()).agree().await?;
        if !has(&citizen.look().await?, "send") {
            citizen.press(&Control::Id("look")).await?;
        }
        citizen.press(&Control::Id("send")).await?;
        press_in_list(&mut citizen, issuer, "end-").await?;
        Ok(citizen)
    }

    /// Asks for events as `client`.
    async fn poll(&self, client: &RawClient, asked: &Value) -> Result<Answer> {
        let request = shared_client()
            .post(format!("{}/exchange/events", self.deployment.issuer))
            .basic_auth(&client.client_id, Some(&client.client_secret))
            .json(asked);
        Answer::of(request).await
    }

    async fn keys(&self) -> Result<Value> {
        let keys = shared_client().get(format!("{}/jwks", self.deployment.issuer));
        Ok(Answer::of(keys).await?.json)
    }
}

/// A letter that a node had in hand when it died is anybody's again after this.
const IN_HAND: Duration = Duration::from_mins(1);

type Came = Arc<Mutex<Vec<String>>>;

/// A service's address for events, on a port of its own.
struct Inbox {
    came: Came,
    server: JoinHandle<()>,
}

impl Inbox {
    async fn at(port: u16) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let came = Came::default();
        let take = |State(came): State<Came>, token: String| async move {
            let mut came = came.lock().unwrap_or_else(PoisonError::into_inner);
            came.push(token);
            StatusCode::ACCEPTED
        };
        let routes = Router::new()
            .route("/events", post(take))
            .with_state(Arc::clone(&came));
        let server = tokio::spawn(async move {
            // Ends when the test does.
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { came, server })
    }

    async fn first(&self) -> Result<String> {
        wait::for_long(IN_HAND, "an event", async || {
            let came = self.came.lock().unwrap_or_else(PoisonError::into_inner);
            came.first().cloned()
        })
        .await
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[tokio::test]
async fn an_event_outlives_a_service_that_is_down_and_a_node_that_is_killed() -> Result<()> {
    let port = free_port()?;
    let mut town = Town::set(Some(&format!("http://127.0.0.1:{port}/events"))).await?;
    town.takes_back().await?;
    town.node.kill()?;
    town.node.start_again().await?;
    let inbox = Inbox::at(port).await?;
    let token = inbox.first().await?;
    assert_eq!(header_of(&token)?["typ"], "secevent+jwt");
    let claims = verified(&token, &town.keys().await?)?;
    assert_eq!(claims["iss"], town.deployment.issuer);
    assert_eq!(claims["aud"], "ville");
    let event = &claims["events"]["urn:guichet:event:grant-revoked"];
    assert_eq!(event["how"], "revoked");
    for absent in ["exp", "sub", "nonce"] {
        assert_eq!(claims.get(absent), None::<&Value>, "{absent}");
    }
    Ok(())
}

#[tokio::test]
async fn a_service_without_an_address_fetches_its_events_and_says_which_it_has() -> Result<()> {
    let mut town = Town::set(None).await?;
    town.takes_back().await?;
    town.takes_back().await?;
    let one = json!({"maxEvents": 1, "returnImmediately": true});
    let first = town.poll(&town.service, &one).await?;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.json["moreAvailable"], true);
    let (name, token) = only(&first)?;
    let claims = verified(&token, &town.keys().await?)?;
    assert_eq!(claims["jti"], name.as_str());
    assert_eq!(claims["aud"], "ville");

    // Nobody else fetches or acknowledges them.
    let acknowledged = json!({"maxEvents": 0, "ack": [name]});
    let elsewhere = json!({"returnImmediately": true, "ack": [name]});
    let elsewhere = town.poll(&RawClient::new("famille"), &elsewhere).await?;
    assert_eq!(elsewhere.json["sets"], json!({}));
    let mut liar = town.service.clone();
    liar.client_secret = "a guess".to_owned();
    assert_eq!(town.poll(&liar, &acknowledged).await?.status, 401);
    let issuer = &town.deployment.issuer;
    let nobody = shared_client().post(format!("{issuer}/exchange/events?client_id=ville"));
    assert_eq!(Answer::of(nobody.json(&one)).await?.status, 401);
    let no_ask = town.poll(&town.service, &json!("no object")).await?;
    assert_eq!(no_ask.status, 400);
    assert_eq!(no_ask.error(), "invalid_request");

    // Until it is acknowledged it is there, whatever happens to the node.
    town.node.kill()?;
    town.node.start_again().await?;
    assert_eq!(only(&town.poll(&town.service, &one).await?)?.0, name);
    town.poll(&town.service, &acknowledged).await?;
    let second = town.poll(&town.service, &one).await?;
    assert_eq!(second.json["moreAvailable"], false);
    let (other, _) = only(&second)?;
    assert_ne!(other, name);
    let error = json!({"err": "invalid_key", "description": "?"});
    let refused = json!({"returnImmediately": true, "setErrs": {other.as_str(): error}});
    let none = town.poll(&town.service, &refused).await?;
    assert_eq!(none.json["sets"], json!({}));
    Ok(())
}

/// The one token of an answer, and its name.
fn only(answer: &Answer) -> Result<(String, String)> {
    let sets = answer.json["sets"].as_object();
    let sets = sets.with_context(|| answer.body.clone())?;
    ensure!(sets.len() == 1, "{}", answer.body);
    let (name, token) = sets.iter().next().context("one")?;
    Ok((name.clone(), token.as_str().context("a text")?.to_owned()))
}
