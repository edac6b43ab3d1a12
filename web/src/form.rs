//! Forms and queries read strictly: small, well formed, each parameter once.

use std::collections::HashSet;

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::PageError;

/// The body of a posted form, at most 64 KiB of `application/x-www-form-urlencoded`.
///
/// A parameter given twice, text that is no UTF-8 and a missing field are refused with a page.
/// Unknown fields are ignored, unless the type says `#[serde(deny_unknown_fields)]`.
#[derive(Clone, Debug)]
pub struct Form<T>(pub T);

/// The query of a request, read by the same rules.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

/// Why a form or a query is not read. The reason goes to the log, never to the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// Longer than 64 KiB, or the sender stopped half-way.
    #[error("the body is too long or incomplete")]
    Length,
    /// Another content type than `application/x-www-form-urlencoded`.
    #[error("the body is not a form")]
    Type,
    /// A parameter is there twice.
    #[error("a parameter is there twice")]
    Duplicate,
    /// A percent escape is broken, or what it says is no UTF-8 or has a NUL in it.
    #[error("a parameter is not text")]
    Encoding,
    /// A field is missing, unknown or of the wrong shape.
    #[error("the fields are not those of this form")]
    Fields,
}

/// Reads `name=value&name=value` into `T` by the rules above.
pub fn parse_strictly<T: DeserializeOwned>(text: &[u8]) -> Result<T, FormError> {
    if text.len() > LONGEST_FORM {
        return Err(FormError::Length);
    }
    check_encoding(text)?;
    let mut seen = HashSet::new();
    for (name, _) in url::form_urlencoded::parse(text) {
        if !seen.insert(name) {
            return Err(FormError::Duplicate);
        }
    }
    serde_urlencoded::from_bytes(text).map_err(|_| FormError::Fields)
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, _: &S) -> Result<Self, PageError> {
        if !is_form(request.headers()) {
            return Err(FormError::Type.into());
        }
        let body = axum::body::to_bytes(request.into_body(), LONGEST_FORM).await;
        let body = body.map_err(|_| FormError::Length)?;
        Ok(Self(parse_strictly(&body)?))
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageError> {
        Ok(Self(parse_strictly(
            parts.uri.query().unwrap_or_default().as_bytes(),
        )?))
    }
}

impl From<FormError> for PageError {
    fn from(error: FormError) -> Self {
        tracing::info!(%error, "a form was refused");
        let status = match error {
            FormError::Length => StatusCode::PAYLOAD_TOO_LARGE,
            FormError::Type => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            FormError::Duplicate | FormError::Encoding | FormError::Fields => {
                StatusCode::BAD_REQUEST
            }
        };
        Self::new(status, "error-bad-request")
    }
}

/// No form of ours is near it.
const LONGEST_FORM: usize = 64 * 1024;

fn is_form(headers: &HeaderMap) -> bool {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Parsers of forms replace what they cannot decode; we would rather not guess.
fn check_encoding(text: &[u8]) -> Result<(), FormError> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'%' {
            decoded.push(first);
            continue;
        }
        let [high, low, after @ ..] = rest else {
            return Err(FormError::Encoding);
        };
        let digit = |byte: u8| char::from(byte).to_digit(16).ok_or(FormError::Encoding);
        let value = digit(*high)? * 16 + digit(*low)?;
        decoded.push(u8::try_from(value).map_err(|_| FormError::Encoding)?);
        rest = after;
    }
    let is_text = std::str::from_utf8(&decoded).is_ok() && !decoded.contains(&0);
    if is_text {
        Ok(())
    } else {
        Err(FormError::Encoding)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Choice {
        provider: String,
        csrf: Option<String>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Exact {
        #[serde(rename = "provider")]
        _provider: String,
    }

    #[test]
    fn a_form_is_read_with_its_accents_and_spaces() {
        let read: Choice = parse_strictly(b"provider=Identit%C3%A9+Postale&x=1").unwrap();
        assert_eq!(
            read,
            Choice {
                provider: "Identité Postale".into(),
                csrf: None
            }
        );
    }

    #[test]
    fn doubtful_forms_are_refused_for_what_is_wrong_with_them() {
        let of = |text: &[u8]| parse_strictly::<Choice>(text).unwrap_err();
        assert_eq!(of(b"provider=a&provider=b"), FormError::Duplicate);
        assert_eq!(of(b"provider=a&x=1&%78=2"), FormError::Duplicate);
        assert_eq!(of(b"provider=%ff"), FormError::Encoding);
        assert_eq!(of(b"provider=%4"), FormError::Encoding);
        assert_eq!(of(b"provider=%zz"), FormError::Encoding);
        assert_eq!(of(b"provider=a%00"), FormError::Encoding);
        assert_eq!(of(b"csrf=a"), FormError::Fields);
        assert_eq!(of(&vec![b'a'; LONGEST_FORM + 1]), FormError::Length);
        let unknown = parse_strictly::<Exact>(b"provider=a&x=1").unwrap_err();
        assert_eq!(unknown, FormError::Fields);
    }

    #[tokio::test]
    async fn a_body_of_another_type_or_size_gets_the_page_for_it() {
        let post = |kind: &str, body: Vec<u8>| {
            Request::post("/")
                .header(CONTENT_TYPE, kind)
                .body(Body::from(body))
                .unwrap()
        };
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        let read = Form::<Choice>::from_request(post(form, b"provider=a".into()), &()).await;
        assert_eq!(read.unwrap().0.provider, "a");
        let json = Form::<Choice>::from_request(post("application/json", b"{}".into()), &()).await;
        assert_eq!(
            json.unwrap_err().status(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE
        );
        let long = Form::<Choice>::from_request(post(form, vec![b'a'; 70_000]), &()).await;
        assert_eq!(long.unwrap_err().status(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(choice) = parse_strictly::<Choice>(&bytes) {
                prop_assert!(!choice.provider.contains('\0'));
            }
        }

        #[test]
        fn what_a_browser_encodes_is_what_is_read(provider in "[^\0]{0,40}") {
            let body = serde_urlencoded::to_string([("provider", &provider)]).unwrap();
            prop_assert_eq!(parse_strictly::<Choice>(body.as_bytes()).unwrap().provider, provider);
        }
    }
}
