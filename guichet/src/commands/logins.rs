//! `guichet login simulate`: what would happen, rule by rule, as the records are now. How providers do is known
//! to running nodes alone: here they all answer.

use std::path::Path;

use anyhow::Result;
use guichet_admin::SimulationMetadata;
use guichet_domain::client::ClientDirectory as _;
use guichet_domain::simulation::{Simulation, Verdict};

use super::office::read;
use super::{config, print};
use crate::cli::{ConfigArguments, Exit, LoginCommand, Output};
use crate::node::Ground;
use crate::node::houses::{self, HubOptions};

/// Runs the command.
pub(crate) async fn run(command: LoginCommand) -> Result<Exit> {
    let LoginCommand::Simulate {
        client,
        provider,
        level,
        claims,
        parameters,
        config,
    } = command;
    let wanted = SimulationMetadata {
        client_id: client,
        provider,
        level,
        claims: claims
            .as_deref()
            .map(|file: &Path| read(file))
            .transpose()?,
        parameters: parameters.into_iter().collect(),
    };
    let simulation = simulate(&wanted, &config).await?;
    match config.output {
        Output::Json => print::json(&simulation)?,
        Output::Text => in_words(&simulation)?,
    }
    Ok(if simulation.signs_in {
        Exit::Done
    } else {
        Exit::Failed
    })
}

async fn simulate(wanted: &SimulationMetadata, arguments: &ConfigArguments) -> Result<Simulation> {
    let settings = config::load(arguments)?.settings;
    let foundation = Ground::of(&settings)?.visit().await?;
    let house = houses::hub(&foundation, HubOptions::of(&settings)?)?;
    let client = foundation.registry.client(&wanted.client_id);
    let simulation = house.hub.simulate(&wanted.rehearsal(client.as_deref())?);
    foundation.ledger.flush().await?;
    foundation.durable.close().await;
    Ok(simulation)
}

fn in_words(simulation: &Simulation) -> Result<()> {
    let rows = simulation.rules.iter().map(|rule| {
        let verdict = match rule.verdict {
            Verdict::Passes => "passes",
            Verdict::Stops => "STOPS",
            Verdict::Tells => "",
        };
        [rule.rule.to_owned(), verdict.to_owned(), rule.says.clone()]
    });
    print::table(["RULE", "", "SAYS"], rows)
}
