//! Logs and counters. Neither holds a name, a date of birth, an address, a token or a code.

use std::time::Instant;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::Response;
use guichet_config::{Log, LogFormat};
use http::Method;
use metrics::SharedString;
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
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        observe(listener, request, next)
    }))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a duration for a histogram, not a decision"
)]
async fn observe(listener: &'static str, request: Request, next: Next) -> Response {
    let method = method_label(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or_else(
        || SharedString::from("unmatched"),
        |path| path.as_str().to_owned().into(),
    );
    let start = Instant::now();
    let response = next.run(request).await;
    let elapsed = start.elapsed();
    let status = response.status().as_u16();
    tracing::debug!(
        listener,
        route = &*route,
        method,
        status,
        micros = elapsed.as_micros(),
        "request"
    );
    let labels: [(&str, SharedString); 4] = [
        ("listener", listener.into()),
        ("route", route),
        ("method", method.into()),
        ("status", status.to_string().into()),
    ];
    metrics::counter!("guichet_http_requests_total", &labels).increment(1);
    metrics::histogram!("guichet_http_request_seconds", &labels).record(elapsed.as_secs_f64());
    response
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
