//! A client's JWK Set, read for every use there is of it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use guichet_domain::{KeyManagementAlg, Timestamp};
use guichet_keys::{EncryptionKeySet, JwkSet, JwkSetError, sha256};
use serde_json::Value;

/// The keys of a client.
#[derive(Clone, Default)]
pub(crate) struct PublicKeys {
    signing: JwkSet,
    encryption: EncryptionKeySet,
    /// Thumbprints of the certificates that stand in the set.
    certificates: Vec<String>,
    /// The key that others are told to encrypt to.
    recipient: Option<Value>,
    /// When the first of them ends.
    until: Option<Timestamp>,
}

impl PublicKeys {
    /// Reads the text of a JWK Set; keys of no use are passed over, a private one refuses the set.
    pub(super) fn parse(json: &[u8]) -> Result<Self, JwkSetError> {
        let signing = JwkSet::parse(json)?;
        let value: Value = serde_json::from_slice(json).map_err(|_| JwkSetError::NotJwkSet)?;
        Ok(Self {
            certificates: certificates(&value),
            recipient: recipient(&value),
            encryption: EncryptionKeySet::from_value(&value)?,
            until: None,
            signing,
        })
    }

    /// The same for a set that was registered itself, at `now`: a key whose `exp` has come is none any more
    /// (OpenID Federation 1.0 §8.7.2).
    pub(super) fn of_value(jwks: &Value, now: Timestamp) -> Result<Self, JwkSetError> {
        let (live, until) = live(jwks, now);
        Ok(Self {
            signing: JwkSet::from_value(&live)?,
            encryption: EncryptionKeySet::from_value(&live)?,
            certificates: certificates(&live),
            recipient: recipient(&live),
            until,
        })
    }

    /// Whether every key here is still one.
    pub(super) fn is_whole(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Those that verify what the client signed.
    pub(crate) fn signing(&self) -> &JwkSet {
        &self.signing
    }

    /// Those that encrypt for the client.
    pub(crate) fn encryption(&self) -> &EncryptionKeySet {
        &self.encryption
    }

    /// The first that says it is for encryption, as it stands in the set.
    pub(crate) fn recipient(&self) -> Option<&Value> {
        self.recipient.as_ref()
    }

    /// Whether the certificate with this thumbprint (`x5t#S256`) is in the set (RFC 8705 §2.2.2).
    pub(crate) fn has_certificate(&self, thumbprint: &str) -> bool {
        self.certificates.iter().any(|known| known == thumbprint)
    }
}

/// The keys of a set that are not over at `now`, and when the first of them will be.
fn live(jwks: &Value, now: Timestamp) -> (Value, Option<Timestamp>) {
    let end = |key: &Value| key["exp"].as_i64().map(Timestamp::from_seconds);
    let mut live = jwks.clone();
    if let Some(keys) = live["keys"].as_array_mut() {
        keys.retain(|key| end(key).is_none_or(|end| now < end));
    }
    let keys = live["keys"].as_array().into_iter().flatten();
    let until = keys.filter_map(end).min();
    (live, until)
}

/// The first key with `use: enc` that one may encrypt to; it names its algorithm or gets the usual one.
fn recipient(jwks: &Value) -> Option<Value> {
    let keys = jwks["keys"].as_array()?;
    let mut marked = keys
        .iter()
        .filter(|key| key["use"] == "enc")
        .filter_map(|key| {
            let mut key = key.clone();
            let usual = match key["kty"].as_str()? {
                "EC" => KeyManagementAlg::EcdhEsA256Kw,
                "RSA" => KeyManagementAlg::RsaOaep256,
                _ => return None,
            };
            if key.get("alg").is_none() {
                key["alg"] = usual.as_str().into();
            }
            let alg = key["alg"].as_str()?.parse().ok()?;
            let alone = serde_json::json!({"keys": [key]});
            let usable = EncryptionKeySet::from_value(&alone)
                .ok()?
                .for_alg(alg)
                .is_some();
            usable.then_some(key)
        });
    marked.next()
}

/// The thumbprint of each key's own certificate: the first of its `x5c` (RFC 7517 §4.7), else its
/// `x5t#S256` (§4.9).
fn certificates(jwks: &Value) -> Vec<String> {
    let keys = jwks["keys"].as_array().map_or(&[][..], Vec::as_slice);
    keys.iter()
        .filter_map(|key| match key["x5c"][0].as_str() {
            Some(certificate) => {
                let der = STANDARD.decode(certificate).ok()?;
                Some(URL_SAFE_NO_PAD.encode(sha256(&der)))
            }
            None => key["x5t#S256"].as_str().map(str::to_owned),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_certificate_is_known_by_itself_or_by_its_thumbprint() {
        let der = b"not parsed, only compared";
        let thumbprint = URL_SAFE_NO_PAD.encode(sha256(der));
        let by_itself = json!({"keys": [{"kty": "EC", "x5c": [STANDARD.encode(der), "AAAA"]}]});
        let by_thumbprint = json!({"keys": [{"kty": "EC", "x5t#S256": thumbprint}]});
        for jwks in [&by_itself, &by_thumbprint] {
            let keys = PublicKeys::parse(jwks.to_string().as_bytes()).unwrap();
            assert!(keys.has_certificate(&thumbprint));
            assert!(!keys.has_certificate(&URL_SAFE_NO_PAD.encode(sha256(&[0, 0, 0]))));
        }
        let neither = json!({"keys": [{"kty": "EC", "x5c": ["!"]}, {"x5c": []}, {"x5c": 1}]});
        let neither = PublicKeys::of_value(&neither, Timestamp::from_seconds(1)).unwrap();
        assert!(neither.certificates.is_empty());
    }

    #[test]
    fn a_key_of_the_record_is_one_until_its_end() {
        let both = json!({"keys": [
            {"kty": "EC", "x5t#S256": "old", "exp": 100},
            {"kty": "EC", "x5t#S256": "new"},
        ]});
        let at = Timestamp::from_seconds;
        let before = PublicKeys::of_value(&both, at(99)).unwrap();
        assert!(before.has_certificate("old") && before.has_certificate("new"));
        assert!(before.is_whole(at(99)) && !before.is_whole(at(100)));
        let after = PublicKeys::of_value(&both, at(100)).unwrap();
        assert!(!after.has_certificate("old") && after.has_certificate("new"));
        assert!(after.is_whole(at(1_000_000)));
    }
}
