//! Evidence in the middle of a procedure: fetched through the hub with the citizen's yes, or sent by the
//! citizen as ever. The kit does the protocol.
//!
//! | path | what happens there |
//! |---|---|
//! | `/evidence` POST | off to the hub, to ask the citizen (`depart.rs`) |
//! | `/evidence/callback` | back; what was granted is fetched (`receive.rs`) |
//! | `/evidence/pick-up` POST | what was not ready is asked for again (`pick_up.rs`) |
//! | `/document` POST | the citizen sends a document instead (`document.rs`) |
//! | `/events` POST | the hub says what the citizen took back or wants erased (`told.rs`) |
//! | `/jwks` | our public keys: evidence is encrypted to one of them |

mod depart;
mod document;
mod panel;
mod pick_up;
mod receive;
mod told;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use guichet_domain::BrowserId;
use guichet_exchange_client::{
    Authentication, EventReceiver, Evidence, EvidenceClient, Granted, Hub, InMemory, Tokens,
};
use guichet_web::Purpose;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use url::Url;

use super::desk::Desk;
use crate::cast::{Service, WantedEvidence};
use crate::shelf::Shelf;
use crate::{DemoError, Surroundings, party};
pub(super) use panel::panel;
use told::Told;

/// What a service that asks for evidence keeps at hand.
pub(super) struct Office {
    wanted: WantedEvidence,
    client: EvidenceClient,
    /// Where the hub tells us what became of what was granted.
    receiver: EventReceiver,
    /// What it told us last about each citizen, by their pseudonym.
    told: Shelf<Told>,
    /// Who went to the hub to be asked, by `state`.
    on_the_way: Shelf<Trip>,
    /// What is in each citizen's file, by their pseudonym.
    papers: Shelf<Paper>,
}

/// What must come back from the hub as it left.
#[derive(Clone)]
struct Trip {
    browser: BrowserId,
    /// Who left; nobody else's evidence goes into their file.
    subject: String,
    nonce: String,
    verifier: String,
}

/// What a citizen's file holds.
#[derive(Clone)]
enum Paper {
    /// Fetched from whoever holds it.
    Evidence(Evidence),
    /// Sent by the citizen: the name of the document.
    Document(String),
    /// Granted, and not ready yet at whoever holds it.
    Awaited(Box<Awaited>),
    /// Nothing yet, and why.
    Missing(Missing),
}

/// What picks it up once it is ready.
#[derive(Clone)]
struct Awaited {
    tokens: Tokens,
    granted: Granted,
}

/// Why nothing was fetched. Each time there is the document that the citizen sends instead.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Missing {
    /// The citizen said no, or that it is wrong.
    Refused,
    /// Whoever should hold it holds nothing of them.
    NotFound,
    /// It is not what the citizen saw any more.
    Changed,
    /// They sign in there first.
    NeedsLink(Option<Url>),
    /// Somebody else came back than left.
    SomebodyElse,
    /// Somebody did not answer, or not in a way one could believe.
    Unavailable,
}

impl Office {
    /// The office of `service`, if it asks for evidence at all.
    pub(super) fn of(
        service: Service,
        surroundings: &Surroundings,
    ) -> Result<Option<Self>, DemoError> {
        let Some(wanted) = service.evidence() else {
            return Ok(None);
        };
        let secret = service.client_secret().to_owned();
        let hub = party::hub(
            surroundings,
            service.client_id(),
            Authentication::SecretBasic(secret),
        )?;
        let addresses = &surroundings.addresses;
        let callback = addresses.at(service.member(), "/evidence/callback");
        Ok(Some(Self {
            wanted,
            receiver: EventReceiver::new(hub.clone(), Arc::new(InMemory::default())),
            told: Shelf::new(LONGEST_VISIT, MOST),
            client: EvidenceClient::new(hub, &callback),
            on_the_way: Shelf::new(LONGEST_TRIP, MOST),
            papers: Shelf::new(LONGEST_VISIT, MOST),
        }))
    }

    /// The hub as this service sees it, with the keys it publishes.
    pub(super) fn hub(&self) -> &Hub {
        self.client.hub()
    }

    /// Puts `paper` in the file of `subject` in place of what was there.
    fn file(&self, desk: &Desk, subject: &str, paper: Paper) {
        self.told.take(subject, desk.now());
        self.papers.take(subject, desk.now());
        self.papers.insert(subject, paper, desk.now());
    }
}

/// The routes of a service that asks for evidence.
pub(super) fn routes() -> Router<Arc<Desk>> {
    Router::new()
        .route("/evidence", post(depart::depart))
        .route("/evidence/callback", get(receive::receive))
        .route("/evidence/pick-up", post(pick_up::again))
        .route("/document", post(document::take))
        .route("/events", post(told::receive))
        .route("/jwks", get(keys))
}

async fn keys(State(desk): State<Arc<Desk>>) -> Response {
    match &desk.office {
        Some(office) => {
            let keys = office.client.hub().own_jwks();
            ([(CONTENT_TYPE, "application/jwk-set+json")], keys).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// The forms of the panel.
const FETCH: Purpose<'static> = Purpose::new("evidence", "");
const SEND: Purpose<'static> = Purpose::new("document", "");

/// Where the panel is, after whatever happened.
const PANEL: &str = "/#evidence";

const LONGEST_TRIP: Duration = Duration::from_mins(20);
const LONGEST_VISIT: Duration = Duration::from_mins(30);
const MOST: usize = 10_000;
