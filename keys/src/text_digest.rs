//! A digest as the parties of an exchange write it to one another.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::digest::sha256;

/// A SHA-256, written `sha-256:` and 43 characters of base64url: in one spelling and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TextDigest([u8; 32]);

/// Another algorithm, another length, or another spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a digest is sha-256: and 43 characters of base64url")]
pub struct NotADigest;

impl TextDigest {
    /// Of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha256(bytes))
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for TextDigest {
    fn from(digest: [u8; 32]) -> Self {
        Self(digest)
    }
}

impl fmt::Display for TextDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl FromStr for TextDigest {
    type Err = NotADigest;

    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let digest = text.strip_prefix(PREFIX).ok_or(NotADigest)?;
        let bytes = URL_SAFE_NO_PAD.decode(digest).map_err(|_| NotADigest)?;
        bytes.try_into().map(Self).map_err(|_| NotADigest)
    }
}

impl TryFrom<String> for TextDigest {
    type Error = NotADigest;

    fn try_from(text: String) -> Result<Self, NotADigest> {
        text.parse()
    }
}

impl From<TextDigest> for String {
    fn from(digest: TextDigest) -> Self {
        digest.to_string()
    }
}

const PREFIX: &str = "sha-256:";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::digest::sha256_base64url;

    #[test]
    fn a_digest_is_that_of_fips_180_4_in_base64url() {
        let abc = "sha-256:ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";
        assert_eq!(TextDigest::of(b"abc").to_string(), abc);
        assert_eq!(abc.parse(), Ok(TextDigest::of(b"abc")));
        assert!(abc.ends_with(&sha256_base64url(b"abc")));
    }

    #[test]
    fn a_digest_is_thirty_two_bytes_in_one_spelling() {
        let good = TextDigest::of(b"abc").to_string();
        let hash = &good["sha-256:".len()..];
        for text in [
            hash.to_owned(),
            format!("sha-512:{hash}"),
            format!("{good}="),
            format!("sha-256:{}", &hash[..42]),
            // The last character has bits that say nothing: they are zero.
            format!("sha-256:{}1", &hash[..42]),
            format!("sha-256:{}", URL_SAFE_NO_PAD.encode([7; 33])),
            "sha-256:".to_owned(),
        ] {
            assert_eq!(text.parse::<TextDigest>(), Err(NotADigest), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_as_a_digest_is_written_so(text in "(sha-256:)?[A-Za-z0-9_=-]{40,46}") {
            if let Ok(digest) = text.parse::<TextDigest>() {
                prop_assert_eq!(digest.to_string(), text);
            }
        }
    }
}
