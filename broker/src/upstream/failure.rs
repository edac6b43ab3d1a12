//! How a provider can fail us, each way under a name of its own in the audit log.

use guichet_web::OutgoingError;

use super::lie::Lie;
use crate::login::notice::Setback;

/// Why nothing came of asking a provider. Holds nothing that the provider wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProviderFailure {
    /// It answered `access_denied`: most often the person cancelled.
    Denied,
    /// It answered with another error, at its authorization or its token endpoint.
    Error,
    /// No answer in time.
    Timeout,
    /// No connection, or none we may make.
    Unreachable,
    /// An answer that is too large or cannot be understood.
    Garbled,
    /// `iss` in the authorization answer is missing or another's (RFC 9207): a mix-up.
    WrongIssuer,
    /// Something it signed does not hold.
    Lie(Lie),
    /// A rule of its record fails on what it said.
    Mapping,
    /// Disabled, forbidden for this client, or too low a level, by now.
    NotAllowed,
    /// Our own record of it cannot be used: a secret that does not open, a missing endpoint.
    Unusable,
}

impl ProviderFailure {
    /// Its name in the audit log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Denied => "denied",
            Self::Error => "error",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Garbled => "garbled",
            Self::WrongIssuer => "wrong_issuer",
            Self::Lie(lie) => lie.as_str(),
            Self::Mapping => "claims_mapping",
            Self::NotAllowed => "not_allowed",
            Self::Unusable => "unusable",
        }
    }

    /// Whether it says that the provider is ill: only what nobody but the provider and the network
    /// between can bring about, so that nobody else can make it look ill.
    pub(crate) const fn is_outage(self) -> bool {
        matches!(self, Self::Timeout | Self::Unreachable | Self::Garbled)
    }

    /// What the person is told of it.
    pub(crate) const fn setback(self) -> Setback {
        match self {
            Self::Denied => Setback::Cancelled,
            Self::Error | Self::Unusable => Setback::Failed,
            Self::Timeout => Setback::Timeout,
            Self::Unreachable => Setback::Unreachable,
            Self::Garbled | Self::WrongIssuer | Self::Lie(_) | Self::Mapping => {
                Setback::Untrustworthy
            }
            Self::NotAllowed => Setback::NotAllowed,
        }
    }
}

impl From<&OutgoingError> for ProviderFailure {
    fn from(error: &OutgoingError) -> Self {
        match error {
            OutgoingError::Timeout => Self::Timeout,
            OutgoingError::TooLarge => Self::Garbled,
            _ => Self::Unreachable,
        }
    }
}
