//! Access tokens bound to a key of the hub (RFC 9449): a proof with each request, and once more with
//! the provider's nonce where it wants one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use guichet_domain::SigningAlg;
use guichet_keys::{Typ, sha256};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use serde::{Deserialize, Serialize};

use super::means::Means;
use super::{ProviderFailure, Upstream};

impl Upstream {
    /// Sends the request that `make` makes, with a proof where the record wants proofs. A nonce that
    /// the provider asks for leads to one more attempt (§8, §9), with another request: what proves who
    /// we are is used once.
    pub(super) async fn send_proved(
        &self,
        access_token: Option<&str>,
        means: &Means,
        make: impl Fn() -> Result<Request<Vec<u8>>, ProviderFailure>,
    ) -> Result<Response<Bytes>, ProviderFailure> {
        if !self.record.requests.dpop {
            return means.transport.send(make()?).await;
        }
        let first = self.prove(make()?, access_token, None, means)?;
        let answer = means.transport.send(first).await?;
        let Some(nonce) = wanted_nonce(&answer) else {
            return Ok(answer);
        };
        let second = self.prove(make()?, access_token, Some(&nonce), means)?;
        means.transport.send(second).await
    }

    /// Puts a proof on a request (§4.2).
    fn prove(
        &self,
        mut request: Request<Vec<u8>>,
        access_token: Option<&str>,
        nonce: Option<&str>,
        means: &Means,
    ) -> Result<Request<Vec<u8>>, ProviderFailure> {
        let target = request.uri().to_string();
        let claims = Proof {
            jti: means.jti(),
            htm: request.method().as_str(),
            htu: target.split(['?', '#']).next().unwrap_or_default(),
            iat: means.now.seconds(),
            ath: access_token.map(|token| URL_SAFE_NO_PAD.encode(sha256(token.as_bytes()))),
            nonce,
        };
        let alg = proof_alg(
            self.record.authentication_alg,
            self.addresses.proof_algs.as_deref(),
        );
        let ring = means.keys.client_ring();
        let proof = ring.sign_self_contained(alg, Typ::DpopProof, &claims);
        let proof = proof.map_err(|error| {
            tracing::error!(%error, "a proof of possession cannot be signed");
            ProviderFailure::Unusable
        })?;
        let value = HeaderValue::from_str(&proof).map_err(|_| ProviderFailure::Unusable)?;
        request.headers_mut().insert("dpop", value);
        Ok(request)
    }
}

/// The algorithm of proofs: that of assertions, or else ES256 where the provider takes that and not the
/// other. The hub's client ring always has an ES256 key.
fn proof_alg(of_assertions: SigningAlg, taken: Option<&[String]>) -> SigningAlg {
    let is_fine =
        |alg: SigningAlg| taken.is_none_or(|taken| taken.iter().any(|name| name == alg.as_str()));
    if !is_fine(of_assertions) && is_fine(SigningAlg::Es256) {
        SigningAlg::Es256
    } else {
        of_assertions
    }
}

/// The nonce of an answer that refused a proof for the lack of it.
fn wanted_nonce(answer: &Response<Bytes>) -> Option<String> {
    let wants = match answer.status() {
        StatusCode::BAD_REQUEST => serde_json::from_slice::<Refused>(answer.body())
            .is_ok_and(|refused| refused.error == USE_NONCE),
        StatusCode::UNAUTHORIZED => {
            text(answer.headers(), WWW_AUTHENTICATE.as_str())
                .is_some_and(|challenge| challenge.contains(USE_NONCE))
                || serde_json::from_slice::<Refused>(answer.body())
                    .is_ok_and(|refused| refused.error == USE_NONCE)
        }
        _ => false,
    };
    let nonce = wants.then(|| text(answer.headers(), "dpop-nonce"))??;
    (!nonce.is_empty() && nonce.len() <= LONGEST_NONCE).then(|| nonce.to_owned())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[derive(Serialize)]
struct Proof<'a> {
    jti: String,
    htm: &'a str,
    htu: &'a str,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}

#[derive(Deserialize)]
struct Refused {
    error: String,
}

const USE_NONCE: &str = "use_dpop_nonce";
const LONGEST_NONCE: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: StatusCode, nonce: &'static str, body: &'static str) -> Response<Bytes> {
        Response::builder()
            .status(status)
            .header("dpop-nonce", nonce)
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap()
    }

    #[test]
    fn proofs_are_signed_as_assertions_are_unless_the_provider_takes_no_such_proof() {
        let taken = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let (rsa, curve) = (SigningAlg::Ps256, SigningAlg::Es256);
        for (names, alg) in [
            (None, rsa),
            (Some(taken(&["ES256", "PS256"])), rsa),
            (Some(taken(&["ES256", "EdDSA"])), curve),
            (Some(taken(&["ES512"])), rsa),
        ] {
            assert_eq!(proof_alg(rsa, names.as_deref()), alg, "{names:?}");
        }
    }

    #[test]
    fn only_a_refusal_for_the_lack_of_a_nonce_leads_to_another_attempt() {
        let wants = r#"{"error":"use_dpop_nonce"}"#;
        let asked = answer(StatusCode::BAD_REQUEST, "n-1", wants);
        assert_eq!(wanted_nonce(&asked).as_deref(), Some("n-1"));
        let challenged = Response::builder()
            .status(StatusCode::UNAUTHORIZED)
            .header(WWW_AUTHENTICATE, "DPoP error=\"use_dpop_nonce\"")
            .header("dpop-nonce", "n-2")
            .body(Bytes::new())
            .unwrap();
        assert_eq!(wanted_nonce(&challenged).as_deref(), Some("n-2"));
        for other in [
            answer(StatusCode::OK, "n-1", wants),
            answer(
                StatusCode::BAD_REQUEST,
                "n-1",
                r#"{"error":"invalid_grant"}"#,
            ),
            answer(StatusCode::BAD_REQUEST, "", wants),
            answer(StatusCode::BAD_REQUEST, "n-1", "<html>"),
        ] {
            assert_eq!(wanted_nonce(&other), None);
        }
    }
}
