//! Pairwise subjects: the name a citizen has in one sector, and in no other.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::DataProviderId;

/// The clients that know a citizen under the same name: a legal entity, or the host of a client's
/// redirect URIs (OIDC Core §8.1). 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sector(String);

/// The `sub` of a citizen in one sector (OIDC Core §8): stored when first issued, reused ever after.
/// 1 to 255 visible ASCII characters.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SubjectIdentifier(String);

/// Not 1 to 255 visible ASCII characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("1 to 255 visible ASCII characters")]
pub struct NotVisibleAscii;

impl Sector {
    /// The sector in which a data provider's citizens have their names: those in the vouchers for it, and of
    /// its sign-ins. No sector of services is written so.
    pub fn of_data_provider(id: &DataProviderId) -> Self {
        Self(format!("{DATA_PROVIDERS}{id}"))
    }

    /// Whether it is the sector of some data provider.
    pub fn is_of_a_data_provider(&self) -> bool {
        self.0.starts_with(DATA_PROVIDERS)
    }

    /// The sector in which the console knows those who operate the hub: no service knows anybody by those
    /// names, and no citizen's name at a service is one of them.
    pub fn of_console() -> Self {
        Self("console:".to_owned())
    }
}

/// How sectors of data providers begin.
const DATA_PROVIDERS: &str = "data-provider:";

macro_rules! visible_ascii {
    ($name:ident) => {
        impl $name {
            /// As text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotVisibleAscii;

            fn try_from(text: String) -> Result<Self, NotVisibleAscii> {
                let is_visible = text.bytes().all(|byte| (0x21..=0x7e).contains(&byte));
                if is_visible && (1..=255).contains(&text.len()) {
                    Ok(Self(text))
                } else {
                    Err(NotVisibleAscii)
                }
            }
        }

        impl FromStr for $name {
            type Err = NotVisibleAscii;

            fn from_str(text: &str) -> Result<Self, NotVisibleAscii> {
                text.to_owned().try_into()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }
    };
}

visible_ascii!(Sector);
visible_ascii!(SubjectIdentifier);

impl fmt::Debug for SubjectIdentifier {
    /// A pseudonym still tells one person from another: it stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectIdentifier(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_visible_ascii() {
        assert!("a".parse::<SubjectIdentifier>().is_ok());
        for text in ["", " ", "a b", "é", "a\0", &"a".repeat(256)] {
            assert_eq!(
                text.parse::<SubjectIdentifier>(),
                Err(NotVisibleAscii),
                "{text}"
            );
        }
    }

    #[test]
    fn a_subject_does_not_show_in_debug_output() {
        let subject: SubjectIdentifier = "secret-pseudonym".parse().unwrap();
        assert!(!format!("{subject:?}").contains("secret"));
    }
}
