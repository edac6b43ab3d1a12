//! Where keys stand in their lives, and when they move on.

use std::time::Duration;

use guichet_domain::{SigningAlg, Timestamp};
use serde::{Deserialize, Serialize};

/// Where a key stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyStage {
    /// Published, not yet signing.
    Next,
    /// Signs.
    Current,
    /// Verifies what it signed.
    Previous,
}

impl KeyStage {
    /// The stage's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Current => "current",
            Self::Previous => "previous",
        }
    }

    /// Readers that take the first key that fits find the one that signs.
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::Current => 0,
            Self::Next => 1,
            Self::Previous => 2,
        }
    }
}

/// Where a private key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyPlace {
    /// Sealed, in the ring's file.
    File,
    /// In the token that made it; it never leaves.
    Token,
}

impl KeyPlace {
    /// The place's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Token => "token",
        }
    }
}

/// A key as operators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyInfo<A = SigningAlg> {
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// What it is for.
    pub alg: A,
    /// Where it stands.
    pub stage: KeyStage,
    /// When it was made.
    pub created: Timestamp,
    /// Since when it stands there.
    pub since: Timestamp,
    /// Where its private half is.
    pub place: KeyPlace,
}

/// When keys rotate by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationPolicy {
    /// How long a key signs.
    pub sign_for: Duration,
    /// How long a key is published before it signs: longer than anyone caches the JWK Set.
    pub publish_before: Duration,
    /// How long a key stays published after it signed: longer than any token lives.
    pub keep_after: Duration,
}

impl Default for RotationPolicy {
    /// Ninety days, a day before, thirty days after.
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Self {
            sign_for: Duration::from_secs(90 * DAY),
            publish_before: Duration::from_secs(DAY),
            keep_after: Duration::from_secs(30 * DAY),
        }
    }
}
