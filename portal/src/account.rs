//! What every page behind the front door does: know the browser, know the person, check forms, and
//! carry a citizen's word to the hub.

use std::error::Error;

use async_trait::async_trait;
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use guichet_domain::{AuditEvent, BrowserId, EventKind, PersonId};
use guichet_oidc::{AcceptedRequest, Browser, WaitingRequest};
use guichet_web::{Form, LocalPath, PageContext, PageError, Purpose};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Deserialize;

use crate::Portal;
use crate::fresh::Freshness;

/// Who is signed in at a browser: the hub's single sign-on session says so. The binary wires it, since
/// the hub and the account do not know each other.
#[async_trait]
pub trait SignedIn: Send + Sync {
    /// The person whose live session the browser that sent `headers` has.
    async fn person(&self, headers: &HeaderMap) -> Result<Option<PersonId>, PageError>;

    /// Whether that session is enough for what is dangerous; `None` where nobody is signed in.
    async fn fresh(&self, headers: &HeaderMap) -> Result<Option<Freshness>, PageError>;
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
        self.csrf.check(headers, browser.as_ref(), purpose, token)?;
        browser.ok_or_else(|| PageError::new(StatusCode::FORBIDDEN, "error-form-refused"))
    }

    /// Who posts a form about one `thing` of theirs, and from which browser: one that was given it for
    /// that. `None` where nobody is signed in any more.
    pub(crate) async fn own_form(
        &self,
        headers: &HeaderMap,
        (form, thing): (&'static str, &str),
        posted: &Posted,
    ) -> Result<Option<(PersonId, BrowserId)>, PageError> {
        let Some(person) = self.signed_in.person(headers).await? else {
            return Ok(None);
        };
        let subject = purpose_of(person, thing);
        let browser = self.check_form(headers, Purpose::new(form, &subject), &posted.csrf)?;
        Ok(Some((person, browser)))
    }

    /// The token of such a form.
    pub(crate) fn own_token(
        &self,
        browser: &BrowserId,
        person: PersonId,
        (form, thing): (&'static str, &str),
    ) -> String {
        let subject = purpose_of(person, thing);
        self.csrf.token(browser, Purpose::new(form, &subject))
    }

    /// The page of `path` as it answers a post, which has no address of its own for the language switch to
    /// return to.
    pub(crate) fn answering(&self, page: PageContext, path: &str) -> PageContext {
        page.at(LocalPath::or_root(&self.path(path)))
    }

    /// How long ago a request was made, in whole minutes.
    pub(crate) fn minutes_since(&self, waiting: &WaitingRequest) -> u64 {
        self.clock.now().since(waiting.asked_at).as_secs() / 60
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

    /// Logs a fault once, under the reference its page shows, which the audit log knows: whoever reads it out is
    /// told what happened.
    pub(crate) fn fault(&self, doing: &'static str, error: &(dyn Error + 'static)) -> PageError {
        let page = PageError::of_fault(&*self.entropy, doing, error);
        let event = AuditEvent::new(EventKind::ErrorShown, self.clock.now());
        self.ledger
            .note(page.described(event.detail("doing", doing)));
        page
    }
}

/// What a form posts that says yes, and perhaps something else beside it.
#[derive(Deserialize)]
pub(crate) struct Posted {
    #[serde(default)]
    pub(crate) csrf: String,
}

/// Of what is not offered here.
pub(crate) fn not_found() -> PageError {
    PageError::new(StatusCode::NOT_FOUND, "error-not-found")
}

/// What a field may show again: a code as people type it, and nothing long or strange.
pub(crate) fn tidy(code: &str, most: usize) -> String {
    code.chars()
        .filter(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | ' '))
        .take(most)
        .collect()
}

/// What a form is for: one thing of one person. Whoever signs in at this browser meanwhile does nothing
/// with it.
pub(crate) fn purpose_of(person: PersonId, thing: &str) -> String {
    format!("{person}.{thing}")
}

/// The answer, with the cookie of a browser that had none.
pub(crate) fn with_cookie(mut response: Response, cookie: Option<HeaderValue>) -> Response {
    let cookies = cookie.map(|cookie| (SET_COOKIE, cookie));
    response.headers_mut().extend(cookies);
    response
}

/// The citizen's word on one request: a form with two buttons, and what it came with.
pub(crate) struct Word {
    /// The request that brought it, for whoever sends the browser on.
    pub(crate) head: Browser,
    said: Said,
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    csrf: String,
}

impl<S: Send + Sync> FromRequest<S> for Word {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        let (head, body) = request.into_parts();
        let request = Request::from_parts(head.clone(), body);
        let Form(said) = Form::from_request(request, state).await?;
        Ok(Self { head, said })
    }
}

impl Word {
    /// Whether it is yes, and from which browser: one that was given the form for this purpose.
    pub(crate) fn check(
        &self,
        portal: &Portal,
        purpose: Purpose<'_>,
    ) -> Result<(BrowserId, bool), PageError> {
        let browser = portal.check_form(&self.head.headers, purpose, &self.said.csrf)?;
        match self.said.decision.as_str() {
            "accept" => Ok((browser, true)),
            "refuse" => Ok((browser, false)),
            // One of two buttons; anything else is no word at all.
            _ => Err(PageError::new(
                StatusCode::BAD_REQUEST,
                "account-no-decision",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_shows_a_code_again_and_nothing_else() {
        assert_eq!(tidy("wdjb-MJHT", 16), "wdjb-MJHT");
        assert_eq!(tidy("<b>\"'\u{202e}WDJB", 16), "bWDJB");
        assert_eq!(tidy(&"B".repeat(99), 16).len(), 16);
    }
}
