//! A cookie jar that keeps cookies by host, as browsers do: ports of one host share them.

use reqwest::header::{HeaderMap, SET_COOKIE};
use url::Url;

/// The cookies of one browser.
#[derive(Clone, Debug, Default)]
pub(crate) struct Jar {
    cookies: Vec<Cookie>,
}

#[derive(Clone, Debug)]
struct Cookie {
    host: String,
    path: String,
    name: String,
    value: String,
}

impl Jar {
    /// Takes what an answer from `url` sets or removes.
    pub(crate) fn take(&mut self, url: &Url, headers: &HeaderMap) {
        for header in headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
        {
            self.set(url, header);
        }
    }

    /// The `Cookie` header for a request to `url`, if there is any to send.
    pub(crate) fn header(&self, url: &Url) -> Option<String> {
        let host = url.host_str().unwrap_or_default();
        let sent = self
            .cookies
            .iter()
            .filter(|cookie| cookie.host == host && is_below(url.path(), &cookie.path));
        let pairs: Vec<String> = sent
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Names and values, for tests that steal or tamper.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.cookies
            .iter()
            .map(|cookie| (cookie.name.as_str(), cookie.value.as_str()))
    }

    /// Sets a cookie for every path of a host, as a thief would.
    pub(crate) fn plant(&mut self, url: &Url, name: &str, value: &str) {
        self.set(url, &format!("{name}={value}; Path=/"));
    }

    /// Forgets the cookies whose name says `unwanted`.
    pub(crate) fn forget(&mut self, unwanted: impl Fn(&str) -> bool) {
        self.cookies.retain(|cookie| !unwanted(&cookie.name));
    }

    fn set(&mut self, url: &Url, header: &str) {
        let mut parts = header.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let attributes: Vec<(&str, &str)> = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .collect();
        let attribute = |wanted: &str| {
            attributes
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
                .map(|(_, value)| *value)
        };
        let host = url.host_str().unwrap_or_default().to_owned();
        let path = attribute("path")
            .filter(|path| path.starts_with('/'))
            .unwrap_or("/")
            .to_owned();
        self.cookies
            .retain(|old| (old.name.as_str(), &old.host, &old.path) != (name, &host, &path));
        let removed = attribute("max-age") == Some("0")
            || attribute("expires").is_some_and(|date| date.contains("1970"));
        if !removed {
            self.cookies.push(Cookie {
                host,
                path,
                name: name.to_owned(),
                value: value.to_owned(),
            });
        }
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    let rest = path.strip_prefix(folder);
    rest.is_some_and(|rest| folder.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(address: &str) -> Url {
        Url::parse(address).unwrap()
    }

    #[test]
    fn ports_of_a_host_share_cookies_and_paths_do_not() {
        let mut jar = Jar::default();
        jar.set(&at("http://localhost:1/"), "a=1; Path=/; HttpOnly");
        jar.set(&at("http://localhost:2/"), "b=2; Path=/login");
        assert_eq!(
            jar.header(&at("http://localhost:3/login/x")).unwrap(),
            "a=1; b=2"
        );
        assert_eq!(jar.header(&at("http://localhost:3/logins")).unwrap(), "a=1");
        assert_eq!(jar.header(&at("http://127.0.0.1:1/")), None);
    }

    #[test]
    fn a_cookie_is_replaced_and_removed() {
        let (mut jar, url) = (Jar::default(), at("http://localhost/"));
        jar.set(&url, "a=1; Path=/");
        jar.set(&url, "a=2; Path=/");
        assert_eq!(jar.header(&url).unwrap(), "a=2");
        jar.set(&url, "a=; Path=/; Max-Age=0");
        assert_eq!(jar.header(&url), None);
    }
}
