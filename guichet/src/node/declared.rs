//! Clients and providers that settings or guests' files declare: checked, then put in the registry.

use anyhow::Result;
use guichet_config::Settings;
use guichet_domain::client::ClientDirectory as _;
use guichet_domain::{
    CivilRegisterPolicy, Client, ClientMetadata, Provider, ProviderMetadata, Sealed,
};
use guichet_keys::client_secret_hash;

use super::Foundation;
use crate::cli::BadSetting;

/// Checks what is declared without keys or stores: for `config check`.
pub(crate) fn check(settings: &Settings) -> Result<(), BadSetting> {
    for metadata in &settings.clients {
        client(metadata)?;
    }
    for metadata in &settings.providers {
        // Nothing is kept: any seal will do.
        provider(metadata, settings.civil_register.default, |_| {
            Sealed::from_bytes(Vec::new())
        })?;
    }
    Ok(())
}

/// Puts what is declared in the registry, as far as it is not there already.
pub(crate) async fn reconcile(
    foundation: &Foundation,
    clients: &[ClientMetadata],
    providers: &[ProviderMetadata],
    register: CivilRegisterPolicy,
) -> Result<()> {
    let now = foundation.clock.now();
    for metadata in clients {
        let declared = client(metadata)?;
        if foundation
            .registry
            .client(declared.id.as_str())
            .is_none_or(|known| *known != declared)
        {
            foundation.registry.put_client(&declared, now).await?;
        }
    }
    for metadata in providers {
        // A seal differs each time: a provider is written at every start, which is rare and harmless.
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
        foundation.registry.put_provider(&declared, now).await?;
    }
    Ok(())
}

fn client(metadata: &ClientMetadata) -> Result<Client, BadSetting> {
    metadata
        .check(client_secret_hash)
        .map_err(|error| BadSetting {
            key: format!("clients.{}", metadata.client_id),
            problem: error.to_string(),
        })
}

fn provider(
    metadata: &ProviderMetadata,
    register: CivilRegisterPolicy,
    seal: impl FnMut(&str) -> Sealed,
) -> Result<Provider, BadSetting> {
    metadata.check(seal, register).map_err(|error| BadSetting {
        key: format!("providers.{}", metadata.id),
        problem: error.to_string(),
    })
}
