//! The API of the console, `/api/admin/v1`: what the pages and the commands do, for programs.
//!
//! `Operation` is one line of the table that everything follows from: the router, the rights that are
//! asked, and the OpenAPI document (`document`). `caller` says who calls and what they may, `problem` how no
//! is said (RFC 9457), `conditions` which record is meant (RFC 9110 §13), `paging` how long lists are read.
//! `shelf` is every kind of records there is, by one set of handlers; the rest has a file each.

pub(crate) mod caller;
mod catalogue;
mod conditions;
mod credentials;
mod document;
mod findings;
mod habilitations;
mod hooks;
pub(crate) mod intake;
mod invitations;
mod keys;
mod ledger;
mod me;
mod of_teams;
mod operation;
pub(crate) mod paging;
pub(crate) mod problem;
mod scorecard;
pub(crate) mod shelf;
mod shelves;
mod simulations;
mod statistics;
mod status;
mod support;
mod switches;
mod tester;
mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use guichet_domain::ClientId;
use guichet_exchange::Catalogue;
use guichet_keys::Keys;
use guichet_ledger::History;
use guichet_oidc::Engine;
use guichet_store::durable::CredentialUses;
use http::{StatusCode, header};
use schemars::generate::SchemaSettings;

use crate::onboarding::Onboarding;
use crate::people::PeopleRecords;
use crate::statistics::StatisticsBook;
use crate::support::SupportDesk;
use crate::teams::{OrganisationRecords, TeamRecords};
use crate::tester::Tester;
use crate::webhooks::WebhookRecords;
use crate::{
    AuditBook, Check, ClientRecords, Console, DataProviderRecords, Outside, ProviderRecords,
    Simulate,
};

use operation::Operation;
use problem::Problem;

pub use caller::scopes;
pub use hooks::ReviewHook;

/// Where it is, below the address of the console.
pub const PATH: &str = "/api/admin/v1";

/// What the API is made of.
pub struct Api {
    /// Who comes in, and who may what.
    pub console: Console,
    /// Who knows the tokens of clients.
    pub engine: Engine,
    /// Services.
    pub clients: Arc<ClientRecords>,
    /// Who says what would happen.
    pub simulator: Arc<dyn Simulate>,
    /// Which of their secrets and keys are still in use.
    pub uses: Arc<dyn CredentialUses>,
    /// The hub's own clients, which nobody registers.
    pub reserved: Vec<ClientId>,
    /// Identity providers.
    pub providers: Arc<ProviderRecords>,
    /// Data providers.
    pub data_providers: Arc<DataProviderRecords>,
    /// Legal entities.
    pub organisations: Arc<OrganisationRecords>,
    /// Their teams.
    pub teams: Arc<TeamRecords>,
    /// From nothing to production.
    pub onboarding: Arc<Onboarding>,
    /// Who is told of events.
    pub webhooks: Arc<WebhookRecords>,
    /// What the messages of a review tool are known by.
    pub hook: ReviewHook,
    /// The staff.
    pub people: Arc<PeopleRecords>,
    /// What the settings declare.
    pub declared: DeclaredNames,
    /// Which evidence there is.
    pub catalogue: Arc<Catalogue>,
    /// The way out, for what records point to.
    pub outside: Arc<dyn Outside>,
    /// Where the support works.
    pub support: SupportDesk,
    /// Signing keys.
    pub keys: Keys,
    /// The audit log, for readers.
    pub history: History,
    /// The same, for whoever looks something up.
    pub audit: AuditBook,
    /// How many sign-ins there were.
    pub statistics: StatisticsBook,
    /// A provider that plays false.
    pub tester: Tester,
    /// What must hold for this node to serve.
    pub checks: Vec<Check>,
}

/// The names of what the settings declare: each start writes those records again.
#[derive(Clone, Default)]
pub struct DeclaredNames {
    /// Services.
    pub clients: Arc<[String]>,
    /// Identity providers.
    pub providers: Arc<[String]>,
    /// Data providers.
    pub data_providers: Arc<[String]>,
}

/// What clients name as `resource` for a token that is good here: its address.
pub fn resource(address: &str) -> String {
    format!("{address}{PATH}")
}

/// Every operation, and the document that describes them.
pub(crate) fn routes(api: &Arc<Api>) -> Router {
    let mut schemas = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let operations = operations(&mut schemas);
    let document = document::write(api, &operations, schemas);
    let document = Bytes::from(document.to_string());
    let mut router = Router::new().route("/openapi.json", get(async move || described(document)));
    for operation in operations {
        router = router.route(&operation.path, operation.handler);
    }
    // Signed, and no operation of anybody: it stands in `docs/webhooks.md`.
    let router = router.route("/hooks/habilitations", post(hooks::habilitations));
    // Outermost: nobody is asked who they are before all of their request is there.
    let router = router
        .fallback(|| async { Problem::unknown() })
        .method_not_allowed_fallback(|| async { Problem::of(StatusCode::METHOD_NOT_ALLOWED) })
        .with_state(Arc::clone(api))
        .layer(middleware::from_fn(intake::whole));
    Router::new().nest(PATH, router)
}

/// All there are, in the order of the document.
fn operations(schemas: &mut schemars::SchemaGenerator) -> Vec<Operation> {
    let mut all = me::operations(schemas);
    all.extend(status::operations(schemas));
    all.extend(shelves::operations(schemas));
    all.extend(findings::operations(schemas));
    all.extend(credentials::operations(schemas));
    all.extend(switches::operations(schemas));
    all.extend(support::operations(schemas));
    all.extend(webhooks::operations(schemas));
    all.extend(simulations::operations(schemas));
    all.extend(invitations::operations(schemas));
    all.extend(habilitations::operations(schemas));
    all.extend(catalogue::operations(schemas));
    all.extend(keys::operations(schemas));
    all.extend(ledger::operations(schemas));
    all.extend(statistics::operations(schemas));
    all.extend(scorecard::operations(schemas));
    all.extend(tester::operations(schemas));
    all
}

/// `GET /api/admin/v1/openapi.json`: public, since it says nothing of anybody.
fn described(document: Bytes) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], document).into_response()
}
