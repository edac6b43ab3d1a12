//! An identity provider that knows everybody and asks nothing: each visit is another citizen.
//!
//! It keeps no state: its codes and tokens say all it needs. It runs in the bench's own process, so that its work is
//! in nobody's figures.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use guichet_integration_tests::keys::SigningKey;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The hub's name at the provider.
pub(crate) const CLIENT_ID: &str = "guichet";
/// And its secret.
pub(crate) const CLIENT_SECRET: &str = "a secret between hub and bench";

/// The provider; it runs as long as the bench does.
pub(crate) struct StubProvider {
    /// Its issuer.
    pub(crate) issuer: String,
}

struct Inner {
    issuer: String,
    key: SigningKey,
    visits: AtomicU64,
}

impl StubProvider {
    /// Serves it on a free port.
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let issuer = format!("http://{}", listener.local_addr()?);
        let inner = Arc::new(Inner {
            issuer: issuer.clone(),
            key: SigningKey::generate("bench")?,
            visits: AtomicU64::new(0),
        });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(inner);
        tokio::spawn(async move {
            // Ends with the bench.
            let _ = axum::serve(listener, routes).await;
        });
        Ok(Self { issuer })
    }
}

type Shared = State<Arc<Inner>>;

async fn discovery(State(inner): Shared) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", inner.issuer);
    Json(json!({
        "issuer": inner.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn jwks(State(inner): Shared) -> Json<Value> {
    Json(inner.key.jwks())
}

#[derive(Deserialize)]
struct Asked {
    redirect_uri: String,
    state: String,
    nonce: String,
}

async fn authorize(State(inner): Shared, Query(asked): Query<Asked>) -> Redirect {
    let visit = inner.visits.fetch_add(1, Ordering::Relaxed);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &format!("{visit}.{}", asked.nonce))
        .append_pair("state", &asked.state)
        .append_pair("iss", &inner.issuer)
        .finish();
    Redirect::to(&format!("{}?{query}", asked.redirect_uri))
}

async fn token(State(inner): Shared, Form(form): Form<HashMap<String, String>>) -> Response {
    let Some((visit, nonce)) = form.get("code").and_then(|code| code.split_once('.')) else {
        return (
            StatusCode::BAD_REQUEST,
            Json(json!({ "error": "invalid_grant" })),
        )
            .into_response();
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    let claims = json!({
        "iss": inner.issuer, "aud": CLIENT_ID, "exp": now + 300, "iat": now, "auth_time": now, "nonce": nonce,
        "sub": format!("citizen-{visit}"), "acr": "eidas1", "amr": ["pwd"],
    });
    match inner.key.sign(&claims) {
        Ok(id_token) => Json(json!({
            "access_token": visit, "token_type": "Bearer", "expires_in": 60, "id_token": id_token,
        }))
        .into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn userinfo(headers: HeaderMap) -> Response {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    match token
        .and_then(|token| token.strip_prefix("Bearer "))
        .and_then(|visit| visit.parse().ok())
    {
        Some(visit) => Json(citizen(visit)).into_response(),
        None => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// The citizen of a visit: no two have the same name.
fn citizen(visit: u64) -> Value {
    json!({
        "sub": format!("citizen-{visit}"),
        "given_name": "Camille Aimée",
        "family_name": format!("MARTIN {}", letters(visit)),
        "birthdate": format!("19{:02}-{:02}-{:02}", 40 + visit % 60, 1 + visit % 12, 1 + visit % 28),
        "gender": if visit.is_multiple_of(2) { "female" } else { "male" },
        "birthplace": "69383",
        "birthcountry": "99100",
        "email": format!("citizen-{visit}@example.org"),
    })
}

/// A number as a name could spell it.
fn letters(mut number: u64) -> String {
    let mut name = String::from("Q");
    while number > 0 {
        let letter = u8::try_from(number % 26).unwrap_or_default();
        name.push(char::from(b'A' + letter));
        number /= 26;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_citizens_have_the_same_name() {
        let names: std::collections::HashSet<String> = (0..2000).map(letters).collect();
        assert_eq!(names.len(), 2000);
        assert_eq!(letters(0), "Q");
    }
}
