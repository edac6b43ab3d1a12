//! Suspicious contexts: what stands in front of the hub (a web application firewall, a fraud detector)
//! says by a header that a request looks wrong, and the level rises, under single sign-on too.
//!
//! Only trusted proxies say so: whoever builds the node has the header taken from everybody else's
//! requests ([`guichet_web::TrustedProxies::alone_may_send`]).

use guichet_domain::Acr;
use http::{HeaderMap, HeaderName};

/// What makes a context suspicious, and what that asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspicion {
    /// The header that says so. `0` and `false` say that nothing is wrong, and so does its absence.
    pub header: HeaderName,
    /// The lowest level that is enough then.
    pub floor: Acr,
}

impl Suspicion {
    /// The floor for a request with these headers, if it looks wrong.
    pub(crate) fn floor(&self, headers: &HeaderMap) -> Option<Acr> {
        let mut values = headers.get_all(&self.header).iter();
        let is_harmless = |value: &http::HeaderValue| {
            HARMLESS
                .iter()
                .any(|word| value.as_bytes().trim_ascii().eq_ignore_ascii_case(word))
        };
        // Any word against it counts, one that cannot be read included.
        values
            .any(|value| !is_harmless(value))
            .then_some(self.floor)
    }
}

const HARMLESS: [&[u8]; 2] = [b"0", b"false"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_word_but_a_plain_no_raises_the_floor() {
        let header = HeaderName::from_static("x-suspicious");
        let policy = Suspicion {
            header: header.clone(),
            floor: Acr::Eidas2,
        };
        let floor = |values: &[&str]| {
            let headers = values
                .iter()
                .map(|value| (header.clone(), value.parse().unwrap()));
            policy.floor(&headers.collect())
        };
        for none in [&[][..], &["0"], &["False"], &["0", "false"]] {
            assert_eq!(floor(none), None, "{none:?}");
        }
        for some in [&["1"][..], &["true"], &[""], &["0", "1"], &["tor"]] {
            assert_eq!(floor(some), Some(Acr::Eidas2), "{some:?}");
        }
    }
}
