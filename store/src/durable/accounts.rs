//! Accounts at the embedded identity provider.

use async_trait::async_trait;
use guichet_domain::{AccountId, Sealed, Timestamp};

use crate::Fault;

/// An account at the embedded identity provider.
#[derive(Clone)]
pub struct AccountRecord {
    /// Its identifier, also the `sub` its clients know.
    pub id: AccountId,
    /// What its owner types, folded to lower case; unique within a provider.
    pub login_name: String,
    /// The password's hash in PHC form.
    pub password: String,
    /// Name, date of birth and the rest, sealed.
    pub identity: Sealed,
    /// Whether it may be used.
    pub active: bool,
}

/// Accounts, each of one embedded provider (`house` is the provider's name: two instances may share
/// a store and still have their own accounts).
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Adds an account; `false` when its login name is taken.
    async fn add(
        &self,
        house: &str,
        account: &AccountRecord,
        now: Timestamp,
    ) -> Result<bool, Fault>;

    /// The account with this login name.
    async fn by_login_name(
        &self,
        house: &str,
        login_name: &str,
    ) -> Result<Option<AccountRecord>, Fault>;

    /// The account with this identifier.
    async fn by_id(&self, house: &str, id: AccountId) -> Result<Option<AccountRecord>, Fault>;

    /// Replaces a password hash, if it still is `from`; whether it was.
    async fn replace_password(&self, id: AccountId, from: &str, to: &str) -> Result<bool, Fault>;
}
