//! The access token of a request: brought in one way, and alive (RFC 6750 §2).

use std::sync::Arc;

use axum::body::Body;
use guichet_domain::{Client, OAuthError};
use guichet_keys::{HandedOutKind, TokenHash};
use http::header;
use http::request::Parts;

use crate::parameters::Parameters;
use crate::records::{self, AccessTokenRecord};
use crate::refusal::{Failure, Refusal};
use crate::{Engine, form};

/// What a request brings.
pub(super) enum Presented {
    /// An access token.
    Token(String),
    /// None at all.
    Nothing,
}

/// An access token that is known, unexpired, not revoked, and whose client is still active.
pub(super) struct LiveAccessToken {
    client: Arc<Client>,
    record: AccessTokenRecord,
}

impl LiveAccessToken {
    /// Looks a token up. Hashed as an access token: a code is unknown here (threat N-48).
    pub(super) async fn check(engine: &Engine, token: &str) -> Result<Self, Failure> {
        let key = TokenHash::of(HandedOutKind::AccessToken, token);
        let sealed = engine
            .parts()
            .access_tokens
            .live(*key.as_bytes(), engine.now())
            .await?
            .ok_or(DEAD)?;
        let record: AccessTokenRecord = records::open(engine.access_token_sealer(), key, &sealed)?;
        let client = engine.active_client(record.client.as_str()).ok_or(DEAD)?;
        Ok(Self { client, record })
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    pub(super) fn record(&self) -> &AccessTokenRecord {
        &self.record
    }
}

const DEAD: Refusal = Refusal::new(
    OAuthError::InvalidToken,
    "the access token is unknown, expired or revoked",
);

/// The token of a GET: in the header only.
pub(super) fn of_get(head: &Parts) -> Result<Presented, Refusal> {
    not_in_query(head)?;
    Ok(in_header(head)?.map_or(Presented::Nothing, Presented::Token))
}

/// The token of a POST: in the header or in the form, not in both (RFC 6750 §2).
pub(super) async fn of_post(head: &Parts, body: Body) -> Result<Presented, Refusal> {
    not_in_query(head)?;
    let in_header = in_header(head)?;
    let in_form = if form::is_form(&head.headers) {
        let text = form::read(&head.headers, body).await?;
        let asked = Parameters::read(&text, &["access_token"])?;
        asked.each_once()?;
        asked.get("access_token").map(str::to_owned)
    } else {
        None
    };
    match (in_header, in_form) {
        (Some(_), Some(_)) => Err(refused("the access token comes in two places")),
        (Some(token), None) | (None, Some(token)) => Ok(Presented::Token(token)),
        (None, None) => Ok(Presented::Nothing),
    }
}

/// A token in the query stands in logs and histories by now (RFC 9700 §4.3.2).
fn not_in_query(head: &Parts) -> Result<(), Refusal> {
    let query = head.uri.query().unwrap_or_default();
    let asked = Parameters::read(query.as_bytes(), &["access_token"])?;
    if asked.is_sent("access_token") {
        Err(refused("an access token must not stand in the query"))
    } else {
        Ok(())
    }
}

fn in_header(head: &Parts) -> Result<Option<String>, Refusal> {
    let mut all = head.headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = all.next() else {
        return Ok(None);
    };
    if all.next().is_some() {
        return Err(refused("there are several Authorization headers"));
    }
    value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
        .map(|(_, token)| token.trim().to_owned())
        .filter(|token| is_b64token(token))
        .map(Some)
        .ok_or(refused("the Authorization header is not a Bearer token"))
}

/// The syntax of RFC 6750 §2.1.
fn is_b64token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty()
        && body
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte))
}

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequest, description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;
    use proptest::prelude::*;

    fn head(value: &str) -> Parts {
        Request::builder()
            .uri("/userinfo")
            .header(header::AUTHORIZATION, value)
            .body(())
            .unwrap()
            .into_parts()
            .0
    }

    #[test]
    fn the_scheme_is_read_whatever_its_case() {
        for value in ["Bearer abc", "bearer abc", "BEARER  abc"] {
            assert_eq!(in_header(&head(value)), Ok(Some("abc".to_owned())));
        }
    }

    #[test]
    fn other_schemes_and_broken_tokens_are_refused() {
        for value in [
            "Bearer",
            "Bearer ",
            "Basic abc",
            "Bearer a b",
            "Bearer a=b",
            "Bearer \"x\"",
        ] {
            assert!(in_header(&head(value)).is_err(), "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_a_b64token(value in "[ -~]{0,80}") {
            if let Ok(Some(token)) = in_header(&head(&value)) {
                prop_assert!(is_b64token(&token));
            }
        }
    }
}
