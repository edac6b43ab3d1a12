//! What one page needs to know besides its own data: language, service, scripts, where forms go.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, OriginalUri};
use http::request::Parts;
use http::{HeaderMap, Method, Uri};
use minijinja::value::Serde;
use minijinja::{Value, context};
use serde::Serialize;

use crate::{Accent, LocalPath, Locale, Reading};

/// What the layout needs to know about one page.
///
/// As an axum extractor it has the language of the request and the address of the page; the room
/// adds the rest: `page.with_service(..)`, `page.wide()`.
#[derive(Clone, Debug, Default)]
pub struct PageContext {
    /// The language of the page.
    pub locale: Locale,
    /// How its reader wants to read.
    pub reading: Reading,
    pub(crate) path: Option<LocalPath>,
    pub(crate) service: Option<ServiceLabel>,
    pub(crate) accent: Option<Accent>,
    pub(crate) navigation: Vec<NavigationLink>,
    pub(crate) wide: bool,
    pub(crate) script: Option<&'static str>,
    pub(crate) connects: bool,
    pub(crate) form_origins: Vec<String>,
    pub(crate) frame_origins: Vec<String>,
    pub(crate) tells_origin: bool,
    pub(crate) manifest: Option<&'static str>,
}

/// The service a citizen is on the way to, as shown at the top of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceLabel {
    /// Its registered name.
    pub name: String,
}

/// One entry of a page's navigation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NavigationLink {
    /// What it says, in the page's language.
    pub label: String,
    /// Where it leads.
    pub href: String,
    /// Whether it is the page one is on, or among its links is.
    pub current: bool,
    /// What opens below it, where it leads nowhere itself.
    pub links: Vec<NavigationLink>,
}

impl NavigationLink {
    /// A link to a page.
    pub fn to(label: String, href: impl Into<String>, current: bool) -> Self {
        Self {
            label,
            href: href.into(),
            current,
            links: Vec::new(),
        }
    }

    /// What opens and shows these; itself the link where there is one alone, and nothing where there is none.
    pub fn menu(label: String, mut links: Vec<Self>) -> Option<Self> {
        if links.len() < 2 {
            return links.pop();
        }
        Some(Self {
            label,
            href: String::new(),
            current: links.iter().any(|link| link.current),
            links,
        })
    }
}

impl PageContext {
    /// A page in the language `locale`, without a language switch: it has no address to return to.
    pub fn new(locale: Locale) -> Self {
        Self {
            locale,
            ..Self::default()
        }
    }

    /// The page for a request, as the extractor makes it.
    pub fn of_request(method: &Method, uri: &Uri, headers: &HeaderMap) -> Self {
        Self::of_address(method, uri, (locale_of(uri, headers), Reading::of(headers)))
    }

    /// The page at an address, in a language and a way of reading that are known already.
    pub(crate) fn of_address(
        method: &Method,
        uri: &Uri,
        (locale, reading): (Locale, Reading),
    ) -> Self {
        // A page that answers a POST has no address that a link could lead back to.
        let path = (*method == Method::GET)
            .then(|| {
                uri.path_and_query()
                    .and_then(|path| LocalPath::parse(path.as_str()))
            })
            .flatten()
            // Kept, it would overrule the switch.
            .map(|path| path.without_parameter("ui_locales"));
        Self {
            locale,
            reading,
            path,
            ..Self::default()
        }
    }

    /// In another language than the request asked for.
    #[must_use]
    pub fn in_locale(mut self, locale: Locale) -> Self {
        self.locale = locale;
        self
    }

    /// Where the language switch returns to: the address of this page, or of the step it shows.
    #[must_use]
    pub fn at(mut self, path: LocalPath) -> Self {
        self.path = Some(path);
        self
    }

    /// On the way to the service `name`: the header says so.
    #[must_use]
    pub fn with_service(mut self, name: impl Into<String>) -> Self {
        self.service = Some(ServiceLabel { name: name.into() });
        self
    }

    /// On the way to no service: what it is about is over.
    #[must_use]
    pub fn with_no_service(mut self) -> Self {
        self.service = None;
        self
    }

    /// In another colour than the instance's own.
    #[must_use]
    pub fn with_accent(mut self, accent: Accent) -> Self {
        self.accent = Some(accent);
        self
    }

    /// With navigation under the header.
    #[must_use]
    pub fn with_navigation(mut self, links: Vec<NavigationLink>) -> Self {
        self.navigation = links;
        self
    }

    /// As wide as tables need, rather than as wide as a letter.
    #[must_use]
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// With a script of ours: the name of a registered asset such as `passkeys.js`. The page still
    /// works, or says what to do, without it.
    #[must_use]
    pub fn with_script(mut self, asset: &'static str) -> Self {
        self.script = Some(asset);
        self
    }

    /// With a script that calls this server back (passkeys, live updates): `connect-src 'self'`.
    #[must_use]
    pub fn with_connecting_script(mut self, asset: &'static str) -> Self {
        self.connects = true;
        self.with_script(asset)
    }

    /// Part of what can be installed: the manifest (W3C Web Application Manifest) is at this path of ours.
    #[must_use]
    pub fn with_manifest(mut self, path: &'static str) -> Self {
        self.manifest = Some(path);
        self
    }

    /// With forms that may end at `origin` (`https://service.example`, or `com.example.app:` for a
    /// native application), besides what the instance allows.
    #[must_use]
    pub fn with_form_to(mut self, origin: impl Into<String>) -> Self {
        self.form_origins.push(origin.into());
        self
    }

    /// With frames of `origins`: front-channel logout only.
    #[must_use]
    pub fn with_frames(mut self, origins: Vec<String>) -> Self {
        self.frame_origins = origins;
        self
    }

    /// What templates see as `page`; `components` is the module of those the template uses.
    pub(crate) fn to_value(&self, components: Option<&Value>) -> Value {
        context! {
            components => components.cloned(),
            path => self.path.as_ref().map(LocalPath::encoded),
            service => self.service.as_ref().map(|service| context!(name => service.name.as_str())),
            theme => self.accent.map(Accent::class),
            navigation => navigation(&self.navigation),
            has_menus => self.navigation.iter().any(|link| !link.links.is_empty()),
            wide => self.wide,
            script => self.script,
            easy => self.reading.easy,
            large => self.reading.large,
            manifest => self.manifest,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PageContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // A nested router sees a shortened path; the browser's is the original one.
        let uri = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(&parts.uri, |original| &original.0);
        Ok(Self::of_request(&parts.method, uri, &parts.headers))
    }
}

/// Most pages have none, and then nothing is serialized.
fn navigation(links: &[NavigationLink]) -> Option<Serde<&[NavigationLink]>> {
    (!links.is_empty()).then_some(Serde(links))
}

/// The language of a request.
pub(crate) fn locale_of(uri: &Uri, headers: &HeaderMap) -> Locale {
    let ui_locales = uri.query().and_then(ui_locales);
    Locale::negotiate(ui_locales.as_deref(), headers)
}

fn ui_locales(query: &str) -> Option<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "ui_locales")
        .map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_knows_its_language_and_its_address_but_forgets_ui_locales() {
        let uri = Uri::from_static("/choose?ui_locales=en&x=1");
        let page = PageContext::of_request(&Method::GET, &uri, &HeaderMap::new());
        assert_eq!(page.locale, Locale::English);
        assert_eq!(page.path.unwrap().as_str(), "/choose?x=1");
    }

    #[test]
    fn the_answer_to_a_post_has_no_address_to_return_to() {
        let uri = Uri::from_static("/consent");
        let page = PageContext::of_request(&Method::POST, &uri, &HeaderMap::new());
        assert_eq!(page.path, None);
    }
}
