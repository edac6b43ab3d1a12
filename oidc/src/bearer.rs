//! The access token of a request: brought in one way (RFC 6750 §2, RFC 9449 §7.1).

use axum::body::Body;
use guichet_domain::OAuthError;
use http::header;
use http::request::Parts;

use crate::binding::Scheme;
use crate::form;
use crate::parameters::Parameters;
use crate::refusal::Refusal;

/// What a request brings.
pub(crate) enum Presented {
    /// An access token.
    Token(PresentedToken),
    /// None at all.
    Nothing,
}

/// An access token as it came.
pub(crate) struct PresentedToken {
    pub(crate) text: String,
    pub(crate) scheme: Scheme,
}

/// The token of a GET: in the header only.
pub(crate) fn of_get(head: &Parts) -> Result<Presented, Refusal> {
    not_in_query(head)?;
    Ok(in_header(head)?.map_or(Presented::Nothing, Presented::Token))
}

/// The token of a POST: in the header or in the form, not in both (RFC 6750 §2).
pub(crate) async fn of_post(head: &Parts, body: Body) -> Result<Presented, Refusal> {
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
        (Some(token), None) => Ok(Presented::Token(token)),
        (None, Some(text)) => Ok(Presented::Token(PresentedToken {
            text,
            scheme: Scheme::Bearer,
        })),
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

fn in_header(head: &Parts) -> Result<Option<PresentedToken>, Refusal> {
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
        .and_then(|(scheme, token)| {
            Some(PresentedToken {
                text: token.trim().to_owned(),
                scheme: Scheme::named(scheme)?,
            })
        })
        .filter(|token| is_b64token(&token.text))
        .map(Some)
        .ok_or(refused(
            "the Authorization header is neither a Bearer nor a DPoP token",
        ))
}

/// The syntax of an access token (RFC 6750 §2.1).
pub(crate) fn is_b64token(token: &str) -> bool {
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
        for (value, scheme) in [
            ("Bearer abc", Scheme::Bearer),
            ("bearer abc", Scheme::Bearer),
            ("BEARER  abc", Scheme::Bearer),
            ("DPoP abc", Scheme::Dpop),
            ("dpop abc", Scheme::Dpop),
        ] {
            let token = in_header(&head(value)).unwrap().unwrap();
            assert_eq!((token.text.as_str(), token.scheme), ("abc", scheme));
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
                prop_assert!(is_b64token(&token.text));
            }
        }
    }
}
