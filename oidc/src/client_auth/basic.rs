//! The `Authorization: Basic` header (RFC 7617, RFC 6749 §2.3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, header};

use super::{REFUSED, invalid_request};
use crate::parameters::decode;
use crate::refusal::Refusal;

/// The most characters of the header that are looked at.
const MAX_HEADER: usize = 4096;

/// Identifier and secret, read both ways. RFC 6749 wants each form-encoded inside Basic; many clients
/// send them as they are. The two readings differ only where `%` or `+` occur, and either must match
/// the stored hash in full, so accepting both gives an attacker nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BasicCredentials {
    /// As the standard has them; where they do not decode, as they stand.
    pub(super) decoded: Pair,
    /// As they stand.
    pub(super) raw: Pair,
}

/// One reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) id: String,
    pub(super) secret: String,
}

impl BasicCredentials {
    /// The credentials of a request; `None` when it has no `Authorization` header at all. A header of
    /// another scheme, or one that cannot be read, is a failed authentication (threat N-43).
    pub(super) fn read(headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        let mut all = headers.get_all(header::AUTHORIZATION).iter();
        let Some(value) = all.next() else {
            return Ok(None);
        };
        if all.next().is_some() {
            return Err(invalid_request("there are several Authorization headers"));
        }
        value
            .to_str()
            .ok()
            .and_then(Self::parse)
            .map(Some)
            .ok_or(REFUSED.because("unreadable Authorization header"))
    }

    fn parse(value: &str) -> Option<Self> {
        if value.len() > MAX_HEADER {
            return None;
        }
        let (scheme, credentials) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("Basic") {
            return None;
        }
        let text = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
        let (id, secret) = text.split_once(':')?;
        let raw = Pair {
            id: id.to_owned(),
            secret: secret.to_owned(),
        };
        let decoded = match (decode(id.as_bytes()), decode(secret.as_bytes())) {
            (Some(id), Some(secret)) => Pair { id, secret },
            _ => raw.clone(),
        };
        Some(Self { decoded, raw })
    }

    /// Whether `id`, from the body, is the client the header names.
    pub(super) fn is_of(&self, id: &str) -> bool {
        self.decoded.id == id || self.raw.id == id
    }

    /// The identifier that was claimed.
    pub(super) fn claimed(&self) -> &str {
        &self.decoded.id
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header_of(text: &str) -> String {
        format!("Basic {}", STANDARD.encode(text))
    }

    #[test]
    fn the_secret_is_read_both_ways() {
        let credentials = BasicCredentials::parse(&header_of("a%3Ab:p%2Bq+r")).unwrap();
        assert_eq!(credentials.decoded.id, "a:b");
        assert_eq!(credentials.decoded.secret, "p+q r");
        assert_eq!(credentials.raw.id, "a%3Ab");
        assert_eq!(credentials.raw.secret, "p%2Bq+r");
    }

    #[test]
    fn what_does_not_decode_counts_as_it_stands() {
        let credentials = BasicCredentials::parse(&header_of("id:100%")).unwrap();
        assert_eq!(credentials.decoded, credentials.raw);
        assert_eq!(credentials.raw.secret, "100%");
    }

    #[test]
    fn a_colon_may_stand_in_the_secret() {
        let credentials = BasicCredentials::parse(&header_of("id:a:b")).unwrap();
        assert_eq!(credentials.raw.secret, "a:b");
    }

    #[test]
    fn other_schemes_and_broken_headers_are_no_credentials() {
        for value in [
            "",
            "Basic",
            "Basic ",
            "Basic !!!",
            "Bearer abc",
            "Basic aWQ=",
            "Basic /w==",
            "Digest username=\"x\"",
        ] {
            assert_eq!(BasicCredentials::parse(value), None, "{value}");
        }
        assert_eq!(
            BasicCredentials::parse(&header_of(&"x:".repeat(4096))),
            None
        );
    }

    proptest! {
        #[test]
        fn credentials_survive_both_ways_of_sending(id in "[!-9;-~]{1,40}", secret in ".{0,60}") {
            let raw = BasicCredentials::parse(&header_of(&format!("{id}:{secret}"))).unwrap();
            prop_assert_eq!(&raw.raw.id, &id);
            prop_assert_eq!(&raw.raw.secret, &secret);
            let encode = |text: &str| -> String {
                url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
            };
            let text = format!("{}:{}", encode(&id), encode(&secret));
            let encoded = BasicCredentials::parse(&header_of(&text)).unwrap();
            prop_assert_eq!(&encoded.decoded.id, &id);
            prop_assert_eq!(&encoded.decoded.secret, &secret);
        }

        #[test]
        fn any_header_is_read_or_refused(value in ".{0,200}") {
            if let Some(credentials) = BasicCredentials::parse(&value) {
                prop_assert!(!credentials.raw.id.contains(':'));
            }
        }
    }
}
