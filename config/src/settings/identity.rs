//! Identities: the civil register, what providers must state, and who may put right who is who.

use std::num::NonZeroU32;

use guichet_domain::{CivilRegisterPolicy, WithoutRegisterAt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Lifetime;

/// The civil register.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Civil {
    /// Where it answers; needed when a provider's `civil_register` is `required`.
    pub url: Option<Url>,
    /// Whether providers that say nothing need it.
    pub default: CivilRegisterPolicy,
    /// How long it may take.
    pub timeout: Lifetime,
    /// After how many failures in a row it is left alone.
    pub failures: NonZeroU32,
    /// For how long; then one sign-in tries again.
    pub pause: Lifetime,
    /// How long what it said of an identity may stand in for an answer that does not come.
    pub remember: Lifetime,
    /// What holds while it does not answer, by the level a sign-in reached: `refuse`, `earlier_verdict` or `providers_word`.
    pub without: WithoutRegisterAt,
}

/// What is asked of identities, and how they are put right.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// Whether providers must state an e-mail address. For clients of the profile `franceconnect` they always must.
    pub email_required: bool,
    /// How long a correction of who is who can be undone.
    pub undo_window: Lifetime,
}

/// An operator who may correct who is who.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// Their name in the audit log.
    pub name: String,
    /// The SHA-256 of their credential, in 64 hexadecimal digits. The credential is random: 32 bytes or more.
    pub credential_sha256: String,
}

impl Default for Civil {
    fn default() -> Self {
        Self {
            url: None,
            default: CivilRegisterPolicy::Required,
            timeout: Lifetime::seconds(4),
            failures: FIVE,
            pause: Lifetime::seconds(30),
            remember: Lifetime::minutes(DAY),
            without: WithoutRegisterAt::default(),
        }
    }
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            email_required: false,
            undo_window: Lifetime::minutes(30 * DAY),
        }
    }
}

impl Operator {
    /// The hash of their credential; `None` when it is not 64 hexadecimal digits.
    pub fn credential_hash(&self) -> Option<[u8; 32]> {
        let digits: &[u8; 64] = self.credential_sha256.as_bytes().try_into().ok()?;
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let value = |digit: u8| char::from(digit).to_digit(16);
            *byte = u8::try_from(value(pair[0])? * 16 + value(pair[1])?).ok()?;
        }
        Some(hash)
    }

    /// Whether they can be told from the others, the register included.
    pub(super) fn is_sound(&self) -> bool {
        let name = self.name.trim();
        let is_anothers = RESERVED.contains(&name) || name.starts_with(STAFF);
        !name.is_empty() && !is_anothers && self.credential_hash().is_some()
    }
}

/// Who else proposes corrections and opens cases.
const RESERVED: [&str; 2] = ["civil register", "the person"];
/// So begin the names of those who act at the console.
const STAFF: &str = "staff:";

/// In minutes.
const DAY: u64 = 24 * 60;

/// One outage is a handful of failures; one citizen's bad luck is not.
const FIVE: NonZeroU32 = NonZeroU32::new(5).unwrap();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_has_a_name_and_the_hash_of_a_credential() {
        let operator = |name: &str, digits: &str| Operator {
            name: name.to_owned(),
            credential_sha256: digits.to_owned(),
        };
        let digits = "0f".repeat(32);
        assert_eq!(operator("alice", &digits).credential_hash(), Some([15; 32]));
        assert!(operator("alice", &digits).is_sound());
        assert!(!operator(" ", &digits).is_sound());
        for reserved in RESERVED {
            assert!(!operator(reserved, &digits).is_sound());
        }
        for wrong in ["", "0f", &"0g".repeat(32), &"0f".repeat(33)] {
            assert!(!operator("alice", wrong).is_sound(), "{wrong}");
        }
    }
}
