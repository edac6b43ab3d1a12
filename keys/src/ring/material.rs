//! What there is of a private key: its sealed document, or the name under which a token keeps it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::{Zeroize as _, Zeroizing};

use super::{KeyPlace, KeyStage};
use crate::custody::{Custody, TokenKey};
use crate::error::KeysError;

/// An algorithm that a ring holds one line of keys for.
pub(crate) trait RingAlg:
    Copy + Eq + Ord + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// Every algorithm.
    const ALL: &'static [Self];

    /// Its registered name.
    fn as_str(self) -> &'static str;

    /// Its place in [`ALL`](Self::ALL).
    fn index(self) -> usize;

    /// Whether making a key takes so long that a first start does without the next one.
    fn is_costly(self) -> bool;
}

/// A private key of ours, parsed once: what a ring is made of.
pub(crate) trait RingKey: Sized + Send + Sync + 'static {
    /// What it is for.
    type Alg: RingAlg;

    /// Makes a key where `custody` wants it made.
    fn make(alg: Self::Alg, custody: &dyn Custody) -> Result<Material, KeysError>;

    /// Whether `custody` has a token that makes keys for `alg`.
    fn makes_in_token(_: Self::Alg, _: &dyn Custody) -> bool {
        false
    }

    /// Parses one, and precomputes what does not change.
    fn parse(alg: Self::Alg, material: &Material, custody: &dyn Custody)
    -> Result<Self, KeysError>;

    /// RFC 7638 thumbprint, SHA-256.
    fn kid(&self) -> &str;

    /// The public JWK as published.
    fn jwk(&self) -> &Value;

    /// What is kept of it for good once it is past keeping: the public half of a key whose signatures are
    /// read for years.
    fn outlives(&self) -> Option<&Value> {
        None
    }

    /// Whether a key of this stage stands in the JWK Set.
    fn is_published(stage: KeyStage) -> bool;
}

/// A private key as it stands in a ring's record.
#[derive(Serialize, Deserialize)]
pub(crate) enum Material {
    /// PKCS#8.
    #[serde(rename = "pkcs8")]
    Document(Document),
    /// In a token.
    #[serde(rename = "token")]
    Token(TokenKey),
}

/// base64url of a PKCS#8 document. Wiped when dropped.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Document(String);

impl Drop for Document {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Material {
    /// Of a PKCS#8 document.
    pub(crate) fn pkcs8(der: &[u8]) -> Self {
        Self::Document(Document(URL_SAFE_NO_PAD.encode(der)))
    }

    /// The PKCS#8 document, unless a token keeps the key.
    pub(crate) fn to_pkcs8(&self) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Document(document) => {
                URL_SAFE_NO_PAD.decode(&document.0).ok().map(Zeroizing::new)
            }
            Self::Token(_) => None,
        }
    }

    /// Where it is.
    pub(crate) const fn place(&self) -> KeyPlace {
        match self {
            Self::Document(_) => KeyPlace::File,
            Self::Token(_) => KeyPlace::Token,
        }
    }
}
