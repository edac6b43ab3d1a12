//! Assurance levels: how sure the hub is of who signs in (eIDAS, Regulation 910/2014 art. 8).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A level of assurance, lowest first; the order is the meaning.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Acr {
    /// Low: a password is enough.
    Eidas1,
    /// Substantial: two factors.
    Eidas2,
    /// High: two factors, one of them hardware bound to a verified identity.
    Eidas3,
}

impl Acr {
    /// Every level, lowest first.
    pub const ALL: [Self; 3] = [Self::Eidas1, Self::Eidas2, Self::Eidas3];

    /// The value as it stands in `acr` and `acr_values`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Eidas1 => "eidas1",
            Self::Eidas2 => "eidas2",
            Self::Eidas3 => "eidas3",
        }
    }
}

impl fmt::Display for Acr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no level known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("known levels are eidas1, eidas2 and eidas3")]
pub struct UnknownAcr;

impl FromStr for Acr {
    type Err = UnknownAcr;

    fn from_str(text: &str) -> Result<Self, UnknownAcr> {
        Self::ALL
            .into_iter()
            .find(|acr| acr.as_str() == text)
            .ok_or(UnknownAcr)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered() {
        assert!(Acr::Eidas1 < Acr::Eidas2 && Acr::Eidas2 < Acr::Eidas3);
    }

    #[test]
    fn case_and_spaces_make_another_value() {
        for text in ["EIDAS1", " eidas1", "eidas4", "eidas"] {
            assert_eq!(text.parse::<Acr>(), Err(UnknownAcr), "{text}");
        }
    }
}
