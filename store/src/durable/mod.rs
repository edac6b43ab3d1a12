//! Records that last: clients, providers, people, subjects, consents, accounts, authenticators, the
//! ledger. In SQLite or PostgreSQL, by one body of queries.

use std::sync::Arc;

use async_trait::async_trait;
use guichet_domain::{
    AccountId, Client, ClientId, GrantId, PersonId, Provider, ProviderId, Sealed, Sector,
    SubjectIdentifier, Timestamp,
};

use crate::Fault;

pub mod ledger;

pub use ledger::{CheckpointRecord, EntryRecord, LedgerRecords, Placed};

/// Registered clients and providers. Read into memory as a whole and refreshed when `revision`
/// grows, so that a request never waits for them.
#[async_trait]
pub trait Registry: Send + Sync {
    /// Grows with every change, on any node.
    async fn revision(&self) -> Result<i64, Fault>;

    /// Every client.
    async fn clients(&self) -> Result<Vec<Arc<Client>>, Fault>;

    /// Every provider.
    async fn providers(&self) -> Result<Vec<Arc<Provider>>, Fault>;

    /// Adds a client or replaces the one with its identifier.
    async fn put_client(&self, client: &Client, now: Timestamp) -> Result<(), Fault>;

    /// Adds a provider or replaces the one with its identifier.
    async fn put_provider(&self, provider: &Provider, now: Timestamp) -> Result<(), Fault>;

    /// Removes a client; whether there was one.
    async fn remove_client(&self, id: &ClientId) -> Result<bool, Fault>;

    /// Removes a provider; whether there was one.
    async fn remove_provider(&self, id: &ProviderId) -> Result<bool, Fault>;
}

/// Citizens, known by keyed indexes over their identity and by nothing else.
#[async_trait]
pub trait People: Send + Sync {
    /// The person with this matching index; made with `fresh` as identifier when there is none. Of
    /// several callers with one index, all get the same person.
    async fn find_or_make(
        &self,
        index: &[u8; 32],
        fresh: PersonId,
        now: Timestamp,
    ) -> Result<PersonId, Fault>;

    /// Gives a person a further index (their civil status changed). `false` when the index belongs to
    /// somebody else: nothing is changed.
    async fn add_index(
        &self,
        person: PersonId,
        index: &[u8; 32],
        now: Timestamp,
    ) -> Result<bool, Fault>;
}

/// Pairwise subjects and the keys they come from.
#[async_trait]
pub trait Subjects: Send + Sync {
    /// The sector's sealed key; `fresh` becomes it when there is none. All callers get the same.
    async fn sector_key(
        &self,
        sector: &Sector,
        fresh: Sealed,
        now: Timestamp,
    ) -> Result<Sealed, Fault>;

    /// The subject of this person in this sector, when one was issued or imported.
    async fn subject(
        &self,
        sector: &Sector,
        person: PersonId,
    ) -> Result<Option<SubjectIdentifier>, Fault>;

    /// Stores `subject` for this person in this sector unless there is one; the one that counts comes
    /// back. Two people never get the same subject in one sector: that is a fault.
    async fn assign(
        &self,
        sector: &Sector,
        person: PersonId,
        subject: SubjectIdentifier,
        now: Timestamp,
    ) -> Result<SubjectIdentifier, Fault>;
}

/// What a citizen agreed to, for one client. Holds names of scopes and claims, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentRecord {
    /// The grant that came of it.
    pub grant: GrantId,
    /// Who.
    pub person: PersonId,
    /// For which client.
    pub client: ClientId,
    /// Scopes, separated by spaces.
    pub scope: String,
    /// Claims shown and released, separated by spaces.
    pub claims: String,
    /// Whether the citizen agreed (`true`), or was informed (`false`).
    pub asked: bool,
    /// When.
    pub at: Timestamp,
}

/// Consents, newest first.
#[async_trait]
pub trait Consents: Send + Sync {
    /// Keeps a consent.
    async fn record(&self, consent: &ConsentRecord) -> Result<(), Fault>;

    /// The latest consents of a person, at most `limit`.
    async fn of(&self, person: PersonId, limit: u32) -> Result<Vec<ConsentRecord>, Fault>;
}

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

/// What kind of authenticator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthenticatorKind {
    /// One-time passwords by time (RFC 6238).
    Totp,
    /// A WebAuthn credential.
    Passkey,
}

impl AuthenticatorKind {
    /// Its name in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
        }
    }
}

/// An authenticator of an account.
#[derive(Clone)]
pub struct AuthenticatorRecord {
    /// For a passkey its credential id, for TOTP random: at most 1023 bytes.
    pub id: Vec<u8>,
    /// Whose.
    pub account: AccountId,
    /// Which kind.
    pub kind: AuthenticatorKind,
    /// The name its owner gave it.
    pub label: String,
    /// The secret or public key, sealed.
    pub sealed: Sealed,
    /// When it was added.
    pub added: Timestamp,
    /// When it was last used.
    pub used: Option<Timestamp>,
}

/// Authenticators beyond the password.
#[async_trait]
pub trait Authenticators: Send + Sync {
    /// Adds one; `false` when its identifier is taken.
    async fn add(&self, authenticator: &AuthenticatorRecord) -> Result<bool, Fault>;

    /// Every authenticator of an account, oldest first.
    async fn of(&self, account: AccountId) -> Result<Vec<AuthenticatorRecord>, Fault>;

    /// The one with this identifier.
    async fn by_id(&self, id: &[u8]) -> Result<Option<AuthenticatorRecord>, Fault>;

    /// Keeps new state after a use (a passkey's counter).
    async fn used(&self, id: &[u8], sealed: Sealed, at: Timestamp) -> Result<(), Fault>;

    /// Removes one of this account's; whether there was one.
    async fn remove(&self, account: AccountId, id: &[u8]) -> Result<bool, Fault>;
}
