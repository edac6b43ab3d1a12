//! What differs from one provider to the next: lifetimes, levels, algorithms, how tokens live on.

use std::time::Duration;

use guichet_domain::{AcrValue, ClientId, SigningAlg};

use crate::deferred::DeferredSettings;
use crate::{Resource, SignInDemand};

/// What differs from one provider to the next.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// The issuer: an https URL (http on loopback) without query, fragment or trailing slash.
    pub issuer: String,
    /// How long a code may be redeemed.
    pub code_lifetime: Duration,
    /// How requests are pushed.
    pub pushed: PushedSettings,
    /// How long an access token lives.
    pub access_token_lifetime: Duration,
    /// How long an ID token may be relied on.
    pub id_token_lifetime: Duration,
    /// Levels this provider can reach, lowest first.
    pub acr_values_supported: Vec<AcrValue>,
    /// Algorithms it signs with, the default first.
    pub signing_algs: Vec<SigningAlg>,
    /// Scopes of data providers, beside those of identity.
    pub data_scopes: Vec<String>,
    /// Which grants may be asked for on one device and answered on another.
    pub deferred: DeferredSettings,
    /// Whether every DPoP proof must hold a nonce of this provider (RFC 9449 §8).
    pub dpop_nonce_required: bool,
    /// How clients come with a certificate; `None` where they cannot.
    pub client_certificates: Option<ClientCertificates>,
    /// Whether clients may have public subjects (OIDC Core §8).
    pub public_subjects: bool,
    /// Languages that the house's pages speak when `ui_locales` asks for them (BCP 47).
    pub ui_locales: Vec<&'static str>,
    /// How tokens live on, whom they are for, and what userinfo demands of them.
    pub tokens: TokenSettings,
}

/// How requests are pushed (RFC 9126).
#[derive(Clone, Debug)]
pub struct PushedSettings {
    /// How long a pushed request waits for its browser.
    pub lifetime: Duration,
    /// How long a sign-in of the house may take: for so long nobody may answer a request twice.
    pub sign_in_lifetime: Duration,
    /// The house's own client, whose requests never leave it: nobody pushes in its name.
    pub own_client: Option<ClientId>,
}

impl Default for PushedSettings {
    /// One minute, an hour, no client of its own.
    fn default() -> Self {
        Self {
            lifetime: Duration::from_mins(1),
            sign_in_lifetime: Duration::from_hours(1),
            own_client: None,
        }
    }
}

/// How tokens live on, whom they are for, and what userinfo demands of them.
#[derive(Clone, Debug)]
pub struct TokenSettings {
    /// How long a family of refresh tokens lives when `offline_access` was granted.
    pub refresh_lifetime: Duration,
    /// How long it lives without being used; never longer than its lifetime.
    pub refresh_idle: Duration,
    /// How long after its use a refresh token still yields the same successor: two tabs at once, and an
    /// answer that was lost.
    pub refresh_window: Duration,
    /// How long after the sign-in a family lives when `offline_access` was not granted: as long as a
    /// session of the house at most.
    pub session_lifetime: Duration,
    /// Whom access tokens may be for, beside userinfo.
    pub resources: Vec<Resource>,
    /// What clients call in their own name, with nobody behind them (RFC 6749 §4.4): no token of a person is
    /// ever for one of these.
    pub own_name_resources: Vec<Resource>,
    /// What userinfo demands of the sign-in behind a token.
    pub userinfo: SignInDemand,
}

impl Default for TokenSettings {
    /// Ninety days, thirty without use, one minute; sessions of twelve hours; no resources; no demand.
    fn default() -> Self {
        Self {
            refresh_lifetime: Duration::from_hours(90 * 24),
            refresh_idle: Duration::from_hours(30 * 24),
            refresh_window: Duration::from_mins(1),
            session_lifetime: Duration::from_hours(12),
            resources: Vec::new(),
            own_name_resources: Vec::new(),
            userinfo: SignInDemand::default(),
        }
    }
}

/// How clients come with a certificate (RFC 8705).
#[derive(Clone, Debug, Default)]
pub struct ClientCertificates {
    /// Where they are asked for one, when that is not the issuer: what stands in the issuer's place in
    /// the addresses of endpoints (§5).
    pub base: Option<String>,
    /// Whether an authority is trusted to name clients; self-signed certificates need none.
    pub has_authority: bool,
}
