//! Userinfo, as JSON or as a signed token: fetched, believed, handed on as claims.
//!
//! The crate believes RS256 only for signed answers, so this part is ours.

use bytes::Bytes;
use guichet_domain::SigningAlg;
use guichet_web::Outgoing;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use openidconnect::core::CoreJsonWebKey;
use serde_json::{Map, Value};
use url::Url;

use super::hub::HubError;
use super::jws;

/// What an answer must say.
pub(super) struct Expected<'a> {
    /// The `sub` of the ID token (OIDC Core §5.3.4).
    pub(super) subject: &'a str,
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    /// How it must be signed; `None` for plain JSON.
    pub(super) alg: Option<SigningAlg>,
}

/// Asks with the access token.
pub(super) async fn fetch(
    outgoing: &Outgoing,
    endpoint: &Url,
    token: &str,
) -> Result<Response<Bytes>, HubError> {
    let request = Request::get(endpoint.as_str())
        .header(AUTHORIZATION, format!("Bearer {token}"))
        .header(ACCEPT, "application/json, application/jwt")
        .body(Vec::new())
        .map_err(|_| HubError::Userinfo("request"))?;
    outgoing
        .execute(request)
        .await
        .map_err(|_| HubError::Userinfo("unreachable"))
}

/// The claims of an answer, without those about the token itself.
pub(super) fn believe(
    answer: &Response<Bytes>,
    expected: &Expected<'_>,
    keys: &[CoreJsonWebKey],
) -> Result<Map<String, Value>, HubError> {
    if answer.status() != StatusCode::OK {
        return Err(HubError::Userinfo("status"));
    }
    let content_type = answer
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let essence = content_type
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    let mut claims = match (essence, expected.alg) {
        ("application/json", None) => serde_json::from_slice(answer.body())
            .map_err(|_| HubError::Userinfo("no JSON object"))?,
        ("application/jwt", Some(alg)) => signed(answer.body(), alg, expected, keys)?,
        _ => return Err(HubError::Userinfo("content type")),
    };
    if claims.get("sub").and_then(Value::as_str) != Some(expected.subject) {
        return Err(HubError::Userinfo("sub"));
    }
    for about_the_token in ["sub", "iss", "aud", "iat", "exp", "nbf", "jti"] {
        claims.remove(about_the_token);
    }
    Ok(claims)
}

fn signed(
    body: &[u8],
    alg: SigningAlg,
    expected: &Expected<'_>,
    keys: &[CoreJsonWebKey],
) -> Result<Map<String, Value>, HubError> {
    let token = std::str::from_utf8(body).map_err(|_| HubError::Userinfo("not text"))?;
    let claims =
        jws::verify(token.trim(), alg, None, keys).map_err(|_| HubError::Userinfo("signature"))?;
    if claims.get("iss").and_then(Value::as_str) != Some(expected.issuer) {
        return Err(HubError::Userinfo("iss"));
    }
    if !super::logout_token::is_for(claims.get("aud"), expected.client_id) {
        return Err(HubError::Userinfo("aud"));
    }
    Ok(claims)
}
