//! What a device is called, as far as its browser says: enough for its owner to know it again, and nothing
//! to tell two of a kind apart by.

use http::HeaderMap;
use http::header::USER_AGENT;

/// `Firefox, Windows`; `None` where the browser says nothing that is known.
pub(crate) fn device_name(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(USER_AGENT)?.to_str().ok()?;
    let named = |known: &[(&str, &'static str)]| {
        let mut known = known.iter().filter(|(mark, _)| text.contains(mark));
        known.next().map(|(_, name)| *name)
    };
    match (named(&BROWSERS), named(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser}, {system}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

/// The first that fits: most browsers say that they are several.
const BROWSERS: [(&str, &str); 9] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
];
const SYSTEMS: [(&str, &str); 7] = [
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, http::HeaderValue::from_static(text));
        device_name(&headers)
    }

    #[test]
    fn a_device_is_called_by_its_browser_and_its_system() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0";
        assert_eq!(name(edge).as_deref(), Some("Edge, Windows"));
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
        assert_eq!(name(phone).as_deref(), Some("Safari, iPhone"));
        let android = "Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0";
        assert_eq!(name(android).as_deref(), Some("Firefox, Android"));
    }

    #[test]
    fn what_says_nothing_or_shouts_has_no_name_of_its_own() {
        assert_eq!(name("curl/8.5.0"), None);
        assert_eq!(
            name("<script>alert(1)</script> Linux").as_deref(),
            Some("Linux")
        );
        assert_eq!(device_name(&HeaderMap::new()), None);
    }
}
