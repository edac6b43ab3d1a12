//! How the providers do, for everybody to see: a page for people, a feed for programs. It says nothing
//! of anybody who signed in.

use axum::Json;
use axum::extract::State as Shared;
use axum::response::{IntoResponse, Response};
use guichet_domain::provider::{Availability, Maintenance};
use guichet_domain::{Provider, Timestamp};
use guichet_web::{PageContext, Serde, context};
use http::HeaderValue;
use http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL};
use serde::Serialize;

use super::Standing;
use crate::hub::Hub;

/// How a provider does, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It can be used.
    Up,
    /// It failed lately and is being tried again.
    Degraded,
    /// It does not answer.
    Down,
    /// Its operators are working on it.
    Maintenance,
    /// It cannot be used yet, or no longer.
    Closed,
}

impl State {
    /// Its name in the feed and in the texts of the page.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Degraded => "degraded",
            Self::Down => "down",
            Self::Maintenance => "maintenance",
            Self::Closed => "closed",
        }
    }

    fn of(provider: &Provider, standing: Standing, now: Timestamp) -> Self {
        match (provider.is_open(now), standing) {
            (Availability::Maintenance, _) => Self::Maintenance,
            (Availability::Open, Standing::Up) => Self::Up,
            (Availability::Open, Standing::OnTrial) => Self::Degraded,
            (Availability::Open, Standing::Down) => Self::Down,
            _ => Self::Closed,
        }
    }
}

/// One line of the report.
#[derive(Clone, Debug, Serialize)]
pub struct ProviderStatus {
    /// Its short name.
    pub id: String,
    /// The name citizens see.
    pub name: String,
    /// How it does.
    pub status: State,
    /// What its record says about it, while it is in maintenance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<Maintenance>,
}

impl Hub {
    /// How every provider does that citizens can see, as far as this node knows, in the order of the
    /// page of providers.
    pub fn provider_statuses(&self) -> Vec<ProviderStatus> {
        let now = self.now();
        let providers = self.parts().providers.providers();
        let shown = providers
            .iter()
            .filter(|provider| provider.active && provider.display.displayed);
        let line = |provider: &std::sync::Arc<Provider>| {
            let standing = self.health().standing(&provider.id, now);
            let status = State::of(provider, standing, now);
            let message = provider.opening.maintenance.clone();
            ProviderStatus {
                id: provider.id.to_string(),
                name: provider.name.clone(),
                status,
                message: message.filter(|_| status == State::Maintenance),
            }
        };
        shown.map(line).collect()
    }
}

/// `GET /status.json`
#[derive(Serialize)]
struct Feed {
    /// When this was true: seconds since 1970.
    updated: i64,
    providers: Vec<ProviderStatus>,
}

/// `GET /status.json`: the feed.
pub(crate) async fn feed(Shared(hub): Shared<Hub>) -> Response {
    let feed = Feed {
        updated: hub.now().seconds(),
        providers: hub.provider_statuses(),
    };
    // Services may show it on their own pages.
    let anybody = (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    ([anybody, (CACHE_CONTROL, A_LITTLE_WHILE)], Json(feed)).into_response()
}

/// `GET /status`: the page.
pub(crate) async fn page(Shared(hub): Shared<Hub>, page: PageContext) -> Response {
    let data = context! {
        providers => Serde(&hub.provider_statuses()),
        at => hub.now().millis(),
    };
    let pages = &hub.parts().pages;
    pages.html(&page, "broker/status.html", data)
}

const A_LITTLE_WHILE: HeaderValue = HeaderValue::from_static("public, max-age=15");
