//! The hub's own clients: the citizen's account and the console. Clients like any other that no settings
//! declare, under identifiers that nobody else can have.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_admin::console;
use guichet_domain::client::ClientDirectory;
use guichet_domain::switch::SwitchedOff;
use guichet_domain::{Client, ClientId, ClientMetadata, Sector, Timestamp};
use guichet_keys::{Keys, client_secret_hash};
use serde_json::{Value, json};

/// The registry, with the hub's own clients in it: a registered client of one of their names is not seen.
pub(crate) struct WithOwnClients {
    registry: Arc<dyn ClientDirectory>,
    account: Arc<Client>,
    console: Arc<Client>,
}

impl WithOwnClients {
    /// `registry`, the account of the hub at `issuer`, and the console at `address`.
    pub(crate) fn new(
        registry: Arc<dyn ClientDirectory>,
        issuer: &str,
        (address, keys): (&str, &Keys),
    ) -> Result<Self> {
        Ok(Self {
            registry,
            account: Arc::new(account(issuer)?),
            console: Arc::new(console(address, keys)?),
        })
    }

    /// The account's identifier.
    pub(crate) fn account(&self) -> ClientId {
        self.account.id.clone()
    }

    /// The console's identifier.
    pub(crate) fn console(&self) -> ClientId {
        self.console.id.clone()
    }
}

impl ClientDirectory for WithOwnClients {
    fn client(&self, id: &str) -> Option<Arc<Client>> {
        match id {
            guichet_portal::CLIENT_ID => Some(Arc::clone(&self.account)),
            console::CLIENT_ID => Some(Arc::clone(&self.console)),
            id => self.registry.client(id),
        }
    }

    /// Whoever operates the hub gets in whatever is off: somebody must switch it on again.
    fn switched_off(&self, id: &ClientId) -> Option<Arc<SwitchedOff>> {
        if *id == self.console.id {
            None
        } else {
            self.registry.switched_off(id)
        }
    }

    fn note_use(&self, id: &ClientId, credential: &str, now: Timestamp) {
        if *id != self.console.id {
            self.registry.note_use(id, credential, now);
        }
    }
}

/// The names of the hub's own clients.
pub(crate) fn names() -> Vec<ClientId> {
    let all = [guichet_portal::CLIENT_ID, console::CLIENT_ID];
    all.into_iter().filter_map(|id| id.parse().ok()).collect()
}

/// The console's secret at the hub: the same on every node, and on none of their disks.
pub(crate) fn console_secret(keys: &Keys) -> String {
    URL_SAFE_NO_PAD.encode(keys.derive("console client secret"))
}

/// The account as a client of its hub.
pub(crate) fn account(issuer: &str) -> Result<Client> {
    checked(json!({
        "client_id": guichet_portal::CLIENT_ID,
        "client_name": "Mon compte",
        "client_uri": format!("{issuer}/account"),
        "redirect_uris": [
            format!("{issuer}{}", guichet_portal::RETURN_PATH),
            format!("{issuer}{}", guichet_portal::THAW_RETURN_PATH),
        ],
        "token_endpoint_auth_method": "none",
        "scope": "openid",
    }))
    .context("the account's own client")
}

/// In a sector of its own: the name it knows somebody by is nobody's name anywhere else.
fn console(address: &str, keys: &Keys) -> Result<Client> {
    let client = checked(json!({
        "client_id": console::CLIENT_ID,
        "client_name": "Console d’exploitation",
        "client_secret": console_secret(keys),
        "client_uri": address,
        "redirect_uris": [format!("{address}{}", console::RETURN_PATH)],
        "token_endpoint_auth_method": "client_secret_post",
        "scope": "openid amr",
    }));
    Ok(Client {
        sector: Sector::of_console(),
        ..client.context("the console's own client: management.public_url")?
    })
}

fn checked(metadata: Value) -> Result<Client> {
    let metadata: ClientMetadata = serde_json::from_value(metadata)?;
    Ok(metadata.check(client_secret_hash)?)
}
