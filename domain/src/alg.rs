//! Algorithms by their registered names: what the hub signs with, encrypts with, and accepts of others
//! (RFC 7518, RFC 8037).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

macro_rules! algorithms {
    (
        $(#[$doc:meta])*
        $name:ident, $what:literal {
            $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            schemars::JsonSchema,
        )]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Every algorithm, the preferred one first.
            pub const ALL: [Self; [$($text),*].len()] = [$(Self::$variant),*];

            /// The registered name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownAlg;

            fn from_str(text: &str) -> Result<Self, UnknownAlg> {
                Self::ALL
                    .into_iter()
                    .find(|alg| alg.as_str() == text)
                    .ok_or(UnknownAlg { what: $what, known: &[$($text),*] })
            }
        }
    };
}

algorithms! {
    /// A signature algorithm for what the hub signs (RFC 7518 §3.1, RFC 8037 §3.1).
    SigningAlg, "signature" {
        /// ECDSA on P-256 with SHA-256: the default.
        Es256 = "ES256",
        /// RSA PKCS#1 v1.5 with SHA-256: for clients that know nothing else.
        Rs256 = "RS256",
        /// RSA-PSS with SHA-256: for clients of FAPI 2.0 that keep to RSA.
        Ps256 = "PS256",
        /// Ed25519.
        EdDsa = "EdDSA",
    }
}

#[expect(
    clippy::derivable_impls,
    reason = "the macro that writes the enum marks no variant"
)]
impl Default for SigningAlg {
    fn default() -> Self {
        Self::Es256
    }
}

algorithms! {
    /// How the key of an encrypted token travels (RFC 7518 §4.1).
    KeyManagementAlg, "key management" {
        /// A fresh key agreement with the receiver's key; the agreed key encrypts (§4.6).
        EcdhEs = "ECDH-ES",
        /// The same; the agreed key wraps a random one (§4.6).
        EcdhEsA256Kw = "ECDH-ES+A256KW",
        /// A random key, encrypted under the receiver's RSA key (§4.3).
        RsaOaep256 = "RSA-OAEP-256",
    }
}

algorithms! {
    /// How the content of an encrypted token is encrypted (RFC 7518 §5.1).
    ContentEncryption, "content encryption" {
        /// AES-256 in GCM (§5.3).
        A256Gcm = "A256GCM",
        /// AES-128 in CBC with HMAC SHA-256 (§5.2.3): what OIDC takes when nothing is said.
        A128CbcHs256 = "A128CBC-HS256",
    }
}

/// How something is encrypted for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encryption {
    /// How the key travels.
    pub alg: KeyManagementAlg,
    /// How the content is encrypted.
    pub enc: ContentEncryption,
}

impl SigningAlg {
    /// Whether FAPI 2.0 Security Profile §5.4 allows it.
    pub fn is_fapi2(self) -> bool {
        self != Self::Rs256
    }
}

/// The name of a signature algorithm that a client uses: one of [`JwsAlgName::KNOWN`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct JwsAlgName(&'static str);

impl JwsAlgName {
    /// Every name there is; those of HMAC are for `client_secret_jwt` alone.
    pub const KNOWN: &'static [&'static str] = &[
        "ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA", "HS256",
        "HS384", "HS512",
    ];

    /// The registered name.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether it is an HMAC, which needs a shared secret.
    pub fn is_hmac(self) -> bool {
        self.0.starts_with("HS")
    }

    /// Whether FAPI 2.0 Security Profile §5.4 allows it.
    pub fn is_fapi2(self) -> bool {
        matches!(self.0, "ES256" | "PS256" | "EdDSA")
    }
}

impl FromStr for JwsAlgName {
    type Err = UnknownAlg;

    fn from_str(text: &str) -> Result<Self, UnknownAlg> {
        Self::KNOWN
            .iter()
            .find(|name| **name == text)
            .map(|name| Self(name))
            .ok_or(UnknownAlg {
                what: "signature",
                known: Self::KNOWN,
            })
    }
}

impl Serialize for JwsAlgName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for JwsAlgName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Not the name of an algorithm that is used here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a {what} algorithm in use here; known are {}", .known.join(", "))]
pub struct UnknownAlg {
    what: &'static str,
    pub(crate) known: &'static [&'static str],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_back() {
        for alg in SigningAlg::ALL {
            assert_eq!(alg.as_str().parse(), Ok(alg));
        }
        for alg in KeyManagementAlg::ALL {
            assert_eq!(alg.as_str().parse(), Ok(alg));
        }
        for enc in ContentEncryption::ALL {
            assert_eq!(enc.as_str().parse(), Ok(enc));
        }
        for name in JwsAlgName::KNOWN {
            assert_eq!(
                name.parse::<JwsAlgName>().map(JwsAlgName::as_str),
                Ok(*name)
            );
        }
    }

    #[test]
    fn names_that_are_unsafe_or_misspelt_are_unknown() {
        for name in ["none", "None", "es256", "RSA1_5", "RSA-OAEP", "", "ES256 "] {
            assert!(name.parse::<SigningAlg>().is_err(), "{name}");
            assert!(name.parse::<KeyManagementAlg>().is_err(), "{name}");
            assert!(name.parse::<JwsAlgName>().is_err(), "{name}");
        }
    }
}
