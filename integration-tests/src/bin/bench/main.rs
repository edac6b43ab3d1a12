//! `bench`: what a login costs, beside the least it can cost on the same machine in the same run.
//!
//! `cargo xtask bench` builds and runs it. The product (`guichet serve`) and a floor program (`bench floor`, the same
//! work with nothing around it) are walked by the same load, against the same stub of an identity provider, turn by
//! turn. `plan` says what is measured; `docs/performance.md` is what it writes. `bench console` is apart: the console with
//! ten thousand services.
#![expect(
    clippy::disallowed_methods,
    reason = "a bench reads clocks, environment and files, and makes plain HTTP clients; it is no part of the product"
)]
#![expect(
    clippy::print_stdout,
    reason = "a command line tool talks on standard output"
)]

mod connection;
mod console;
mod contestant;
mod document;
mod floor;
mod gauge;
mod ledger_alone;
mod options;
mod plan;
mod product;
mod results;
mod stub_provider;
mod walker;

use anyhow::Result;

use crate::options::Options;

/// The product's allocator, so that the floor has it too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<()> {
    guichet_integration_tests::machine::install_tls();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // The runtime the product has.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    match arguments.split_first() {
        Some((mode, rest)) if mode == "floor" => runtime.block_on(floor::serve(rest)),
        Some((mode, _)) if mode == "console" => runtime.block_on(console::run()),
        _ => runtime.block_on(plan::run(&Options::read(&arguments)?)),
    }
}
