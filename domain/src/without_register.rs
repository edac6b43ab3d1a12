//! What a hub does about an identity while the civil register does not answer.

use serde::{Deserialize, Serialize};

use crate::Acr;

/// What takes the place of an answer that does not come.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum WithoutRegister {
    /// Nothing: nobody signs in until it answers.
    #[default]
    Refuse,
    /// What it said of this very identity not long ago, if it is remembered.
    EarlierVerdict,
    /// The same, and where nothing is remembered the provider's word.
    ProvidersWord,
}

/// That, by the level a sign-in reached.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields, default)]
pub struct WithoutRegisterAt {
    /// At the low level.
    pub eidas1: WithoutRegister,
    /// At the substantial level.
    pub eidas2: WithoutRegister,
    /// At the high level.
    pub eidas3: WithoutRegister,
}

impl WithoutRegisterAt {
    /// What holds at `level`.
    pub const fn level(&self, level: Acr) -> WithoutRegister {
        match level {
            Acr::Eidas1 => self.eidas1,
            Acr::Eidas2 => self.eidas2,
            Acr::Eidas3 => self.eidas3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_word_in_the_settings_nobody_passes_unchecked() {
        for level in Acr::ALL {
            let default = WithoutRegisterAt::default();
            assert_eq!(default.level(level), WithoutRegister::Refuse);
        }
    }
}
