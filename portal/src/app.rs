//! What makes the account an application that can be put on a telephone's first screen: the manifest (W3C Web
//! Application Manifest). There is no service worker: nothing of a citizen's rests in a browser.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use guichet_web::PageContext;
use http::header;
use serde_json::json;

use crate::Portal;

/// Where the manifest is.
pub(crate) const MANIFEST: &str = "/account/app.webmanifest";

/// `GET /account/app.webmanifest`
pub(crate) async fn manifest(State(portal): State<Portal>, page: PageContext) -> Response {
    let text = |id| portal.pages.text(page.locale, id, &[]);
    let icon = |name: &str, sizes: &str, kind: &str, purpose: &str| {
        let src = portal.pages.asset(name);
        src.map(|src| json!({ "src": src, "sizes": sizes, "type": kind, "purpose": purpose }))
    };
    let icons = [
        icon("app-192.png", "192x192", "image/png", "any"),
        icon("app-512.png", "512x512", "image/png", "any"),
        icon("app-512.png", "512x512", "image/png", "maskable"),
        icon("favicon.svg", "any", "image/svg+xml", "any"),
    ];
    let manifest = json!({
        "id": portal.path("/account"),
        "name": text("portal-title"),
        "short_name": text("app-short-name"),
        "lang": page.locale.tag(),
        "dir": page.locale.direction(),
        "start_url": portal.path("/account"),
        "scope": portal.path("/"),
        "display": "standalone",
        "background_color": "#f5f4f0",
        "theme_color": "#23395b",
        "icons": icons.into_iter().flatten().collect::<Vec<_>>(),
    });
    let kind = [(header::CONTENT_TYPE, "application/manifest+json")];
    (kind, manifest.to_string()).into_response()
}
