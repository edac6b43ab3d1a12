//! The text of a refresh token. Nothing of it rests anywhere: it says which family and which generation
//! it is and until when it may be used, under a tag of ours. So the successor of a token can be said
//! again to whoever missed the answer, and a token that was never handed out is refused before any
//! record is looked at.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{GrantId, Timestamp};
use guichet_keys::Mac;

/// A refresh token that is ours to the letter. Whether its family lives is the store's to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RefreshToken {
    /// The family.
    pub(crate) grant: GrantId,
    /// Which of the family, from 1.
    pub(crate) generation: i64,
    /// Until when it may be used: a family that nobody uses for long ends.
    pub(crate) until: Timestamp,
}

/// What tags are made for.
pub(crate) const PURPOSE: &str = "oidc refresh token";

const GRANT: usize = 16;
const NUMBER: usize = 8;
const BODY: usize = GRANT + NUMBER + NUMBER;
const TAG: usize = 32;

impl RefreshToken {
    /// The text to hand out: 86 characters of base64url.
    pub(crate) fn text(&self, mac: &Mac) -> String {
        let body = self.body();
        let tag = mac.tag(&[&body]);
        URL_SAFE_NO_PAD.encode([&body[..], &tag].concat())
    }

    /// Reads a text; `None` when it is not one of ours.
    pub(crate) fn read(text: &str, mac: &Mac) -> Option<Self> {
        if text.len() != (BODY + TAG) * 4 / 3 + 1 {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (body, tag) = bytes.split_at_checked(BODY)?;
        if !mac.holds(&[body], tag) {
            return None;
        }
        let (grant, numbers) = body.split_at_checked(GRANT)?;
        let (generation, until) = numbers.split_at_checked(NUMBER)?;
        Some(Self {
            grant: GrantId::from_bytes(grant.try_into().ok()?),
            generation: i64::from_be_bytes(generation.try_into().ok()?),
            until: Timestamp::from_millis(i64::from_be_bytes(until.try_into().ok()?)),
        })
    }

    fn body(&self) -> [u8; BODY] {
        let mut body = [0; BODY];
        body[..GRANT].copy_from_slice(self.grant.as_bytes());
        body[GRANT..GRANT + NUMBER].copy_from_slice(&self.generation.to_be_bytes());
        body[GRANT + NUMBER..].copy_from_slice(&self.until.millis().to_be_bytes());
        body
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::testing::new_keys;

    #[test]
    fn no_changed_character_is_read_as_a_refresh_token() {
        let mac = new_keys().mac(PURPOSE);
        let token = RefreshToken {
            grant: GrantId::from_bytes([7; 16]),
            generation: 3,
            until: Timestamp::from_seconds(1_800_000_000),
        };
        let text = token.text(&mac);
        assert_eq!(text.len(), 86);
        assert_eq!(RefreshToken::read(&text, &mac), Some(token));
        for place in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(RefreshToken::read(&changed, &mac), None, "{place}");
        }
        let elsewhere = new_keys().mac(PURPOSE);
        assert_eq!(RefreshToken::read(&text, &elsewhere), None);
    }

    /// Any text, texts of the right length and letters, and all that has the right number of bytes.
    fn texts() -> impl Strategy<Value = String> {
        let bytes = proptest::collection::vec(any::<u8>(), 64);
        prop_oneof![
            "\\PC{0,100}",
            "[A-Za-z0-9_-]{86}",
            bytes.prop_map(|bytes| URL_SAFE_NO_PAD.encode(bytes)),
        ]
    }

    proptest! {
        #[test]
        fn what_nobody_signed_is_no_refresh_token(text in texts()) {
            static MAC: LazyLock<Mac> = LazyLock::new(|| new_keys().mac(PURPOSE));
            prop_assert_eq!(RefreshToken::read(&text, &MAC), None);
        }
    }
}
