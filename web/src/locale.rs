//! The languages pages are written in, and which one a request gets.
//!
//! In order: what the service asked for (`ui_locales`, OpenID Connect Core §3.1.2.1), what the
//! citizen chose earlier (a cookie), what the browser prefers (`Accept-Language`), the default.

use http::header::{ACCEPT_LANGUAGE, COOKIE};
use http::{HeaderMap, HeaderValue};
use serde::Serialize;
use unic_langid::LanguageIdentifier;

/// A language that every text is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub enum Locale {
    /// French, the default.
    #[default]
    #[serde(rename = "fr")]
    French,
    /// English.
    #[serde(rename = "en")]
    English,
}

impl Locale {
    /// Every language, in the order the language switch shows them.
    pub const ALL: [Self; 2] = [Self::French, Self::English];

    /// The name of the cookie that remembers a choice. It is no secret and every instance of one
    /// host shares it, so that the hub and its neighbours speak the same language.
    pub const COOKIE: &'static str = "guichet-locale";

    /// The BCP 47 tag, as `lang` attributes and folder names have it.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::French => "fr",
            Self::English => "en",
        }
    }

    /// The language's own name for itself, for the language switch.
    pub const fn native_name(self) -> &'static str {
        match self {
            Self::French => "Français",
            Self::English => "English",
        }
    }

    /// The writing direction, for the `dir` attribute.
    pub const fn direction(self) -> &'static str {
        match self {
            Self::French | Self::English => "ltr",
        }
    }

    /// The language of a BCP 47 tag, by its primary subtag: `fr`, `fr-CA` and `FR` are French.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|locale| primary.eq_ignore_ascii_case(locale.tag()))
    }

    /// The first language we have among a space-separated `ui_locales` list.
    pub fn from_ui_locales(list: &str) -> Option<Self> {
        list.split_ascii_whitespace()
            .take(LONGEST_LIST)
            .find_map(Self::from_tag)
    }

    /// The language for a request, by `ui_locales` when there is one, then the cookie, then
    /// `Accept-Language`, then French.
    pub fn negotiate(ui_locales: Option<&str>, headers: &HeaderMap) -> Self {
        ui_locales
            .and_then(Self::from_ui_locales)
            .or_else(|| chosen_earlier(headers))
            .or_else(|| preferred_by_browser(headers))
            .unwrap_or_default()
    }

    /// The `Set-Cookie` value that remembers this language for a year.
    ///
    /// A room that honours `ui_locales` at its entry sets it too, so that the following pages keep
    /// the language and the language switch can still change it.
    pub fn remember(self, secure: bool) -> HeaderValue {
        HeaderValue::from_static(match (self, secure) {
            (Self::French, true) => {
                "guichet-locale=fr; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure"
            }
            (Self::French, false) => {
                "guichet-locale=fr; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
            }
            (Self::English, true) => {
                "guichet-locale=en; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure"
            }
            (Self::English, false) => {
                "guichet-locale=en; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
            }
        })
    }

    pub(crate) fn language_identifier(self) -> LanguageIdentifier {
        // Both tags are well formed; the empty identifier only costs plural rules.
        self.tag().parse().unwrap_or_default()
    }
}

/// More entries than anyone's browser sends; the rest of a longer list is not read.
const LONGEST_LIST: usize = 20;

fn chosen_earlier(headers: &HeaderMap) -> Option<Locale> {
    crate::cookies::read_one(headers.get_all(COOKIE), Locale::COOKIE).and_then(Locale::from_tag)
}

/// The language of the highest weight; of equal weights the first (RFC 9110 §12.5.4).
fn preferred_by_browser(headers: &HeaderMap) -> Option<Locale> {
    let header = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(Locale, f32)> = None;
    for range in header.split(',').take(LONGEST_LIST) {
        let mut parts = range.split(';');
        let Some(locale) = parts.next().map(str::trim).and_then(Locale::from_tag) else {
            continue;
        };
        let weight = parts
            .find_map(|part| part.trim().strip_prefix("q="))
            .map_or(1.0, |q| q.parse().unwrap_or(0.0));
        if weight > 0.0 && best.is_none_or(|(_, highest)| weight > highest) {
            best = Some((locale, weight));
        }
    }
    best.map(|(locale, _)| locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(accept: &str, cookie: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, accept.parse().unwrap());
        if let Some(cookie) = cookie {
            headers.insert(COOKIE, cookie.parse().unwrap());
        }
        headers
    }

    #[test]
    fn the_service_wins_over_the_cookie_and_the_cookie_over_the_browser() {
        let both = headers("fr", Some("guichet-locale=en"));
        assert_eq!(
            Locale::negotiate(Some("de fr-CA en"), &both),
            Locale::French
        );
        assert_eq!(Locale::negotiate(Some("de"), &both), Locale::English);
        assert_eq!(Locale::negotiate(None, &both), Locale::English);
        assert_eq!(
            Locale::negotiate(None, &headers("en-GB,en;q=0.9", None)),
            Locale::English
        );
        assert_eq!(Locale::negotiate(None, &HeaderMap::new()), Locale::French);
    }

    #[test]
    fn weights_decide_and_nonsense_is_skipped() {
        let of = |accept| preferred_by_browser(&headers(accept, None));
        assert_eq!(of("fr;q=0.4, en;q=0.8"), Some(Locale::English));
        assert_eq!(of("en;q=0, fr;q=0.1"), Some(Locale::French));
        assert_eq!(of("en;q=x, *;q=0.5, ,;;"), None);
        assert_eq!(of("fr, en"), Some(Locale::French));
    }

    #[test]
    fn a_cookie_given_twice_or_garbled_is_no_choice() {
        assert_eq!(
            chosen_earlier(&headers("", Some("guichet-locale=en; guichet-locale=fr"))),
            None
        );
        assert_eq!(
            chosen_earlier(&headers("", Some("guichet-locale=\"en\""))),
            None
        );
    }
}
