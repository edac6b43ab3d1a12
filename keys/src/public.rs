//! Members of JWKs: read from those of others, written for keys of ours (RFC 7518 §6).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// A member that is a string.
pub(crate) fn text<'a>(jwk: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    jwk.get(name)?.as_str()
}

/// A member that is canonical base64url.
pub(crate) fn bytes(jwk: &Map<String, Value>, name: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text(jwk, name)?).ok()
}

/// An elliptic curve key, from its uncompressed point (SEC 1 §2.3.3): 4, x, y.
pub(crate) fn ec_members(curve: &str, point: &[u8]) -> Option<Map<String, Value>> {
    let coordinates = point.strip_prefix(&[4])?;
    let (x, y) = coordinates.split_at_checked(coordinates.len() / 2)?;
    Some(members([
        ("kty", "EC".to_owned()),
        ("crv", curve.to_owned()),
        ("x", URL_SAFE_NO_PAD.encode(x)),
        ("y", URL_SAFE_NO_PAD.encode(y)),
    ]))
}

/// An Ed25519 key (RFC 8037 §2).
pub(crate) fn ed25519_members(public: &[u8]) -> Map<String, Value> {
    members([
        ("kty", "OKP".to_owned()),
        ("crv", "Ed25519".to_owned()),
        ("x", URL_SAFE_NO_PAD.encode(public)),
    ])
}

/// An RSA key, from the DER of its `RSAPublicKey` (RFC 8017 appendix A.1.1).
pub(crate) fn rsa_members(der: &[u8]) -> Option<Map<String, Value>> {
    let (n, e) = rsa_integers(der)?;
    rsa_members_of(n, e)
}

/// An RSA key, from modulus and exponent, most significant byte first.
pub(crate) fn rsa_members_of(n: &[u8], e: &[u8]) -> Option<Map<String, Value>> {
    Some(members([
        ("kty", "RSA".to_owned()),
        ("n", URL_SAFE_NO_PAD.encode(unsigned(n)?)),
        ("e", URL_SAFE_NO_PAD.encode(unsigned(e)?)),
    ]))
}

/// The content of the element at the start of `der`, which must have `tag`, and what follows it.
pub(crate) fn der_element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let length = bytes
            .iter()
            .fold(0_usize, |length, byte| (length << 8) | usize::from(*byte));
        (length, rest)
    };
    (found == tag)
        .then(|| rest.split_at_checked(length))
        .flatten()
}

fn rsa_integers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = der_element(der, 0x30)?;
    let (n, rest) = der_element(sequence, 0x02)?;
    let (e, _) = der_element(rest, 0x02)?;
    Some((n, e))
}

/// Without the zeros in front: DER has one where the top bit is set, some tokens pad.
fn unsigned(integer: &[u8]) -> Option<&[u8]> {
    let first = integer.iter().position(|byte| *byte != 0)?;
    integer.get(first..)
}

fn members<const N: usize>(pairs: [(&str, String); N]) -> Map<String, Value> {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn der_that_ends_early_is_no_key() {
        let der = [0x30, 6, 2, 1, 7, 2, 1, 3];
        let members = rsa_members(&der).unwrap();
        assert_eq!((&members["n"], &members["e"]), (&"Bw".into(), &"Aw".into()));
        for length in 0..der.len() {
            assert_eq!(rsa_members(&der[..length]), None);
        }
    }

    #[test]
    fn zeros_in_front_of_an_integer_do_not_count() {
        assert_eq!(
            rsa_members_of(&[0, 0, 7], &[0, 3]),
            rsa_members_of(&[7], &[3])
        );
        assert_eq!(rsa_members_of(&[0], &[3]), None);
    }

    #[test]
    fn only_an_uncompressed_point_is_a_key() {
        let members = ec_members("P-256", &[4, 1, 2]).unwrap();
        assert_eq!((&members["x"], &members["y"]), (&"AQ".into(), &"Ag".into()));
        assert_eq!(ec_members("P-256", &[2, 1]), None);
        assert_eq!(ec_members("P-256", &[]), None);
    }
}
