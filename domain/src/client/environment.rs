//! Whether a client is for real: in production, or in the sandbox, where nobody is who they are.

use serde::{Deserialize, Serialize};

/// Where a client lives, for good: what is tried out never becomes what is for real, another is made.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    /// For citizens.
    #[default]
    Production,
    /// For trying out: with sandbox providers alone, no evidence, and in a sector of its own.
    Sandbox,
}
