//! A data provider, as an example to copy: this file is the whole exchange, the kit does the rest.
//!
//! | path | what happens there |
//! |---|---|
//! | `/` | what it holds |
//! | `/evidence` POST | a service presents a voucher and gets evidence, or the hub fetches it to show it |
//! | `/jwks` | its public keys |
//! | `/events` POST | the hub says what became of an exchange (`told.rs`) |
//! | `/link`, `/callback`, `/linked` | a citizen signs in once, so that it knows whom vouchers mean (`linking.rs`) |
//! | `/simulate` POST | a visitor has it answer later, be in doubt, or fail (`mood.rs`) |
//! | `/preview/{ticket}` | a citizen sees what would leave, on a page of its own (`preview.rs`) |

mod linking;
mod matching;
mod mood;
mod preview;
mod records;
mod site;
mod told;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use guichet_domain::Preview;
use guichet_exchange_client::{Answer, AskedEvidence, Half, Phase};
use http::StatusCode;
use http::header::CONTENT_TYPE;

use crate::cast::DataProvider;
use crate::party::TRIED_AFTER;
use crate::{DemoError, Surroundings};
use mood::Mood;
use site::Site;

/// The whole site of `provider`.
pub fn router(provider: DataProvider, surroundings: &Surroundings) -> Result<Router, DemoError> {
    router_knowing(provider, surroundings, &[])
}

/// The same, with citizens it knows from the start: the `sub` and the account name of each. For trying it
/// without a hub to sign in at.
pub fn router_knowing(
    provider: DataProvider,
    surroundings: &Surroundings,
    known: &[(&str, &'static str)],
) -> Result<Router, DemoError> {
    let site = Site::new(provider, surroundings)?;
    for (subject, login) in known {
        site.link(subject, login);
    }
    Ok(routes(site))
}

fn routes(site: Site) -> Router {
    let pages = site.pages.clone();
    let routes = Router::new()
        .route("/", get(site::home))
        .route("/evidence", post(evidence))
        .route("/jwks", get(keys))
        .route("/simulate", post(mood::simulate))
        .route("/events", post(told::receive))
        .route("/link", get(linking::depart))
        .route("/callback", get(linking::receive))
        .route("/linked", get(linking::done))
        .route("/preview/{ticket}", get(preview::page))
        .route("/healthz", get(|| async { "ok" }))
        .with_state(Arc::new(site));
    pages.wrap(routes.merge(pages.common_routes()))
}

/// The evidence endpoint: the kit checks, [`find`] knows, the kit answers.
async fn evidence(State(site): State<Arc<Site>>, request: Request) -> Response {
    if site.mood.get() == Mood::Down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_REQUEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let finding = Arc::clone(&site);
    let served = site
        .desk
        .serve(
            &head,
            &body,
            |asked| async move { find(&finding, &asked).await },
        )
        .await;
    if let Some(half) = served.half {
        tokio::spawn(report(site, half));
    }
    served.response.map(Body::from)
}

/// Whose evidence it is (`matching.rs`: at best by the one name the hub uses towards us), and what stands in
/// it.
async fn find(site: &Site, asked: &AskedEvidence) -> Answer {
    let voucher = &asked.voucher;
    if let Some(answer) = site.mood.get().answer() {
        return answer;
    }
    let login = match matching::whose(site, voucher).await {
        Ok(login) => login,
        Err(answer) => return answer,
    };
    let is_ours = voucher.evidence_type == site.provider.evidence_type();
    let held = records::held(site.provider, login).filter(|_| is_ours);
    let Some(fields) = held else {
        return Answer::NoMatch;
    };
    if voucher.phase == Phase::Prepare && site.provider.preview() == Preview::OwnPage {
        return preview::answer(site, asked, fields);
    }
    Answer::Evidence {
        fields,
        valid_until: site.now().after(VALID_FOR),
    }
}

/// Tells the hub what was released, for the citizen's receipt. It may be away for a moment.
async fn report(site: Arc<Site>, half: Half) {
    for pause in TRIED_AFTER {
        tokio::time::sleep(pause).await;
        match site.desk.hub().deliver(&half).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "a release was not reported"),
        }
    }
}

async fn keys(State(site): State<Arc<Site>>) -> Response {
    let keys = site.desk.hub().own_jwks();
    ([(CONTENT_TYPE, "application/jwk-set+json")], keys).into_response()
}

/// For how long a value may be relied on.
const VALID_FOR: Duration = Duration::from_hours(24 * 30);
/// In bytes.
const LONGEST_REQUEST: usize = 16 * 1024;
