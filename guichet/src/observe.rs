//! Logs and counters. Neither holds a name, a date of birth, an address, a token or a code.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::Response;
use guichet_config::{Log, LogFormat};
use http::Method;
use metrics::{Counter, Histogram, SharedString};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::cli::BadSetting;

/// Starts logging to standard error.
pub(crate) fn start_logging(log: &Log) -> Result<()> {
    let filter = filter(log)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .try_init(),
        LogFormat::Text => builder.try_init(),
    };
    started.map_err(|error| anyhow::anyhow!("logging does not start: {error}"))
}

/// What `log.level` lets through.
pub(crate) fn filter(log: &Log) -> Result<EnvFilter, BadSetting> {
    EnvFilter::try_new(&log.level).map_err(|error| BadSetting {
        key: "log.level".to_owned(),
        problem: format!("a level or a filter is needed: {error}"),
    })
}

/// Starts counting; the handle renders `/metrics`. Call its `run_upkeep` now and then, or samples
/// that nobody scrapes pile up.
pub(crate) fn start_counting() -> Result<PrometheusHandle> {
    PrometheusBuilder::new()
        .set_buckets(&BUCKETS)
        .and_then(PrometheusBuilder::install_recorder)
        .context("metrics do not start")
}

/// Counts the requests of `router` and times them, by route, method and status; and logs each at
/// debug level by the same three, so that no value from a URL reaches a log.
pub(crate) fn observed(router: Router, listener: &'static str) -> Router {
    let observer = Arc::new(Observer {
        listener,
        known: RwLock::default(),
    });
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        observe(Arc::clone(&observer), request, next)
    }))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a duration for a histogram, not a decision"
)]
async fn observe(observer: Arc<Observer>, request: Request, next: Next) -> Response {
    let method = method_label(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let start = Instant::now();
    let response = next.run(request).await;
    let elapsed = start.elapsed();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    let status = response.status().as_u16();
    tracing::debug!(
        listener = observer.listener,
        route,
        method,
        status,
        micros = elapsed.as_micros(),
        "request"
    );
    observer.count(route, Kind { method, status }, elapsed);
    response
}

/// What counts the requests of one listener. The recorder is asked for the series of a kind of
/// request once: asking takes longer than counting. There are as many kinds as routes, methods of
/// [`method_label`] and statuses allow, whatever is requested.
struct Observer {
    listener: &'static str,
    known: RwLock<HashMap<Kind, HashMap<String, Series>>>,
}

/// A kind of request on one route.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Kind {
    method: &'static str,
    status: u16,
}

struct Series {
    requests: Counter,
    seconds: Histogram,
}

impl Observer {
    fn count(&self, route: &str, kind: Kind, elapsed: Duration) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(series) = known.get(&kind).and_then(|routes| routes.get(route)) {
            return series.count(elapsed);
        }
        drop(known);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let series = known.entry(kind).or_default().entry(route.to_owned());
        series
            .or_insert_with_key(|route| self.series(route, kind))
            .count(elapsed);
    }

    fn series(&self, route: &str, kind: Kind) -> Series {
        let labels: [(&str, SharedString); 4] = [
            ("listener", self.listener.into()),
            ("route", route.to_owned().into()),
            ("method", kind.method.into()),
            ("status", kind.status.to_string().into()),
        ];
        Series {
            requests: metrics::counter!("guichet_http_requests_total", &labels),
            seconds: metrics::histogram!("guichet_http_request_seconds", &labels),
        }
    }
}

impl Series {
    fn count(&self, elapsed: Duration) {
        self.requests.increment(1);
        self.seconds.record(elapsed.as_secs_f64());
    }
}

/// The method, as one of few labels: anybody can make methods up.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Upper bounds of the histogram of durations, in seconds: the hub's own work takes a millisecond,
/// a call to a provider up to its timeout.
const BUCKETS: [f64; 10] = [
    0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.1, 0.5, 2.0, 10.0,
];
