//! `cargo xtask check`: everything that can be said about the code without running it. What it takes to
//! build is put in place first, or named.

use anyhow::Result;

use crate::run::{command, run};
use crate::workspace::Workspace;
use crate::{machine, tidy};

/// Formatting, lints, documentation and tidy; the first that fails ends the check.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    machine::prepare_to_build(workspace)?;
    run(&mut command(&workspace.root, "cargo fmt --all --check"))?;
    tidy::tidy(workspace)?;
    run(&mut command(
        &workspace.root,
        "cargo clippy --workspace --all-targets --features guichet-fuzz/fuzzer --locked -- -D warnings",
    ))?;
    let mut doc = command(
        &workspace.root,
        "cargo doc --workspace --no-deps --document-private-items --locked",
    );
    run(doc.env("RUSTDOCFLAGS", "-D warnings"))?;
    println!("\nxtask check: all is well");
    Ok(())
}
