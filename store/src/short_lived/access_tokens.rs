//! Access tokens: live while nothing they hang off was revoked.

use async_trait::async_trait;
use guichet_domain::{GrantId, Sealed, SessionId, Timestamp};

use super::cells::{Cells, Mark, Space};
use super::typed::{Typed, cell};
use crate::Fault;

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

    /// Revokes one token; whether there was one.
    async fn revoke(&self, token: [u8; 32]) -> Result<bool, Fault>;

    /// Revokes all that hangs off a grant, what is issued later included, until `until` (no token of
    /// the grant may outlive it).
    async fn revoke_grant(&self, grant: GrantId, until: Timestamp) -> Result<(), Fault>;

    /// Revokes all that hangs off a session, until `until`.
    async fn revoke_session(&self, session: SessionId, until: Timestamp) -> Result<(), Fault>;
}

/// A token's mark is its grant, and its session when it has one.
#[async_trait]
impl<C: Cells> AccessTokens for Typed<C> {
    async fn issue(
        &self,
        token: [u8; 32],
        grant: GrantId,
        session: Option<SessionId>,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault> {
        let mut mark = [0; 32];
        mark[..16].copy_from_slice(grant.as_bytes());
        let mark = match session {
            Some(session) => {
                mark[16..].copy_from_slice(session.as_bytes());
                Mark::new(&mark)?
            }
            None => Mark::new(&mark[..16])?,
        };
        let cell = cell(mark, sealed, expires);
        if self.0.insert(Space::AccessTokens, &token, cell).await? {
            Ok(())
        } else {
            Err(Fault::bare("this access token was issued already"))
        }
    }

    async fn live(&self, token: [u8; 32], now: Timestamp) -> Result<Option<Sealed>, Fault> {
        let blockers = [Space::RevokedGrants, Space::RevokedSessions];
        let cell = self
            .0
            .get_unless(Space::AccessTokens, blockers, &token, now)
            .await?;
        match cell {
            // Without a grant nothing could have revoked it.
            Some(cell) if !matches!(cell.mark.as_bytes().len(), 16 | 32) => {
                Err(Fault::bare("an access token without its grant"))
            }
            cell => Ok(cell.map(|cell| Sealed::from_bytes(cell.body))),
        }
    }

    async fn revoke(&self, token: [u8; 32]) -> Result<bool, Fault> {
        let revoked = self.0.take(Space::AccessTokens, &token).await?;
        Ok(revoked.is_some())
    }

    async fn revoke_grant(&self, grant: GrantId, until: Timestamp) -> Result<(), Fault> {
        self.0
            .hold(Space::RevokedGrants, grant.as_bytes(), until)
            .await
    }

    async fn revoke_session(&self, session: SessionId, until: Timestamp) -> Result<(), Fault> {
        self.0
            .hold(Space::RevokedSessions, session.as_bytes(), until)
            .await
    }
}
