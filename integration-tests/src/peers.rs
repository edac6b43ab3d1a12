//! Programs nobody here wrote, started and waited for: see `peers/README.md` for what each serves.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::machine::{PREPARE, free_port, root, target_folder};
use crate::process::{Process, mortal, mortal_as};
use crate::servers::folder_of;

/// A stock client library at work as a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Library {
    /// `openid-client` from npm.
    OpenidClient,
    /// `oauth4webapi` from npm.
    Oauth4webapi,
    /// None: written here, to be found out.
    Careless,
    /// `authlib` from PyPI.
    Authlib,
    /// `france-connect-py` from PyPI.
    FranceConnect,
}

/// What a service is registered with at the hub, and told about itself. It has a port before it has a process,
/// since the hub must know its redirect URI first.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Its port.
    pub port: u16,
    /// Its `client_id`.
    pub client_id: String,
    /// Its `client_secret`.
    pub client_secret: String,
    /// Metadata that departs from, or adds to, the usual.
    pub extra: Value,
    callback: &'static str,
}

/// A running service.
pub struct RelyingParty {
    /// The program.
    pub process: Process,
    /// Its base address.
    pub address: String,
    _folder: Option<TempDir>,
}

/// A running upstream provider on `oidc-provider` from npm.
pub struct UpstreamProvider {
    /// The program.
    pub process: Process,
    /// Its issuer.
    pub issuer: String,
}

impl Registration {
    /// A registration for a service on a free port; `extra` is RFC 7591 metadata that wins over the usual.
    pub fn new(client_id: &str, extra: Value) -> Result<Self> {
        Ok(Self {
            port: free_port()?,
            client_id: client_id.to_owned(),
            client_secret: format!("a secret of {client_id} for one test run"),
            extra,
            callback: "/callback",
        })
    }

    /// The same for `mod_auth_openidc`, whose callback lies inside what it protects.
    pub fn for_apache(client_id: &str, extra: Value) -> Result<Self> {
        Ok(Self {
            callback: "/protected/callback",
            ..Self::new(client_id, extra)?
        })
    }

    /// Its base address.
    pub fn address(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    /// Its redirect URI.
    pub fn redirect_uri(&self) -> String {
        self.address() + self.callback
    }

    /// What the hub is told (RFC 7591).
    pub fn metadata(&self) -> Value {
        let usual = json!({
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "client_name": self.client_id,
            "redirect_uris": [self.redirect_uri()],
            "post_logout_redirect_uris": [format!("{}/", self.address())],
            "token_endpoint_auth_method": "client_secret_basic",
            "response_types": ["code"],
            "grant_types": ["authorization_code"],
            "scope": SCOPE,
        });
        merged(usual, &self.extra)
    }

    /// The algorithm its ID tokens are signed with.
    fn algorithm(&self) -> &str {
        self.extra["id_token_signed_response_alg"]
            .as_str()
            .unwrap_or("ES256")
    }

    /// What the service is told.
    fn settings(&self, issuer: &str) -> Value {
        let usual = json!({
            "port": self.port,
            "issuer": issuer,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "redirect_uri": self.redirect_uri(),
            "scope": SCOPE,
        });
        merged(usual, &self.extra)
    }
}

const SCOPE: &str = "openid given_name family_name birthdate";

impl RelyingParty {
    /// Starts a service on a stock library.
    pub async fn start(
        library: Library,
        registration: &Registration,
        issuer: &str,
    ) -> Result<Self> {
        let settings = registration.settings(issuer).to_string();
        let mut command = match library {
            Library::OpenidClient => node("relying-party.mjs")?,
            Library::Oauth4webapi => node("bare-relying-party.mjs")?,
            Library::Careless => node("careless-party.mjs")?,
            Library::Authlib => python("relying_party.py")?,
            Library::FranceConnect => python("franceconnect_party.py")?,
        };
        command.arg(settings);
        let process = ready(&format!("{library:?}"), command).await?;
        Ok(Self {
            process,
            address: registration.address(),
            _folder: None,
        })
    }

    /// Starts Apache with `mod_auth_openidc` before `/protected/`.
    pub async fn start_apache(registration: &Registration, issuer: &str) -> Result<Self> {
        ensure!(Path::new(APACHE).exists(), "no Apache: {PREPARE}");
        let folder = folder_of(APACHE_USER)?;
        fs::create_dir(folder.path().join("protected"))?;
        fs::write(folder.path().join("protected/index.html"), PROTECTED_PAGE)?;
        // Beside the rest of its root: the checkout may be where only its owner reads.
        let settings = folder.path().join("httpd.conf");
        fs::copy(peers().join("apache/httpd.conf"), &settings)?;
        let mut command = mortal_as(APACHE_USER, APACHE);
        command
            .arg("-X")
            .arg("-d")
            .arg(folder.path())
            .arg("-f")
            .arg(&settings);
        for (name, value) in [
            ("GUICHET_ROOT", folder.path().display().to_string()),
            ("GUICHET_PORT", registration.port.to_string()),
            ("GUICHET_ISSUER", issuer.to_owned()),
            ("GUICHET_CLIENT_ID", registration.client_id.clone()),
            ("GUICHET_CLIENT_SECRET", registration.client_secret.clone()),
            ("GUICHET_REDIRECT_URI", registration.redirect_uri()),
            ("GUICHET_SCOPE", SCOPE.to_owned()),
            ("GUICHET_ALG", registration.algorithm().to_owned()),
        ] {
            command.env(name, value);
        }
        let port = registration.port;
        let mut process = Process::start("apache2", command)?;
        process
            .until(async |_| TcpStream::connect(("127.0.0.1", port)).await.ok())
            .await?;
        Ok(Self {
            process,
            address: registration.address(),
            _folder: Some(folder),
        })
    }
}

impl UpstreamProvider {
    /// Starts a provider on this port, with the hub (RFC 7591 metadata) as its client and these accounts: login to
    /// claims. Any password is right.
    pub async fn start(port: u16, hub: Value, accounts: Value) -> Result<Self> {
        Self::start_with(port, hub, accounts, &json!({})).await
    }

    /// The same with further settings: see the head of `provider.mjs`.
    pub async fn start_with(
        port: u16,
        hub: Value,
        accounts: Value,
        further: &Value,
    ) -> Result<Self> {
        let usual = json!({ "port": port, "clients": [hub], "accounts": accounts });
        let host = further["host"].as_str().unwrap_or("localhost");
        let mut command = node("provider.mjs")?;
        command.arg(merged(usual, further).to_string());
        let process = ready("oidc-provider", command).await?;
        Ok(Self {
            process,
            issuer: format!("http://{host}:{port}"),
        })
    }

    /// What it was asked at this path so far, and what it answered: `method`, `dpop`, `authorization`, `certificate`,
    /// the parameters `asked`, and of the `answer` `status`, `location`, `type` and `body`.
    pub fn seen(&self, path: &str) -> Vec<Value> {
        let mut seen = seen_by(&self.process);
        seen.retain(|exchange| exchange["path"] == path);
        seen
    }

    /// The last of that.
    pub fn last_seen(&self, path: &str) -> Result<Value> {
        let last = self.seen(path).pop();
        last.with_context(|| format!("nobody asked {path}:\n{}", self.process.log()))
    }
}

const APACHE: &str = "/usr/sbin/apache2";
const APACHE_USER: &str = "www-data";
const PROTECTED_PAGE: &str =
    "<!doctype html><html lang=\"en\"><title>Apache</title><p id=\"outcome\">signed in</p></html>";

/// What a program wrote of the requests it served, one a line.
pub(crate) fn seen_by(process: &Process) -> Vec<Value> {
    let log = process.log();
    let seen = log.lines().filter_map(|line| line.strip_prefix("seen "));
    seen.filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

pub(crate) async fn ready(name: &str, command: Command) -> Result<Process> {
    let mut process = Process::start(name, command)?;
    process
        .until(async |log: &str| {
            log.lines()
                .any(|line| line.starts_with("ready "))
                .then_some(())
        })
        .await?;
    Ok(process)
}

pub(crate) fn node(script: &str) -> Result<Command> {
    let folder = peers().join("npm");
    ensure!(
        folder.join("node_modules").is_dir(),
        "no npm peers: {PREPARE}"
    );
    let mut command = mortal("node");
    command
        .arg(folder.join(script))
        .env("NODE_NO_WARNINGS", "1");
    Ok(command)
}

pub(crate) fn python(script: &str) -> Result<Command> {
    let python = target_folder()?.join("peers/python/bin/python");
    ensure!(python.is_file(), "no PyPI peers: {PREPARE}");
    let mut command = mortal(python);
    // No compiled copies in the tree.
    command.arg("-B").arg(peers().join("python").join(script));
    Ok(command)
}

/// The claims of a token of the hub, once `joserfc` has verified it: see `peers/python/token_judge.py`.
pub fn judged(settings: &Value) -> Result<Value> {
    let mut judge = python("token_judge.py")?;
    verdict(judge.arg(settings.to_string()))
}

/// What a judge says; fails with what it complains of.
pub(crate) fn verdict(judge: &mut Command) -> Result<Value> {
    let output = judge.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the judge says no: {said}");
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn peers() -> PathBuf {
    root().join("integration-tests/peers")
}

fn merged(mut usual: Value, extra: &Value) -> Value {
    for (name, value) in extra.as_object().into_iter().flatten() {
        usual[name] = value.clone();
    }
    usual
}

/// A JSON document shown in `#details` by a service.
pub fn details(view: &crate::journey::View) -> Result<Value> {
    let text = view.shown("details")?;
    serde_json::from_str(&text).with_context(|| format!("not JSON: {text}"))
}
