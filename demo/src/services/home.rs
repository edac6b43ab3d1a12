//! The home page: what the service is, or who is signed in and what the service knows of them.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use guichet_web::{PageContext, PageError, Purpose, Serde, Value, context};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};

use super::desk::{Desk, Session};
use super::{claims, evidence};

pub(super) async fn page(
    State(desk): State<Arc<Desk>>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (browser, fresh) = desk
        .cookies
        .browser_or_new(&headers, &*desk.entropy)
        .map_err(|_| PageError::new(StatusCode::INTERNAL_SERVER_ERROR, "error-internal"))?;
    let session = desk.session(&headers);
    let evidence = session
        .as_ref()
        .and_then(|session| evidence::panel(&desk, session, &browser, page.locale));
    let visitor = session.map(|session| visitor(&desk, &session, &page));
    let data = context! {
        service => format!("demo-{}", desk.service.client_id()),
        sign_in => desk.csrf.token(&browser, SIGN_IN),
        sign_out => desk.csrf.token(&browser, SIGN_OUT),
        visitor,
        evidence,
    };
    let mut response = desk.pages.html(&page, "demo/service_home.html", data);
    if let Some(cookie) = fresh {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The forms of this page.
pub(super) const SIGN_IN: Purpose<'static> = Purpose::new("sign-in", "");
pub(super) const SIGN_OUT: Purpose<'static> = Purpose::new("sign-out", "");

fn visitor(desk: &Desk, session: &Session, page: &PageContext) -> Value {
    context! {
        name => claims::name(&session.claims).unwrap_or_default(),
        subject => session.subject.clone(),
        acr => session.acr.clone(),
        amr => session.amr.clone(),
        since => session.auth_time.map(|seconds| seconds.saturating_mul(1000)),
        claims => Serde(claims::rows(&session.claims, &desk.pages, page.locale)),
    }
}
