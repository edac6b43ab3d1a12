//! `guichet client check` and `guichet client test`: what a client points to, looked at; and its software, tried
//! against a provider that plays false.

use anyhow::{Context as _, Result, bail};
use guichet_admin::tester::{Report, Verdict};
use guichet_admin::{Actor, Finding, look_at_client};
use guichet_domain::ClientTestId;
use guichet_domain::client::ClientDirectory as _;
use serde::Serialize;

use super::clients::drawer;
use super::office::Cabinet;
use super::{config, print};
use crate::cli::{ConfigArguments, Exit, Output};
use crate::node::documents::ClientDocuments;
use crate::node::houses::{self, HubOptions};
use crate::node::{Foundation, Ground};

/// Looks at what a client points to.
pub(super) async fn check(id: &str, arguments: &ConfigArguments) -> Result<Exit> {
    let cabinet = Cabinet::open(arguments).await?;
    let client = cabinet.desk(drawer).known(id).await?;
    let outside = ClientDocuments(cabinet.outgoing.clone());
    let found = look_at_client(&outside, &client).await;
    match arguments.output {
        Output::Json => print::json(&found)?,
        Output::Text => {
            let row = |it: &Finding| [it.member.to_owned(), it.about.clone(), it.found.to_owned()];
            print::table(["MEMBER", "WHAT", "FOUND"], found.iter().map(row))?;
        }
    }
    cabinet.close().await?;
    Ok(ended(!found.iter().any(|it| it.is_wrong)))
}

/// Begins a test, or tells of one.
pub(super) async fn test(
    id: &str,
    run: Option<ClientTestId>,
    arguments: &ConfigArguments,
) -> Result<Exit> {
    let settings = config::load(arguments)?.settings;
    let foundation = Ground::of(&settings)?.visit().await?;
    let tester = houses::hub(&foundation, HubOptions::of(&settings)?)?.tester;
    let exit = match run {
        None => {
            let client = foundation.registry.client(id);
            let client = client.with_context(|| format!("there is no client {id}"))?;
            let begun = tester.begin(&client, &Actor::CommandLine).await?;
            match arguments.output {
                Output::Json => print::json(&begun)?,
                Output::Text => print::line(&format!(
                    "test {}: point the software of {} to the issuer\n  {}\nuntil {}; any secret is taken",
                    begun.id, begun.client_id, begun.issuer, begun.expires,
                ))?,
            }
            Exit::Done
        }
        Some(run) => {
            let report = tester.report(run).await?;
            let Some(report) = report.filter(|report| report.client_id == id) else {
                bail!("there is no test {run} of {id}");
            };
            tell(&report, arguments.output)?;
            ended(report.verdict == Verdict::Passed)
        }
    };
    close(foundation).await?;
    Ok(exit)
}

fn tell(report: &Report, output: Output) -> Result<()> {
    if output == Output::Json {
        return print::json(report);
    }
    let rows = report.cases.iter().map(|case| {
        let (verdict, reason) = (word(&case.verdict), word(&case.reason));
        [case.case.as_str().to_owned(), verdict, reason]
    });
    print::table(["CASE", "VERDICT", "REASON"], rows)
}

/// A word of ours, as programs read it.
fn word(of: &impl Serialize) -> String {
    let value = serde_json::to_value(of).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

async fn close(foundation: Foundation) -> Result<()> {
    foundation.ledger.flush().await?;
    foundation.durable.close().await;
    Ok(())
}

const fn ended(well: bool) -> Exit {
    if well { Exit::Done } else { Exit::Failed }
}
