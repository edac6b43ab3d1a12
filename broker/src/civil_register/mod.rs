//! The civil register: whether the identity a provider states is that of a living person.
//!
//! [`CivilRegister`] is what a sign-in needs of a register; [`Rnipp`] speaks to one by the protocol of
//! `protocol.md`. The register's own version of the identity is what goes on from here.

mod answer;
mod rnipp;

use async_trait::async_trait;
use guichet_domain::PivotIdentity;

pub use rnipp::Rnipp;

/// Who answers for civil status.
#[async_trait]
pub trait CivilRegister: Send + Sync {
    /// Looks the identity up. Never assumes: what is not a clear yes is a refusal or unavailable.
    async fn ask(&self, identity: &PivotIdentity) -> Result<Verdict, RegisterUnavailable>;
}

/// What the register says of an identity.
#[derive(Clone, PartialEq, Eq)]
pub enum Verdict {
    /// One living person has it. The identity as the register holds it.
    Found(Confirmed),
    /// The register does not confirm it.
    Refused(RegisterRefusal),
}

/// An identity the register confirmed.
#[derive(Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// As the register holds it.
    pub identity: PivotIdentity,
    /// Whether that differs from what the provider stated.
    pub corrected: bool,
}

/// Why the register does not confirm an identity. Each has a page and an audit detail of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// No connection, or an answer with another status than 200.
    #[error("the civil register cannot be reached")]
    Unreachable,
    /// An answer that cannot be understood.
    #[error("the civil register's answer cannot be understood")]
    Garbled,
}
