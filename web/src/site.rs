//! What every instance serves around its own pages: assets, language switch, help, the
//! accessibility statement, error pages, security headers.

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use minijinja::context;
use serde::Deserialize;

use crate::context::locale_of;
use crate::{Form, LocalPath, Locale, PageContext, PageError, Pages, Query, Reading, assets};

impl Pages {
    /// The routes every instance has, relative to the base of its public address:
    /// `/assets/..`, `/favicon.ico`, `/locale`, `/reading`, `/help`, `/accessibility`.
    pub fn common_routes(&self) -> Router {
        Router::new()
            .route("/locale", get(switch_by_link).post(switch_by_form))
            .route("/reading", get(choose_reading))
            .route("/help", get(help))
            .route("/accessibility", get(accessibility))
            .merge(assets::router())
            .with_state(self.clone())
    }

    /// Puts on a whole instance what must not be forgotten: every [`PageError`] becomes its page,
    /// an unknown address or method gets one too, and every answer has the security headers.
    pub fn wrap(&self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self.clone(), finish))
    }
}

async fn finish(State(pages): State<Pages>, request: Request, next: Next) -> Response {
    // Most answers are no error page: what one would need is kept, and no more.
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let locale = locale_of(&uri, request.headers());
    let reading = Reading::of(request.headers());
    let mut response = next.run(request).await;
    if let Some(error) = response
        .extensions_mut()
        .remove::<PageError>()
        .or_else(|| implied(&response))
    {
        let bare = response;
        response = error.page(
            &pages,
            PageContext::of_address(&method, &uri, (locale, reading)),
        );
        keep_others(bare.headers(), response.headers_mut());
    }
    pages.security().complete(response.headers_mut());
    response
}

/// The router's own answers to unknown addresses and methods have no body and so no type.
fn implied(response: &Response) -> Option<PageError> {
    if response.headers().contains_key(CONTENT_TYPE) {
        return None;
    }
    match response.status() {
        status @ (StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED) => {
            Some(PageError::new(status, "error-not-found"))
        }
        _ => None,
    }
}

/// What a layer below had already put on the bare answer, such as `Allow` or a cookie.
fn keep_others(bare: &HeaderMap, headers: &mut HeaderMap) {
    for (name, value) in bare {
        let describes_body = name == http::header::CONTENT_LENGTH || name == CONTENT_TYPE;
        if name == SET_COOKIE {
            headers.append(name, value.clone());
        } else if !describes_body && !headers.contains_key(name) {
            headers.insert(name, value.clone());
        }
    }
}

/// A language and where to go on in it.
#[derive(Deserialize)]
struct Switch {
    lang: String,
    #[serde(default)]
    back: String,
}

/// By link, since it changes nothing but the reader's own view.
async fn switch_by_link(State(pages): State<Pages>, Query(switch): Query<Switch>) -> Response {
    switch_language(&pages, &switch)
}

async fn switch_by_form(State(pages): State<Pages>, Form(switch): Form<Switch>) -> Response {
    switch_language(&pages, &switch)
}

fn switch_language(pages: &Pages, switch: &Switch) -> Response {
    let Some(locale) = Locale::from_tag(&switch.lang) else {
        return PageError::new(StatusCode::BAD_REQUEST, "error-bad-request").into_response();
    };
    let mut headers = HeaderMap::new();
    headers.insert(SET_COOKIE, locale.remember(pages.is_https()));
    let back = LocalPath::or_root(&switch.back);
    let back = HeaderValue::from_str(back.as_str()).unwrap_or(HeaderValue::from_static("/"));
    headers.insert(LOCATION, back);
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// How to read, and where to go on so.
#[derive(Deserialize)]
struct Choice {
    #[serde(rename = "as", default)]
    words: String,
    #[serde(default)]
    back: String,
}

/// By link, since it changes nothing but the reader's own view.
async fn choose_reading(State(pages): State<Pages>, Query(choice): Query<Choice>) -> Response {
    let mut headers = HeaderMap::new();
    let cookie = Reading::of_words(&choice.words).remember(pages.is_https());
    headers.extend(cookie.map(|cookie| (SET_COOKIE, cookie)));
    let back = LocalPath::or_root(&choice.back);
    let back = HeaderValue::from_str(back.as_str()).unwrap_or(HeaderValue::from_static("/"));
    headers.insert(LOCATION, back);
    (StatusCode::SEE_OTHER, headers).into_response()
}

async fn help(State(pages): State<Pages>, page: PageContext) -> Response {
    pages.html(&page, "help.html", context!())
}

async fn accessibility(State(pages): State<Pages>, page: PageContext) -> Response {
    pages.html(&page, "accessibility.html", context!())
}

#[cfg(test)]
mod tests;
