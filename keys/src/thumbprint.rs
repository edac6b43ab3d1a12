//! Fingerprints by which a token is bound to a key or a certificate.

use serde_json::{Map, Value};

use crate::digest::sha256_base64url;

/// The RFC 7638 thumbprint of a public JWK: SHA-256 as base64url. `None` when it is no EC, RSA or OKP
/// key with the members it must have.
pub fn thumbprint_of(jwk: &Value) -> Option<String> {
    thumbprint(jwk.as_object()?)
}

/// `x5t#S256` of a certificate (RFC 8705 §3.1): SHA-256 over its DER, as base64url.
pub fn certificate_thumbprint(der: &[u8]) -> String {
    sha256_base64url(der)
}

/// SHA-256 over the required members alone, in lexicographic order, without white space.
pub(crate) fn thumbprint(jwk: &Map<String, Value>) -> Option<String> {
    let required: &[&str] = match jwk.get("kty")?.as_str()? {
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        "RSA" => &["e", "kty", "n"],
        _ => return None,
    };
    let members: Option<Vec<String>> = required
        .iter()
        .map(|name| {
            let value = jwk.get(*name)?;
            value.is_string().then(|| format!("\"{name}\":{value}"))
        })
        .collect();
    let text = format!("{{{}}}", members?.join(","));
    Some(sha256_base64url(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// RFC 7638 §3.1.
    fn rsa() -> Value {
        json!({
            "kty": "RSA",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
            "e": "AQAB",
        })
    }

    #[test]
    fn a_jwk_answers_the_vectors_of_rfc_7638_and_rfc_8037() {
        let rsa_print = Some("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs".to_owned());
        assert_eq!(thumbprint_of(&rsa()), rsa_print);
        let mut with_more = rsa();
        with_more["alg"] = "RS256".into();
        with_more["kid"] = "2011-04-29".into();
        assert_eq!(
            thumbprint_of(&with_more),
            rsa_print,
            "only the required members count"
        );
        let okp = json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        });
        assert_eq!(
            thumbprint_of(&okp).as_deref(),
            Some("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
        );
    }

    #[test]
    fn what_is_no_public_key_has_no_thumbprint() {
        for jwk in [
            json!({ "kty": "oct", "k": "AAAA" }),
            json!({ "kty": "RSA", "e": "AQAB" }),
            json!({ "kty": "OKP", "crv": "Ed25519", "x": 1 }),
            json!({ "kty": ["EC"] }),
            json!("EC"),
        ] {
            assert_eq!(thumbprint_of(&jwk), None, "{jwk}");
        }
    }

    #[test]
    fn a_certificate_is_known_by_the_hash_of_its_bytes() {
        assert_eq!(
            certificate_thumbprint(b"abc"),
            "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
        );
    }
}
