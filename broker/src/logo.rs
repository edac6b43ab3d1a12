//! Logos: of the service that a login is for (OIDC Registration §2 `logo_uri`), and of providers.
//!
//! Pages load nothing from elsewhere: the service would learn who looks at them before anybody agreed to
//! anything, and each provider would learn of every visitor. The hub fetches logos itself, through the
//! hardened client, and serves them from its own origin; a service's to whoever has a login for it. Only
//! pictures that can do nothing are taken: no SVG.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use guichet_domain::Timestamp;
use guichet_web::PageError;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};
use url::Url;

use crate::hub::Hub;
use crate::login::stray;

/// `GET /login/{id}/logo`
pub(crate) async fn of_service(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let login = hub.load_login(stray::login_id(&id)?, &headers).await?;
    let client = hub.client_of(login.trip())?;
    Ok(hub
        .logo_at(client.logo_uri.as_ref(), "private, max-age=3600")
        .await)
}

/// `GET /providers/{id}/logo`
pub(crate) async fn of_provider(State(hub): State<Hub>, Path(id): Path<String>) -> Response {
    let provider = hub.parts().providers.provider(&id);
    let shown = provider.filter(|provider| provider.active && provider.display.displayed);
    let uri = shown.as_ref().and_then(|it| it.display.logo_uri.as_ref());
    hub.logo_at(uri, "public, max-age=3600").await
}

/// A picture, and what it is by its own first bytes.
#[derive(Clone)]
pub(crate) struct Logo {
    media_type: &'static str,
    picture: Bytes,
}

/// Logos fetched lately, and those that could not be.
#[derive(Default)]
pub(crate) struct Logos(Mutex<HashMap<Url, (Timestamp, Option<Logo>)>>);

/// The most bytes of a logo.
const LARGEST: usize = 128 * 1024;

/// The most logos that are kept.
const MOST: usize = 256;

/// How long a logo is kept, or not asked for again.
const FRESH: Duration = Duration::from_hours(1);

impl Hub {
    async fn logo_at(&self, uri: Option<&Url>, kept: &'static str) -> Response {
        let logo = match uri {
            Some(uri) => self.logo(uri).await,
            None => None,
        };
        match logo {
            Some(logo) => {
                let headers = [
                    (CONTENT_TYPE, logo.media_type),
                    (CACHE_CONTROL, kept),
                    (CONTENT_SECURITY_POLICY, "default-src 'none'"),
                ];
                (headers, logo.picture).into_response()
            }
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }

    async fn logo(&self, uri: &Url) -> Option<Logo> {
        let now = self.now();
        if let Some(known) = self.logos().known(uri, now) {
            return known;
        }
        let fetched = self.parts().outgoing.get_bytes(uri.as_str()).await;
        let logo = fetched.ok().and_then(Logo::read);
        self.logos().keep(uri, logo.clone(), now);
        logo
    }
}

impl Logo {
    fn read(picture: Bytes) -> Option<Self> {
        (picture.len() <= LARGEST).then_some(())?;
        let media_type = match picture.as_ref() {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
            [0xff, 0xd8, 0xff, ..] => "image/jpeg",
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
            [
                b'R',
                b'I',
                b'F',
                b'F',
                _,
                _,
                _,
                _,
                b'W',
                b'E',
                b'B',
                b'P',
                ..,
            ] => "image/webp",
            _ => return None,
        };
        Some(Self {
            media_type,
            picture,
        })
    }
}

impl Logos {
    /// What is known of a logo; `None` when it is to be fetched.
    #[expect(
        clippy::option_option,
        reason = "known to have none is not the same as not known"
    )]
    fn known(&self, uri: &Url, now: Timestamp) -> Option<Option<Logo>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, logo) = kept.get(uri)?;
        (now.since(*at) < FRESH).then(|| logo.clone())
    }

    fn keep(&self, uri: &Url, logo: Option<Logo>, now: Timestamp) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST {
            kept.retain(|_, (at, _)| now.since(*at) < FRESH);
        }
        if kept.len() < MOST {
            kept.insert(uri.clone(), (now, logo));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media_type(picture: &'static [u8]) -> Option<&'static str> {
        Logo::read(Bytes::from_static(picture)).map(|logo| logo.media_type)
    }

    #[test]
    fn a_logo_is_what_its_bytes_say_and_nothing_that_can_act() {
        assert_eq!(media_type(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(media_type(b"\xff\xd8\xff\xe0..."), Some("image/jpeg"));
        assert_eq!(media_type(b"GIF89a..."), Some("image/gif"));
        assert_eq!(media_type(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        for other in [
            &b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"[..],
            b"<!doctype html><script>alert(1)</script>",
            b"GIF88a",
            b"",
        ] {
            assert_eq!(media_type(other), None);
        }
        let large = [&b"\x89PNG\r\n\x1a\n"[..], &vec![0; LARGEST]].concat();
        assert!(Logo::read(Bytes::from(large)).is_none());
    }

    #[test]
    fn what_was_asked_for_is_not_asked_for_again_for_an_hour() {
        let (logos, uri) = (Logos::default(), Url::parse("https://a.example/l").unwrap());
        let at = Timestamp::from_seconds;
        assert!(logos.known(&uri, at(1000)).is_none());
        logos.keep(&uri, None, at(1000));
        assert!(
            logos
                .known(&uri, at(4599))
                .is_some_and(|logo| logo.is_none())
        );
        assert!(logos.known(&uri, at(4600)).is_none());
    }
}
