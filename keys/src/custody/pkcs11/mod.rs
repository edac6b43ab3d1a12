//! Signing keys in a PKCS#11 token: a hardware module, or SoftHSM in its place.
//!
//! Keys are made in the token, marked sensitive and not extractable, and found again by their CKA_ID.
//! Nothing here knows one vendor's module from another's: only mechanisms that PKCS#11 2.40 has.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, ObjectHandle};
use cryptoki::session::Session;
use guichet_domain::{Entropy as _, SigningAlg};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{CustodyError, SigningToken, TokenKey};
use crate::SystemEntropy;
use crate::digest::sha256;
use crate::public::{der_element, ec_members, rsa_members_of};
use sessions::Sessions;

mod sessions;
#[cfg(test)]
mod tests;

/// Which token, and how to reach it.
pub struct Pkcs11Settings {
    /// The module: a shared library of the vendor's.
    pub module: PathBuf,
    /// The token's label.
    pub label: String,
    /// The user's PIN.
    pub pin: Zeroizing<String>,
    /// How many sessions may be open at once; a signature takes one.
    pub sessions: usize,
}

/// A PKCS#11 token. No `Debug`.
pub struct Pkcs11Token {
    sessions: Sessions,
    makes: Vec<SigningAlg>,
}

impl Pkcs11Token {
    /// Loads the module, finds the token by its label and logs in.
    pub fn open(settings: &Pkcs11Settings) -> Result<Self, CustodyError> {
        let sessions = Sessions::open(settings)?;
        let known = sessions.mechanisms()?;
        let can = |alg: &SigningAlg| {
            let needed = needed_for(*alg);
            !needed.is_empty() && needed.iter().all(|mechanism| known.contains(mechanism))
        };
        let makes = SigningAlg::ALL.into_iter().filter(can).collect();
        Ok(Self { sessions, makes })
    }
}

impl SigningToken for Pkcs11Token {
    fn makes(&self, alg: SigningAlg) -> bool {
        self.makes.contains(&alg)
    }

    fn generate(&self, alg: SigningAlg) -> Result<TokenKey, CustodyError> {
        let id = SystemEntropy.bytes16();
        self.sessions.with("make a key", |open| {
            let (public, private) = templates(alg, &id);
            let mechanism = match alg {
                SigningAlg::Rs256 | SigningAlg::Ps256 => Mechanism::RsaPkcsKeyPairGen,
                SigningAlg::Es256 | SigningAlg::EdDsa => Mechanism::EccKeyPairGen,
            };
            let (public, _) = open
                .session
                .generate_key_pair(&mechanism, &public, &private)?;
            Ok(TokenKey {
                id: URL_SAFE_NO_PAD.encode(id),
                public: public_members(&open.session, alg, public)?,
            })
        })
    }

    fn sign(
        &self,
        alg: SigningAlg,
        key: &TokenKey,
        message: &[u8],
    ) -> Result<Vec<u8>, CustodyError> {
        self.sessions.with("sign", |open| {
            let handle = open.private_key(&key.id)?;
            match alg {
                // The token signs the hash: older ones know no ECDSA that hashes.
                SigningAlg::Es256 => open
                    .session
                    .sign(&Mechanism::Ecdsa, handle, &sha256(message)),
                SigningAlg::Rs256 => open
                    .session
                    .sign(&Mechanism::Sha256RsaPkcs, handle, message),
                SigningAlg::Ps256 => {
                    open.session
                        .sign(&Mechanism::Sha256RsaPkcsPss(PSS), handle, message)
                }
                SigningAlg::EdDsa => Err(cryptoki::error::Error::NotSupported),
            }
        })
    }

    fn destroy(&self, key: &TokenKey) -> Result<(), CustodyError> {
        self.sessions.with("remove a key", |open| {
            let wanted = [key_id(&key.id)?, Attribute::Token(true)];
            for object in open.session.find_objects(&wanted)? {
                open.session.destroy_object(object)?;
            }
            Ok(())
        })
    }
}

/// What a token must know to make keys for `alg` and to sign with them. Ed25519 stays out: tokens
/// disagree on how its curve is named.
const fn needed_for(alg: SigningAlg) -> &'static [MechanismType] {
    match alg {
        SigningAlg::Es256 => &[MechanismType::ECC_KEY_PAIR_GEN, MechanismType::ECDSA],
        SigningAlg::Rs256 => &[
            MechanismType::RSA_PKCS_KEY_PAIR_GEN,
            MechanismType::SHA256_RSA_PKCS,
        ],
        SigningAlg::Ps256 => &[
            MechanismType::RSA_PKCS_KEY_PAIR_GEN,
            MechanismType::SHA256_RSA_PKCS_PSS,
        ],
        SigningAlg::EdDsa => &[],
    }
}

/// The salt is as long as the hash (RFC 7518 §3.5).
const PSS: PkcsPssParams = PkcsPssParams {
    hash_alg: MechanismType::SHA256,
    mgf: PkcsMgfType::MGF1_SHA256,
    s_len: cryptoki::types::Ulong::new(32),
};

/// DER of the object identifier of P-256 (RFC 5480 §2.1.1.1).
const P256: [u8; 10] = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

const RSA_BITS: u64 = 2048;

/// What the two halves of a pair are to be: the private one signs and never leaves.
fn templates(alg: SigningAlg, id: &[u8]) -> (Vec<Attribute>, Vec<Attribute>) {
    let named = |attributes: &[Attribute]| {
        let label = format!("guichet {}", alg.as_str()).into_bytes();
        let name = [
            Attribute::Token(true),
            Attribute::Id(id.to_vec()),
            Attribute::Label(label),
        ];
        [&name[..], attributes].concat()
    };
    let kind = match alg {
        SigningAlg::Rs256 | SigningAlg::Ps256 => vec![
            Attribute::ModulusBits(RSA_BITS.into()),
            Attribute::PublicExponent(vec![1, 0, 1]),
        ],
        SigningAlg::Es256 | SigningAlg::EdDsa => vec![Attribute::EcParams(P256.to_vec())],
    };
    let public = [
        &[Attribute::Private(false), Attribute::Verify(true)][..],
        &kind,
    ]
    .concat();
    let private = [
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
    ];
    (named(&public), named(&private))
}

/// The public half, as the members of a JWK.
fn public_members(
    session: &Session,
    alg: SigningAlg,
    key: ObjectHandle,
) -> cryptoki::error::Result<Map<String, Value>> {
    let wanted = match alg {
        SigningAlg::Rs256 | SigningAlg::Ps256 => {
            &[AttributeType::Modulus, AttributeType::PublicExponent][..]
        }
        SigningAlg::Es256 | SigningAlg::EdDsa => &[AttributeType::EcPoint],
    };
    let members = match &session.get_attributes(key, wanted)?[..] {
        [Attribute::Modulus(n), Attribute::PublicExponent(e)] => rsa_members_of(n, e),
        // The point is wrapped in an OCTET STRING; some tokens leave the wrapping out.
        [Attribute::EcPoint(point)] => match der_element(point, 4) {
            Some((inner, [])) => ec_members("P-256", inner),
            _ => ec_members("P-256", point),
        },
        _ => None,
    };
    members.ok_or(cryptoki::error::Error::InvalidValue)
}

/// The CKA_ID in the text that stands for it. A text that is none is refused: the empty one would mean
/// whatever else the token holds without an identifier.
fn key_id(text: &str) -> cryptoki::error::Result<Attribute> {
    match URL_SAFE_NO_PAD.decode(text) {
        Ok(id) if !id.is_empty() => Ok(Attribute::Id(id)),
        _ => Err(cryptoki::error::Error::InvalidValue),
    }
}
