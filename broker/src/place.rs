//! Where a sign-in comes from, as far as what stands in front of the hub says so by a header: a town or a country, for
//! the history of its person. The hub itself looks at no address.
//!
//! Only trusted proxies say so: whoever builds the node has the header taken from everybody else's requests
//! ([`guichet_web::TrustedProxies::alone_may_send`]; threat N-411).

use guichet_domain::AuditEvent;
use http::{HeaderMap, HeaderName};

use crate::login::Trip;

/// The place in these headers; `None` where there is none, or more than one, or what no place is called.
pub(crate) fn place_of(header: &HeaderName, headers: &HeaderMap) -> Option<String> {
    let mut values = headers.get_all(header).iter();
    let (only, more) = (values.next()?, values.next());
    let text = std::str::from_utf8(only.as_bytes()).ok()?.trim();
    let is_of_a_name =
        |letter: char| letter.is_alphanumeric() || matches!(letter, ' ' | ',' | '-' | '\'' | '’');
    let is_name = !text.is_empty() && text.chars().all(is_of_a_name);
    let is_place = more.is_none() && is_name && text.chars().count() <= LONGEST;
    is_place.then(|| text.to_owned())
}

impl Trip {
    /// The event, with where it comes from.
    pub(crate) fn located(&self, event: AuditEvent) -> AuditEvent {
        match &self.place {
            Some(place) => event.detail("place", place),
            None => event,
        }
    }
}

/// Longer than any town and its country.
const LONGEST: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_the_name_of_one_and_nothing_else() {
        let header = HeaderName::from_static("x-place");
        let place = |values: &[&str]| {
            let values = values.iter().map(|value| {
                let value = http::HeaderValue::from_bytes(value.as_bytes());
                (header.clone(), value.unwrap())
            });
            place_of(&header, &values.collect())
        };
        for name in ["Lyon, France", "Saint-Denis de La Réunion", "L’Haÿ", "FR"] {
            assert_eq!(place(&[name]).as_deref(), Some(name));
        }
        assert_eq!(place(&[" Nice "]).as_deref(), Some("Nice"));
        let long = "a".repeat(81);
        for none in [
            &[][..],
            &[""],
            &["192.0.2.7"],
            &["<b>"],
            &["2001:db8::7"],
            &[long.as_str()],
            &["Lyon", "Nice"],
        ] {
            assert_eq!(place(none), None, "{none:?}");
        }
    }
}
