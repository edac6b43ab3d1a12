//! Tokens that carry the key that signed them, and so prove that their sender holds it: DPoP proofs
//! (RFC 9449 §4). Such a token says nothing about who its sender is; the key's thumbprint does, where a
//! grant or a token is bound to it.

use serde_json::Value;

use super::{JwsRefusal, Token, Verified, VerifyPolicy};
use crate::jwk::{PRIVATE_MEMBERS, VerifyingKey};
use crate::thumbprint::thumbprint;

/// The public key in the header of a token that holds under it.
#[derive(Clone)]
pub struct EmbeddedKey {
    thumbprint: String,
}

impl EmbeddedKey {
    /// Its RFC 7638 thumbprint, SHA-256 as base64url: the `jkt` of RFC 9449.
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }

    /// The same, to keep.
    pub fn into_thumbprint(self) -> String {
        self.thumbprint
    }

    fn of(jwk: &Value) -> Option<(Self, VerifyingKey)> {
        let members = jwk.as_object()?;
        if PRIVATE_MEMBERS
            .iter()
            .any(|name| members.contains_key(*name))
        {
            return None;
        }
        let key = VerifyingKey::from_members(members)?;
        let thumbprint = thumbprint(members)?;
        Some((Self { thumbprint }, key))
    }
}

/// Verifies a compact JWS with the public key in its own header, `jwk` (RFC 7515 §4.1.3). A private or
/// symmetric key there refuses it (RFC 9449 §4.3, check 7).
pub fn verify_self_contained(
    jwt: &str,
    policy: VerifyPolicy<'_>,
) -> Result<(Verified, EmbeddedKey), JwsRefusal> {
    let token = Token::parse(jwt)?;
    let alg = token.check(policy)?;
    let embedded = token.jwk.as_ref().and_then(EmbeddedKey::of);
    let (embedded, key) = embedded.ok_or(JwsRefusal::EmbeddedKey)?;
    if !token.holds_under(&key, alg) {
        return Err(JwsRefusal::Signature);
    }
    Ok((token.verified(alg)?, embedded))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use guichet_domain::{SigningAlg, Timestamp};
    use proptest::prelude::*;
    use serde_json::json;
    use std::sync::Arc;

    use super::*;
    use crate::{JwsAlg, KeyRing, Keys, MemoryCustody, SystemEntropy, Typ, TypRule, thumbprint_of};

    const POLICY: VerifyPolicy<'_> = VerifyPolicy {
        algs: &JwsAlg::ALL,
        typ: TypRule::DPOP_PROOF,
    };

    fn ring() -> KeyRing {
        let algs = [SigningAlg::Es256, SigningAlg::EdDsa];
        let now = Timestamp::from_seconds(1000);
        Keys::open(
            Arc::new(MemoryCustody::new()),
            Arc::new(SystemEntropy),
            now,
            &algs,
        )
        .ok()
        .unwrap()
        .ring()
        .clone()
    }

    fn proof(ring: &KeyRing, alg: SigningAlg) -> String {
        ring.sign_self_contained(alg, Typ::DpopProof, &json!({ "jti": "1", "iat": 1000 }))
            .unwrap()
    }

    fn header(jwt: &str) -> Value {
        let header = URL_SAFE_NO_PAD.decode(jwt.split('.').next().unwrap());
        serde_json::from_slice(&header.unwrap()).unwrap()
    }

    /// The same token with another header, and so with a signature that does not hold.
    fn with_header(jwt: &str, header: &Value) -> String {
        let (_, rest) = jwt.split_once('.').unwrap();
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header.to_string()))
    }

    #[test]
    fn the_example_of_rfc_9449_verifies() {
        let jwt = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6Ik\
            VDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCR\
            nMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JE\
            QSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIj\
            oiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwia\
            WF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg\
            4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
        let (verified, key) = verify_self_contained(jwt, POLICY).unwrap();
        assert_eq!(verified.claims["htu"], "https://server.example.com/token");
        assert_eq!(
            verified.iat().unwrap(),
            Some(Timestamp::from_seconds(1_562_262_616))
        );
        assert_eq!(verified.typ.as_deref(), Some("dpop+jwt"));
        // RFC 9449 §6.1 binds its example token to this thumbprint.
        assert_eq!(
            key.thumbprint(),
            "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
        );
    }

    #[test]
    fn what_a_ring_proves_verifies_and_names_its_key() {
        let ring = ring();
        for alg in [SigningAlg::Es256, SigningAlg::EdDsa] {
            let jwt = proof(&ring, alg);
            let (verified, key) = verify_self_contained(&jwt, POLICY).unwrap();
            assert_eq!(verified.alg, alg.into());
            assert_eq!(
                thumbprint_of(&header(&jwt)["jwk"]).as_deref(),
                Some(key.thumbprint())
            );
        }
    }

    #[test]
    fn a_key_that_is_missing_private_symmetric_or_of_another_use_is_refused() {
        let jwt = proof(&ring(), SigningAlg::Es256);
        let refused = |change: &dyn Fn(&mut Value)| {
            let mut header = header(&jwt);
            change(&mut header);
            verify_self_contained(&with_header(&jwt, &header), POLICY).err()
        };
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            let refusal = refused(&|header| header["jwk"][private] = "AA".into());
            assert_eq!(refusal, Some(JwsRefusal::EmbeddedKey), "{private}");
        }
        for jwk in [
            json!({ "kty": "oct", "k": "AAAA" }),
            json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }),
            json!({}),
        ] {
            let refusal = refused(&|header| header["jwk"] = jwk.clone());
            assert_eq!(refusal, Some(JwsRefusal::EmbeddedKey), "{jwk}");
        }
        let refusal = refused(&|header| header["jwk"]["use"] = "enc".into());
        assert_eq!(refusal, Some(JwsRefusal::EmbeddedKey));
        let refusal = refused(&|header| header["jwk"] = "a key".into());
        assert_eq!(refusal, Some(JwsRefusal::EmbeddedKey));
        let refusal = refused(&|header| {
            header.as_object_mut().unwrap().remove("jwk");
        });
        assert_eq!(refusal, Some(JwsRefusal::EmbeddedKey));
    }

    #[test]
    fn another_key_in_the_header_is_not_the_one_that_signed() {
        let (jwt, other) = (
            proof(&ring(), SigningAlg::Es256),
            proof(&ring(), SigningAlg::Es256),
        );
        let swapped = with_header(&jwt, &header(&other));
        assert_eq!(
            verify_self_contained(&swapped, POLICY).err(),
            Some(JwsRefusal::Signature)
        );
    }

    #[test]
    fn a_token_of_another_type_proves_nothing() {
        let ring = ring();
        let id_token = ring
            .sign_self_contained(SigningAlg::Es256, Typ::Jwt, &json!({}))
            .unwrap();
        assert_eq!(
            verify_self_contained(&id_token, POLICY).err(),
            Some(JwsRefusal::Typ)
        );
    }

    proptest! {
        #[test]
        fn any_key_in_a_header_is_judged_without_panic(
            kty in "EC|RSA|OKP|oct|",
            crv in "P-256|P-384|Ed25519|",
            bytes in proptest::collection::vec(any::<u8>(), 0..70),
        ) {
            let text = URL_SAFE_NO_PAD.encode(&bytes);
            let jwk = json!({ "kty": kty, "crv": crv, "x": text, "y": text, "n": text, "e": text });
            for alg in JwsAlg::ALL {
                let header = json!({ "alg": alg.as_str(), "typ": "dpop+jwt", "jwk": jwk });
                let jwt = format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(header.to_string()));
                prop_assert!(verify_self_contained(&jwt, POLICY).is_err());
            }
        }
    }
}
