//! The engine itself: what it is made of and what a house calls.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use guichet_domain::client::ClientDirectory;
use guichet_domain::{
    Acr, Client, Clock, Entropy, OAuthError, SessionId, SigningAlg, SubjectIdentifier,
};
use guichet_store::Fault;
use guichet_store::short_lived::{AccessTokens, Codes, ReplayGuard};

use crate::{AcceptedRequest, Answer, House, LogoutNotice, Outcome, SignOutRequest};

/// What differs from one provider to the next.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// The issuer: an https URL (http on loopback) without query, fragment or trailing slash.
    pub issuer: String,
    /// How long a code may be redeemed.
    pub code_lifetime: Duration,
    /// How long an access token lives.
    pub access_token_lifetime: Duration,
    /// How long an ID token may be relied on.
    pub id_token_lifetime: Duration,
    /// Levels this provider can reach, lowest first.
    pub acr_values_supported: Vec<Acr>,
    /// Algorithms it signs with, the default first.
    pub signing_algs: Vec<SigningAlg>,
    /// Scopes of data providers, beside those of identity.
    pub data_scopes: Vec<String>,
}

/// What an engine is built from.
pub struct EngineParts {
    /// What differs.
    pub settings: EngineSettings,
    /// Signing and sealing.
    pub keys: guichet_keys::Keys,
    /// Who may ask.
    pub clients: Arc<dyn ClientDirectory>,
    /// Authorization codes.
    pub codes: Arc<dyn Codes>,
    /// Access tokens.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// Assertions used once.
    pub replay: Arc<dyn ReplayGuard>,
    /// The audit log.
    pub ledger: guichet_ledger::Ledger,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// An OpenID Provider without pages. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    parts: Arc<EngineParts>,
}

impl Engine {
    /// Builds the engine; discovery and JWKS bodies are made once here.
    pub fn new(parts: EngineParts) -> Self {
        Self {
            parts: Arc::new(parts),
        }
    }

    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.parts.settings.issuer
    }

    /// The active client that made this request; `None` when it was disabled or removed since.
    pub fn client_of(&self, _request: &AcceptedRequest) -> Option<Arc<Client>> {
        todo!()
    }

    /// The person signed in and agreed: issues the code. Returns once the audit entry
    /// (`service.returned`) is durable.
    pub async fn grant(
        &self,
        _request: &AcceptedRequest,
        _outcome: Outcome,
    ) -> Result<Answer, Fault> {
        todo!()
    }

    /// The answer that tells the client no. `description` is fixed in the code.
    pub fn refuse(
        &self,
        _request: &AcceptedRequest,
        _error: OAuthError,
        _description: &'static str,
    ) -> Answer {
        todo!()
    }

    /// The answer after a sign-out, when the client may get the browser back.
    pub fn signed_out(&self, _request: &SignOutRequest) -> Option<Answer> {
        todo!()
    }

    /// Kills every token of a session, at once and everywhere.
    pub async fn end_session(&self, _session: SessionId) -> Result<(), Fault> {
        todo!()
    }

    /// A logout token for `client`, when it registered a back-channel logout URI.
    pub fn logout_notice(
        &self,
        _client: &Client,
        _subject: &SubjectIdentifier,
        _sid: &str,
    ) -> Result<Option<LogoutNotice>, Fault> {
        todo!()
    }
}

/// Every endpoint of the engine, relative to the issuer's path.
pub fn routes(_engine: Engine, _house: Arc<dyn House>) -> Router {
    todo!()
}
