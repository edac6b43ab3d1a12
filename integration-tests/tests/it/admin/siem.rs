//! The audit log on its way to a SIEM: every entry at least once, in order, whatever happens in between.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use guichet_integration_tests::{MockProvider, RawClient, wait};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::interop::deployment::{Deployment, sign_in};

/// What a collector got; it takes nothing while it is full.
#[derive(Default)]
struct Collector {
    full: bool,
    sequences: Vec<u64>,
    text: String,
}

type Shared = Arc<Mutex<Collector>>;

async fn take(State(collector): State<Shared>, body: String) -> StatusCode {
    let mut collector = collector.lock().unwrap_or_else(PoisonError::into_inner);
    if collector.full {
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let sent: Value = serde_json::from_str(&body).unwrap_or_default();
    let records = &sent["resourceLogs"][0]["scopeLogs"][0]["logRecords"];
    for record in records.as_array().into_iter().flatten() {
        let sequence = &record["attributes"][0]["value"]["intValue"];
        let sequence = sequence.as_str().and_then(|text| text.parse().ok());
        collector.sequences.extend::<Option<u64>>(sequence);
    }
    collector.text.push_str(&body);
    StatusCode::OK
}

/// A collector at its address, as long as somebody has it.
struct Listening {
    collector: Shared,
    address: String,
    server: JoinHandle<std::io::Result<()>>,
}

impl Listening {
    async fn start() -> Result<Self> {
        let collector = Shared::default();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = format!("http://{}/v1/logs", listener.local_addr()?);
        let router = Router::new()
            .route("/v1/logs", post(take))
            .with_state(Arc::clone(&collector));
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self {
            collector,
            address,
            server,
        })
    }

    fn got(&self) -> MutexGuard<'_, Collector> {
        self.collector
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn fill(&self, full: bool) {
        self.got().full = full;
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[tokio::test]
async fn every_entry_reaches_the_collector_in_order_and_the_cursor_outlives_it() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("town");
    let deployment = Deployment::new(&[&service], &[&provider])?;
    let _node = deployment.start().await?;
    sign_in(&service, &deployment.issuer, &provider).await?;

    let collector = Listening::start().await?;
    let cursor = deployment.folder().join("cursor");
    let line = format!(
        "ledger export --format otlp-json --to {} --cursor {}",
        collector.address,
        cursor.display()
    );
    collector.fill(true);
    let refused = deployment.aside(&line).await?;
    ensure!(!refused.status.success(), "nobody took it");
    ensure!(!cursor.exists(), "nothing is done that was not taken");
    collector.fill(false);
    ensure!(deployment.aside(&line).await?.status.success());
    let before = std::fs::read_to_string(&cursor)?;
    sign_in(&service, &deployment.issuer, &provider).await?;
    ensure!(deployment.aside(&line).await?.status.success());
    let after = std::fs::read_to_string(&cursor)?;
    ensure!(after.trim().parse::<u64>()? > before.trim().parse::<u64>()?);

    let got = collector.got();
    let expected: Vec<u64> = (0..got.sequences.len() as u64).collect();
    ensure!(got.sequences == expected, "{:?}", got.sequences);
    ensure!(got.text.contains("token.issued") && !got.text.contains("QUELQUUN"));

    let cef = deployment.say("ledger export --format cef --from 0")?;
    ensure!(cef.lines().count() >= got.sequences.len());
    ensure!(
        cef.lines().all(|line| line.starts_with("CEF:0|Guichet|")),
        "{cef}"
    );
    let first = cef.lines().find(|line| line.contains("|login.started|"));
    ensure!(first.context("no login")?.contains("guichetClient=town"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_of_the_settings_has_every_entry_though_it_and_the_node_fail() -> Result<()> {
    let collector = Listening::start().await?;
    let service = RawClient::new("town");
    let mut deployment = Deployment::new(&[&service], &[])?;
    let headers = deployment.folder().join("headers");
    std::fs::write(&headers, "Authorization: Bearer for-one-test-run\n")?;
    deployment.environment = vec![
        (
            "GUICHET__LEDGER__COLLECTOR".to_owned(),
            collector.address.clone(),
        ),
        (
            "GUICHET__LEDGER__COLLECTOR_HEADERS".to_owned(),
            headers.display().to_string(),
        ),
    ];
    collector.fill(true);
    let mut node = deployment.start().await?;
    deployment.say("switch off client:town --reason an-incident")?;
    node.kill()?;
    deployment.say("switch on client:town --reason it-is-over-now")?;
    node.start_again().await?;
    collector.fill(false);
    let got = wait::until("both switches", async || {
        let collector = collector.got();
        let both = ["switch.off", "switch.on"];
        let has_both = both.iter().all(|kind| collector.text.contains(kind));
        has_both.then(|| collector.sequences.clone())
    })
    .await?;
    let mut once = got.clone();
    once.dedup();
    let expected: Vec<u64> = (0..once.len() as u64).collect();
    ensure!(once == expected, "in order, none left out: {got:?}");
    let shown = deployment.say("config show")?;
    ensure!(!shown.contains("for-one-test-run"), "{shown}");
    Ok(())
}
