//! The client credentials grant (RFC 6749 §4.4): a token in the client's own name, for a resource that
//! clients call as themselves. Nobody's identity hangs off it, and no refresh token.

use guichet_domain::{
    Acr, AcrValue, AuditEvent, EventKind, GrantId, IdentityClaims, OAuthError, Scopes,
};
use guichet_store::Fault;

use super::TokenRequest;
use super::access_token::{self, Order};
use super::issue::TokenAnswer;
use crate::binding::SenderBinding;
use crate::profile::Rules;
use crate::records::AccessTokenRecord;
use crate::refusal::{Failure, Refusal};
use crate::resources::{Audience, Resources};

/// The checks, in order; the token leaves once the audit entry is written.
pub(super) async fn tokens(request: &TokenRequest<'_>) -> Result<TokenAnswer, Failure> {
    let engine = request.engine;
    proves_itself(request)?;
    let audience = audience(request)?;
    let (scope, format) = (audience.scopes.to_string(), audience.format);
    let event = AuditEvent::new(EventKind::TokenIssued, engine.now())
        .client(&request.client.id)
        .detail("grant_type", "client_credentials")
        .detail("resource", audience.resources.join(" "))
        .detail("scope", &scope);
    let record = standing_for(request, audience)?;
    let lifetime = record.expires.since(record.issued);
    let access_token = access_token::issue(request, Order { record, format }).await?;
    engine.record(event).await?;
    Ok(TokenAnswer {
        access_token,
        token_type: request.binding.token_type(),
        expires_in: lifetime.as_secs(),
        issued_token_type: None,
        id_token: None,
        refresh_token: None,
        scope,
        authorization_details: Vec::new(),
    })
}

/// Nothing that was read off the wire once is enough: a key signs, or the token is bound to one.
fn proves_itself(request: &TokenRequest<'_>) -> Result<(), Refusal> {
    let is_bound = request.binding != SenderBinding::None;
    let method = &request.client.authentication;
    if method.is_asymmetric() || (method.is_confidential() && is_bound) {
        Ok(())
    } else {
        Err(TOO_WEAK)
    }
}

/// The one resource, and of what the client is registered for there the scopes that were asked for; all of
/// them when none was named.
fn audience(request: &TokenRequest<'_>) -> Result<Audience, Refusal> {
    let resources = &request.engine.settings().tokens.own_name_resources;
    let mut named = request.asked.all("resource");
    let name = match (named.next(), resources.as_slice()) {
        (Some(name), _) => name,
        (None, [only]) => only.identifier.as_str(),
        (None, _) => return Err(NO_RESOURCE),
    };
    if named.any(|other| other != name) {
        return Err(NO_RESOURCE);
    }
    let registered = &request.client.scopes;
    let asked: Scopes = match request.asked.get("scope") {
        Some(asked) => asked.parse().map_err(|_| SCOPE)?,
        None => registered.clone(),
    };
    if !asked.without(registered).is_empty() {
        return Err(SCOPE);
    }
    Audience::single(Resources(resources), name, &asked)
}

fn standing_for(
    request: &TokenRequest<'_>,
    audience: Audience,
) -> Result<AccessTokenRecord, Failure> {
    let (engine, client) = (request.engine, request.client);
    let now = engine.now();
    let subject = client.id.to_string().try_into();
    let subject = subject.map_err(|error| Fault::new("name a client", error))?;
    Ok(AccessTokenRecord {
        client: client.id.clone(),
        subject,
        claims: IdentityClaims::default(),
        scopes: audience.scopes,
        resources: audience.resources,
        acr: AcrValue::alone(Acr::Eidas1),
        auth_time: now,
        issued: now,
        expires: now.after(Rules::of(client).bounded(engine.settings().access_token_lifetime)),
        session: None,
        grant: GrantId::random(&*engine.parts().entropy),
        person: None,
        binding: request.binding.clone(),
        subject_there: None,
        provider: None,
        amr: Vec::new(),
        details: Vec::new(),
        actor: None,
    })
}

const TOO_WEAK: Refusal = Refusal::new(
    OAuthError::UnauthorizedClient,
    "a client in its own name authenticates with a key (private_key_jwt, a certificate) or proves one with DPoP",
);
const NO_RESOURCE: Refusal = Refusal::new(
    OAuthError::InvalidTarget,
    "exactly one resource must be named",
);
const SCOPE: Refusal = Refusal::new(
    OAuthError::InvalidScope,
    "scope is malformed or names one that the client is not registered for",
);
