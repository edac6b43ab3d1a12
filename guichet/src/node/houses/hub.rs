//! The hub: engine, broker, exchange and portal under one address.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use guichet_admin::AuditBook;
use guichet_admin::onboarding::{PublicRegister, ReadRegister};
use guichet_admin::statistics::{PublicStatistics, StatisticsBook};
use guichet_admin::support::{SEALED_FOR, SupportDesk};
use guichet_admin::tester::Tester;
use guichet_admin::webhooks::WebhookPost;
use guichet_broker::breaker::Patience;
use guichet_broker::{
    CaseOffice, CivilRegister, Hub, HubParts, HubSettings, ProviderDirectory, Rnipp, Tidings,
};
use guichet_domain::ClientId;
use guichet_domain::client::ClientDirectory;
use guichet_exchange::Desk;
use guichet_oidc::{
    AccessTokenFormat, CibaSettings, DeferredSettings, DeviceSettings, Engine, EngineSettings,
    PushedSettings, Resource, RichAuthorization, TokenSettings,
};
use guichet_portal::{
    HistoryBook, Live, Places, Portal, Retention, RightsOffice, THAW_RETURN_PATH,
};
use guichet_store::durable::Carrier;
use guichet_web::{Cookies, Csrf, Locale, Mailer, Pages};

use super::citizens::{Offices, support_desk};
use super::desk::desk;
use super::hub_pages::hub_pages;
use super::{HubOptions, engine, languages, without_slash};
use crate::limit;
use crate::node::Foundation;
use crate::node::account::HubSession;
use crate::node::mail::MailLetters;
use crate::node::own_clients::WithOwnClients;

/// A hub and its routes.
pub(crate) struct HubHouse {
    pub(crate) hub: Hub,
    pub(crate) desk: Arc<Desk>,
    pub(crate) histories: HistoryBook,
    pub(crate) statistics: StatisticsBook,
    pub(crate) audit: AuditBook,
    pub(crate) support: SupportDesk,
    pub(crate) tester: Tester,
    pub(crate) webhooks: Arc<WebhookPost>,
    /// Mail to citizens.
    pub(crate) mail: Arc<MailLetters>,
    /// Mail to those who operate the hub.
    pub(crate) console_mail: Arc<MailLetters>,
    pub(crate) engine: Engine,
    pub(crate) router: Router,
}

/// Builds the hub.
pub(crate) fn hub(foundation: &Foundation, mut options: HubOptions) -> Result<HubHouse> {
    let pages = hub_pages(&foundation.entropy, &options)?;
    let issuer = without_slash(&options.issuer);
    let own = WithOwnClients::new(
        Arc::clone(&foundation.registry) as Arc<dyn ClientDirectory>,
        &issuer,
        (&options.console, &foundation.keys),
    )?;
    let (account_id, console_id) = (own.account(), own.console());
    let clients: Arc<dyn ClientDirectory> = Arc::new(own);
    let desk = desk(
        foundation,
        &issuer,
        Arc::clone(&clients),
        Arc::clone(&options.catalogue),
        &options.lifetimes,
    )?;
    let engine = engine(
        foundation,
        Arc::clone(&clients),
        Arc::clone(&desk) as Arc<dyn RichAuthorization>,
        engine_settings(&options, issuer, account_id.clone()),
        options.registration.take(),
    );
    let webhooks = webhook_post(foundation);
    let mail = MailLetters::of_house(foundation, Arc::clone(&options.mailer));
    let console_mail = MailLetters::of_console(foundation, Arc::clone(&options.console_mailer));
    let hub = Hub::new(HubParts {
        settings: hub_settings(&options, account_id, console_id),
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
        attempts: Arc::clone(&foundation.short_lived.attempts),
        pending: Arc::clone(&foundation.short_lived.pending),
        people: Arc::clone(&foundation.durable.people),
        corrections: Arc::clone(&foundation.durable.corrections),
        gate: Arc::clone(&foundation.durable.gate),
        cases: Arc::new(cases(foundation, &options)),
        ways: Arc::clone(&foundation.durable.ways),
        mail_aliases: Arc::clone(&foundation.durable.mail_aliases),
        messages: Arc::clone(&foundation.durable.messages),
        mailer: Arc::clone(&mail) as Arc<dyn Mailer>,
        subjects: Arc::clone(&foundation.durable.subjects),
        consents: Arc::clone(&foundation.durable.consents),
        outbox: Arc::clone(&foundation.durable.outbox),
        carriers: vec![
            Arc::clone(&webhooks) as Arc<dyn Carrier>,
            Arc::clone(&mail) as Arc<dyn Carrier>,
            Arc::clone(&console_mail) as Arc<dyn Carrier>,
        ],
        register: civil_register(foundation, &options),
        verdicts: Arc::clone(&foundation.short_lived.verdicts),
        ledger: foundation.ledger.clone(),
        exchange: Some(Arc::clone(&desk)),
        scope_labels: scope_labels(&options),
        clock: Arc::clone(&foundation.clock),
        entropy: Arc::clone(&foundation.entropy),
        pages: pages.clone(),
    });
    let portal = portal(foundation, &options, &hub, &engine, &desk, &pages)?;
    let histories = portal.history.clone();
    let statistics = statistics_book(foundation, &options);
    let support = support_desk(foundation, offices(foundation, &options, &hub, &histories));
    let published = public_statistics(foundation, &statistics, &pages);
    let audit = audit_book(foundation);
    let tester = tester(foundation, &engine);
    let published = published.merge(guichet_admin::tester::routes(tester.clone()));
    let register = habilitation_register(foundation, &options, &engine, &pages);
    let router = router(
        options,
        &hub,
        engine.clone(),
        Arc::clone(&desk),
        guichet_portal::routes(portal)
            .merge(published)
            .merge(register.routes()),
        &pages,
    );
    Ok(HubHouse {
        hub,
        desk,
        histories,
        statistics,
        audit,
        support,
        tester,
        webhooks,
        mail,
        console_mail,
        engine,
        router,
    })
}

/// How scopes of the catalogue are called on pages.
fn scope_labels(options: &HubOptions) -> Arc<guichet_broker::ScopeLabels> {
    let catalogue = Arc::clone(&options.catalogue);
    Arc::new(move |scope, locale: Locale| catalogue.label(scope, locale.tag()).map(str::to_owned))
}

/// What sign-ins are counted in.
fn audit_book(foundation: &Foundation) -> AuditBook {
    AuditBook {
        index: Arc::clone(&foundation.durable.audit_index),
        history: foundation.ledger.history().clone(),
    }
}

fn statistics_book(foundation: &Foundation, options: &HubOptions) -> StatisticsBook {
    StatisticsBook {
        statistics: Arc::clone(&foundation.durable.statistics),
        history: foundation.ledger.history().clone(),
        prices: Arc::clone(&options.prices),
        clock: Arc::clone(&foundation.clock),
    }
}

/// The offices that the support acts by.
fn offices(
    foundation: &Foundation,
    options: &HubOptions,
    hub: &Hub,
    histories: &HistoryBook,
) -> Offices {
    Offices {
        hub: hub.clone(),
        issuer: without_slash(&options.issuer),
        cases: cases(foundation, options),
        histories: histories.clone(),
        undo_window: options.undo_window,
        registry: Arc::clone(&foundation.registry),
        durable: foundation.durable.clone(),
        keys: foundation.keys.clone(),
        ledger: foundation.ledger.clone(),
        chance: (
            Arc::clone(&foundation.clock),
            Arc::clone(&foundation.entropy),
        ),
    }
}

/// Who tells webhooks.
fn webhook_post(foundation: &Foundation) -> Arc<WebhookPost> {
    let durable = &foundation.durable;
    Arc::new(WebhookPost::new(
        (Arc::clone(&durable.webhooks), Arc::clone(&durable.teams)),
        (&foundation.keys, &foundation.ledger),
        foundation.outgoing.clone(),
        Arc::clone(&foundation.clock),
    ))
}

/// Where citizens freeze what is theirs.
fn cases(foundation: &Foundation, options: &HubOptions) -> CaseOffice {
    let registry = Arc::clone(&foundation.registry);
    let tidings = Tidings::new(
        &without_slash(&options.issuer),
        &foundation.keys,
        Arc::clone(&foundation.durable.outbox),
        Arc::clone(&foundation.durable.waiting_events),
    );
    CaseOffice::new(
        &foundation.durable,
        &foundation.keys,
        foundation.ledger.clone(),
        Box::new(move || registry.clients()),
        tidings,
        (
            Arc::clone(&foundation.clock),
            Arc::clone(&foundation.entropy),
        ),
    )
}

fn engine_settings(options: &HubOptions, issuer: String, account: ClientId) -> EngineSettings {
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

fn hub_settings(options: &HubOptions, account: ClientId, console: ClientId) -> HubSettings {
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

fn civil_register(foundation: &Foundation, options: &HubOptions) -> Option<Arc<dyn CivilRegister>> {
    let (url, timeout) = options.register.clone()?;
    let outgoing = foundation.outgoing.clone();
    Some(Arc::new(Rnipp::new(url, outgoing, timeout)))
}

fn portal(
    foundation: &Foundation,
    options: &HubOptions,
    hub: &Hub,
    engine: &Engine,
    desk: &Arc<Desk>,
    pages: &Pages,
) -> Result<Portal> {
    Ok(Portal {
        pages: pages.clone(),
        registry: Arc::clone(&foundation.registry),
        engine: engine.clone(),
        house: Arc::new(hub.clone()),
        signed_in: Arc::new(HubSession(hub.clone())),
        sessions: Arc::new(HubSession(hub.clone())),
        cases: Arc::new(HubSession(hub.clone())),
        ways: Arc::new(HubSession(hub.clone())),
        exchange: Some(Arc::clone(desk)),
        people: Arc::clone(&foundation.durable.people),
        consents: Arc::clone(&foundation.durable.consents),
        history: history_book(foundation, options),
        subjects: Arc::clone(&foundation.durable.subjects),
        live: Live::new(
            Arc::clone(&foundation.durable.messages),
            Arc::clone(&foundation.clock),
        ),
        messages: Arc::clone(&foundation.durable.messages),
        packing: Places::of_archives(),
        keys: foundation.keys.clone(),
        rights: rights_office(foundation),
        support: Arc::clone(&foundation.durable.support_requests),
        support_sealer: foundation.keys.sealer(SEALED_FOR),
        life_events: options.life_events.clone(),
        reopened_within: guichet_broker::REOPENED_WITHIN,
        authority: options.authority.clone(),
        retention: retention(foundation, options),
        sealer: foundation.keys.sealer("account message"),
        ledger: foundation.ledger.clone(),
        cookies: Cookies::new("hub", pages.is_https())?,
        csrf: Csrf::new(foundation.keys.derive("portal-csrf"), &options.issuer),
        clock: Arc::clone(&foundation.clock),
        entropy: Arc::clone(&foundation.entropy),
    })
}

/// Where citizens' requests by right are kept.
pub(crate) fn rights_office(foundation: &Foundation) -> RightsOffice {
    RightsOffice::new(
        Arc::clone(&foundation.durable.rights_requests),
        &foundation.keys,
        foundation.ledger.clone(),
        (
            Arc::clone(&foundation.clock),
            Arc::clone(&foundation.entropy),
        ),
    )
}

/// Where the histories of citizens are read from.
fn history_book(foundation: &Foundation, options: &HubOptions) -> HistoryBook {
    HistoryBook {
        histories: Arc::clone(&foundation.durable.histories),
        people: Arc::clone(&foundation.durable.people),
        corrections: Arc::clone(&foundation.durable.corrections),
        ledger: foundation.ledger.clone(),
        clock: Arc::clone(&foundation.clock),
        undo_window: options.undo_window,
    }
}

/// What was granted to whom, for everybody.
fn habilitation_register(
    foundation: &Foundation,
    options: &HubOptions,
    engine: &Engine,
    pages: &Pages,
) -> PublicRegister {
    PublicRegister {
        habilitations: Arc::clone(&foundation.durable.habilitations),
        teams: Arc::clone(&foundation.durable.teams),
        catalogue: Arc::clone(&options.catalogue),
        pages: pages.clone(),
        issuer: engine.issuer().to_owned(),
        keys: foundation.keys.clone(),
        clock: Arc::clone(&foundation.clock),
        entropy: Arc::clone(&foundation.entropy),
        read: ReadRegister::default(),
    }
}

/// How long the hub keeps what it processes itself, as the register of processing says it.
fn retention(foundation: &Foundation, options: &HubOptions) -> Retention {
    Retention(vec![
        ("session", options.lifetimes.session_absolute.get()),
        ("index", Duration::ZERO),
        ("devices", guichet_broker::DEVICES_KNOWN_FOR),
        ("messages", guichet_portal::MESSAGES_KEPT_FOR),
        ("requests", guichet_portal::SETTLED_KEPT_FOR),
        ("audit", foundation.checkpoint_every),
    ])
}

/// A provider that plays false to clients that are tested.
fn tester(foundation: &Foundation, engine: &Engine) -> Tester {
    Tester {
        tests: Arc::clone(&foundation.durable.client_tests),
        clients: Arc::clone(&foundation.registry) as Arc<dyn ClientDirectory>,
        sealer: foundation.keys.sealer("tester key"),
        mac: foundation.keys.mac("tester"),
        issuer: engine.issuer().to_owned(),
        ledger: foundation.ledger.clone(),
        clock: Arc::clone(&foundation.clock),
        entropy: Arc::clone(&foundation.entropy),
    }
}

/// The statistics that everybody may read.
fn public_statistics(foundation: &Foundation, book: &StatisticsBook, pages: &Pages) -> Router {
    let registry = Arc::clone(&foundation.registry);
    guichet_admin::statistics::public_routes(PublicStatistics {
        book: book.clone(),
        pages: pages.clone(),
        providers: Arc::new(move |id| {
            let provider = registry.provider(id)?;
            Some(provider.name.clone())
        }),
        entropy: Arc::clone(&foundation.entropy),
    })
}

/// Every route of the hub, limited, under its path, dressed.
fn router(
    options: HubOptions,
    hub: &Hub,
    engine: Engine,
    desk: Arc<Desk>,
    for_everybody: Router,
    pages: &Pages,
) -> Router {
    let front = options.front.unwrap_or_else(|| {
        let account = format!("{}/account", pages.base());
        Router::new().route("/", get(move || async move { Redirect::to(&account) }))
    });
    let for_servers = guichet_exchange::routes_for_servers(Arc::clone(&desk), engine.clone());
    let well_known = guichet_oidc::well_known_routes(engine.clone(), Arc::new(hub.clone()));
    let for_browsers = front
        .merge(guichet_exchange::routes(desk, engine.clone()))
        .merge(guichet_oidc::routes(engine, Arc::new(hub.clone())))
        .merge(guichet_broker::routes(hub.clone()))
        .merge(for_everybody)
        .merge(pages.common_routes());
    let (proxies, per_minute) = (options.trusted_proxies, options.requests_per_minute);
    let counted = limit::Routes {
        for_browsers,
        for_servers,
    };
    let router = limit::limited(counted, proxies, per_minute);
    let router = match pages.base() {
        "" => router,
        base => well_known.nest(base, router),
    };
    let router = pages.wrap(router);
    match options.proxy_certificates {
        Some(certificates) => certificates.wrap(router),
        None => router,
    }
}
