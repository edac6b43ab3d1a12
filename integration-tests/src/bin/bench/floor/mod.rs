//! The floor: what the same logins cost with nothing around the work.
//!
//! A hub that federates logins and does only what cannot be left out: the requests of a login, pages of the product's
//! size (fixed bytes), the calls to the provider, the cryptography, the entries of the audit log. One client
//! directory of two, one provider, records in hash maps, no error pages, no languages, no settings. It is a measure
//! and no hub: it checks what costs time and little else.
//!
//! | file | does |
//! |---|---|
//! | `sign_in` | the browser's requests |
//! | `service` | the service's: token, userinfo, documents |
//! | `provider` | the calls to the provider |
//! | `records` | what is kept between requests, sealed |
//! | `crypto` | keys, signing, verifying, sealing |
//! | `ledger` | entries in a file, by group commit |

mod crypto;
mod ledger;
mod provider;
mod records;
mod service;
mod sign_in;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result};
use axum::Router;
use axum::routing::{get, post};
use tokio::net::TcpListener;

use crate::floor::crypto::Crypto;
use crate::floor::ledger::Ledger;
use crate::floor::provider::Provider;
use crate::floor::records::Store;

/// What the program is told.
#[derive(Clone, Debug)]
pub(crate) struct FloorSettings {
    /// The port it listens on.
    pub(crate) port: u16,
    /// The provider's issuer.
    pub(crate) provider: String,
    /// Where entries go; without it there is no audit log.
    pub(crate) ledger: Option<PathBuf>,
    /// How long the page of the choice is, in bytes.
    pub(crate) choice_page: usize,
    /// How long the page of the consent is, in bytes.
    pub(crate) consent_page: usize,
}

impl FloorSettings {
    /// As arguments of `bench`.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let ledger = self
            .ledger
            .as_ref()
            .map_or_else(|| NONE.to_owned(), |path| path.display().to_string());
        vec![
            "floor".to_owned(),
            self.port.to_string(),
            self.provider.clone(),
            ledger,
            self.choice_page.to_string(),
            self.consent_page.to_string(),
        ]
    }

    fn read(arguments: &[String]) -> Result<Self> {
        let [port, provider, ledger, choice_page, consent_page] = arguments else {
            anyhow::bail!(
                "the floor takes a port, a provider, a ledger or `{NONE}`, and the lengths of two pages"
            );
        };
        Ok(Self {
            port: port.parse()?,
            provider: provider.clone(),
            ledger: (ledger != NONE).then(|| PathBuf::from(ledger)),
            choice_page: choice_page.parse()?,
            consent_page: consent_page.parse()?,
        })
    }
}

const NONE: &str = "none";

/// Everything a handler needs.
struct Floor {
    issuer: String,
    crypto: Crypto,
    provider: Provider,
    store: Store,
    clients: HashMap<&'static str, service::Registered>,
    ledger: Option<Ledger>,
    pages: Pages,
    documents: service::Documents,
}

/// Pages, all but their form's token written beforehand.
struct Pages {
    choice: (String, String),
    consent: (String, String),
}

impl Pages {
    fn new(settings: &FloorSettings) -> Self {
        let choice = format!(
            "<button name=\"provider\" value=\"{}\">",
            crate::walker::PROVIDER
        );
        let consent = "<button name=\"decision\" value=\"accept\">".to_owned();
        Self {
            choice: page(&choice, settings.choice_page),
            consent: page(&consent, settings.consent_page),
        }
    }
}

/// A page of `length` bytes, in two halves around its form's token.
fn page(button: &str, length: usize) -> (String, String) {
    const TOKEN: usize = 43;
    let before =
        "<!doctype html><form method=\"post\"><input type=\"hidden\" name=\"csrf\" value=\""
            .to_owned();
    let after = format!("\">{button}</button></form>");
    let filling = length.saturating_sub(before.len() + TOKEN + after.len());
    (before, format!("{after}{}", " ".repeat(filling)))
}

/// Serves until it is killed.
pub(crate) async fn serve(arguments: &[String]) -> Result<()> {
    let settings = FloorSettings::read(arguments)?;
    let issuer = format!("http://localhost:{}", settings.port);
    let crypto = Crypto::generate()?;
    let floor = Floor {
        documents: service::Documents::new(&issuer, &crypto),
        crypto,
        provider: Provider::discover(&settings.provider).await?,
        store: Store::default(),
        clients: service::registered(),
        ledger: settings.ledger.as_deref().map(Ledger::open).transpose()?,
        pages: Pages::new(&settings),
        issuer,
    };
    let routes = Router::new()
        .route("/authorize", get(sign_in::authorize))
        .route(
            "/login/{id}/provider",
            get(sign_in::show_providers).post(sign_in::choose),
        )
        .route("/callback/{provider}", get(sign_in::callback))
        .route("/login/{id}/identity", get(sign_in::identify))
        .route(
            "/login/{id}/consent",
            get(sign_in::show_consent).post(sign_in::consent),
        )
        .route("/login/{id}/return", get(sign_in::finish))
        .route("/token", post(service::token))
        .route("/userinfo", get(service::userinfo))
        .route("/.well-known/openid-configuration", get(service::metadata))
        .route("/jwks", get(service::jwks))
        .route("/readyz", get(async || "ready"))
        .with_state(Arc::new(floor));
    let listener = TcpListener::bind(("127.0.0.1", settings.port))
        .await
        .context("the port is taken")?;
    Ok(axum::serve(listener, routes).await?)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a handler answers when something does not hold: the floor has no pages for it.
struct Wrong(String);

impl<E: std::fmt::Display> From<E> for Wrong {
    fn from(error: E) -> Self {
        Self(format!("{error:#}"))
    }
}

impl axum::response::IntoResponse for Wrong {
    fn into_response(self) -> axum::response::Response {
        (axum::http::StatusCode::BAD_REQUEST, self.0).into_response()
    }
}
