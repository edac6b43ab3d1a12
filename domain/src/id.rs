//! Identifiers: each kind its own type, so that one can never stand for another.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Entropy;

/// Why a text is not an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not 22 characters of base64url, or not in canonical form.
    #[error("a random identifier is 22 characters of base64url")]
    NotRandomId,
    /// A client id is 1 to 255 visible ASCII characters (RFC 6749 appendix A.1).
    #[error("a client_id is 1 to 255 visible ASCII characters")]
    NotClientId,
    /// A provider id is 1 to 64 lower-case letters, digits and inner hyphens.
    #[error("a provider id is 1 to 64 lower-case letters, digits and inner hyphens")]
    NotProviderId,
    /// A name is 1 to 64 lower-case letters, digits, hyphens and underscores.
    #[error("a name is 1 to 64 lower-case letters, digits, hyphens and underscores")]
    NotName,
}

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// 128 random bits; written as 22 characters of base64url without padding.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
            /// A fresh identifier.
            pub fn random(entropy: &dyn Entropy) -> Self {
                Self(entropy.bytes16())
            }

            /// From its sixteen bytes.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// Its sixteen bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_base64url(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse_base64url(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

random_id!(
    /// One trip along the spine.
    LoginId
);
random_id!(
    /// A citizen as the hub knows them: random, never derived, never shown, never sent.
    PersonId
);
random_id!(
    /// A citizen as the audit log names them: keyed, told to nobody but the citizen, and no way back to who it
    /// is.
    LedgerName
);
random_id!(
    /// A live session at the hub or at the embedded identity provider.
    SessionId
);
random_id!(
    /// A browser, for as long as it keeps its cookie: what a login and a form are bound to.
    BrowserId
);
random_id!(
    /// What one consent gave to one client; every code and token hangs off one.
    GrantId
);
random_id!(
    /// A correction of who is who: two persons made one, or one made two.
    CorrectionId
);
random_id!(
    /// A test of a client's software against a provider that plays false.
    ClientTestId
);
random_id!(
    /// A case about a person: why nobody may act as them, until it is over.
    CaseId
);
random_id!(
    /// A request by which a citizen uses a right over their data, until it is answered.
    RightsRequestId
);
random_id!(
    /// What somebody of the support asks a citizen to agree to: that they see what is hidden of one login.
    SupportRequestId
);
random_id!(
    /// An account at the embedded identity provider.
    AccountId
);
random_id!(
    /// One decision of a citizen about one evidence, as the service knows it: the `grant_id` on the wire.
    ExchangeId
);

/// What a person may read out to a helpdesk: eight letters and digits without look-alikes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CaseReference(String);

impl CaseReference {
    /// A fresh reference, about 40 bits, written `ABCD-2345`.
    pub fn random(entropy: &dyn Entropy) -> Self {
        Self(readable(entropy, 2))
    }
}

/// The identification code of a visit: what a citizen reads on the hub's pages and reads out to a
/// helpdesk, the same over all the sessions that follow one another in a browser. It names the visit in
/// the audit log and opens nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BrowsingId(String);

impl StaffId {
    /// A fresh identifier for somebody who has none yet, 60 random bits, written `abcd-2345-wxyz`.
    pub fn random(entropy: &dyn Entropy) -> Self {
        Self(readable(entropy, 3).to_ascii_lowercase().into())
    }
}

impl BrowsingId {
    /// A fresh code, 60 random bits, written `ABCD-2345-WXYZ`.
    pub fn random(entropy: &dyn Entropy) -> Self {
        Self(readable(entropy, 3))
    }
}

impl fmt::Display for BrowsingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Letters and digits that nobody takes for one another.
const READABLE: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Groups of four random characters, five bits each; four groups at most.
fn readable(entropy: &dyn Entropy, groups: usize) -> String {
    let bytes = entropy.bytes16();
    let group = |bytes: &[u8]| -> String {
        let character = |byte: &u8| char::from(READABLE[usize::from(byte % 32)]);
        bytes.iter().map(character).collect()
    };
    let groups: Vec<String> = bytes.chunks(4).take(groups).map(group).collect();
    groups.join("-")
}

impl fmt::Display for CaseReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $check:ident, $error:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), &*self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                if $check(text) { Ok(Self(text.into())) } else { Err($error) }
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

text_id!(
    /// A registered client's `client_id` (RFC 6749 §2.2): 1 to 255 visible ASCII characters.
    ClientId,
    is_client_id,
    IdError::NotClientId
);
text_id!(
    /// An upstream identity provider: a short name that may stand in a path.
    ProviderId,
    is_provider_id,
    IdError::NotProviderId
);

text_id!(
    /// Who holds evidence and hands it out: what vouchers name as their audience.
    DataProviderId,
    is_name,
    IdError::NotName
);
text_id!(
    /// A kind of evidence in the catalogue, such as `quotient-familial`.
    EvidenceTypeId,
    is_name,
    IdError::NotName
);
text_id!(
    /// One value of an evidence, such as `quotient`.
    FieldName,
    is_name,
    IdError::NotName
);
text_id!(
    /// What evidence is asked for, such as `tarif-cantine`.
    PurposeId,
    is_name,
    IdError::NotName
);

text_id!(
    /// Somebody who operates the hub or looks after services, or a client that does so.
    StaffId,
    is_name,
    IdError::NotName
);
text_id!(
    /// A legal entity whose services are registered.
    OrganisationId,
    is_name,
    IdError::NotName
);
text_id!(
    /// What an organisation may ask citizens for, and who agreed to that.
    HabilitationId,
    is_name,
    IdError::NotName
);
text_id!(
    /// The people of an organisation who look after some of its services.
    TeamId,
    is_name,
    IdError::NotName
);
text_id!(
    /// An address that is told what happens, as its owner named it.
    WebhookId,
    is_name,
    IdError::NotName
);

fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| plain(byte) || matches!(byte, b'-' | b'_'))
}

fn is_client_id(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.bytes().all(|byte| (0x21..=0x7e).contains(&byte))
}

fn is_provider_id(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn write_base64url(bytes: &[u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut text = [0; 22];
    // 16 bytes are 22 characters: the buffer always fits.
    let written = URL_SAFE_NO_PAD
        .encode_slice(bytes, &mut text)
        .map_err(|_| fmt::Error)?;
    f.write_str(std::str::from_utf8(&text[..written]).map_err(|_| fmt::Error)?)
}

fn parse_base64url(text: &str) -> Result<[u8; 16], IdError> {
    if text.len() != 22 {
        return Err(IdError::NotRandomId);
    }
    // The decoder refuses non-zero trailing bits, so each identifier has one spelling.
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| IdError::NotRandomId)?;
    bytes.try_into().map_err(|_| IdError::NotRandomId)
}

/// Bytes as base64url text in JSON.
pub mod base64url_bytes {
    use base64::Engine as _;

    use super::{Deserialize, Deserializer, Serializer, URL_SAFE_NO_PAD};

    /// Writes bytes as base64url without padding.
    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
    }

    /// Reads base64url without padding.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        URL_SAFE_NO_PAD
            .decode(text.as_bytes())
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_random_id_has_one_spelling() {
        let id = LoginId::from_bytes([0xff; 16]);
        let text = id.to_string();
        assert_eq!(text.len(), 22);
        assert_eq!(text.parse::<LoginId>(), Ok(id));
        // `x` differs from `w` only in bits that no byte holds.
        let other_spelling = format!("{}x", &text[..21]);
        assert_eq!(other_spelling.parse::<LoginId>(), Err(IdError::NotRandomId));
    }

    #[test]
    fn names_that_could_escape_a_path_are_no_provider() {
        for text in [
            "",
            "-a",
            "a-",
            "A",
            "a/b",
            "..",
            "a b",
            "é",
            &"a".repeat(65),
        ] {
            assert_eq!(
                text.parse::<ProviderId>(),
                Err(IdError::NotProviderId),
                "{text}"
            );
        }
        assert!("compte-citoyen-2".parse::<ProviderId>().is_ok());
    }

    #[test]
    fn a_client_id_has_no_space_or_control_character() {
        for text in ["", "a b", "a\n", "é", &"a".repeat(256)] {
            assert_eq!(
                text.parse::<ClientId>(),
                Err(IdError::NotClientId),
                "{text}"
            );
        }
    }

    #[test]
    fn a_name_of_the_exchange_is_plain_and_short() {
        for text in ["", "A", "a b", "a.b", "a/b", "é", "a\0", &"a".repeat(65)] {
            assert_eq!(text.parse::<FieldName>(), Err(IdError::NotName), "{text}");
            assert_eq!(text.parse::<DataProviderId>(), Err(IdError::NotName));
        }
        for text in ["quotient-familial", "date_1", "_", &"a".repeat(64)] {
            assert_eq!(text.parse::<EvidenceTypeId>().unwrap().as_str(), text);
            assert_eq!(text.parse::<PurposeId>().unwrap().as_str(), text);
        }
    }

    proptest! {
        #[test]
        fn any_sixteen_bytes_survive_the_trip_through_text(bytes: [u8; 16]) {
            let id = PersonId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse::<PersonId>(), Ok(id));
        }

        #[test]
        fn parsing_never_panics(text in ".*") {
            let _ = text.parse::<LoginId>();
            let _ = text.parse::<ClientId>();
            let _ = text.parse::<ProviderId>();
            let _ = text.parse::<FieldName>();
        }
    }
}
