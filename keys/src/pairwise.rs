//! Pairwise subjects: `sub` = version prefix + base64url(HMAC-SHA-256(sector key; framed label,
//! issuer, sector, person)). Vectors in `identifier-vectors.json`, prose in `docs/identifiers.md`.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{PersonId, Sector, SubjectIdentifier};

use crate::frame::framed;

/// Whom a subject is for: data providers live in another namespace than services, so that neither
/// can look up the other's pseudonyms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubjectNamespace {
    /// A service: the sector of its client.
    Service,
    /// A service written for FranceConnect v2, whose subjects are 64 hexadecimal digits and `v1`.
    FranceConnectService,
    /// A data provider.
    DataProvider,
}

impl SubjectNamespace {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Service => b"guichet sub 1 service",
            Self::FranceConnectService => b"guichet sub 1 service of franceconnect",
            Self::DataProvider => b"guichet sub 1 data provider",
        }
    }
}

/// Names the construction in the value itself, so that a later one can stand beside it.
const PREFIX: &str = "g1_";

/// The same at the end, where applications written for FranceConnect v2 look for it.
const FRANCECONNECT_SUFFIX: &str = "v1";

/// The subject, or `None` if the text were no subject, which these characters never are.
pub(crate) fn subject(
    sector_key: &[u8],
    issuer: &str,
    sector: &Sector,
    person: PersonId,
    namespace: SubjectNamespace,
) -> Option<SubjectIdentifier> {
    let message = framed(&[
        namespace.label(),
        issuer.as_bytes(),
        sector.as_str().as_bytes(),
        person.as_bytes(),
    ]);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, sector_key), &message);
    let text = match namespace {
        SubjectNamespace::FranceConnectService => {
            let mut text = String::with_capacity(64 + FRANCECONNECT_SUFFIX.len());
            for byte in tag.as_ref() {
                write!(text, "{byte:02x}").ok()?;
            }
            text.push_str(FRANCECONNECT_SUFFIX);
            text
        }
        SubjectNamespace::Service | SubjectNamespace::DataProvider => {
            let mut text = String::with_capacity(PREFIX.len() + 43);
            text.push_str(PREFIX);
            URL_SAFE_NO_PAD.encode_string(tag.as_ref(), &mut text);
            text
        }
    };
    text.try_into().ok()
}
