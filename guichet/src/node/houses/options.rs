//! What differs from one hub to the next, read from the settings.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use guichet_admin::statistics::{NoPrice, Prices};
use guichet_broker::breaker::Patience;
use guichet_broker::civil_register::RegisterSettings;
use guichet_broker::{Announcement, SingleSignOn, Suspicion};
use guichet_config::{MailSecurity, Settings};
use guichet_domain::{AcrValue, ProviderId, SigningAlg};
use guichet_exchange::Catalogue;
use guichet_oidc::register::policy::RegistrationPolicy;
use guichet_oidc::{ClientCertificates, TokenSettings};
use guichet_portal::{Authority, LifeEvent};
use guichet_web::{
    Assistance, Mailer, NoMailer, SmtpMailer, SmtpSecurity, SmtpSettings, TrustedProxies,
};
use http::HeaderName;
use url::Url;

use crate::cli::BadSetting;
use crate::clock::SystemClock;
use crate::node::{foundation, registration, tokens};
use crate::tls::{self, ProxyCertificates};

/// What differs from one hub to the next.
#[expect(clippy::struct_excessive_bools, reason = "settings that are on or off")]
pub(crate) struct HubOptions {
    pub(crate) issuer: Url,
    pub(crate) name: String,
    /// Where the console is, without a slash.
    pub(crate) console: String,
    pub(crate) demo: bool,
    pub(crate) theme: Option<PathBuf>,
    pub(crate) catalogue: Arc<Catalogue>,
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
    /// Who answers for the processing, and to whom citizens complain.
    pub(crate) authority: Authority,
    /// The way without a screen, named on every page.
    pub(crate) assistance: Assistance,
    /// What happens in a life, and the services for it.
    pub(crate) life_events: Arc<[LifeEvent]>,
    /// What sign-ins cost.
    pub(crate) prices: Arc<Prices>,
    /// The host of addresses that stand for citizens' own.
    pub(crate) alias_domain: Option<String>,
    /// Who carries mail to citizens.
    pub(crate) mailer: Arc<dyn Mailer>,
    /// Who carries mail to those who operate the hub.
    pub(crate) console_mailer: Arc<dyn Mailer>,
    pub(crate) register: Option<(Url, Duration)>,
    pub(crate) register_settings: RegisterSettings,
    pub(crate) email_required: bool,
    /// How long operators can undo that two persons are one.
    pub(crate) undo_window: Duration,
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
    /// The header that says where a request comes from.
    pub(crate) place: Option<HeaderName>,
    /// Requests a minute from one address, to what browsers call.
    pub(crate) requests_per_minute: NonZeroU32,
    /// What stands at `/`; the citizen's account when there is nothing else.
    pub(crate) front: Option<Router>,
}

impl HubOptions {
    /// What a node's settings say.
    pub(crate) fn of(settings: &Settings) -> Result<Self> {
        let networks = foundation::networks("hub.trusted_proxies", &settings.hub.trusted_proxies)?;
        let suspicion = suspicion(settings)?;
        let place = place(settings)?;
        let theirs = suspicion.iter().map(|it| it.header.clone());
        let theirs = theirs.chain(place.clone()).collect();
        let trusted_proxies = TrustedProxies::new(networks).alone_may_send(theirs);
        Ok(Self {
            sso: SingleSignOn {
                enabled: settings.single_sign_on.enabled,
                highest: settings.single_sign_on.highest,
            },
            suspicion,
            place,
            issuer: Url::parse(&settings.hub.issuer)?,
            name: settings.hub.name.clone(),
            console: settings.management.address(),
            demo: false,
            theme: settings.pages.theme.clone(),
            catalogue: Arc::new(catalogue(settings)?),
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
            authority: Authority {
                controller: settings.data_protection.controller.clone(),
                contact: settings.data_protection.contact.clone(),
                name: settings.data_protection.authority.clone(),
                uri: settings.data_protection.authority_uri.clone(),
            },
            assistance: Assistance {
                phone: settings.assistance.phone.clone(),
                desk: settings.assistance.desk.clone(),
                post: settings.assistance.post.clone(),
            },
            life_events: settings.life_events.iter().map(life_event).collect(),
            prices: Arc::new(prices(&settings.statistics)?),
            alias_domain: settings.mail.alias_domain.clone(),
            console_mailer: mailer(&settings.mail)?,
            mailer: mailer(&settings.mail)?,
            register: settings
                .civil_register
                .url
                .clone()
                .map(|url| (url, settings.civil_register.timeout.get())),
            register_settings: register_settings(&settings.civil_register),
            email_required: settings.identity.email_required,
            undo_window: settings.identity.undo_window.get(),
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

/// What the operator says that sign-ins cost.
fn prices(settings: &guichet_config::Statistics) -> Result<Prices> {
    let wrong = |key: &str, problem: &dyn std::fmt::Display| BadSetting {
        key: format!("statistics.{key}"),
        problem: problem.to_string(),
    };
    let mut prices = Prices {
        currency: settings.currency.clone(),
        ..Prices::default()
    };
    if let Some(text) = &settings.price_per_month {
        let price = text.parse();
        prices.per_month = price.map_err(|error: NoPrice| wrong("price_per_month", &error))?;
    }
    for (provider, text) in &settings.price_per_sign_in {
        let key = format!("price_per_sign_in.{provider}");
        let price = text.parse().map_err(|error: NoPrice| wrong(&key, &error))?;
        let provider: Result<ProviderId, _> = provider.parse();
        let provider = provider.map_err(|error| wrong(&key, &error))?;
        prices.per_sign_in.insert(provider, price);
    }
    Ok(prices)
}

/// The relay of the settings, or nobody.
pub(crate) fn mailer(mail: &guichet_config::Mail) -> Result<Arc<dyn Mailer>> {
    let Some(host) = &mail.host else {
        return Ok(Arc::new(NoMailer));
    };
    let credentials = mail.user.clone().zip(mail.password.as_ref());
    let mailer = SmtpMailer::new(&SmtpSettings {
        host: host.clone(),
        port: mail.port,
        security: match mail.security {
            MailSecurity::Tls => SmtpSecurity::Tls,
            MailSecurity::StartTls => SmtpSecurity::StartTls,
            MailSecurity::None => SmtpSecurity::None,
        },
        credentials: credentials.map(|(user, secret)| (user, secret.expose().to_owned())),
        from: mail.from.clone(),
    });
    let mailer = mailer.map_err(|error| BadSetting {
        key: "mail".to_owned(),
        problem: error.to_string(),
    })?;
    Ok(Arc::new(mailer))
}

fn life_event(declared: &guichet_config::LifeEvent) -> LifeEvent {
    LifeEvent {
        id: declared.id.clone(),
        fr: declared.fr.clone(),
        en: declared.en.clone(),
        services: declared.services.clone(),
    }
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

/// The header by which the proxies say where a request comes from.
fn place(settings: &Settings) -> Result<Option<HeaderName>> {
    let Some(name) = &settings.hub.place_header else {
        return Ok(None);
    };
    let header = HeaderName::try_from(name.as_str()).map_err(|error| BadSetting {
        key: "hub.place_header".to_owned(),
        problem: format!("{name}: {error}"),
    })?;
    Ok(Some(header))
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
