//! `guichet demo`: the whole cast on this machine, in one process.
//!
//! Each house has a foundation of its own, as it would have on a machine of its own; they know one
//! another by HTTP only. Everything listens on loopback.

mod announce;
mod clock;
mod guests;
mod houses;
mod post_office;
mod sockets;
mod staff;

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use guichet_admin::api::DeclaredNames;
use guichet_config::{Log, LogFormat, Onboarding, ProviderHealth};
use guichet_demo::cast::{Addresses, DataProvider, IdentityProvider, Member, Service};
use guichet_demo::{Surroundings, data_provider, mailbox, register, services};
use guichet_domain::{CivilRegisterPolicy, Clock};
use guichet_exchange::Catalogue;
use guichet_idp::{Idp, PasswordPool};
use guichet_keys::SystemEntropy;
use guichet_web::Mailer;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::cli::{DemoArguments, Exit};
use crate::node::houses::console::{console_post, onboarding};
use crate::node::houses::{HubHouse, ManagementOptions, management};
use crate::node::mail::MailLetters;
use crate::node::{Foundation, Ground, stop, upkeep};
use crate::{listen, observe};
use guests::Guests;
use post_office::PostOffice;
use sockets::{Sockets, loopback};

/// Serves the cast until SIGTERM or an interrupt.
pub(crate) async fn run(arguments: DemoArguments) -> Result<Exit> {
    observe::start_logging(&Log {
        format: LogFormat::Text,
        level: "warn".to_owned(),
    })?;
    let metrics = observe::start_counting()?;
    let guests = Guests::read(&arguments)?;
    let mut sockets = Sockets::bind(arguments.ports).await?;
    let addresses = Arc::new(sockets.addresses()?);
    // Without a folder of its own the demo leaves nothing behind.
    let temporary = tempfile::tempdir().context("a temporary folder is needed")?;
    let folder = arguments
        .data_dir
        .as_deref()
        .unwrap_or_else(|| temporary.path());

    let (tasks, stopping) = (TaskTracker::new(), CancellationToken::new());
    upkeep::start_metrics(&metrics, &tasks, &stopping);
    let clock = clock::start(arguments.clock.as_deref(), &tasks, &stopping);
    let place = Place { folder, clock };
    let cast = Cast::assemble(&place, &addresses, &guests, metrics, &stopping).await?;
    for ground in &cast.grounds {
        upkeep::start(ground, KEYS_EVERY, &tasks, &stopping);
    }
    for (member, router) in cast.sites {
        let router = observe::observed(router, member.slug());
        tasks.spawn(listen::serve(
            sockets.take(member)?,
            router,
            stopping.clone(),
            GRACE,
        ));
    }
    let probe_every = ProviderHealth::default().probe_every.get();
    let hub = &cast.hub;
    hub.start_upkeep((probe_every, &place.clock), &tasks, &stopping);
    upkeep::start_onboarding(&cast.onboarding, &tasks, &stopping);
    for (idp, mail) in &cast.idps {
        upkeep::start_idp(idp, mail, &tasks, &stopping);
    }
    announce::announce(&addresses, arguments.ready_file.as_deref())?;

    stop::requested().await?;
    stopping.cancel();
    tasks.close();
    tasks.wait().await;
    cast.hub.hub.finish().await;
    for (idp, _) in &cast.idps {
        idp.finish().await;
    }
    for ground in &cast.grounds {
        ground.ledger.flush().await?;
        ground.durable.close().await;
    }
    Ok(Exit::Done)
}

/// Where the cast keeps what it must, and what time it is there.
struct Place<'a> {
    folder: &'a Path,
    clock: Arc<dyn Clock>,
}

impl Place<'_> {
    fn ground(&self, member: Member) -> Ground {
        Ground::in_folder(member, self.folder, &self.clock)
    }
}

/// Everybody, ready to be served.
struct Cast {
    hub: HubHouse,
    onboarding: Arc<guichet_admin::onboarding::Onboarding>,
    idps: Vec<(Idp, Arc<MailLetters>)>,
    grounds: Vec<Foundation>,
    sites: Vec<(Member, Router)>,
}

impl Cast {
    async fn assemble(
        place: &Place<'_>,
        addresses: &Arc<Addresses>,
        guests: &Guests,
        metrics: PrometheusHandle,
        stopping: &CancellationToken,
    ) -> Result<Self> {
        let ground = place.ground(Member::Hub).lay().await?;
        let surroundings = Surroundings {
            addresses: Arc::clone(addresses),
            clock: Arc::clone(&ground.clock),
            entropy: Arc::clone(&ground.entropy),
            outgoing: ground.outgoing.clone(),
            theme_dir: None,
        };
        let (post, mailbox) = open_mailbox(&surroundings).await?;
        let house = houses::hub_house(&ground, &surroundings, guests, &post).await?;
        staff::seat(&ground, &house.hub).await?;
        let managing = ManagementOptions {
            address: addresses.of(Member::Admin).to_owned(),
            post: Some(console_post(
                Arc::clone(&house.console_mail) as Arc<dyn Mailer>
            )),
            public_subjects: false,
            declared: DeclaredNames::default(),
            register: CivilRegisterPolicy::Required,
            catalogue: Catalogue::builtin()?.into(),
            onboarding: Onboarding {
                open: true,
                ..Onboarding::default()
            },
            metrics,
            stopping: stopping.clone(),
        };
        let console = management(&ground, &house, &managing)?;
        let onboarding = onboarding(&ground, &house, &managing);
        let mut cast = Self {
            onboarding,
            idps: Vec::new(),
            grounds: vec![ground],
            sites: vec![
                (Member::Hub, house.router.clone()),
                (Member::Admin, console),
                (Member::Mailbox, mailbox),
            ],
            hub: house,
        };
        cast.add_identity_providers(place, addresses, &post).await?;
        cast.add_players(&surroundings)?;
        Ok(cast)
    }

    async fn add_identity_providers(
        &mut self,
        place: &Place<'_>,
        addresses: &Addresses,
        post: &PostOffice,
    ) -> Result<()> {
        let cores = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let passwords = PasswordPool::new(cores, PASSWORDS_WAITING, Arc::new(SystemEntropy));
        for provider in IdentityProvider::ALL {
            let ground = place.ground(provider.member()).lay().await?;
            let house =
                houses::identity_provider(provider, &ground, addresses, &passwords, post).await?;
            self.sites.push((provider.member(), house.router));
            self.grounds.push(ground);
            self.idps.push((house.idp, house.mail));
        }
        Ok(())
    }

    /// Those who know the hub by HTTP only.
    fn add_players(&mut self, surroundings: &Surroundings) -> Result<()> {
        for service in Service::ALL {
            self.sites
                .push((service.member(), services::router(service, surroundings)?));
        }
        for provider in DataProvider::ALL {
            self.sites.push((
                provider.member(),
                data_provider::router(provider, surroundings)?,
            ));
        }
        self.sites
            .push((Member::Register, register::router(surroundings)?));
        Ok(())
    }
}

/// Where everybody's mail goes, and the pages that show it.
async fn open_mailbox(surroundings: &Surroundings) -> Result<(PostOffice, Router)> {
    let inbox = mailbox::Inbox::new();
    let smtp = listen::bind(loopback(0)).await?;
    let port = smtp.local_addr()?.port();
    let clock = Arc::clone(&surroundings.clock);
    let limits = mailbox::Limits::default();
    tokio::spawn(mailbox::serve(smtp, inbox.clone(), clock, limits));
    Ok((PostOffice { port }, mailbox::router(&inbox, surroundings)?))
}

/// Sign-ins that may wait for a core before the next is asked to come back.
const PASSWORDS_WAITING: usize = 64;

/// How often each house looks whether its keys rotated.
const KEYS_EVERY: Duration = Duration::from_secs(5);

/// How long a stopping demo waits for requests in flight.
const GRACE: Duration = Duration::from_secs(5);
