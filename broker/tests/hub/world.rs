//! A hub with its engine and its desk, two services, a data provider, and two providers that are one
//! partner in disguise.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use guichet_broker::civil_register::{Confirmed, RegisterUnavailable, Verdict};
use guichet_broker::{
    Announcement, CaseOffice, CivilRegister, Hub, HubParts, HubSettings, ProviderDirectory,
    Suspicion, Tidings,
};
use guichet_domain::client::ClientDirectory;
use guichet_domain::{
    Acr, AcrValue, CivilRegisterPolicy, Client, ClientMetadata, Clock, DataProvider, Entropy,
    PivotIdentity, Provider, ProviderMetadata, SigningAlg, Timestamp,
};
use guichet_exchange::Desk;
use guichet_exchange::testing::Holder;
use guichet_keys::{Keys, MemoryCustody, SystemEntropy};
use guichet_ledger::{Ledger, LedgerSettings};
use guichet_oidc::{
    ClientKeys, DeferredSettings, Engine, EngineParts, EngineSettings, FetchNothing,
    PushedSettings, TokenSettings,
};
use guichet_store::durable::{Consents, LedgerRecords, Messages, Outbox};
use guichet_store::short_lived::{Sessions, ShortLived};
use guichet_store::{Durable, DurableSettings, Limits};
use guichet_web::{
    Brand, Cookies, EgressPolicy, FormAction, Mail, MailError, Mailer, Outgoing, Pages,
    PagesSettings,
};
use http::HeaderName;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::Notify;
use url::Url;

use crate::browser::Browser;
use crate::desk::{self, Foundation};
use crate::faults::Breakable;
use crate::partner::Partner;

/// Where the hub believes it lives.
pub(crate) const ISSUER: &str = "http://localhost:8000";

/// What every service proves itself with.
pub(crate) const SECRET: &str = "a-secret-of-thirty-two-characters";

/// Everything.
pub(crate) struct World {
    pub(crate) hub: Hub,
    pub(crate) router: Router,
    pub(crate) partner: Partner,
    pub(crate) clock: Arc<Time>,
    pub(crate) directory: Arc<Directory>,
    pub(crate) register: Arc<Register>,
    pub(crate) consents: Arc<Breakable<dyn Consents>>,
    pub(crate) outbox: Arc<Breakable<dyn Outbox>>,
    pub(crate) messages: Arc<Breakable<dyn Messages>>,
    pub(crate) sessions: Arc<Breakable<dyn Sessions>>,
    pub(crate) records: Arc<Breakable<dyn LedgerRecords>>,
    pub(crate) holder: Arc<Holder>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) keys: Keys,
    pub(crate) ledger: Ledger,
    pub(crate) durable: Durable,
    /// Where persons are frozen and closed.
    pub(crate) cases: Arc<CaseOffice>,
    /// What was mailed.
    pub(crate) mails: Arc<Mails>,
    _folder: TempDir,
}

/// A clock that stands still until told.
pub(crate) struct Time(AtomicI64);

impl Time {
    /// Moves on.
    pub(crate) fn pass(&self, duration: Duration) {
        self.0.fetch_add(
            i64::try_from(duration.as_millis()).unwrap(),
            Ordering::Relaxed,
        );
    }
}

impl Clock for Time {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Clients and providers that a test may change.
pub(crate) struct Directory {
    clients: Mutex<HashMap<String, Client>>,
    providers: Mutex<Vec<Arc<Provider>>>,
    famille: Mutex<DataProvider>,
}

impl Directory {
    /// The data provider.
    pub(crate) fn famille(&self) -> Arc<DataProvider> {
        Arc::new(self.famille.lock().unwrap().clone())
    }

    /// Changes a client.
    pub(crate) fn change_client(&self, id: &str, change: impl FnOnce(&mut Client)) {
        change(self.clients.lock().unwrap().get_mut(id).unwrap());
    }

    /// Every client.
    pub(crate) fn all(&self) -> Vec<Arc<Client>> {
        let clients = self.clients.lock().unwrap();
        clients.values().cloned().map(Arc::new).collect()
    }

    /// Adds a provider that differs in its names only.
    pub(crate) fn add_provider_like(&self, like: &str, id: &str, name: &str) {
        let mut provider = (*self.provider(like).unwrap()).clone();
        provider.id = id.parse().unwrap();
        name.clone_into(&mut provider.name);
        self.providers.lock().unwrap().push(Arc::new(provider));
    }

    /// Changes a provider.
    pub(crate) fn change_provider(&self, id: &str, change: impl FnOnce(&mut Provider)) {
        let mut providers = self.providers.lock().unwrap();
        let provider = providers
            .iter_mut()
            .find(|provider| provider.id.as_str() == id)
            .unwrap();
        change(Arc::make_mut(provider));
    }
}

impl ClientDirectory for Directory {
    fn client(&self, id: &str) -> Option<Arc<Client>> {
        self.clients.lock().unwrap().get(id).cloned().map(Arc::new)
    }
}

impl ProviderDirectory for Directory {
    fn provider(&self, id: &str) -> Option<Arc<Provider>> {
        self.providers()
            .iter()
            .find(|provider| provider.id.as_str() == id)
            .cloned()
    }

    fn providers(&self) -> Arc<[Arc<Provider>]> {
        self.providers.lock().unwrap().clone().into()
    }
}

/// A register that says what it is told to.
#[derive(Default)]
pub(crate) struct Register {
    saying: Mutex<Option<Result<Verdict, RegisterUnavailable>>>,
    asked: AtomicUsize,
}

impl Register {
    /// What to say from now on; at first it confirms whatever it is asked.
    pub(crate) fn says(&self, answer: Result<Verdict, RegisterUnavailable>) {
        *self.saying.lock().unwrap() = Some(answer);
    }

    /// Confirms again whatever it is asked.
    pub(crate) fn confirms(&self) {
        *self.saying.lock().unwrap() = None;
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl CivilRegister for Register {
    async fn ask(&self, identity: &PivotIdentity) -> Result<Verdict, RegisterUnavailable> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let told = self.saying.lock().unwrap().clone();
        let confirmed = || Confirmed {
            identity: identity.clone(),
            corrected: false,
        };
        told.unwrap_or_else(|| Ok(Verdict::Found(confirmed())))
    }
}

/// Keeps every mail, and says when one comes.
#[derive(Default)]
pub(crate) struct Mails {
    kept: Mutex<Vec<Mail>>,
    came: Notify,
}

impl Mails {
    /// The mails sent, once there are so many.
    pub(crate) async fn once_there_are(&self, count: usize) -> Vec<Mail> {
        loop {
            let came = self.came.notified();
            {
                let kept = self.kept.lock().unwrap();
                if kept.len() >= count {
                    return kept.clone();
                }
            }
            came.await;
        }
    }
}

#[async_trait]
impl Mailer for Mails {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.kept.lock().unwrap().push(mail.clone());
        self.came.notify_one();
        Ok(())
    }
}

async fn migrated(folder: &Path) -> Durable {
    let durable = Durable::sqlite(folder.join("hub.db"), DurableSettings::default());
    let durable = durable.await.unwrap();
    durable.migrate_up().await.unwrap();
    durable
}

/// What the hub is told of how to be, unless a test says otherwise.
fn settings(now: Timestamp) -> HubSettings {
    let mut settings = HubSettings::new(Url::parse(ISSUER).unwrap());
    settings.provider_timeout = Duration::from_millis(400);
    settings.announcements = announcements(now);
    settings.suspicion = Some(Suspicion {
        header: HeaderName::from_static("x-suspicious"),
        floor: Acr::Eidas2,
    });
    settings
}

impl World {
    /// Builds it.
    pub(crate) async fn new() -> Self {
        Self::with(|_| ()).await
    }

    /// Builds it with other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut HubSettings)) -> Self {
        let clock = Arc::new(Time(AtomicI64::new(1_795_000_000_000)));
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let partner = Partner::start(Arc::clone(&clock)).await;
        let keys = keys(&clock);
        let folder = tempfile::tempdir().unwrap();
        let durable = migrated(folder.path()).await;
        let records = Breakable::new(durable.ledger.clone());
        let signer = keys.ledger_signer();
        let ledger = Ledger::open(records.clone(), signer, "test", LedgerSettings::default())
            .await
            .unwrap();
        let short = ShortLived::memory(Limits::default(), clock.clone(), "hub");
        let holder = Holder::new();
        let directory = directory(&partner, &holder);
        let client_keys = Arc::new(ClientKeys::new(Arc::new(FetchNothing), clock.clone()));
        let on = Foundation {
            keys: &keys,
            directory: &directory,
            client_keys: &client_keys,
            short: &short,
            durable: &durable,
            ledger: &ledger,
            clock: &clock,
        };
        let desk = desk::desk(&on, &holder);
        let engine = engine(&on, &desk);
        let cases = Arc::new(case_office(&durable, &keys, &ledger, &directory, &clock));
        let pages = pages();
        let register = Arc::new(Register::default());
        let mails = Arc::new(Mails::default());
        let consents = Breakable::new(durable.consents.clone());
        let outbox = Breakable::new(durable.outbox.clone());
        let messages = Breakable::new(durable.messages.clone());
        let sessions = Breakable::new(short.sessions.clone());
        let mut settings = settings(clock.now());
        change(&mut settings);
        let hub = Hub::new(HubParts {
            settings,
            engine: engine.clone(),
            keys: keys.clone(),
            pages: pages.clone(),
            cookies: Cookies::new("hub", false).unwrap(),
            outgoing: Outgoing::new(loopback()).unwrap(),
            certified: None,
            clients: directory.clone(),
            providers: directory.clone(),
            logins: short.logins.clone(),
            sessions: sessions.clone(),
            session_index: short.session_index.clone(),
            replay: short.replay.clone(),
            attempts: short.attempts.clone(),
            pending: short.pending.clone(),
            people: durable.people.clone(),
            corrections: durable.corrections.clone(),
            gate: durable.gate.clone(),
            cases: cases.clone(),
            ways: durable.ways.clone(),
            mail_aliases: durable.mail_aliases.clone(),
            messages: messages.clone(),
            carriers: Vec::new(),
            mailer: mails.clone(),
            subjects: durable.subjects.clone(),
            consents: consents.clone(),
            outbox: outbox.clone(),
            register: Some(register.clone()),
            verdicts: short.verdicts.clone(),
            ledger: ledger.clone(),
            exchange: Some(desk.clone()),
            scope_labels: Arc::new(|scope, _| {
                (scope.as_str() == "cnaf_quotient_familial").then(|| "Quotient familial".to_owned())
            }),
            clock: clock.clone(),
            entropy,
        });
        let rooms = guichet_broker::routes(hub.clone())
            .merge(guichet_oidc::routes(engine, Arc::new(hub.clone())));
        let router = pages.wrap(rooms.merge(pages.common_routes()));
        Self {
            hub,
            router,
            partner,
            clock,
            directory,
            register,
            consents,
            outbox,
            messages,
            sessions,
            records,
            holder,
            desk,
            keys,
            ledger,
            durable,
            cases,
            mails,
            _folder: folder,
        }
    }

    /// A browser without cookies.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// What the clock says.
    pub(crate) fn now_seconds(&self) -> i64 {
        self.clock.now().seconds()
    }

    /// The audit log as text, one entry a line.
    pub(crate) async fn audit(&self) -> String {
        self.ledger.flush().await.unwrap();
        let entries = self.durable.ledger.read(0, 10_000).await.unwrap();
        let lines = entries
            .iter()
            .map(|entry| String::from_utf8_lossy(&entry.entry).into_owned());
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// An office as another process opens it on the same database.
pub(crate) fn case_office(
    durable: &Durable,
    keys: &Keys,
    ledger: &Ledger,
    directory: &Arc<Directory>,
    clock: &Arc<Time>,
) -> CaseOffice {
    let directory = Arc::clone(directory);
    let (outbox, waiting) = (durable.outbox.clone(), durable.waiting_events.clone());
    CaseOffice::new(
        durable,
        keys,
        ledger.clone(),
        Box::new(move || directory.all()),
        Tidings::new(ISSUER, keys, outbox, waiting),
        (clock.clone(), Arc::new(SystemEntropy)),
    )
}

/// One message of the past, one of today, one of tomorrow.
fn announcements(now: Timestamp) -> Vec<Announcement> {
    let day = Duration::from_hours(24);
    let message = |text: &str, from: Timestamp| Announcement {
        fr: format!("{text} (fr)"),
        en: format!("{text} (en)"),
        from: Some(from),
        until: Some(from.after(day)),
    };
    vec![
        message("Passé", now.before(day * 2)),
        message("Campagne d’impôts", now),
        message("À venir", now.after(day * 2)),
    ]
}

fn keys(clock: &Time) -> Keys {
    let custody = Arc::new(MemoryCustody::new());
    Keys::open(
        custody,
        Arc::new(SystemEntropy),
        clock.now(),
        &[SigningAlg::Es256],
    )
    .unwrap()
}

fn pages() -> Pages {
    let builder = Pages::builder(PagesSettings {
        brand: Brand::new("Guichet"),
        public_url: Url::parse(ISSUER).unwrap(),
        theme_dir: None,
        form_action: FormAction::Leaving,
        entropy: Arc::new(SystemEntropy),
    });
    guichet_broker::pages::with_pages(builder).build().unwrap()
}

fn engine(on: &Foundation<'_>, desk: &Arc<Desk>) -> Engine {
    let short = on.short;
    Engine::new(EngineParts {
        settings: EngineSettings {
            issuer: ISSUER.to_owned(),
            code_lifetime: Duration::from_secs(30),
            pushed: PushedSettings::default(),
            access_token_lifetime: Duration::from_mins(1),
            id_token_lifetime: Duration::from_mins(1),
            acr_values_supported: AcrValue::ALL.to_vec(),
            signing_algs: vec![SigningAlg::Es256],
            data_scopes: vec!["cnaf_quotient_familial".to_owned()],
            dpop_nonce_required: false,
            client_certificates: None,
            deferred: DeferredSettings::default(),
            public_subjects: false,
            ui_locales: Vec::new(),
            tokens: TokenSettings::default(),
        },
        keys: on.keys.clone(),
        clients: on.directory.clone(),
        codes: short.codes.clone(),
        pushed: short.pushed.clone(),
        access_tokens: short.access_tokens.clone(),
        fetch: Arc::new(FetchNothing),
        client_keys: on.client_keys.clone(),
        refresh: on.durable.refresh_tokens.clone(),
        gate: on.durable.gate.clone(),
        replay: short.replay.clone(),
        deferred: short.deferred.clone(),
        attempts: short.attempts.clone(),
        rich: desk.clone(),
        ledger: on.ledger.clone(),
        clock: on.clock.clone(),
        entropy: Arc::new(SystemEntropy),
    })
}

fn directory(partner: &Partner, holder: &Holder) -> Arc<Directory> {
    let client = |id: &str, name: &str, kind: &str| {
        let metadata: ClientMetadata = serde_json::from_value(json!({
            "client_id": id, "client_secret": SECRET, "token_endpoint_auth_method": "client_secret_post",
            "client_name": name, "kind": kind, "require_pkce": false,
            "grant_types": ["authorization_code", "refresh_token"],
            "client_uri": format!("https://{id}.example/"),
            "redirect_uris": [format!("https://{id}.example/cb")],
            "post_logout_redirect_uris": [format!("https://{id}.example/bye")],
            "backchannel_logout_uri": format!("{}/backchannel/{id}", partner.origin()),
            "scope": "openid profile birth email phone family_name cnaf_quotient_familial",
        }))
        .unwrap();
        (
            id.to_owned(),
            metadata.check(guichet_keys::client_secret_hash).unwrap(),
        )
    };
    let provider = |id: &str, name: &str, order: i64, register: CivilRegisterPolicy| {
        let metadata: ProviderMetadata = serde_json::from_value(json!({
            "id": id, "name": name, "issuer": partner.issuer(id), "operator": id, "client_id": format!("hub-at-{id}"),
            "token_endpoint_auth_method": "private_key_jwt", "levels": ["eidas1", "eidas2"],
            "order": order,
        }))
        .unwrap();
        let never = |_: &str| unreachable!("there is no secret");
        Arc::new(metadata.check(never, register).unwrap())
    };
    Arc::new(Directory {
        clients: Mutex::new(HashMap::from([
            client("cantine", "Cantine", "public"),
            client("banque", "Banque", "private"),
            ("fd-famille".to_owned(), desk::client_of(holder)),
        ])),
        providers: Mutex::new(vec![
            provider(
                "citoyen",
                "Compte Citoyen",
                1,
                CivilRegisterPolicy::Required,
            ),
            provider("postale", "Identité Postale", 2, CivilRegisterPolicy::Skip),
        ]),
        famille: Mutex::new(desk::famille()),
    })
}

/// The partners of a world live on this machine.
fn loopback() -> EgressPolicy {
    EgressPolicy {
        allow_loopback: true,
        ..EgressPolicy::default()
    }
}
