//! A production node as these tests deploy it: settings written from a few choices, and a whole login at it.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context as _, Result, ensure};
use aws_lc_rs::digest;
use guichet_integration_tests::hex::hex;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::machine::{free_port, guichet_binary};
use guichet_integration_tests::node_settings::toml;
use guichet_integration_tests::raw_client::{Answer, Attempt};
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider, Node, RawClient};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What a node is told. Its records are in a folder of its own until a test says otherwise.
pub(crate) struct Deployment {
    /// Where the public listener is.
    pub(crate) port: u16,
    /// What clients and citizens call it.
    pub(crate) issuer: String,
    /// `store.durable`
    pub(crate) durable: String,
    /// `store.short_lived`
    pub(crate) short_lived: String,
    /// `keys.directory`
    pub(crate) keys: PathBuf,
    /// `egress.private_networks`
    pub(crate) reachable: Vec<&'static str>,
    /// `egress.timeout`
    pub(crate) patience: &'static str,
    /// `ledger.checkpoint_every`
    pub(crate) checkpoint_every: &'static str,
    /// RFC 7591 metadata.
    pub(crate) clients: Vec<Value>,
    /// Upstream providers.
    pub(crate) providers: Vec<Value>,
    /// Further sections, as TOML.
    pub(crate) further: String,
    /// What stands in the environment of the node and of commands.
    pub(crate) environment: Vec<(String, String)>,
    management: u16,
    folder: TempDir,
}

impl Deployment {
    /// SQLite, memory, and these services and providers.
    pub(crate) fn new(services: &[&RawClient], providers: &[&MockProvider]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = free_port()?;
        Ok(Self {
            port,
            issuer: format!("http://localhost:{port}"),
            durable: format!("sqlite:{}", folder.path().join("guichet.db").display()),
            short_lived: "memory".to_owned(),
            keys: folder.path().join("keys"),
            reachable: vec!["127.0.0.0/8"],
            patience: "6s",
            checkpoint_every: "500ms",
            clients: services.iter().map(|service| service.metadata()).collect(),
            providers: providers
                .iter()
                .map(|provider| provider.registration())
                .collect(),
            further: String::new(),
            environment: Vec::new(),
            management: free_port()?,
            folder,
        })
    }

    /// Starts a node and waits until it is ready.
    pub(crate) async fn start(&self) -> Result<Node> {
        Node::start_with(&self.settings(), &self.management(), &self.environment).await
    }

    /// The base address of the management listener.
    pub(crate) fn management(&self) -> String {
        format!("http://127.0.0.1:{}", self.management)
    }

    /// The SQLite file.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.path().join("guichet.db")
    }

    /// A folder that goes with this value.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Gives these operators a credential each, in a file of their name.
    pub(crate) fn employ(&mut self, operators: &[&str]) -> Result<()> {
        for operator in operators {
            let credential = format!("the credential of {operator} for one test run");
            fs::write(self.folder().join(operator), format!("{credential}\n"))?;
            let hash = hex(digest::digest(&digest::SHA256, credential.as_bytes()).as_ref());
            let _ = writeln!(
                self.further,
                "[[operators]]\nname = \"{operator}\"\ncredential_sha256 = \"{hash}\""
            );
        }
        Ok(())
    }

    /// How a command says that `operator` acts, with the credential of `whose`.
    pub(crate) fn acting(&self, operator: &str, whose: &str) -> String {
        let file = self.folder().join(whose);
        format!(
            "--operator {operator} --credential-file {} -o json",
            file.display()
        )
    }

    /// Runs a command of the binary on these settings, whether a node runs or not.
    pub(crate) fn command(&self, line: &str) -> Result<Output> {
        fs::write(self.file(), self.settings())?;
        let mut command = Command::new(guichet_binary()?);
        command
            .envs(self.environment.iter().cloned())
            .args(line.split_whitespace())
            .arg("--config")
            .arg(self.file());
        Ok(command.output()?)
    }

    /// The same while this thread goes on serving whom the command asks.
    pub(crate) async fn aside(&self, line: &str) -> Result<Output> {
        fs::write(self.file(), self.settings())?;
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let (binary, file) = (guichet_binary()?, self.file());
        let run = move || {
            let mut command = Command::new(binary);
            command.args(arguments).arg("--config").arg(file).output()
        };
        Ok(tokio::task::spawn_blocking(run).await??)
    }

    /// What a command prints; it must succeed.
    pub(crate) fn say(&self, line: &str) -> Result<String> {
        let output = self.command(line)?;
        ensure!(output.status.success(), "{line}: {}", told(&output));
        Ok(String::from_utf8(output.stdout)?)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("guichet.toml")
    }

    /// The settings, as TOML.
    pub(crate) fn settings(&self) -> String {
        let mut text = format!(
            "clients = {}\nproviders = {}\n",
            toml(&json!(self.clients)),
            toml(&json!(self.providers))
        );
        let sections = [
            (
                "hub",
                json!({ "issuer": self.issuer, "listen": format!("127.0.0.1:{}", self.port) }),
            ),
            (
                "management",
                json!({ "listen": format!("127.0.0.1:{}", self.management) }),
            ),
            (
                "store",
                json!({ "durable": self.durable, "short_lived": self.short_lived }),
            ),
            (
                "keys",
                json!({ "directory": self.keys, "refresh": "200ms" }),
            ),
            (
                "ledger",
                json!({ "checkpoint_every": self.checkpoint_every }),
            ),
            (
                "egress",
                json!({ "private_networks": self.reachable, "timeout": self.patience }),
            ),
            // All of a test comes from one address.
            ("limits", json!({ "requests_per_minute": 1_000_000 })),
            ("log", json!({ "format": "text", "level": "info" })),
        ];
        for (name, members) in sections {
            // A dotted key for each member, since an inline table could not be added to further down.
            for (member, value) in members.as_object().into_iter().flatten() {
                let _ = writeln!(text, "{name}.{member} = {}", toml(value));
            }
        }
        text + self.further.as_str()
    }
}

/// What a service has after a login.
pub(crate) struct SignedIn {
    /// The citizen, with the cookies of the session.
    pub(crate) citizen: HttpCitizen,
    /// The answer of the token endpoint.
    pub(crate) tokens: Answer,
    /// The answer of userinfo.
    pub(crate) userinfo: Answer,
}

impl SignedIn {
    /// The pseudonym.
    pub(crate) fn sub(&self) -> &str {
        self.userinfo.text("sub")
    }
}

/// A login from the service's request to userinfo, with whoever the mock provider presents.
pub(crate) async fn sign_in(
    service: &RawClient,
    issuer: &str,
    provider: &MockProvider,
) -> Result<SignedIn> {
    let attempt = service.attempt(issuer)?;
    let mut citizen = service.citizen();
    let journey = citizen.visit(&attempt.url());
    journey.choose(&provider.button()).agree().await?;
    finish(service, issuer, citizen, &attempt).await
}

/// What follows once the citizen is back at the service.
pub(crate) async fn finish(
    service: &RawClient,
    issuer: &str,
    mut citizen: HttpCitizen,
    attempt: &Attempt,
) -> Result<SignedIn> {
    let view = citizen.look().await?;
    let code = parameter(&view.url, "code").with_context(|| format!("no code: {view}"))?;
    ensure!(parameter(&view.url, "state").as_deref() == Some(attempt.state.as_str()));
    ensure!(parameter(&view.url, "iss").as_deref() == Some(issuer));
    let tokens = service.redeem(issuer, &code, attempt).await?;
    ensure!(tokens.status == 200, "no tokens: {}", tokens.body);
    let userinfo = service
        .userinfo(issuer, tokens.text("access_token"))
        .await?;
    ensure!(userinfo.status == 200, "no userinfo: {}", userinfo.body);
    Ok(SignedIn {
        citizen,
        tokens,
        userinfo,
    })
}

/// An address without the empty fragment that keeps a browser from carrying an older one along.
pub(crate) fn bare(address: &str) -> &str {
    address.strip_suffix('#').unwrap_or(address)
}

/// Everything a command printed.
pub(crate) fn told(output: &Output) -> String {
    let text = String::from_utf8_lossy;
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}
