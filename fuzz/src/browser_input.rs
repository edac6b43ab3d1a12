//! What a browser or a proxy sends: forms, cookies, languages, addresses, local paths.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use guichet_domain::BrowserId;
use guichet_web::{
    Cookies, Csrf, LocalPath, Locale, Network, Purpose, TrustedProxies, parse_strictly,
    partial_date,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use url::{Url, form_urlencoded};

use crate::{Target, as_text, by_name};

pub(crate) fn target(input: &[u8]) {
    let ways: [(&str, Target); 4] = [
        ("form", form),
        ("headers", headers),
        ("path", |input| as_text(input, path)),
        ("network", |input| as_text(input, network)),
    ];
    by_name(input, &ways, |way, rest| way(rest));
}

/// A form that is read holds each field once, and is the same when it is posted again.
fn form(body: &[u8]) {
    let Ok(fields) = parse_strictly::<BTreeMap<String, String>>(body) else {
        return;
    };
    assert_eq!(fields.len(), form_urlencoded::parse(body).count());
    let mut again = form_urlencoded::Serializer::new(String::new());
    let again = again.extend_pairs(&fields).finish();
    let again = parse_strictly::<BTreeMap<String, String>>(again.as_bytes());
    assert_eq!(again.as_ref(), Ok(&fields));
}

/// One value in every header that somebody reads: a stranger names neither itself nor its language's
/// cookie's neighbours, and no token is made up.
fn headers(value: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(value) else {
        return;
    };
    let mut headers = HeaderMap::new();
    for name in [header::COOKIE, header::ACCEPT_LANGUAGE, header::ORIGIN] {
        headers.insert(name, value.clone());
    }
    for name in ["x-forwarded-for", "sec-fetch-site"] {
        headers.insert(HeaderName::from_static(name), value.clone());
    }
    let cookies = Cookies::new("fuzz", true).expect("a name for cookies");
    if let Some(session) = cookies.get(&headers, "session") {
        assert!(session.bytes().all(|byte| byte.is_ascii_graphic()));
    }
    let browser = cookies.browser(&headers);
    let _ = Locale::negotiate(value.to_str().ok(), &headers);
    forged(
        &headers,
        browser.as_ref(),
        value.to_str().unwrap_or_default(),
    );
    let stranger = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    let seen = TrustedProxies::new(Vec::new()).client(stranger, &headers);
    assert_eq!(seen.0, stranger, "a stranger is believed");
}

fn forged(headers: &HeaderMap, browser: Option<&BrowserId>, token: &str) {
    let hub = Url::parse("https://hub.example").expect("an address");
    let purpose = Purpose {
        form: "fuzz",
        subject: "",
    };
    let csrf = Csrf::new([7; 32], &hub);
    assert!(csrf.verify(headers, browser, purpose, token).is_err());
}

/// A path that stays here, by the reading of browsers.
fn path(text: &str) {
    let _ = partial_date(Locale::French, text);
    let Some(path) = LocalPath::parse(text) else {
        return;
    };
    let here = Url::parse("https://hub.example/login/1").expect("an address");
    let there = here.join(path.as_str()).expect("a path leads somewhere");
    assert_eq!(there.origin(), here.origin());
    assert!(LocalPath::parse(path.as_str()).is_some_and(|again| again == path));
    let without = path.without_parameter("lang");
    assert!(LocalPath::parse(without.as_str()).is_some());
}

/// A network is written so that it is read again, and holds its own first address.
fn network(text: &str) {
    if let Ok(network) = text.parse::<Network>() {
        let written = network.to_string();
        assert_eq!(written.parse(), Ok(network), "{written}");
        let first = written.split('/').next().expect("an address");
        assert!(
            network.contains(first.parse().expect("an address")),
            "{written}"
        );
    }
}
