//! The houses on a foundation: the hub, an embedded identity provider, the management listener.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use guichet_admin::{Check, Management};
use guichet_broker::breaker::Patience;
use guichet_broker::civil_register::RegisterSettings;
use guichet_broker::{
    Announcement, CivilRegister, Hub, HubParts, HubSettings, ProviderDirectory, Rnipp,
    SingleSignOn, Suspicion,
};
use guichet_config::Settings;
use guichet_domain::client::ClientDirectory;
use guichet_domain::data_provider::DataProviderDirectory;
use guichet_domain::{Acr, AcrValue, Entropy, ProviderId, SigningAlg};
use guichet_exchange::{Catalogue, Desk, DeskParts};
use guichet_idp::{Idp, IdpParts, IdpSettings, Mailer, PasswordPool};
use guichet_keys::SystemEntropy;
use guichet_oidc::register::policy::RegistrationPolicy;
use guichet_oidc::{
    CibaSettings, ClientCertificates, DeferredSettings, DeviceSettings, Engine, EngineParts,
    EngineSettings, NoRichAuthorization, PushedSettings, RegisteredClients, Registering,
    RichAuthorization, TokenSettings,
};
use guichet_portal::Portal;
use guichet_web::{
    Accent, Brand, Cookies, Csrf, Emblem, FormAction, Locale, Pages, PagesSettings, TrustedProxies,
};
use http::HeaderName;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::account::{HubSession, WithAccount};
use super::documents::{ClientDocuments, DataProviders};
use super::{Foundation, foundation, registration, tokens};
use crate::cli::BadSetting;
use crate::clock::SystemClock;
use crate::limit;
use crate::tls::{self, ProxyCertificates};

/// What differs from one hub to the next.
#[expect(clippy::struct_excessive_bools, reason = "settings that are on or off")]
pub(crate) struct HubOptions {
    pub(crate) issuer: Url,
    pub(crate) name: String,
    pub(crate) demo: bool,
    pub(crate) theme: Option<std::path::PathBuf>,
    pub(crate) catalogue: Catalogue,
    pub(crate) levels: Vec<AcrValue>,
    /// Whether clients may have public subjects.
    pub(crate) public_subjects: bool,
    /// Providers that clients without a list of their own may name; `None` for all.
    pub(crate) idp_hints: Option<Vec<ProviderId>>,
    /// What clients may ask that register themselves; `None` when none may.
    pub(crate) registration: Option<RegistrationPolicy>,
    pub(crate) algorithms: Vec<SigningAlg>,
    pub(crate) lifetimes: guichet_config::Lifetimes,
    pub(crate) devices: guichet_config::Devices,
    pub(crate) ciba: guichet_config::Ciba,
    pub(crate) tokens: TokenSettings,
    pub(crate) provider_timeout: Duration,
    pub(crate) provider_health: guichet_config::ProviderHealth,
    pub(crate) announcements: Vec<Announcement>,
    pub(crate) register: Option<(Url, Duration)>,
    pub(crate) register_settings: RegisterSettings,
    pub(crate) email_required: bool,
    pub(crate) trusted_proxies: TrustedProxies,
    /// How clients come with a certificate, if they can.
    pub(crate) client_certificates: Option<ClientCertificates>,
    /// Certificates that the trusted proxies pass on.
    pub(crate) proxy_certificates: Option<ProxyCertificates>,
    /// Whether every DPoP proof must hold a nonce.
    pub(crate) dpop_nonce_required: bool,
    /// How far one sign-in goes.
    pub(crate) sso: SingleSignOn,
    /// What makes a request suspicious.
    pub(crate) suspicion: Option<Suspicion>,
    /// Requests a minute from one address, to what browsers call.
    pub(crate) requests_per_minute: std::num::NonZeroU32,
    /// What stands at `/`; the citizen's account when there is nothing else.
    pub(crate) front: Option<Router>,
}

/// A hub and its routes.
pub(crate) struct HubHouse {
    pub(crate) hub: Hub,
    pub(crate) router: Router,
}

/// A message of the settings, whose dates were read when they were checked.
fn announcement(declared: &guichet_config::Announcement) -> Announcement {
    let (from, until) = declared.shown().unwrap_or_default();
    Announcement {
        fr: declared.fr.clone(),
        en: declared.en.clone(),
        from,
        until,
    }
}

impl HubOptions {
    /// What a node's settings say.
    pub(crate) fn of(settings: &Settings) -> Result<Self> {
        let networks = foundation::networks("hub.trusted_proxies", &settings.hub.trusted_proxies)?;
        let suspicion = suspicion(settings)?;
        let theirs = suspicion.iter().map(|it| it.header.clone()).collect();
        let trusted_proxies = TrustedProxies::new(networks).alone_may_send(theirs);
        Ok(Self {
            sso: SingleSignOn {
                enabled: settings.single_sign_on.enabled,
                highest: settings.single_sign_on.highest,
            },
            suspicion,
            issuer: Url::parse(&settings.hub.issuer)?,
            name: settings.hub.name.clone(),
            demo: false,
            theme: settings.pages.theme.clone(),
            catalogue: catalogue(settings)?,
            levels: settings.levels.offered.clone(),
            public_subjects: settings.hub.public_subjects,
            idp_hints: settings.hub.idp_hints.clone(),
            registration: registration::policy(settings)?,
            algorithms: settings.keys.algorithms.clone(),
            lifetimes: settings.lifetimes.clone(),
            devices: settings.devices.clone(),
            ciba: settings.ciba.clone(),
            tokens: tokens::of(settings)?,
            provider_timeout: settings.egress.timeout.get(),
            provider_health: settings.provider_health.clone(),
            announcements: settings.announcements.iter().map(announcement).collect(),
            register: settings
                .civil_register
                .url
                .clone()
                .map(|url| (url, settings.civil_register.timeout.get())),
            register_settings: register_settings(&settings.civil_register),
            email_required: settings.identity.email_required,
            client_certificates: tls::certificates_of(settings),
            proxy_certificates: ProxyCertificates::of(
                settings,
                &trusted_proxies,
                Arc::new(SystemClock),
            )?,
            dpop_nonce_required: settings.dpop.nonce_required,
            trusted_proxies,
            requests_per_minute: settings.limits.requests_per_minute,
            front: None,
        })
    }
}

fn register_settings(settings: &guichet_config::Civil) -> RegisterSettings {
    RegisterSettings {
        patience: Patience {
            failures: settings.failures.get(),
            pause: settings.pause.get(),
        },
        remember: settings.remember.get(),
        without: settings.without,
    }
}

/// The word of the proxies about a request. A header that cannot be one is a setting that cannot hold.
fn suspicion(settings: &Settings) -> Result<Option<Suspicion>> {
    let suspicious = &settings.levels.suspicious;
    let Some(name) = &suspicious.header else {
        return Ok(None);
    };
    let header = HeaderName::try_from(name.as_str()).map_err(|error| BadSetting {
        key: "levels.suspicious.header".to_owned(),
        problem: format!("{name}: {error}"),
    })?;
    Ok(Some(Suspicion {
        header,
        floor: suspicious.floor,
    }))
}

fn catalogue(settings: &Settings) -> Result<Catalogue> {
    let Some(path) = &settings.pages.catalogue else {
        return Ok(Catalogue::builtin()?);
    };
    let bad = |problem: String| BadSetting {
        key: "pages.catalogue".to_owned(),
        problem,
    };
    let text = String::from_utf8(foundation::read(path, "pages.catalogue")?)
        .map_err(|_| bad(format!("{}: not text", path.display())))?;
    Ok(Catalogue::parse(&text).map_err(|error| bad(format!("{}: {error}", path.display())))?)
}

/// The languages of every page.
fn languages() -> Vec<&'static str> {
    Locale::ALL.map(Locale::tag).to_vec()
}

/// Builds the hub.
#[expect(clippy::too_many_lines, reason = "one part after the other")]
pub(crate) fn hub(foundation: &Foundation, options: HubOptions) -> Result<HubHouse> {
    let pages = hub_pages(&foundation.entropy, &options)?;
    let data_scopes: Vec<String> = options
        .catalogue
        .data_scopes()
        .iter()
        .map(ToString::to_string)
        .collect();
    let issuer = without_slash(&options.issuer);
    let account = WithAccount::new(
        Arc::clone(&foundation.registry) as Arc<dyn ClientDirectory>,
        &issuer,
    )?;
    let account_id = account.id();
    let clients: Arc<dyn ClientDirectory> = Arc::new(account);
    let catalogue = Arc::new(options.catalogue);
    let desk = desk(
        foundation,
        &issuer,
        Arc::clone(&clients),
        Arc::clone(&catalogue),
        options.lifetimes.access_token.get(),
    )?;
    let engine = engine(
        foundation,
        Arc::clone(&clients),
        Arc::clone(&desk) as Arc<dyn RichAuthorization>,
        EngineSettings {
            deferred: deferred(&issuer, &options.devices, &options.ciba),
            issuer,
            code_lifetime: options.lifetimes.code.get(),
            pushed: PushedSettings {
                lifetime: options.lifetimes.pushed_request.get(),
                sign_in_lifetime: options.lifetimes.login.get(),
                own_client: Some(account_id.clone()),
            },
            access_token_lifetime: options.lifetimes.access_token.get(),
            id_token_lifetime: options.lifetimes.id_token.get(),
            acr_values_supported: options.levels,
            signing_algs: options.algorithms,
            data_scopes,
            dpop_nonce_required: options.dpop_nonce_required,
            client_certificates: options.client_certificates,
            public_subjects: options.public_subjects,
            ui_locales: languages(),
            tokens: options.tokens,
        },
        options.registration,
    );
    let register = options.register.map(|(url, timeout)| {
        Arc::new(Rnipp::new(url, foundation.outgoing.clone(), timeout)) as Arc<dyn CivilRegister>
    });
    let public_url = options.issuer.clone();
    let hub = Hub::new(HubParts {
        settings: HubSettings {
            login_lifetime: options.lifetimes.login.get(),
            session_idle: options.lifetimes.session.get(),
            session_lifetime: options.lifetimes.session_absolute.get(),
            provider_timeout: options.provider_timeout,
            provider_patience: Patience {
                failures: options.provider_health.failures,
                pause: options.provider_health.pause.get(),
            },
            announcements: options.announcements,
            idp_hints: options.idp_hints,
            register: options.register_settings,
            email_required: options.email_required,
            account: Some(account_id),
            sso: options.sso,
            suspicion: options.suspicion,
            ..HubSettings::new(options.issuer)
        },
        engine: engine.clone(),
        keys: foundation.keys.clone(),
        cookies: Cookies::new("hub", pages.is_https())?,
        outgoing: foundation.outgoing.clone(),
        certified: foundation.certified.clone(),
        clients,
        providers: Arc::clone(&foundation.registry) as Arc<dyn ProviderDirectory>,
        logins: Arc::clone(&foundation.short_lived.logins),
        sessions: Arc::clone(&foundation.short_lived.sessions),
        session_index: Arc::clone(&foundation.short_lived.session_index),
        replay: Arc::clone(&foundation.short_lived.replay),
        pending: Arc::clone(&foundation.short_lived.pending),
        people: Arc::clone(&foundation.durable.people),
        corrections: Arc::clone(&foundation.durable.corrections),
        subjects: Arc::clone(&foundation.durable.subjects),
        consents: Arc::clone(&foundation.durable.consents),
        outbox: Arc::clone(&foundation.durable.outbox),
        register,
        verdicts: Arc::clone(&foundation.short_lived.verdicts),
        ledger: foundation.ledger.clone(),
        exchange: Some(Arc::clone(&desk)),
        scope_labels: Arc::new(move |scope, locale: Locale| {
            catalogue.label(scope, locale.tag()).map(str::to_owned)
        }),
        clock: Arc::clone(&foundation.clock),
        entropy: Arc::clone(&foundation.entropy),
        pages: pages.clone(),
    });
    let front = options.front.unwrap_or_else(|| {
        let account = format!("{}/account", pages.base());
        Router::new().route("/", get(move || async move { Redirect::to(&account) }))
    });
    let portal = Portal {
        pages: pages.clone(),
        registry: Arc::clone(&foundation.registry),
        engine: engine.clone(),
        house: Arc::new(hub.clone()),
        signed_in: Arc::new(HubSession(hub.clone())),
        sessions: Arc::new(HubSession(hub.clone())),
        exchange: Some(Arc::clone(&desk)),
        cookies: Cookies::new("hub", pages.is_https())?,
        csrf: Csrf::new(foundation.keys.derive("portal-csrf"), &public_url),
        clock: Arc::clone(&foundation.clock),
        entropy: Arc::clone(&foundation.entropy),
    };
    let well_known = guichet_oidc::well_known_routes(engine.clone(), Arc::new(hub.clone()));
    let router = front
        .merge(guichet_exchange::routes(desk, engine.clone()))
        .merge(guichet_oidc::routes(engine, Arc::new(hub.clone())))
        .merge(guichet_broker::routes(hub.clone()))
        .merge(guichet_portal::routes(portal))
        .merge(pages.common_routes());
    let (proxies, per_minute) = (options.trusted_proxies, options.requests_per_minute);
    let router = limit::limited(router, proxies, per_minute);
    let router = match pages.base() {
        "" => router,
        base => well_known.nest(base, router),
    };
    let router = pages.wrap(router);
    let router = match options.proxy_certificates {
        Some(certificates) => certificates.wrap(router),
        None => router,
    };
    Ok(HubHouse { hub, router })
}

/// Builds the desk of the exchange.
fn desk(
    foundation: &Foundation,
    issuer: &str,
    clients: Arc<dyn ClientDirectory>,
    catalogue: Arc<Catalogue>,
    tokens_live: Duration,
) -> Result<Arc<Desk>> {
    let desk = Desk::new(DeskParts {
        issuer: issuer.to_owned(),
        catalogue,
        keys: foundation.keys.clone(),
        clients,
        data_providers: Arc::clone(&foundation.registry) as Arc<dyn DataProviderDirectory>,
        grants: Arc::clone(&foundation.durable.evidence_grants),
        vouchers: Arc::clone(&foundation.short_lived.vouchers),
        subjects: Arc::clone(&foundation.durable.subjects),
        access_tokens: Arc::clone(&foundation.short_lived.access_tokens),
        refresh: Arc::clone(&foundation.durable.refresh_tokens),
        tokens_live,
        fetch: Arc::new(ClientDocuments(foundation.outgoing.clone())),
        post: Arc::new(DataProviders(foundation.outgoing.clone())),
        ledger: foundation.ledger.clone(),
        clock: Arc::clone(&foundation.clock),
        entropy: Arc::clone(&foundation.entropy),
    })?;
    Ok(Arc::new(desk))
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

/// Builds the pages and throws them away: what is wrong with a theme shows here.
pub(crate) fn check_pages(options: &HubOptions) -> Result<()> {
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    hub_pages(&entropy, options).map(drop)
}

fn hub_pages(entropy: &Arc<dyn Entropy>, options: &HubOptions) -> Result<Pages> {
    let brand = Brand::new(options.name.clone())
        .accent(Accent::Ink)
        .emblem(Emblem::Guichet);
    let builder = Pages::builder(PagesSettings {
        brand: if options.demo { brand.demo() } else { brand },
        public_url: options.issuer.clone(),
        theme_dir: options.theme.clone(),
        form_action: FormAction::Leaving,
        entropy: Arc::clone(entropy),
    });
    guichet_broker::pages::with_pages(builder)
        .with_templates(guichet_portal::TEMPLATES)
        .with_texts(Locale::French, guichet_portal::TEXTS_FR)
        .with_texts(Locale::English, guichet_portal::TEXTS_EN)
        .build()
        .context("the pages do not build; look at the theme folder")
}

/// What differs from one embedded identity provider to the next.
pub(crate) struct IdpOptions {
    pub(crate) settings: IdpSettings,
    pub(crate) accent: Accent,
    pub(crate) passwords: PasswordPool,
    pub(crate) mailer: Arc<dyn Mailer>,
}

/// Builds an embedded identity provider, for the demo.
pub(crate) fn identity_provider(
    foundation: &Foundation,
    options: IdpOptions,
) -> Result<(Idp, Router)> {
    let settings = options.settings;
    let builder = Pages::builder(PagesSettings {
        brand: Brand::new(settings.title.clone())
            .accent(options.accent)
            .emblem(Emblem::Initial)
            .demo(),
        public_url: settings.issuer.clone(),
        theme_dir: None,
        form_action: FormAction::Leaving,
        entropy: Arc::clone(&foundation.entropy),
    });
    let pages = guichet_idp::register(builder).build()?;
    let engine = engine(
        foundation,
        Arc::clone(&foundation.registry) as Arc<dyn ClientDirectory>,
        Arc::new(NoRichAuthorization),
        EngineSettings {
            issuer: without_slash(&settings.issuer),
            code_lifetime: Duration::from_mins(1),
            pushed: PushedSettings::default(),
            access_token_lifetime: Duration::from_mins(1),
            id_token_lifetime: Duration::from_mins(5),
            acr_values_supported: Acr::ALL
                .into_iter()
                .filter(|acr| *acr <= settings.max_acr)
                .map(AcrValue::alone)
                .collect(),
            signing_algs: vec![SigningAlg::Es256],
            data_scopes: Vec::new(),
            dpop_nonce_required: false,
            client_certificates: None,
            // The hub's to offer: who signs in here is on the way to the hub.
            deferred: DeferredSettings::default(),
            public_subjects: false,
            ui_locales: languages(),
            tokens: TokenSettings::default(),
        },
        None,
    );
    let idp = Idp::new(IdpParts {
        engine,
        pages,
        keys: foundation.keys.clone(),
        ledger: foundation.ledger.clone(),
        clients: Arc::clone(&foundation.registry) as Arc<dyn ClientDirectory>,
        logins: Arc::clone(&foundation.short_lived.logins),
        sessions: Arc::clone(&foundation.short_lived.sessions),
        replay: Arc::clone(&foundation.short_lived.replay),
        attempts: Arc::clone(&foundation.short_lived.attempts),
        pending: Arc::clone(&foundation.short_lived.pending),
        accounts: Arc::clone(&foundation.durable.accounts),
        authenticators: Arc::clone(&foundation.durable.authenticators),
        outbox: Arc::clone(&foundation.durable.outbox),
        passwords: options.passwords,
        mailer: options.mailer,
        outgoing: foundation.outgoing.clone(),
        clock: Arc::clone(&foundation.clock),
        entropy: Arc::clone(&foundation.entropy),
        settings,
    })?;
    let router = TrustedProxies::default().wrap(guichet_idp::routes(idp.clone()));
    Ok((idp, router))
}

/// The management listener of a node.
pub(crate) fn management(
    foundation: &Foundation,
    hub: &Hub,
    issuer: &str,
    address: &str,
    metrics: PrometheusHandle,
    stopping: CancellationToken,
) -> Result<Router> {
    let pages = Pages::builder(PagesSettings {
        brand: Brand::new("Guichet – exploitation")
            .accent(Accent::Ink)
            .emblem(Emblem::Guichet),
        public_url: Url::parse(address)?,
        theme_dir: None,
        form_action: FormAction::Local,
        entropy: Arc::clone(&foundation.entropy),
    })
    .with_templates(guichet_admin::TEMPLATES)
    .with_texts(Locale::French, guichet_admin::TEXTS_FR)
    .with_texts(Locale::English, guichet_admin::TEXTS_EN)
    .build()?;
    let routes = guichet_admin::routes(Management {
        pages: pages.clone(),
        issuer: issuer.to_owned(),
        checks: serving_checks(foundation, stopping),
        watched: vec![provider_keys(hub)],
        registry: Arc::clone(&foundation.durable.registry),
        ledger: Arc::clone(&foundation.durable.ledger),
        keys: foundation.keys.clone(),
        metrics,
    });
    Ok(pages.wrap(routes.merge(pages.common_routes())))
}

/// Whether every provider was reached lately: people sign in with what was known of it before.
fn provider_keys(hub: &Hub) -> Check {
    let hub = hub.clone();
    Check::new("provider-keys", move || {
        let stale = hub.stale_providers();
        async move {
            let names: Vec<String> = stale.iter().map(ToString::to_string).collect();
            if names.is_empty() {
                Ok(())
            } else {
                Err(names.join(", "))
            }
        }
    })
}

/// What must hold for a node to be sent traffic.
fn serving_checks(foundation: &Foundation, stopping: CancellationToken) -> Vec<Check> {
    let mut checks = checks(foundation);
    checks.push(Check::new("accepting requests", move || {
        let stops = stopping.is_cancelled();
        async move {
            if stops {
                Err("the node is stopping".to_owned())
            } else {
                Ok(())
            }
        }
    }));
    checks
}

/// What a foundation must hold for a node to serve.
fn checks(foundation: &Foundation) -> Vec<Check> {
    let (durable, short_lived) = (foundation.durable.clone(), foundation.short_lived.clone());
    let (ledger, keys) = (foundation.ledger.clone(), foundation.keys.clone());
    vec![
        Check::new("durable store", move || {
            let durable = durable.clone();
            async move { durable.check().await.map_err(|error| error.to_string()) }
        }),
        Check::new("short-lived store", move || {
            let short_lived = short_lived.clone();
            async move { short_lived.check().await.map_err(|error| error.to_string()) }
        }),
        Check::new("audit log", move || {
            let writing = ledger.is_writing();
            async move {
                if writing {
                    Ok(())
                } else {
                    Err("entries wait to be written".to_owned())
                }
            }
        }),
        Check::new("signing keys", move || {
            let keys = keys.clone();
            async move { keys.ring().check().map_err(|error| error.to_string()) }
        }),
    ]
}

fn engine(
    foundation: &Foundation,
    clients: Arc<dyn ClientDirectory>,
    rich: Arc<dyn RichAuthorization>,
    settings: EngineSettings,
    registration: Option<RegistrationPolicy>,
) -> Engine {
    let parts = EngineParts {
        settings,
        keys: foundation.keys.clone(),
        clients,
        codes: Arc::clone(&foundation.short_lived.codes),
        pushed: Arc::clone(&foundation.short_lived.pushed),
        access_tokens: Arc::clone(&foundation.short_lived.access_tokens),
        refresh: Arc::clone(&foundation.durable.refresh_tokens),
        replay: Arc::clone(&foundation.short_lived.replay),
        fetch: Arc::new(ClientDocuments(foundation.outgoing.clone())),
        deferred: Arc::clone(&foundation.short_lived.deferred),
        attempts: Arc::clone(&foundation.short_lived.attempts),
        rich,
        ledger: foundation.ledger.clone(),
        clock: Arc::clone(&foundation.clock),
        entropy: Arc::clone(&foundation.entropy),
    };
    match registration {
        Some(policy) => Engine::with_registration(
            parts,
            Registering {
                policy,
                clients: Arc::clone(&foundation.registry) as Arc<dyn RegisteredClients>,
                initial_access_tokens: Arc::clone(&foundation.durable.initial_access_tokens),
            },
        ),
        None => Engine::new(parts),
    }
}

/// An issuer is compared character by character: the parser's slash is not part of it.
fn without_slash(issuer: &Url) -> String {
    issuer.as_str().trim_end_matches('/').to_owned()
}
