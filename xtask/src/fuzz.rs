//! `cargo xtask fuzz`: every fuzz target for a bounded time, on the stable compiler.
//!
//! The flags are those of `cargo fuzz` without a sanitizer: the rooms forbid unsafe code, so what is
//! looked for are panics, broken promises, endless loops and memory without bound.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::run::{command, read, shown};
use crate::workspace::Workspace;

/// How long each target runs when nobody says, in seconds.
const SECONDS: u32 = 8;

/// How many run at a time.
const TOGETHER: usize = 2;

/// Builds the fuzzer and runs each target. Arguments: seconds for each, then names of targets (default:
/// all of them).
pub(crate) fn fuzz(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    let (seconds, names) = match arguments.split_first() {
        Some((first, rest)) if first.parse::<u32>().is_ok() => (first.parse()?, rest),
        _ => (SECONDS, arguments),
    };
    let bench = Bench {
        fuzzer: build(workspace)?,
        folder: workspace.root.join("fuzz"),
        kept: workspace.target.join("fuzz"),
        seconds,
    };
    let targets = match names {
        [] => bench.targets()?,
        asked_for => asked_for.to_vec(),
    };
    let mut finds = Vec::new();
    for together in targets.chunks(TOGETHER) {
        let ends: Vec<Result<()>> = thread::scope(|scope| {
            let running: Vec<_> = together
                .iter()
                .map(|target| scope.spawn(|| bench.run(target)))
                .collect();
            let ends = running.into_iter().map(thread::ScopedJoinHandle::join);
            ends.map(|end| end.unwrap_or_else(|_| bail!("a fuzzer was lost")))
                .collect()
        });
        finds.extend(ends.into_iter().filter_map(Result::err));
    }
    for find in &finds {
        println!("\n{find:#}");
    }
    match finds.len() {
        0 => Ok(()),
        count => bail!("{count} target(s) found something"),
    }
}

/// Builds the fuzzer as one more test of the workspace, so that all it depends on is what other tests
/// were built with; only our own rooms are compiled anew, with what the wrapper adds.
fn build(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = command(
        &workspace.root,
        "cargo test --workspace --no-run --locked --test fuzz --features guichet-fuzz/fuzzer --message-format json-render-diagnostics",
    );
    let wrapper = workspace.root.join("fuzz/instrumented.sh");
    cargo.env("RUSTC_WORKSPACE_WRAPPER", wrapper);
    println!("\n$ {}", shown(&cargo));
    let output = cargo.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        bail!("the fuzzer could not be built");
    }
    let told = String::from_utf8(output.stdout)?;
    executable(&told).context("cargo names no fuzzer")
}

/// The test `fuzz` among cargo's messages.
fn executable(messages: &str) -> Option<PathBuf> {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let is_fuzzer = |message: &Value| message["target"]["name"] == "fuzz";
    let mut fuzzers = messages.filter(is_fuzzer);
    fuzzers.find_map(|message| message["executable"].as_str().map(PathBuf::from))
}

/// What a run of the fuzzer needs.
struct Bench {
    fuzzer: PathBuf,
    /// The seeds and the words.
    folder: PathBuf,
    /// Where inputs worth keeping lie, from run to run.
    kept: PathBuf,
    seconds: u32,
}

impl Bench {
    /// The fuzzer knows which targets there are.
    fn targets(&self) -> Result<Vec<String>> {
        let told = read(&mut Command::new(&self.fuzzer))?;
        Ok(told.lines().map(str::to_owned).collect())
    }

    /// Runs one target; on a find, says which bytes bring it back.
    fn run(&self, target: &str) -> Result<()> {
        let corpus = self.kept.join("corpus").join(target);
        let finds = self.kept.join("finds");
        fs::create_dir_all(&corpus)?;
        fs::create_dir_all(&finds)?;
        let option =
            |name: &str, path: &Path, end: &str| format!("-{name}={}{end}", path.display());
        let output = Command::new(&self.fuzzer)
            .env("GUICHET_FUZZ_TARGET", target)
            .env("RUST_BACKTRACE", "0")
            .arg(format!("-max_total_time={}", self.seconds))
            .arg(option("dict", &self.folder.join("words.dict"), ""))
            .arg(option("artifact_prefix", &finds.join(target), "-"))
            .args(["-max_len=4096", "-timeout=20", "-rss_limit_mb=2048"])
            .arg(corpus)
            .arg(self.folder.join("seeds").join(target))
            .output()
            .with_context(|| format!("the fuzzer of `{target}` could not be started"))?;
        let told = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            bail!("fuzzing `{target}` found something:\n{}", ending(&told));
        }
        let summary = told.lines().rfind(|line| line.starts_with("Done"));
        println!("fuzz {target}: {}", summary.unwrap_or("done"));
        Ok(())
    }
}

/// The last of what a fuzzer told: the panic, the bytes, where they lie.
fn ending(told: &str) -> String {
    let lines = told.lines().filter(|line| !line.starts_with('#'));
    let lines: Vec<&str> = lines.collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fuzzer_is_found_among_what_cargo_built() {
        let told = r#"{"reason": "compiler-artifact", "target": {"name": "domain"}, "executable": null}
            {"reason": "compiler-artifact", "target": {"name": "fuzz"}, "executable": "/t/debug/deps/fuzz-1"}
            {"reason": "build-finished", "success": true}"#;
        assert_eq!(
            executable(told),
            Some(PathBuf::from("/t/debug/deps/fuzz-1"))
        );
        assert_eq!(executable("{}"), None);
    }

    #[test]
    fn progress_is_left_out_of_what_is_told_of_a_find() {
        assert_eq!(
            ending("#1 INITED\npanicked\n#2 NEW\nthe bytes"),
            "panicked\nthe bytes"
        );
    }
}
