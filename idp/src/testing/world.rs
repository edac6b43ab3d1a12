//! One instance over memory stores and a throwaway database, with one client and a few citizens.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use guichet_domain::client::ClientDirectory;
use guichet_domain::{Acr, Client, ClientMetadata, IdentityClaims, SigningAlg, Timestamp};
use guichet_keys::{Keys, MemoryCustody, SystemEntropy, client_secret_hash};
use guichet_ledger::{Ledger, LedgerSettings};
use guichet_oidc::{
    ClientKeys, DeferredSettings, Engine, EngineParts, EngineSettings, FetchNothing,
    NoRichAuthorization, PushedSettings, TokenSettings,
};
use guichet_store::short_lived::Limits as StoreLimits;
use guichet_store::{Durable, DurableSettings, ShortLived};
use guichet_web::{
    Brand, EgressPolicy, FormAction, Mail, MailError, Mailer, Outgoing, Pages, PagesSettings,
};
use serde_json::json;
use tempfile::TempDir;
use totp_rs::{Builder, Secret};
use url::Url;

use super::{Browser, Hand};
use crate::{Idp, IdpParts, IdpSettings, Limits, NewAccount, PasswordPool, TotpSecret, routes};

pub(crate) const PASSWORD: &str = "guichet-demo-2026";
/// The secret of `camille`'s application, in base32.
pub(crate) const TOTP: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const ISSUER: &str = "http://localhost:8010";
/// A day's beginning, so that no window of the throttle ends in mid-test.
const MIDNIGHT: Timestamp = Timestamp::from_seconds(20_800 * 86_400);

pub(crate) struct World {
    pub(crate) idp: Idp,
    pub(crate) clock: Arc<Hand>,
    pub(crate) durable: Durable,
    pub(crate) mails: Arc<Mails>,
    pub(crate) ledger: Ledger,
    router: Router,
    _folder: TempDir,
}

/// What differs from test to test.
pub(crate) struct Setup {
    pub(crate) max_acr: Acr,
    pub(crate) limits: Limits,
    /// How many may queue for password work.
    pub(crate) waiting: usize,
    /// The client's back-channel logout URI.
    pub(crate) backchannel: Option<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            max_acr: Acr::Eidas2,
            limits: Limits::default(),
            waiting: 100,
            backchannel: None,
        }
    }
}

impl World {
    /// With `camille` (an application) and `ange` (a password only).
    pub(crate) async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let Setup {
            max_acr,
            limits,
            waiting,
            backchannel,
        } = setup;
        let clock = Arc::new(Hand::at(MIDNIGHT));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("idp.sqlite");
        let durable = Durable::sqlite(file, DurableSettings::default())
            .await
            .unwrap();
        durable.migrate_up().await.unwrap();
        let entropy = Arc::new(SystemEntropy);
        let custody = Arc::new(MemoryCustody::new());
        let keys = Keys::open(custody, entropy.clone(), MIDNIGHT, &[SigningAlg::Es256]).unwrap();
        let records = durable.ledger.clone();
        let settings = LedgerSettings::default();
        let ledger = Ledger::open(records, keys.ledger_signer(), "test", settings)
            .await
            .unwrap();
        let store = ShortLived::memory(StoreLimits::default(), clock.clone(), "compte-citoyen");
        let clients: Arc<dyn ClientDirectory> = Arc::new(Hub::new(backchannel.as_deref()));
        let engine = Engine::new(EngineParts {
            settings: engine_settings(max_acr),
            keys: keys.clone(),
            clients: clients.clone(),
            codes: store.codes.clone(),
            pushed: store.pushed.clone(),
            access_tokens: store.access_tokens.clone(),
            fetch: Arc::new(FetchNothing),
            client_keys: Arc::new(ClientKeys::new(Arc::new(FetchNothing), clock.clone())),
            refresh: durable.refresh_tokens.clone(),
            gate: durable.gate.clone(),
            replay: store.replay.clone(),
            deferred: store.deferred.clone(),
            attempts: store.attempts.clone(),
            rich: Arc::new(NoRichAuthorization),
            ledger: ledger.clone(),
            clock: clock.clone(),
            entropy: entropy.clone(),
        });
        let mails = Arc::new(Mails::default());
        let workers = NonZeroUsize::new(2).unwrap();
        let name = "compte-citoyen".parse().unwrap();
        let issuer = Url::parse(ISSUER).unwrap();
        let idp = Idp::new(IdpParts {
            settings: IdpSettings {
                limits,
                ..IdpSettings::new(name, "Compte Citoyen", issuer, max_acr)
            },
            engine,
            pages: pages(),
            keys,
            ledger: ledger.clone(),
            clients,
            logins: store.logins.clone(),
            sessions: store.sessions.clone(),
            replay: store.replay.clone(),
            attempts: store.attempts.clone(),
            pending: store.pending.clone(),
            accounts: durable.accounts.clone(),
            authenticators: durable.authenticators.clone(),
            outbox: durable.outbox.clone(),
            passwords: PasswordPool::new(workers, waiting, entropy.clone()),
            carriers: Vec::new(),
            mailer: mails.clone(),
            outgoing: Outgoing::new(EgressPolicy {
                allow_loopback: true,
                ..EgressPolicy::default()
            })
            .unwrap(),
            clock: clock.clone(),
            entropy,
        })
        .unwrap();
        idp.seed(citizens());
        Self {
            router: routes(idp.clone()),
            idp,
            clock,
            durable,
            mails,
            ledger,
            _folder: folder,
        }
    }

    /// A browser that was never here.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.router.clone())
    }

    /// The code that `camille`'s application shows now.
    pub(crate) fn code(&self) -> String {
        code_at(TOTP, guichet_domain::Clock::now(&*self.clock))
    }

    /// Kinds of the events recorded so far, in order.
    pub(crate) async fn recorded(&self) -> Vec<String> {
        self.ledger.flush().await.unwrap();
        let entries = self.durable.ledger.read(0, 10_000).await.unwrap();
        let event = |entry: &guichet_store::durable::EntryRecord| -> Option<String> {
            let value: serde_json::Value = serde_json::from_slice(&entry.entry).ok()?;
            Some(value["kind"].as_str()?.to_owned())
        };
        entries.iter().filter_map(event).collect()
    }
}

/// What an application with this secret shows at `now`.
pub(crate) fn code_at(secret: &str, now: Timestamp) -> String {
    let secret = Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let totp = Builder::new().with_secret(secret).build().unwrap();
    totp.generate(u64::try_from(now.seconds()).unwrap())
        .to_string()
}

/// Mail that was sent.
#[derive(Default)]
pub(crate) struct Mails(pub(crate) Mutex<Vec<Mail>>);

#[async_trait]
impl Mailer for Mails {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.0.lock().unwrap().push(mail.clone());
        Ok(())
    }
}

/// The one client: a hub.
struct Hub(Arc<Client>);

impl Hub {
    fn new(backchannel: Option<&str>) -> Self {
        let metadata: ClientMetadata = serde_json::from_value(json!({
            "client_id": "hub",
            "client_secret": "a-secret-of-the-tests",
            "client_name": "Guichet",
            "client_uri": "https://hub.example/",
            "redirect_uris": ["https://hub.example/callback"],
            "post_logout_redirect_uris": ["https://hub.example/signed-out"],
            "backchannel_logout_uri": backchannel,
            "require_pkce": false,
        }))
        .unwrap();
        Self(Arc::new(metadata.check(client_secret_hash).unwrap()))
    }
}

impl ClientDirectory for Hub {
    fn client(&self, id: &str) -> Option<Arc<Client>> {
        (id == "hub").then(|| self.0.clone())
    }
}

fn engine_settings(max_acr: Acr) -> EngineSettings {
    EngineSettings {
        issuer: ISSUER.into(),
        code_lifetime: Duration::from_mins(1),
        pushed: PushedSettings::default(),
        access_token_lifetime: Duration::from_mins(1),
        id_token_lifetime: Duration::from_mins(1),
        acr_values_supported: [Acr::Eidas1, Acr::Eidas2]
            .into_iter()
            .filter(|acr| *acr <= max_acr)
            .map(Into::into)
            .collect(),
        signing_algs: vec![SigningAlg::Es256],
        data_scopes: vec![],
        dpop_nonce_required: false,
        client_certificates: None,
        deferred: DeferredSettings::default(),
        public_subjects: false,
        ui_locales: Vec::new(),
        tokens: TokenSettings::default(),
    }
}

fn pages() -> Pages {
    let settings = PagesSettings {
        brand: Brand::new("Compte Citoyen"),
        public_url: Url::parse(ISSUER).unwrap(),
        theme_dir: None,
        form_action: FormAction::Leaving,
        entropy: Arc::new(SystemEntropy),
    };
    crate::register(Pages::builder(settings)).build().unwrap()
}

fn citizens() -> Vec<NewAccount> {
    let citizen = |login: &str, given: &str, totp: Option<&str>| NewAccount {
        login_name: login.into(),
        password: PASSWORD.into(),
        identity: IdentityClaims {
            given_name: Some(given.into()),
            family_name: Some("MARTIN".into()),
            email: Some(format!("{login}@example.org")),
            ..IdentityClaims::default()
        },
        totp: totp.map(|secret| TotpSecret::from_base32(secret).unwrap()),
    };
    vec![
        citizen("camille", "Camille Aimée", Some(TOTP)),
        citizen("ange", "Ange", None),
    ]
}
