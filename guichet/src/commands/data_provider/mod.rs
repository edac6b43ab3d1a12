//! `guichet data-provider list|show|add|set|disable|test`. The test grades a data provider before anybody
//! trusts it with a citizen.
//!
//! It plays both ends: the hub, whose keys and word the data provider believes (`played_hub.rs`),
//! and a service (`request.rs`). `cases.rs` is the table of what is tried; `envelope.rs` reads the one answer
//! that must be good.

mod cases;
mod envelope;
mod list;
mod played_hub;
mod request;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use guichet_admin::DataProviderRecords;
use guichet_web::{EgressPolicy, Outgoing};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::office::{self, Cabinet};
use super::print;
use crate::cli::{DataProviderCommand, DataProviderTest, Exit, Output};
use crate::listen;
use crate::node::declared;
use cases::CASES;
use played_hub::PlayedHub;
use request::Bench;

/// Runs the command. A test ends with 0 when every case is passed, with 1 otherwise.
pub(crate) async fn run(command: DataProviderCommand) -> Result<Exit> {
    match command {
        DataProviderCommand::Registered(command) => list::run(command).await,
        DataProviderCommand::Change(change) => Box::pin(office::change(change, drawer)).await,
        DataProviderCommand::Test(test) => run_test(*test).await,
    }
}

/// The data providers of a registry.
pub(super) fn drawer(cabinet: &Cabinet) -> (DataProviderRecords, Vec<String>) {
    let records = DataProviderRecords {
        registry: cabinet.registry(),
        coming: Vec::new(),
        fits: declared::is_its_own_client,
    };
    let declared = cabinet
        .books
        .settings
        .data_providers
        .iter()
        .map(|it| it.id.clone());
    (records, declared.collect())
}

async fn run_test(test: DataProviderTest) -> Result<Exit> {
    let listener = listen::bind(test.listen).await?;
    let output = test.output;
    let report = grade(test, listener).await?;
    match output {
        Output::Json => print::json(&report)?,
        Output::Text => print_table(&report)?,
    }
    Ok(if report.ok { Exit::Done } else { Exit::Failed })
}

/// How a data provider did.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    endpoint: String,
    ok: bool,
    grades: Vec<Grade>,
}

/// How it did in one case.
#[derive(Debug, Serialize)]
pub(crate) struct Grade {
    case: &'static str,
    ok: bool,
    expected: String,
    got: String,
}

/// Tries every case against the data provider, with the played hub behind `listener`.
async fn grade(test: DataProviderTest, listener: TcpListener) -> Result<Report> {
    let issuer = format!("http://{}", listener.local_addr()?);
    let hub = Arc::new(PlayedHub::new(issuer)?);
    let stop = CancellationToken::new();
    let serving = listen::serve(listener, played_hub::router(&hub), stop.clone(), GRACE);
    let serving = tokio::spawn(serving);
    let outgoing = Outgoing::new(EgressPolicy {
        allow_loopback: true,
        ..EgressPolicy::default()
    })?;
    let keys = outgoing.get_bytes(test.keys.as_str()).await;
    let keys = keys.with_context(|| format!("its keys cannot be fetched from {}", test.keys))?;
    let bench = Bench::new(test, hub, outgoing, &keys)?;
    let mut grades = Vec::new();
    for case in CASES {
        grades.push(bench.grade(case).await?);
    }
    grades.push(bench.grade_replay().await?);
    grades.push(bench.grade_race().await?);
    stop.cancel();
    serving.await?;
    Ok(Report {
        endpoint: bench.endpoint().to_string(),
        ok: grades.iter().all(|grade| grade.ok),
        grades,
    })
}

fn print_table(report: &Report) -> Result<()> {
    let row = |grade: &Grade| {
        let mark = if grade.ok { "✓" } else { "✗" };
        [
            mark.to_owned(),
            grade.case.to_owned(),
            grade.expected.clone(),
            grade.got.clone(),
        ]
    };
    print::table(
        ["", "case", "expected", "got"],
        report.grades.iter().map(row),
    )?;
    let passed = report.grades.iter().filter(|grade| grade.ok).count();
    print::line(&format!("{passed} of {} passed", report.grades.len()))
}

const GRACE: Duration = Duration::from_secs(1);
