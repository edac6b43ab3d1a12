//! The endpoints of a run, below `/tester/{run}` on the public listener. What is asked for under a run that is
//! over, or never was, is not there. No cookie is set or read, and no page is shown.

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{ClientTestId, Timestamp};
use guichet_keys::same;
use guichet_store::durable::client_tests::ClientTestRecord;
use guichet_web::{Form, Query};
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Case;
use super::desk::{Tester, opened};
use super::play;
use super::run::{Attempt, MOST_ATTEMPTS, Run};

/// Every address of the false provider.
pub fn routes(tester: Tester) -> Router {
    Router::new()
        .route(
            "/tester/{run}/.well-known/openid-configuration",
            get(discovery),
        )
        .route("/tester/{run}/jwks", get(keys))
        .route("/tester/{run}/authorize", get(authorize))
        .route("/tester/{run}/token", axum::routing::post(token))
        .route("/tester/{run}/userinfo", get(userinfo).post(userinfo))
        .route("/tester/{run}/end", get(end))
        .with_state(tester)
}

/// A `state` or `nonce` that is longer is nobody's.
const LONGEST_VALUE: usize = 2048;

/// A run that plays.
struct Live {
    id: ClientTestId,
    record: ClientTestRecord,
    run: Run,
}

impl Tester {
    async fn live(&self, text: &str, now: Timestamp) -> Result<Live, Response> {
        let id: ClientTestId = text.parse().map_err(|_| nothing())?;
        let found = self.tests.run(id).await.map_err(|error| failed(&error))?;
        let (record, _) = found.ok_or_else(nothing)?;
        let run = opened(&record).map_err(|error| failed(&error))?;
        if run.is_live(now) {
            Ok(Live { id, record, run })
        } else {
            Err(nothing())
        }
    }

    /// The code, or the access token, of an attempt: `3.…`, made again instead of being remembered.
    fn text(&self, what: &str, id: ClientTestId, number: usize) -> String {
        let tag = self
            .mac
            .tag(&[what.as_bytes(), id.as_bytes(), &number.to_be_bytes()]);
        format!("{number}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    /// The attempt whose code, or access token, this is.
    fn number(&self, what: &str, id: ClientTestId, text: &str) -> Option<usize> {
        let number = text.split_once('.')?.0.parse().ok()?;
        let is_ours = same(self.text(what, id, number).as_bytes(), text.as_bytes());
        is_ours.then_some(number)
    }
}

const CODE: &str = "code";
const ACCESS_TOKEN: &str = "access_token";

/// `GET /tester/{run}/.well-known/openid-configuration`
async fn discovery(
    State(tester): State<Tester>,
    Path(run): Path<String>,
) -> Result<Response, Response> {
    let live = tester.live(&run, tester.clock.now()).await?;
    let issuer = tester.issuer_of(live.id);
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "end_session_endpoint": format!("{issuer}/end"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [live.run.alg.as_str()],
        "token_endpoint_auth_methods_supported": [
            "client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none",
        ],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile", "email"],
        "claims_supported": ["sub", "given_name", "family_name", "email"],
        "authorization_response_iss_parameter_supported": true,
    });
    Ok(Json(document).into_response())
}

/// `GET /tester/{run}/jwks`: the second key is published when it signs.
async fn keys(State(tester): State<Tester>, Path(run): Path<String>) -> Result<Response, Response> {
    let now = tester.clock.now();
    let live = tester.live(&run, now).await?;
    let noted = tester.change(live.id, |run| {
        run.fetched = Some(now);
        Some(())
    });
    noted.await.map_err(|error| failed(&error))?;
    let mut all = Vec::new();
    for number in 0..=live.run.key() {
        let key = tester.key(live.id, &live.run, number);
        all.push(key.map_err(|error| failed(&error))?.jwk().clone());
    }
    Ok(Json(json!({"keys": all})).into_response())
}

/// What a client asks with, as far as it is looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Asked {
    client_id: String,
    redirect_uri: String,
    state: Option<String>,
    nonce: Option<String>,
    code_challenge: Option<String>,
}

impl Asked {
    fn is_short(&self) -> bool {
        let values = [&self.state, &self.nonce, &self.code_challenge];
        values
            .into_iter()
            .flatten()
            .all(|it| it.len() <= LONGEST_VALUE)
    }
}

/// `GET /tester/{run}/authorize`: nobody signs in; the browser goes straight back, to a registered address of the
/// client under test and nowhere else (threat N-282).
async fn authorize(
    State(tester): State<Tester>,
    Path(run): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Response> {
    let now = tester.clock.now();
    let live = tester.live(&run, now).await?;
    let client = tester.clients.client(live.record.client.as_str());
    let client = client.filter(|it| it.active).ok_or_else(nothing)?;
    let is_its_own = asked.client_id == client.id.as_str() && asked.is_short();
    if !is_its_own || client.redirect_uri(&asked.redirect_uri).is_none() {
        return Err(refused(
            "the client_id or the redirect_uri is not that of the client under test",
        ));
    }
    let begun = tester.change(live.id, |run| {
        if run.attempts.len() >= MOST_ATTEMPTS {
            return None;
        }
        let (case, number) = (run.upcoming(), run.attempts.len());
        // Nothing can be replayed before anything was redeemed: then it is an honest one.
        let (case, code_of) = match (case, run.replayed()) {
            (Case::ReplayedCode, Some(earlier)) => (case, earlier),
            (Case::ReplayedCode, None) => (Case::Honest, number),
            _ => (case, number),
        };
        let attempt = Attempt {
            case,
            at: now,
            redirect_uri: asked.redirect_uri.clone(),
            state: asked.state.clone(),
            nonce: asked.nonce.clone(),
            pkce: asked.code_challenge.is_some(),
            code_of,
            redeemed: false,
            used: false,
            signed_in: None,
        };
        run.next = None;
        run.attempts.push(attempt.clone());
        Some(attempt)
    });
    let begun = begun.await.map_err(|error| failed(&error))?;
    let attempt = begun.ok_or_else(|| refused("this run has played enough: begin another"))?;
    let code = tester.text(CODE, live.id, attempt.code_of);
    let answer = play::answer(&tester.issuer_of(live.id), &attempt, &code);
    let answer = answer.ok_or_else(|| refused("the redirect_uri is no address"))?;
    Ok(Redirect::to(answer.as_str()).into_response())
}

/// What comes to the token endpoint, as far as it is looked at.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Grant {
    code: String,
}

/// `POST /tester/{run}/token`. Whoever the client says it is, is believed: what is handed out is worth nothing.
async fn token(
    State(tester): State<Tester>,
    Path(run): Path<String>,
    Form(grant): Form<Grant>,
) -> Result<Response, Response> {
    let now = tester.clock.now();
    let live = tester.live(&run, now).await?;
    let original = tester
        .number(CODE, live.id, &grant.code)
        .ok_or_else(invalid_grant)?;
    let redeemed = tester.change(live.id, |run| {
        let bearer = run.bearer_of(original)?;
        let attempt = run.attempts.get_mut(bearer)?;
        attempt.redeemed = true;
        Some((
            bearer,
            attempt.clone(),
            run.attempts.get(original)?.clone(),
            run.key(),
        ))
    });
    let redeemed = redeemed.await.map_err(|error| failed(&error))?;
    let (bearer, attempt, original, key) = redeemed.ok_or_else(invalid_grant)?;
    let key = tester
        .key(live.id, &live.run, key)
        .map_err(|error| failed(&error))?;
    let names = (tester.issuer_of(live.id), live.record.client.to_string());
    let id_token = play::id_token((&names.0, &names.1), (&attempt, &original), &key, now);
    let answer = json!({
        "access_token": tester.text(ACCESS_TOKEN, live.id, bearer),
        "token_type": "Bearer",
        "expires_in": 60,
        "id_token": id_token.map_err(|error| failed(&error))?,
    });
    let headers = [(header::CACHE_CONTROL, "no-store")];
    Ok((headers, Json(answer)).into_response())
}

/// `GET` or `POST /tester/{run}/userinfo`
async fn userinfo(
    State(tester): State<Tester>,
    Path(run): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let live = tester.live(&run, tester.clock.now()).await?;
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = given
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default();
    let unknown = || {
        let challenge = [(header::WWW_AUTHENTICATE, "Bearer error=\"invalid_token\"")];
        (StatusCode::UNAUTHORIZED, challenge).into_response()
    };
    let number = tester
        .number(ACCESS_TOKEN, live.id, token)
        .ok_or_else(unknown)?;
    let used = tester.change(live.id, |run| {
        let attempt = run.attempts.get_mut(number)?;
        attempt.used = true;
        Some(attempt.clone())
    });
    let used = used.await.map_err(|error| failed(&error))?;
    let attempt = used.ok_or_else(unknown)?;
    Ok(Json(play::userinfo(&attempt)).into_response())
}

/// Where somebody goes after signing out.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Ending {
    post_logout_redirect_uri: String,
}

/// `GET /tester/{run}/end`: back to a registered address of the client, or nowhere.
async fn end(
    State(tester): State<Tester>,
    Path(run): Path<String>,
    Query(ending): Query<Ending>,
) -> Result<Response, Response> {
    let live = tester.live(&run, tester.clock.now()).await?;
    let client = tester.clients.client(live.record.client.as_str());
    let client = client.ok_or_else(nothing)?;
    let to = &ending.post_logout_redirect_uri;
    let mut registered = client.post_logout_redirect_uris.iter();
    if registered.any(|it| it.matches(to)) {
        Ok(Redirect::to(to).into_response())
    } else {
        Ok(Json(json!({"signed_out": true})).into_response())
    }
}

fn nothing() -> Response {
    said(
        StatusCode::NOT_FOUND,
        &json!({"error": "not_found", "error_description": "no such run plays"}),
    )
}

fn refused(why: &str) -> Response {
    said(
        StatusCode::BAD_REQUEST,
        &json!({"error": "invalid_request", "error_description": why}),
    )
}

fn invalid_grant() -> Response {
    said(StatusCode::BAD_REQUEST, &json!({"error": "invalid_grant"}))
}

fn failed(error: &dyn std::error::Error) -> Response {
    tracing::error!(%error, "a test of a client failed");
    said(
        StatusCode::INTERNAL_SERVER_ERROR,
        &json!({"error": "server_error"}),
    )
}

fn said(status: StatusCode, body: &Value) -> Response {
    (status, Json(body.clone())).into_response()
}
