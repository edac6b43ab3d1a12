//! Puts the pages of an instance together, once, at start: ours, the rooms', the deployer's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use guichet_domain::Timestamp;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context};

use crate::assets::Assets;
use crate::components::{self, Components};
use crate::headers::Security;
use crate::own::{OWN_ASSETS, OWN_TEMPLATES, OWN_TEXTS};
use crate::pages::{Inner, Language};
use crate::texts::Texts;
use crate::theme::Theme;
use crate::{Brand, Locale, Pages, PagesError, PagesSettings, dates, escape};

/// Collects what the rooms above bring along, then compiles it.
pub struct PagesBuilder {
    settings: PagesSettings,
    templates: Vec<(&'static str, &'static str)>,
    texts: Vec<(Locale, &'static str)>,
    assets: Vec<(&'static str, &'static [u8])>,
}

impl PagesBuilder {
    pub(crate) fn new(settings: PagesSettings) -> Self {
        Self {
            settings,
            templates: OWN_TEMPLATES.to_vec(),
            texts: OWN_TEXTS.to_vec(),
            assets: OWN_ASSETS.to_vec(),
        }
    }

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
        let templates = self.templates(&theme);
        let ours = templates.get(components::FILE).map_or("", String::as_str);
        let cut = Components::cut(ours, &templates);
        let [french, english] = self.compile_texts(&theme)?;
        check_texts(&templates, &french)?;
        let globals = self.globals(&base, &assets);
        let speak = |texts: Arc<Texts>, locale| {
            let mut environment = environment(locale, Arc::clone(&texts), &globals);
            for (name, source) in templates.iter().chain(&cut.modules) {
                add_template(&mut environment, name, source)?;
            }
            Ok(Language { texts, environment })
        };
        let languages = [
            speak(french, Locale::French)?,
            speak(english, Locale::English)?,
        ];
        Ok(Pages(Arc::new(Inner {
            languages,
            components: cut
                .of_page
                .into_iter()
                .map(|(page, ui)| (page, Value::from(ui)))
                .collect(),
            assets,
            security: Security {
                https: public_url.scheme() == "https",
                form_action: self.settings.form_action,
            },
            base,
            entropy: Arc::clone(&self.settings.entropy),
        })))
    }

    fn templates(&self, theme: &Theme) -> BTreeMap<String, String> {
        let owned = |(name, source): (&str, &str)| (name.to_owned(), source.to_owned());
        self.templates
            .iter()
            .copied()
            .chain(theme.templates())
            .map(owned)
            .collect()
    }

    /// Compiles the texts of each language, and sees to it that none is missing in any.
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

    /// What every template sees, whatever its language.
    fn globals(&self, base: &str, assets: &Assets) -> [(&'static str, Value); 4] {
        [
            ("base", Value::from(base)),
            ("languages", languages(base)),
            ("brand", brand(&self.settings.brand)),
            ("asset", assets.to_value()),
        ]
    }
}

fn environment(
    locale: Locale,
    texts: Arc<Texts>,
    globals: &[(&'static str, Value)],
) -> Environment<'static> {
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
    for (name, value) in globals {
        environment.add_global(*name, value.clone());
    }
    environment.add_function("t", move |id: &str, with: Kwargs| texts.get(id, &with));
    environment.add_filter("date", move |millis: i64| {
        dates::kept_together(&dates::date(locale, millis))
    });
    environment.add_filter("datetime", move |millis: i64| {
        dates::kept_together(&dates::date_and_time(locale, millis))
    });
    // The same of a time as APIs write it (RFC 3339); what is none stands as it is.
    environment.add_filter("moment", move |text: &str| {
        text.parse().map_or_else(
            |_| text.to_owned(),
            |at: Timestamp| dates::kept_together(&dates::date_and_time(locale, at.millis())),
        )
    });
    environment.add_filter("lines", |text: &str| {
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    });
    environment.add_filter("partial_date", move |text: &str| {
        dates::partial(locale, text)
    });
    environment
}

/// Sees to it that the texts that templates name outright, `t("id")`, exist: better at start than
/// on the page of the one person who gets there. Ids put together from parts are not checked.
fn check_texts(templates: &BTreeMap<String, String>, texts: &Texts) -> Result<(), PagesError> {
    for (name, source) in templates {
        for (at, opening) in source
            .match_indices(" t(\"")
            .chain(source.match_indices("(t(\""))
        {
            let Some((id, after)) = source[at + opening.len()..].split_once('"') else {
                continue;
            };
            if after.starts_with([')', ',']) && !texts.ids().contains(id) {
                let detail = format!("there is no text `{id}`");
                return Err(PagesError::Template {
                    name: name.clone(),
                    detail,
                });
            }
        }
    }
    Ok(())
}

fn add_template(
    environment: &mut Environment<'static>,
    name: &str,
    source: &str,
) -> Result<(), PagesError> {
    let added = environment.add_template_owned(name.to_owned(), source.to_owned());
    added.map_err(|error| PagesError::Template {
        name: name.to_owned(),
        detail: format!("{error:#}"),
    })
}

/// The language switch: each language, and the link to it but for the page to come back to.
fn languages(base: &str) -> Value {
    let entry = |locale: Locale| {
        let tag = locale.tag();
        let href = format!("{base}/locale?lang={tag}&back=");
        context!(tag, name => locale.native_name(), href)
    };
    Locale::ALL.into_iter().map(entry).collect()
}

fn brand(brand: &Brand) -> Value {
    context! {
        name => brand.name.as_str(),
        theme => brand.accent.class(),
        emblem => Serde(brand.emblem),
        initial => brand.name.chars().find(|c| c.is_alphanumeric()).map(String::from),
        demo => brand.demo,
        assistance => brand.assistance.as_ref().map(Serde),
    }
}
