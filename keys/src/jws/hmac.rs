//! The one place where an HMAC may sign: a client's assertion under its own secret
//! (`client_secret_jwt`, OIDC Core §9). Apart from [`verify`](super::verify), with algorithms of its own
//! type, so that a public key can never serve as the secret (RFC 8725 §2.1).

use aws_lc_rs::hmac;

use super::{JwsRefusal, Token, TypRule, Verified};

/// HMAC with a hash of the SHA-2 family (RFC 7518 §3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HmacAlg {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

impl HmacAlg {
    /// Every algorithm.
    pub const ALL: [Self; 3] = [Self::Hs256, Self::Hs384, Self::Hs512];

    /// The value of `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// How long a secret must be at least, in bytes: as long as the hash (RFC 7518 §3.2).
    pub const fn shortest_secret(self) -> usize {
        match self {
            Self::Hs256 => 32,
            Self::Hs384 => 48,
            Self::Hs512 => 64,
        }
    }

    const fn library(self) -> hmac::Algorithm {
        match self {
            Self::Hs256 => hmac::HMAC_SHA256,
            Self::Hs384 => hmac::HMAC_SHA384,
            Self::Hs512 => hmac::HMAC_SHA512,
        }
    }
}

/// Verifies a compact JWS made under `secret` with one of `algs`; the comparison takes constant time.
///
/// A secret shorter than [`HmacAlg::shortest_secret`] is [`JwsRefusal::UnknownKey`]: it could be
/// guessed offline by whoever sees one token.
pub fn verify_hmac(
    jwt: &str,
    secret: &[u8],
    algs: &[HmacAlg],
    typ: TypRule,
) -> Result<Verified<HmacAlg>, JwsRefusal> {
    let token = Token::parse(jwt)?;
    let alg = algs.iter().find(|alg| alg.as_str() == token.alg);
    let alg = *alg.ok_or(JwsRefusal::Alg)?;
    token.check_typ(typ)?;
    if secret.len() < alg.shortest_secret() {
        return Err(JwsRefusal::UnknownKey);
    }
    let key = hmac::Key::new(alg.library(), secret);
    hmac::verify(&key, token.signed.as_bytes(), &token.signature_bytes)
        .map_err(|_| JwsRefusal::Signature)?;
    token.verified(alg)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    const SECRET: [u8; 64] = [7; 64];

    fn signed(alg: HmacAlg, secret: &[u8]) -> String {
        let header = json!({ "alg": alg.as_str() }).to_string();
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(r#"{"sub":"a"}"#)
        );
        let tag = hmac::sign(&hmac::Key::new(alg.library(), secret), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    fn refusal(jwt: &str, secret: &[u8]) -> Option<JwsRefusal> {
        verify_hmac(jwt, secret, &HmacAlg::ALL, TypRule::JwtOrAbsent).err()
    }

    #[test]
    fn the_example_of_rfc_7515_a_1_verifies() {
        let secret = URL_SAFE_NO_PAD
            .decode(
                "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75\
                 aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
            )
            .unwrap();
        let jwt = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
            eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt\
            cGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
            dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let verified = verify_hmac(jwt, &secret, &[HmacAlg::Hs256], TypRule::JwtOrAbsent);
        assert_eq!(verified.unwrap().claims["iss"], "joe");
    }

    #[test]
    fn each_algorithm_holds_under_its_secret_and_no_other() {
        for alg in HmacAlg::ALL {
            let jwt = signed(alg, &SECRET);
            let verified = verify_hmac(&jwt, &SECRET, &[alg], TypRule::JwtOrAbsent).unwrap();
            assert_eq!(verified.alg, alg);
            assert_eq!(refusal(&jwt, &[8; 64]), Some(JwsRefusal::Signature));
        }
    }

    #[test]
    fn a_secret_shorter_than_the_hash_verifies_nothing() {
        for alg in HmacAlg::ALL {
            let short = &SECRET[..alg.shortest_secret() - 1];
            assert_eq!(
                refusal(&signed(alg, short), short),
                Some(JwsRefusal::UnknownKey)
            );
        }
    }

    #[test]
    fn only_the_algorithms_named_and_never_none_are_taken() {
        let jwt = signed(HmacAlg::Hs256, &SECRET);
        let other = verify_hmac(&jwt, &SECRET, &[HmacAlg::Hs512], TypRule::JwtOrAbsent);
        assert_eq!(other.err(), Some(JwsRefusal::Alg));
        for alg in ["none", "ES256", "hs256", ""] {
            let header = URL_SAFE_NO_PAD.encode(json!({ "alg": alg }).to_string());
            let jwt = format!("{header}.e30.");
            assert_eq!(refusal(&jwt, &SECRET), Some(JwsRefusal::Alg), "{alg}");
        }
    }

    #[test]
    fn no_flipped_bit_of_the_signature_holds() {
        let jwt = signed(HmacAlg::Hs256, &SECRET);
        let start = jwt.rfind('.').unwrap() + 1;
        for bit in start * 8..jwt.len() * 8 {
            let mut bytes = jwt.clone().into_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            if let Ok(changed) = String::from_utf8(bytes) {
                assert!(refusal(&changed, &SECRET).is_some(), "bit {bit}");
            }
        }
    }
}
