//! Refresh tokens: one family for each grant, of which one generation is good at a time.
//!
//! No token rests here, nor its hash: its text is derived from the grant and the generation, so the
//! successor of a token is the same text however often it is asked for. That is what lets two tabs and
//! a lost answer go on, while a token from further back takes its whole family down (RFC 9700 §4.14.2).

use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::{ClientId, GrantId, PersonId, Sealed, SessionId, Timestamp};

use crate::Fault;

/// A family as it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefreshFamily {
    /// The grant its tokens hang off: one family each.
    pub grant: GrantId,
    /// The only client that may use it.
    pub client: ClientId,
    /// The citizen, when there is one the hub knows.
    pub person: Option<PersonId>,
    /// The session it ends with; `None` when it outlives sessions (`offline_access`).
    pub session: Option<SessionId>,
    /// What was granted, sealed.
    pub sealed: Sealed,
    /// When it ends, however often it was used.
    pub expires: Timestamp,
}

impl RefreshFamily {
    /// The generation of the first token of every family.
    pub const FIRST: i64 = 1;
}

/// A family that is live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FamilyState {
    /// The only client that may use it.
    pub client: ClientId,
    /// The citizen, when there is one the hub knows.
    pub person: Option<PersonId>,
    /// The session it ends with, if any.
    pub session: Option<SessionId>,
    /// What was granted, sealed.
    pub sealed: Sealed,
    /// When it ends.
    pub expires: Timestamp,
    /// The generation of the token that is good now, from [`RefreshFamily::FIRST`].
    pub generation: i64,
}

/// What presenting a token of some generation yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It was the good one, and `generation` is from now on.
    Rotated {
        /// The generation of the successor.
        generation: i64,
    },
    /// It was good until a moment ago, and its successor is `generation`, as its first user was told:
    /// two tabs, or an answer that was lost.
    Repeated {
        /// The generation of the successor.
        generation: i64,
    },
    /// It was good once: perhaps stolen. The family has just been revoked; its access tokens are for
    /// the caller to revoke.
    Reused,
    /// There is no such family, or it is over, or that generation was never reached.
    Over,
}

/// Families of refresh tokens.
#[async_trait]
pub trait RefreshTokens: Send + Sync {
    /// Begins a family at [`RefreshFamily::FIRST`]; `false` when its grant was revoked before it began
    /// (its code was presented a second time meanwhile) or has a family already: nothing may be issued.
    async fn start(&self, family: &RefreshFamily) -> Result<bool, Fault>;

    /// Presents the token of generation `presented`. Of any number of callers with the good one,
    /// exactly one gets [`Rotation::Rotated`]; the others, and whoever comes within `window` after it,
    /// get [`Rotation::Repeated`] with the same successor. An older one revokes the family in the same
    /// step. Check the client and what binds the token before.
    async fn rotate(
        &self,
        grant: GrantId,
        presented: i64,
        window: Duration,
        now: Timestamp,
    ) -> Result<Rotation, Fault>;

    /// The family of this grant, while it is live.
    async fn family(&self, grant: GrantId, now: Timestamp) -> Result<Option<FamilyState>, Fault>;

    /// Revokes the family of this grant, also one that is about to begin; whether one was revoked that
    /// had not been.
    async fn revoke(&self, grant: GrantId, now: Timestamp) -> Result<bool, Fault>;

    /// Revokes every family of a person at a client; how many.
    async fn revoke_of(&self, person: PersonId, client: &ClientId) -> Result<u64, Fault>;

    /// Revokes every family that ends with this session; how many.
    async fn revoke_of_session(&self, session: SessionId) -> Result<u64, Fault>;

    /// Forgets families whose time is over, at most a thousand at once; how many. Call it now and
    /// then, and again while it finds that many.
    async fn prune(&self, now: Timestamp) -> Result<u64, Fault>;
}
