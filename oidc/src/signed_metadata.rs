//! The metadata document as it is served: the members in clear, and the same signed (RFC 8414 §2.1).
//!
//! Signed once for as long as the published keys stay what they are, so that a key that leaves takes
//! its signature with it, and a reader that holds the document already need not fetch it again.

use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use guichet_keys::{Typ, sha256_of};
use http::HeaderValue;
use serde_json::{Map, Value};

use crate::Engine;

/// A document to serve, and what tells it from another version of it.
#[derive(Clone)]
pub(crate) struct Published {
    pub(crate) body: Bytes,
    pub(crate) etag: HeaderValue,
}

impl Published {
    pub(crate) fn new(body: Bytes) -> Self {
        let hash = sha256_of(&[&body]);
        let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&hash[..15]));
        Self {
            body,
            // base64url between quotes always builds.
            etag: HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("\"0\"")),
        }
    }
}

/// The metadata of a provider.
pub(crate) struct SignedMetadata {
    members: Map<String, Value>,
    /// The document, and the keys it was signed under.
    signed: Mutex<Option<(Bytes, Published)>>,
}

impl SignedMetadata {
    /// Of this document, which is a JSON object.
    pub(crate) fn new(document: &[u8]) -> Self {
        Self {
            members: serde_json::from_slice(document).unwrap_or_default(),
            signed: Mutex::new(None),
        }
    }

    /// The document, signed under the keys of now.
    pub(crate) fn current(&self, engine: &Engine) -> Published {
        let keys = engine.parts().keys.jwks();
        if let Some(document) = self.signed_under(&keys) {
            return document;
        }
        // Signed outside the lock: a token may take its time, and nobody else need wait for it.
        let (document, is_signed) = self.write(engine);
        if is_signed {
            *self.lock() = Some((keys, document.clone()));
        }
        document
    }

    fn signed_under(&self, keys: &Bytes) -> Option<Published> {
        let signed = self.lock();
        let (under, document) = signed.as_ref()?;
        (under == keys).then(|| document.clone())
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Bytes, Published)>> {
        self.signed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Without a signature where no key signs just now: the members in clear are true all the same, and
    /// the next reader may have it signed.
    fn write(&self, engine: &Engine) -> (Published, bool) {
        let mut members = self.members.clone();
        let mut claims = members.clone();
        claims.insert("iss".to_owned(), engine.issuer().into());
        claims.insert("iat".to_owned(), engine.now().seconds().into());
        let alg = engine.settings().signing_algs.first().copied();
        let ring = engine.parts().keys.ring();
        let jwt = ring.sign_jwt(alg.unwrap_or_default(), Typ::Jwt, &claims);
        let is_signed = jwt.is_ok();
        match jwt {
            Ok(jwt) => {
                members.insert("signed_metadata".to_owned(), jwt.into());
            }
            Err(error) => tracing::error!(%error, "the metadata cannot be signed"),
        }
        let document = Bytes::from(Value::Object(members).to_string());
        (Published::new(document), is_signed)
    }
}
