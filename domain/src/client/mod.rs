//! Clients: services registered to sign citizens in, in the words of RFC 7591.
//!
//! [`Client`] is the checked record that every request reads; `metadata/` is what people declare, and
//! the one way from there to here.

mod authentication;
mod environment;
mod evidence_right;
mod grant_type;
mod metadata;
mod profile;
mod secrets;
mod sharing;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::switch::SwitchedOff;
use crate::{
    AcrValue, ClientId, Encryption, HabilitationId, JwsAlgName, KeySource, ProviderId, RedirectUri,
    Scopes, Sector, SigningAlg, Timestamp,
};

pub use authentication::{CertificateSubject, ClientAuthentication, KeepSecret, SecretHash};
pub use environment::Environment;
pub use evidence_right::EvidenceRight;
pub use grant_type::{GrantType, UnknownGrantType};
pub use metadata::{ClientMetadata, ClientMetadataError, EvidenceRightMetadata};
pub use profile::Profile;
pub use secrets::{
    ClientSecret, DECLARED_SECRET, MOST_SECRETS, SecretDates, SecretError, Secrets, goes_on_without,
};
pub use sharing::SessionSharing;

/// A registered client, checked. Immutable: a change is a new value in the registry.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "members of the standards, each a choice of its own"
)]
pub struct Client {
    /// Its `client_id`.
    pub id: ClientId,
    /// The name citizens see.
    pub name: String,
    /// Who runs it.
    pub kind: ClientKind,
    /// Which set of rules it lives under.
    pub profile: Profile,
    /// The clients with which it shares pseudonyms: its legal entity, or its redirect URIs' host.
    pub sector: Sector,
    /// Whether citizens have one name for it and its like alone.
    pub subject_type: SubjectType,
    /// The document that lists the redirect URIs of its sector (OIDC Registration §5).
    pub sector_identifier_uri: Option<Url>,
    /// Whether it is for real.
    #[serde(default)]
    pub environment: Environment,
    /// What grants it what it may ask for.
    #[serde(default)]
    pub habilitation: Option<HabilitationId>,
    /// Why an operator let it in without one.
    #[serde(default)]
    pub exception: Option<String>,
    /// Whether it may sign anyone in at all.
    pub active: bool,
    /// How it authenticates.
    pub authentication: ClientAuthentication,
    /// Its public keys.
    pub keys: Option<KeySource>,
    /// What it may bring to the token endpoint.
    pub grant_types: Vec<GrantType>,
    /// Where answers may go; none when it has no use for codes.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a browser may go after signing out.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// Where logout tokens go (OIDC Back-Channel Logout §2.2).
    pub backchannel_logout_uri: Option<Url>,
    /// What the browser is made to load at sign-out (OIDC Front-Channel Logout §2).
    pub frontchannel_logout_uri: Option<Url>,
    /// Whether that address gets `iss` and `sid`.
    pub frontchannel_logout_session_required: bool,
    /// What its authorization requests must be.
    pub requests: RequestRules,
    /// Scopes it may ask for.
    pub scopes: Scopes,
    /// The level asked for when the request names none.
    pub default_acr: AcrValue,
    /// The lowest level it accepts, whatever a request names.
    #[serde(default)]
    pub minimum_acr: Option<AcrValue>,
    /// With which clients it shares sign-ins.
    #[serde(default)]
    pub sso: SessionSharing,
    /// The age of a sign-in accepted when the request names none.
    pub default_max_age: Option<Duration>,
    /// How its ID tokens are signed.
    pub id_token_alg: SigningAlg,
    /// How they are encrypted after.
    pub id_token_encryption: Option<Encryption>,
    /// How its userinfo answers are signed; `None` for plain JSON.
    pub userinfo_alg: Option<SigningAlg>,
    /// How they are encrypted after.
    pub userinfo_encryption: Option<Encryption>,
    /// How its authorization responses are signed when it asks for a JWT (JARM §3).
    pub authorization_alg: SigningAlg,
    /// How they are encrypted after.
    pub authorization_encryption: Option<Encryption>,
    /// How its introspection answers are signed; `None` for plain JSON unless it asks (RFC 9701 §6).
    pub introspection_alg: Option<SigningAlg>,
    /// How they are encrypted after.
    pub introspection_encryption: Option<Encryption>,
    /// Whether its tokens are bound to a DPoP key (RFC 9449 §5.2).
    pub dpop_bound_access_tokens: bool,
    /// Whether its tokens are bound to its certificate (RFC 8705 §3.4).
    pub certificate_bound_access_tokens: bool,
    /// How it is told of what a citizen answered elsewhere; `None` when CIBA is not its own.
    pub ciba: Option<CibaDelivery>,
    /// The only algorithm of its signed CIBA requests; without one they need no signature.
    pub ciba_request_alg: Option<JwsAlgName>,
    /// The types of authorization details it may ask for (RFC 9396 §10); `None` for all there are.
    #[serde(default)]
    pub authorization_details_types: Option<Vec<String>>,
    /// Resources for which it may exchange tokens (RFC 8693), by their identifiers.
    pub token_exchange_resources: Vec<String>,
    /// The evidence it may ask citizens for.
    #[serde(default)]
    pub evidence_rights: Vec<EvidenceRight>,
    /// Where it is told of what ended (RFC 8935); without one it asks (RFC 8936).
    #[serde(default)]
    pub events_uri: Option<Url>,
    /// Whether it may leave messages in the account of the citizens it knows.
    #[serde(default)]
    pub messages: bool,
    /// Which providers may serve it; `None` for all.
    pub providers: Option<Vec<ProviderId>>,
    /// The providers it may name in `idp_hint`; `None` for those that the hub's settings list.
    #[serde(default)]
    pub idp_hints: Option<Vec<ProviderId>>,
    /// Whether it may have the page that only informs left out, by `prompt=login` (`franceconnect` alone).
    #[serde(default)]
    pub may_skip_information: bool,
    /// Its home page.
    pub client_uri: Option<Url>,
    /// Its logo.
    pub logo_uri: Option<Url>,
    /// Its privacy policy.
    pub policy_uri: Option<Url>,
    /// Its terms of service.
    pub tos_uri: Option<Url>,
    /// Whom to write to.
    pub contacts: Vec<String>,
    /// Where a login can be started from outside (OIDC Core §4).
    pub initiate_login_uri: Option<Url>,
    /// How it came in, when it registered itself.
    pub registration: Option<Registration>,
}

/// What a client's authorization requests must be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRules {
    /// Whether PKCE (S256) is required. Public clients need it whatever this says.
    pub require_pkce: bool,
    /// Whether they must be pushed first (RFC 9126 §6).
    pub require_pushed: bool,
    /// Whether they must come in a signed request object (RFC 9101 §10.5).
    pub require_signed: bool,
    /// The only algorithm of their request objects, when registered.
    pub signing_alg: Option<JwsAlgName>,
    /// Where request objects may be fetched (OIDC Core §6.2).
    pub request_uris: Vec<Url>,
}

/// Whether subjects are pseudonyms (OIDC Core §8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectType {
    /// Another name in each sector.
    #[default]
    Pairwise,
    /// One name for all clients of this type: only where the operator allows it.
    Public,
}

/// How a client is told that a citizen has answered (CIBA Core §5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CibaDelivery {
    /// It asks.
    Poll,
    /// It is told to ask, at this address.
    Ping(Url),
}

/// How a client that registered itself came in (RFC 7591, RFC 7592).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// What its registration access token hashes to.
    pub access_token: SecretHash,
    /// When it registered.
    pub at: Timestamp,
    /// The product it is an instance of (RFC 7591 §2 `software_id`).
    pub software_id: Option<String>,
    /// Which release of it.
    pub software_version: Option<String>,
}

/// What kind of body runs the service: it decides what a citizen is asked.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// A public body: the citizen is informed of what it receives.
    #[default]
    Public,
    /// A private body: the citizen must consent.
    Private,
}

impl Client {
    /// The host of the service's own page, by which people know it.
    pub fn home_host(&self) -> Option<&str> {
        self.client_uri.as_ref()?.host_str()
    }

    /// The registered redirect URI that `requested` is, if any.
    pub fn redirect_uri(&self, requested: &str) -> Option<&RedirectUri> {
        self.redirect_uris
            .iter()
            .find(|registered| registered.matches(requested))
    }

    /// The registered post-logout redirect URI that `requested` is, if any.
    pub fn post_logout_redirect_uri(&self, requested: &str) -> Option<&RedirectUri> {
        self.post_logout_redirect_uris
            .iter()
            .find(|registered| registered.matches(requested))
    }

    /// Whether it is registered for authorization details of this type (RFC 9396 §10).
    pub fn may_ask_for(&self, details_type: &str) -> bool {
        let types = self.authorization_details_types.as_ref();
        types.is_none_or(|types| types.iter().any(|known| known == details_type))
    }

    /// Whether it is told of persons by events: it says where, or fetches those of its exchanges anyway.
    /// Any other would leave them waiting for ever.
    pub fn hears_events(&self) -> bool {
        self.events_uri.is_some() || !self.evidence_rights.is_empty()
    }

    /// Whether `provider` may serve it: any, unless its record names some; then somebody of whom it is
    /// not known with which provider they signed in is not taken either.
    pub fn takes(&self, provider: Option<&ProviderId>) -> bool {
        let Some(only) = &self.providers else {
            return true;
        };
        provider.is_some_and(|provider| only.contains(provider))
    }

    /// Whether it is for trying out.
    pub fn is_sandbox(&self) -> bool {
        self.environment == Environment::Sandbox
    }

    /// Whether it may bring this to the token endpoint.
    pub fn may_use(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }

    /// Whether a session begun for the client `lender` may answer a request of this one.
    pub fn may_borrow_from(&self, lender: &Self) -> bool {
        match (self.sso, lender.sso) {
            (SessionSharing::Never, _) | (_, SessionSharing::Never) => false,
            (SessionSharing::All, SessionSharing::All) => true,
            _ => self.sector == lender.sector,
        }
    }

    /// Whether a request must carry a PKCE challenge.
    pub fn must_use_pkce(&self) -> bool {
        self.requests.require_pkce || !self.authentication.is_confidential()
    }

    /// Whether its tokens are good only in the hands of whoever holds a key.
    pub fn is_sender_constrained(&self) -> bool {
        self.dpop_bound_access_tokens || self.certificate_bound_access_tokens
    }

    /// Whether citizens must agree before this client receives anything.
    pub fn needs_consent(&self) -> bool {
        self.kind == ClientKind::Private
    }
}

/// A registry of clients, as the engine reads it: a look-up that never waits.
pub trait ClientDirectory: Send + Sync {
    /// The client with this identifier, active or not.
    fn client(&self, id: &str) -> Option<Arc<Client>>;

    /// What keeps everybody from signing in to this client at the moment: the client is switched off, or
    /// everything is.
    fn switched_off(&self, _id: &ClientId) -> Option<Arc<SwitchedOff>> {
        None
    }

    /// The client used this secret or key of its own just now; what is kept of it is the day.
    fn note_use(&self, _id: &ClientId, _credential: &str, _now: Timestamp) {}
}
