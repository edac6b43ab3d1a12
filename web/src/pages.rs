//! The renderer: templates compiled once per language, texts formatted once, pages put out whole.
//!
//! Each language has an environment of its own, in which `t` already speaks it, so that macros and
//! included templates need no language passed to them.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use guichet_domain::Entropy;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use http::{HeaderValue, StatusCode};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde, merge_maps};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};
use serde::Serialize;
use url::Url;

use crate::assets::Assets;
use crate::headers::Security;
use crate::own::{OWN_ASSETS, OWN_TEMPLATES, OWN_TEXTS};
use crate::texts::Texts;
use crate::theme::Theme;
use crate::{Brand, FormAction, Locale, PageContext, dates, escape};

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
pub struct Pages(Arc<Inner>);

struct Inner {
    languages: [Language; Locale::ALL.len()],
    assets: Assets,
    security: Security,
    base: String,
    entropy: Arc<dyn Entropy>,
}

/// One language: its texts, and the templates that speak it.
struct Language {
    texts: Arc<Texts>,
    environment: Environment<'static>,
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
    /// A template does not compile.
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

/// Collects what the rooms above bring along, then compiles it.
pub struct PagesBuilder {
    settings: PagesSettings,
    templates: Vec<(&'static str, &'static str)>,
    texts: Vec<(Locale, &'static str)>,
    assets: Vec<(&'static str, &'static [u8])>,
}

impl Pages {
    /// Starts with the templates, texts and assets that every room shares.
    pub fn builder(settings: PagesSettings) -> PagesBuilder {
        PagesBuilder {
            settings,
            templates: OWN_TEMPLATES.to_vec(),
            texts: OWN_TEXTS.to_vec(),
            assets: OWN_ASSETS.to_vec(),
        }
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
        let layout = context!(page => page.to_value());
        let data = merge_maps([layout, Value::from(Serde(data))]);
        self.language(page.locale)
            .environment
            .get_template(template)?
            .render(data)
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
        let environment = &self.language(Locale::French).environment;
        environment
            .templates()
            .map(|(name, _)| name.to_owned())
            .collect()
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

impl PagesBuilder {
    /// Adds templates, each a name such as `broker/consent.html` and its source.
    #[must_use]
    pub fn with_templates(mut self, templates: &[(&'static str, &'static str)]) -> Self {
        self.templates.extend_from_slice(templates);
        self
    }

    /// Adds texts in Fluent syntax. Every id must come in every language.
    #[must_use]
    pub fn with_texts(mut self, locale: Locale, ftl: &'static str) -> Self {
        self.texts.push((locale, ftl));
        self
    }

    /// Adds a file served under `/assets/`, such as a script of the room's own.
    #[must_use]
    pub fn with_asset(mut self, name: &'static str, content: &'static [u8]) -> Self {
        self.assets.push((name, content));
        self
    }

    /// Compiles everything, the deployer's files over ours.
    pub fn build(self) -> Result<Pages, PagesError> {
        let theme = self
            .settings
            .theme_dir
            .as_deref()
            .map(Theme::read)
            .transpose()?;
        let theme = theme.unwrap_or_default();
        let public_url = &self.settings.public_url;
        let base = public_url.path().trim_end_matches('/').to_owned();
        let assets = Assets::new(&base, &self.assets, &theme);
        let texts = self.compile_texts(&theme)?;
        let [french, english] = texts;
        let speak = |locale, texts| self.compile_language(locale, texts, &theme, &assets, &base);
        let languages = [
            speak(Locale::French, french)?,
            speak(Locale::English, english)?,
        ];
        let security = Security {
            https: public_url.scheme() == "https",
            form_action: self.settings.form_action,
        };
        let entropy = Arc::clone(&self.settings.entropy);
        Ok(Pages(Arc::new(Inner {
            languages,
            assets,
            security,
            base,
            entropy,
        })))
    }

    fn compile_texts(&self, theme: &Theme) -> Result<[Arc<Texts>; 2], PagesError> {
        let compile = |locale: Locale| {
            let ours = self.texts.iter().filter(move |(of, _)| *of == locale);
            let ours = ours.map(|(_, ftl)| ("built in", *ftl));
            Texts::compile(locale, ours.chain(theme.texts(locale))).map(Arc::new)
        };
        let both = [compile(Locale::French)?, compile(Locale::English)?];
        let all: BTreeSet<&String> = both.iter().flat_map(|texts| texts.ids()).collect();
        for (locale, texts) in Locale::ALL.into_iter().zip(&both) {
            if let Some(id) = all.iter().find(|id| !texts.ids().contains(**id)) {
                return Err(PagesError::MissingText {
                    locale,
                    id: (*id).clone(),
                });
            }
        }
        Ok(both)
    }

    fn compile_language(
        &self,
        locale: Locale,
        texts: Arc<Texts>,
        theme: &Theme,
        assets: &Assets,
        base: &str,
    ) -> Result<Language, PagesError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        environment.set_formatter(escape::format);
        let syntax = SyntaxConfig::builder()
            .trim_blocks(true)
            .lstrip_blocks(true)
            .build();
        environment.set_syntax(syntax.unwrap_or_default());
        environment.set_debug(false);
        environment.add_global("lang", locale.tag());
        environment.add_global("dir", locale.direction());
        environment.add_global("base", base);
        environment.add_global("languages", languages());
        environment.add_global("brand", brand(&self.settings.brand));
        environment.add_global("asset", assets.to_value());
        let speaker = Arc::clone(&texts);
        environment.add_function("t", move |id: &str, arguments: Kwargs| {
            speaker.get(id, &arguments)
        });
        environment.add_filter("date", move |millis: i64| dates::date(locale, millis));
        environment.add_filter("datetime", move |millis: i64| {
            dates::date_and_time(locale, millis)
        });
        environment.add_filter("partial_date", move |text: &str| {
            dates::partial(locale, text)
        });
        for (name, source) in &self.templates {
            add_template(&mut environment, (*name).to_owned(), (*source).to_owned())?;
        }
        for (name, source) in theme.templates() {
            add_template(&mut environment, name.to_owned(), source.to_owned())?;
        }
        Ok(Language { texts, environment })
    }
}

fn add_template(
    environment: &mut Environment<'static>,
    name: String,
    source: String,
) -> Result<(), PagesError> {
    environment
        .add_template_owned(name.clone(), source)
        .map_err(|error| PagesError::Template {
            name,
            detail: format!("{error:#}"),
        })
}

fn languages() -> Value {
    let entry = |locale: Locale| context!(tag => locale.tag(), name => locale.native_name());
    Locale::ALL.into_iter().map(entry).collect()
}

fn brand(brand: &Brand) -> Value {
    context! {
        name => brand.name.as_str(),
        theme => brand.accent.class(),
        emblem => Serde(brand.emblem),
        initial => brand.name.chars().find(|c| c.is_alphanumeric()).map(String::from),
        demo => brand.demo,
    }
}

/// What is shown when not even the error page can be rendered.
const NO_PAGE: &str = "Une erreur est survenue. Something went wrong.";
