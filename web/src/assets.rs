//! Files a page refers to: style, logo, scripts, each under a path that changes with its content.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, extract::State};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
};
use http::{HeaderValue, StatusCode};
use minijinja::Value;

use crate::Pages;
use crate::theme::Theme;

/// The files of one instance, by name.
pub(crate) struct Assets {
    files: BTreeMap<String, Asset>,
}

struct Asset {
    path: String,
    hash: String,
    content: Bytes,
    content_type: &'static str,
}

impl Assets {
    /// Ours, with the theme's files over them.
    pub(crate) fn new(base: &str, ours: &[(&'static str, &'static [u8])], theme: &Theme) -> Self {
        let ours = ours
            .iter()
            .map(|(name, content)| (*name, Bytes::from_static(content)));
        let theirs = theme
            .assets()
            .map(|(name, content)| (name, Bytes::copy_from_slice(content)));
        let files = ours
            .chain(theirs)
            .map(|(name, content)| (name.to_owned(), asset(base, name, content)));
        Self {
            files: files.collect(),
        }
    }

    /// The public path of `name`.
    pub(crate) fn path(&self, name: &str) -> Option<String> {
        self.files.get(name).map(|file| file.path.clone())
    }

    /// What templates see as `asset`: `asset["guichet.css"]` is a path.
    pub(crate) fn to_value(&self) -> Value {
        let nothing_to_serve = |file: &Asset| file.content.is_empty();
        let served = self
            .files
            .iter()
            .filter(|(_, file)| !nothing_to_serve(file));
        Value::from_pairs(served.map(|(name, file)| (name.as_str(), file.path.as_str())))
    }

    fn serve(&self, hash: &str, name: &str) -> Option<Response> {
        let file = self.files.get(name)?;
        // An old hash is an old page's: it gets the file of today, but may not keep it.
        let caching = if file.hash == hash {
            FOR_GOOD
        } else {
            "no-cache"
        };
        let mut response = file.content.clone().into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        // An SVG opened by itself is a document: it may style itself and run nothing.
        let policy = HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        );
        headers.insert(CONTENT_SECURITY_POLICY, policy);
        Some(response)
    }
}

/// The path of a file changes with its content, so it may be kept for good (RFC 8246).
const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// The routes of the files, relative to the base of the public address.
pub(crate) fn router() -> Router<Pages> {
    Router::new()
        .route("/assets/{hash}/{*name}", get(serve))
        .route("/favicon.ico", get(favicon))
}

async fn serve(State(pages): State<Pages>, Path((hash, name)): Path<(String, String)>) -> Response {
    let found = pages.assets().serve(&hash, &name);
    found.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

/// Browsers ask for it whatever the page says; they take an SVG under this name as well.
async fn favicon(State(pages): State<Pages>) -> Response {
    let found = pages.assets().serve("", "favicon.svg");
    found.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
}

fn asset(base: &str, name: &str, content: Bytes) -> Asset {
    let hash = URL_SAFE_NO_PAD.encode(&digest::digest(&digest::SHA256, &content).as_ref()[..12]);
    Asset {
        path: format!("{base}/assets/{hash}/{name}"),
        hash,
        content,
        content_type: type_of(name),
    }
}

fn type_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}
