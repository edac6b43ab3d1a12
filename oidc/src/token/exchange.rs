//! Token exchange (RFC 8693): a service that was called with a person's token gets one of its own, for
//! the next service it has to call on the person's behalf (threat N-44).
//!
//! What comes out is never wider than what went in: not in scope, not in time, not in level; and it says
//! who acts. Nobody becomes somebody else here: there is no impersonation.

use guichet_domain::{AuditEvent, EventKind, IdentityClaims, OAuthError, Scopes};

use super::access_token::{self, Order};
use super::issue::TokenAnswer;
use super::{TokenRequest, voucher};
use crate::audit;
use crate::binding::SenderBinding;
use crate::live_token::LiveAccessToken;
use crate::parameters::Parameters;
use crate::profile::Rules;
use crate::records::{AccessTokenRecord, Actor};
use crate::refusal::{Failure, Refusal};
use crate::resources::{Audience, Resources};

/// The type of what goes in, and of what comes out unless it is a voucher (RFC 8693 §3).
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What is asked for decides.
pub(super) async fn tokens(request: &TokenRequest<'_>) -> Result<TokenAnswer, Failure> {
    match request.asked.get("requested_token_type") {
        None | Some(ACCESS_TOKEN) => access_token_for_another(request).await,
        Some(voucher::VOUCHER) => voucher::tokens(request).await,
        Some(_) => Err(OTHER_TYPE.into()),
    }
}

/// The checks of an exchange for an access token, in order; the token leaves once the audit entry is written.
async fn access_token_for_another(request: &TokenRequest<'_>) -> Result<TokenAnswer, Failure> {
    subject_is_access_token(request.asked)?;
    let resource = permitted_resource(request)?;
    let subject = SubjectToken::check(request).await?;
    let audience = subject.audience(request, resource)?;
    let (scope, format) = (audience.scopes.to_string(), audience.format);
    let record = subject.delegated(request, audience).await?;
    let event = exchanged(request, &record, resource);
    let lifetime = record.expires.since(record.issued);
    let access_token = access_token::issue(request, Order { record, format }).await?;
    request.engine.record(event).await?;
    Ok(TokenAnswer {
        access_token,
        token_type: request.binding.token_type(),
        expires_in: lifetime.as_secs(),
        issued_token_type: Some(ACCESS_TOKEN),
        id_token: None,
        refresh_token: None,
        scope,
        authorization_details: Vec::new(),
    })
}

/// Access tokens go in. An actor is the client itself, which has authenticated.
pub(super) fn subject_is_access_token(asked: &Parameters) -> Result<(), Refusal> {
    if asked.get("subject_token_type") != Some(ACCESS_TOKEN) {
        return Err(OTHER_TYPE);
    }
    if asked.is_sent("actor_token") || asked.is_sent("actor_token_type") {
        return Err(ACTOR);
    }
    Ok(())
}

/// The one resource the token is for: among those this client may exchange for. A public client proves
/// nothing and may not exchange.
fn permitted_resource<'a>(request: &TokenRequest<'a>) -> Result<&'a str, Refusal> {
    let asked = request.asked;
    let mut named = asked.all("resource").chain(asked.all("audience"));
    let resource = named.next().ok_or(NO_RESOURCE)?;
    if named.any(|other| other != resource) {
        return Err(NO_RESOURCE);
    }
    let policy = &request.client.token_exchange_resources;
    let is_permitted = request.client.authentication.is_confidential()
        && policy.iter().any(|permitted| permitted == resource);
    is_permitted.then_some(resource).ok_or(NOT_PERMITTED)
}

/// A token that is this client's own, or that it was given by whoever called it.
pub(super) struct SubjectToken(LiveAccessToken);

impl SubjectToken {
    /// The token must be alive and be meant for this client: as its owner, or as the name under which a
    /// resource of the token speaks. One that was merely found is not (RFC 8693 §5).
    pub(super) async fn check(request: &TokenRequest<'_>) -> Result<Self, Failure> {
        let engine = request.engine;
        let text = request
            .asked
            .required("subject_token", "subject_token is missing")?;
        let token = LiveAccessToken::find(engine, text)
            .await?
            .ok_or(NOT_HELD.because("unknown, expired or revoked subject token"))?;
        let resources = Resources(&engine.settings().tokens.resources);
        let client = &request.client.id;
        let is_meant = token.record().client == *client
            || resources.is_spoken_for(&token.record().resources, client);
        if !is_meant {
            return Err(NOT_HELD.because("the subject token is for others").into());
        }
        if token.record().is_in_own_name() {
            return Err(NOT_HELD.because("nobody's token").into());
        }
        // What a person signed in with at one service opens nothing at one that does not take it (N-18).
        if !request.client.takes(token.record().provider.as_ref()) {
            return Err(NOT_HELD
                .because("signed in with a provider that does not serve this client")
                .into());
        }
        // Bound goes in, bound comes out: a token of its own key, but of a key.
        if token.record().binding != SenderBinding::None && request.binding == SenderBinding::None {
            return Err(UNBOUND.into());
        }
        Ok(Self(token))
    }

    /// What it stands for.
    pub(super) fn record(&self) -> &AccessTokenRecord {
        self.0.record()
    }

    /// What the new token is for: of the subject token's scopes, those asked for that mean something to
    /// the resource.
    fn audience(&self, request: &TokenRequest<'_>, resource: &str) -> Result<Audience, Refusal> {
        let held = &self.0.record().scopes;
        let scopes: Scopes = match request.asked.get("scope") {
            Some(asked) => asked.parse().map_err(|_| SCOPE)?,
            None => held.clone(),
        };
        if !scopes.without(held).is_empty() {
            return Err(SCOPE);
        }
        let resources = Resources(&request.engine.settings().tokens.resources);
        Audience::single(resources, resource, &scopes)
    }

    /// What the new token stands for. It hangs off the same grant and session, and dies with them.
    async fn delegated(
        &self,
        request: &TokenRequest<'_>,
        audience: Audience,
    ) -> Result<AccessTokenRecord, Failure> {
        let (engine, client) = (request.engine, request.client);
        let held = self.0.record();
        let now = engine.now();
        let subject = if self.0.client().sector == client.sector {
            Some(held.subject.clone())
        } else if let Some(person) = held.person {
            request.house.subject_in(&client.sector, person).await?
        } else {
            None
        };
        Ok(AccessTokenRecord {
            client: client.id.clone(),
            subject: subject.ok_or(NOT_HELD.because("the person has no name at this client"))?,
            claims: IdentityClaims::default(),
            scopes: audience.scopes,
            resources: audience.resources,
            acr: held.acr,
            auth_time: held.auth_time,
            issued: now,
            expires: now
                .after(Rules::of(client).bounded(engine.settings().access_token_lifetime))
                .min(held.expires),
            session: held.session,
            grant: held.grant,
            person: held.person,
            binding: request.binding.clone(),
            subject_there: None,
            provider: held.provider.clone(),
            amr: held.amr.clone(),
            // What was granted to a service beyond scopes is nobody else's.
            details: Vec::new(),
            actor: Some(Actor::after(held.actor.as_ref(), &client.id).ok_or(TOO_MANY_ACTORS)?),
        })
    }
}

fn exchanged(request: &TokenRequest<'_>, record: &AccessTokenRecord, resource: &str) -> AuditEvent {
    let event = AuditEvent::new(EventKind::TokenExchanged, request.engine.now())
        .client(&record.client)
        .acr(record.acr)
        .detail("grant", record.grant)
        .detail("resource", resource)
        .detail("scope", &record.scopes);
    audit::about(event, record.session, record.person)
}

const OTHER_TYPE: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "access tokens alone are exchanged, for access tokens or vouchers",
);
const ACTOR: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "the client itself is the actor: actor_token is not taken",
);
const NO_RESOURCE: Refusal = Refusal::new(
    OAuthError::InvalidTarget,
    "exactly one resource must be named",
);
const NOT_PERMITTED: Refusal = Refusal::new(
    OAuthError::InvalidTarget,
    "the client may not exchange tokens for that resource",
);
const UNBOUND: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "the subject token is bound to a key: prove a key for the new one",
);
const SCOPE: Refusal = Refusal::new(
    OAuthError::InvalidScope,
    "scope is malformed or names one that the subject token does not hold",
);
const TOO_MANY_ACTORS: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "the subject token went through too many hands",
);
/// One text whatever was wrong, so that nobody learns what a token they found is good for.
pub(super) const NOT_HELD: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "the subject token is unknown, expired or revoked, or is not for this client",
);
