//! The citizen's single account, at `/account`.
//!
//! So far its front door: every service the hub opens, each with its door, and the way out of all of
//! them at once. Consents, history and rights get rooms of their own behind it.

mod services;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use guichet_store::durable::RegistrySnapshot;
use guichet_web::{PageContext, Pages, Serde, context};

pub use services::ServiceCard;

/// What the account is made of.
#[derive(Clone)]
pub struct Portal {
    /// Its pages.
    pub pages: Pages,
    /// The services there are.
    pub registry: Arc<RegistrySnapshot>,
}

/// Every path of the account.
pub fn routes(portal: Portal) -> Router {
    Router::new()
        .route("/account", get(home))
        .with_state(portal)
}

/// Every service with its door. The same page for everybody: it knows nobody.
async fn home(State(portal): State<Portal>, page: PageContext) -> Response {
    let clients = portal.registry.clients();
    let services = services::cards(clients.iter().map(AsRef::as_ref));
    portal.pages.html(
        &page,
        "portal/home.html",
        context!(services => Serde(&services)),
    )
}

/// Templates to register with the hub's pages.
pub const TEMPLATES: &[(&str, &str)] = &[("portal/home.html", include_str!("../pages/home.html"))];

/// Texts in French.
pub const TEXTS_FR: &str = include_str!("../texts/fr.ftl");

/// Texts in English.
pub const TEXTS_EN: &str = include_str!("../texts/en.ftl");
