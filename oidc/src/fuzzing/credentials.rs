//! What clients prove who they are with: the `Authorization` header, and certificates.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use guichet_domain::client::ClientDirectory as _;
use http::{HeaderValue, Request, StatusCode, header};

use super::FrontDoor;
use crate::parameters::decode;
use crate::testing::{Answered, CERTIFICATE, Form, SECRET, over};

/// An `Authorization` header: as it stands when it begins with a scheme, and otherwise as the
/// credentials of Basic. Who gets in has said a client's name and secret, in one of the two readings.
/// Whether they got in.
pub fn basic(door: &FrontDoor, input: &[u8]) -> bool {
    let encoded = format!("Basic {}", STANDARD.encode(input));
    let is_whole = input.starts_with(b"Basic ") || input.starts_with(b"Bearer ");
    let value = if is_whole { input } else { encoded.as_bytes() };
    let Ok(value) = HeaderValue::from_bytes(value) else {
        return false;
    };
    let mut request = Form::empty().with("token", "x").posted("/token/revocation");
    request.headers_mut().insert(header::AUTHORIZATION, value);
    let is_in = door.send(request).status == StatusCode::OK;
    if is_in && !is_whole {
        let text = std::str::from_utf8(input).expect("text");
        let (id, secret) = text.split_once(':').expect("a pair");
        let readings = |text: &str| [Some(text.to_owned()), decode(text.as_bytes())];
        let is_secret = |reading| reading == Some(SECRET.to_owned());
        assert!(readings(secret).into_iter().any(is_secret), "{text:?}");
        let is_client = |id: String| door.world.clients.client(&id).is_some();
        assert!(
            readings(id).into_iter().flatten().any(is_client),
            "{text:?}"
        );
    }
    is_in
}

/// A certificate that an authority vouches for, and that is any bytes: whom it names gets in, and nobody
/// without the word of an authority. Whether anybody got in by their name.
pub fn certificate(door: &FrontDoor, der: &[u8]) -> bool {
    let bare = |client| -> Request<Body> {
        Form::redeeming(client, "no-such-code")
            .with("client_id", client)
            .posted("/token")
    };
    assert!(!is_in(&door.send(over(bare("named"), der, false))));
    let is_named = is_in(&door.send(over(bare("named"), der, true)));
    if is_named {
        let text = String::from_utf8_lossy(der).to_lowercase();
        assert!(text.contains("service.example"), "another name");
    }
    let is_own = is_in(&door.send(over(bare("own"), der, false)));
    assert_eq!(is_own, der == CERTIFICATE);
    is_named
}

/// The code does not exist: that a client hears of it means that it was let in.
fn is_in(answered: &Answered) -> bool {
    answered.error().as_deref() == Some("invalid_grant")
}
