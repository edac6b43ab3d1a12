//! Clients, providers and data providers that settings or guests' files declare: checked, then put in the
//! registry.

use std::sync::Arc;

use anyhow::Result;
use guichet_admin::onboarding::Admission;
use guichet_admin::{DataProviderRecords, ProviderRecords, Records, SubjectRules};
use guichet_broker::claims_mapping::ClaimsMapping;
use guichet_config::Settings;
use guichet_domain::client::ClientDirectory as _;
use guichet_domain::data_provider::DataProviderDirectory as _;
use guichet_domain::{
    CivilRegisterPolicy, Client, ClientId, ClientMetadata, DataProvider, DataProviderMetadata,
    InvalidMember, KeepSecret, Provider, ProviderMetadata, Reason, Rule, Sealed, SecretHash,
};
use guichet_keys::client_secret_hash;
use guichet_oidc::ClientSecrets;
use guichet_web::Outgoing;

use super::Foundation;
use super::documents::ClientDocuments;
use crate::cli::BadSetting;

/// Checks what is declared without keys or stores: for `config check`. Fetches what a client's
/// `sector_identifier_uri` points to.
pub(crate) async fn check(settings: &Settings, outgoing: Outgoing) -> Result<(), BadSetting> {
    let documents = ClientDocuments(outgoing);
    for metadata in &settings.clients {
        let client = client(metadata, &NothingKept)?;
        is_in_no_other_sector(&client, &settings.data_providers)?;
        let rules = SubjectRules {
            public: settings.hub.public_subjects,
            documents: &documents,
        };
        check_subjects(&rules, &client).await?;
    }
    for metadata in &settings.providers {
        // Nothing is kept: any seal will do.
        provider(metadata, settings.civil_register.default, |_| {
            Sealed::from_bytes(Vec::new())
        })?;
    }
    for metadata in &settings.data_providers {
        data_provider(metadata)?;
    }
    Ok(())
}

/// What is declared, and what holds for all of it.
pub(crate) struct Declared<'a> {
    pub(crate) clients: &'a [ClientMetadata],
    pub(crate) providers: &'a [ProviderMetadata],
    pub(crate) data_providers: &'a [DataProviderMetadata],
    /// Of providers that say nothing of it.
    pub(crate) register: CivilRegisterPolicy,
    /// Whether clients may have public subjects.
    pub(crate) public_subjects: bool,
    /// Whether clients in production need a habilitation.
    pub(crate) habilitation_required: bool,
}

/// Puts what is declared in the registry, as far as it is not there already.
pub(crate) async fn reconcile(foundation: &Foundation, declared: Declared<'_>) -> Result<()> {
    let secrets = ClientSecrets::new(&foundation.keys);
    for metadata in declared.clients {
        let client = client(metadata, &secrets)?;
        is_in_no_other_sector(&client, declared.data_providers)?;
        let client = admitted(foundation, client, metadata, &declared).await?;
        put_client(foundation, client, declared.public_subjects).await?;
    }
    // Seen all at once: thousands of them, each read again after every one, would take a start minutes.
    foundation.registry.refresh().await?;
    put_providers(foundation, declared.providers, declared.register).await?;
    put_data_providers(foundation, declared.data_providers).await
}

/// Puts data providers in the registry. The client that each introspects with is there before.
pub(crate) async fn put_data_providers(
    foundation: &Foundation,
    data_providers: &[DataProviderMetadata],
) -> Result<()> {
    let now = foundation.clock.now();
    for metadata in data_providers {
        let known = data_provider(metadata)?;
        let client = foundation.registry.client(known.client.as_str());
        is_its_own_client(&known, client.as_deref()).map_err(|error| BadSetting {
            key: format!("data_providers.{}", known.id),
            problem: error.to_string(),
        })?;
        let before = foundation.registry.data_provider(known.id.as_str());
        let is_there = before.is_some_and(|before| *before == known);
        declare::<DataProviderRecords>(foundation, is_there, &known).await?;
        foundation.registry.put_data_provider(&known, now).await?;
    }
    Ok(())
}

/// What is declared is on record before it changes what is there, like any other change.
async fn declare<R: Records>(
    foundation: &Foundation,
    is_there: bool,
    declared: &R::Record,
) -> Result<()> {
    if !is_there {
        let event = R::event(declared, "declared", foundation.clock.now());
        foundation.ledger.append(event).await?;
    }
    Ok(())
}

/// Its client has the sector in which vouchers name citizens: whoever signs in there once is known by the
/// name that their vouchers will have.
pub(crate) fn is_its_own_client(
    known: &DataProvider,
    client: Option<&Client>,
) -> Result<(), InvalidMember> {
    let invalid = |reason: Reason| InvalidMember::new("client_id", reason);
    let client = client.ok_or_else(|| invalid(Rule::NoSuchClient.into()))?;
    let sector = known.sector();
    if client.sector == sector {
        Ok(())
    } else {
        Err(invalid(Rule::NeedsSector.of(sector)))
    }
}

/// The names that vouchers have in the sector of a data provider are for its own client: any other would know
/// citizens by them, too. Of one whose data provider is not declared beside it, the hub makes sure at each
/// sign-in.
fn is_in_no_other_sector(
    client: &Client,
    data_providers: &[DataProviderMetadata],
) -> Result<(), BadSetting> {
    for metadata in data_providers {
        let holder = data_provider(metadata)?;
        if client.sector == holder.sector() && client.id != holder.client {
            return Err(BadSetting {
                key: format!("clients.{}", client.id),
                problem: format!(
                    "sector: {} is for the client of that data provider alone",
                    client.sector
                ),
            });
        }
    }
    Ok(())
}

fn data_provider(metadata: &DataProviderMetadata) -> Result<DataProvider, BadSetting> {
    metadata.check().map_err(|error| BadSetting {
        key: format!("data_providers.{}", metadata.id),
        problem: error.to_string(),
    })
}

/// The client, if it may be registered: out of use where its habilitation grants nothing at this moment, so that
/// a suspension outlives a start; with no more than is granted where a later version grants less than the
/// settings say, so that two signatures keep no node from starting.
async fn admitted(
    foundation: &Foundation,
    mut client: Client,
    metadata: &ClientMetadata,
    declared: &Declared<'_>,
) -> Result<Client> {
    let admission = Admission {
        habilitations: Arc::clone(&foundation.durable.habilitations),
        required: declared.habilitation_required,
    };
    client.active &= admission.stands(&client).await?;
    let within = admission.within(&client).await?;
    if within != client {
        tracing::warn!(
            client = %client.id,
            "the settings ask for more than its habilitation grants: it gets what is granted"
        );
        client = within;
    }
    let known = foundation.registry.client(client.id.as_str());
    let secrets = ClientSecrets::new(&foundation.keys);
    let given = metadata.client_secret.as_deref();
    let registry = &*foundation.durable.registry;
    let judged = admission
        .check(
            known.as_deref(),
            (&client, given),
            (registry, &secrets),
            foundation.clock.now(),
        )
        .await?;
    judged.map_err(|error| BadSetting {
        key: format!("clients.{}", client.id),
        problem: error.to_string(),
    })?;
    Ok(client)
}

/// One that is known as it is was let in before: a start does not hang on what a client publishes.
async fn put_client(foundation: &Foundation, client: Client, public_subjects: bool) -> Result<()> {
    let known = foundation.registry.client(client.id.as_str());
    if known.is_some_and(|known| *known == client) {
        return Ok(());
    }
    let documents = ClientDocuments(foundation.outgoing.clone());
    let rules = SubjectRules {
        public: public_subjects,
        documents: &documents,
    };
    check_subjects(&rules, &client).await?;
    let now = foundation.clock.now();
    foundation.durable.registry.put_client(&client, now).await?;
    Ok(())
}

async fn check_subjects(rules: &SubjectRules<'_>, client: &Client) -> Result<(), BadSetting> {
    rules.check(client).await.map_err(|error| BadSetting {
        key: format!("clients.{}", client.id),
        problem: error.to_string(),
    })
}

/// For a check alone: no secret rests anywhere.
struct NothingKept;

impl KeepSecret for NothingKept {
    fn hash(&self, secret: &str) -> SecretHash {
        client_secret_hash(secret)
    }

    fn seal(&self, _client: &ClientId, _secret: &str) -> Option<Sealed> {
        Some(Sealed::from_bytes(Vec::new()))
    }
}

async fn put_providers(
    foundation: &Foundation,
    providers: &[ProviderMetadata],
    register: CivilRegisterPolicy,
) -> Result<()> {
    let now = foundation.clock.now();
    for metadata in providers {
        // Written at every start, over what an operator changed: the settings are where it is changed.
        let sealer = foundation.provider_secrets();
        let mut fault = None;
        let declared = provider(metadata, register, |secret| {
            sealer
                .seal(metadata.id.as_bytes(), secret.as_bytes())
                .unwrap_or_else(|error| {
                    fault = Some(error);
                    Sealed::from_bytes(Vec::new())
                })
        })?;
        if let Some(error) = fault {
            return Err(error.into());
        }
        let known = foundation.registry.provider(declared.id.as_str());
        let is_there = known.is_some_and(|known| is_same(&known, &declared));
        declare::<ProviderRecords>(foundation, is_there, &declared).await?;
        foundation.registry.put_provider(&declared, now).await?;
    }
    Ok(())
}

/// Whether two records say the same, seals aside: one differs each time it is made.
fn is_same(known: &Provider, declared: &Provider) -> bool {
    let unsealed = |provider: &Provider| Provider {
        client_secret: None,
        ..provider.clone()
    };
    unsealed(known) == unsealed(declared)
        && known.client_secret.is_some() == declared.client_secret.is_some()
}

fn client(metadata: &ClientMetadata, keep: &impl KeepSecret) -> Result<Client, BadSetting> {
    metadata.check_keeping(keep).map_err(|error| BadSetting {
        key: format!("clients.{}", metadata.client_id),
        problem: error.to_string(),
    })
}

fn provider(
    metadata: &ProviderMetadata,
    register: CivilRegisterPolicy,
    seal: impl FnMut(&str) -> Sealed,
) -> Result<Provider, BadSetting> {
    let checked = metadata.check(seal, register);
    let usable = checked.and_then(|provider| rules_compile(&provider).map(|()| provider));
    usable.map_err(|error| BadSetting {
        key: format!("providers.{}", metadata.id),
        problem: error.to_string(),
    })
}

/// Refuses a provider whose rules for claims do not compile.
pub(crate) fn rules_compile(provider: &Provider) -> Result<(), InvalidMember> {
    ClaimsMapping::compile(&provider.claims_mapping)
        .map(drop)
        .map_err(|error| InvalidMember::new("claims_mapping", error.to_string()))
}
