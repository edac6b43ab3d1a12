//! Issuing what a code buys: an opaque access token and an ID token (OIDC Core §2, §3.1.3.3).

use guichet_domain::{Acr, Amr, AuditEvent, Client, EventKind, OAuthError, Timestamp};
use guichet_keys::{HandedOut, HandedOutKind, Typ, half_hash};
use guichet_store::Fault;
use serde::Serialize;

use super::redeem::RedeemedCode;
use crate::Engine;
use crate::client_auth::AuthenticatedClient;
use crate::records::{AccessTokenRecord, CodeRecord, seal};
use crate::refusal::{Failure, Refusal, key_fault};

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
    engine: &Engine,
    client: &AuthenticatedClient,
    code: RedeemedCode,
) -> Result<TokenAnswer, Failure> {
    let record = code.into_record();
    let now = engine.now();
    let parts = engine.parts();
    let access_token = HandedOut::fresh(&*parts.entropy, HandedOutKind::AccessToken);
    let id_token = id_token(engine, client, &record, access_token.text(), now)?;
    let event = issued(&record, now);
    let scope = record.scopes.to_string();
    let (session, grant) = (record.session, record.grant);
    let lifetime = engine.settings().access_token_lifetime;
    let key = access_token.hash();
    let sealed = seal(engine.access_token_sealer(), key, &standing_for(record))?;
    parts
        .access_tokens
        .issue(
            *key.as_bytes(),
            grant,
            Some(session),
            sealed,
            now.after(lifetime),
        )
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
        token_type: "Bearer",
        expires_in: lifetime.as_secs(),
        id_token,
        scope,
    })
}

const ENDED: Refusal = Refusal::new(OAuthError::InvalidGrant, "the session has ended");

/// The claims of an ID token. Identity claims are served at userinfo only (OIDC Core §5.4).
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
}

fn id_token(
    engine: &Engine,
    client: &Client,
    record: &CodeRecord,
    access_token: &str,
    now: Timestamp,
) -> Result<String, Fault> {
    let alg = client.id_token_alg;
    let claims = IdTokenClaims {
        iss: engine.issuer(),
        sub: record.subject.as_str(),
        aud: client.id.as_str(),
        exp: now.after(engine.settings().id_token_lifetime).seconds(),
        iat: now.seconds(),
        auth_time: record.auth_time.seconds(),
        nonce: record.nonce.as_deref(),
        acr: record.acr,
        amr: &record.amr,
        at_hash: half_hash(alg, access_token),
        sid: &record.sid,
    };
    engine
        .parts()
        .keys
        .ring()
        .sign_jwt(alg, Typ::Jwt, &claims)
        .map_err(key_fault("sign an ID token"))
}

fn standing_for(record: CodeRecord) -> AccessTokenRecord {
    AccessTokenRecord {
        client: record.client,
        subject: record.subject,
        claims: record.claims,
        scopes: record.scopes,
        session: record.session,
        grant: record.grant,
        person: record.person,
    }
}

fn issued(record: &CodeRecord, now: Timestamp) -> AuditEvent {
    let event = AuditEvent::new(EventKind::TokenIssued, now)
        .client(&record.client)
        .session(record.session)
        .acr(record.acr)
        .detail("grant", record.grant)
        .detail("scope", &record.scopes);
    match record.person {
        Some(person) => event.person(person),
        None => event,
    }
}
