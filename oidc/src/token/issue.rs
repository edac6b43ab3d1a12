//! Issuing what a grant buys: an access token, an ID token (OIDC Core §2, §3.1.3.3) and a refresh token.

use guichet_domain::{AcrValue, Amr, EventKind, IdentityClaims, OAuthError, SessionId, Timestamp};
use guichet_keys::{Typ, half_hash};
use guichet_store::Fault;
use serde::Serialize;

use super::access_token::{self, Order};
use super::{TokenRequest, family};
use crate::profile::Rules;
use crate::records::{AccessTokenRecord, Granted};
use crate::refusal::{Failure, Refusal, key_fault};
use crate::resources::{Audience, Resources};
use crate::{AuthorizationDetail, audit, rich};

/// What tokens are issued for, whatever the client brought.
pub(super) struct Purchase {
    /// What was granted.
    pub(super) granted: Granted,
    /// The nonce of the authorization request, for the ID token.
    pub(super) nonce: Option<String>,
    /// What becomes of the grant's refresh token.
    pub(super) refresh: Refresh,
}

/// What becomes of a grant's refresh token.
pub(super) enum Refresh {
    /// A family begins, where the client may have one.
    Begins,
    /// The family goes on.
    Goes {
        /// Its next token.
        text: String,
        /// The session it ends with, if any.
        ends_with: Option<SessionId>,
    },
}

/// The members of a token answer (RFC 6749 §5.1, OIDC Core §3.1.3.3, RFC 8693 §2.2.1, RFC
/// 9396 §7).
#[derive(Serialize)]
pub(super) struct TokenAnswer {
    pub(super) access_token: String,
    pub(super) token_type: &'static str,
    pub(super) expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) issued_token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id_token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refresh_token: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) scope: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) authorization_details: Vec<AuthorizationDetail>,
}

/// Issues the tokens. They leave once the records and the audit entry are written.
pub(super) async fn tokens(
    request: &TokenRequest<'_>,
    purchase: Purchase,
) -> Result<TokenAnswer, Failure> {
    let engine = request.engine;
    let now = engine.now();
    let Purchase {
        granted,
        nonce,
        refresh,
    } = purchase;
    let audience = audience(request, &granted)?;
    let details = details(request, &granted)?;
    let scope = audience.scopes.to_string();
    let (kind, session) = match &refresh {
        Refresh::Begins => (EventKind::TokenIssued, Some(granted.session)),
        Refresh::Goes { ends_with, .. } => (EventKind::TokenRefreshed, *ends_with),
    };
    let rules = Rules::of(request.client);
    let lifetime = rules.bounded(engine.settings().access_token_lifetime);
    let expires = now.after(lifetime);
    let format = audience.format;
    let times = (now, expires);
    let record = standing_for(request, &granted, audience, details.clone(), session, times);
    // The family first. What ends session or grant finds it if it comes later, and has left its mark
    // for the access token to meet if it came earlier.
    let begins = matches!(refresh, Refresh::Begins);
    let refresh_token = match refresh {
        Refresh::Begins => family::begin(request, &granted).await?,
        Refresh::Goes { text, .. } => Some(text),
    };
    let mut issued = access_token::issue(request, Order { record, format }).await;
    // Asked last: whoever is barred while this goes on gets nothing of it.
    if !engine.admits(granted.person, granted.at).await? {
        issued = Err(BARRED.into());
    }
    if issued.is_err() && begins {
        engine.parts().refresh.revoke(granted.grant, now).await?;
    }
    let access_token = issued?;
    let sid = session.is_some().then_some(granted.sid.as_str());
    let id_token = if granted.scopes.contains("openid") {
        let hints = (nonce.as_deref(), sid);
        let signed = id_token(request, &granted, hints, &access_token, now)?;
        Some(match request.client.id_token_encryption {
            Some(with) => engine.encrypt_for(request.client, with, &signed).await?,
            None => signed,
        })
    } else {
        None
    };
    engine.record(audit::of_grant(kind, &granted, now)).await?;
    Ok(TokenAnswer {
        access_token,
        token_type: request.binding.token_type(),
        expires_in: lifetime.as_secs(),
        issued_token_type: None,
        id_token,
        refresh_token,
        scope,
        authorization_details: details,
    })
}

/// What became of the person is none of the client's business.
const BARRED: Refusal = Refusal::new(
    OAuthError::InvalidGrant,
    "what was granted has been taken back",
);

/// What the access token of a request will be for.
pub(super) fn audience(request: &TokenRequest<'_>, granted: &Granted) -> Result<Audience, Refusal> {
    let resources = Resources(&request.engine.settings().tokens.resources);
    Audience::choose(resources, granted, request.asked.all("resource"))
}

/// What the access token of a request will hold beyond scopes: what was granted, or of it what the request
/// names (RFC 9396 §6). The refresh token keeps it all.
pub(super) fn details(
    request: &TokenRequest<'_>,
    granted: &Granted,
) -> Result<Vec<AuthorizationDetail>, Refusal> {
    match request.asked.get("authorization_details") {
        Some(text) => rich::named_among(&granted.details, text),
        None => Ok(granted.details.clone()),
    }
}

/// What the access token stands for. One for a resource carries no identity: it is of no use at userinfo.
fn standing_for(
    request: &TokenRequest<'_>,
    granted: &Granted,
    audience: Audience,
    details: Vec<AuthorizationDetail>,
    session: Option<SessionId>,
    (issued, expires): (Timestamp, Timestamp),
) -> AccessTokenRecord {
    AccessTokenRecord {
        client: granted.client.clone(),
        subject: granted.subject.clone(),
        claims: if audience.resources.is_empty() {
            granted.claims.clone()
        } else {
            IdentityClaims::default()
        },
        scopes: audience.scopes,
        resources: audience.resources,
        acr: granted.acr,
        auth_time: granted.auth_time,
        issued,
        expires,
        session,
        grant: granted.grant,
        person: granted.person,
        binding: request.binding.clone(),
        subject_there: None,
        actor: None,
        provider: granted.provider.clone(),
        amr: granted.amr.clone(),
        details,
    }
}

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
    acr: AcrValue,
    #[serde(skip_serializing_if = "<[Amr]>::is_empty")]
    amr: &'a [Amr],
    at_hash: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(flatten)]
    identity: &'a IdentityClaims,
}

/// The ID token. Without a session that it could end with there is no `sid`.
fn id_token(
    request: &TokenRequest<'_>,
    granted: &Granted,
    (nonce, sid): (Option<&str>, Option<&str>),
    access_token: &str,
    now: Timestamp,
) -> Result<String, Fault> {
    let (engine, client) = (request.engine, request.client);
    let alg = client.id_token_alg;
    let lifetime = Rules::of(client).bounded(engine.settings().id_token_lifetime);
    let claims = IdTokenClaims {
        iss: engine.issuer(),
        sub: granted.subject.as_str(),
        aud: client.id.as_str(),
        exp: now.after(lifetime).seconds(),
        iat: now.seconds(),
        auth_time: granted.auth_time.seconds(),
        nonce,
        acr: granted.acr,
        amr: &granted.amr,
        at_hash: half_hash(alg, access_token),
        sid,
        identity: &granted.id_token_claims,
    };
    engine
        .parts()
        .keys
        .ring()
        .sign_jwt(alg, Typ::Jwt, &claims)
        .map_err(key_fault("sign an ID token"))
}
