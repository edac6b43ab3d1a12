//! From the text of a request object to claims that the client's signature vouches for (RFC 9101 §6.1,
//! §6.2; threat N-34).

use guichet_domain::{Client, OAuthError};
use guichet_keys::{JwsAlg, TypRule, Verified, VerifyPolicy};

use super::refused;
use crate::Engine;
use crate::client_keys::NotSigned;
use crate::profile::Rules;
use crate::refusal::{Failure, Refusal};

/// The claims. What is encrypted must hold something signed: encryption vouches for nothing.
pub(super) async fn verified(
    engine: &Engine,
    client: &Client,
    text: &str,
) -> Result<Verified, Failure> {
    if text.split('.').count() == JWE_PARTS {
        let opened = engine.parts().keys.decryption_ring().open(text);
        let opened = opened.map_err(|_| refused("the request object cannot be decrypted"))?;
        let signed = String::from_utf8(opened).map_err(|_| NOT_SIGNED)?;
        return signed_by(engine, client, &signed).await;
    }
    signed_by(engine, client, text).await
}

/// A compact JWE has five parts, a compact JWS three (RFC 7516 §9).
const JWE_PARTS: usize = 5;

/// Which algorithms may have signed is for the registration and the profile to say.
async fn signed_by(engine: &Engine, client: &Client, jwt: &str) -> Result<Verified, Failure> {
    let registered: Option<[JwsAlg; 1]> = match client.requests.signing_alg {
        Some(name) => Some([JwsAlg::named(name.as_str()).ok_or(NOT_SIGNED)?]),
        None => None,
    };
    let policy = VerifyPolicy {
        algs: match &registered {
            Some(only) => only,
            None => Rules::of(client).client_algs,
        },
        typ: TypRule::REQUEST_OBJECT,
    };
    let verified = engine.verify_signed_by(client, jwt, policy).await;
    verified.map_err(|why| {
        match why {
            NotSigned::NoKeys(why) => NOT_SIGNED.because(why.reason()),
            NotSigned::Refused(_) => NOT_SIGNED,
        }
        .into()
    })
}

const NOT_SIGNED: Refusal = Refusal::new(
    OAuthError::InvalidRequestObject,
    "the request object is not signed by a key of the client with an algorithm it may use",
);
