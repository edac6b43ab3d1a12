//! Agreeing on a key with the holder of an elliptic curve key (RFC 7518 §4.6).

use aws_lc_rs::agreement::{
    self, Algorithm, ECDH_P256, ECDH_P384, ECDH_P521, ParsedPublicKey, PrivateKey,
    UnparsedPublicKey,
};
use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrap as _};
use guichet_domain::{ContentEncryption, KeyManagementAlg};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{ContentKey, direct_use};
use crate::digest::{Sha256, thirty_two};
use crate::public::{bytes, ec_members, text};

/// A curve that keys may be on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    /// The value of `crv`.
    const fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    const fn coordinate(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    const fn library(self) -> &'static Algorithm {
        match self {
            Self::P256 => &ECDH_P256,
            Self::P384 => &ECDH_P384,
            Self::P521 => &ECDH_P521,
        }
    }
}

/// A point on a curve: somebody's public key. That it lies on the curve was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Point {
    curve: Curve,
    /// Uncompressed (SEC 1 §2.3.3).
    encoded: Vec<u8>,
}

impl Point {
    /// The point that an EC JWK names (RFC 7518 §6.2.1).
    pub(super) fn of(jwk: &Map<String, Value>) -> Option<Self> {
        if text(jwk, "kty")? != "EC" {
            return None;
        }
        let name = text(jwk, "crv")?;
        let curve = Curve::ALL
            .into_iter()
            .find(|curve| curve.as_str() == name)?;
        let (x, y) = (bytes(jwk, "x")?, bytes(jwk, "y")?);
        if x.len() != curve.coordinate() || y.len() != curve.coordinate() {
            return None;
        }
        let encoded = [&[4][..], &x, &y].concat();
        ParsedPublicKey::try_from(UnparsedPublicKey::new(curve.library(), &encoded)).ok()?;
        Some(Self { curve, encoded })
    }

    /// A fresh agreement with the holder of this point: the `epk` to send, and the secret.
    pub(super) fn agree_afresh(&self) -> Option<(Value, SharedSecret)> {
        let own = PrivateKey::generate(self.curve.library()).ok()?;
        let half = own.compute_public_key().ok()?;
        let epk = ec_members(self.curve.as_str(), half.as_ref())?;
        Some((Value::Object(epk), agreed(&own, self)?))
    }
}

/// What both sides of an agreement know.
pub(super) struct SharedSecret(Zeroizing<Vec<u8>>);

/// The secret that `own` and the sender's half, `epk`, agree on.
pub(super) fn agreed_with(own: &PrivateKey, epk: &Value) -> Option<SharedSecret> {
    agreed(own, &Point::of(epk.as_object()?)?)
}

fn agreed(own: &PrivateKey, theirs: &Point) -> Option<SharedSecret> {
    let theirs = UnparsedPublicKey::new(theirs.curve.library(), &theirs.encoded);
    agreement::agree(own, theirs, (), |secret| {
        Ok(SharedSecret(Zeroizing::new(secret.to_vec())))
    })
    .ok()
}

/// What `apu` and `apv` in a header say about the parties; mixed into the key (RFC 7518 §4.6.2).
#[derive(Default)]
pub(super) struct Parties {
    pub(super) apu: Vec<u8>,
    pub(super) apv: Vec<u8>,
}

impl SharedSecret {
    /// The content key when the agreed key encrypts directly.
    pub(super) fn content_key(&self, enc: ContentEncryption, parties: &Parties) -> ContentKey {
        self.derive(direct_use(enc), parties)
    }

    /// `content_key` wrapped under the agreed key (RFC 3394).
    pub(super) fn wrap(&self, content_key: &ContentKey, parties: &Parties) -> Option<Vec<u8>> {
        let mut wrapped = vec![0; content_key.len() + 8];
        self.wrapping_key(parties)?
            .wrap(&**content_key, &mut wrapped)
            .ok()?;
        Some(wrapped)
    }

    /// The content key that was wrapped.
    pub(super) fn unwrap(&self, wrapped: &[u8], parties: &Parties) -> Option<ContentKey> {
        let mut content_key = Zeroizing::new([0; 32]);
        if wrapped.len() != content_key.len() + 8 {
            return None;
        }
        self.wrapping_key(parties)?
            .unwrap(wrapped, &mut *content_key)
            .ok()?;
        Some(content_key)
    }

    fn wrapping_key(&self, parties: &Parties) -> Option<AesKek> {
        let key = self.derive(KeyManagementAlg::EcdhEsA256Kw.as_str(), parties);
        AesKek::new(&AES_256, &*key).ok()
    }

    /// 256 bits for the use that `algorithm` names.
    fn derive(&self, algorithm: &str, parties: &Parties) -> ContentKey {
        Zeroizing::new(concat_kdf(&self.0, algorithm, parties, 256))
    }
}

/// One round of the Concat KDF with SHA-256 (NIST SP 800-56A §5.8.1, RFC 7518 §4.6.2). Of its 256
/// bits a shorter key takes the first; `bits` is how many, for it is hashed too.
fn concat_kdf(secret: &[u8], algorithm: &str, parties: &Parties, bits: u32) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(&1_u32.to_be_bytes());
    hash.update(secret);
    for field in [algorithm.as_bytes(), &parties.apu, &parties.apv] {
        let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
        hash.update(&length.to_be_bytes());
        hash.update(field);
    }
    hash.update(&bits.to_be_bytes());
    thirty_two(&hash.finish())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::*;

    /// RFC 7518 appendix C: Alice's ephemeral key and Bob's key.
    fn alice() -> PrivateKey {
        private("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo")
    }

    fn bob() -> Value {
        json!({
            "kty": "EC",
            "crv": "P-256",
            "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
            "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
        })
    }

    fn private(d: &str) -> PrivateKey {
        PrivateKey::from_private_key(&ECDH_P256, &URL_SAFE_NO_PAD.decode(d).unwrap()).unwrap()
    }

    #[test]
    fn the_agreement_answers_the_vector_of_rfc_7518_c() {
        let secret = agreed_with(&alice(), &bob()).unwrap();
        let expected: [u8; 32] = [
            158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49,
            110, 163, 218, 128, 106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
        ];
        assert_eq!(secret.0[..], expected);
        let parties = Parties {
            apu: b"Alice".to_vec(),
            apv: b"Bob".to_vec(),
        };
        let key = concat_kdf(&secret.0, "A128GCM", &parties, 128);
        assert_eq!(URL_SAFE_NO_PAD.encode(&key[..16]), "VqqN6vgjbSBcIijNcacQGg");
    }

    #[test]
    fn both_sides_agree_and_the_parties_count() {
        let (epk, ours) = Point::of(bob().as_object().unwrap())
            .unwrap()
            .agree_afresh()
            .unwrap();
        let theirs = agreed_with(
            &private("VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"),
            &epk,
        )
        .unwrap();
        assert_eq!(ours.0, theirs.0);
        let (nobody, somebody) = (
            Parties::default(),
            Parties {
                apu: b"a".to_vec(),
                apv: Vec::new(),
            },
        );
        let content_key = Zeroizing::new([9; 32]);
        let wrapped = ours.wrap(&content_key, &nobody).unwrap();
        assert_eq!(theirs.unwrap(&wrapped, &nobody), Some(content_key));
        assert_eq!(theirs.unwrap(&wrapped, &somebody), None);
        assert_eq!(theirs.unwrap(&wrapped[..32], &nobody), None);
    }

    #[test]
    fn a_point_off_its_curve_or_of_another_length_is_none() {
        let with = |name: &str, value: &str| {
            let mut jwk = bob();
            jwk[name] = value.into();
            Point::of(jwk.as_object().unwrap())
        };
        assert!(Point::of(bob().as_object().unwrap()).is_some());
        assert_eq!(
            with("x", "xeNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ"),
            None
        );
        assert_eq!(with("x", "AA"), None);
        assert_eq!(with("crv", "P-384"), None);
        assert_eq!(with("crv", "secp256k1"), None);
        assert_eq!(with("kty", "OKP"), None);
    }
}
