//! The seam between the engine and a house: one trait wide.

use async_trait::async_trait;
use axum::response::Response;
use guichet_domain::{
    Client, ClientId, IdentityClaims, OAuthError, PersonId, ProviderId, RedirectUri, Sector,
    SessionId, SubjectIdentifier,
};
use guichet_store::Fault;

use crate::AcceptedRequest;

/// The browser's request: method, URI, headers and extensions (the peer address among them); its
/// body was read by the engine.
pub type Browser = http::request::Parts;

/// Whoever signs people in: the hub, or the embedded identity provider.
#[async_trait]
pub trait House: Send + Sync + 'static {
    /// A request was accepted: take the person through a sign-in. What this returns is what the
    /// browser gets next, most often a redirect to the house's first page.
    async fn sign_in(&self, request: AcceptedRequest, browser: Browser) -> Response;

    /// A sign-out was asked for, by a client (OIDC RP-Initiated Logout) or by the person.
    async fn sign_out(&self, request: SignOutRequest, browser: Browser) -> Response;

    /// A request that may not be answered to any client: render a page (OIDC Core §3.1.2.6).
    async fn refuse(&self, refusal: PageRefusal, browser: Browser) -> Response;

    /// Renders the page that posts an answer to the client.
    async fn post_form(&self, form: crate::FormPost, browser: Browser) -> Response;

    /// The person said no to a request that waits elsewhere, before any sign-in. A house whose engine has
    /// no such requests is never asked.
    async fn decline(&self, request: AcceptedRequest, browser: Browser) -> Response;

    /// Renders the page that ends the person's part of a deferred grant. A house whose engine has no such
    /// grants is never asked.
    async fn settled(&self, settled: crate::Settled, browser: Browser) -> Response;

    /// Who is known to `client` as `subject`; `None` for a subject that was never issued to it, and in
    /// a house whose engine answers no CIBA requests.
    async fn person(
        &self,
        client: &Client,
        subject: &SubjectIdentifier,
    ) -> Result<Option<PersonId>, Fault>;

    /// What is known at this moment of the person of an earlier grant, asked when a refresh token is
    /// used: the engine keeps no identity beside the grant. `None` once the session is over, whatever
    /// ended it: tokens that end with it are worth nothing then, and those that outlive it serve `sub`
    /// alone. A session in whose place the same person signed in again is not over.
    async fn identity_of(
        &self,
        session: SessionId,
        person: Option<PersonId>,
    ) -> Result<Option<IdentityClaims>, Fault>;

    /// Whether `person` still lets `provider` speak for them: asked at each refresh, since what was granted on
    /// its word may outlive every session. A house whose people choose nothing of the kind answers yes.
    async fn still_speaks(&self, _person: PersonId, _provider: &ProviderId) -> Result<bool, Fault> {
        Ok(true)
    }

    /// The name of `person` in a sector other than the one a token was issued in; `None` where people
    /// have no names but those of the clients they signed in to.
    async fn subject_in(
        &self,
        sector: &Sector,
        person: PersonId,
    ) -> Result<Option<SubjectIdentifier>, Fault>;
}

/// Why a request ends on a page of the house instead of going back to a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRefusal {
    /// The error code, as the person may read it out and `error_uri` explains it.
    pub error: OAuthError,
    /// What is wrong, fixed in the code: never a value from the request.
    pub description: &'static str,
    /// The client, when it is known and active.
    pub client: Option<ClientId>,
    /// The HTTP status: 400, or 5xx for a fault.
    pub status: u16,
}

/// A sign-out that may be acted upon (OIDC RP-Initiated Logout §2).
#[derive(Clone, Debug)]
pub struct SignOutRequest {
    /// Who asks, from a verified `id_token_hint` or from `client_id`.
    pub client: Option<ClientId>,
    /// The `sid` of a verified `id_token_hint`: when it names the browser's own session, no
    /// confirmation is needed; otherwise ask, or any page could sign people out (threat N-64).
    pub sid: Option<String>,
    /// Where the browser may go afterwards: registered by that client (threat N-26).
    pub return_to: Option<RedirectUri>,
    /// Goes back with it.
    pub state: Option<String>,
    /// Languages in order of preference. Untrusted.
    pub ui_locales: Option<String>,
}
