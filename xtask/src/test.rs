//! `cargo xtask test`: every test of the workspace, with the real servers, browser and peers they need.

use anyhow::Result;

use crate::run::{command, run};
use crate::workspace::Workspace;
use crate::{fuzz, machine};

/// Puts the machine in order, builds once, then runs every test and the fuzzer. `arguments` go to `cargo
/// test`; who names a few tests gets those.
pub(crate) fn test(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    machine::prepare_to_test(workspace)?;
    // `--all-targets` also builds the `guichet` binary that the tests drive, with the same features.
    run(&mut command(
        &workspace.root,
        "cargo build --workspace --all-targets --locked",
    ))?;
    let mut tests = command(
        &workspace.root,
        "cargo test --workspace --no-fail-fast --locked",
    );
    tests
        .args(arguments)
        .env("GUICHET_BIN", workspace.target.join("debug/guichet"));
    // A failing test says what it saw; where it stood in the runtime helps nobody.
    tests.env("RUST_LIB_BACKTRACE", "0");
    run(&mut tests)?;
    if arguments.is_empty() {
        fuzz::fuzz(workspace, &[])?;
    }
    Ok(())
}
