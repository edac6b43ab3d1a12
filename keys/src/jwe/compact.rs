//! A compact JWE taken apart (RFC 7516 §7.1), strictly, and why one is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::Encryption;
use serde_json::{Map, Value};

use super::agreement::Parties;
use super::content::SealedContent;
use crate::strict_json;

/// The longest JWE looked at, in bytes: a signed token of 16 KiB, encrypted.
pub(super) const MAX_JWE: usize = 24 * 1024;

/// Why an encrypted token is refused. Names the check, never the content; which step of decrypting
/// failed is nobody's business (RFC 7516 §11.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JweRefusal {
    /// Longer than 24 KiB.
    #[error("the encrypted token is longer than 24 KiB")]
    TooLong,
    /// Not five parts of canonical base64url.
    #[error("the token is not a compact JWE")]
    NotCompact,
    /// The header is not a JSON object without duplicate members, or a member has a wrong type.
    #[error("the encrypted token's header is malformed")]
    Header,
    /// The header has `crit` or `zip`: extensions nobody here understands, and compression.
    #[error("the encrypted token's header demands an extension that is not supported")]
    Critical,
    /// `alg` or `enc` is not among those accepted.
    #[error("the token is not encrypted with an algorithm accepted here")]
    Alg,
    /// No key of ours fits `kid` and `alg`. The sender may hold keys that were rotated.
    #[error("no key of ours fits the encrypted token")]
    UnknownKey,
    /// It does not decrypt.
    #[error("the token does not decrypt")]
    Undecipherable,
}

/// An encrypted token taken apart, nothing of it believed yet.
pub(super) struct Encrypted<'a> {
    /// The header's text: authenticated with the content.
    pub(super) protected: &'a str,
    pub(super) with: Encryption,
    pub(super) kid: Option<String>,
    /// `epk`, for an agreement.
    pub(super) ephemeral: Option<Value>,
    pub(super) parties: Parties,
    pub(super) sent_key: Vec<u8>,
    pub(super) content: SealedContent,
}

impl<'a> Encrypted<'a> {
    /// Takes a compact JWE apart.
    pub(super) fn parse(jwe: &'a str) -> Result<Self, JweRefusal> {
        if jwe.len() > MAX_JWE {
            return Err(JweRefusal::TooLong);
        }
        let mut parts = jwe.split('.');
        let mut part = || parts.next().ok_or(JweRefusal::NotCompact);
        let (protected, sent_key) = (part()?, decoded(part()?)?);
        let content = SealedContent {
            iv: decoded(part()?)?,
            ciphertext: decoded(part()?)?,
            tag: decoded(part()?)?,
        };
        if parts.next().is_some() {
            return Err(JweRefusal::NotCompact);
        }
        let mut header = strict_json::object(&decoded(protected)?).ok_or(JweRefusal::Header)?;
        if header.contains_key("crit") || header.contains_key("zip") {
            return Err(JweRefusal::Critical);
        }
        Ok(Self {
            protected,
            with: encryption(&header)?,
            kid: text(&header, "kid")?.map(str::to_owned),
            parties: Parties {
                apu: party(&header, "apu")?,
                apv: party(&header, "apv")?,
            },
            ephemeral: header.remove("epk"),
            sent_key,
            content,
        })
    }
}

/// The decoder refuses padding, other alphabets and non-canonical last bits.
fn decoded(part: &str) -> Result<Vec<u8>, JweRefusal> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| JweRefusal::NotCompact)
}

fn encryption(header: &Map<String, Value>) -> Result<Encryption, JweRefusal> {
    let named = |name| text(header, name)?.ok_or(JweRefusal::Header);
    Ok(Encryption {
        alg: named("alg")?.parse().map_err(|_| JweRefusal::Alg)?,
        enc: named("enc")?.parse().map_err(|_| JweRefusal::Alg)?,
    })
}

fn party(header: &Map<String, Value>, name: &str) -> Result<Vec<u8>, JweRefusal> {
    let named = text(header, name)?.unwrap_or_default();
    URL_SAFE_NO_PAD
        .decode(named)
        .map_err(|_| JweRefusal::Header)
}

fn text<'a>(header: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, JweRefusal> {
    match header.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JweRefusal::Header),
    }
}
