//! The signature algorithms there are, by their names in JOSE (RFC 7518 §3.1, RFC 8037 §3.1).

/// A signature algorithm that may be accepted: asymmetric ones only, so neither `none` nor an HMAC
/// can be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JwsAlg {
    /// ECDSA on P-256.
    Es256,
    /// ECDSA on P-384.
    Es384,
    /// RSA PKCS#1 v1.5, SHA-256.
    Rs256,
    /// RSA PKCS#1 v1.5, SHA-384.
    Rs384,
    /// RSA PKCS#1 v1.5, SHA-512.
    Rs512,
    /// RSA-PSS, SHA-256.
    Ps256,
    /// RSA-PSS, SHA-384.
    Ps384,
    /// RSA-PSS, SHA-512.
    Ps512,
    /// Ed25519.
    EdDsa,
}

impl JwsAlg {
    /// Every algorithm.
    pub const ALL: [Self; 9] = [
        Self::Es256,
        Self::Es384,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::EdDsa,
    ];

    /// Those that a hub may sign with (`SigningAlg`), and so what the parties of an exchange believe.
    pub const OURS: [Self; 4] = [Self::Es256, Self::EdDsa, Self::Ps256, Self::Rs256];

    /// The value of `alg`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm with this `alg`; `Ed25519` (RFC 9864) is `EdDSA` by its new name.
    pub fn named(name: &str) -> Option<Self> {
        let name = if name == "Ed25519" { "EdDSA" } else { name };
        Self::ALL.into_iter().find(|alg| alg.as_str() == name)
    }

    pub(crate) const fn library(self) -> jsonwebtoken::Algorithm {
        use jsonwebtoken::Algorithm;
        match self {
            Self::Es256 => Algorithm::ES256,
            Self::Es384 => Algorithm::ES384,
            Self::Rs256 => Algorithm::RS256,
            Self::Rs384 => Algorithm::RS384,
            Self::Rs512 => Algorithm::RS512,
            Self::Ps256 => Algorithm::PS256,
            Self::Ps384 => Algorithm::PS384,
            Self::Ps512 => Algorithm::PS512,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }
}

impl From<guichet_domain::SigningAlg> for JwsAlg {
    fn from(alg: guichet_domain::SigningAlg) -> Self {
        match alg {
            guichet_domain::SigningAlg::Es256 => Self::Es256,
            guichet_domain::SigningAlg::Rs256 => Self::Rs256,
            guichet_domain::SigningAlg::Ps256 => Self::Ps256,
            guichet_domain::SigningAlg::EdDsa => Self::EdDsa,
        }
    }
}
