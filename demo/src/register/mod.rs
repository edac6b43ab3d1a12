//! The civil register of the demo: answers as the one in `broker/src/civil_register/protocol.md`
//! would, lists whom it knows, and can be switched off to see what a login does then.

mod answer;
mod question;
mod records;
mod search;

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use guichet_web::{Accent, Csrf, Form, PageContext, PageError, Pages, Serde, context};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::cast::Member;
use crate::{DemoError, Surroundings};
use answer::Answer;
use question::Question;

/// Where the register is asked: this path below its base URL is the hub's `endpoint`.
pub const ENDPOINT: &str = "/rnipp";

/// The whole site of the register.
pub fn router(surroundings: &Surroundings) -> Result<Router, DemoError> {
    let pages = surroundings.pages(Member::Register, Accent::Violet)?;
    let public_url = Url::parse(surroundings.addresses.of(Member::Register))?;
    let register = Arc::new(Register {
        csrf: Csrf::new(surroundings.entropy.bytes32(), &public_url),
        mood: AtomicU8::new(Mood::Working as u8),
        pages: pages.clone(),
    });
    let routes = Router::new()
        .route("/", get(page))
        .route(ENDPOINT, get(ask))
        .route("/simulate", post(simulate))
        .route("/healthz", get(|| async { "ok" }))
        .with_state(register);
    Ok(pages.wrap(routes.merge(pages.common_routes())))
}

struct Register {
    pages: Pages,
    csrf: Csrf,
    mood: AtomicU8,
}

/// How the register behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mood {
    /// Answers.
    #[serde(rename = "off")]
    Working,
    /// Answers 503 to every question.
    #[serde(rename = "on")]
    Down,
    /// Takes the question and says nothing.
    Hang,
}

impl Register {
    fn mood(&self) -> Mood {
        let mood = self.mood.load(Ordering::Relaxed);
        [Mood::Down, Mood::Hang]
            .into_iter()
            .find(|known| *known as u8 == mood)
            .unwrap_or(Mood::Working)
    }
}

async fn ask(State(register): State<Arc<Register>>, RawQuery(query): RawQuery) -> Response {
    match register.mood() {
        Mood::Working => {}
        Mood::Down => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Mood::Hang => {
            tokio::time::sleep(LONGER_THAN_ANYONE_WAITS).await;
            return StatusCode::GATEWAY_TIMEOUT.into_response();
        }
    }
    let answer = match Question::parse(query.as_deref().unwrap_or_default()) {
        Ok(question) => search::search(&question, records::RECORDS),
        Err(_) => Answer::Rejected,
    };
    (
        [(CONTENT_TYPE, "application/xml; charset=utf-8")],
        answer.to_xml(),
    )
        .into_response()
}

async fn page(State(register): State<Arc<Register>>, page: PageContext) -> Response {
    let data = context! {
        people => Serde(records::RECORDS),
        mood => Serde(register.mood()),
        endpoint => ENDPOINT,
    };
    register
        .pages
        .html(&page.wide(), "demo/register.html", data)
}

/// The form of the page: `outage=on|off|hang`.
#[derive(Deserialize)]
struct Simulate {
    outage: Mood,
}

/// Anyone on this machine may play with it; another site's page may not.
async fn simulate(
    State(register): State<Arc<Register>>,
    headers: HeaderMap,
    Form(form): Form<Simulate>,
) -> Result<Redirect, PageError> {
    register
        .csrf
        .check_source(&headers)
        .map_err(|_| PageError::new(StatusCode::FORBIDDEN, "error-form-refused"))?;
    register.mood.store(form.outage as u8, Ordering::Relaxed);
    tracing::info!(outage = ?form.outage, "the register was told how to behave");
    Ok(Redirect::to("/"))
}

const LONGER_THAN_ANYONE_WAITS: Duration = Duration::from_mins(1);

#[cfg(test)]
mod tests;
