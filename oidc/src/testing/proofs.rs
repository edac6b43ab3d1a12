//! Clients that prove they hold a key, or that connect with a certificate.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{Clock as _, SigningAlg};
use guichet_keys::{Typ, sha256};
use http::{HeaderValue, Request, header};
use serde_json::{Value, json};

use super::{ISSUER, World};
use crate::PresentedCertificate;

/// A certificate as a client's connection brings it.
pub(crate) const CERTIFICATE: &[u8] = include_bytes!("fixtures/client.der");

impl World {
    /// A DPoP proof for a request to `path`, under a key of `jwt`'s, with these members changed
    /// (`null` leaves one out).
    pub(crate) fn proof(&self, method: &str, path: &str, changed: &Value) -> String {
        self.proof_under(SigningAlg::Es256, method, path, changed)
    }

    /// The same under the key of another algorithm.
    pub(crate) fn proof_under(
        &self,
        alg: SigningAlg,
        method: &str,
        path: &str,
        changed: &Value,
    ) -> String {
        let mut jti = [0; 16];
        self.engine.parts().entropy.fill(&mut jti);
        let mut claims = json!({
            "jti": URL_SAFE_NO_PAD.encode(jti),
            "htm": method,
            "htu": format!("{ISSUER}{path}"),
            "iat": self.clock.now().seconds(),
        });
        for (name, value) in changed.as_object().unwrap() {
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(name);
            } else {
                claims[name] = value.clone();
            }
        }
        let ring = self.client_keys.ring();
        ring.sign_self_contained(alg, Typ::DpopProof, &claims)
            .unwrap()
    }

    /// A userinfo request with a DPoP-bound token and this proof.
    pub(crate) fn userinfo_request(token: &str, proof: &str) -> Request<Body> {
        Request::get("/userinfo")
            .header(header::AUTHORIZATION, format!("DPoP {token}"))
            .header("dpop", proof)
            .body(Body::empty())
            .unwrap()
    }
}

/// `ath`: what a proof says of the token it comes with.
pub(crate) fn ath(token: &str) -> String {
    URL_SAFE_NO_PAD.encode(sha256(token.as_bytes()))
}

/// The request with a proof.
pub(crate) fn with_proof(mut request: Request<Body>, proof: &str) -> Request<Body> {
    let proof = HeaderValue::from_str(proof).unwrap();
    request.headers_mut().append("dpop", proof);
    request
}

/// The request over a connection with this certificate.
pub(crate) fn over(mut request: Request<Body>, der: &[u8], is_trusted: bool) -> Request<Body> {
    request.extensions_mut().insert(PresentedCertificate {
        der: der.into(),
        is_trusted,
    });
    request
}
