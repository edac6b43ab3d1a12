//! Public keys of others: a JWK Set (RFC 7517 §5), parsed once and kept.

use aws_lc_rs::signature::{self, ParsedPublicKey};
use guichet_domain::{KeySource, Timestamp};
use jsonwebtoken::DecodingKey;
use serde_json::{Map, Value};

use crate::jwk_end::end_of;
use crate::jws::JwsAlg;
use crate::public::{bytes, text};
use crate::strict_json;

/// The keys of a JWK Set that can verify a signature; others are passed over.
#[derive(Clone, Default)]
pub struct JwkSet(Vec<VerifyingKey>);

/// One public key.
#[derive(Clone)]
pub struct VerifyingKey {
    kid: Option<String>,
    algs: Vec<JwsAlg>,
    key: DecodingKey,
    end: Option<Timestamp>,
}

/// Why a text is no JWK Set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkSetError {
    /// Not a JSON object with an array `keys` of objects.
    #[error("a JWK Set is a JSON object with an array \"keys\" of objects")]
    NotJwkSet,
    /// Larger or longer than anybody needs.
    #[error("the JWK Set is larger than 256 KiB or holds more than 100 keys")]
    TooLarge,
    /// A private key stands in the set: whoever holds it can no longer be believed.
    #[error("the JWK Set holds a private key")]
    PrivateKey,
}

/// The members that make a key private or symmetric.
pub(crate) const PRIVATE_MEMBERS: [&str; 8] = KeySource::PRIVATE_MEMBERS;

const MAX_BYTES: usize = 256 * 1024;
const MAX_KEYS: usize = 100;

impl JwkSet {
    /// Parses the JSON text of a set. Keys that cannot verify (unknown or symmetric `kty`, another
    /// `use`, RSA below 2048 bits, a point off its curve) are passed over (RFC 7517 §5); a private
    /// key refuses the whole set.
    pub fn parse(json: &[u8]) -> Result<Self, JwkSetError> {
        Self::from_keys(&parse_keys(json)?)
    }

    /// The same from a parsed value, as it stands in a client's `jwks`.
    pub fn from_value(value: &Value) -> Result<Self, JwkSetError> {
        Self::from_keys(value.get("keys").ok_or(JwkSetError::NotJwkSet)?)
    }

    /// The keys, in the order of the set.
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.0
    }

    /// When the last of its keys ends, by their own word; `None` where one of them does not say.
    pub fn end(&self) -> Option<Timestamp> {
        let ends: Option<Vec<Timestamp>> = self.0.iter().map(|key| key.end).collect();
        ends?.into_iter().max()
    }

    fn from_keys(keys: &Value) -> Result<Self, JwkSetError> {
        let members = members_of(keys)?;
        let usable = members.into_iter().filter_map(VerifyingKey::from_members);
        Ok(usable.collect())
    }
}

/// The array `keys` in the JSON text of a set.
pub(crate) fn parse_keys(json: &[u8]) -> Result<Value, JwkSetError> {
    if json.len() > MAX_BYTES {
        return Err(JwkSetError::TooLarge);
    }
    let mut set = strict_json::object(json).ok_or(JwkSetError::NotJwkSet)?;
    set.remove("keys").ok_or(JwkSetError::NotJwkSet)
}

/// The members of each key of the array `keys`; a private one refuses them all.
pub(crate) fn members_of(keys: &Value) -> Result<Vec<&Map<String, Value>>, JwkSetError> {
    let keys = keys.as_array().ok_or(JwkSetError::NotJwkSet)?;
    if keys.len() > MAX_KEYS {
        return Err(JwkSetError::TooLarge);
    }
    let mut all = Vec::with_capacity(keys.len());
    for key in keys {
        let members = key.as_object().ok_or(JwkSetError::NotJwkSet)?;
        if members.contains_key("d") {
            return Err(JwkSetError::PrivateKey);
        }
        all.push(members);
    }
    Ok(all)
}

impl FromIterator<VerifyingKey> for JwkSet {
    fn from_iter<I: IntoIterator<Item = VerifyingKey>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

impl VerifyingKey {
    /// Its `kid`, if it has one.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithms whose signatures it may verify.
    pub fn algs(&self) -> &[JwsAlg] {
        &self.algs
    }

    /// Whether `signature` (base64url) is this key's under `alg` over `message`.
    pub(crate) fn verifies(&self, alg: JwsAlg, message: &[u8], signature: &str) -> bool {
        self.algs.contains(&alg)
            && jsonwebtoken::crypto::verify(signature, message, &self.key, alg.library())
                .unwrap_or(false)
    }

    /// A key that may verify signatures, from the members of its JWK.
    pub(crate) fn from_members(members: &Map<String, Value>) -> Option<Self> {
        let (mut algs, key) = match text(members, "kty")? {
            "EC" => ec(members)?,
            "RSA" => rsa(members)?,
            "OKP" => okp(members)?,
            _ => return None,
        };
        if !may_verify(members) {
            return None;
        }
        if let Some(alg) = members.get("alg") {
            let alg = JwsAlg::named(alg.as_str()?)?;
            algs.retain(|fitting| *fitting == alg);
        }
        let kid = match members.get("kid") {
            Some(kid) => Some(kid.as_str()?.to_owned()),
            None => None,
        };
        let end = end_of(members);
        (!algs.is_empty()).then_some(Self {
            kid,
            algs,
            key,
            end,
        })
    }
}

/// `use` and `key_ops` (RFC 7517 §4.2, §4.3): where they speak, they must allow verifying.
fn may_verify(members: &Map<String, Value>) -> bool {
    let used = members.get("use").is_none_or(|purpose| purpose == "sig");
    let operated = members.get("key_ops").is_none_or(|operations| {
        operations
            .as_array()
            .is_some_and(|operations| operations.iter().any(|operation| operation == "verify"))
    });
    used && operated
}

type Material = (Vec<JwsAlg>, DecodingKey);

/// An elliptic curve key (RFC 7518 §6.2): the point is checked to lie on its curve.
fn ec(members: &Map<String, Value>) -> Option<Material> {
    let (alg, library, length) = match text(members, "crv")? {
        "P-256" => (JwsAlg::Es256, &signature::ECDSA_P256_SHA256_FIXED, 32),
        "P-384" => (JwsAlg::Es384, &signature::ECDSA_P384_SHA384_FIXED, 48),
        _ => return None,
    };
    let (x, y) = (bytes(members, "x")?, bytes(members, "y")?);
    if x.len() != length || y.len() != length {
        return None;
    }
    let point = [&[4][..], &x, &y].concat();
    ParsedPublicKey::new(library, &point).ok()?;
    Some((vec![alg], DecodingKey::from_ec_der(&point)))
}

/// An RSA key (RFC 7518 §6.3).
fn rsa(members: &Map<String, Value>) -> Option<Material> {
    let (modulus, exponent) = rsa_components(members)?;
    Some((
        vec![
            JwsAlg::Rs256,
            JwsAlg::Rs384,
            JwsAlg::Rs512,
            JwsAlg::Ps256,
            JwsAlg::Ps384,
            JwsAlg::Ps512,
        ],
        DecodingKey::from_rsa_raw_components(&modulus, &exponent),
    ))
}

/// Modulus and exponent of an RSA key of 2048 to 8192 bits, both odd, without zeros in front.
pub(crate) fn rsa_components(members: &Map<String, Value>) -> Option<(Vec<u8>, Vec<u8>)> {
    let significant = |name| {
        let bytes = bytes(members, name)?;
        let first = bytes.iter().position(|byte| *byte != 0)?;
        Some(bytes[first..].to_vec())
    };
    let (modulus, exponent) = (significant("n")?, significant("e")?);
    let bits = modulus.len() * 8 - usize::try_from(modulus.first()?.leading_zeros()).unwrap_or(0);
    let is_sound_exponent = exponent.len() <= 4 && exponent.last()? % 2 == 1 && exponent != [1];
    // An even one is no product of two primes, and nothing can be encrypted to it.
    let is_sound_modulus = (2048..=8192).contains(&bits) && modulus.last()? % 2 == 1;
    (is_sound_modulus && is_sound_exponent).then_some((modulus, exponent))
}

/// An Ed25519 key (RFC 8037 §2).
fn okp(members: &Map<String, Value>) -> Option<Material> {
    let x = bytes(members, "x")?;
    if text(members, "crv")? != "Ed25519" || x.len() != 32 {
        return None;
    }
    Some((vec![JwsAlg::EdDsa], DecodingKey::from_ed_der(&x)))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// RFC 7515 appendix A.3: a P-256 key.
    fn ec_key() -> Value {
        json!({
            "kty": "EC",
            "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        })
    }

    fn with(mut key: Value, name: &str, value: impl Into<Value>) -> Value {
        key[name] = value.into();
        json!({ "keys": [key] })
    }

    fn usable(set: &Value) -> usize {
        JwkSet::from_value(set).unwrap().keys().len()
    }

    #[test]
    fn use_key_ops_and_alg_are_respected() {
        assert_eq!(usable(&json!({ "keys": [ec_key()] })), 1);
        assert_eq!(usable(&with(ec_key(), "use", "sig")), 1);
        assert_eq!(usable(&with(ec_key(), "use", "enc")), 0);
        assert_eq!(usable(&with(ec_key(), "key_ops", json!(["verify"]))), 1);
        assert_eq!(usable(&with(ec_key(), "key_ops", json!(["sign"]))), 0);
        assert_eq!(usable(&with(ec_key(), "alg", "ES256")), 1);
        assert_eq!(usable(&with(ec_key(), "alg", "ES384")), 0);
        assert_eq!(usable(&with(ec_key(), "alg", "HS256")), 0);
    }

    #[test]
    fn a_set_ends_with_the_last_of_its_keys_where_each_says_when() {
        let ending = |at: i64| with(ec_key(), "exp", at)["keys"][0].clone();
        let end = |keys: Value| {
            let set = JwkSet::from_value(&json!({ "keys": keys })).unwrap();
            set.end().map(Timestamp::seconds)
        };
        assert_eq!(end(json!([ending(5), ending(9), ending(7)])), Some(9));
        assert_eq!(end(json!([ending(5), ec_key()])), None);
        assert_eq!(end(json!([])), None);
        let unusable = json!({ "kty": "oct", "k": "AAAA" });
        assert_eq!(end(json!([ending(5), unusable])), Some(5));
    }

    #[test]
    fn keys_of_no_use_are_passed_over() {
        let short = URL_SAFE_NO_PAD.encode([0xff; 128]);
        for key in [
            json!({ "kty": "oct", "k": "AAAA" }),
            json!({ "kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA" }),
            json!({ "kty": "OKP", "crv": "X25519", "x": "AAAA" }),
            json!({ "kty": "RSA", "n": short, "e": "AQAB" }),
            json!({ "kty": "EC", "crv": "P-256" }),
            json!({}),
        ] {
            assert_eq!(usable(&json!({ "keys": [key, ec_key()] })), 1);
        }
        assert_eq!(
            usable(&with(
                ec_key(),
                "x",
                "g83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
            )),
            0
        );
    }

    #[test]
    fn a_private_key_refuses_the_set() {
        let set = with(ec_key(), "d", "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI");
        assert_eq!(
            JwkSet::from_value(&set).err(),
            Some(JwkSetError::PrivateKey)
        );
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for json in [
            "",
            "[]",
            "{}",
            r#"{"keys":{}}"#,
            r#"{"keys":[1]}"#,
            r#"{"keys":[],"keys":[]}"#,
        ] {
            assert_eq!(
                JwkSet::parse(json.as_bytes()).err(),
                Some(JwkSetError::NotJwkSet),
                "{json}"
            );
        }
        let many = json!({ "keys": vec![ec_key(); 101] });
        assert_eq!(JwkSet::from_value(&many).err(), Some(JwkSetError::TooLarge));
        assert_eq!(
            JwkSet::parse(&vec![b' '; MAX_BYTES + 1]).err(),
            Some(JwkSetError::TooLarge)
        );
    }

    proptest! {
        #[test]
        fn garbage_never_panics(bytes: Vec<u8>, n: Vec<u8>, e: Vec<u8>) {
            let _ = JwkSet::parse(&bytes);
            let key = json!({
                "kty": "RSA",
                "n": URL_SAFE_NO_PAD.encode(n),
                "e": URL_SAFE_NO_PAD.encode(e),
            });
            let set = JwkSet::from_value(&json!({ "keys": [key] }));
            prop_assert!(set.is_ok());
        }
    }
}
