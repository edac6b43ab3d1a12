//! `guichet serve`: a production node.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use guichet_admin::api::DeclaredNames;
use guichet_config::Settings;
use guichet_domain::{AuditEvent, EventKind};
use guichet_exchange::Catalogue;
use guichet_web::Mailer;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::config;
use crate::cli::{ConfigArguments, Exit};
use crate::clock::SystemClock;
use crate::node::declared::Declared;
use crate::node::houses::console::{console_post, onboarding};
use crate::node::houses::{self, HubOptions, ManagementOptions};
use crate::node::siem::CollectorPost;
use crate::node::{Ground, declared, stop, upkeep};
use crate::tls::Tls;
use crate::{listen, observe, socketmap};

/// Serves until SIGTERM or an interrupt, then finishes what is in flight.
pub(crate) async fn run(arguments: &ConfigArguments) -> Result<Exit> {
    let settings = config::load(arguments)?.settings;
    observe::start_logging(&settings.log)?;
    let metrics = observe::start_counting()?;

    // Sockets first: a port that is taken should not cost a migration.
    let Sockets {
        public,
        management,
        aliases,
        tls,
    } = Sockets::bind(&settings).await?;

    let foundation = Ground::of(&settings)?.lay().await?;
    declared::reconcile(
        &foundation,
        Declared {
            clients: &settings.clients,
            providers: &settings.providers,
            data_providers: &settings.data_providers,
            register: settings.civil_register.default,
            public_subjects: settings.hub.public_subjects,
            habilitation_required: settings.onboarding.required,
        },
    )
    .await?;
    let started = AuditEvent::new(EventKind::NodeStarted, foundation.clock.now());
    foundation.ledger.append(started).await?;

    let (tasks, stopping) = (TaskTracker::new(), CancellationToken::new());
    let options = HubOptions::of(&settings)?;
    let catalogue = Arc::clone(&options.catalogue);
    let house = houses::hub(&foundation, options)?;
    let mail = Arc::clone(&house.console_mail) as Arc<dyn Mailer>;
    let managing = managing(&settings, (catalogue, mail), metrics.clone(), &stopping);
    upkeep::start_metrics(&metrics, &tasks, &stopping);
    let issuer = &settings.hub.issuer;
    let console = houses::management(&foundation, &house, &managing)?;
    let onboarding = onboarding(&foundation, &house, &managing);

    upkeep::start(&foundation, settings.keys.refresh.get(), &tasks, &stopping);
    let probe_every = settings.provider_health.probe_every.get();
    house.start_upkeep((probe_every, &foundation.clock), &tasks, &stopping);
    let collector = CollectorPost::of(&settings.ledger, &foundation)?;
    upkeep::start_collector(collector, &tasks, &stopping);
    upkeep::start_onboarding(&onboarding, &tasks, &stopping);
    upkeep::start_rotations(
        houses::rotation_watch(&foundation, &managing),
        &tasks,
        &stopping,
    );
    // The slowest request is a callback, which waits for its provider twice at most.
    if let Some(aliases) = aliases {
        let (asked, stop) = (house.hub.clone(), stopping.clone());
        tasks.spawn(socketmap::serve(aliases, asked, tasks.clone(), stop));
    }
    let grace = settings.egress.timeout.get() * 2 + GRACE;
    let router = observe::observed(house.router, "public");
    if let Some(tls) = tls {
        let look_every = settings.tls.refresh.get();
        upkeep::start_tls(tls.1.certificate(), look_every, &tasks, &stopping);
        let router = router.clone();
        tasks.spawn(listen::serve_tls(tls, router, stopping.clone(), grace));
    }
    tasks.spawn(listen::serve(public, router, stopping.clone(), grace));
    // The management listener outlives the public one, so that orchestrators see the node drain.
    let managed = CancellationToken::new();
    let management = tokio::spawn(listen::serve(management, console, managed.clone(), GRACE));
    tracing::info!(issuer, listen = %settings.hub.listen, "serving");

    stop::requested().await?;
    tracing::info!("stopping: finishing what is in flight");
    stopping.cancel();
    tasks.close();
    tasks.wait().await;
    house.hub.finish().await;
    foundation.ledger.flush().await?;
    managed.cancel();
    management.await?;
    foundation.durable.close().await;
    tracing::info!("stopped");
    Ok(Exit::Done)
}

/// The places at which a node listens.
struct Sockets {
    public: TcpListener,
    management: TcpListener,
    /// Where mail servers ask for aliases.
    aliases: Option<TcpListener>,
    /// With a certificate of its own.
    tls: Option<(TcpListener, Tls)>,
}

impl Sockets {
    /// Takes them all, or none.
    async fn bind(settings: &Settings) -> Result<Self> {
        let public = listen::bind(settings.hub.listen).await?;
        let management = listen::bind(settings.management.listen).await?;
        let aliases = match settings.mail.alias_lookup {
            Some(address) => Some(listen::bind(address).await?),
            None => None,
        };
        let tls = match Tls::of(settings, Arc::new(SystemClock))? {
            Some(tls) => Some((listen::bind(tls.listens_on()).await?, tls)),
            None => None,
        };
        Ok(Self {
            public,
            management,
            aliases,
            tls,
        })
    }
}

/// What the management listener of these settings offers.
fn managing(
    settings: &Settings,
    (catalogue, mail): (Arc<Catalogue>, Arc<dyn Mailer>),
    metrics: PrometheusHandle,
    stopping: &CancellationToken,
) -> ManagementOptions {
    let has_relay = settings.mail.host.is_some();
    let clients = settings.clients.iter().map(|it| it.client_id.clone());
    let providers = settings.providers.iter().map(|it| it.id.clone());
    let data_providers = settings.data_providers.iter().map(|it| it.id.clone());
    ManagementOptions {
        address: settings.management.address(),
        post: has_relay.then(|| console_post(mail)),
        public_subjects: settings.hub.public_subjects,
        declared: DeclaredNames {
            clients: clients.collect(),
            providers: providers.collect(),
            data_providers: data_providers.collect(),
        },
        register: settings.civil_register.default,
        catalogue,
        onboarding: settings.onboarding.clone(),
        metrics,
        stopping: stopping.clone(),
    }
}

/// How long a stopping node waits for requests in flight, beside the calls they make.
const GRACE: Duration = Duration::from_secs(3);
