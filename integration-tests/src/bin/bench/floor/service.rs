//! What services ask the floor: tokens for a code, the claims, the public documents.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use guichet_integration_tests::keys::base64url;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::floor::crypto::{Crypto, random_text, sha256};
use crate::floor::records::{Claims, Granted};
use crate::floor::{Floor, Wrong};
use crate::walker;

type Shared = State<Arc<Floor>>;

/// A registered client.
pub(super) struct Registered {
    secret: [u8; 32],
    pub(super) redirect_uri: &'static str,
    signed_userinfo: bool,
}

/// The services of the bench.
pub(super) fn registered() -> HashMap<&'static str, Registered> {
    let register = |service: walker::Service| {
        let registered = Registered {
            secret: sha256(service.secret.as_bytes()),
            redirect_uri: service.redirect_uri,
            signed_userinfo: service.userinfo == walker::UserinfoForm::Signed,
        };
        (service.id, registered)
    };
    HashMap::from([register(walker::PLAIN), register(walker::SIGNED)])
}

/// Documents written once.
pub(super) struct Documents {
    metadata: String,
    jwks: String,
}

impl Documents {
    pub(super) fn new(issuer: &str, crypto: &Crypto) -> Self {
        let at = |path: &str| format!("{issuer}{path}");
        let metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "userinfo_endpoint": at("/userinfo"),
            "jwks_uri": at("/jwks"),
            "filling": " ".repeat(1500),
        });
        Self {
            metadata: metadata.to_string(),
            jwks: crypto.jwks().to_string(),
        }
    }
}

pub(super) async fn metadata(State(floor): Shared) -> Response {
    document(&floor.documents.metadata)
}

pub(super) async fn jwks(State(floor): Shared) -> Response {
    document(&floor.documents.jwks)
}

fn document(text: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, text.to_owned()).into_response()
}

#[derive(Deserialize)]
pub(super) struct TokenRequest {
    code: String,
    redirect_uri: String,
    code_verifier: String,
    client_id: String,
    client_secret: String,
}

#[derive(Serialize)]
struct IdToken<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: u64,
    iat: u64,
    auth_time: u64,
    nonce: &'a str,
    acr: &'static str,
    amr: [&'static str; 1],
    at_hash: String,
    sid: &'a str,
}

/// Step 7: a code for tokens.
pub(super) async fn token(
    State(floor): Shared,
    Form(asked): Form<TokenRequest>,
) -> Result<Response, Wrong> {
    let client = floor
        .clients
        .get(asked.client_id.as_str())
        .context("unknown client")?;
    let secret = sha256(asked.client_secret.as_bytes());
    aws_lc_rs::constant_time::verify_slices_are_equal(&client.secret, &secret)
        .ok()
        .context("another secret")?;
    let granted: Granted = floor
        .store
        .codes
        .take(&floor.crypto, &sha256(asked.code.as_bytes()))?;
    holds(&granted, &asked)?;
    let access_token = random_text()?;
    let hash = sha256(access_token.as_bytes());
    let now = now();
    let id_token = floor.crypto.sign(&IdToken {
        iss: &floor.issuer,
        sub: &granted.known.subject,
        aud: &asked.client_id,
        exp: now + 300,
        iat: now,
        auth_time: now,
        nonce: &granted.request.nonce,
        acr: "eidas1",
        amr: ["pwd"],
        at_hash: base64url(&hash[..16]),
        sid: &granted.known.session,
    })?;
    floor
        .store
        .access_tokens
        .put(&floor.crypto, &hash, &granted)?;
    floor
        .record(
            "token.issued",
            &granted.login,
            &granted.request,
            Some(&granted.known),
        )
        .await?;
    let answer = Json(json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": 300, "id_token": id_token,
        "scope": granted.request.scope,
    }));
    Ok(([(header::CACHE_CONTROL, "no-store")], answer).into_response())
}

fn holds(granted: &Granted, asked: &TokenRequest) -> Result<()> {
    let request = &granted.request;
    ensure!(request.client_id == asked.client_id, "the code of another");
    ensure!(
        request.redirect_uri == asked.redirect_uri,
        "another redirect URI"
    );
    ensure!(
        request.code_challenge == base64url(&sha256(asked.code_verifier.as_bytes())),
        "another verifier"
    );
    Ok(())
}

#[derive(Serialize)]
struct Userinfo<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<u64>,
    #[serde(flatten)]
    claims: Claims,
}

/// Step 8: the claims.
pub(super) async fn userinfo(State(floor): Shared, headers: HeaderMap) -> Result<Response, Wrong> {
    let authorization = headers
        .get(header::AUTHORIZATION)
        .context("no token")?
        .to_str()?;
    let token = authorization.strip_prefix("Bearer ").context("no token")?;
    let granted: Granted = floor
        .store
        .access_tokens
        .get(&floor.crypto, &sha256(token.as_bytes()))?;
    let client = floor
        .clients
        .get(granted.request.client_id.as_str())
        .context("unknown client")?;
    let claims = Claims {
        sub: granted.known.subject.clone(),
        ..granted.known.claims.clone()
    };
    let is_signed = client.signed_userinfo;
    let userinfo = Userinfo {
        iss: is_signed.then_some(floor.issuer.as_str()),
        aud: is_signed.then_some(granted.request.client_id.as_str()),
        iat: is_signed.then(now),
        claims,
    };
    floor
        .record(
            "userinfo.served",
            &granted.login,
            &granted.request,
            Some(&granted.known),
        )
        .await?;
    if is_signed {
        let token = floor.crypto.sign(&userinfo)?;
        return Ok(([(header::CONTENT_TYPE, "application/jwt")], token).into_response());
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(userinfo)).into_response())
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
