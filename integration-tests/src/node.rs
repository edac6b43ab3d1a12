//! `guichet serve`: a production node with settings of the test's own.

use std::fs;
use std::process::Output;

use anyhow::Result;
use tempfile::TempDir;

use crate::http_citizen::plain_client;
use crate::machine::guichet_binary;
use crate::process::{Process, mortal};

/// A running node. Dropping it ends it.
pub struct Node {
    /// The program.
    pub process: Process,
    management: String,
    environment: Vec<(String, String)>,
    folder: TempDir,
}

impl Node {
    /// Starts a node with this `guichet.toml`, and waits until `management` (the base address of the management
    /// listener in those settings) says that it is ready.
    ///
    /// `{folder}` in the settings stands for a folder of the node's own, kept over [`Node::start_again`].
    pub async fn start(settings: &str, management: &str) -> Result<Self> {
        Self::start_with(settings, management, &[]).await
    }

    /// The same with these variables in its environment.
    pub async fn start_with(
        settings: &str,
        management: &str,
        environment: &[(String, String)],
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let settings = settings.replace("{folder}", &folder.path().display().to_string());
        fs::write(folder.path().join("guichet.toml"), settings)?;
        let process = launch(&folder, management, environment).await?;
        Ok(Self {
            process,
            management: management.to_owned(),
            environment: environment.to_vec(),
            folder,
        })
    }

    /// Kills the node outright, as a power cut does.
    pub fn kill(&mut self) -> Result<()> {
        self.process.kill()
    }

    /// Starts a killed node again on what it left behind.
    pub async fn start_again(&mut self) -> Result<()> {
        self.process = launch(&self.folder, &self.management, &self.environment).await?;
        Ok(())
    }

    /// Runs another command of the binary on this node's settings, such as `ledger verify`.
    pub fn command(&self, line: &str) -> Result<Output> {
        let mut command = mortal(guichet_binary()?);
        command
            .envs(self.environment.iter().cloned())
            .args(line.split_whitespace())
            .arg("--config")
            .arg(self.folder.path().join("guichet.toml"));
        Ok(command.output()?)
    }
}

async fn launch(
    folder: &TempDir,
    management: &str,
    environment: &[(String, String)],
) -> Result<Process> {
    let mut command = mortal(guichet_binary()?);
    command
        .envs(environment.iter().cloned())
        .args(["serve", "--config"])
        .arg(folder.path().join("guichet.toml"));
    let mut process = Process::start("guichet serve", command)?;
    let (client, readyz) = (plain_client(), format!("{management}/readyz"));
    let ready = async |_: &str| {
        let answer = client.get(&readyz).send().await.ok()?;
        answer.status().is_success().then_some(())
    };
    process.until(ready).await?;
    Ok(process)
}
