//! Documents that clients publish: the engine says which it needs, whoever built the engine fetches
//! them, with a client that reaches no address inside (threat N-41).

use async_trait::async_trait;
use bytes::Bytes;
use url::Url;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Document {
    /// A JWK Set (RFC 7517 §5): a client's `jwks_uri`.
    Jwks,
    /// A request object (RFC 9101 §5.2.3): a client's `request_uri`.
    RequestObject,
    /// The redirect URIs of a sector (OIDC Registration §5): its `sector_identifier_uri`.
    SectorRedirectUris,
}

impl Document {
    /// The media types to ask for, as `Accept` has them.
    pub const fn accept(self) -> &'static str {
        match self {
            Self::Jwks => "application/jwk-set+json, application/json",
            Self::RequestObject => "application/oauth-authz-req+jwt, application/jwt, */*;q=0.1",
            Self::SectorRedirectUris => "application/json",
        }
    }

    /// The most bytes it may have.
    pub const fn largest(self) -> usize {
        match self {
            Self::Jwks => 64 * 1024,
            Self::RequestObject => 32 * 1024,
            Self::SectorRedirectUris => 256 * 1024,
        }
    }
}

/// Why a document was not had. Not logged with its address: whoever registered it chose the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfetchable {
    /// The address is not one that may be called.
    #[error("the address is not one that may be called")]
    Refused,
    /// No answer in time, or one other than 200.
    #[error("the document was not answered")]
    Unanswered,
    /// Larger than [`Document::largest`].
    #[error("the document is too large")]
    TooLarge,
}

/// Fetches documents of clients. Follows no redirect, bounds time and size.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// The body of the 200 that `url` answers.
    async fn get(&self, url: &Url, what: Document) -> Result<Bytes, Unfetchable>;
}

/// Fetches nothing: for a provider whose clients bring along what they have.
pub struct FetchNothing;

#[async_trait]
impl Fetch for FetchNothing {
    async fn get(&self, _url: &Url, _what: Document) -> Result<Bytes, Unfetchable> {
        Err(Unfetchable::Refused)
    }
}
