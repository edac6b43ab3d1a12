//! `guichet demo`: the whole cast on this machine, in one process.
//!
//! Each house has a foundation of its own, as it would have on a machine of its own; they know one
//! another by HTTP only. Everything listens on loopback.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use guichet_config::{Lifetimes, Log, LogFormat};
use guichet_demo::cast::{
    self, Addresses, CITIZENS, DataProvider, IdentityProvider, Member, PASSWORD, ReturnPaths,
    Service,
};
use guichet_demo::{Surroundings, data_provider, mailbox, register, services, start_page};
use guichet_domain::{Acr, CivilRegisterPolicy, ClientMetadata, ProviderMetadata, SigningAlg};
use guichet_exchange::Catalogue;
use guichet_idp::{
    IdpSettings, NewAccount, PasswordPool, SmtpMailer, SmtpSecurity, SmtpSettings, TotpSecret,
};
use guichet_keys::SystemEntropy;
use guichet_web::{Accent, EgressPolicy, TrustedProxies};
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::print;
use crate::cli::{BadSetting, DemoArguments, Exit, Ports};
use crate::node::houses::{self, HubHouse, HubOptions, IdpOptions};
use crate::node::{Foundation, Ground, declared, foundation, stop, upkeep};
use crate::{listen, observe};

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
    let house = |member| Ground::in_folder(member, folder, &addresses);
    let hub_ground = house(Member::Hub).lay().await?;
    let surroundings = Surroundings {
        addresses: Arc::clone(&addresses),
        clock: Arc::clone(&hub_ground.clock),
        entropy: Arc::clone(&hub_ground.entropy),
        outgoing: hub_ground.outgoing.clone(),
        theme_dir: None,
    };

    let HubHouse { hub, router } = hub_house(&hub_ground, &surroundings, &guests).await?;
    let console = houses::management(
        &hub_ground,
        addresses.of(Member::Hub),
        addresses.of(Member::Admin),
        metrics,
    )?;
    let mut sites = vec![(Member::Hub, router), (Member::Admin, console)];

    let inbox = mailbox::Inbox::new();
    let smtp = listen::bind(loopback(0)).await?;
    let mailer = PostOffice {
        port: smtp.local_addr()?.port(),
    };
    let clock = Arc::clone(&surroundings.clock);
    tokio::spawn(mailbox::serve(
        smtp,
        inbox.clone(),
        clock,
        mailbox::Limits::default(),
    ));
    sites.push((Member::Mailbox, mailbox::router(&inbox, &surroundings)?));

    let passwords = PasswordPool::new(cores(), PASSWORDS_WAITING, Arc::new(SystemEntropy));
    let mut grounds = vec![hub_ground];
    for provider in IdentityProvider::ALL {
        let ground = house(provider.member()).lay().await?;
        sites.push((
            provider.member(),
            identity_provider(provider, &ground, &addresses, &passwords, &mailer).await?,
        ));
        grounds.push(ground);
    }
    for service in Service::ALL {
        sites.push((service.member(), services::router(service, &surroundings)?));
    }
    for provider in DataProvider::ALL {
        sites.push((
            provider.member(),
            data_provider::router(provider, &surroundings)?,
        ));
    }
    sites.push((Member::Register, register::router(&surroundings)?));

    for ground in &grounds {
        upkeep::start(ground, Duration::from_secs(5), &tasks, &stopping);
    }
    for (member, router) in sites {
        let router = observe::observed(router, member.slug());
        tasks.spawn(listen::serve(
            sockets.take(member)?,
            router,
            stopping.clone(),
        ));
    }
    upkeep::start_hub(&hub, &tasks, &stopping);
    announce(&addresses, arguments.ready_file.as_deref())?;

    stop::requested().await?;
    stopping.cancel();
    tasks.close();
    tasks.wait().await;
    hub.finish().await;
    for ground in &grounds {
        ground.ledger.flush().await?;
        ground.durable.close().await;
    }
    Ok(Exit::Done)
}

async fn hub_house(
    ground: &Foundation,
    surroundings: &Surroundings,
    guests: &Guests,
) -> Result<HubHouse> {
    let addresses = &surroundings.addresses;
    let clients: Vec<ClientMetadata> = cast::clients(addresses)
        .into_iter()
        .chain(guests.clients.iter().cloned())
        .collect();
    let providers = cast::providers(addresses);
    declared::reconcile(ground, &clients, &providers, CivilRegisterPolicy::Required).await?;
    // A guest's people are not in the demo's register: by default it is not asked about them.
    declared::reconcile(ground, &[], &guests.providers, CivilRegisterPolicy::Skip).await?;
    let register = Url::parse(&addresses.at(Member::Register, register::ENDPOINT))?;
    houses::hub(
        ground,
        HubOptions {
            issuer: Url::parse(addresses.of(Member::Hub))?,
            name: Member::Hub.name().to_owned(),
            demo: true,
            theme: None,
            catalogue: Catalogue::builtin()?,
            levels: vec![Acr::Eidas1, Acr::Eidas2],
            algorithms: SigningAlg::ALL.to_vec(),
            lifetimes: Lifetimes::default(),
            provider_timeout: Duration::from_secs(6),
            register: Some((register, Duration::from_secs(4))),
            trusted_proxies: TrustedProxies::default(),
            requests_per_minute: std::num::NonZeroU32::MAX,
            front: Some(start_page::router(surroundings)?),
        },
    )
}

async fn identity_provider(
    provider: IdentityProvider,
    ground: &Foundation,
    addresses: &Addresses,
    passwords: &PasswordPool,
    post: &PostOffice,
) -> Result<Router> {
    let member = provider.member();
    let hub = cast::hub_as_client(provider, addresses, HUB_RETURNS);
    declared::reconcile(ground, &[hub], &[], CivilRegisterPolicy::Skip).await?;
    let (max_acr, accent) = match provider {
        IdentityProvider::CompteCitoyen => (Acr::Eidas2, Accent::Blue),
        IdentityProvider::IdentitePostale => (Acr::Eidas1, Accent::Amber),
    };
    let issuer = Url::parse(addresses.of(member))?;
    let (idp, router) = houses::identity_provider(
        ground,
        IdpOptions {
            settings: IdpSettings::new(member.slug().parse()?, member.name(), issuer, max_acr),
            accent,
            passwords: passwords.clone(),
            mailer: Arc::new(post.mailer(member)?),
        },
    )?;
    idp.seed(accounts(provider)?);
    Ok(router)
}

fn accounts(provider: IdentityProvider) -> Result<Vec<NewAccount>> {
    CITIZENS
        .iter()
        .filter(|citizen| citizen.has_account_at(provider))
        .map(|citizen| {
            let has_factor = provider == IdentityProvider::CompteCitoyen;
            let secret = citizen.totp_secret.filter(|_| has_factor);
            Ok(NewAccount {
                login_name: citizen.login.to_owned(),
                password: PASSWORD.to_owned(),
                identity: citizen.claims(),
                totp: secret.map(TotpSecret::from_base32).transpose()?,
            })
        })
        .collect()
}

/// Clients and providers that somebody brings along.
struct Guests {
    clients: Vec<ClientMetadata>,
    providers: Vec<ProviderMetadata>,
}

impl Guests {
    fn read(arguments: &DemoArguments) -> Result<Self, BadSetting> {
        Ok(Self {
            clients: read_list("--clients", arguments.clients.as_deref())?,
            providers: read_list("--providers", arguments.providers.as_deref())?,
        })
    }
}

fn read_list<T: DeserializeOwned>(flag: &str, path: Option<&Path>) -> Result<Vec<T>, BadSetting> {
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    serde_json::from_slice(&foundation::read(path, flag)?).map_err(|error| BadSetting {
        key: flag.to_owned(),
        problem: format!("{}: {error}", path.display()),
    })
}

/// One socket for each member of the cast.
struct Sockets(BTreeMap<Member, TcpListener>);

impl Sockets {
    async fn bind(ports: Ports) -> Result<Self> {
        let mut sockets = BTreeMap::new();
        for member in Member::ALL {
            let port = match ports {
                Ports::Standard => member.default_port(),
                Ports::Auto => 0,
            };
            sockets.insert(member, listen::bind(loopback(port)).await?);
        }
        Ok(Self(sockets))
    }

    fn addresses(&self) -> Result<Addresses> {
        let mut ports = BTreeMap::new();
        for (member, socket) in &self.0 {
            ports.insert(*member, socket.local_addr()?.port());
        }
        Ok(Addresses::on_localhost(|member| {
            ports.get(&member).copied().unwrap_or_default()
        }))
    }

    fn take(&mut self, member: Member) -> Result<TcpListener> {
        self.0
            .remove(&member)
            .with_context(|| format!("{} is served twice", member.name()))
    }
}

impl Ground {
    /// The ground of one house of the demo.
    fn in_folder(member: Member, folder: &Path, addresses: &Addresses) -> Self {
        let folder: PathBuf = folder.join(member.slug());
        let algorithms = match member {
            Member::Hub => SigningAlg::ALL.to_vec(),
            _ => vec![SigningAlg::Es256],
        };
        Self {
            house: member.slug(),
            durable: format!("sqlite:{}", folder.join("guichet.db").display()),
            short_lived: "memory".to_owned(),
            connections: 4,
            records_in_memory: 10_000,
            keys: folder.join("keys"),
            algorithms,
            ledger_origin: format!(
                "{}/ledger",
                addresses.of(member).trim_start_matches("http://")
            ),
            checkpoint_every: Duration::from_secs(10),
            egress: EgressPolicy {
                allow_loopback: true,
                ..EgressPolicy::default()
            },
        }
    }
}

/// Where the mails of the cast go.
struct PostOffice {
    port: u16,
}

impl PostOffice {
    fn mailer(&self, sender: Member) -> Result<SmtpMailer> {
        Ok(SmtpMailer::new(&SmtpSettings {
            host: Ipv4Addr::LOCALHOST.to_string(),
            port: self.port,
            security: SmtpSecurity::None,
            credentials: None,
            from: format!(
                "{} <ne-pas-repondre@{}.example>",
                sender.name(),
                sender.slug()
            ),
        })?)
    }
}

/// Says where everybody is: to the person who started the demo, and to the test that did.
fn announce(addresses: &Addresses, ready_file: Option<&Path>) -> Result<()> {
    if let Some(path) = ready_file {
        write_whole(
            path,
            &serde_json::to_vec_pretty(&addresses_as_json(addresses))?,
        )?;
    }
    print::line(
        "\nGuichet, demonstration: everything here is fictional, nothing leaves this machine.\n",
    )?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for member in Member::ALL {
        rows.push(vec![
            String::new(),
            member.name().to_owned(),
            addresses.of(member).to_owned(),
        ]);
    }
    print::columns(&rows)?;
    print::line(&format!(
        "\nAccounts: {}; password {PASSWORD}\nStart at {}/ and go to \"Carte grise\". Ctrl-C ends.\n",
        CITIZENS
            .iter()
            .map(|citizen| citizen.login)
            .collect::<Vec<_>>()
            .join(", "),
        addresses.of(Member::Hub),
    ))
}

fn addresses_as_json(addresses: &Addresses) -> serde_json::Value {
    let by_slug = |members: &[Member]| -> BTreeMap<&str, &str> {
        members
            .iter()
            .map(|member| (member.slug(), addresses.of(*member)))
            .collect()
    };
    let totp: BTreeMap<&str, &str> = CITIZENS
        .iter()
        .filter_map(|citizen| Some((citizen.login, citizen.totp_secret?)))
        .collect();
    json!({
        "hub": addresses.of(Member::Hub),
        "admin": addresses.of(Member::Admin),
        "mailbox": addresses.of(Member::Mailbox),
        "idp": {
            "citoyen": addresses.of(Member::CompteCitoyen),
            "postale": addresses.of(Member::IdentitePostale),
        },
        "services": by_slug(&Service::ALL.map(Service::member)),
        "data_providers": by_slug(&DataProvider::ALL.map(DataProvider::member)),
        "register": addresses.of(Member::Register),
        "totp": totp,
    })
}

/// Writes a file so that whoever waits for it never reads half of it.
#[expect(
    clippy::disallowed_methods,
    reason = "the ready-file is the demo's to write"
)]
fn write_whole(path: &Path, content: &[u8]) -> Result<()> {
    let beside = path.with_extension("part");
    std::fs::write(&beside, content)?;
    std::fs::rename(&beside, path)?;
    Ok(())
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Sign-ins that may wait for a core before the next is asked to come back.
const PASSWORDS_WAITING: usize = 64;

/// Where the hub is returned to by its providers.
const HUB_RETURNS: ReturnPaths<'static> = ReturnPaths {
    callback: "/callback",
    post_logout: "/logout/callback",
    backchannel_logout: None,
};
