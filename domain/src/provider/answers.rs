//! How what a provider returns is signed and encrypted, by the names of OIDC Registration §2.

use serde::{Deserialize, Serialize};

use crate::{Encryption, JwsAlgName};

/// What was registered with the provider. An answer that is anything else is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Answers {
    /// The only algorithm of its ID tokens; any asymmetric one when there is none.
    pub id_token_alg: Option<JwsAlgName>,
    /// How its ID tokens are encrypted for us.
    pub id_token_encryption: Option<Encryption>,
    /// The only algorithm of its userinfo answers; with one, plain JSON is refused.
    pub userinfo_alg: Option<JwsAlgName>,
    /// How its userinfo answers are encrypted for us.
    pub userinfo_encryption: Option<Encryption>,
}

impl Answers {
    /// How anything is encrypted for us: what the hub needs keys for.
    pub fn encryptions(&self) -> impl Iterator<Item = Encryption> + use<> {
        [self.id_token_encryption, self.userinfo_encryption]
            .into_iter()
            .flatten()
    }
}
