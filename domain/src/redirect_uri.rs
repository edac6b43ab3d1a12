//! Redirect URIs: what may be registered, and when a requested one is the same.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use url::{Host, Url};

/// A URI a client registered to receive answers at. Kept as the text that was registered.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RedirectUri(Box<str>);

/// Why a URI cannot be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedirectUriError {
    /// Longer than 2,000 characters.
    #[error("a redirect URI has at most 2000 characters")]
    TooLong,
    /// A space, a control character, a backslash, a non-ASCII character.
    #[error("a redirect URI is visible ASCII without backslash, quotes or angle brackets")]
    Character,
    /// Not an absolute URI, or one that browsers would rewrite (`/../`, upper-case host, default port).
    #[error("a redirect URI is absolute and written as browsers normalize it")]
    NotNormal,
    /// Has a fragment (RFC 6749 §3.1.2).
    #[error("a redirect URI has no fragment")]
    Fragment,
    /// Has a user name or password.
    #[error("a redirect URI has no user name or password")]
    UserInfo,
    /// Plain http outside loopback, or a scheme that runs script or reads files.
    #[error(
        "a redirect URI is https, http on loopback, or a private scheme such as com.example.app"
    )]
    Scheme,
    /// Its query already holds a parameter that the answer will carry.
    #[error("a redirect URI does not hold response parameters such as code or state")]
    ResponseParameter,
}

impl RedirectUri {
    /// The URI as registered.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a requested URI is this one: equal, character by character (RFC 9700 §2.1). The only
    /// freedom is the port of an `http` loopback address literal (RFC 8252 §7.3), so that a native
    /// application may listen on whatever port it gets.
    pub fn matches(&self, requested: &str) -> bool {
        if *self.0 == *requested {
            return true;
        }
        let (Some(registered), Some(requested)) =
            (LoopbackUri::split(&self.0), LoopbackUri::split(requested))
        else {
            return false;
        };
        registered == requested
    }

    /// The host, for sectors (OIDC Core §8.1) and for what an operator allows; `None` for private
    /// schemes: what stands in the place of a host there is anybody's choice.
    pub fn host(&self) -> Option<String> {
        let url = Url::parse(&self.0).ok()?;
        let host = url.host_str().filter(|_| is_web(&url))?;
        Some(host.to_owned())
    }

    /// Whether answers stay on the person's own machine, whose name is everybody's.
    pub fn is_on_loopback(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| is_web(&url) && names_loopback(&url))
    }

    /// The host by which whoever gets the answers is known; `None` where that is the client alone: on the person's
    /// own machine, or in an application of theirs.
    pub fn site(&self) -> Option<String> {
        self.host().filter(|_| !self.is_on_loopback())
    }

    /// Scheme, host and port: what a page that posts there must allow. `None` for private schemes.
    pub fn origin(&self) -> Option<String> {
        let origin = Url::parse(&self.0).ok()?.origin();
        origin.is_tuple().then(|| origin.ascii_serialization())
    }
}

/// What is left of `http://127.0.0.1:PORT/path` when the port does not count.
#[derive(PartialEq, Eq)]
struct LoopbackUri<'a> {
    address: &'a str,
    rest: &'a str,
}

impl<'a> LoopbackUri<'a> {
    fn split(uri: &'a str) -> Option<Self> {
        let after = uri.strip_prefix("http://")?;
        let address = ["127.0.0.1", "[::1]"]
            .into_iter()
            .find(|address| after.starts_with(address))?;
        let tail = &after[address.len()..];
        let rest = match tail.strip_prefix(':') {
            Some(port_and_rest) => {
                let digits = port_and_rest.bytes().take_while(u8::is_ascii_digit).count();
                let (port, rest) = port_and_rest.split_at(digits);
                port.parse::<u16>().ok().filter(|port| *port > 0)?;
                rest
            }
            None => tail,
        };
        // Anything but a path here would be another authority: `127.0.0.1:80@evil`.
        (rest.is_empty() || rest.starts_with('/') || rest.starts_with('?'))
            .then_some(Self { address, rest })
    }
}

impl FromStr for RedirectUri {
    type Err = RedirectUriError;

    fn from_str(text: &str) -> Result<Self, RedirectUriError> {
        if text.len() > 2000 {
            return Err(RedirectUriError::TooLong);
        }
        let is_allowed =
            |byte: u8| (0x21..=0x7e).contains(&byte) && !b"\\\"<>^`{|}".contains(&byte);
        if !text.bytes().all(is_allowed) {
            return Err(RedirectUriError::Character);
        }
        let url = Url::parse(text).map_err(|_| RedirectUriError::NotNormal)?;
        if url.fragment().is_some() {
            return Err(RedirectUriError::Fragment);
        }
        if !url.username().is_empty()
            || url.password().is_some()
            || text.contains('@') && url.host().is_none()
        {
            return Err(RedirectUriError::UserInfo);
        }
        if !scheme_is_safe(&url) {
            return Err(RedirectUriError::Scheme);
        }
        // `https://host` and `https://host/` are the same place; both spellings may be registered.
        let normal = url.as_str();
        if normal != text && normal.strip_suffix('/') != Some(text) {
            return Err(RedirectUriError::NotNormal);
        }
        if url
            .query_pairs()
            .any(|(name, _)| RESPONSE_PARAMETERS.contains(&&*name))
        {
            return Err(RedirectUriError::ResponseParameter);
        }
        Ok(Self(text.into()))
    }
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "https" | "http")
}

/// Every spelling of this machine (RFC 6761 §6.3 for names).
fn names_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        None => false,
    }
}

fn scheme_is_safe(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host().is_some(),
        "http" => match url.host() {
            Some(Host::Domain(domain)) => domain == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        },
        // A private scheme is a domain name in reverse (RFC 8252 §7.1): that leaves `javascript`,
        // `data` and their like out without a list that could be incomplete.
        scheme => scheme.contains('.'),
    }
}

/// Parameters that an authorization answer may carry.
const RESPONSE_PARAMETERS: &[&str] = &[
    "code",
    "state",
    "error",
    "error_description",
    "error_uri",
    "iss",
    "response",
    "id_token",
    "access_token",
    "token_type",
    "expires_in",
    "session_state",
];

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedirectUri({:?})", &*self.0)
    }
}

impl Serialize for RedirectUri {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for RedirectUri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn registered(text: &str) -> RedirectUri {
        text.parse().unwrap()
    }

    #[test]
    fn nothing_but_the_registered_text_matches() {
        let uri = registered("https://service.example/cb?tenant=1");
        assert!(uri.matches("https://service.example/cb?tenant=1"));
        for other in [
            "https://service.example/cb",
            "https://service.example/cb?tenant=1&x=1",
            "https://service.example/cb?tenant=1#",
            "https://service.example/cb/?tenant=1",
            "https://service.example:443/cb?tenant=1",
            "https://SERVICE.example/cb?tenant=1",
            "https://service.example/a/../cb?tenant=1",
            "https://service.example/%63b?tenant=1",
            "https://service.example.evil/cb?tenant=1",
            "https://evil@service.example/cb?tenant=1",
            "https://service.example\\cb?tenant=1",
            "http://service.example/cb?tenant=1",
            "https://service.example/cb?tenant=1 ",
            "\thttps://service.example/cb?tenant=1",
            "https://service.example/cb..;/?tenant=1",
            "",
        ] {
            assert!(!uri.matches(other), "{other}");
        }
    }

    #[test]
    fn the_loopback_exception_is_the_port_only() {
        let uri = registered("http://127.0.0.1/cb");
        assert!(uri.matches("http://127.0.0.1:49152/cb"));
        for other in [
            "http://127.0.0.1:80@evil/cb",
            "http://127.0.0.1.evil/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:80/other",
            "https://127.0.0.1:80/cb",
            "http://localhost:80/cb",
            "http://127.0.0.2:80/cb",
            "http://[::1]/cb",
        ] {
            assert!(!uri.matches(other), "{other}");
        }
        assert!(registered("http://[::1]:8080/cb").matches("http://[::1]:1/cb"));
        assert!(!registered("http://localhost:8080/cb").matches("http://localhost:8081/cb"));
    }

    #[test]
    fn what_runs_script_or_reads_files_cannot_be_registered() {
        for text in [
            "javascript:alert(1)",
            "JavaScript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:https://a.example/x",
            "http://service.example/cb",
            "ftp://a.example/",
        ] {
            assert_eq!(
                text.parse::<RedirectUri>(),
                Err(RedirectUriError::Scheme),
                "{text}"
            );
        }
        assert!("com.example.app:/cb".parse::<RedirectUri>().is_ok());
    }

    #[test]
    fn what_browsers_would_rewrite_cannot_be_registered() {
        for text in [
            "https://a.example/x/../cb",
            "https://A.example/cb",
            "https://a.example:443/cb",
            "https://a.example/%2e%2e/cb",
            "//a.example/cb",
            "/cb",
            "https:a.example/cb",
        ] {
            assert_eq!(
                text.parse::<RedirectUri>(),
                Err(RedirectUriError::NotNormal),
                "{text}"
            );
        }
        assert_eq!(
            "https://a.example/c b".parse::<RedirectUri>(),
            Err(RedirectUriError::Character)
        );
        assert_eq!(
            "https://é.example/cb".parse::<RedirectUri>(),
            Err(RedirectUriError::Character)
        );
        assert_eq!(
            "https://a.example/cb#x".parse::<RedirectUri>(),
            Err(RedirectUriError::Fragment)
        );
        assert_eq!(
            "https://u:p@a.example/cb".parse::<RedirectUri>(),
            Err(RedirectUriError::UserInfo)
        );
        assert!("https://a.example".parse::<RedirectUri>().is_ok());
    }

    #[test]
    fn a_private_scheme_names_no_host_whatever_it_writes_in_its_place() {
        assert_eq!(
            registered("https://cantine.example:8443/cb")
                .host()
                .as_deref(),
            Some("cantine.example")
        );
        for text in [
            "com.evil.app:/cb",
            "com.evil.app://cantine.example/cb",
            "com.evil.app://localhost/cb",
        ] {
            let uri = registered(text);
            assert_eq!(uri.host(), None, "{text}");
            assert_eq!(uri.origin(), None, "{text}");
            assert!(!uri.is_on_loopback(), "{text}");
        }
    }

    #[test]
    fn this_machine_has_many_names() {
        for text in [
            "http://localhost:8020/cb",
            "http://127.0.0.1/cb",
            "http://127.0.0.2/cb",
            "http://[::1]/cb",
            "https://service.localhost/cb",
            "https://[::ffff:7f00:1]/cb",
        ] {
            assert!(registered(text).is_on_loopback(), "{text}");
        }
        for text in ["https://localhost.example/cb", "https://128.0.0.1/cb"] {
            assert!(!registered(text).is_on_loopback(), "{text}");
        }
    }

    #[test]
    fn response_parameters_cannot_be_registered() {
        for name in ["code", "state", "error", "iss", "%63ode"] {
            let text = format!("https://a.example/cb?{name}=1");
            assert_eq!(
                text.parse::<RedirectUri>(),
                Err(RedirectUriError::ResponseParameter),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn a_registered_uri_matches_itself(text in "(https://|http://localhost|[a-z.:/]{0,8})[!-~]{0,40}") {
            if let Ok(uri) = text.parse::<RedirectUri>() {
                prop_assert!(uri.matches(&text));
            }
        }

        #[test]
        fn matching_never_panics_and_keeps_the_host(requested in "http://(127\\.0\\.0\\.1|\\[::1\\])?[:@/?#.a-z0-9]{0,30}") {
            let uri = registered("http://127.0.0.1:1/cb");
            if uri.matches(&requested) {
                let url = Url::parse(&requested).unwrap();
                prop_assert_eq!(url.host_str(), Some("127.0.0.1"));
                prop_assert_eq!(url.path(), "/cb");
            }
        }
    }
}
