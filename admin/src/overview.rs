//! What is registered and which keys sign: the read-only view of a running node.

use guichet_keys::Keys;
use guichet_store::Fault;
use guichet_store::durable::{LedgerRecords, Registry};
use serde::Serialize;

/// A registered client, without its secrets.
#[derive(Clone, Debug, Serialize)]
pub struct ClientRow {
    /// Its identifier.
    pub client_id: String,
    /// The name citizens see.
    pub name: String,
    /// How it authenticates.
    pub token_endpoint_auth_method: &'static str,
    /// Where answers may go.
    pub redirect_uris: Vec<String>,
    /// The scopes it may ask for.
    pub scope: String,
    /// Whether it may sign anyone in.
    pub active: bool,
}

/// A registered provider, without its secrets.
#[derive(Clone, Debug, Serialize)]
pub struct ProviderRow {
    /// Its short name.
    pub id: String,
    /// The name citizens see.
    pub name: String,
    /// Its issuer.
    pub issuer: String,
    /// The levels it may assert.
    pub levels: Vec<&'static str>,
    /// Whether it can be used.
    pub active: bool,
}

/// A public key and its part in the rotation.
#[derive(Clone, Debug, Serialize)]
pub struct KeyRow {
    /// Its identifier.
    pub kid: String,
    /// What it signs with.
    pub alg: &'static str,
    /// `next`, `current` or `previous`.
    pub stage: String,
}

/// The audit log.
#[derive(Clone, Debug, Serialize)]
pub struct LedgerRow {
    /// How many entries there are.
    pub size: u64,
    /// How many the last checkpoint covers.
    pub checkpointed: u64,
}

/// A running node at a glance.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// Clients, by identifier.
    pub clients: Vec<ClientRow>,
    /// Providers, in the order of the page.
    pub providers: Vec<ProviderRow>,
    /// Signing keys.
    pub keys: Vec<KeyRow>,
    /// The audit log.
    pub ledger: LedgerRow,
}

impl Overview {
    /// Looks at the stores and the key ring.
    pub async fn of(
        registry: &dyn Registry,
        ledger: &dyn LedgerRecords,
        keys: &Keys,
    ) -> Result<Self, Fault> {
        Ok(Self {
            clients: Self::clients(registry).await?,
            providers: Self::providers(registry).await?,
            keys: Self::keys(keys),
            ledger: LedgerRow {
                size: ledger.size().await?,
                checkpointed: ledger
                    .last_checkpoint()
                    .await?
                    .map_or(0, |checkpoint| checkpoint.size),
            },
        })
    }

    /// Every client, by identifier.
    pub async fn clients(registry: &dyn Registry) -> Result<Vec<ClientRow>, Fault> {
        let mut rows: Vec<ClientRow> = registry
            .clients()
            .await?
            .iter()
            .map(|client| ClientRow {
                client_id: client.id.to_string(),
                name: client.name.clone(),
                token_endpoint_auth_method: client.authentication.method(),
                redirect_uris: client
                    .redirect_uris
                    .iter()
                    .map(ToString::to_string)
                    .collect(),
                scope: client.scopes.to_string(),
                active: client.active,
            })
            .collect();
        rows.sort_by(|one, other| one.client_id.cmp(&other.client_id));
        Ok(rows)
    }

    /// Every provider, in the order of the page.
    pub async fn providers(registry: &dyn Registry) -> Result<Vec<ProviderRow>, Fault> {
        let mut providers = registry.providers().await?;
        providers.sort_by(|one, other| (one.order, &one.name).cmp(&(other.order, &other.name)));
        Ok(providers
            .iter()
            .map(|provider| ProviderRow {
                id: provider.id.to_string(),
                name: provider.name.clone(),
                issuer: provider.issuer.clone(),
                levels: provider.levels.iter().map(|level| level.as_str()).collect(),
                active: provider.active,
            })
            .collect())
    }

    /// Every signing key of the issuer.
    pub fn keys(keys: &Keys) -> Vec<KeyRow> {
        keys.ring()
            .keys()
            .into_iter()
            .map(|key| KeyRow {
                kid: key.kid,
                alg: key.alg.as_str(),
                stage: format!("{:?}", key.stage).to_lowercase(),
            })
            .collect()
    }
}
