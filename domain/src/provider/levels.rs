//! What a provider may assert of a sign-in, and what its words for it stand for here.

use serde::{Deserialize, Serialize};

use super::Provider;
use crate::{Acr, Amr};

/// Whether an identity this provider asserts is checked against the civil register.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CivilRegisterPolicy {
    /// Asked at every sign-in; the register's version of the identity is used.
    #[default]
    Required,
    /// Not asked; the provider's word counts.
    Skip,
}

/// What an `acr` that nobody mapped, or none at all, stands for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum UnmappedAcr {
    /// The lowest level the provider may assert.
    #[default]
    Lowest,
    /// Nothing: the sign-in is refused.
    Refuse,
}

/// Why an `acr` that a provider sent stands for no level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelRefusal {
    /// It is a level that the provider may not assert.
    NotAllowed,
    /// Nobody mapped it, and the provider's record refuses what nobody mapped.
    Unmapped,
}

/// Where the methods of a sign-in (`amr`, RFC 8176) are known from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "AmrMembers", into = "AmrMembers")]
#[schemars(with = "AmrMembers")]
pub enum AmrSource {
    /// The provider says so in each ID token.
    #[default]
    Asserted,
    /// It never says; these are what it is known to use.
    Declared(Vec<Amr>),
}

/// [`AmrSource`] on the wire: `{"asserted": true}` or `{"declared": ["pwd"]}`.
#[derive(Clone, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct AmrMembers {
    /// The provider says so in each ID token.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    asserted: bool,
    /// It never says; these are what it is known to use.
    #[serde(skip_serializing_if = "Option::is_none")]
    declared: Option<Vec<String>>,
}

impl TryFrom<AmrMembers> for AmrSource {
    type Error = String;

    fn try_from(members: AmrMembers) -> Result<Self, String> {
        match (members.asserted, members.declared) {
            (true, None) => Ok(Self::Asserted),
            (false, Some(declared)) if !declared.is_empty() => {
                let known: Result<Vec<Amr>, _> =
                    declared.iter().map(|method| method.parse()).collect();
                known
                    .map(Self::Declared)
                    .map_err(|error| format!("amr: {error}"))
            }
            _ => {
                Err("amr: {\"asserted\": true} or {\"declared\": [methods of RFC 8176]}".to_owned())
            }
        }
    }
}

impl From<AmrSource> for AmrMembers {
    fn from(source: AmrSource) -> Self {
        match source {
            AmrSource::Asserted => Self {
                asserted: true,
                declared: None,
            },
            AmrSource::Declared(methods) => Self {
                asserted: false,
                declared: Some(methods.iter().map(Amr::to_string).collect()),
            },
        }
    }
}

impl AmrSource {
    /// The methods of a sign-in whose ID token says `asserted`.
    pub fn methods(&self, asserted: &[Amr]) -> Vec<Amr> {
        match self {
            Self::Asserted => asserted.to_vec(),
            Self::Declared(methods) => methods.clone(),
        }
    }
}

impl Provider {
    /// The highest level it may assert.
    pub fn highest(&self) -> Acr {
        self.levels.iter().copied().max().unwrap_or(Acr::Eidas1)
    }

    /// The lowest level it may assert.
    pub fn lowest(&self) -> Acr {
        self.levels.iter().copied().min().unwrap_or(Acr::Eidas1)
    }

    /// The level that an `acr` it sent stands for. What nobody mapped, or none, stands for what its
    /// record says; a level of ours that it may not assert, too high or too low, stands for nothing.
    pub fn level_of(&self, acr: Option<&str>) -> Result<Acr, LevelRefusal> {
        let mapped = acr.and_then(|value| self.acr_map.get(value).copied());
        let named = mapped.or_else(|| acr.and_then(|value| value.parse().ok()));
        match (mapped, named, self.unmapped_acr) {
            (_, Some(named), _) if !self.levels.contains(&named) => Err(LevelRefusal::NotAllowed),
            (Some(mapped), ..) => Ok(mapped),
            (None, _, UnmappedAcr::Lowest) => Ok(self.lowest()),
            (None, _, UnmappedAcr::Refuse) => Err(LevelRefusal::Unmapped),
        }
    }

    /// The `acr` values to ask it for so that it reaches `required`: all of its values for that level
    /// or a higher one, lowest first.
    pub fn acr_values_for(&self, required: Acr) -> Vec<&str> {
        let mut values: Vec<(Acr, &str)> = self
            .acr_map
            .iter()
            .filter(|(_, level)| **level >= required && self.levels.contains(level))
            .map(|(value, level)| (*level, value.as_str()))
            .collect();
        values.sort_unstable();
        values.into_iter().map(|(_, value)| value).collect()
    }
}
