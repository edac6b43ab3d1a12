//! What the options of a hub come to, for its engine and for itself.

use guichet_broker::HubSettings;
use guichet_broker::breaker::Patience;
use guichet_domain::ClientId;
use guichet_oidc::{
    AccessTokenFormat, CibaSettings, DeferredSettings, DeviceSettings, EngineSettings,
    PushedSettings, Resource, TokenSettings,
};
use guichet_portal::THAW_RETURN_PATH;

use super::{HubOptions, languages, without_slash};

/// How the engine of the hub is set.
pub(super) fn engine_settings(
    options: &HubOptions,
    issuer: String,
    account: ClientId,
) -> EngineSettings {
    EngineSettings {
        deferred: deferred(&issuer, &options.devices, &options.ciba),
        issuer,
        code_lifetime: options.lifetimes.code.get(),
        pushed: PushedSettings {
            lifetime: options.lifetimes.pushed_request.get(),
            sign_in_lifetime: options.lifetimes.login.get(),
            own_client: Some(account),
        },
        access_token_lifetime: options.lifetimes.access_token.get(),
        id_token_lifetime: options.lifetimes.id_token.get(),
        acr_values_supported: options.levels.clone(),
        signing_algs: options.algorithms.clone(),
        data_scopes: options
            .catalogue
            .data_scopes()
            .iter()
            .map(ToString::to_string)
            .collect(),
        dpop_nonce_required: options.dpop_nonce_required,
        client_certificates: options.client_certificates.clone(),
        public_subjects: options.public_subjects,
        ui_locales: languages(),
        tokens: TokenSettings {
            own_name_resources: vec![console_api(&options.console)],
            ..options.tokens.clone()
        },
    }
}

/// How the hub itself is set.
pub(super) fn hub_settings(
    options: &HubOptions,
    account: ClientId,
    console: ClientId,
) -> HubSettings {
    HubSettings {
        login_lifetime: options.lifetimes.login.get(),
        session_idle: options.lifetimes.session.get(),
        session_lifetime: options.lifetimes.session_absolute.get(),
        provider_timeout: options.provider_timeout,
        provider_patience: Patience {
            failures: options.provider_health.failures,
            pause: options.provider_health.pause.get(),
        },
        announcements: options.announcements.clone(),
        idp_hints: options.idp_hints.clone(),
        register: options.register_settings,
        email_required: options.email_required,
        account: Some(account),
        console: Some(console),
        thaw_return: Some(format!(
            "{}{THAW_RETURN_PATH}",
            without_slash(&options.issuer)
        )),
        alias_domain: options.alias_domain.clone(),
        sso: options.sso,
        suspicion: options.suspicion.clone(),
        place: options.place.clone(),
        ..HubSettings::new(options.issuer.clone())
    }
}

/// The API of the console, as clients ask for tokens in their own name.
fn console_api(address: &str) -> Resource {
    Resource {
        identifier: guichet_admin::api::resource(address),
        format: AccessTokenFormat::Opaque,
        scopes: guichet_admin::api::scopes(),
        clients: Vec::new(),
        service_tokens: false,
        claims: Vec::new(),
    }
}

/// Devices, and services that name a citizen, as far as they are switched on.
fn deferred(
    issuer: &str,
    devices: &guichet_config::Devices,
    ciba: &guichet_config::Ciba,
) -> DeferredSettings {
    DeferredSettings {
        device: devices.enabled.then(|| DeviceSettings {
            verification_uri: format!("{issuer}/account/device"),
            lifetime: devices.lifetime.get(),
            interval: devices.interval.get(),
        }),
        ciba: ciba.enabled.then(|| CibaSettings {
            lifetime: ciba.lifetime.get(),
            longest: ciba.longest.get(),
            interval: ciba.interval.get(),
        }),
    }
}
