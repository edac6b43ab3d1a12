//! `cargo xtask <task>`: what cargo lacks to look after this workspace.
//!
//! It imports none of our rooms, so it builds in seconds and works when they do not.
#![expect(
    clippy::print_stdout,
    reason = "a command line tool talks on standard output"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a development tool reads the tree and the environment; it is no part of the product"
)]

mod bench;
mod check;
mod fuzz;
mod machine;
mod run;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use workspace::Workspace;

const USAGE: &str = "\
usage: cargo xtask <task>

  check   formatting, clippy, documentation, tidy; puts in place what building needs, as test does
  test    every test and the fuzzer, after putting in place what a fresh machine lacks; or the tests named
  tidy    the rules of the house that no lint knows (part of check)
  fuzz    every fuzz target for a while: [seconds each] [targets]; part of test
  bench   the performance table; arguments after it go to the bench program";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next();
    let rest: Vec<String> = arguments.collect();
    let Some(task) = task else {
        println!("{USAGE}");
        return ExitCode::from(2);
    };
    let outcome = Workspace::open().and_then(|workspace| match task.as_str() {
        "check" => check::check(&workspace),
        "test" => test::test(&workspace, &rest),
        "tidy" => tidy::tidy(&workspace),
        "fuzz" => fuzz::fuzz(&workspace, &rest),
        "bench" => bench::bench(&workspace, &rest),
        other => anyhow::bail!("no task called `{other}`\n\n{USAGE}"),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\nxtask {task}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
