//! What every page behind the front door does: know the browser, know the person, check forms, and
//! carry a citizen's word to the hub.

use std::error::Error;

use async_trait::async_trait;
use axum::response::Response;
use guichet_domain::{BrowserId, CaseReference, PersonId};
use guichet_oidc::{AcceptedRequest, Browser};
use guichet_web::{PageError, Purpose};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::Portal;

/// Who is signed in at a browser: the hub's single sign-on session says so. The binary wires it, since
/// the hub and the account do not know each other.
#[async_trait]
pub trait SignedIn: Send + Sync {
    /// The person whose live session the browser that sent `headers` has.
    async fn person(&self, headers: &HeaderMap) -> Result<Option<PersonId>, PageError>;
}

impl Portal {
    /// A path of ours as the browser knows it.
    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.pages.base())
    }

    /// The browser, and the cookie by which it will be known if it was not.
    pub(crate) fn browser(
        &self,
        headers: &HeaderMap,
    ) -> Result<(BrowserId, Option<HeaderValue>), PageError> {
        self.cookies
            .browser_or_new(headers, &*self.entropy)
            .map_err(|error| self.fault("make a cookie", &error))
    }

    /// The browser that posts a form it was given for this purpose.
    pub(crate) fn check_form(
        &self,
        headers: &HeaderMap,
        purpose: Purpose<'_>,
        token: &str,
    ) -> Result<BrowserId, PageError> {
        let browser = self.cookies.browser(headers);
        let checked = self.csrf.verify(headers, browser.as_ref(), purpose, token);
        let refused = || PageError::new(StatusCode::FORBIDDEN, "error-form-refused");
        checked.map_err(|refusal| {
            tracing::info!(form = purpose.form, %refusal, "a form was refused");
            refused()
        })?;
        browser.ok_or_else(refused)
    }

    /// Carries the person's word on: yes begins a sign-in like any other, no ends the request.
    pub(crate) async fn carry_on(
        &self,
        request: AcceptedRequest,
        accepted: bool,
        browser: Browser,
    ) -> Response {
        if accepted {
            self.house.sign_in(request, browser).await
        } else {
            self.house.decline(request, browser).await
        }
    }

    /// Logs a fault once, under the reference its page shows.
    pub(crate) fn fault(&self, doing: &'static str, error: &(dyn Error + 'static)) -> PageError {
        let reference = CaseReference::random(&*self.entropy);
        tracing::error!(%reference, doing, error, "fault");
        PageError::fault(reference)
    }
}

/// The answer, with the cookie of a browser that had none.
pub(crate) fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    let cookies = cookie.map(|cookie| (SET_COOKIE, cookie));
    response.headers_mut().extend(cookies);
    response
}

/// One of two buttons; anything else is no word at all.
pub(crate) fn word(decision: &str) -> Result<bool, PageError> {
    match decision {
        "accept" => Ok(true),
        "refuse" => Ok(false),
        _ => Err(PageError::new(
            StatusCode::BAD_REQUEST,
            "account-no-decision",
        )),
    }
}
