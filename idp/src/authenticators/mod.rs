//! What an account has beyond its password.

pub(crate) mod totp;

pub(crate) mod passkey;

use guichet_domain::AccountId;
use guichet_store::durable::{AuthenticatorKind, AuthenticatorRecord};
use serde::{Deserialize, Serialize};

use crate::Idp;
use crate::refusal::Halt;

/// Which second factors an account has, of those this instance knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Factors {
    pub(crate) totp: bool,
    pub(crate) passkeys: bool,
}

impl Factors {
    /// Whether there is any.
    pub(crate) fn any(self) -> bool {
        self.totp || self.passkeys
    }

    /// Those among `records`.
    pub(crate) fn among(records: &[AuthenticatorRecord]) -> Self {
        let has = |kind| records.iter().any(|record| record.kind == kind);
        Self {
            totp: has(AuthenticatorKind::Totp),
            passkeys: has(AuthenticatorKind::Passkey),
        }
    }
}

impl Idp {
    /// Which second factors an account can be asked for here.
    pub(crate) async fn factors(&self, account: AccountId) -> Result<Factors, Halt> {
        if !self.has_second_factors() {
            return Ok(Factors::default());
        }
        let factors = Factors::among(&self.authenticators.of(account).await?);
        Ok(Factors {
            passkeys: factors.passkeys && self.passkeys.is_some(),
            ..factors
        })
    }
}
