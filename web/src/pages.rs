//! The renderer: templates compiled once per language, texts formatted once, pages put out whole.
//!
//! Each language has an environment of its own, in which `t` already speaks it, so that macros and
//! included templates need no language passed to them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use guichet_domain::Entropy;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};
use minijinja::value::{Kwargs, Serde, merge_maps};
use minijinja::{Environment, Value, context};
use serde::Serialize;
use url::Url;

use crate::assets::Assets;
use crate::headers::Security;
use crate::texts::Texts;
use crate::{Brand, FormAction, Locale, PageContext, PagesBuilder};

/// What distinguishes the pages of one instance.
#[derive(Clone)]
pub struct PagesSettings {
    /// Name, colour and emblem.
    pub brand: Brand,
    /// The address citizens see, with its path if it has one; https switches HSTS on.
    pub public_url: Url,
    /// A deployer's folder with `templates/`, `texts/fr/`, `texts/en/` and `assets/`, whose files
    /// replace ours by name; read once, at start.
    pub theme_dir: Option<PathBuf>,
    /// Where forms may lead: [`FormAction::Leaving`] for every instance on the path of a login.
    pub form_action: FormAction,
    /// For the references on error pages.
    pub entropy: Arc<dyn Entropy>,
}

/// The pages of one instance. Cloning shares them.
#[derive(Clone)]
pub struct Pages(pub(crate) Arc<Inner>);

/// What [`PagesBuilder`] puts together.
pub(crate) struct Inner {
    pub(crate) languages: [Language; Locale::ALL.len()],
    /// The module of components that each template imports.
    pub(crate) components: BTreeMap<String, Value>,
    pub(crate) assets: Assets,
    pub(crate) security: Security,
    pub(crate) base: String,
    pub(crate) entropy: Arc<dyn Entropy>,
}

/// One language: its texts, and the templates that speak it.
pub(crate) struct Language {
    pub(crate) texts: Arc<Texts>,
    pub(crate) environment: Environment<'static>,
}

/// Why pages could not be prepared. Nothing is served then.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    /// A file of texts does not parse.
    #[error("texts {name}: {detail}")]
    Text {
        /// The file.
        name: String,
        /// What the parser said.
        detail: String,
    },
    /// A text exists in one language and not in another.
    #[error("text `{id}` is missing in {locale:?}")]
    MissingText {
        /// The language that lacks it.
        locale: Locale,
        /// The text.
        id: String,
    },
    /// A template does not compile, or names a text that does not exist.
    #[error("template {name}: {detail}")]
    Template {
        /// The template.
        name: String,
        /// What the compiler said.
        detail: String,
    },
    /// The theme folder could not be read.
    #[error("theme {path}: {detail}")]
    Theme {
        /// The file or folder.
        path: String,
        /// What the system said.
        detail: String,
    },
}

impl Pages {
    /// Starts with the templates, texts and assets that every room shares.
    pub fn builder(settings: PagesSettings) -> PagesBuilder {
        PagesBuilder::new(settings)
    }

    /// A page with status 200.
    pub fn html(&self, page: &PageContext, template: &str, data: impl Serialize) -> Response {
        self.html_with(StatusCode::OK, page, template, data)
    }

    /// A page with another status.
    ///
    /// A template that fails to render is a bug: it is logged by name and answered by a plain 500.
    pub fn html_with(
        &self,
        status: StatusCode,
        page: &PageContext,
        template: &str,
        data: impl Serialize,
    ) -> Response {
        match self.render(page, template, data) {
            Ok(html) => self.respond(status, page, html),
            Err(error) => {
                tracing::error!(template, %error, "a page could not be rendered");
                (StatusCode::INTERNAL_SERVER_ERROR, NO_PAGE).into_response()
            }
        }
    }

    /// The HTML of a page, without an HTTP answer around it.
    pub fn render(
        &self,
        page: &PageContext,
        template: &str,
        data: impl Serialize,
    ) -> Result<String, minijinja::Error> {
        let data = self.around(page, template, data);
        let environment = &self.language(page.locale).environment;
        environment.get_template(template)?.render(data)
    }

    /// What a page says: its content alone, without the layout around it. For whoever keeps a digest of
    /// what people read.
    pub fn content(
        &self,
        page: &PageContext,
        template: &str,
        data: impl Serialize,
    ) -> Result<String, minijinja::Error> {
        let data = self.around(page, template, data);
        let environment = &self.language(page.locale).environment;
        let template = environment.get_template(template)?;
        let mut rendered = template.render_captured(data)?;
        rendered.with_state_mut(|state| state.render_block("content"))
    }

    /// A page's data, and what the layout needs.
    fn around(&self, page: &PageContext, template: &str, data: impl Serialize) -> Value {
        let components = self.0.components.get(template);
        let layout = context!(page => page.to_value(components));
        // The later map wins: a page's data cannot hide what the layout needs.
        merge_maps([Value::from(Serde(data)), layout])
    }

    /// One text, for what is no page: mails, labels made in a handler.
    pub fn text(&self, locale: Locale, id: &str, arguments: &[(&str, &str)]) -> String {
        let arguments: Kwargs = arguments
            .iter()
            .map(|(k, v)| (*k, Value::from(*v)))
            .collect();
        let found = self.language(locale).texts.get(id, &arguments);
        found.map_or_else(|_| id.to_owned(), |text| text.to_string())
    }

    /// The path of an asset, with its hash in it.
    pub fn asset_path(&self, name: &str) -> Option<String> {
        self.0.assets.path(name)
    }

    /// The path of the public address, without a trailing slash: empty, or `/api/v2`.
    pub fn base(&self) -> &str {
        &self.0.base
    }

    /// Whether the public address is https, and cookies therefore `Secure`.
    pub fn is_https(&self) -> bool {
        self.0.security.https
    }

    /// The public path of a file that pages refer to.
    pub fn asset(&self, name: &str) -> Option<String> {
        self.assets().path(name)
    }

    pub(crate) fn assets(&self) -> &Assets {
        &self.0.assets
    }

    pub(crate) fn security(&self) -> &Security {
        &self.0.security
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.0.entropy
    }

    /// The names of all templates, for tests that render each of them.
    pub fn template_names(&self) -> Vec<String> {
        self.0.components.keys().cloned().collect()
    }

    fn language(&self, locale: Locale) -> &Language {
        &self.0.languages[locale as usize]
    }

    fn respond(&self, status: StatusCode, page: &PageContext, html: String) -> Response {
        let mut response = (status, html).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        );
        headers.insert(
            CONTENT_SECURITY_POLICY,
            self.0.security.content_security_policy(page),
        );
        if page.tells_origin {
            headers.insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
        }
        self.0.security.complete(headers);
        response
    }
}

/// What is shown when not even the error page can be rendered.
const NO_PAGE: &str = "Une erreur est survenue. Something went wrong.";
