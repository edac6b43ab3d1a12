//! The one binary: reads settings, builds the rooms, runs a sub-command.

mod cli;
mod clock;
mod commands;
mod limit;
mod listen;
mod node;
mod observe;
mod socketmap;
mod tls;

use std::process::ExitCode;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // One TLS provider for the whole process, decided here once.
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        complain("another TLS provider was installed first");
        return cli::Exit::Failed.into();
    }
    let arguments = match cli::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            complain(&format!("the runtime does not start: {error}"));
            return cli::Exit::Failed.into();
        }
    };
    match runtime.block_on(commands::run(arguments)) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let exit = cli::Exit::of(&error);
            complain(&format!("{error:#}"));
            exit.into()
        }
    }
}

/// Says why a command failed, where a person or a service manager looks.
#[expect(clippy::print_stderr, reason = "the last word of a command line")]
fn complain(message: &str) {
    eprintln!("guichet: {message}");
}
