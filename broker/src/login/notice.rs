//! Why a person is back at the choice of providers: the banner of that page, and its status.

use guichet_domain::{Acr, ProviderId, Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::barred::Barred;

/// What became of the last try.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notice {
    /// With which provider.
    pub(crate) provider: ProviderId,
    /// What happened.
    pub(crate) what: Setback,
}

/// What can go wrong between the choice of a provider and a verified identity. Says only what our
/// own code knows: a provider's words are never shown (threat N-28).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Setback {
    /// The person cancelled there, or the provider denied access.
    Cancelled,
    /// The provider answered with an error.
    Failed,
    /// It did not answer in time.
    Timeout,
    /// It cannot be reached.
    Unreachable,
    /// Its answer cannot be understood or does not hold.
    Untrustworthy,
    /// It may not be used for this service, or no longer.
    NotAllowed,
    /// The sign-in there reached a lower level than the service needs.
    LevelTooLow {
        /// What it reached.
        obtained: Acr,
    },
    /// It did not say all that is needed to know a person by.
    IdentityIncomplete,
    /// The civil register does not confirm the identity.
    NotConfirmed,
    /// The person who signed in is not the one the service expects.
    SomebodyElse,
    /// Nothing went wrong: the person wants another account.
    AnotherAccount,
    /// Nothing went wrong: the person is signed in, and the service needs a higher level.
    MoreIsNeeded,
    /// Nothing went wrong: the person is signed in, and the service needs a second provider's word.
    SecondIsNeeded,
    /// The second provider names another person than the first. Whoever signs in there again means it.
    Contradicted,
    /// Whoever signed in to reach a higher level is not the person whose session this is. A further
    /// try may be theirs: it begins a session of its own.
    NotTheSession,
    /// Whoever signed in is frozen, or their account is closed.
    Barred(Barred),
    /// Whoever signed in closed this way in themselves.
    WayClosed {
        /// When.
        since: Timestamp,
    },
}

impl Setback {
    /// The text of the banner.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Cancelled => "setback-cancelled",
            Self::Failed => "setback-failed",
            Self::Timeout => "setback-timeout",
            Self::Unreachable => "setback-unreachable",
            Self::Untrustworthy => "setback-untrustworthy",
            Self::NotAllowed => "setback-not-allowed",
            Self::LevelTooLow { .. } => "setback-level-too-low",
            Self::IdentityIncomplete => "setback-identity-incomplete",
            Self::NotConfirmed => "setback-not-confirmed",
            Self::SomebodyElse => "setback-somebody-else",
            Self::AnotherAccount => "setback-another-account",
            Self::MoreIsNeeded => "setback-more-is-needed",
            Self::SecondIsNeeded => "setback-second-is-needed",
            Self::Contradicted => "setback-contradicted",
            Self::NotTheSession => "setback-not-the-session",
            Self::Barred(_) => "setback-barred",
            Self::WayClosed { .. } => "setback-way-closed",
        }
    }

    /// The status of the page that shows it.
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Cancelled | Self::AnotherAccount | Self::MoreIsNeeded | Self::SecondIsNeeded => {
                StatusCode::OK
            }
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Failed | Self::Unreachable | Self::Untrustworthy | Self::IdentityIncomplete => {
                StatusCode::BAD_GATEWAY
            }
            Self::NotAllowed
            | Self::LevelTooLow { .. }
            | Self::NotConfirmed
            | Self::SomebodyElse
            | Self::Contradicted
            | Self::NotTheSession
            | Self::WayClosed { .. }
            | Self::Barred(_) => StatusCode::FORBIDDEN,
        }
    }

    /// Whether a new try must not be answered from a session at the provider: the person wants
    /// another account, or the session there is too weak.
    pub(crate) const fn wants_fresh_sign_in(self) -> bool {
        matches!(
            self,
            Self::LevelTooLow { .. }
                | Self::NotConfirmed
                | Self::SomebodyElse
                | Self::Contradicted
                | Self::NotTheSession
                | Self::Barred(_)
                | Self::WayClosed { .. }
                | Self::AnotherAccount
        )
    }
}
