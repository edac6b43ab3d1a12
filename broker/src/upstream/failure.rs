//! How a provider can fail us, each way under a name of its own in the audit log.

use guichet_web::OutgoingError;
use http::StatusCode;

use super::lie::Lie;
use crate::login::notice::Setback;

/// Why nothing came of asking a provider. Holds nothing that the provider wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.as_str())]
pub(crate) enum ProviderFailure {
    /// It answered `access_denied`: most often the person cancelled.
    Denied,
    /// It answered with another error.
    Error,
    /// Its token endpoint does not know the code that came by its callback: another's, or used already.
    UnknownCode,
    /// It, or something in front of it, refused a request of ours without the error of an OAuth answer.
    Unexplained,
    /// The person came back with neither a code nor an error.
    NoAnswer,
    /// No whole answer in time.
    Timeout,
    /// No connection.
    Unreachable,
    /// It names an address that the egress policy keeps from us.
    ForbiddenAddress,
    /// It sends us on to another address, where we do not go.
    Redirect,
    /// An answer larger than we read: what one person is said to be can make it so.
    TooLarge,
    /// An answer that cannot be understood.
    Garbled,
    /// A claim about the person is of a type that it cannot be of.
    ClaimType,
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
            Self::UnknownCode => "unknown_code",
            Self::Unexplained => "unexplained",
            Self::NoAnswer => "no_answer",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::ForbiddenAddress => "forbidden_address",
            Self::Redirect => "redirect",
            Self::TooLarge => "too_large",
            Self::Garbled => "garbled",
            Self::ClaimType => "claim_type",
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
        matches!(
            self,
            Self::Timeout
                | Self::Unreachable
                | Self::ForbiddenAddress
                | Self::Redirect
                | Self::Garbled
        )
    }

    /// What a `status` stands for that is no success and comes without an error of the protocol.
    pub(super) fn of_status(status: StatusCode) -> Self {
        if status.is_server_error() {
            Self::Unreachable
        } else {
            Self::Unexplained
        }
    }

    /// What the person is told of it.
    pub(crate) const fn setback(self) -> Setback {
        match self {
            Self::Denied => Setback::Cancelled,
            Self::Error
            | Self::UnknownCode
            | Self::Unexplained
            | Self::NoAnswer
            | Self::Unusable => Setback::Failed,
            Self::Timeout => Setback::Timeout,
            Self::Unreachable | Self::ForbiddenAddress => Setback::Unreachable,
            Self::Redirect
            | Self::TooLarge
            | Self::Garbled
            | Self::ClaimType
            | Self::WrongIssuer
            | Self::Lie(_)
            | Self::Mapping => Setback::Untrustworthy,
            Self::NotAllowed => Setback::NotAllowed,
        }
    }
}

impl From<OutgoingError> for ProviderFailure {
    fn from(error: OutgoingError) -> Self {
        match error {
            OutgoingError::Timeout => Self::Timeout,
            OutgoingError::Refused => Self::ForbiddenAddress,
            OutgoingError::TooLarge => Self::TooLarge,
            _ => Self::Unreachable,
        }
    }
}
