//! A client's JWK Set, read for every use there is of it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use guichet_domain::KeyManagementAlg;
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
            signing,
        })
    }

    /// The same for a set that was registered itself.
    pub(super) fn of_value(jwks: &Value) -> Result<Self, JwkSetError> {
        Ok(Self {
            signing: JwkSet::from_value(jwks)?,
            encryption: EncryptionKeySet::from_value(jwks)?,
            certificates: certificates(jwks),
            recipient: recipient(jwks),
        })
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
        let neither = PublicKeys::of_value(&neither).unwrap();
        assert!(neither.certificates.is_empty());
    }
}
