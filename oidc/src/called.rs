//! The address of the endpoint that a request called, in the ways a client may write it.

use http::Uri;
use http::request::Parts;
use url::Url;

use crate::Engine;

/// Where a request was sent: below the issuer, or below the address for those who bring a certificate.
pub(crate) struct Called {
    addresses: Vec<String>,
}

impl Called {
    /// Of a request to this engine. The host is never taken from the request (threat N-54).
    pub(crate) fn by(engine: &Engine, head: &Parts) -> Self {
        let path = below(engine.path(), &head.uri);
        let of = |base: &str| format!("{base}{path}");
        let aliases = engine.settings().client_certificates.as_ref();
        let alias = aliases.and_then(|aliases| aliases.base.as_deref());
        Self {
            addresses: [engine.issuer()].into_iter().chain(alias).map(of).collect(),
        }
    }

    /// Of a request to a resource at `base`, which may be elsewhere than this engine.
    pub(crate) fn at(base: &str, head: &Parts) -> Self {
        Self {
            addresses: vec![format!("{base}{}", head.uri.path())],
        }
    }

    /// Whether `text` is the address, to the letter.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.addresses.iter().any(|address| address == text)
    }

    /// Whether `text` is a URI of the address, after the normalization of RFC 3986 §6.2.2 and §6.2.3,
    /// without query and fragment (RFC 9449 §4.3).
    pub(crate) fn is_equivalent(&self, text: &str) -> bool {
        let normal = |text: &str| {
            let mut url = Url::parse(text).ok()?;
            url.set_query(None);
            url.set_fragment(None);
            Some(url)
        };
        let Some(asked) = normal(text) else {
            return false;
        };
        let mut addresses = self.addresses.iter();
        addresses.any(|address| normal(address).as_ref() == Some(&asked))
    }
}

/// The path below the issuer's own, which a router may have taken off already.
fn below<'a>(own: &str, uri: &'a Uri) -> &'a str {
    let path = uri.path();
    match path.strip_prefix(own) {
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_the_issuer_may_be_there_or_not() {
        for (own, path, expected) in [
            ("", "/token", "/token"),
            ("/api/v2", "/api/v2/token", "/token"),
            ("/api/v2", "/token", "/token"),
            ("/api/v2", "/api/v20/token", "/api/v20/token"),
        ] {
            let uri: Uri = format!("{path}?a=b").parse().unwrap();
            assert_eq!(below(own, &uri), expected);
        }
    }

    #[test]
    fn addresses_are_equivalent_by_syntax_and_scheme() {
        let called = Called {
            addresses: vec!["https://hub.example/token".to_owned()],
        };
        for same in [
            "https://hub.example/token",
            "HTTPS://HUB.example:443/token",
            "https://hub.example/token?a=b#c",
            "https://hub.example/x/../token",
        ] {
            assert!(called.is_equivalent(same), "{same}");
        }
        for other in [
            "https://hub.example/token/",
            "https://hub.example/Token",
            "http://hub.example/token",
            "https://hub.example:444/token",
            "https://hub.example.evil/token",
            "https://hub.example@evil/token",
            "/token",
            "",
        ] {
            assert!(!called.is_equivalent(other), "{other}");
        }
        assert!(called.is("https://hub.example/token"));
        assert!(!called.is("https://hub.example:443/token"));
    }
}
