//! `cargo xtask bench`: the performance table, from a build that is optimised.

use anyhow::Result;

use crate::run::{command, run};
use crate::workspace::Workspace;

/// Builds the product and the bench program with the `quick` profile, then runs the bench with `arguments`.
pub(crate) fn bench(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    // The whole workspace, so that features are those of every other build and nothing compiles twice.
    run(&mut command(
        &workspace.root,
        "cargo build --workspace --bins --profile quick --locked",
    ))?;
    run(&mut command(
        &workspace.root,
        "cargo build --workspace --examples --profile quick --locked",
    ))?;
    let quick = workspace.target.join("quick");
    let mut bench = command(&workspace.root, &quick.join("bench").to_string_lossy());
    run(bench
        .args(arguments)
        .env("GUICHET_BIN", quick.join("guichet"))
        .env("GUICHET_LEDGER_COST", quick.join("examples/ledger_cost")))
}
