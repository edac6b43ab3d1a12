//! From settings to what the engine knows of tokens: how they live on, and whom they are for.

use anyhow::Result;
use guichet_config::{Lifetime, Settings, TokenFormat};
use guichet_domain::scope::ScopeError;
use guichet_oidc::{AccessTokenFormat, Resource, SignInDemand, TokenSettings};

use crate::cli::BadSetting;

/// What a node's settings say of tokens.
pub(crate) fn of(settings: &Settings) -> Result<TokenSettings> {
    let lifetimes = &settings.lifetimes;
    Ok(TokenSettings {
        refresh_lifetime: lifetimes.refresh_token.get(),
        refresh_idle: lifetimes.refresh_token_idle.get(),
        refresh_window: lifetimes.refresh_token_overlap.get(),
        session_lifetime: lifetimes.session_absolute.get(),
        resources: settings
            .resources
            .iter()
            .map(resource)
            .collect::<Result<_>>()?,
        own_name_resources: Vec::new(),
        userinfo: SignInDemand {
            acr: settings.userinfo.acr,
            max_age: settings.userinfo.max_age.map(Lifetime::get),
        },
    })
}

fn resource(declared: &guichet_config::Resource) -> Result<Resource> {
    let bad = |problem: String| BadSetting {
        key: "resources".to_owned(),
        problem: format!("`{}`: {problem}", declared.identifier),
    };
    Ok(Resource {
        identifier: declared.identifier.clone(),
        format: match declared.access_token {
            TokenFormat::Opaque => AccessTokenFormat::Opaque,
            TokenFormat::Jwt => AccessTokenFormat::Jwt,
        },
        scopes: declared
            .scopes
            .join(" ")
            .parse()
            .map_err(|error: ScopeError| bad(error.to_string()))?,
        clients: declared.clients.clone(),
        service_tokens: declared.service_tokens,
        claims: declared.claims.clone(),
    })
}
