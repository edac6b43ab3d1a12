//! Throwaway PostgreSQL and Redis servers, one per test: on a free port, in a folder that goes with them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::machine::{PREPARE, free_port};
use crate::process::{Process, is_root, mortal, mortal_as};

/// A PostgreSQL server. Dropping it ends it.
pub struct Postgres {
    /// The program.
    pub process: Process,
    port: u16,
    binaries: PathBuf,
    folder: TempDir,
}

/// The account PostgreSQL and its superuser run as: it refuses root.
const POSTGRES: &str = "postgres";

impl Postgres {
    /// Makes a cluster and serves it.
    pub async fn start() -> Result<Self> {
        let binaries = postgres_binaries()?;
        let folder = folder_of(POSTGRES)?;
        let data = folder.path().join("data");
        let mut initdb = mortal_as(POSTGRES, binaries.join("initdb"));
        initdb.args([
            "--no-sync",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--username=postgres",
            "--pgdata",
        ]);
        finish(initdb.arg(&data).current_dir("/"))?;

        let port = free_port()?;
        let process = serve_cluster(&binaries, folder.path(), port).await?;
        Ok(Self {
            process,
            port,
            binaries,
            folder,
        })
    }

    /// Stops the server at once, dropping every connection, as a machine that goes down does.
    pub fn crash(&mut self) -> Result<()> {
        let mut ctl = mortal_as(POSTGRES, self.binaries.join("pg_ctl"));
        ctl.args(["stop", "-m", "immediate", "-s", "-D"])
            .arg(self.folder.path().join("data"))
            .current_dir("/");
        finish(&mut ctl)?;
        self.process.kill()
    }

    /// Serves the same cluster at the same address again.
    pub async fn start_again(&mut self) -> Result<()> {
        self.process = serve_cluster(&self.binaries, self.folder.path(), self.port).await?;
        Ok(())
    }

    /// Makes a database and returns its address, in the form sqlx takes.
    pub fn database(&self, name: &str) -> Result<String> {
        self.sql(POSTGRES, &format!("CREATE DATABASE \"{name}\""))?;
        Ok(format!(
            "postgres://{POSTGRES}@127.0.0.1:{}/{name}",
            self.port
        ))
    }

    /// Runs a statement in a database and returns what psql prints, columns parted by `|`.
    pub fn sql(&self, database: &str, statement: &str) -> Result<String> {
        let mut psql = mortal(self.binaries.join("psql"));
        psql.args([
            "-X",
            "-A",
            "-t",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-U",
            POSTGRES,
            "-p",
            &self.port.to_string(),
        ]);
        psql.arg("-h")
            .arg(self.folder.path())
            .args(["-d", database, "-c", statement]);
        finish(&mut psql)
    }
}

async fn serve_cluster(binaries: &Path, folder: &Path, port: u16) -> Result<Process> {
    let mut server = mortal_as(POSTGRES, binaries.join("postgres"));
    server
        .arg("-D")
        .arg(folder.join("data"))
        .arg("-p")
        .arg(port.to_string())
        .current_dir("/");
    server.arg("-k").arg(folder).args([
        "-h",
        "127.0.0.1",
        "-c",
        "fsync=off",
        "-c",
        "full_page_writes=off",
    ]);
    let mut process = Process::start("postgres", server)?;
    let ready = async |log: &str| log.contains("ready to accept connections").then_some(());
    process.until(ready).await?;
    Ok(process)
}

/// A Redis server. Dropping it ends it.
pub struct Redis {
    /// The program.
    pub process: Process,
    port: u16,
    folder: TempDir,
}

impl Redis {
    /// Serves an empty Redis that writes nothing to disk.
    pub async fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = free_port()?;
        let process = serve_redis(folder.path(), port).await?;
        Ok(Self {
            process,
            port,
            folder,
        })
    }

    /// Serves at the same address again, empty, after the process was killed.
    pub async fn start_again(&mut self) -> Result<()> {
        self.process = serve_redis(self.folder.path(), self.port).await?;
        Ok(())
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }
}

async fn serve_redis(folder: &Path, port: u16) -> Result<Process> {
    let mut server = mortal("redis-server");
    server.args([
        "--port",
        &port.to_string(),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--appendonly",
        "no",
    ]);
    server.arg("--dir").arg(folder);
    let mut process = Process::start("redis-server", server).context(PREPARE)?;
    process
        .until(async |_| TcpStream::connect(("127.0.0.1", port)).await.ok())
        .await?;
    Ok(process)
}

/// Debian keeps PostgreSQL's programs off the PATH, one folder per version: the newest is taken, else what the PATH
/// has.
fn postgres_binaries() -> Result<PathBuf> {
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres", "psql"]
            .iter()
            .all(|name| folder.join(name).is_file())
    };
    let versions = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let debian = versions
        .map(|version| version.path().join("bin"))
        .filter(complete)
        .max();
    let path = std::env::var_os("PATH").unwrap_or_default();
    debian
        .or_else(|| std::env::split_paths(&path).find(complete))
        .context(PREPARE)
}

/// A temporary folder that belongs to the account its server runs as.
pub(crate) fn folder_of(account: &str) -> Result<TempDir> {
    let folder = tempfile::tempdir()?;
    if is_root() {
        finish(Command::new("chown").arg(account).arg(folder.path()))?;
    }
    Ok(folder)
}

fn finish(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("{command:?}: {PREPARE}"))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
