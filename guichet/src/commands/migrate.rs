//! `guichet migrate status|up`.

use anyhow::Result;

use super::{config, print};
use crate::cli::{Exit, MigrateCommand};
use crate::node::Ground;

/// Runs the command.
pub(crate) async fn run(command: MigrateCommand) -> Result<Exit> {
    let (arguments, up) = match command {
        MigrateCommand::Status(arguments) => (arguments, false),
        MigrateCommand::Up(arguments) => (arguments, true),
    };
    let durable = Ground::of(&config::load(&arguments)?.settings)?
        .durable()
        .await?;
    if up {
        durable.migrate_up().await?;
    }
    let status = durable.migrate_status().await?;
    let mut rows = vec![
        ["VERSION", "STATE", "WHAT IT BRINGS"]
            .map(str::to_owned)
            .to_vec(),
    ];
    rows.extend(status.iter().map(|one| {
        let state = if one.applied { "applied" } else { "pending" };
        vec![
            one.version.to_string(),
            state.to_owned(),
            one.description.to_owned(),
        ]
    }));
    print::columns(&rows)?;
    durable.close().await;
    Ok(if status.iter().all(|one| one.applied) {
        Exit::Done
    } else {
        Exit::Failed
    })
}
