//! The engine itself: what it is made of, and what its endpoints use. What a house calls is in `for_houses`.

mod endpoints;
mod for_houses;

use std::sync::Arc;

use guichet_domain::client::ClientDirectory;
use guichet_domain::switch::SwitchedOff;
use guichet_domain::{
    AuditEvent, Client, ClientId, Clock, Entropy, EventKind, OAuthError, PersonId, Profile,
    SigningAlg, Timestamp,
};
use guichet_keys::{Mac, Sealer};
use guichet_store::Fault;
use guichet_store::durable::{ActivePerson, PersonGate, RefreshTokens};
use guichet_store::short_lived::{
    AccessTokens, Attempts, Codes, DeferredGrants, PushedRequests, ReplayGuard,
};

use crate::binding::Nonces;
use crate::client_keys::ClientKeys;
use crate::fetch::Fetch;
use crate::pushed::PushedRecord;
use crate::records::{AccessTokenRecord, CodeRecord, Record as _};
use crate::refusal::Refusal;
use crate::refused::RefusalCounts;
use crate::register::{Registering, Registrar};
use crate::signed_metadata::{Published, SignedMetadata};
use crate::token::family;
use crate::{ClientSecrets, EngineSettings, RichAuthorization, deferred, documents, refresh_token};

pub(crate) use endpoints::Endpoints;

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
    /// Requests that wait for their browser.
    pub pushed: Arc<dyn PushedRequests>,
    /// Access tokens.
    pub access_tokens: Arc<dyn AccessTokens>,
    /// Families of refresh tokens.
    pub refresh: Arc<dyn RefreshTokens>,
    /// Who may act: asked before anything is issued, and each time it is used (threat N-08).
    pub gate: Arc<dyn PersonGate>,
    /// Assertions used once.
    pub replay: Arc<dyn ReplayGuard>,
    /// Documents that clients publish.
    pub fetch: Arc<dyn Fetch>,
    /// Their keys, as the whole house knows them.
    pub client_keys: Arc<ClientKeys>,
    /// Grants asked for on one device and answered on another.
    pub deferred: Arc<dyn DeferredGrants>,
    /// Counters for throttling.
    pub attempts: Arc<dyn Attempts>,
    /// What may be asked for beyond scopes.
    pub rich: Arc<dyn RichAuthorization>,
    /// The audit log.
    pub ledger: guichet_ledger::Ledger,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl EngineParts {
    /// Whether there is anything to exchange a token for: a resource, or a voucher.
    pub(crate) fn exchanges_tokens(&self) -> bool {
        !(self.settings.tokens.resources.is_empty() && self.rich.types().is_empty())
    }
}

/// An OpenID Provider without pages. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

/// The parts, and what is made of them once.
struct Inner {
    parts: EngineParts,
    endpoints: Endpoints,
    metadata: SignedMetadata,
    refusals: RefusalCounts<(ClientId, EventKind)>,
    client_secrets: ClientSecrets,
    dpop_nonces: Nonces,
    registrar: Option<Registrar>,
    codes: Sealer,
    pushed: Sealer,
    access_tokens: Sealer,
    grants: deferred::Grants,
    tickets: Sealer,
    families: Sealer,
    refresh_tokens: Mac,
}

impl Engine {
    /// Builds the engine; the metadata document is written once here.
    pub fn new(parts: EngineParts) -> Self {
        Self::build(parts, None)
    }

    /// The same for a provider whose clients may register themselves.
    pub fn with_registration(parts: EngineParts, registering: Registering) -> Self {
        Self::build(parts, Some(Registrar::new(registering)))
    }

    fn build(parts: EngineParts, registrar: Option<Registrar>) -> Self {
        let endpoints = Endpoints::of(&parts.settings.issuer);
        Self {
            inner: Arc::new(Inner {
                metadata: SignedMetadata::new(&documents::write(
                    &parts,
                    &endpoints,
                    registrar.is_some(),
                )),
                endpoints,
                registrar,
                refusals: RefusalCounts::default(),
                client_secrets: ClientSecrets::new(&parts.keys),
                dpop_nonces: Nonces::new(&parts.keys),
                codes: parts.keys.sealer(CodeRecord::PURPOSE),
                pushed: parts.keys.sealer(PushedRecord::PURPOSE),
                access_tokens: parts.keys.sealer(AccessTokenRecord::PURPOSE),
                grants: deferred::Grants::new(&parts.keys),
                tickets: parts.keys.sealer("oidc ticket"),
                families: parts.keys.sealer(family::PURPOSE),
                refresh_tokens: parts.keys.mac(refresh_token::PURPOSE),
                parts,
            }),
        }
    }
}

/// What the endpoints use.
impl Engine {
    pub(crate) fn parts(&self) -> &EngineParts {
        &self.inner.parts
    }

    pub(crate) fn settings(&self) -> &EngineSettings {
        &self.inner.parts.settings
    }

    pub(crate) fn endpoints(&self) -> &Endpoints {
        &self.inner.endpoints
    }

    pub(crate) fn registrar(&self) -> Option<&Registrar> {
        self.inner.registrar.as_ref()
    }

    pub(crate) fn metadata(&self) -> Published {
        self.inner.metadata.current(self)
    }

    pub(crate) fn client_keys(&self) -> &ClientKeys {
        &self.inner.parts.client_keys
    }

    pub(crate) fn client_secrets(&self) -> &ClientSecrets {
        &self.inner.client_secrets
    }

    pub(crate) fn dpop_nonces(&self) -> &Nonces {
        &self.inner.dpop_nonces
    }

    pub(crate) fn code_sealer(&self) -> &Sealer {
        &self.inner.codes
    }

    pub(crate) fn pushed_sealer(&self) -> &Sealer {
        &self.inner.pushed
    }

    pub(crate) fn access_token_sealer(&self) -> &Sealer {
        &self.inner.access_tokens
    }

    pub(crate) fn grants(&self) -> &deferred::Grants {
        &self.inner.grants
    }

    pub(crate) fn ticket_sealer(&self) -> &Sealer {
        &self.inner.tickets
    }

    pub(crate) fn family_sealer(&self) -> &Sealer {
        &self.inner.families
    }

    pub(crate) fn refresh_mac(&self) -> &Mac {
        &self.inner.refresh_tokens
    }

    /// The algorithm of what is signed for nobody in particular.
    pub(crate) fn default_alg(&self) -> SigningAlg {
        let algs = &self.settings().signing_algs;
        algs.first().copied().unwrap_or_default()
    }

    /// The path of the issuer, without a trailing slash: empty, or `/api/v2`.
    pub(crate) fn path(&self) -> &str {
        let after_scheme = self.issuer().split_once("://").map_or("", |(_, rest)| rest);
        after_scheme
            .find('/')
            .map_or("", |start| &after_scheme[start..])
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.parts.clock.now()
    }

    /// The latest instant at which an access token may be alive whose code was issued, or whose deferred
    /// grant was asked for, by now: how long a revocation must be remembered.
    pub(crate) fn nothing_issued_now_lives_beyond(&self) -> Timestamp {
        let settings = self.settings();
        let longest_wait = settings.code_lifetime.max(settings.deferred.longest());
        self.now()
            .after(longest_wait)
            .after(settings.access_token_lifetime)
    }

    /// The algorithm of what is signed for `client` where it registered none: one that its profile
    /// allows (FAPI 2.0 Security Profile §5.4).
    pub(crate) fn alg_for(&self, client: &Client) -> SigningAlg {
        let algs = &self.settings().signing_algs;
        let of_fapi = algs.iter().copied().find(|alg| alg.is_fapi2());
        of_fapi
            .filter(|_| client.profile == Profile::Fapi2)
            .unwrap_or(self.default_alg())
    }

    /// Whether what began at `since` may go on as `person`, who is not frozen and whose account is not
    /// closed (threat N-08). What is nobody's is nobody's to stop.
    pub(crate) async fn admits(
        &self,
        person: Option<PersonId>,
        since: Timestamp,
    ) -> Result<bool, Fault> {
        match person {
            Some(person) => {
                let admitted = ActivePerson::admit(&*self.parts().gate, person, since).await?;
                Ok(admitted.is_ok())
            }
            None => Ok(true),
        }
    }

    pub(crate) fn active_client(&self, id: &str) -> Option<Arc<Client>> {
        self.parts()
            .clients
            .client(id)
            .filter(|client| client.active)
    }

    /// What keeps everybody from signing in to this client at the moment, if anything does.
    pub fn switched_off(&self, client: &ClientId) -> Option<Arc<SwitchedOff>> {
        self.parts().clients.switched_off(client)
    }

    /// Whether anything may be given to this client at the moment.
    pub(crate) fn is_on(&self, client: &ClientId) -> Result<(), Refusal> {
        match self.switched_off(client) {
            Some(_) => Err(SWITCHED_OFF),
            None => Ok(()),
        }
    }

    /// The client proved itself by this secret or key.
    pub(crate) fn note_use(&self, client: &ClientId, credential: &str) {
        self.parts()
            .clients
            .note_use(client, credential, self.now());
    }

    /// Records an event that nothing waits for.
    pub(crate) fn note(&self, event: AuditEvent) {
        self.parts().ledger.note(event);
    }

    /// Records a refusal that cost its caller no more than the name of a registered client: at most
    /// one entry per client and minute, which says how many there were since the last.
    pub(crate) fn note_refusal(&self, kind: EventKind, client: &ClientId, refusal: Refusal) {
        let now = self.now();
        let event = AuditEvent::new(kind, now)
            .client(client)
            .detail("error", refusal.error)
            .detail("reason", refusal.reason);
        let refusals = &self.inner.refusals;
        if let Some(event) = refusals.noteworthy((client.clone(), kind), event, now) {
            self.note(event);
        }
    }

    /// Records an event; once this returns it is durable, and what it records may leave.
    pub(crate) async fn record(&self, event: AuditEvent) -> Result<(), Fault> {
        self.parts().ledger.append(event).await?;
        Ok(())
    }
}

/// The client learns no more than that it may come back; people read what was written for them.
const SWITCHED_OFF: Refusal = Refusal::new(
    OAuthError::TemporarilyUnavailable,
    "sign-ins are switched off at present: try again later",
);
