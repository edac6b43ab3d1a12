//! The digests of an exchange. Each is written `sha-256:` and base64url without padding; that of a field under
//! a key of the data provider's own, `hmac-sha-256:`.

use guichet_keys::{TextDigest, sha256_base64url};

use crate::FieldValue;

/// The digest of a request: over the exact bytes of its body.
pub fn request_digest(body: &[u8]) -> String {
    digest(body)
}

/// The digest of one field as the hub makes it of a value that it showed, by which what was shown is compared
/// with what is sent: over the JSON text `["name",value]` without white space.
pub fn field_digest(name: &str, value: &FieldValue) -> String {
    digest(&field_text(name, value))
}

/// What is digested of a field. A pair of a text and a plain value is JSON, always.
pub(crate) fn field_text(name: &str, value: &FieldValue) -> Vec<u8> {
    serde_json::to_vec(&(name, value)).unwrap_or_default()
}

/// Before the digest of a field that was made under a key.
pub(crate) const KEYED: &str = "hmac-";

/// The digest of a text that travels, such as an encrypted evidence.
pub fn sha256_text(text: &str) -> String {
    digest(text.as_bytes())
}

/// Bare base64url of a hash: `ath`, and the voucher's name in an evidence.
pub(crate) fn hash(text: &str) -> String {
    sha256_base64url(text.as_bytes())
}

fn digest(bytes: &[u8]) -> String {
    TextDigest::of(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_that_of_fips_180_4_in_base64url() {
        let abc = "sha-256:ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0";
        assert_eq!(request_digest(b"abc"), abc);
        assert_eq!(sha256_text("abc"), abc);
    }

    #[test]
    fn a_field_is_digested_with_its_name_and_type() {
        assert_eq!(
            field_digest("quotient", &620.into()),
            request_digest(br#"["quotient",620]"#)
        );
        assert_eq!(
            field_digest("a", &"é\"".into()),
            request_digest("[\"a\",\"é\\\"\"]".as_bytes())
        );
        assert_ne!(field_digest("a", &1.into()), field_digest("b", &1.into()));
        assert_ne!(field_digest("a", &1.into()), field_digest("a", &"1".into()));
        assert_ne!(
            field_digest("a", &true.into()),
            field_digest("a", &"true".into())
        );
    }
}
