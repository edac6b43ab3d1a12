//! What is said of a token, and in which shape: JSON (RFC 7662 §2.2), or a JWT signed for whoever asks
//! (RFC 9701).

use std::borrow::Cow;

use axum::response::Response;
use guichet_domain::{AcrValue, Client, IdentityClaims, Scopes};
use guichet_keys::Typ;
use guichet_store::Fault;
use http::request::Parts;
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::binding::Confirmation;
use crate::live_token::LiveAccessToken;
use crate::records::Act;
use crate::refusal::{Failure, key_fault};
use crate::resources::Heard;
use crate::token::LiveFamily;
use crate::{AuthorizationDetail, Engine, House, respond};

/// What is said.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Told<'a> {
    /// Of a token of the engine's, or of none at all.
    Token(Box<Introspected<'a>>),
    /// Of a voucher, by whoever made it.
    Voucher(&'a Map<String, Value>),
}

impl Told<'_> {
    /// A token that is not good, or not for the ears of whoever asks.
    pub(super) fn inactive() -> Self {
        Self::Token(Box::default())
    }
}

/// The members of an introspection answer. Those of a token that is not there, or of which one may not
/// hear, are `active` alone (RFC 7662 §2.2).
#[derive(Default, Serialize)]
pub(super) struct Introspected<'a> {
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<Audience<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<AcrValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<Act<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    authorization_details: &'a [AuthorizationDetail],
    #[serde(flatten)]
    identity: IdentityClaims,
}

/// Whom a token is for.
#[derive(Serialize)]
#[serde(untagged)]
enum Audience<'a> {
    /// The service it was issued to, as FranceConnect says it.
    Service(&'a str),
    /// Resources.
    Resources(&'a [String]),
}

impl<'a> Audience<'a> {
    fn of(resources: &'a [String]) -> Option<Self> {
        (!resources.is_empty()).then_some(Self::Resources(resources))
    }
}

impl<'a> Introspected<'a> {
    /// The same as data providers of FranceConnect read it: `aud` is the service, `jti` the token's text.
    pub(super) fn said_like_franceconnect(self, text: &'a str) -> Self {
        Self {
            aud: self.client_id.map(Audience::Service),
            jti: Some(text),
            ..self
        }
    }
}

/// What `client` hears of an access token; of the person's identity, what is known at this moment. The
/// person's name is the one `client` knows them by, never that of the service the token was issued to
/// (OIDC Core §8.1).
pub(super) async fn of_access_token<'a>(
    token: &'a LiveAccessToken,
    heard: &Heard,
    client: &Client,
    house: &dyn House,
    issuer: &'a str,
) -> Result<Introspected<'a>, Fault> {
    let record = token.record();
    let sub = if token.client().sector == client.sector {
        Some(Cow::Borrowed(record.subject.as_str()))
    } else if let Some(subject) = &record.subject_there {
        Some(Cow::Borrowed(subject.as_str()))
    } else if let Some(person) = record.person {
        let subject = house.subject_in(&client.sector, person).await?;
        subject.map(|subject| Cow::Owned(subject.into()))
    } else {
        None
    };
    let identity = match record.session {
        Some(session) if !heard.claims.is_empty() => {
            let known = house.identity_of(session, record.person).await?;
            known.unwrap_or_default().only(&heard.claims)
        }
        _ => IdentityClaims::default(),
    };
    Ok(Introspected {
        active: true,
        iss: Some(issuer),
        client_id: Some(record.client.as_str()),
        sub,
        aud: Audience::of(&record.resources),
        jti: None,
        scope: Some(heard.scopes.to_string()),
        token_type: Some(record.binding.token_type()),
        iat: Some(record.issued.seconds()),
        exp: Some(record.expires.seconds()),
        // Nobody signed in for a token in its client's own name.
        acr: (!record.is_in_own_name()).then_some(record.acr),
        auth_time: (!record.is_in_own_name()).then(|| record.auth_time.seconds()),
        cnf: record.binding.confirmation(),
        act: record.actor.as_ref().map(Act::of),
        // Granted to the client alone: no resource has a part in them (RFC 9396 §9.2).
        authorization_details: if record.client == client.id {
            &record.details
        } else {
            &[]
        },
        identity,
    })
}

/// What its client hears of a refresh token.
pub(super) fn of_refresh_token<'a>(family: &'a LiveFamily, issuer: &'a str) -> Introspected<'a> {
    let granted = &family.record.granted;
    let scopes: &Scopes = &granted.scopes;
    Introspected {
        active: true,
        iss: Some(issuer),
        client_id: Some(granted.client.as_str()),
        sub: Some(Cow::Borrowed(granted.subject.as_str())),
        aud: Audience::of(&granted.resources),
        scope: Some(scopes.to_string()),
        exp: Some(family.expires().seconds()),
        acr: Some(granted.acr),
        auth_time: Some(granted.auth_time.seconds()),
        authorization_details: &granted.details,
        ..Introspected::default()
    }
}

/// Sends the answer as the client registered to have it, or as the request asks.
pub(super) async fn send(
    engine: &Engine,
    client: &Client,
    head: &Parts,
    told: &Told<'_>,
) -> Result<Response, Failure> {
    if client.introspection_alg.is_none() && !accepts_jwt(head) {
        return Ok(respond::json(StatusCode::OK, told));
    }
    let alg = client.introspection_alg.unwrap_or(engine.alg_for(client));
    let claims = Signed {
        iss: engine.issuer(),
        aud: client.id.as_str(),
        iat: engine.now().seconds(),
        token_introspection: told,
    };
    let token = engine
        .parts()
        .keys
        .ring()
        .sign_jwt(alg, Typ::TokenIntrospection, &claims)
        .map_err(key_fault("sign an introspection answer"))?;
    Ok(respond::introspection_jwt(
        match client.introspection_encryption {
            Some(with) => engine.encrypt_for(client, with, &token).await?,
            None => token,
        },
    ))
}

/// The claims of a signed answer. It has neither `sub` nor `exp`, so that it never passes for an access
/// token (RFC 9701 §5).
#[derive(Serialize)]
struct Signed<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    token_introspection: &'a Told<'a>,
}

/// Whether the request asks for a JWT by the media type (RFC 9701 §4).
fn accepts_jwt(head: &Parts) -> bool {
    let accepted = head.headers.get_all(header::ACCEPT).iter();
    let mut types = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|range| range.split(';').next());
    types.any(|it| it.trim().eq_ignore_ascii_case(respond::INTROSPECTION_JWT))
}
