//! Tags under a key of ours: texts that are handed out and made again instead of being remembered.

use aws_lc_rs::hmac;

use crate::digest::thirty_two;
use crate::frame::framed;

/// Tags for one purpose: HMAC-SHA-256 over framed parts. Cheap to clone; has no `Debug`.
#[derive(Clone)]
pub struct Mac(hmac::Key);

impl Mac {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The tag of these parts, in this order. Boundaries count.
    pub fn tag(&self, parts: &[&[u8]]) -> [u8; 32] {
        thirty_two(hmac::sign(&self.0, &framed(parts)).as_ref())
    }

    /// Whether `tag` is the tag of these parts; in constant time.
    pub fn holds(&self, parts: &[&[u8]], tag: &[u8]) -> bool {
        hmac::verify(&self.0, &framed(parts), tag).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_holds_for_its_parts_its_key_and_nothing_else() {
        let mac = Mac::new(&[1; 32]);
        let tag = mac.tag(&[b"ab", b"c"]);
        assert!(mac.holds(&[b"ab", b"c"], &tag));
        assert!(!mac.holds(&[b"a", b"bc"], &tag));
        assert!(!mac.holds(&[b"ab", b"c"], &tag[..31]));
        assert!(!Mac::new(&[2; 32]).holds(&[b"ab", b"c"], &tag));
    }
}
