//! The page a person sees when something is refused or broken: what happened, what to do, a way
//! back, and a reference to read out to a helpdesk.
//!
//! A handler returns a [`PageError`]; [`crate::Pages::wrap`] turns it into the page in the language
//! of the request. It never holds a cause: causes go to the log, under the same reference.

use std::error::Error;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use guichet_domain::{CaseReference, Entropy};
use http::header::RETRY_AFTER;
use http::{HeaderName, HeaderValue, StatusCode};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;
use url::Url;

use crate::{LocalPath, Locale, PageContext, Pages};

/// A refusal or a fault, as a person is told of it.
#[derive(Clone, Debug)]
pub struct PageError(Box<Told>);

#[derive(Clone, Debug)]
struct Told {
    status: StatusCode,
    text: &'static str,
    arguments: Vec<(&'static str, Argument)>,
    way_back: Option<WayBack>,
    service: Option<String>,
    reference: Option<CaseReference>,
    code: Option<&'static str>,
    visit: Option<String>,
    locale: Option<Locale>,
    retry_after: Option<Duration>,
    cookies: Vec<HeaderValue>,
}

/// What stands for a variable of the text.
#[derive(Clone, Debug)]
enum Argument {
    /// As it is, in every language.
    Plain(String),
    /// Another text, and what its `$what` stands for.
    Text(String, String),
}

/// Where a person can go on from an error page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WayBack {
    /// What the link says, in the page's language; without it, "back to the service" or "home".
    pub label: Option<String>,
    /// Where it leads: a path of ours, or an address registered by the service.
    pub href: String,
}

impl PageError {
    /// An error told by the text `text`: its value is the title, its attributes `.what` and `.next`
    /// say what happened and what to do.
    ///
    /// The texts of this room: `error-bad-request`, `error-form-refused`, `error-session-lost`,
    /// `error-out-of-order`, `error-forbidden`, `error-not-found`, `error-too-many`,
    /// `error-internal`, `error-unavailable`, `error-provider`.
    pub fn new(status: StatusCode, text: &'static str) -> Self {
        Self(Box::new(Told {
            status,
            text,
            arguments: Vec::new(),
            way_back: None,
            service: None,
            reference: None,
            code: None,
            visit: None,
            locale: None,
            retry_after: None,
            cookies: Vec::new(),
        }))
    }

    /// A fault of ours: status 500, nothing said of the cause. The caller has logged it under
    /// `reference`.
    pub fn fault(reference: CaseReference) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "error-internal").with_reference(reference)
    }

    /// The same, logged with its causes under a fresh reference.
    pub fn of_fault(entropy: &dyn Entropy, doing: &str, error: &(dyn Error + 'static)) -> Self {
        let reference = CaseReference::random(entropy);
        tracing::error!(%reference, doing, error = %causes(error), "fault");
        Self::fault(reference)
    }

    /// Too many attempts: status 429 and when to come back.
    pub fn too_many(retry_after: Duration) -> Self {
        let mut error = Self::new(StatusCode::TOO_MANY_REQUESTS, "error-too-many");
        error.0.retry_after = Some(retry_after);
        error
    }

    /// With a variable of the text.
    #[must_use]
    pub fn with_argument(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let argument = Argument::Plain(value.into());
        self.0.arguments.push((name, argument));
        self
    }

    /// With a variable of the text that is a text itself, in the language of the page; `what` stands for its
    /// variable of this name.
    #[must_use]
    pub fn with_text(
        mut self,
        name: &'static str,
        text: impl Into<String>,
        what: impl Into<String>,
    ) -> Self {
        let argument = Argument::Text(text.into(), what.into());
        self.0.arguments.push((name, argument));
        self
    }

    /// With a link to go on by: a path of ours, or an address registered by the service. What is
    /// neither, or would run in the page, is left out.
    #[must_use]
    pub fn with_way_back(mut self, href: impl Into<String>, label: Option<String>) -> Self {
        let href = href.into();
        self.0.way_back = leads_somewhere(&href).then_some(WayBack { label, href });
        self
    }

    /// On the way to the service `name`.
    #[must_use]
    pub fn with_service(mut self, name: impl Into<String>) -> Self {
        self.0.service = Some(name.into());
        self
    }

    /// With the reference under which the cause is logged; otherwise the page makes one.
    #[must_use]
    pub fn with_reference(mut self, reference: CaseReference) -> Self {
        self.0.reference = Some(reference);
        self
    }

    /// With the code by which another platform's helpdesk knows this error.
    #[must_use]
    pub fn with_code(mut self, code: &'static str) -> Self {
        self.0.code = Some(code);
        self
    }

    /// With the identification code of the visit, by which a helpdesk finds what led here.
    #[must_use]
    pub fn with_visit(mut self, code: impl Into<String>) -> Self {
        self.0.visit = Some(code.into());
        self
    }

    /// In the language of the login rather than of the request.
    #[must_use]
    pub fn in_locale(mut self, locale: Locale) -> Self {
        self.0.locale = Some(locale);
        self
    }

    /// With when to come back.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// With a `Set-Cookie` value, such as one that forgets a dead session.
    #[must_use]
    pub fn with_cookie(mut self, cookie: HeaderValue) -> Self {
        self.0.cookies.push(cookie);
        self
    }

    /// The reference of the page, where one was given to it.
    pub fn reference(&self) -> Option<&CaseReference> {
        self.0.reference.as_ref()
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The id of the text.
    pub fn text(&self) -> &'static str {
        self.0.text
    }

    /// The page itself, for a handler that has its context at hand.
    pub fn page(&self, pages: &Pages, page: PageContext) -> Response {
        let told = &*self.0;
        let mut page = page;
        if let Some(locale) = told.locale {
            page.locale = locale;
        }
        if let Some(service) = &told.service {
            page = page.with_service(service.clone());
        }
        let reference = told.reference.clone();
        let reference = reference.unwrap_or_else(|| CaseReference::random(pages.entropy()));
        tracing::info!(%reference, status = told.status.as_u16(), text = told.text, "error page");
        let mut response = pages.html_with(
            told.status,
            &page,
            "error.html",
            self.data(pages, page.locale, &reference),
        );
        let headers = response.headers_mut();
        headers.insert(CASE_REFERENCE, ascii(&reference.to_string()));
        if let Some(delay) = told.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(delay.as_secs().max(1)));
        }
        for cookie in &told.cookies {
            headers.append(http::header::SET_COOKIE, cookie.clone());
        }
        response
    }

    fn data(&self, pages: &Pages, locale: Locale, reference: &CaseReference) -> Value {
        let told = &*self.0;
        let arguments = told.arguments.iter().map(|(name, value)| match value {
            Argument::Plain(value) => (*name, value.clone()),
            Argument::Text(text, what) => (*name, pages.text(locale, text, &[("what", what)])),
        });
        let arguments = Value::from_pairs(arguments);
        context! {
            error => context! {
                title => told.text,
                what => format!("{}.what", told.text),
                next => format!("{}.next", told.text),
                arguments,
                status => told.status.as_u16(),
                reference => reference.to_string(),
                code => told.code,
                visit => told.visit.as_deref(),
                way_back => told.way_back.as_ref().map(|way| Value::from(Serde(way))),
            },
        }
    }
}

fn leads_somewhere(href: &str) -> bool {
    let runs = |scheme: &str| ["javascript", "data", "vbscript", "blob", "file"].contains(&scheme);
    LocalPath::parse(href).is_some() || Url::parse(href).is_ok_and(|url| !runs(url.scheme()))
}

/// Told to machines as well, so that a test or a proxy log can be matched with ours.
const CASE_REFERENCE: HeaderName = HeaderName::from_static("guichet-reference");

fn ascii(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""))
}

impl IntoResponse for PageError {
    /// The bare status with the error beside it, for [`crate::Pages::wrap`] to make a page of.
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// An error and its causes, in one line.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
