//! Issuing what a grant buys: an opaque access token and an ID token (OIDC Core §2, §3.1.3.3).

use guichet_domain::{Acr, Amr, EventKind, IdentityClaims, OAuthError, Timestamp};
use guichet_keys::{HandedOut, HandedOutKind, Typ, half_hash};
use guichet_store::Fault;
use serde::Serialize;

use super::TokenRequest;
use crate::audit;
use crate::binding::SenderBinding;
use crate::records::{AccessTokenRecord, Granted, seal};
use crate::refusal::{Failure, Refusal, key_fault};

/// What tokens are issued for, whatever the client brought.
pub(super) struct Purchase {
    /// What was granted.
    pub(super) granted: Granted,
    /// The nonce of the authorization request, for the ID token.
    pub(super) nonce: Option<String>,
}

/// The members of a token answer (RFC 6749 §5.1, OIDC Core §3.1.3.3).
#[derive(Serialize)]
pub(super) struct TokenAnswer {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    id_token: String,
    scope: String,
}

/// Issues the tokens. They leave once the access token's record and the audit entry are written.
pub(super) async fn tokens(
    request: &TokenRequest<'_>,
    purchase: Purchase,
) -> Result<TokenAnswer, Failure> {
    let engine = request.engine;
    let now = engine.now();
    let parts = engine.parts();
    let access_token = HandedOut::fresh(&*parts.entropy, HandedOutKind::AccessToken);
    let id_token = id_token(request, &purchase, access_token.text(), now)?;
    let id_token = match request.client.id_token_encryption {
        Some(with) => engine.encrypt_for(request.client, with, &id_token).await?,
        None => id_token,
    };
    let granted = purchase.granted;
    let event = audit::of_grant(EventKind::TokenIssued, &granted, now);
    let scope = granted.scopes.to_string();
    let (session, grant) = (granted.session, granted.grant);
    let lifetime = engine.settings().access_token_lifetime;
    let expires = now.after(lifetime);
    let key = access_token.hash();
    let record = standing_for(granted, request.binding.clone(), (now, expires));
    let sealed = seal(engine.access_token_sealer(), key, &record)?;
    parts
        .access_tokens
        .issue(*key.as_bytes(), grant, Some(session), sealed, expires)
        .await?;
    // A session that ended between the code and here takes its codes with it: the client was told of
    // the end already, and would keep a sign-in nobody ends any more (threat N-38).
    if parts
        .access_tokens
        .live(*key.as_bytes(), now)
        .await?
        .is_none()
    {
        return Err(ENDED.into());
    }
    engine.record(event).await?;
    Ok(TokenAnswer {
        access_token: access_token.text().to_owned(),
        token_type: request.binding.token_type(),
        expires_in: lifetime.as_secs(),
        id_token,
        scope,
    })
}

const ENDED: Refusal = Refusal::new(OAuthError::InvalidGrant, "the session has ended");

/// The claims of an ID token. Identity claims are served at userinfo (OIDC Core §5.4), but for those
/// asked for here by name (§5.5).
#[derive(Serialize)]
struct IdTokenClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    acr: Acr,
    amr: &'a [Amr],
    at_hash: String,
    sid: &'a str,
    #[serde(flatten)]
    identity: &'a IdentityClaims,
}

fn id_token(
    request: &TokenRequest<'_>,
    purchase: &Purchase,
    access_token: &str,
    now: Timestamp,
) -> Result<String, Fault> {
    let (engine, client, granted) = (request.engine, request.client, &purchase.granted);
    let alg = client.id_token_alg;
    let claims = IdTokenClaims {
        iss: engine.issuer(),
        sub: granted.subject.as_str(),
        aud: client.id.as_str(),
        exp: now.after(engine.settings().id_token_lifetime).seconds(),
        iat: now.seconds(),
        auth_time: granted.auth_time.seconds(),
        nonce: purchase.nonce.as_deref(),
        acr: granted.acr,
        amr: &granted.amr,
        at_hash: half_hash(alg, access_token),
        sid: &granted.sid,
        identity: &granted.id_token_claims,
    };
    engine
        .parts()
        .keys
        .ring()
        .sign_jwt(alg, Typ::Jwt, &claims)
        .map_err(key_fault("sign an ID token"))
}

fn standing_for(
    granted: Granted,
    binding: SenderBinding,
    (issued, expires): (Timestamp, Timestamp),
) -> AccessTokenRecord {
    AccessTokenRecord {
        client: granted.client,
        subject: granted.subject,
        claims: granted.claims,
        scopes: granted.scopes,
        resources: granted.resources,
        acr: granted.acr,
        auth_time: granted.auth_time,
        issued,
        expires,
        session: Some(granted.session),
        grant: granted.grant,
        person: granted.person,
        binding,
    }
}
