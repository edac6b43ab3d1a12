//! An entry's bytes: canonical JSON, one line, its members always in the same order.
//!
//! `{"v":1,"seq":17,"prev":"<base64url of the leaf hash before>","at":1763760000000,"kind":"…",…}`.
//! `prev` chains entries, so that a change is named at its place even where no checkpoint covers it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::AuditEvent;

use crate::tree::Hash;

/// What stands for `prev` in the first entry.
pub(crate) const NOTHING_BEFORE: Hash = [0; 32];

/// The bytes of `,"prev":"` and 43 characters and `",`.
const LINK: usize = 9 + 43 + 2;

/// An event, serialized but for its place: made where it happened, so that the one writer only
/// joins bytes.
pub(crate) fn body(event: &AuditEvent) -> Vec<u8> {
    let mut body = Vec::with_capacity(256);
    // Its members are numbers and texts, its keys texts: it always serializes. Were that to change,
    // an entry that says so is better than none.
    if serde_json::to_writer(&mut body, event).is_err() {
        body.clear();
        body.extend_from_slice(br#"{"kind":"unserializable"}"#);
    }
    body
}

/// The entry at `sequence` after the entry with the leaf hash `previous`.
pub(crate) fn framed(sequence: u64, previous: &Hash, body: &[u8]) -> Vec<u8> {
    let mut entry = Vec::with_capacity(24 + LINK + body.len());
    push_prefix(&mut entry, sequence, previous);
    entry.extend_from_slice(&body[1..]);
    entry
}

/// What can be read off an entry's first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The place it says it has.
    pub(crate) sequence: u64,
    /// The leaf hash of the entry it says is before it.
    pub(crate) previous: Hash,
}

impl Place {
    /// The place an entry says it has; `None` if it is not in canonical form.
    pub(crate) fn of(entry: &[u8]) -> Option<Self> {
        let rest = entry.strip_prefix(br#"{"v":1,"seq":"#)?;
        let digits = rest.iter().position(|byte| *byte == b',')?;
        let sequence: u64 = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        let link = rest[digits..].strip_prefix(br#","prev":""#)?;
        let (link, rest) = link.split_at_checked(43)?;
        let mut previous = [0; 32];
        let length = URL_SAFE_NO_PAD.decode_slice(link, &mut previous).ok()?;
        let place = Self { sequence, previous };
        let mut canonical = Vec::with_capacity(entry.len());
        push_prefix(&mut canonical, sequence, &previous);
        let is_canonical = length == 32
            && rest.starts_with(br#"","#)
            && entry.starts_with(&canonical)
            && entry.ends_with(b"}");
        is_canonical.then_some(place)
    }
}

fn push_prefix(entry: &mut Vec<u8>, sequence: u64, previous: &Hash) {
    let mut link = [0; 43];
    // 32 bytes are 43 characters: the buffer always fits.
    let _ = URL_SAFE_NO_PAD.encode_slice(previous, &mut link);
    entry.extend_from_slice(br#"{"v":1,"seq":"#);
    entry.extend_from_slice(sequence.to_string().as_bytes());
    entry.extend_from_slice(br#","prev":""#);
    entry.extend_from_slice(&link);
    entry.extend_from_slice(br#"","#);
}

#[cfg(test)]
mod tests {
    use guichet_domain::{EventKind, LoginId, Timestamp};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_entry_is_the_documented_bytes() {
        let event = AuditEvent::new(EventKind::LoginStarted, Timestamp::from_seconds(1))
            .login(LoginId::from_bytes([0; 16]))
            .detail("scope", "openid");
        let entry = framed(7, &[0xff; 32], &body(&event));
        assert_eq!(
            String::from_utf8(entry).unwrap(),
            r#"{"v":1,"seq":7,"prev":"__________________________________________8","at":1000,"#
                .to_owned()
                + r#""kind":"login.started","login":"AAAAAAAAAAAAAAAAAAAAAA","details":{"scope":"openid"}}"#
        );
    }

    proptest! {
        #[test]
        fn an_entry_says_its_place(sequence: u64, previous: Hash) {
            let event = AuditEvent::new(EventKind::NodeStarted, Timestamp::from_seconds(1));
            let entry = framed(sequence, &previous, &body(&event));
            prop_assert_eq!(Place::of(&entry), Some(Place { sequence, previous }));
            prop_assert!(serde_json::from_slice::<serde_json::Value>(&entry).is_ok());
        }

        #[test]
        fn bytes_in_another_form_have_no_place(bytes: Vec<u8>, text in "\\PC{0,80}") {
            prop_assert_eq!(Place::of(&bytes), None);
            prop_assert_eq!(Place::of(text.as_bytes()), None);
        }
    }
}
