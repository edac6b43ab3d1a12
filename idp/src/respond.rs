//! Answers that are no pages of their own: redirects, the engine's answers, cookies on either.

use axum::response::{IntoResponse, Response};
use guichet_domain::OAuthError;
use guichet_oidc::{AcceptedRequest, Answer, Browser, FormPost};
use guichet_web::PageContext;
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderValue, StatusCode};

use crate::Idp;
use crate::refusal::{Halt, Refusal};
use crate::sign_in::{Errand, Trip};

/// 303 to `location`, which is a path of ours or an address the engine vouches for.
pub(crate) fn see_other(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => Halt::Broken("a location is no header value".into()).into_response(),
    }
}

/// The same answer, with cookies.
pub(crate) fn with_cookies(
    mut response: Response,
    cookies: impl IntoIterator<Item = HeaderValue>,
) -> Response {
    for cookie in cookies {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

impl Idp {
    /// Sends the engine's answer by way of the browser.
    pub(crate) async fn deliver(&self, answer: Answer, browser: &Browser) -> Response {
        answer.deliver(self, browser.clone()).await
    }

    /// Tells the client no.
    pub(crate) async fn refuse(
        &self,
        request: &AcceptedRequest,
        error: OAuthError,
        description: &'static str,
        browser: &Browser,
    ) -> Response {
        match self.engine.refuse(request, error, description).await {
            Ok(answer) => self.deliver(answer, browser).await,
            Err(fault) => Halt::from(fault).into_response(),
        }
    }

    /// The page that posts an answer to a client.
    pub(crate) fn form_page(&self, form: &FormPost, page: &PageContext) -> Response {
        let fields: Vec<(&str, &str)> = form
            .fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.pages.form_post(page, &form.action, &fields)
    }

    /// The page of a step: it says which service the person is on the way to.
    pub(crate) fn page_for(&self, trip: &Trip, page: PageContext) -> Result<PageContext, Halt> {
        match &trip.errand {
            Errand::Client(request) => {
                let client = self.engine.client_of(request).ok_or(Refusal::ClientGone)?;
                Ok(page.with_service(client.name.clone()))
            }
            Errand::Account(_) => Ok(page),
        }
    }
}
