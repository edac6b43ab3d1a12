//! Accounts: how an operator adds them and how a sign-in finds them.

use std::sync::Arc;

use guichet_domain::{AccountId, IdentityClaims};
use guichet_keys::{KeysError, Unsealable, sha256_of};
use guichet_store::Fault;
use guichet_store::durable::{AccountRecord, AuthenticatorKind, AuthenticatorRecord};
use tokio::sync::watch;
use unicode_normalization::UnicodeNormalization as _;

use crate::Idp;
use crate::authenticators::totp::{TotpSecret, TotpState};
use crate::password::{Busy, Password, PasswordRefused, check_new};

/// An account to be added.
#[derive(Clone)]
pub struct NewAccount {
    /// What its owner types: see [`LoginName`].
    pub login_name: String,
    /// Its password, in clear: only ever on the way in.
    pub password: String,
    /// Who its owner is, as the provider has verified it.
    pub identity: IdentityClaims,
    /// An authenticator application its owner has already.
    pub totp: Option<TotpSecret>,
}

/// Why an account was not added.
#[derive(Debug, thiserror::Error)]
pub enum AddAccountError {
    /// The login name is none.
    #[error(transparent)]
    LoginName(#[from] NotALoginName),
    /// Somebody has it.
    #[error("the login name is taken")]
    Taken,
    /// The password is none, or too weak.
    #[error("the password is refused: {0}")]
    Password(#[from] PasswordRefused),
    /// The hash could not be made.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// Sealing failed.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Fault),
}

/// What the owner of an account types to name it: 1 to 64 letters, digits and `.`, `-`, `_`, `@`,
/// `+`, compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginName(String);

/// The text is no login name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a login name is 1 to 64 letters, digits and . - _ @ +")]
pub struct NotALoginName;

impl LoginName {
    /// The name in the one form it is stored in: NFKC, lower case, without spaces around it.
    pub fn fold(typed: &str) -> Result<Self, NotALoginName> {
        if typed.len() > LONGEST_TYPED {
            return Err(NotALoginName);
        }
        let folded: String = typed
            .trim()
            .nfkc()
            .flat_map(char::to_lowercase)
            .nfkc()
            .collect();
        let allowed = |character: char| character.is_alphanumeric() || ".-_@+".contains(character);
        let fits = (1..=64).contains(&folded.chars().count()) && folded.chars().all(allowed);
        if fits {
            Ok(Self(folded))
        } else {
            Err(NotALoginName)
        }
    }

    /// The folded name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What tries are counted under: the account as it was named, whether or not it exists.
pub(crate) fn throttle_key(house: &str, typed: &str) -> [u8; 32] {
    let folded = LoginName::fold(typed);
    let name = folded.as_ref().map_or(typed, LoginName::as_str);
    sha256_of(&[
        &(house.len() as u64).to_be_bytes(),
        house.as_bytes(),
        name.as_bytes(),
    ])
}

/// An account, its identity opened.
pub(crate) struct Account {
    pub(crate) id: AccountId,
    pub(crate) login_name: String,
    pub(crate) identity: IdentityClaims,
}

/// Why an account could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountFault {
    #[error(transparent)]
    Store(#[from] Fault),
    #[error("the identity of an account does not open: {0}")]
    Sealed(#[from] Unsealable),
}

impl Account {
    /// Its owner's name, as a greeting and an authenticator's prompt show it.
    pub(crate) fn display_name(&self) -> String {
        let names = [&self.identity.given_name, &self.identity.family_name];
        let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
        if names.is_empty() {
            self.login_name.clone()
        } else {
            names.join(" ")
        }
    }
}

impl Idp {
    /// Adds an account, hashing its password on the pool.
    pub async fn add_account(&self, new: NewAccount) -> Result<AccountId, AddAccountError> {
        let login_name = LoginName::fold(&new.login_name)?;
        // Asked first, so that a restart over a store that lasts does not hash for nothing.
        if self
            .accounts
            .by_login_name(self.house(), login_name.as_str())
            .await?
            .is_some()
        {
            return Err(AddAccountError::Taken);
        }
        let password = Password::read(&new.password).ok_or(PasswordRefused::TooShort)?;
        check_new(&password, login_name.as_str())?;
        let id = AccountId::random(&*self.entropy);
        let identity = self
            .sealers
            .identities
            .seal_json(id.as_bytes(), &new.identity)?;
        let password = self.passwords.hash(password).await?;
        let login_name = login_name.0;
        let account = AccountRecord {
            id,
            login_name,
            password,
            identity,
            active: true,
        };
        if !self
            .accounts
            .add(self.house(), &account, self.now())
            .await?
        {
            return Err(AddAccountError::Taken);
        }
        if let Some(secret) = new.totp {
            self.add_totp(id, String::new(), secret, 0).await?;
        }
        Ok(id)
    }

    /// Adds accounts one by one in the background, so that a start does not wait for their hashes.
    /// A sign-in waits until they are there; an account that exists already is left as it is.
    ///
    /// Must run inside the async runtime.
    pub fn seed(&self, accounts: Vec<NewAccount>) {
        let idp = self.clone();
        let under_way = self.seeding.begin();
        tokio::spawn(async move {
            for new in accounts {
                match idp.add_account(new).await {
                    Ok(_) | Err(AddAccountError::Taken) => {}
                    // Never the name: logs hold no personal data.
                    Err(error) => {
                        tracing::error!(house = idp.house(), %error, "an account was not seeded");
                    }
                }
            }
            drop(under_way);
        });
    }

    /// The active account with this identifier.
    pub(crate) async fn account(&self, id: AccountId) -> Result<Option<Account>, AccountFault> {
        let record = self.accounts.by_id(self.house(), id).await?;
        let Some(record) = record.filter(|record| record.active) else {
            return Ok(None);
        };
        let identity = self
            .sealers
            .identities
            .open_json(id.as_bytes(), &record.identity)?;
        Ok(Some(Account {
            id,
            login_name: record.login_name,
            identity,
        }))
    }

    pub(crate) async fn add_totp(
        &self,
        account: AccountId,
        label: String,
        secret: TotpSecret,
        last_step: u64,
    ) -> Result<bool, AddAccountError> {
        let id = self.entropy.bytes16().to_vec();
        let state = TotpState {
            last_step,
            ..TotpState::new(secret)
        };
        let record = AuthenticatorRecord {
            sealed: self.sealers.authenticators.seal_json(&id, &state)?,
            id,
            account,
            kind: AuthenticatorKind::Totp,
            label,
            added: self.now(),
            used: None,
        };
        Ok(self.authenticators.add(&record).await?)
    }
}

/// Whether accounts are being added in the background.
pub(crate) struct Seeding(Arc<watch::Sender<usize>>);

/// Accounts are being added until this is dropped.
struct UnderWay(Arc<watch::Sender<usize>>);

impl Seeding {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    fn begin(&self) -> UnderWay {
        self.0.send_modify(|batches| *batches += 1);
        UnderWay(Arc::clone(&self.0))
    }

    /// Waits until no accounts are being added.
    pub(crate) async fn over(&self) {
        // The sender lives as long as `self`: waiting cannot fail.
        let _ = self.0.subscribe().wait_for(|batches| *batches == 0).await;
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.send_modify(|batches| *batches -= 1);
    }
}

/// Far more than any spelling of a login name takes, in bytes.
const LONGEST_TYPED: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_name_is_the_same_in_any_case_and_spelling() {
        let fold = |typed| LoginName::fold(typed).unwrap().0;
        assert_eq!(fold(" Camille "), "camille");
        assert_eq!(fold("ＣＡＭＩＬＬＥ"), "camille");
        assert_eq!(fold("cafe\u{301}"), fold("CAF\u{c9}"));
        assert_eq!(fold("anne-sophie"), "anne-sophie");
    }

    #[test]
    fn what_could_break_out_is_no_login_name() {
        for typed in [
            "",
            " ",
            "a b",
            "a\0",
            "a:b",
            "<b>",
            "a\u{202e}b",
            &"a".repeat(65),
            &"a".repeat(600),
        ] {
            assert_eq!(LoginName::fold(typed), Err(NotALoginName), "{typed}");
        }
    }

    #[test]
    fn tries_are_counted_under_the_folded_name_and_per_house() {
        assert_eq!(throttle_key("a", "Camille"), throttle_key("a", " camille"));
        assert_ne!(throttle_key("a", "camille"), throttle_key("b", "camille"));
        assert_ne!(throttle_key("a", "a b"), throttle_key("a", "a c"));
    }

    proptest::proptest! {
        #[test]
        fn folding_twice_changes_nothing_more(typed in "\\PC{0,80}") {
            if let Ok(name) = LoginName::fold(&typed) {
                proptest::prop_assert_eq!(LoginName::fold(name.as_str()), Ok(name));
            }
        }
    }

    #[tokio::test]
    async fn a_sign_in_waits_for_the_accounts_under_way() {
        let seeding = Seeding::new();
        seeding.over().await;
        let (one, other) = (seeding.begin(), seeding.begin());
        drop(one);
        let waiting =
            tokio::time::timeout(std::time::Duration::from_millis(1), seeding.over()).await;
        assert!(waiting.is_err());
        drop(other);
        seeding.over().await;
    }
}
