//! What a house brings back, and what the engine makes of it.

use std::fmt;

use guichet_domain::{
    AcrValue, Amr, ClientId, GrantId, IdentityClaims, LoginId, PersonId, ProviderId, Scopes,
    SessionId, SubjectIdentifier, Timestamp,
};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{AuthorizationDetail, DeferredKind};

/// A sign-in that succeeded, as the house tells it.
#[derive(Clone)]
pub struct Outcome {
    /// The person's name for this client: its `sub`.
    pub subject: SubjectIdentifier,
    /// Values of the claims that were granted, and no others.
    pub claims: IdentityClaims,
    /// The scopes that were granted.
    pub scopes: Scopes,
    /// The level reached.
    pub acr: AcrValue,
    /// How the person proved who they are.
    pub amr: Vec<Amr>,
    /// When they did.
    pub auth_time: Timestamp,
    /// The house's session; tokens die with it. Never shown to the client.
    pub session: SessionId,
    /// The session's name for this client (`sid`): another for each client, so that two clients
    /// cannot tell that they serve the same session.
    pub sid: String,
    /// What the codes and tokens hang off.
    pub grant: GrantId,
    /// During which login of the house, in one that has them. For the audit only: never in a token.
    pub login: Option<LoginId>,
    /// For the audit only: never in a token.
    pub person: Option<PersonId>,
    /// With which provider they signed in, in a house that has several; never in a token.
    pub provider: Option<ProviderId>,
    /// What was granted beyond scopes: of what the request asked for, all or less, and what whoever grants
    /// it has to add.
    pub details: Vec<AuthorizationDetail>,
}

/// An answer to the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Send the browser here (303).
    Redirect(Url),
    /// Have the browser post this; the house renders the page.
    Form(FormPost),
    /// The client fetches its answer elsewhere; the house tells the person to go back there.
    Settled(Settled),
}

/// An answer that a house renders on a page of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HousePage {
    /// Have the browser post this.
    Form(FormPost),
    /// Tell the person to go back to where the client waits.
    Settled(Settled),
}

/// What became of a deferred grant, for the page that ends the person's part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The client that waits.
    pub client: ClientId,
    /// In which way.
    pub kind: DeferredKind,
    /// What it will find.
    pub what: Settlement,
}

/// How a deferred grant ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The person agreed.
    Approved,
    /// The person refused, or it cannot be had.
    Refused,
    /// It had expired or was answered before: this answer changed nothing.
    TooLate,
}

/// What tells a client that its request was answered (CIBA Core §10.2). The house keeps it before it
/// answers the request ([`Engine::ping_of`](crate::Engine::ping_of)), and afterwards posts
/// `{"auth_req_id": ...}` there, with the token as `Bearer`, through its outgoing client.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientPing {
    /// Whom to tell.
    pub client: ClientId,
    /// What it polls with. A secret.
    pub auth_req_id: String,
    /// What it gave for this purpose. A secret.
    pub token: String,
    /// From when on nobody need be told any more.
    pub expires: Timestamp,
}

impl fmt::Debug for ClientPing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientPing({})", self.client)
    }
}

/// A form for the browser to post to the client (OAuth 2.0 Form Post Response Mode §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormPost {
    /// Where to.
    pub action: String,
    /// Hidden fields, each name once.
    pub fields: Vec<(&'static str, String)>,
}

/// A logout token for a client's back-channel logout URI (OIDC Back-Channel Logout §2.4); the house
/// delivers it through its outgoing client as the form field `logout_token`.
#[derive(Clone)]
pub struct LogoutNotice {
    /// To whom.
    pub client: ClientId,
    /// Where to.
    pub uri: Url,
    /// The signed token.
    pub logout_token: String,
}
