//! Redirect URIs: what may be registered is kept to the letter and matches itself; another text matches
//! only where the port of a loopback address may differ.

use guichet_domain::RedirectUri;
use url::Url;

use crate::{as_text, cut};

/// The registered address on the first line, the requested one on the second.
pub(crate) fn target(input: &[u8]) {
    let (registered, requested) = cut(input);
    as_text(registered, |registered| {
        as_text(requested, |requested| compare(registered, requested));
    });
}

fn compare(registered: &str, requested: &str) {
    let Ok(uri) = registered.parse::<RedirectUri>() else {
        return;
    };
    assert_eq!(uri.as_str(), registered);
    assert!(uri.matches(registered));
    assert!(!registered.contains('#'));
    if !uri.matches(requested) || requested == registered {
        return;
    }
    let (mut known, mut asked) = (parsed(registered), parsed(requested));
    for url in [&mut known, &mut asked] {
        assert!(
            matches!(url.host_str(), Some("127.0.0.1" | "[::1]")),
            "{requested}"
        );
        assert_eq!(url.scheme(), "http");
        url.set_port(None).expect("a port may differ");
    }
    assert_eq!(known, asked, "more than the port differs");
}

fn parsed(text: &str) -> Url {
    text.parse().expect("a redirect URI is a URL")
}
