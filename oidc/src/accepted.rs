//! What is left of a request once every check of the protocol has passed.

use std::fmt;
use std::time::Duration;

use guichet_domain::{
    AcrValue, Claim, ClientId, GrantType, IdentityClaims, RedirectUri, Scopes, SubjectIdentifier,
};
use serde::{Deserialize, Serialize};

use crate::pushed::PushedReference;
use crate::{AuthorizationDetail, ClaimsRequest};

/// An authorization request that may be acted upon. Made by the engine alone; a house keeps it sealed
/// while the person signs in and gives it back. Holds the client's identifier and not its record, so
/// that a client disabled meanwhile is found disabled (threat N-07).
#[derive(Clone, Serialize, Deserialize)]
pub struct AcceptedRequest {
    pub(crate) client: ClientId,
    pub(crate) destination: Destination,
    pub(crate) scopes: Scopes,
    pub(crate) acr: RequestedAcr,
    #[serde(default, skip_serializing_if = "Prompt::is_free")]
    pub(crate) prompt: Prompt,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_age: Option<Duration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pkce: Option<PkceChallenge>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) login_hint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ui_locales: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) idp_hint: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) hinted_subject: Option<SubjectIdentifier>,
    #[serde(default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub(crate) claims_request: ClaimsRequest,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) resources: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) details: Vec<AuthorizationDetail>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dpop_jkt: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) display: Option<Display>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) pushed: Option<PushedReference>,
}

impl AcceptedRequest {
    /// A request that asks for a sign-in and nothing more.
    pub(crate) fn bare(client: ClientId, destination: Destination) -> Self {
        Self {
            client,
            destination,
            scopes: Scopes::default(),
            acr: RequestedAcr {
                required: guichet_domain::Acr::Eidas1.into(),
            },
            prompt: Prompt::default(),
            max_age: None,
            nonce: None,
            pkce: None,
            login_hint: None,
            ui_locales: None,
            idp_hint: None,
            hinted_subject: None,
            claims_request: ClaimsRequest::default(),
            resources: Vec::new(),
            details: Vec::new(),
            dpop_jkt: None,
            display: None,
            pushed: None,
        }
    }

    /// Who asks.
    pub fn client(&self) -> &ClientId {
        &self.client
    }

    /// Where every answer goes.
    pub fn destination(&self) -> &Destination {
        &self.destination
    }

    /// Where this browser goes back to, if it does.
    pub fn redirect(&self) -> Option<&RegisteredRedirect> {
        match &self.destination {
            Destination::Redirect(redirect) => Some(redirect),
            Destination::Deferred(_) => None,
        }
    }

    /// Whether the client waits elsewhere, so that this browser has nowhere to go back to.
    pub fn is_deferred(&self) -> bool {
        matches!(self.destination, Destination::Deferred(_))
    }

    /// Scopes asked for and registered; `openid` is among them.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// Identity claims asked for, by scope or by name, in page order.
    pub fn claims(&self) -> Vec<Claim> {
        let mut claims = self.scopes.claims();
        claims.extend(self.claims_request.named());
        claims.sort_unstable();
        claims.dedup();
        claims
    }

    /// Of what is known about a person, what answers this request: to be shown, and then sent.
    pub fn released(&self, known: &IdentityClaims) -> IdentityClaims {
        let mut claims = self.scopes.claims();
        claims.extend(self.claims_request.for_userinfo(known));
        claims.extend(self.claims_request.for_id_token(known));
        known.only(&claims)
    }

    /// The level the client needs.
    pub fn acr(&self) -> RequestedAcr {
        self.acr
    }

    /// What may and must be shown (OIDC Core §3.1.2.1 `prompt`).
    pub fn prompt(&self) -> Prompt {
        self.prompt
    }

    /// How long ago the person may have signed in at most (`max_age`).
    pub fn max_age(&self) -> Option<Duration> {
        self.max_age
    }

    /// What the client believes the person's login name is. At most 256 characters; untrusted.
    pub fn login_hint(&self) -> Option<&str> {
        self.login_hint.as_deref()
    }

    /// Languages in order of preference, as `ui_locales` had them. Untrusted.
    pub fn ui_locales(&self) -> Option<&str> {
        self.ui_locales.as_deref()
    }

    /// The provider the client would like: `idp_hint`, as FranceConnect's clients spell it, or
    /// `kc_idp_hint`, as Keycloak's do. Untrusted.
    pub fn idp_hint(&self) -> Option<&str> {
        self.idp_hint.as_deref()
    }

    /// The resources that tokens are wanted for (RFC 8707), as they were written.
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// What is asked for beyond scopes (RFC 9396), as [`RichAuthorization::check`] took it.
    ///
    /// [`RichAuthorization::check`]: crate::RichAuthorization::check
    pub fn details(&self) -> &[AuthorizationDetail] {
        &self.details
    }

    /// Which of the protocol's precautions it takes, in alphabetical order: `dpop`, `nonce`, `par`, `pkce`,
    /// `state`. For the audit.
    pub fn precautions(&self) -> Vec<&'static str> {
        let has_state = self.redirect().is_some_and(|it| it.state.is_some());
        let all = [
            ("dpop", self.dpop_jkt.is_some()),
            ("nonce", self.nonce.is_some()),
            ("par", self.pushed.is_some()),
            ("pkce", self.pkce.is_some()),
            ("state", has_state),
        ];
        let taken = all.into_iter().filter(|(_, is_taken)| *is_taken);
        taken.map(|(name, _)| name).collect()
    }

    /// How the pages are displayed (`display`). A wish, and untrusted.
    pub fn display(&self) -> Option<Display> {
        self.display
    }

    /// The subject that a verified `id_token_hint` or the claim `sub` named: nobody else may be signed
    /// in by this request.
    pub fn hinted_subject(&self) -> Option<&SubjectIdentifier> {
        self.hinted_subject.as_ref()
    }
}

/// Where the answer to a request goes. What one way carries cannot be made for the other: a code needs
/// a [`RegisteredRedirect`], a deferred grant is settled by its [`DeferredGrant`] alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// To an address of the client, by way of this browser.
    Redirect(RegisteredRedirect),
    /// To the client that waits elsewhere, at the token endpoint.
    Deferred(DeferredGrant),
}

/// A grant asked for elsewhere that waits for a person's word: by a device (RFC 8628), or by a client
/// that named the person (CIBA). An answer to it cannot be made without one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeferredGrant {
    /// What its client polls with, hashed.
    pub(crate) handle: [u8; 32],
    /// Who asked for it.
    pub(crate) kind: DeferredKind,
}

impl DeferredGrant {
    /// Who asked for it.
    pub fn kind(&self) -> DeferredKind {
        self.kind
    }
}

impl fmt::Debug for DeferredGrant {
    /// A look-up key tells one grant from another: it stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeferredGrant({:?})", self.kind)
    }
}

/// Who waits for a deferred grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeferredKind {
    /// A device without a browser (RFC 8628).
    Device,
    /// A client that named the person (CIBA Core).
    Ciba,
}

impl DeferredKind {
    /// What its client brings to the token endpoint.
    pub const fn grant_type(self) -> GrantType {
        match self {
            Self::Device => GrantType::DeviceCode,
            Self::Ciba => GrantType::Ciba,
        }
    }
}

/// A redirect URI that its client registered, and what goes back with every answer. An answer to a
/// client cannot be made without one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RegisteredRedirect {
    /// As requested, for the comparison at the token endpoint. A URL.
    pub(crate) uri: String,
    pub(crate) mode: ResponseMode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
}

impl RegisteredRedirect {
    /// The URI, as requested (a native application's port included).
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// Its origin, for a page that posts or leads there; `None` for private schemes.
    pub fn origin(&self) -> Option<String> {
        self.uri.parse::<RedirectUri>().ok()?.origin()
    }
}

/// How the answer travels (OAuth 2.0 Multiple Response Types §2.1, Form Post Response Mode, JARM §2.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    #[default]
    Query,
    /// In a form that the browser posts.
    FormPost,
    /// As a JWT in the query: `query.jwt`, and `jwt`, whose default for a code this is.
    QueryJwt,
    /// As a JWT in a form that the browser posts.
    FormPostJwt,
}

impl ResponseMode {
    /// The mode that a value of `response_mode` names; `None` for one that is not served.
    pub(crate) fn named(value: &str) -> Option<Self> {
        match value {
            "query" => Some(Self::Query),
            "form_post" => Some(Self::FormPost),
            "jwt" | "query.jwt" => Some(Self::QueryJwt),
            "form_post.jwt" => Some(Self::FormPostJwt),
            _ => None,
        }
    }

    /// Whether the answer is a JWT.
    pub(crate) const fn is_jwt(self) -> bool {
        matches!(self, Self::QueryJwt | Self::FormPostJwt)
    }
}

/// How the pages of a sign-in are displayed (OIDC Core §3.1.2.1 `display`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Display {
    /// In a full page.
    Page,
    /// In a small window of its own.
    Popup,
    /// On a device with a touch screen.
    Touch,
    /// On a feature phone.
    Wap,
}

/// The level a client needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedAcr {
    /// The lowest level that satisfies it.
    pub required: AcrValue,
}

/// What may and must be shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a set of values that may stand together, as the parameter has them"
)]
pub struct Prompt {
    /// Nothing may be shown: answer at once, or with `login_required` and its like.
    pub none: bool,
    /// The person must sign in again.
    pub login: bool,
    /// The person must be asked again.
    pub consent: bool,
    /// The person must be able to choose an account.
    pub select_account: bool,
    /// A page that only informs may be left out: asked for by a client whose record lets it (divergence
    /// D40).
    #[serde(default)]
    pub skip_information: bool,
}

impl Prompt {
    /// Whether the request leaves all of it to the house.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "what serde hands to `skip_serializing_if`"
    )]
    fn is_free(&self) -> bool {
        *self == Self::default()
    }
}

/// A PKCE challenge with method S256 (RFC 7636 §4.2): 43 characters of base64url.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PkceChallenge(pub(crate) String);
