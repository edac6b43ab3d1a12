//! Where a version of a habilitation is: each state owns what is true in it.

use serde::{Deserialize, Serialize};

use super::{Approval, Signatory, Terms};
use crate::Timestamp;

/// The name of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Being written.
    Draft,
    /// Waits for two reviewers.
    Submitted,
    /// A reviewer wants something changed.
    ChangesRequested,
    /// Two reviewers signed it, or a review tool outside approved it: what it asks is granted.
    Validated,
    /// A reviewer refused it.
    Refused,
    /// What it granted is held back.
    Suspended,
    /// What it granted is taken back, for good.
    Revoked,
    /// A later version was validated.
    Superseded,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Submitted,
        Self::ChangesRequested,
        Self::Validated,
        Self::Refused,
        Self::Suspended,
        Self::Revoked,
        Self::Superseded,
    ];

    /// Its name in JSON and in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::ChangesRequested => "changes_requested",
            Self::Validated => "validated",
            Self::Refused => "refused",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Superseded => "superseded",
        }
    }
}

/// A state, with what is true in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Standing {
    /// Being written.
    Draft,
    /// Waits for reviewers; at most one signed so far.
    Submitted {
        /// Since when.
        at: Timestamp,
        /// Who signed.
        signatures: Vec<Signature>,
    },
    /// A reviewer wants something changed.
    ChangesRequested {
        /// Since when.
        at: Timestamp,
    },
    /// Granted.
    Validated(Granted),
    /// Refused.
    Refused {
        /// Since when.
        at: Timestamp,
    },
    /// Granted, and held back.
    Suspended {
        /// What was granted.
        granted: Granted,
        /// By whom.
        by: Signatory,
        /// Since when.
        at: Timestamp,
    },
    /// Granted, and taken back.
    Revoked {
        /// What was granted.
        granted: Granted,
        /// Since when.
        at: Timestamp,
    },
    /// Granted, until a later version was.
    Superseded {
        /// What was granted.
        granted: Granted,
        /// Since when.
        at: Timestamp,
    },
}

/// A reviewer's signature under one version.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// Whose.
    pub by: Signatory,
    /// When.
    pub at: Timestamp,
}

/// What was granted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Granted {
    /// What the service may.
    pub terms: Terms,
    /// Who agreed.
    #[serde(flatten)]
    pub agreed: Agreed,
    /// Since when.
    pub at: Timestamp,
    /// The place in the audit log of the entry that says so.
    pub entry: u64,
}

/// Who agreed to what was granted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Agreed {
    /// Two different persons, who signed.
    Signatures([Signature; 2]),
    /// By exception: a review tool outside.
    Elsewhere(Approval),
}

impl Granted {
    /// Who signed; nobody where it was approved elsewhere.
    pub const fn signatures(&self) -> Option<&[Signature; 2]> {
        match &self.agreed {
            Agreed::Signatures(both) => Some(both),
            Agreed::Elsewhere(_) => None,
        }
    }

    /// By what exception nobody signed it.
    pub const fn elsewhere(&self) -> Option<&Approval> {
        match &self.agreed {
            Agreed::Signatures(_) => None,
            Agreed::Elsewhere(approval) => Some(approval),
        }
    }
}

impl Standing {
    /// Its name.
    pub const fn state(&self) -> State {
        match self {
            Self::Draft => State::Draft,
            Self::Submitted { .. } => State::Submitted,
            Self::ChangesRequested { .. } => State::ChangesRequested,
            Self::Validated(_) => State::Validated,
            Self::Refused { .. } => State::Refused,
            Self::Suspended { .. } => State::Suspended,
            Self::Revoked { .. } => State::Revoked,
            Self::Superseded { .. } => State::Superseded,
        }
    }

    /// What was granted, where anything ever was.
    pub const fn granted(&self) -> Option<&Granted> {
        match self {
            Self::Validated(granted)
            | Self::Suspended { granted, .. }
            | Self::Revoked { granted, .. }
            | Self::Superseded { granted, .. } => Some(granted),
            Self::Draft
            | Self::Submitted { .. }
            | Self::ChangesRequested { .. }
            | Self::Refused { .. } => None,
        }
    }

    /// Who signed, as long as it waits for more.
    pub fn signatures(&self) -> &[Signature] {
        match self {
            Self::Submitted { signatures, .. } => signatures,
            _ => &[],
        }
    }
}
