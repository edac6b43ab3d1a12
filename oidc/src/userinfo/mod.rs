//! `/userinfo`: what a client may know of the person (OIDC Core §5.3).
//!
//! [`serve`] is the order of the checks; no claims without a [`LiveAccessToken`].

use axum::extract::{Request, State};
use axum::response::Response;
use guichet_domain::{AuditEvent, Client, EventKind, IdentityClaims, OAuthError};
use guichet_keys::Typ;
use http::StatusCode;
use http::request::Parts;
use serde::Serialize;

use crate::bearer::{self, Presented, PresentedToken};
use crate::binding::Scheme;
use crate::called::Called;
use crate::live_token::LiveAccessToken;
use crate::profile::Rules;
use crate::records::AccessTokenRecord;
use crate::refusal::{Failure, Refusal, bearer_challenge, key_fault, resource_error};
use crate::routes::Rooms;
use crate::{Engine, audit, respond};

/// `GET /userinfo`. No CORS headers, as at the token endpoint.
pub(crate) async fn get(State(rooms): State<Rooms>, request: Request) -> Response {
    let (head, _) = request.into_parts();
    respond(&rooms.engine, &head, bearer::of_get(&head)).await
}

/// `POST /userinfo`: the token in the header or in the form body (RFC 6750 §2.2).
pub(crate) async fn post(State(rooms): State<Rooms>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let presented = bearer::of_post(&head, body).await;
    respond(&rooms.engine, &head, presented).await
}

async fn respond(engine: &Engine, head: &Parts, presented: Result<Presented, Refusal>) -> Response {
    let (scheme, served) = match presented {
        Ok(Presented::Token(token)) => (token.scheme, serve(engine, head, &token).await),
        Ok(Presented::Nothing) => return bearer_challenge(engine.issuer()),
        Err(refusal) => (Scheme::Bearer, Err(refusal.into())),
    };
    served.unwrap_or_else(|failure| {
        let refusal = failure.seen_from_outside();
        let mut response = resource_error(engine.issuer(), scheme, refusal);
        engine.settings().tokens.userinfo.state_in(&mut response);
        response
    })
}

/// The checks of a userinfo request, in order. The claims leave once the audit entry is written.
async fn serve(engine: &Engine, head: &Parts, token: &PresentedToken) -> Result<Response, Failure> {
    let live = LiveAccessToken::find(engine, &token.text)
        .await?
        .ok_or(DEAD)?;
    let (client, record) = (live.client(), live.record());
    engine.is_on(&client.id)?;
    let presented = (token.scheme, token.text.as_str());
    record
        .binding
        .check_use(engine, head, &Called::by(engine, head), client, presented)
        .await?;
    if !record.resources.is_empty() {
        return Err(FOR_OTHERS.into());
    }
    if !record.scopes.contains("openid") {
        return Err(Refusal::new(
            OAuthError::InsufficientScope,
            "the access token was not issued for openid",
        )
        .into());
    }
    engine
        .settings()
        .tokens
        .userinfo
        .check(record, engine.now())?;
    let response = answer(engine, client, record).await?;
    engine.record(served(engine, record)).await?;
    Ok(response)
}

const DEAD: Refusal = Refusal::new(
    OAuthError::InvalidToken,
    "the access token is unknown, expired or revoked",
);
const FOR_OTHERS: Refusal = Refusal::new(
    OAuthError::InvalidToken,
    "the access token is for a resource of its own",
);

/// The claims as the client registered to have them: plain, signed, or signed and then encrypted (OIDC
/// Core §5.3.2).
async fn answer(
    engine: &Engine,
    client: &Client,
    record: &AccessTokenRecord,
) -> Result<Response, Failure> {
    let plain = Userinfo {
        sub: record.subject.as_str(),
        claims: &record.claims,
    };
    let Some(alg) = client.userinfo_alg else {
        return Ok(respond::json(StatusCode::OK, &plain));
    };
    let rules = Rules::of(client);
    let signed = SignedUserinfo {
        iss: engine.issuer(),
        aud: client.id.as_str(),
        iat: engine.now().seconds(),
        exp: rules.userinfo_expires.then(|| {
            let lifetime = rules.bounded(engine.settings().access_token_lifetime);
            engine.now().after(lifetime).seconds()
        }),
        userinfo: plain,
    };
    let token = engine
        .parts()
        .keys
        .ring()
        .sign_jwt(alg, Typ::Jwt, &signed)
        .map_err(key_fault("sign a userinfo answer"))?;
    Ok(respond::jwt(match client.userinfo_encryption {
        Some(with) => engine.encrypt_for(client, with, &token).await?,
        None => token,
    }))
}

#[derive(Serialize)]
struct Userinfo<'a> {
    sub: &'a str,
    #[serde(flatten)]
    claims: &'a IdentityClaims,
}

/// Has no `auth_time` and, but for the profile whose applications look for it, no `exp`, so that it
/// never passes for an ID token.
#[derive(Serialize)]
struct SignedUserinfo<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(flatten)]
    userinfo: Userinfo<'a>,
}

fn served(engine: &Engine, record: &AccessTokenRecord) -> AuditEvent {
    let event = AuditEvent::new(EventKind::UserinfoServed, engine.now())
        .client(&record.client)
        .detail("grant", record.grant)
        .detail("scope", &record.scopes);
    audit::about(event, record.session, record.person)
}
