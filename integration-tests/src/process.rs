//! Programs the tests start: output kept in a file, readiness waited for, death certain.

use std::fs::{self, File};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::NamedTempFile;

use crate::wait::PATIENCE;

/// A running program. It is killed when this value goes, and by the kernel should the test die first.
pub struct Process {
    name: String,
    child: Child,
    log: NamedTempFile,
}

/// A command whose process dies with the thread that starts it, even if that thread is killed.
pub fn mortal(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// Like [`mortal`], as the user `name` when the tests run as root (some servers refuse to run as root).
pub fn mortal_as(name: &str, program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args(["--reuid", name, "--regid", name, "--clear-groups"]);
    }
    command.args(["--pdeathsig", "KILL", "--"]).arg(program);
    command
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

impl Process {
    /// Starts `command` with its output going to a log of its own; `name` is for messages.
    pub fn start(name: &str, mut command: Command) -> Result<Self> {
        let log = NamedTempFile::new()?;
        let output = File::options().append(true).open(log.path())?;
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        let child = command
            .spawn()
            .with_context(|| format!("{name} could not be started"))?;
        Ok(Self {
            name: name.to_owned(),
            child,
            log,
        })
    }

    /// Probes until the program answers; fails at once, with its log, if it stops instead.
    pub async fn until<T>(&mut self, mut probe: impl AsyncFnMut(&str) -> Option<T>) -> Result<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = probe(&self.log()).await {
                return Ok(found);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("{} stopped ({status}):\n{}", self.name, self.log());
            }
            if Instant::now() > deadline {
                bail!("{} did not become ready:\n{}", self.name, self.log());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Everything the program wrote so far.
    pub fn log(&self) -> String {
        fs::read(self.log.path()).map_or_else(
            |_| String::new(),
            |log| String::from_utf8_lossy(&log).into_owned(),
        )
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills the program outright, as `kill -9` does, and waits until it is gone.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks the program to stop, as an orchestrator does, and waits until it has.
    pub async fn terminate(&mut self) -> Result<ExitStatus> {
        let signalled = Command::new("sh")
            .arg("-c")
            .arg(format!("kill -TERM {}", self.id()))
            .status()?;
        anyhow::ensure!(signalled.success(), "{} could not be signalled", self.name);
        let child = &mut self.child;
        crate::wait::until("the end of a program", async || {
            child.try_wait().ok().flatten()
        })
        .await
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already gone is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
