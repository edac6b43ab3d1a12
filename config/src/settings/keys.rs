//! Signing and sealing keys: which, where, and how often they change.

use std::path::PathBuf;

use guichet_domain::{KeyManagementAlg, SigningAlg};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Lifetime, Secret};

/// Signing and sealing keys.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// The folder that holds them; readable by the hub alone.
    pub directory: PathBuf,
    /// Algorithms the hub signs with, the default first.
    pub algorithms: Vec<SigningAlg>,
    /// How clients may encrypt request objects for the hub. Empty: they may not.
    pub encryption: Vec<KeyManagementAlg>,
    /// Where signing keys are made and kept.
    pub custody: CustodyKind,
    /// The PKCS#11 token, for `custody = "pkcs11"`.
    pub pkcs11: Pkcs11,
    /// How often the folder is looked at for a rotation by another node or the command line.
    pub refresh: Lifetime,
    /// How long a key signs before the next one takes over.
    pub rotate_every: Lifetime,
    /// How long a key is published before it signs: longer than clients cache the JWK Set.
    pub publish_before: Lifetime,
    /// How long a key stays published after it signed: longer than any token lives.
    pub keep_after: Lifetime,
}

/// Where signing keys are made and kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CustodyKind {
    /// Sealed, in the folder.
    File,
    /// In a PKCS#11 token, which they never leave. The folder still holds the master secret and what is sealed under it.
    Pkcs11,
}

/// A PKCS#11 token.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Pkcs11 {
    /// The vendor's module, a shared library.
    pub module: PathBuf,
    /// The token's label.
    pub token: String,
    /// The user's PIN; better by GUICHET__KEYS__PKCS11__PIN_FILE than here.
    pub pin: Option<Secret>,
    /// How many sessions may be open at once; each signature takes one.
    pub sessions: u32,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("/var/lib/guichet/keys"),
            algorithms: SigningAlg::ALL.to_vec(),
            encryption: KeyManagementAlg::ALL.to_vec(),
            custody: CustodyKind::File,
            pkcs11: Pkcs11::default(),
            refresh: Lifetime::seconds(10),
            rotate_every: Lifetime::minutes(90 * DAY),
            publish_before: Lifetime::minutes(DAY),
            keep_after: Lifetime::minutes(30 * DAY),
        }
    }
}

/// In minutes.
const DAY: u64 = 24 * 60;

impl Default for Pkcs11 {
    fn default() -> Self {
        Self {
            module: PathBuf::new(),
            token: String::new(),
            pin: None,
            sessions: 8,
        }
    }
}
