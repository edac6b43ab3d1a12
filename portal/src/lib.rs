//! The citizen's single account, at `/account`.
//!
//! `home` is its front door: what waits for the citizen, every service with its door, and the way out of
//! all of them at once. Behind it: what services say (`messages`); what is asked of the citizen elsewhere:
//! the codes of devices (`device`) and the requests of services that named them (`requests`), answered
//! along the hub's own spine; what services have of them and may fetch (`data`); what happened (`history`);
//! their open sessions (`sessions`) and the ways in (`ways`); what they have a right to (`rights`); and the way
//! to freeze it all and open it again (`not_me`). `nav` leads from each to the others. What everybody may do
//! with a receipt is in `receipts`.

mod account;
mod app;
mod closing;
mod data;
mod device;
mod fresh;
mod history;
mod home;
mod life_events;
mod messages;
mod nav;
mod not_me;
mod places;
mod receipts;
mod reopening;
mod requests;
mod rights;
mod services;
mod sessions;
mod sign_in;
mod support;
mod ways;
mod wording;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn;
use axum::routing::{get, post};
use guichet_domain::{Clock, Entropy};
use guichet_exchange::Desk;
use guichet_keys::{Keys, Sealer};
use guichet_ledger::Ledger;
use guichet_oidc::{Engine, House};
use guichet_store::durable::{
    Consents, Messages, People, RegistrySnapshot, Subjects, SupportRequests,
};
use guichet_web::{Cookies, Csrf, Pages, to_the_end};

pub use account::SignedIn;
pub use fresh::Freshness;
pub use history::HistoryBook;
pub use history::statement;
pub use life_events::LifeEvent;
pub use messages::KEPT_FOR as MESSAGES_KEPT_FOR;
pub use messages::live::Live;
pub use not_me::{CaseKept, Cases, Frozen, Report, SignInKept};
pub use places::Places;
pub use rights::register::{Authority, Retention};
pub use rights::{
    ANSWERED_WITHIN, ArchiveProblem, Listed, Manifest, OpenedRequest, RightsOffice,
    SETTLED_KEPT_FOR, verify_archive,
};
pub use sessions::{OpenSession, OpenSessions, Statement};
pub use sign_in::{CLIENT_ID, RETURN_PATH, THAW_RETURN_PATH};
pub use ways::{
    AliasShown, DeviceShown, MyWays, Preferences, WayChange, WayNotice, WayOutcome, WayShown,
    WaysIn,
};

/// What the account is made of.
#[derive(Clone)]
pub struct Portal {
    /// Its pages.
    pub pages: Pages,
    /// The services there are.
    pub registry: Arc<RegistrySnapshot>,
    /// What waits for a citizen's word.
    pub engine: Engine,
    /// Where a sign-in goes on: the hub.
    pub house: Arc<dyn House>,
    /// Who is signed in.
    pub signed_in: Arc<dyn SignedIn>,
    /// Their sessions, here and elsewhere.
    pub sessions: Arc<dyn OpenSessions>,
    /// Where they freeze what is theirs.
    pub cases: Arc<dyn Cases>,
    /// The ways into their identity.
    pub ways: Arc<dyn WaysIn>,
    /// What they decided about evidence; `None` in a hub that deals with none.
    pub exchange: Option<Arc<Desk>>,
    /// Under which names.
    pub people: Arc<dyn People>,
    /// What they agreed to.
    pub consents: Arc<dyn Consents>,
    /// What happened with what is theirs.
    pub history: HistoryBook,
    /// Who is behind a name.
    pub subjects: Arc<dyn Subjects>,
    /// What services say.
    pub messages: Arc<dyn Messages>,
    /// Who hears of it while a page is open.
    pub live: Live,
    /// Archives that are being packed.
    pub packing: Places,
    /// What signs archives and statements of histories.
    pub keys: Keys,
    /// What citizens ask by right.
    pub rights: RightsOffice,
    /// What the support asks them to let it see.
    pub support: Arc<dyn SupportRequests>,
    /// Opens why.
    pub support_sealer: Sealer,
    /// What happens in a life, and the services for it.
    pub life_events: Arc<[LifeEvent]>,
    /// How long somebody who closed their account may have it open again.
    pub reopened_within: Duration,
    /// Who answers for the processing, and to whom citizens complain.
    pub authority: Authority,
    /// How long the hub keeps what it processes itself.
    pub retention: Retention,
    /// What seals messages.
    pub sealer: Sealer,
    /// The audit log.
    pub ledger: Ledger,
    /// The hub's cookies: the same browser is the same here.
    pub cookies: Cookies,
    /// Its forms, under a key of their own.
    pub csrf: Csrf,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// Every path of the account. What a citizen says there is done to its end, whoever hangs up meanwhile.
pub fn routes(portal: Portal) -> Router {
    front_routes()
        .merge(data_routes())
        .merge(ways_routes())
        .merge(rights_routes())
        .layer(from_fn(to_the_end))
        .with_state(portal)
}

/// The front door, what services say, and what is asked of the citizen elsewhere.
fn front_routes() -> Router<Portal> {
    Router::new()
        .route("/account", get(home::show))
        .route(app::MANIFEST, get(app::manifest))
        .route("/account/live", get(messages::live::follow))
        .route("/account/messages", post(messages::post::post))
        .route("/account/services/{client}", post(messages::mute::choose))
        .route("/account/sign-in", get(sign_in::begin))
        .route("/account/again", get(fresh::show))
        .route(RETURN_PATH, get(sign_in::returned))
        .route("/account/device", get(device::enter).post(device::look))
        .route(
            "/account/device/{ticket}",
            get(device::show).post(device::decide),
        )
        .route("/account/requests", get(requests::list))
        .route("/account/requests/{name}", post(requests::decide))
}

/// What services have, what happened, and the proof of either.
fn data_routes() -> Router<Portal> {
    Router::new()
        .route("/account/data", get(data::show))
        .route("/account/evidence", get(data::moved))
        .route("/account/data/{id}", post(data::end))
        .route(
            "/account/data/{id}/change",
            get(data::change::form).post(data::change::change),
        )
        .route(
            "/account/data/{id}/erasure",
            get(data::erasure::form).post(data::erasure::ask),
        )
        .route("/account/data/{id}/receipt", get(data::download))
        .route(
            "/account/data/consents/{client}",
            post(data::consents::withdraw),
        )
        .route("/account/history", get(history::show))
        .route(
            "/account/history/statement",
            post(history::statement::download),
        )
        .route(
            "/account/history/export/{format}",
            get(history::export::download),
        )
        .route(
            "/receipts/verify",
            get(receipts::ask).post(receipts::answer),
        )
        .route("/receipts/counts", get(receipts::counts))
}

/// The ways in, open sessions, and "it was not me".
fn ways_routes() -> Router<Portal> {
    Router::new()
        .route(
            "/account/ways",
            get(ways::page::show).post(ways::change::save),
        )
        .route("/account/ways/address", post(ways::change::address))
        .route("/account/ways/address/code", post(ways::change::code))
        .route(
            "/account/ways/address/forget",
            post(ways::change::forget_address),
        )
        .route("/account/ways/aliases/{handle}", post(ways::change::alias))
        .route(
            "/account/ways/devices/{handle}",
            post(ways::change::forget_device),
        )
        .route("/account/support", get(support::show))
        .route("/account/support/{id}", post(support::answer))
        .route("/account/sessions", get(sessions::list))
        .route("/account/sessions/{handle}", post(sessions::close))
        .route("/account/sessions/others", post(sessions::close_others))
        .route("/account/not-me", get(not_me::show).post(not_me::freeze))
        .route("/account/not-me/report", post(not_me::report))
        .route("/account/not-me/{what}/{case}", get(not_me::kept))
        .route("/account/thaw", get(not_me::thaw))
        .route(THAW_RETURN_PATH, get(not_me::thawed))
        .route(
            "/account/reopen/{case}/{key}",
            get(reopening::show).post(reopening::follow),
        )
}

/// What the law gives a citizen.
fn rights_routes() -> Router<Portal> {
    Router::new()
        .route("/account/rights", get(rights::show))
        .route("/account/rights/archive", post(rights::download))
        .route(
            "/account/rights/ask/{right}",
            get(rights::requests::form).post(rights::requests::ask),
        )
        .route("/account/rights/requests/{id}", get(rights::requests::show))
        .route(
            "/account/rights/requests/{id}/withdraw",
            post(rights::requests::withdraw),
        )
        .route(
            "/account/rights/requests/{id}/bundle",
            post(rights::requests::bundle),
        )
        .route("/account/close", get(closing::show).post(closing::close))
        .route("/processing-register", get(rights::register::show))
        .route("/processing-register.json", get(rights::register::json))
}

/// Templates to register with the hub's pages.
pub const TEMPLATES: &[(&str, &str)] = &[
    ("portal/home.html", include_str!("../pages/home.html")),
    (
        "portal/device_enter.html",
        include_str!("../pages/device_enter.html"),
    ),
    (
        "portal/device_show.html",
        include_str!("../pages/device_show.html"),
    ),
    ("portal/data.html", include_str!("../pages/data.html")),
    (
        "portal/data_change.html",
        include_str!("../pages/data_change.html"),
    ),
    ("portal/history.html", include_str!("../pages/history.html")),
    ("portal/not_me.html", include_str!("../pages/not_me.html")),
    (
        "portal/not_me_kept.html",
        include_str!("../pages/not_me_kept.html"),
    ),
    ("portal/rights.html", include_str!("../pages/rights.html")),
    (
        "portal/rights_ask.html",
        include_str!("../pages/rights_ask.html"),
    ),
    (
        "portal/rights_request.html",
        include_str!("../pages/rights_request.html"),
    ),
    ("portal/close.html", include_str!("../pages/close.html")),
    (
        "portal/processing_register.html",
        include_str!("../pages/processing_register.html"),
    ),
    ("portal/support.html", include_str!("../pages/support.html")),
    ("portal/ways.html", include_str!("../pages/ways.html")),
    ("portal/again.html", include_str!("../pages/again.html")),
    ("portal/thaw.html", include_str!("../pages/thaw.html")),
    ("portal/reopen.html", include_str!("../pages/reopen.html")),
    ("portal/thawed.html", include_str!("../pages/thawed.html")),
    (
        "portal/data_erasure.html",
        include_str!("../pages/data_erasure.html"),
    ),
    (
        "portal/receipts_verify.html",
        include_str!("../pages/receipts_verify.html"),
    ),
    (
        "portal/receipts_counts.html",
        include_str!("../pages/receipts_counts.html"),
    ),
    (
        "portal/requests.html",
        include_str!("../pages/requests.html"),
    ),
    (
        "portal/sessions.html",
        include_str!("../pages/sessions.html"),
    ),
];

/// Scripts, without which every page works, and icons to register with the hub's pages.
pub const ASSETS: &[(&str, &[u8])] = &[
    ("app-192.png", include_bytes!("../assets/app-192.png")),
    ("app-512.png", include_bytes!("../assets/app-512.png")),
    (
        "account-live.js",
        include_bytes!("../assets/account-live.js"),
    ),
    ("ways.js", include_bytes!("../assets/ways.js")),
    ("receipts.js", include_bytes!("../assets/receipts.js")),
];

/// Texts in French.
pub const TEXTS_FR: &str = include_str!("../texts/fr.ftl");

/// Texts in English.
pub const TEXTS_EN: &str = include_str!("../texts/en.ftl");
