//! What every house stands on: keys, stores, audit log, registry, the outgoing client.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use guichet_config::{CustodyKind, Settings};
use guichet_domain::{Clock, Entropy, KeyManagementAlg, SigningAlg};
use guichet_keys::{
    BlobName, Custody, FileCustody, Keys, Pkcs11Settings, Pkcs11Token, RotationPolicy, Sealer,
    SystemEntropy, TokenCustody,
};
use guichet_ledger::{Ledger, LedgerSettings};
use guichet_store::durable::{Durable, DurableSettings, RegistrySnapshot};
use guichet_store::short_lived::{Limits, RedisSettings, ShortLived};
use guichet_web::{ClientCertificate, EgressPolicy, Network, Outgoing, OutgoingError};

use crate::cli::BadSetting;
use crate::clock::SystemClock;

/// Whether what is not there may be made. Only a node that starts makes keys and databases: a
/// command run with a mistaken path must say so instead of beginning another hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    /// It must be there.
    Existing,
    /// It is made when it is not there.
    FirstStart,
}

/// Where a foundation is laid.
pub(crate) struct Ground {
    /// What time it is there.
    pub(crate) clock: Arc<dyn Clock>,
    /// The house's name: the namespace of its short-lived records.
    pub(crate) house: &'static str,
    /// `sqlite:PATH` or a `postgres://` URL.
    pub(crate) durable: String,
    /// `memory` or a `redis://` URL.
    pub(crate) short_lived: String,
    /// Connections to PostgreSQL.
    pub(crate) connections: u32,
    /// Short-lived records of each kind kept in memory at most.
    pub(crate) records_in_memory: usize,
    /// The folder of the keys.
    pub(crate) keys: PathBuf,
    /// The token that makes and keeps the signing keys, where there is one.
    pub(crate) token: Option<Pkcs11Settings>,
    /// What the house signs with.
    pub(crate) algorithms: Vec<SigningAlg>,
    /// How clients may encrypt for the house.
    pub(crate) encryption: Vec<KeyManagementAlg>,
    /// When its keys rotate.
    pub(crate) rotation: RotationPolicy,
    /// The audit log's name.
    pub(crate) ledger_origin: String,
    /// How often a checkpoint is signed.
    pub(crate) checkpoint_every: std::time::Duration,
    /// Where outgoing requests may go.
    pub(crate) egress: EgressPolicy,
    /// What the hub presents to providers that know it by a certificate: chain and key, as PEM.
    pub(crate) certificate: Option<ChainAndKey>,
}

/// What a house stands on.
pub(crate) struct Foundation {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) keys: Keys,
    pub(crate) rotation: RotationPolicy,
    /// How often a checkpoint of the audit log is signed.
    pub(crate) checkpoint_every: std::time::Duration,
    pub(crate) durable: Durable,
    pub(crate) short_lived: ShortLived,
    pub(crate) ledger: Ledger,
    pub(crate) registry: Arc<RegistrySnapshot>,
    pub(crate) outgoing: Outgoing,
    /// The same with the hub's certificate.
    pub(crate) certified: Option<Outgoing>,
}

impl Ground {
    /// The ground that a node's settings describe.
    pub(crate) fn of(settings: &Settings) -> Result<Self> {
        let issuer = url::Url::parse(&settings.hub.issuer)?;
        let origin = if settings.ledger.origin.is_empty() {
            format!("{}/ledger", issuer.host_str().unwrap_or("guichet"))
        } else {
            settings.ledger.origin.clone()
        };
        Ok(Self {
            clock: Arc::new(SystemClock),
            house: "hub",
            durable: settings.store.durable.expose().to_owned(),
            short_lived: settings.store.short_lived.expose().to_owned(),
            connections: settings.store.connections,
            records_in_memory: usize::try_from(settings.limits.records_in_memory)
                .unwrap_or(usize::MAX),
            keys: settings.keys.directory.clone(),
            token: token(&settings.keys),
            algorithms: settings.keys.algorithms.clone(),
            encryption: settings.keys.encryption.clone(),
            rotation: RotationPolicy {
                sign_for: settings.keys.rotate_every.get(),
                publish_before: settings.keys.publish_before.get(),
                keep_after: settings.keys.keep_after.get(),
            },
            ledger_origin: origin,
            checkpoint_every: settings.ledger.checkpoint_every.get(),
            egress: egress(settings)?,
            certificate: certificate(settings)?,
        })
    }

    /// Opens the keys.
    pub(crate) fn keys(&self, opening: Opening) -> Result<Keys> {
        let place = || format!("keys.directory {}", self.keys.display());
        if opening == Opening::Existing && !self.keys.join(BlobName::Master.as_str()).exists() {
            bail!(
                "{}: no keys are there; `guichet serve` makes them at its first start",
                place()
            );
        }
        let mut custody: Arc<dyn Custody> =
            Arc::new(FileCustody::open(&self.keys).with_context(place)?);
        if let Some(settings) = &self.token {
            let token = Pkcs11Token::open(settings).context("keys.pkcs11")?;
            custody = Arc::new(TokenCustody::new(custody, Arc::new(token)));
        }
        let (entropy, now) = (Arc::new(SystemEntropy), self.clock.now());
        let keys = Keys::open(custody, entropy, now, &self.algorithms).with_context(place)?;
        for alg in &self.encryption {
            keys.decryption_ring()
                .ensure(*alg, now)
                .with_context(place)?;
        }
        Ok(keys)
    }

    /// Opens the durable store, with its schema as it is.
    pub(crate) async fn durable(&self, opening: Opening) -> Result<Durable> {
        let settings = DurableSettings {
            connections: self.connections,
            ..DurableSettings::default()
        };
        let Some(path) = self.durable.strip_prefix("sqlite:").map(Path::new) else {
            return Durable::postgres(&self.durable, settings)
                .await
                .context("store.durable");
        };
        match opening {
            Opening::Existing if !path.exists() => {
                bail!(
                    "store.durable: {} is not there; `guichet serve` makes it",
                    path.display()
                )
            }
            Opening::Existing => {}
            Opening::FirstStart => make_parent(path)?,
        }
        Durable::sqlite(path, settings)
            .await
            .context("store.durable")
    }

    /// Opens the short-lived store.
    pub(crate) async fn short_lived(&self, clock: Arc<dyn Clock>) -> Result<ShortLived> {
        if self.short_lived == "memory" {
            return Ok(ShortLived::memory(self.limits(), clock, self.house));
        }
        ShortLived::redis(
            &self.short_lived,
            self.house,
            RedisSettings::default(),
            clock,
        )
        .await
        .context("store.short_lived")
    }

    /// Opens the audit log for writing.
    pub(crate) async fn ledger(&self, keys: &Keys, durable: &Durable) -> Result<Ledger> {
        let settings = LedgerSettings {
            checkpoint_every: self.checkpoint_every,
            ..LedgerSettings::default()
        };
        let records = Arc::clone(&durable.ledger);
        Ledger::open(records, keys.ledger_signer(), &self.ledger_origin, settings)
            .await
            .context("the audit log does not open")
    }

    /// Opens everything, making what a first start lacks and bringing the schema up to date.
    pub(crate) async fn lay(self) -> Result<Foundation> {
        let keys = self.keys(Opening::FirstStart)?;
        let durable = self.durable(Opening::FirstStart).await?;
        durable.migrate_up().await.context("store.durable")?;
        self.with(keys, durable).await
    }

    /// Opens what is there and makes nothing: for whoever only looks.
    pub(crate) async fn visit(self) -> Result<Foundation> {
        let keys = self.keys(Opening::Existing)?;
        let durable = self.durable(Opening::Existing).await?;
        self.with(keys, durable).await
    }

    async fn with(self, keys: Keys, durable: Durable) -> Result<Foundation> {
        let clock = Arc::clone(&self.clock);
        let short_lived = self.short_lived(Arc::clone(&clock)).await?;
        let ledger = self.ledger(&keys, &durable).await?;
        let registry = Arc::new(RegistrySnapshot::load(Arc::clone(&durable.registry)).await?);
        let outgoing = Outgoing::new(self.egress).context("egress")?;
        let certified = certified(&outgoing, self.certificate.as_ref())?;
        let entropy = Arc::new(SystemEntropy);
        Ok(Foundation {
            checkpoint_every: self.checkpoint_every,
            clock,
            entropy,
            keys,
            rotation: self.rotation,
            durable,
            short_lived,
            ledger,
            registry,
            outgoing,
            certified,
        })
    }

    fn limits(&self) -> Limits {
        let records = self.records_in_memory;
        Limits {
            logins: records,
            codes: records,
            spent_codes: records.saturating_mul(3),
            access_tokens: records,
            revocations: records,
            sessions: records,
            replay: records.saturating_mul(3),
            attempts: records,
            pending: records / 2,
            pushed: records / 2,
            deferred: records / 2,
            verdicts: records,
            vouchers: records,
        }
    }
}

impl Foundation {
    /// Seals the hub's secrets at providers.
    pub(crate) fn provider_secrets(&self) -> Sealer {
        self.keys.sealer(guichet_broker::PROVIDER_SECRET)
    }
}

/// The token that the settings name, if they want one.
fn token(keys: &guichet_config::Keys) -> Option<Pkcs11Settings> {
    let token = &keys.pkcs11;
    (keys.custody == CustodyKind::Pkcs11).then(|| Pkcs11Settings {
        module: token.module.clone(),
        label: token.token.clone(),
        pin: token
            .pin
            .as_ref()
            .map_or_else(String::new, |pin| pin.expose().to_owned())
            .into(),
        sessions: usize::try_from(token.sessions).unwrap_or(1),
    })
}

/// The egress policy of a node's settings.
fn egress(settings: &Settings) -> Result<EgressPolicy> {
    let allowed_networks = networks("egress.private_networks", &settings.egress.private_networks)?;
    let mut extra_certificates = Vec::new();
    for path in &settings.egress.certificate_authorities {
        extra_certificates.push(read(path, "egress.certificate_authorities")?);
    }
    Ok(EgressPolicy {
        allowed_networks,
        extra_certificates,
        total_timeout: settings.egress.timeout.get(),
        ..EgressPolicy::default()
    })
}

/// A certificate chain and its key, as PEM.
pub(crate) type ChainAndKey = (Vec<u8>, Vec<u8>);

/// The hub's certificate as a client, if it has one.
fn certificate(settings: &Settings) -> Result<Option<ChainAndKey>, BadSetting> {
    let egress = &settings.egress;
    let (Some(certificate), Some(key)) = (&egress.client_certificate, &egress.client_key) else {
        return Ok(None);
    };
    Ok(Some((
        read(certificate, "egress.client_certificate")?,
        read(key, "egress.client_key")?,
    )))
}

/// The outgoing client that presents it.
pub(crate) fn certified(
    outgoing: &Outgoing,
    certificate: Option<&ChainAndKey>,
) -> Result<Option<Outgoing>, BadSetting> {
    let Some((chain, key)) = certificate else {
        return Ok(None);
    };
    let bad = |error: OutgoingError| BadSetting {
        key: "egress.client_certificate".to_owned(),
        problem: error.to_string(),
    };
    let certificate = ClientCertificate::from_pem(chain, key).map_err(bad)?;
    outgoing
        .with_certificate(certificate)
        .map(Some)
        .map_err(bad)
}

/// Networks as settings write them.
pub(crate) fn networks(key: &str, texts: &[String]) -> Result<Vec<Network>, BadSetting> {
    texts
        .iter()
        .map(|text| {
            text.parse()
                .map_err(|error: guichet_web::NotANetwork| BadSetting {
                    key: key.to_owned(),
                    problem: error.to_string(),
                })
        })
        .collect()
}

/// Reads a file that a setting names.
#[expect(
    clippy::disallowed_methods,
    reason = "files that settings name are read here, at start"
)]
pub(crate) fn read(path: &Path, key: &str) -> Result<Vec<u8>, BadSetting> {
    std::fs::read(path).map_err(|error| BadSetting {
        key: key.to_owned(),
        problem: format!("{}: cannot be read: {error}", path.display()),
    })
}

/// SQLite makes the file, not its folder.
#[expect(
    clippy::disallowed_methods,
    reason = "the database's folder is made here, at first start"
)]
fn make_parent(path: &Path) -> Result<()> {
    let Some(parent) = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    else {
        return Ok(());
    };
    std::fs::create_dir_all(parent)
        .with_context(|| format!("store.durable: {} cannot be made", parent.display()))
}
