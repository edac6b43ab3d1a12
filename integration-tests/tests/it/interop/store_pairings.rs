//! `guichet serve` on each pairing of stores, and two nodes that share one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use guichet_integration_tests::keys::{claims_of, header_of};
use guichet_integration_tests::servers::{Postgres, Redis};
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider, RawClient};
use reqwest::header::{CONNECTION, HeaderValue};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::deployment::{Deployment, finish, sign_in};

#[tokio::test]
async fn a_login_on_sqlite_and_memory() -> Result<()> {
    login_on(None, None).await
}

#[tokio::test]
async fn a_login_on_sqlite_and_redis() -> Result<()> {
    login_on(None, Some(&Redis::start().await?)).await
}

#[tokio::test]
async fn a_login_on_postgres_and_memory() -> Result<()> {
    login_on(Some(&Postgres::start().await?), None).await
}

#[tokio::test]
async fn a_login_on_postgres_and_redis() -> Result<()> {
    let (postgres, redis) = (Postgres::start().await?, Redis::start().await?);
    login_on(Some(&postgres), Some(&redis)).await
}

/// A whole login, single sign-on, a restart, and a login under the same pseudonym.
async fn login_on(postgres: Option<&Postgres>, redis: Option<&Redis>) -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("paired");
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    if let Some(postgres) = postgres {
        deployment.durable = postgres.database("hub")?;
    }
    if let Some(redis) = redis {
        deployment.short_lived = redis.url();
    }
    let issuer = deployment.issuer.clone();
    let mut node = deployment.start().await?;
    let first = sign_in(&service, &issuer, &provider).await?;
    assert_eq!(first.userinfo.text("family_name"), "QUELQUUN");
    let id_token = claims_of(first.tokens.text("id_token"))?;
    assert_eq!(id_token["sub"], first.sub());

    // The session alone lets them in again: the provider is not asked.
    let asked = provider.requests().len();
    let attempt = service.attempt(&issuer)?;
    let mut citizen = first.citizen.clone();
    citizen.visit(&attempt.url()).agree().await?;
    let again = finish(&service, &issuer, citizen, &attempt).await?;
    assert_eq!(again.sub(), first.sub());
    assert_eq!(provider.requests().len(), asked);

    assert!(node.process.terminate().await?.success());
    node.start_again().await?;
    let third = sign_in(&service, &issuer, &provider).await?;
    assert_eq!(third.sub(), first.sub());
    deployment.say("ledger verify")?;

    if let Some(redis) = redis {
        // A node with memory for short-lived records would leave Redis empty.
        assert!(deployment.short_lived == redis.url() && keys_in(redis)? > 0);
    }
    if let Some(postgres) = postgres {
        assert_ne!(postgres.sql("hub", "SELECT count(*) FROM consent")?, "0");
    }
    Ok(())
}

#[tokio::test]
async fn every_step_of_a_login_may_be_on_another_node() -> Result<()> {
    let (postgres, redis) = (Postgres::start().await?, Redis::start().await?);
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("shared");
    let mut one = Deployment::new(&[&service], &[&provider])?;
    let mut two = Deployment::new(&[&service], &[&provider])?;
    let balancer = Balancer::start([one.port, two.port]).await?;
    let durable = postgres.database("hub")?;
    let keys = one.keys.clone();
    for deployment in [&mut one, &mut two] {
        deployment.issuer.clone_from(&balancer.issuer);
        deployment.durable.clone_from(&durable);
        deployment.short_lived = redis.url();
        deployment.keys.clone_from(&keys);
    }
    let mut first_node = one.start().await?;
    let _second_node = two.start().await?;

    // Each request goes to another node than the last.
    let attempt = service.attempt(&balancer.issuer)?;
    let mut citizen = restless(&service);
    let journey = citizen.visit(&attempt.url());
    journey.choose(&provider.button()).agree().await?;
    let turns = balancer.turns();
    assert!(turns >= 6, "only {turns} connections");
    let both = finish(&service, &balancer.issuer, citizen, &attempt).await?;

    // A login begun on one node outlives it.
    let attempt = service.attempt(&balancer.issuer)?;
    let mut citizen = restless(&service);
    balancer.only(0);
    citizen.visit(&attempt.url()).await?;
    first_node.kill()?;
    balancer.only(1);
    let journey = citizen.here().choose(&provider.button());
    journey.agree().await?;
    let survivor = finish(&service, &balancer.issuer, citizen, &attempt).await?;
    assert_eq!(survivor.sub(), both.sub());
    let kid = |tokens: &str| Ok::<_, anyhow::Error>(header_of(tokens)?["kid"].clone());
    assert_eq!(
        kid(survivor.tokens.text("id_token"))?,
        kid(both.tokens.text("id_token"))?
    );
    two.say("ledger verify")?;
    Ok(())
}

/// A citizen each of whose requests is a connection of its own.
fn restless(service: &RawClient) -> HttpCitizen {
    let mut citizen = service.citizen();
    citizen
        .headers
        .insert(CONNECTION, HeaderValue::from_static("close"));
    citizen
}

/// What stands before two nodes: each connection goes to the next one, or all to one.
struct Balancer {
    issuer: String,
    turn: Arc<AtomicUsize>,
    only: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

/// No node in particular.
const ANY: usize = usize::MAX;

impl Balancer {
    async fn start(nodes: [u16; 2]) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let issuer = format!("http://localhost:{}", listener.local_addr()?.port());
        let (turn, only) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicUsize::new(ANY)),
        );
        let (turns, fixed) = (Arc::clone(&turn), Arc::clone(&only));
        let server = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let next = turns.fetch_add(1, Ordering::Relaxed);
                let node = match fixed.load(Ordering::Relaxed) {
                    ANY => nodes[next % nodes.len()],
                    one => nodes[one],
                };
                tokio::spawn(async move {
                    let mut node = TcpStream::connect(("127.0.0.1", node)).await?;
                    // Either side may hang up whenever it likes.
                    copy_bidirectional(&mut client, &mut node).await
                });
            }
        });
        Ok(Self {
            issuer,
            turn,
            only,
            server,
        })
    }

    fn only(&self, node: usize) {
        self.only.store(node, Ordering::Relaxed);
    }

    fn turns(&self) -> usize {
        self.turn.load(Ordering::Relaxed)
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn keys_in(redis: &Redis) -> Result<usize> {
    let output = std::process::Command::new("redis-cli")
        .args(["-u", &redis.url(), "DBSIZE"])
        .output()?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}
