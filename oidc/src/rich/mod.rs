//! Rich authorization requests (RFC 9396): what a client asks for beyond scopes, as JSON objects that each
//! have a `type`.
//!
//! The engine reads them, carries them from the request to the tokens and lets nobody have more of a type
//! than was asked for. What a type means it does not know: [`RichAuthorization`] is the seam to whoever does,
//! beside the [`House`](crate::House) and as wide as one trait.

mod detail;
mod voucher;

use async_trait::async_trait;
use guichet_domain::{Client, OAuthError, Scopes, Timestamp};
use guichet_store::Fault;
use serde_json::{Map, Value};

pub use detail::{AuthorizationDetail, NotADetail};
pub(crate) use detail::{named_among, read, within};
pub use voucher::{RichExchange, Voucher, VoucherOrder};

use crate::refusal::{Failure, Refusal};

/// Whoever knows what authorization details mean.
#[async_trait]
pub trait RichAuthorization: Send + Sync + 'static {
    /// The types there are (`authorization_details_types_supported`). Where there is none, a request with
    /// details is refused.
    fn types(&self) -> &[&str];

    /// Whether `client` may ask for this; yields what the accepted request holds, normalised. `asked` are of
    /// [`types`](Self::types) and may be none at all; `scopes`, known and registered, may stand for further
    /// details. Asked at `/par` and again when the browser comes: nothing may be remembered of it.
    fn check(
        &self,
        client: &Client,
        asked: &[AuthorizationDetail],
        scopes: &Scopes,
        now: Timestamp,
    ) -> Result<Vec<AuthorizationDetail>, RichRefusal>;

    /// Until when something that was granted may be exchanged, where that is laid down: what was granted for the
    /// time after its person leaves lives that long, used or not.
    fn lasts_until(&self, _granted: &[AuthorizationDetail]) -> Option<Timestamp> {
        None
    }

    /// Makes a voucher for one of the details that a grant holds (RFC 8693). Returns once the audit entry is
    /// durable.
    async fn exchange(&self, order: VoucherOrder<'_>) -> Result<Voucher, RichFailure>;

    /// What `client` hears of a text that is no token of the engine's, when it is a voucher, good now, and
    /// for `client`: the members of the introspection answer (RFC 7662 §2.2), to which the engine adds
    /// `active`. `None` for all else: the caller then hears that the token is not active, and nothing more.
    /// Where what it hears lets something leave, it returns once the audit entry is durable.
    async fn introspect(
        &self,
        token: &str,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<Map<String, Value>>, Fault>;
}

/// Nobody: a provider at which scopes are all there is.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRichAuthorization;

#[async_trait]
impl RichAuthorization for NoRichAuthorization {
    fn types(&self) -> &[&str] {
        &[]
    }

    fn check(
        &self,
        _client: &Client,
        _asked: &[AuthorizationDetail],
        _scopes: &Scopes,
        _now: Timestamp,
    ) -> Result<Vec<AuthorizationDetail>, RichRefusal> {
        Ok(Vec::new())
    }

    async fn exchange(&self, _order: VoucherOrder<'_>) -> Result<Voucher, RichFailure> {
        let none = "no vouchers are made here";
        Err(RichRefusal::new(OAuthError::InvalidRequest, none).into())
    }

    async fn introspect(
        &self,
        _token: &str,
        _client: &Client,
        _now: Timestamp,
    ) -> Result<Option<Map<String, Value>>, Fault> {
        Ok(None)
    }
}

/// A detail may not be asked for or exchanged. Every text is fixed in the code and plain ASCII: nothing from
/// a request is ever repeated (threat N-28).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RichRefusal(Refusal);

impl RichRefusal {
    /// A refusal with `description`, which is what the client's developers read.
    pub const fn new(error: OAuthError, description: &'static str) -> Self {
        Self(Refusal::new(error, description))
    }

    /// `invalid_authorization_details` (RFC 9396 §5).
    pub const fn of_details(description: &'static str) -> Self {
        Self::new(OAuthError::InvalidAuthorizationDetails, description)
    }

    /// The same to the outside; the audit log keeps `reason`, which may be more precise.
    #[must_use]
    pub const fn because(self, reason: &'static str) -> Self {
        Self(self.0.because(reason))
    }

    /// The error code.
    pub const fn error(&self) -> OAuthError {
        self.0.error
    }

    /// What the client's developers read.
    pub const fn description(&self) -> &'static str {
        self.0.description
    }
}

impl From<RichRefusal> for Refusal {
    fn from(RichRefusal(refusal): RichRefusal) -> Self {
        refusal
    }
}

/// Why there is no voucher.
#[derive(Debug)]
pub enum RichFailure {
    /// It may not be had.
    Refused(RichRefusal),
    /// A store, a key or the audit log failed.
    Fault(Fault),
}

impl From<RichRefusal> for RichFailure {
    fn from(refusal: RichRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for RichFailure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<RichFailure> for Failure {
    fn from(failure: RichFailure) -> Self {
        match failure {
            RichFailure::Refused(refusal) => Self::Refused(refusal.into()),
            RichFailure::Fault(fault) => Self::Fault(fault),
        }
    }
}
