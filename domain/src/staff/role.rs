//! Roles: of those who operate the hub, and of those who look after services.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A role.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Operates the hub.
    Operator,
    /// Reviews what services ask for.
    Reviewer,
    /// Sees to it that the law is kept, such as a data protection officer.
    Auditor,
    /// Helps citizens and teams.
    Support,
    /// Answers for services.
    TeamOwner,
    /// Sees to how they are connected.
    TeamTechnician,
    /// Looks on.
    TeamReader,
}

/// Not a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("operator, reviewer, auditor, support, team_owner, team_technician or team_reader")]
pub struct UnknownRole;

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Operator,
        Self::Reviewer,
        Self::Auditor,
        Self::Support,
        Self::TeamOwner,
        Self::TeamTechnician,
        Self::TeamReader,
    ];

    /// Its name in JSON, in the API's scopes and in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Reviewer => "reviewer",
            Self::Auditor => "auditor",
            Self::Support => "support",
            Self::TeamOwner => "team_owner",
            Self::TeamTechnician => "team_technician",
            Self::TeamReader => "team_reader",
        }
    }

    /// Whether it is a role on services; the others are roles on the hub.
    pub const fn is_of_team(self) -> bool {
        matches!(
            self,
            Self::TeamOwner | Self::TeamTechnician | Self::TeamReader
        )
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        let mut all = Self::ALL.into_iter();
        all.find(|role| role.as_str() == text).ok_or(UnknownRole)
    }
}
