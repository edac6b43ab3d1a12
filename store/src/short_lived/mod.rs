//! Records that expire: logins in flight, codes, access tokens, sessions, replay guards, counters.
//!
//! Each trait is what one consumer needs. Records are sealed by their owner before they come here:
//! a backend sees an identifier, a step, opaque bytes and an expiry. Losing a backend loses what is
//! in flight and never lets anything be spent twice. [`ShortLived`] holds them all over one backend.
//!
//! `cells.rs` is the primitive, `memory.rs` and `redis/` are its two backends, `typed.rs` gives its
//! verbs the words of the traits below.

use async_trait::async_trait;
use guichet_domain::{BrowserId, GrantId, LoginId, Sealed, SessionId, Timestamp};

use crate::Fault;

mod cells;
mod facade;
mod memory;
mod redis;
mod typed;

pub use facade::ShortLived;
pub use memory::Limits;
pub use redis::RedisSettings;

/// Which step a login waits in; the house that owns the login gives them their names. At most 32
/// ASCII characters.
pub type Step = &'static str;

/// A login as it rests: which step it waits in, and the rest, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginRecord {
    /// The step it waits in.
    pub step: String,
    /// Everything else.
    pub sealed: Sealed,
}

/// What became of an attempt to move a login on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advance {
    /// This caller moved it.
    Done,
    /// It was not in that step (any more): someone else moved it, or it expired. The caller must not
    /// answer the browser with anything the next step yields.
    Moved,
}

/// Logins in flight.
#[async_trait]
pub trait Logins: Send + Sync {
    /// Remembers a new login until `expires`.
    async fn open(
        &self,
        id: LoginId,
        step: Step,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault>;

    /// The login as it is now; `None` once expired or closed.
    async fn load(&self, id: LoginId) -> Result<Option<LoginRecord>, Fault>;

    /// Moves a login from one step to the next, keeping its expiry. Of several callers at the same
    /// step exactly one gets [`Advance::Done`].
    async fn advance(
        &self,
        id: LoginId,
        from: Step,
        to: Step,
        sealed: Sealed,
    ) -> Result<Advance, Fault>;

    /// Ends a login that waits in `from`. Of several callers exactly one gets [`Advance::Done`].
    async fn close(&self, id: LoginId, from: Step) -> Result<Advance, Fault>;
}

/// What presenting a code yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Redemption {
    /// First time: here is the record.
    Fresh(Sealed),
    /// Presented before: perhaps stolen. What it bought hangs off this grant.
    Spent(GrantId),
    /// Never issued, or long expired.
    Unknown,
}

/// Authorization codes, by the hash of the code.
#[async_trait]
pub trait Codes: Send + Sync {
    /// Remembers a code until `expires`; its trace (spent, and for which grant) until `forget`.
    async fn issue(
        &self,
        code: [u8; 32],
        grant: GrantId,
        sealed: Sealed,
        expires: Timestamp,
        forget: Timestamp,
    ) -> Result<(), Fault>;

    /// Spends a code. Of any number of callers exactly one gets [`Redemption::Fresh`].
    async fn redeem(&self, code: [u8; 32], now: Timestamp) -> Result<Redemption, Fault>;
}

/// Access tokens, by the hash of the token. Each hangs off a grant and perhaps a session; revoking
/// either kills it at once, on every node.
#[async_trait]
pub trait AccessTokens: Send + Sync {
    /// Remembers a token until `expires`.
    async fn issue(
        &self,
        token: [u8; 32],
        grant: GrantId,
        session: Option<SessionId>,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault>;

    /// The token's record; `None` when unknown, expired, or when its grant or session was revoked.
    async fn live(&self, token: [u8; 32], now: Timestamp) -> Result<Option<Sealed>, Fault>;

    /// Revokes all that hangs off a grant, what is issued later included, until `until` (no token of
    /// the grant may outlive it).
    async fn revoke_grant(&self, grant: GrantId, until: Timestamp) -> Result<(), Fault>;

    /// Revokes all that hangs off a session, until `until`.
    async fn revoke_session(&self, session: SessionId, until: Timestamp) -> Result<(), Fault>;
}

/// A session as it rests. `version` grows by one with each replacement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// Which writing this is.
    pub version: u64,
    /// Everything, sealed.
    pub sealed: Sealed,
}

/// Live sessions, by identifier. Each belongs to one browser.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// Remembers a new session until `expires`, with version 1.
    async fn start(&self, id: SessionId, sealed: Sealed, expires: Timestamp) -> Result<(), Fault>;

    /// The session as it is now.
    async fn load(&self, id: SessionId) -> Result<Option<SessionRecord>, Fault>;

    /// Replaces what is at `version`, with a new expiry. `Moved` when another caller was first.
    async fn replace(
        &self,
        id: SessionId,
        version: u64,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<Advance, Fault>;

    /// Ends a session; the record as it last was goes to exactly one caller.
    async fn end(&self, id: SessionId) -> Result<Option<SessionRecord>, Fault>;
}

/// What may be used once only: assertion `jti`, one-time passwords, form tokens.
#[async_trait]
pub trait ReplayGuard: Send + Sync {
    /// Whether this is the first use of `what` in `space`; remembered until `expires`. Of any number
    /// of callers exactly one gets `true`; nobody does when `expires` is past. `what` is at most 64
    /// bytes: hash what is longer.
    async fn first_use(
        &self,
        space: &'static str,
        what: &[u8],
        expires: Timestamp,
    ) -> Result<bool, Fault>;

    /// Since when this guard remembers without a gap: the start of this process for the memory
    /// backend, of the server's run for Redis, whatever it restored when it started. Refuse what was issued before: a guard that forgot cannot
    /// tell whether it was used. Ask after [`Self::first_use`], which notices a Redis that lost its
    /// memory.
    fn remembers_since(&self) -> Timestamp;
}

/// Counters for throttling.
#[async_trait]
pub trait Attempts: Send + Sync {
    /// Counts one attempt on `key` in `space` and returns how many there are in the window that ends
    /// at `expires` (set by the first attempt in it). Counted before the work, so that parallel tries
    /// are all seen.
    async fn count(
        &self,
        space: &'static str,
        key: &[u8],
        expires: Timestamp,
    ) -> Result<u64, Fault>;

    /// How many attempts there are, without adding one.
    async fn seen(&self, space: &'static str, key: &[u8]) -> Result<u64, Fault>;

    /// Forgets the attempts on `key`.
    async fn forget(&self, space: &'static str, key: &[u8]) -> Result<(), Fault>;
}

/// Ceremony state and other small sealed records a browser comes back for once: passkey challenges,
/// the state of a sign-out under way.
#[async_trait]
pub trait Pending: Send + Sync {
    /// Remembers `sealed` for this browser under `name` until `expires`, in place of an earlier one.
    async fn put(
        &self,
        browser: BrowserId,
        name: &'static str,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault>;

    /// Takes it: of any number of callers exactly one gets it.
    async fn take(&self, browser: BrowserId, name: &'static str) -> Result<Option<Sealed>, Fault>;
}
