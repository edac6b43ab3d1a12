//! Debian's `glewlwyd` as an upstream provider, thrown away after each test: a database made from the package's own
//! schema, everything else told to its own API.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;

use crate::claims::changed;
use crate::http_citizen::plain_client;
use crate::keys::SigningKey;
use crate::machine::{PREPARE, free_port};
use crate::process::{Process, mortal};

/// A running provider. Dropping it ends it.
pub struct Glewlwyd {
    /// The program.
    pub process: Process,
    /// Its issuer.
    pub issuer: String,
    _folder: TempDir,
}

/// The password of the one who has an account there, [`LOGIN`].
pub const PASSWORD: &str = "a password at glewlwyd";
/// Who has an account there.
pub const LOGIN: &str = "elodie";

impl Glewlwyd {
    /// Starts a provider that knows one citizen, and the hub at `hub` under the name `guichet`, by `secret`. Members of
    /// `plugin` (how it speaks OpenID Connect, by the names of its API) go over the usual.
    pub async fn start(hub: &str, secret: &str, plugin: &Value) -> Result<Self> {
        ensure!(Path::new(SCHEMA).exists(), "no glewlwyd: {PREPARE}");
        let (folder, port) = (tempfile::tempdir()?, free_port()?);
        let address = format!("http://127.0.0.1:{port}");
        fs::write(
            folder.path().join("glewlwyd.conf"),
            settings(folder.path(), port),
        )?;
        make_database(&folder.path().join("glewlwyd.db"))?;
        copy_pages(&folder.path().join("pages"))?;
        let mut command = mortal("glewlwyd");
        command.arg("-c").arg(folder.path().join("glewlwyd.conf"));
        let mut process = Process::start("glewlwyd", command)?;
        process
            .until(async |_| TcpStream::connect(("127.0.0.1", port)).await.ok())
            .await?;

        let desk = Desk::open(&address).await?;
        desk.keep("user", people()).await?;
        desk.keep("client", clients()).await?;
        desk.tell(Method::PUT, "scope/openid", scope()).await?;
        desk.tell(Method::POST, "user/", citizen()).await?;
        let issuer = format!("{address}/api/oidc");
        desk.tell(Method::POST, "mod/plugin/", protocol(&issuer, plugin)?)
            .await?;
        desk.tell(Method::POST, "client/", registration(hub, secret))
            .await?;
        Ok(Self {
            process,
            issuer,
            _folder: folder,
        })
    }
}

/// What Debian's package makes its database from; the administrator it holds has the password `password`.
const SCHEMA: &str = "/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3";
const PAGES: &str = "/usr/share/glewlwyd/webapp";
const PAGES_SETTINGS: &str = "/usr/share/glewlwyd/templates/config.json";

fn make_database(file: &Path) -> Result<()> {
    let mut sqlite = Command::new("sqlite3");
    let made = sqlite
        .arg(file)
        .stdin(Stdio::from(File::open(SCHEMA)?))
        .status()?;
    ensure!(made.success(), "no database could be made from {SCHEMA}");
    Ok(())
}

/// Its pages lean on links that lead elsewhere on the machine, which it does not follow; the one to their settings leads
/// to a folder.
fn copy_pages(to: &Path) -> Result<()> {
    let mut copy = Command::new("cp");
    copy.args(["--recursive", "--dereference", PAGES]).arg(to);
    ensure!(copy.status()?.success(), "no copy of {PAGES}");
    let settings = to.join("config.json");
    if settings.is_dir() {
        fs::remove_dir_all(&settings)?;
    }
    fs::copy(PAGES_SETTINGS, settings)?;
    Ok(())
}

fn settings(folder: &Path, port: u16) -> String {
    format!(
        r#"
port = {port}
bind_address = "127.0.0.1"
external_url = "http://127.0.0.1:{port}"
login_url = "login.html"
api_prefix = "api"
static_files_path = "{folder}/pages/"
static_files_mime_types = (
  {{ extension = ".html" mime_type = "text/html" }},
  {{ extension = ".css" mime_type = "text/css" }},
  {{ extension = ".js" mime_type = "application/javascript" }},
  {{ extension = ".json" mime_type = "application/json" }},
  {{ extension = ".ico" mime_type = "image/x-icon" }}
)
log_mode = "console"
log_level = "INFO"
cookie_secure = 0
session_key = "GLEWLWYD2_SESSION_ID"
admin_scope = "g_admin"
profile_scope = "g_profile"
user_module_path = "/usr/lib/glewlwyd/user"
client_module_path = "/usr/lib/glewlwyd/client"
user_auth_scheme_module_path = "/usr/lib/glewlwyd/scheme"
plugin_module_path = "/usr/lib/glewlwyd/plugin"
hash_algorithm = "SHA512"
database = {{ type = "sqlite3" path = "{folder}/glewlwyd.db" }};
"#,
        folder = folder.display()
    )
}

/// Its administrator's API.
struct Desk {
    http: Client,
    address: String,
    cookie: String,
}

impl Desk {
    async fn open(address: &str) -> Result<Self> {
        let http = plain_client();
        let administrator = json!({ "username": "admin", "password": "password" });
        let asked = http
            .post(format!("{address}/api/auth/"))
            .json(&administrator);
        let answer = asked.send().await?;
        let cookie = answer
            .headers()
            .get(SET_COOKIE)
            .context("no session")?
            .to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Ok(Self {
            http,
            address: address.to_owned(),
            cookie,
        })
    }

    /// From now on it keeps these properties of its users or its clients.
    async fn keep(&self, whose: &str, properties: Value) -> Result<()> {
        let module = json!({
            "module": "database", "name": "database", "display_name": whose, "enabled": true,
            "parameters": { "use-glewlwyd-connection": true, "data-format": properties },
        });
        let path = format!("mod/{whose}/database");
        self.tell(Method::PUT, &path, module).await?;
        // What changed counts once it is loaded again.
        let again = format!("{path}/reset");
        self.tell(Method::PUT, &again, Value::Null).await
    }

    async fn tell(&self, method: Method, path: &str, what: Value) -> Result<()> {
        let request = self
            .http
            .request(method, format!("{}/api/{path}", self.address));
        let answer = request
            .header(COOKIE, &self.cookie)
            .json(&what)
            .send()
            .await?;
        let status = answer.status();
        ensure!(
            status.is_success(),
            "{path}: {status} {}",
            answer.text().await?
        );
        Ok(())
    }
}

const CLAIMS: [&str; 6] = [
    "given_name",
    "family_name",
    "birthdate",
    "gender",
    "birthplace",
    "birthcountry",
];

/// What it may know of people besides their address.
fn people() -> Value {
    let kept = json!({ "multiple": false, "read": true, "write": true });
    CLAIMS
        .map(|name| (name.to_owned(), kept.clone()))
        .into_iter()
        .collect()
}

/// What it may know of clients: Debian's own list lacks the addresses that its sign-out reads.
fn clients() -> Value {
    let one = json!({ "multiple": false, "read": true, "write": true });
    let many = json!({ "multiple": true, "read": true, "write": true });
    json!({
        "client_secret": one, "redirect_uri": many, "authorization_type": many,
        "token_endpoint_auth_method": many, "post_logout_redirect_uris": many,
    })
}

/// Whoever is asked for `openid` gives a password.
fn scope() -> Value {
    json!({ "name": "openid", "display_name": "OpenID", "password_required": true, "password_max_age": 0, "scheme": {} })
}

fn citizen() -> Value {
    json!({
        "username": LOGIN, "password": PASSWORD, "email": "someone@example.org", "enabled": true, "scope": ["openid"],
        "given_name": "Élodie Marie", "family_name": "QUELQUUN", "birthdate": "1985-02-14", "gender": "female",
        "birthplace": "35238", "birthcountry": "99100",
    })
}

fn protocol(issuer: &str, further: &Value) -> Result<Value> {
    let key = SigningKey::generate("of glewlwyd")?;
    let claims = CLAIMS.map(|name| {
        json!({ "name": name, "user-property": name, "type": "string", "mandatory": true, "scope": [] })
    });
    let usual = json!({
        "iss": issuer, "jwks-private": json!({ "keys": [key.private_jwk()?] }).to_string(), "jwks-show": true,
        "access-token-duration": 3600, "refresh-token-duration": 3600, "code-duration": 60,
        "allow-non-oidc": false, "auth-type-code-enabled": true, "pkce-allowed": true, "pkce-required": true,
        "oauth-as-iss-id": true, "subject-type": "public", "email-claim": "mandatory", "claims": claims,
        "session-management-allowed": true, "session-cookie-name": "GLEWLWYD2_OIDC_SID",
        "session-cookie-expiration": 3600, "back-channel-logout-allowed": true,
        // Its page of sign-out asks for such addresses, whether there are any or not.
        "front-channel-logout-allowed": true,
    });
    Ok(json!({
        "module": "oidc", "name": "oidc", "display_name": "OpenID Connect", "enabled": true,
        "parameters": changed(usual, further),
    }))
}

fn registration(hub: &str, secret: &str) -> Value {
    json!({
        "client_id": "guichet", "client_secret": secret, "confidential": true, "enabled": true,
        "redirect_uri": [format!("{hub}/callback/glewlwyd")], "authorization_type": ["code"],
        "token_endpoint_auth_method": ["client_secret_basic"],
        "post_logout_redirect_uris": [format!("{hub}/logout/callback")], "scope": [],
    })
}
