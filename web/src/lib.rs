//! What every page shares: layout, language, cookies, forms, headers, errors; and the one client
//! for outgoing requests.
//!
//! # Preparing the pages of an instance
//!
//! A room keeps its templates and texts in its own folder and brings them along when the pages are
//! built, once, at start. Every text must exist in French and in English, or nothing starts.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use axum::Router;
//! use guichet_web::{Accent, Brand, FormAction, Locale, Pages, PagesError, PagesSettings};
//!
//! # fn prepare(entropy: Arc<dyn guichet_domain::Entropy>, rooms: Router) -> Result<Router, PagesError> {
//! let pages = Pages::builder(PagesSettings {
//!     brand: Brand::new("Guichet").accent(Accent::Ink),
//!     public_url: url::Url::parse("http://localhost:8000").unwrap(),
//!     theme_dir: None,
//!     // Every instance on the path of a login (hub, identity provider, demo service): a form's
//!     // 303 leaves for another site, and Chromium holds `form-action` against the redirect.
//!     form_action: FormAction::Leaving,
//!     entropy,
//! })
//! .with_templates(&[("broker/consent.html", "..")]) // include_str!("../templates/consent.html")
//! .with_texts(Locale::French, "consent-title = Vos données") // include_str!("../texts/fr.ftl")
//! .with_texts(Locale::English, "consent-title = Your data")
//! .with_asset("passkeys.js", b"..") // include_bytes!(..), served at /assets/<hash>/passkeys.js
//! .build()?;
//!
//! // `wrap` goes around everything: error pages, security headers. `common_routes` has /assets,
//! // /favicon.ico, /locale, /help and /accessibility.
//! let router = pages.wrap(rooms.merge(pages.common_routes()));
//! # Ok(router) }
//! ```
//!
//! # A template
//!
//! ```jinja
//! {% extends "layout.html" %}
//! {% block title %}{{ t("consent-title") }}{% endblock %}
//! {% block content %}
//! <h1>{{ t("consent-title") }}</h1>
//! <p>{{ t("consent-intro", service=page.service.name) }}</p>
//! {{ ui.summary(rows) }}                          {# rows: [{label, value}] #}
//! <form method="post" action="{{ base }}/login/consent">
//!   {{ ui.csrf(csrf) }}
//!   {% call ui.actions() %}
//!     {{ ui.button(t("consent-accept"), name="decision", value="accept", id="accept") }}
//!     {{ ui.button(t("consent-refuse"), kind="secondary", name="decision", value="refuse", id="refuse") }}
//!   {% endcall %}
//! </form>
//! {% endblock %}
//! ```
//!
//! - `t("id", name=value)` is a text, `t("id.attribute")` an attribute of it. Texts are plain: what
//!   they return is escaped like anything else. Undefined variables are errors.
//! - `ui` has, in every page: `button`, `link_button`, `actions`, `field`, `textarea`, `select`,
//!   `fieldset`, `radio`, `checkbox`, `csrf`, `alert`, `notice`, `summary`, `cards`, `card`,
//!   `choice_button`, `steps`, `details`, `back_link`, `code`, `tag`, `table`. See
//!   `templates/components.html` for their arguments.
//! - Filters: `millis | date`, `millis | datetime` (time of France), `"1978-03-00" | partial_date`.
//! - Globals: `lang`, `base` (path of the public address, to put before every path), `brand.name`,
//!   `asset["passkeys.js"]`; of the page: `page.service.name`.
//! - Blocks: `title`, `content` (inside the sheet), `below` (under it), `header_end`, `head`,
//!   `footer_links`.
//! - No inline script, no inline style, no `on..` attribute: the browser would refuse them.
//!
//! # A page, a form, an error
//!
//! ```no_run
//! # use axum::{extract::State, response::{IntoResponse, Redirect, Response}};
//! # use http::{HeaderMap, StatusCode};
//! use guichet_web::{Cookies, Csrf, Form, PageContext, PageError, Pages, Purpose, Serde, context};
//! # #[derive(Clone)] struct Hub { pages: Pages, csrf: Csrf, cookies: Cookies }
//! # #[derive(serde::Serialize)] struct Row { label: String, value: String }
//!
//! async fn ask(State(hub): State<Hub>, page: PageContext, headers: HeaderMap) -> Result<Response, PageError> {
//!     let browser = hub.cookies.browser(&headers).ok_or_else(session_lost)?;
//!     let csrf = hub.csrf.token(&browser, Purpose::new("consent", "the login's id"));
//!     let rows = vec![Row { label: "Nom".into(), value: "MARTIN".into() }];
//!     let page = page.with_service("Carte grise");
//!     // Plain values go into `context!` as they are, anything that is `Serialize` inside `Serde(..)`.
//!     // A struct that is `Serialize` may also stand in place of the whole `context!`.
//!     Ok(hub.pages.html(&page, "broker/consent.html", context!(csrf, rows => Serde(&rows))))
//! }
//!
//! #[derive(serde::Deserialize)]
//! struct Answer { decision: String, csrf: String }
//!
//! async fn answered(
//!     State(hub): State<Hub>,
//!     headers: HeaderMap,
//!     Form(answer): Form<Answer>, // last argument; refuses duplicates, 64 KiB, bad encodings
//! ) -> Result<Response, PageError> {
//!     let purpose = Purpose::new("consent", "the login's id");
//!     hub.csrf.verify(&headers, hub.cookies.browser(&headers).as_ref(), purpose, &answer.csrf)?;
//!     Ok(Redirect::to("/next").into_response()) // 303
//! }
//!
//! fn session_lost() -> PageError {
//!     PageError::new(StatusCode::BAD_REQUEST, "error-session-lost") // a text with .what and .next
//!         .with_service("Carte grise")
//!         .with_way_back("https://service.example/", None)
//! }
//! ```
//!
//! A [`PageError`] becomes its page in [`Pages::wrap`], in the language of the request, with a
//! reference. A room adds its own error texts by the same convention (`error-x`, `.what`, `.next`).
//! [`Pages::message`], [`Pages::confirm`] and [`Pages::form_post`] are pages that rooms share.
//!
//! # Cookies
//!
//! [`Cookies::new`]`("hub", pages.is_https())` names them; [`Cookies::get`] reads strictly;
//! [`Cookies::browser_or_new`] knows the browser or makes it known.
//!
//! # Outgoing requests
//!
//! [`Outgoing`] is the only HTTP client. [`Outgoing::execute`] takes and gives `http` types, so
//! that it can drive `openidconnect`; `allow_loopback` is for the demo and for tests.

#![cfg_attr(
    test,
    expect(
        clippy::panic,
        clippy::cast_possible_truncation,
        reason = "a test that cannot go on has failed"
    )
)]

mod address;
mod assets;
mod brand;
mod builder;
mod components;
mod context;
mod cookies;
mod csrf;
mod csv;
mod dates;
mod egress;
mod error;
mod escape;
mod form;
mod headers;
mod local_path;
mod locale;
mod mail;
mod network;
mod outgoing;
mod own;
mod pages;
mod reading;
mod shared_pages;
mod site;
#[cfg(test)]
mod testing;
mod texts;
mod theme;
mod to_the_end;

pub use address::{ClientAddress, ThrottleKey, TrustedProxies};
pub use brand::{Accent, Assistance, Brand, Emblem};
pub use builder::PagesBuilder;
pub use context::{NavigationLink, PageContext, ServiceLabel};
pub use cookies::{CookieError, CookieLife, Cookies};
pub use csrf::{Csrf, CsrfRefusal, Purpose};
pub use csv::{csv_head, csv_row};
pub use dates::{
    date as full_date, date_and_time, day_of, hour_of, partial as partial_date, start_of_day,
    time_of_day,
};
pub use egress::EgressPolicy;
pub use error::{PageError, WayBack};
pub use form::{Form, FormError, Query, parse_strictly};
pub use headers::FormAction;
pub use local_path::LocalPath;
pub use locale::Locale;
pub use mail::{Mail, MailError, Mailer, NoMailer, SmtpMailer, SmtpSecurity, SmtpSettings};
pub use minijinja::{Value, context, value::Serde};
pub use network::{Network, NotANetwork};
pub use outgoing::{ClientCertificate, Outgoing, OutgoingError};
pub use pages::{Pages, PagesError, PagesSettings};
pub use reading::Reading;
pub use shared_pages::{Link, Message, Question, Tone};
pub use to_the_end::to_the_end;
