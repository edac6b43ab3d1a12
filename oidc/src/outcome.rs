//! What a house brings back, and what the engine makes of it.

use guichet_domain::{
    Acr, Amr, GrantId, IdentityClaims, PersonId, Scopes, SessionId, SubjectIdentifier, Timestamp,
};
use url::Url;

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
    pub acr: Acr,
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
    /// For the audit only: never in a token.
    pub person: Option<PersonId>,
}

/// An answer to the client, by way of the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Send the browser here (303).
    Redirect(Url),
    /// Have the browser post this; the house renders the page.
    Form(FormPost),
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
    /// Where to.
    pub uri: Url,
    /// The signed token.
    pub logout_token: String,
}
