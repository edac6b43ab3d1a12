//! The traits of this half, written once over [`Cells`] for both backends.

use async_trait::async_trait;
use guichet_domain::{BrowserId, GrantId, LoginId, Sealed, SessionId, Timestamp};

use super::cells::{Cell, Cells, Mark, Space, Spending, deadline_digits};
use super::{
    AccessTokens, Advance, Attempts, Codes, LoginRecord, Logins, Pending, Redemption, ReplayGuard,
    SessionRecord, Sessions, Step,
};
use crate::Fault;

/// Every trait of this half over one place for cells.
pub(crate) struct Typed<C>(pub(crate) C);

#[async_trait]
impl<C: Cells> Logins for Typed<C> {
    async fn open(
        &self,
        id: LoginId,
        step: Step,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault> {
        let cell = cell(Mark::new(step.as_bytes())?, sealed, expires);
        if self.0.insert(Space::Logins, id.as_bytes(), cell).await? {
            Ok(())
        } else {
            Err(Fault::bare("a login with this identifier is open already"))
        }
    }

    async fn load(&self, id: LoginId) -> Result<Option<LoginRecord>, Fault> {
        let Some(cell) = self.0.get(Space::Logins, id.as_bytes()).await? else {
            return Ok(None);
        };
        let step = std::str::from_utf8(cell.mark.as_bytes())
            .map_err(|error| Fault::new("a login whose step is no text", error))?
            .to_owned();
        Ok(Some(LoginRecord {
            step,
            sealed: Sealed::from_bytes(cell.body),
        }))
    }

    async fn advance(
        &self,
        id: LoginId,
        from: Step,
        to: Step,
        sealed: Sealed,
    ) -> Result<Advance, Fault> {
        let (from, to) = (Mark::new(from.as_bytes())?, Mark::new(to.as_bytes())?);
        let moved = self
            .0
            .swap(
                Space::Logins,
                id.as_bytes(),
                from,
                to,
                sealed.into_bytes(),
                None,
            )
            .await?;
        Ok(advance(moved))
    }

    async fn close(&self, id: LoginId, from: Step) -> Result<Advance, Fault> {
        let from = Mark::new(from.as_bytes())?;
        let removed = self
            .0
            .remove_marked(Space::Logins, id.as_bytes(), from)
            .await?;
        Ok(advance(removed))
    }
}

/// A code's mark is the instant its trace may be forgotten, in sixteen digits, and its grant.
#[async_trait]
impl<C: Cells> Codes for Typed<C> {
    async fn issue(
        &self,
        code: [u8; 32],
        grant: GrantId,
        sealed: Sealed,
        expires: Timestamp,
        forget: Timestamp,
    ) -> Result<(), Fault> {
        // A trace that went before its code would let the code be spent twice.
        let mut mark = [0; 32];
        mark[..16].copy_from_slice(&deadline_digits(forget.max(expires)));
        mark[16..].copy_from_slice(grant.as_bytes());
        let cell = cell(Mark::new(&mark)?, sealed, expires);
        if self.0.insert(Space::Codes, &code, cell).await? {
            Ok(())
        } else {
            Err(Fault::bare("this code was issued already"))
        }
    }

    async fn redeem(&self, code: [u8; 32], now: Timestamp) -> Result<Redemption, Fault> {
        let spending = self
            .0
            .spend(Space::Codes, Space::SpentCodes, &code, now)
            .await?;
        Ok(match spending {
            Spending::Fresh(cell) => Redemption::Fresh(Sealed::from_bytes(cell.body)),
            Spending::Spent(mark) => Redemption::Spent(
                mark.as_bytes()
                    .get(16..)
                    .and_then(|grant| grant.try_into().ok())
                    .map(GrantId::from_bytes)
                    .ok_or(Fault::bare("the trace of a code without its grant"))?,
            ),
            Spending::Unknown => Redemption::Unknown,
        })
    }
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

/// A session's mark is its version, big-endian.
#[async_trait]
impl<C: Cells> Sessions for Typed<C> {
    async fn start(&self, id: SessionId, sealed: Sealed, expires: Timestamp) -> Result<(), Fault> {
        let cell = cell(version_mark(1)?, sealed, expires);
        if self.0.insert(Space::Sessions, id.as_bytes(), cell).await? {
            Ok(())
        } else {
            Err(Fault::bare(
                "a session with this identifier is live already",
            ))
        }
    }

    async fn load(&self, id: SessionId) -> Result<Option<SessionRecord>, Fault> {
        let cell = self.0.get(Space::Sessions, id.as_bytes()).await?;
        cell.map(session).transpose()
    }

    async fn replace(
        &self,
        id: SessionId,
        version: u64,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<Advance, Fault> {
        let (from, to) = (
            version_mark(version)?,
            version_mark(version.saturating_add(1))?,
        );
        let replaced = self
            .0
            .swap(
                Space::Sessions,
                id.as_bytes(),
                from,
                to,
                sealed.into_bytes(),
                Some(expires),
            )
            .await?;
        Ok(advance(replaced))
    }

    async fn end(&self, id: SessionId) -> Result<Option<SessionRecord>, Fault> {
        let cell = self.0.take(Space::Sessions, id.as_bytes()).await?;
        cell.map(session).transpose()
    }
}

#[async_trait]
impl<C: Cells> ReplayGuard for Typed<C> {
    async fn first_use(
        &self,
        space: &'static str,
        what: &[u8],
        expires: Timestamp,
    ) -> Result<bool, Fault> {
        if what.len() > 64 {
            return Err(Fault::bare("a replay guard over more than 64 bytes"));
        }
        self.0
            .guard(Space::Replay, &name(space, what), expires)
            .await
    }

    fn remembers_since(&self) -> Timestamp {
        self.0.remembers_since()
    }
}

#[async_trait]
impl<C: Cells> Attempts for Typed<C> {
    async fn count(
        &self,
        space: &'static str,
        key: &[u8],
        expires: Timestamp,
    ) -> Result<u64, Fault> {
        self.0
            .count(Space::Attempts, &name(space, key), expires)
            .await
    }

    async fn seen(&self, space: &'static str, key: &[u8]) -> Result<u64, Fault> {
        self.0.counted(Space::Attempts, &name(space, key)).await
    }

    async fn forget(&self, space: &'static str, key: &[u8]) -> Result<(), Fault> {
        self.0
            .take(Space::Attempts, &name(space, key))
            .await
            .map(drop)
    }
}

#[async_trait]
impl<C: Cells> Pending for Typed<C> {
    async fn put(
        &self,
        browser: BrowserId,
        name: &'static str,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault> {
        let name = self::name(name, browser.as_bytes());
        self.0
            .set(Space::Pending, &name, cell(Mark::NONE, sealed, expires))
            .await
    }

    async fn take(&self, browser: BrowserId, name: &'static str) -> Result<Option<Sealed>, Fault> {
        let name = self::name(name, browser.as_bytes());
        match self.0.take(Space::Pending, &name).await? {
            Some(cell) if cell.mark != Mark::NONE => Err(Fault::bare("pending state with a mark")),
            cell => Ok(cell.map(|cell| Sealed::from_bytes(cell.body))),
        }
    }
}

fn cell(mark: Mark, sealed: Sealed, expires: Timestamp) -> Cell {
    Cell {
        mark,
        body: sealed.into_bytes(),
        expires,
    }
}

/// A caller's own space within a space. The length comes first, so that no two pairs share a name.
fn name(space: &'static str, what: &[u8]) -> Vec<u8> {
    let mut name = Vec::with_capacity(1 + space.len() + what.len());
    name.push(u8::try_from(space.len()).unwrap_or(u8::MAX));
    name.extend_from_slice(space.as_bytes());
    name.extend_from_slice(what);
    name
}

fn version_mark(version: u64) -> Result<Mark, Fault> {
    Mark::new(&version.to_be_bytes())
}

fn session(cell: Cell) -> Result<SessionRecord, Fault> {
    let version = cell
        .mark
        .as_bytes()
        .try_into()
        .map(u64::from_be_bytes)
        .map_err(|error| Fault::new("a session whose version is no number", error))?;
    Ok(SessionRecord {
        version,
        sealed: Sealed::from_bytes(cell.body),
    })
}

const fn advance(done: bool) -> Advance {
    if done { Advance::Done } else { Advance::Moved }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn no_two_pairs_of_space_and_key_share_a_name() {
        assert_ne!(name("ab", b"c"), name("a", b"bc"));
        assert_ne!(name("", b"\x01a"), name("a", b""));
    }
}
