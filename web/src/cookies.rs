//! Cookies that hold nothing but opaque identifiers, and reading them without trusting them.
//!
//! Over https a cookie is named `__Host-<instance>-<name>`, which browsers accept only with
//! `Secure`, `Path=/` and no `Domain`. Over http (loopback, the demo) it is `<instance>-<name>`:
//! ports of one host share one cookie jar, hence the instance in the name.

use std::time::Duration;

use guichet_domain::{BrowserId, Entropy};
use http::header::{COOKIE, GetAll};
use http::{HeaderMap, HeaderValue};

/// The cookies of one instance.
#[derive(Clone, Debug)]
pub struct Cookies {
    prefix: String,
    secure: bool,
}

/// How long a browser keeps a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CookieLife {
    /// Until the browser closes.
    Visit,
    /// For this long, rounded down to seconds.
    For(Duration),
}

/// Why a name or a value cannot be a cookie of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CookieError {
    /// An instance name is 1 to 32 lower-case letters, digits and hyphens.
    #[error("a cookie's instance name is 1 to 32 lower-case letters, digits and hyphens")]
    Instance,
    /// A value is 1 to 256 letters, digits, `-`, `_`, `.` or `~`.
    #[error("a cookie's value is 1 to 256 letters, digits, '-', '_', '.' or '~'")]
    Value,
}

impl Cookies {
    /// The cookies of the instance `instance`; `secure` when its public address is https.
    pub fn new(instance: &str, secure: bool) -> Result<Self, CookieError> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=32).contains(&instance.len()) || !instance.bytes().all(plain) {
            return Err(CookieError::Instance);
        }
        let prefix = if secure {
            format!("__Host-{instance}-")
        } else {
            format!("{instance}-")
        };
        Ok(Self { prefix, secure })
    }

    /// The full name of the cookie `name`.
    pub fn full_name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// The value of the cookie `name`. Absent, malformed, oversized and given twice are all `None`:
    /// a request with a doubtful cookie is a request without one.
    pub fn get<'h>(&self, headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
        read_one(headers.get_all(COOKIE), &self.full_name(name))
    }

    /// The `Set-Cookie` value for `name`: `HttpOnly`, `SameSite=Lax`, `Path=/`, `Secure` over https.
    pub fn set(
        &self,
        name: &str,
        value: &str,
        life: CookieLife,
    ) -> Result<HeaderValue, CookieError> {
        if !is_opaque(value) {
            return Err(CookieError::Value);
        }
        self.header(name, value, life)
    }

    /// The `Set-Cookie` value that makes the browser forget `name`.
    pub fn clear(&self, name: &str) -> Result<HeaderValue, CookieError> {
        self.header(name, "", CookieLife::For(Duration::ZERO))
    }

    /// The browser this request comes from, by the cookie `browser`.
    pub fn browser(&self, headers: &HeaderMap) -> Option<BrowserId> {
        self.get(headers, BROWSER)?.parse().ok()
    }

    /// The browser this request comes from; when it has no valid cookie, a fresh identity and the
    /// `Set-Cookie` value to send with the answer.
    pub fn browser_or_new(
        &self,
        headers: &HeaderMap,
        entropy: &dyn Entropy,
    ) -> Result<(BrowserId, Option<HeaderValue>), CookieError> {
        if let Some(known) = self.browser(headers) {
            return Ok((known, None));
        }
        let fresh = BrowserId::random(entropy);
        let cookie = self.set(BROWSER, &fresh.to_string(), CookieLife::Visit)?;
        Ok((fresh, Some(cookie)))
    }

    fn header(
        &self,
        name: &str,
        value: &str,
        life: CookieLife,
    ) -> Result<HeaderValue, CookieError> {
        let mut text = format!(
            "{}{name}={value}; Path=/; HttpOnly; SameSite=Lax",
            self.prefix
        );
        if let CookieLife::For(duration) = life {
            text.push_str("; Max-Age=");
            text.push_str(&duration.as_secs().to_string());
        }
        if self.secure {
            text.push_str("; Secure");
        }
        HeaderValue::try_from(text).map_err(|_| CookieError::Value)
    }
}

/// The cookie that tells browsers apart; forms and logins are bound to it.
const BROWSER: &str = "browser";

/// A browser sends at most a few kilobytes of cookies for one host; more is an attack or a fault.
const LONGEST_COOKIES: usize = 16 * 1024;
const LONGEST_VALUE: usize = 256;

/// The value of the one cookie called `name`, or nothing when there is any doubt about it.
pub(crate) fn read_one<'h>(headers: GetAll<'h, HeaderValue>, name: &str) -> Option<&'h str> {
    if headers.iter().map(HeaderValue::len).sum::<usize>() > LONGEST_COOKIES {
        return None;
    }
    let mut found = None;
    for header in headers {
        // One unreadable header makes all of them doubtful.
        for pair in header.to_str().ok()?.split(';') {
            let Some((key, value)) = pair.split_once('=') else {
                continue;
            };
            if key.trim() == name && found.replace(value.trim()).is_some() {
                return None;
            }
        }
    }
    found.filter(|value| is_opaque(value))
}

fn is_opaque(value: &str) -> bool {
    (1..=LONGEST_VALUE).contains(&value.len())
        && value
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::Counting;

    fn with(cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(COOKIE, cookie.parse().unwrap());
        }
        headers
    }

    #[test]
    fn https_cookies_are_bound_to_the_host_and_http_cookies_to_the_instance() {
        let https = Cookies::new("hub", true).unwrap();
        let set = https
            .set("session", "abc", CookieLife::For(Duration::from_mins(1)))
            .unwrap();
        assert_eq!(
            set,
            "__Host-hub-session=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure"
        );
        let http = Cookies::new("hub", false).unwrap();
        let set = http.set("session", "abc", CookieLife::Visit).unwrap();
        assert_eq!(set, "hub-session=abc; Path=/; HttpOnly; SameSite=Lax");
        assert_eq!(
            http.get(&with(&["idp-session=x; hub-session=abc"]), "session"),
            Some("abc")
        );
        assert_eq!(https.get(&with(&["hub-session=abc"]), "session"), None);
    }

    #[test]
    fn a_malformed_duplicated_or_oversized_cookie_is_absent() {
        let cookies = Cookies::new("hub", false).unwrap();
        let long = format!("hub-s={}", "a".repeat(257));
        let flood = format!("x={}; hub-s=a", "b".repeat(LONGEST_COOKIES));
        for bad in [
            "hub-s=",
            "hub-s",
            "hub-s=\"a\"",
            "hub-s=a b",
            "hub-s=é",
            &long,
            &flood,
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, HeaderValue::from_bytes(bad.as_bytes()).unwrap());
            assert_eq!(cookies.get(&headers, "s"), None, "{bad:.40}");
        }
        assert_eq!(cookies.get(&with(&["hub-s=a; hub-s=a"]), "s"), None);
        assert_eq!(cookies.get(&with(&["hub-s=a", "hub-s=b"]), "s"), None);
        assert_eq!(cookies.get(&with(&["y=1; hub-s=a", "z=2"]), "s"), Some("a"));
    }

    #[test]
    fn names_and_values_that_could_break_out_are_refused() {
        assert_eq!(
            Cookies::new("Hub;", false).unwrap_err(),
            CookieError::Instance
        );
        let cookies = Cookies::new("hub", false).unwrap();
        let refused = cookies.set("s", "a; Domain=x", CookieLife::Visit);
        assert_eq!(refused.unwrap_err(), CookieError::Value);
    }

    #[test]
    fn a_browser_keeps_its_identity_and_a_stranger_gets_a_new_one() {
        let cookies = Cookies::new("hub", false).unwrap();
        let (fresh, set) = cookies
            .browser_or_new(&HeaderMap::new(), &Counting::new())
            .unwrap();
        let pair = set
            .unwrap()
            .to_str()
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let (known, none) = cookies
            .browser_or_new(&with(&[&pair]), &Counting::new())
            .unwrap();
        assert_eq!(known, fresh);
        assert!(none.is_none());
    }

    proptest! {
        #[test]
        fn whatever_comes_in_only_opaque_values_come_out(raw in "[ -~]{0,80}") {
            let cookies = Cookies::new("hub", false).unwrap();
            let headers = with(&[&format!("hub-s={raw}")]);
            if let Some(value) = cookies.get(&headers, "s") {
                prop_assert!(is_opaque(value));
            }
        }
    }
}
