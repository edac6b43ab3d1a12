//! The civil register: whether the identity a provider states is that of a living person.
//!
//! [`CivilRegister`] is what a sign-in needs of a register; [`Rnipp`] speaks to one by the protocol of
//! `protocol.md`. The register's own version of the identity is what goes on from here. `desk.rs` is
//! where a login asks: it leaves a register alone that fails, and knows what holds without one.

mod answer;
mod desk;
mod rnipp;

use async_trait::async_trait;
use guichet_domain::PivotIdentity;
use serde::{Deserialize, Serialize};

pub use desk::RegisterSettings;
pub(crate) use desk::{Heard, RegisterDesk};
pub use rnipp::Rnipp;

/// Who answers for civil status.
#[async_trait]
pub trait CivilRegister: Send + Sync {
    /// Looks the identity up. Never assumes: what is not a clear yes is a refusal or unavailable.
    async fn ask(&self, identity: &PivotIdentity) -> Result<Verdict, RegisterUnavailable>;
}

/// What the register says of an identity.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verdict {
    /// One living person has it. The identity as the register holds it.
    Found(Confirmed),
    /// The register does not confirm it.
    Refused(RegisterRefusal),
}

/// An identity the register confirmed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmed {
    /// As the register holds it.
    pub identity: PivotIdentity,
    /// Whether that differs from what the provider stated.
    pub corrected: bool,
}

/// Why the register does not confirm an identity. Each has a page and an audit detail of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RegisterRefusal {
    /// One person comes near (type 4).
    OneNearMatch,
    /// Several people come near (type 6).
    SeveralNearMatches,
    /// Found by married name only (type 7).
    MarriedNameOnly,
    /// Nobody has it (type 8).
    NotFound,
    /// The register rejected the question (type 9).
    Rejected,
    /// Found, and deceased.
    Deceased,
}

impl RegisterRefusal {
    /// Every refusal.
    pub const ALL: [Self; 6] = [
        Self::OneNearMatch,
        Self::SeveralNearMatches,
        Self::MarriedNameOnly,
        Self::NotFound,
        Self::Rejected,
        Self::Deceased,
    ];

    /// Its name in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneNearMatch => "one_near_match",
            Self::SeveralNearMatches => "several_near_matches",
            Self::MarriedNameOnly => "married_name_only",
            Self::NotFound => "not_found",
            Self::Rejected => "rejected",
            Self::Deceased => "deceased",
        }
    }
}

/// The register gave no usable answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegisterUnavailable {
    /// No answer in time.
    #[error("the civil register did not answer in time")]
    Timeout,
    /// The connection broke before the answer was whole.
    #[error("the connection to the civil register broke")]
    Broken,
    /// No connection, or an answer with another status than 200.
    #[error("the civil register cannot be reached")]
    Unreachable,
    /// An answer that is no answer of the protocol.
    #[error("the civil register's answer cannot be understood")]
    Garbled,
    /// An answer of a type that the protocol does not have, or an identity that is none.
    #[error("the civil register's answer is not one of those it gives")]
    Unknown,
    /// It failed again and again: it is left alone for a while, and was not asked.
    #[error("the civil register is left alone for a while")]
    LeftAlone,
}

impl RegisterUnavailable {
    /// Every way.
    pub const ALL: [Self; 6] = [
        Self::Timeout,
        Self::Broken,
        Self::Unreachable,
        Self::Garbled,
        Self::Unknown,
        Self::LeftAlone,
    ];

    /// Its name in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Broken => "broken",
            Self::Unreachable => "unreachable",
            Self::Garbled => "garbled",
            Self::Unknown => "unknown",
            Self::LeftAlone => "left_alone",
        }
    }
}

/// The reader of the register's XML, for the fuzzer.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn read_answer(xml: &[u8]) -> bool {
    answer::read(xml).is_ok()
}
