//! What the settings let clients ask that register themselves.

use std::str::FromStr;

use guichet_config::{Registration, Settings};
use guichet_domain::KeySource;
use guichet_oidc::register::policy::{RegistrationPolicy, StatementIssuer, StatementPolicy};

use crate::cli::BadSetting;

/// The policy of the settings; `None` when nobody may register.
pub(crate) fn policy(settings: &Settings) -> Result<Option<RegistrationPolicy>, BadSetting> {
    let registration = &settings.registration;
    registration.enabled.then(|| of(registration)).transpose()
}

/// The policy of these settings, whether they are turned on or not.
pub(crate) fn of(settings: &Registration) -> Result<RegistrationPolicy, BadSetting> {
    Ok(RegistrationPolicy {
        open: settings.open,
        scopes: one("registration.scopes", &settings.scopes.join(" "))?,
        grant_types: each("registration.grant_types", &settings.grant_types)?,
        auth_methods: settings.token_endpoint_auth_methods.clone(),
        hosts: each("registration.hosts", &settings.hosts)?,
        highest_acr: settings.highest_acr,
        require_pkce: settings.require_pkce,
        kind: settings.kind,
        statements: StatementPolicy {
            required: settings.require_software_statement,
            issuers: settings
                .software_statement_issuers
                .iter()
                .map(|known| StatementIssuer {
                    issuer: known.issuer.clone(),
                    keys: KeySource::JwksUri(known.jwks_uri.clone()),
                })
                .collect(),
        },
        per_minute: settings.per_minute.get(),
        most_clients: usize::try_from(settings.most_clients).unwrap_or(usize::MAX),
    })
}

fn each<T>(key: &str, texts: &[String]) -> Result<Vec<T>, BadSetting>
where
    T: FromStr<Err: std::fmt::Display>,
{
    texts.iter().map(|text| one(key, text)).collect()
}

fn one<T>(key: &str, text: &str) -> Result<T, BadSetting>
where
    T: FromStr<Err: std::fmt::Display>,
{
    text.parse().map_err(|error: T::Err| BadSetting {
        key: key.to_owned(),
        problem: format!("`{text}`: {error}"),
    })
}
