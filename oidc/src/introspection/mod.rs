//! `/token/introspection`: what a token stands for, to those it concerns (RFC 7662, threat N-39).
//!
//! [`introspect`] is the order of the checks. Whoever may not ask hears what everybody hears of a token
//! that is not there: `active: false` and nothing else.

mod answer;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use guichet_domain::{AuditEvent, Client, EventKind, OAuthError};
use guichet_store::Fault;
use http::request::Parts;
use serde_json::{Map, Value};

use crate::Engine;
use crate::client_auth::AuthenticatedClient;
use crate::live_token::LiveAccessToken;
use crate::parameters::Parameters;
use crate::refusal::{Failure, Refusal, token_error};
use crate::resources::{Heard, Resources};
use crate::routes::Rooms;
use crate::token::LiveFamily;
use crate::{House, audit, form};

use answer::{Told, of_access_token, of_refresh_token};

/// `POST /token/introspection`.
pub(crate) async fn post(State(rooms): State<Rooms>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    introspect(&rooms, &head, body)
        .await
        .unwrap_or_else(|failure| token_error(rooms.engine.issuer(), failure.seen_from_outside()))
}

/// The checks of an introspection, in order.
async fn introspect(rooms: &Rooms, head: &Parts, body: Body) -> Result<Response, Failure> {
    let engine = &rooms.engine;
    let text = form::read(&head.headers, body).await?;
    let asked = Parameters::read_with_proof(&text, PARAMETERS)?;
    asked.each_once()?;
    let client = AuthenticatedClient::check(engine, head, &asked).await?;
    if !client.authentication.is_confidential() {
        // Whoever says a public client's name could try tokens without end (RFC 7662 §2.1, §4).
        return Err(ANONYMOUS.into());
    }
    let token_text = asked.required("token", "token is missing")?;
    let found = Token::find(rooms, &client, token_text).await?;
    let told = match &found {
        Some(token) => {
            token.is_usable(engine)?;
            token
                .told_to(&client, token_text, &*rooms.house, rooms.engine.issuer())
                .await?
        }
        None => Told::inactive(),
    };
    if let Some(token) = &found
        && let Some(event) = token.event(rooms, &client)
    {
        if token.tells_identity() {
            engine.record(event).await?;
        } else {
            engine.note(event);
        }
    }
    answer::send(engine, &client, head, &told).await
}

/// `token_type_hint` is not looked at: a text tells by itself what it may be.
const PARAMETERS: &[&str] = &["token"];

const ANONYMOUS: Refusal = Refusal::new(
    OAuthError::UnauthorizedClient,
    "a client that does not authenticate may not introspect tokens",
);

/// A token that is good now, and about which the client that asks may hear.
enum Token {
    Access(Box<LiveAccessToken>, Heard),
    Refresh(Box<LiveFamily>),
    /// What is said of a voucher by whoever made it.
    Voucher(Map<String, Value>),
}

impl Token {
    async fn find(rooms: &Rooms, client: &Client, text: &str) -> Result<Option<Self>, Fault> {
        let engine = &rooms.engine;
        if let Some(token) = LiveAccessToken::find(engine, text).await? {
            let resources = Resources(&engine.settings().tokens.resources);
            let heard = if token.record().client == client.id {
                Some(Heard {
                    said_like_franceconnect: false,
                    scopes: token.record().scopes.clone(),
                    claims: Vec::new(),
                })
            } else {
                resources.heard(&token, &client.id)
            };
            return Ok(heard.map(|heard| Self::Access(Box::new(token), heard)));
        }
        if let Some(family) = LiveFamily::find(engine, text).await? {
            let is_own = *family.client() == client.id && family.is_current();
            return Ok(is_own.then(|| Self::Refresh(Box::new(family))));
        }
        if !looks_like_a_jwt(text) {
            return Ok(None);
        }
        let rich = &engine.parts().rich;
        let voucher = rich.introspect(text, client, engine.now()).await?;
        Ok(voucher.map(|mut told| {
            told.insert("active".to_owned(), Value::Bool(true));
            Self::Voucher(told)
        }))
    }

    /// Whether anything may be said of it at the moment.
    fn is_usable(&self, engine: &Engine) -> Result<(), Refusal> {
        match self {
            Self::Access(token, _) if token.record().is_in_own_name() => Ok(()),
            Self::Access(token, _) => engine.is_on(&token.record().client),
            Self::Refresh(family) => engine.is_on(family.client()),
            Self::Voucher(_) => Ok(()),
        }
    }

    async fn told_to<'t>(
        &'t self,
        client: &Client,
        text: &'t str,
        house: &dyn House,
        issuer: &'t str,
    ) -> Result<Told<'t>, Fault> {
        match self {
            Self::Access(token, heard) => {
                let told = of_access_token(token, heard, client, house, issuer).await?;
                Ok(Told::Token(Box::new(if heard.said_like_franceconnect {
                    told.said_like_franceconnect(text)
                } else {
                    told
                })))
            }
            Self::Refresh(family) => Ok(Told::Token(Box::new(of_refresh_token(family, issuer)))),
            Self::Voucher(told) => Ok(Told::Voucher(told)),
        }
    }

    /// Whether the answer holds anything of the person's identity.
    fn tells_identity(&self) -> bool {
        matches!(self, Self::Access(_, heard) if !heard.claims.is_empty())
    }

    /// What is put on record; of a voucher, whoever answered has done so.
    fn event(&self, rooms: &Rooms, asking: &Client) -> Option<AuditEvent> {
        let event = AuditEvent::new(EventKind::TokenIntrospected, rooms.engine.now());
        let event = event.client(&asking.id);
        match self {
            Self::Access(token, heard) => {
                let record = token.record();
                let event = event
                    .detail("grant", record.grant)
                    .detail("token_of", &record.client)
                    .detail("scope", &heard.scopes);
                let claims: Vec<&str> = heard.claims.iter().map(|claim| claim.as_str()).collect();
                let event = event.detail("claims", claims.join(" "));
                Some(audit::about(event, record.session, record.person))
            }
            Self::Refresh(family) => Some(event.detail("grant", family.grant())),
            Self::Voucher(_) => None,
        }
    }
}

/// Three parts, as a compact JWS has (RFC 7515 §7.1), or five, as a compact JWE (RFC 7516 §7.1), which a
/// voucher is. Nothing that the engine hands out but JWTs has a dot.
fn looks_like_a_jwt(text: &str) -> bool {
    matches!(text.split('.').count(), 3 | 5)
}
