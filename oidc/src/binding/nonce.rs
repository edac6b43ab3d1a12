//! Nonces for DPoP proofs (RFC 9449 §8): nobody can make a proof now for later than a nonce lives.
//!
//! Nothing is stored: a nonce is an HMAC over the present period under a key that all nodes share.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{OAuthError, Timestamp};
use guichet_keys::{Keys, Mac, same};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;

use super::proof::HEADER;
use crate::Engine;

/// The nonces of a provider.
pub(crate) struct Nonces {
    mac: Mac,
}

/// How long a nonce is given out; it is taken for twice as long.
const PERIOD: Duration = Duration::from_mins(5);

impl Nonces {
    pub(crate) fn new(keys: &Keys) -> Self {
        Self {
            mac: keys.mac("dpop nonce"),
        }
    }

    /// The nonce to give out.
    fn current(&self, now: Timestamp) -> String {
        self.of(period(now))
    }

    /// Whether `nonce` was given out in this period or the one before.
    pub(super) fn is_fresh(&self, nonce: &str, now: Timestamp) -> bool {
        let now = period(now);
        [now, now - 1]
            .into_iter()
            .any(|period| same(self.of(period).as_bytes(), nonce.as_bytes()))
    }

    fn of(&self, period: i64) -> String {
        let tag = self.mac.tag(&[&period.to_be_bytes()]);
        URL_SAFE_NO_PAD.encode(&tag[..16])
    }
}

fn period(now: Timestamp) -> i64 {
    now.seconds() / i64::try_from(PERIOD.as_secs()).unwrap_or(i64::MAX)
}

/// Gives the nonce to a client whose proof lacked it, and the next one to a client that used one
/// (RFC 9449 §8.2).
pub(crate) async fn give_nonce(
    State(engine): State<Engine>,
    request: Request,
    next: Next,
) -> Response {
    let used_one = uses_nonce(request.headers());
    let mut response = next.run(request).await;
    let is_demanded = response.extensions().get() == Some(&OAuthError::UseDpopNonce);
    if used_one || is_demanded {
        put_nonce(&engine, &mut response);
    }
    response
}

/// Puts the nonce to use next into an answer.
pub(crate) fn put_nonce(engine: &Engine, response: &mut Response) {
    let nonce = engine.dpop_nonces().current(engine.now());
    if let Ok(nonce) = HeaderValue::from_str(&nonce) {
        response.headers_mut().insert(NONCE, nonce);
    }
}

/// Whether a request brings a proof that says it has a nonce. Not verified: what is given away is
/// public.
fn uses_nonce(headers: &HeaderMap) -> bool {
    #[derive(Deserialize)]
    struct Claimed {
        #[serde(rename = "nonce")]
        _nonce: String,
    }
    let claimed = || {
        let proof = headers.get(HEADER)?.to_str().ok()?;
        let payload = URL_SAFE_NO_PAD.decode(proof.split('.').nth(1)?).ok()?;
        serde_json::from_slice::<Claimed>(&payload).ok()
    };
    claimed().is_some()
}

const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use guichet_domain::SigningAlg;
    use guichet_keys::{MemoryCustody, SystemEntropy};

    use super::*;

    fn nonces() -> Nonces {
        let (custody, entropy) = (Arc::new(MemoryCustody::new()), Arc::new(SystemEntropy));
        let now = Timestamp::from_seconds(0);
        Nonces::new(&Keys::open(custody, entropy, now, &[SigningAlg::Es256]).unwrap())
    }

    #[test]
    fn a_nonce_is_taken_for_two_periods_and_no_longer() {
        let nonces = nonces();
        let noon = Timestamp::from_seconds(1_782_907_200);
        let given = nonces.current(noon);
        for (after, expected) in [
            (0, true),
            (299, true),
            (599, true),
            (600, false),
            (900, false),
        ] {
            let now = noon.after(Duration::from_secs(after));
            assert_eq!(nonces.is_fresh(&given, now), expected, "{after} s later");
        }
        let earlier = noon.before(Duration::from_secs(1));
        assert!(!nonces.is_fresh(&given, earlier), "not given out yet");
    }

    #[test]
    fn nobody_makes_a_nonce_without_the_key() {
        let (ours, theirs) = (nonces(), nonces());
        let now = Timestamp::from_seconds(1_782_907_200);
        assert!(!ours.is_fresh(&theirs.current(now), now));
        assert!(!ours.is_fresh("", now));
    }
}
