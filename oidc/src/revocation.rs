//! `/token/revocation`: a client gives a token back (RFC 7009). A refresh token goes with its whole
//! family and every access token of the grant; an access token goes alone.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use guichet_domain::{AuditEvent, ClientId, EventKind, GrantId, OAuthError};
use http::StatusCode;
use http::request::Parts;

use crate::client_auth::AuthenticatedClient;
use crate::live_token::LiveAccessToken;
use crate::parameters::Parameters;
use crate::refusal::{Failure, Refusal, token_error};
use crate::routes::Rooms;
use crate::token::LiveFamily;
use crate::{Engine, form, respond};

/// `POST /token/revocation`.
pub(crate) async fn post(State(rooms): State<Rooms>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    match revoke(&rooms.engine, &head, body).await {
        Ok(()) => respond::empty(StatusCode::OK),
        Err(failure) => token_error(rooms.engine.issuer(), failure.seen_from_outside()),
    }
}

/// The checks of a revocation, in order. A token that is not there is as good as revoked (RFC 7009
/// §2.2); one of another client is refused and stays.
async fn revoke(engine: &Engine, head: &Parts, body: Body) -> Result<(), Failure> {
    let text = form::read(&head.headers, body).await?;
    let asked = Parameters::read_with_proof(&text, PARAMETERS)?;
    asked.each_once()?;
    let client = AuthenticatedClient::check(engine, head, &asked).await?;
    let token = asked.required("token", "token is missing")?;
    if let Some(token) = LiveAccessToken::find(engine, token).await? {
        must_be_of(&token.record().client, &client)?;
        token.revoke(engine).await?;
        return record(engine, &client, token.record().grant, "access_token").await;
    }
    if let Some(family) = LiveFamily::find(engine, token).await? {
        must_be_of(family.client(), &client)?;
        engine.revoke_grant(family.grant()).await?;
        return record(engine, &client, family.grant(), "refresh_token").await;
    }
    Ok(())
}

/// `token_type_hint` is not looked at: a text tells by itself what it may be.
const PARAMETERS: &[&str] = &["token"];

fn must_be_of(owner: &ClientId, client: &AuthenticatedClient) -> Result<(), Refusal> {
    if *owner == client.id {
        Ok(())
    } else {
        Err(OF_ANOTHER)
    }
}

const OF_ANOTHER: Refusal = Refusal::new(
    OAuthError::InvalidGrant,
    "the token was issued to another client",
);

async fn record(
    engine: &Engine,
    client: &AuthenticatedClient,
    grant: GrantId,
    what: &'static str,
) -> Result<(), Failure> {
    let event = AuditEvent::new(EventKind::TokenRevoked, engine.now())
        .client(&client.id)
        .detail("grant", grant)
        .detail("token", what);
    Ok(engine.record(event).await?)
}
