//! Where a page may send a browser next without leaving this site (N-27).

use std::fmt;

use serde::Serialize;
use url::Url;

/// A path, with perhaps a query, that every browser resolves to this same origin.
///
/// `//evil`, `/\evil`, `/<tab>/evil`, `https:evil` and anything with a fragment or more than 2048
/// bytes is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct LocalPath(String);

impl LocalPath {
    /// The path, when it certainly stays local.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > LONGEST || !text.starts_with('/') || !text.bytes().all(harmless) {
            return None;
        }
        if is_plain(text) {
            return Some(Self(text.to_owned()));
        }
        // The parser browsers share has the last word.
        let here = Url::parse("https://here.invalid").ok()?;
        let there = here.join(text).ok()?;
        let stays = there.origin() == here.origin() && there.username().is_empty();
        // Dot segments could climb to `//`: what the parser made of the path must be local too.
        (stays && !there.path().starts_with("//") && !text.starts_with("//"))
            .then(|| Self(text.to_owned()))
    }

    /// The path, or `/` when it would leave.
    pub fn or_root(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|| Self("/".to_owned()))
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path as the value of a query parameter.
    pub fn encoded(&self) -> String {
        url::form_urlencoded::byte_serialize(self.0.as_bytes()).collect()
    }

    /// The same path without the query parameter `name`.
    #[must_use]
    pub fn without_parameter(&self, name: &str) -> Self {
        let Some((path, query)) = self.0.split_once('?') else {
            return self.clone();
        };
        let is_other = |pair: &&str| pair.split('=').next() != Some(name);
        let kept: Vec<&str> = query.split('&').filter(is_other).collect();
        if kept.is_empty() {
            return Self(path.to_owned());
        }
        Self(format!("{path}?{}", kept.join("&")))
    }
}

/// Whether every browser takes the byte for itself and nothing else.
const fn harmless(byte: u8) -> bool {
    let means_more = matches!(
        byte,
        b'\\' | b'#' | b'"' | b'<' | b'>' | b'`' | b'{' | b'}' | b'|' | b'^'
    );
    byte.is_ascii_graphic() && !means_more
}

/// Whether no parser makes anything else of it: a path without dot segments, written out or encoded,
/// that does not begin like an authority. Nearly every path is.
fn is_plain(text: &str) -> bool {
    let path = text.split('?').next().unwrap_or_default();
    !text.starts_with("//") && !path.contains(['.', '%'])
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const LONGEST: usize = 2048;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_that_leave_are_none() {
        for leaving in [
            "",
            "evil",
            "//evil",
            "///evil",
            "/\\evil",
            "\\\\evil",
            "/\t/evil",
            "/\n/evil",
            "https:evil",
            "https://evil",
            "javascript:alert(1)",
            "/./\\evil",
            "/.//evil",
            "/a/..//evil",
            "/%0a/é",
            "/x#y",
            " /x",
            "/x y",
        ] {
            assert_eq!(LocalPath::parse(leaving), None, "{leaving:?}");
        }
        assert_eq!(LocalPath::or_root("//evil").as_str(), "/");
    }

    #[test]
    fn ordinary_paths_are_kept_as_they_are() {
        for local in [
            "/",
            "/login/abc",
            "/a?b=c&d=%2F%2Fevil",
            "/%09/evil",
            "/a//b",
        ] {
            assert_eq!(LocalPath::parse(local).unwrap().as_str(), local);
        }
    }

    #[test]
    fn a_parameter_can_be_taken_away() {
        let without = |text| {
            LocalPath::parse(text)
                .unwrap()
                .without_parameter("ui_locales")
                .0
        };
        assert_eq!(without("/a?ui_locales=fr&b=1"), "/a?b=1");
        assert_eq!(without("/a?ui_locales=fr"), "/a");
        assert_eq!(without("/a?b=ui_locales"), "/a?b=ui_locales");
        assert_eq!(without("/a"), "/a");
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_resolves_to_this_origin(text in "[/\\\\.:@a-z%09?#\t ]{0,12}") {
            if let Some(path) = LocalPath::parse(&format!("/{text}")) {
                let here = Url::parse("http://localhost:8000/deep/page").unwrap();
                let there = here.join(path.as_str()).unwrap();
                prop_assert_eq!(there.origin(), here.origin());
            }
        }
    }
}
