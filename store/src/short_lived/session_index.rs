//! Sessions by what they are about: whose they are, or by which sign-in at a provider they began.
//!
//! A key is a digest of its owner's making: nobody who reads the store learns from it whom it stands
//! for. An entry is a hint and no proof: the session it leads to may be over.

use std::collections::VecDeque;

use async_trait::async_trait;
use guichet_domain::{SessionId, Timestamp};

use super::cells::{Cell, Cells, Mark, Space};
use super::typed::Typed;
use crate::Fault;

/// What sessions are found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionKey([u8; 32]);

impl SessionKey {
    /// The key with these bytes, a keyed digest.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Sessions under keys, each the sixty-four that were noted last.
#[async_trait]
pub trait SessionIndex: Send + Sync {
    /// Notes that `session` is found under `key`, until `expires` at least. Returns the session that
    /// had to give way, if one had: whoever asked ends it.
    async fn note(
        &self,
        key: SessionKey,
        session: SessionId,
        expires: Timestamp,
    ) -> Result<Option<SessionId>, Fault>;

    /// The sessions under `key`, the latest first.
    async fn found(&self, key: SessionKey) -> Result<Vec<SessionId>, Fault>;

    /// Takes a session off.
    async fn forget(&self, key: SessionKey, session: SessionId) -> Result<(), Fault>;
}

/// One cell a key: identifiers in a row, the earliest first. The mark is the number of the writing. A cell
/// that leads nowhere stays until its end, so that no number comes twice: one that was removed and begun
/// anew would let a writer who read the one before it put back what is gone. After its end the next one
/// begins where it cannot have left off: at the end of its own life.
#[async_trait]
impl<C: Cells> SessionIndex for Typed<C> {
    async fn note(
        &self,
        key: SessionKey,
        session: SessionId,
        expires: Timestamp,
    ) -> Result<Option<SessionId>, Fault> {
        for _ in 0..TRIES {
            let Some(cell) = self.0.get(Space::SessionIndex, &key.0).await? else {
                let first = Cell {
                    mark: mark(expires.millis().unsigned_abs())?,
                    body: session.as_bytes().to_vec(),
                    expires,
                };
                if self.0.insert(Space::SessionIndex, &key.0, first).await? {
                    return Ok(None);
                }
                continue;
            };
            let mut sessions = read(&cell)?;
            sessions.retain(|other| *other != session);
            sessions.push_back(session);
            let gives_way = (sessions.len() > MOST)
                .then(|| sessions.pop_front())
                .flatten();
            let until = expires.max(cell.expires);
            if self.rewrite(key, &cell, &sessions, until).await? {
                return Ok(gives_way);
            }
        }
        Err(CONTENDED)
    }

    async fn found(&self, key: SessionKey) -> Result<Vec<SessionId>, Fault> {
        let cell = self.0.get(Space::SessionIndex, &key.0).await?;
        let sessions = cell.as_ref().map(read).transpose()?;
        Ok(sessions.unwrap_or_default().into_iter().rev().collect())
    }

    async fn forget(&self, key: SessionKey, session: SessionId) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let Some(cell) = self.0.get(Space::SessionIndex, &key.0).await? else {
                return Ok(());
            };
            let mut sessions = read(&cell)?;
            let before = sessions.len();
            sessions.retain(|other| *other != session);
            if sessions.len() == before || self.rewrite(key, &cell, &sessions, cell.expires).await?
            {
                return Ok(());
            }
        }
        Err(CONTENDED)
    }
}

impl<C: Cells> Typed<C> {
    /// Writes what is under `key` anew, if nobody has since `cell` was read.
    async fn rewrite(
        &self,
        key: SessionKey,
        cell: &Cell,
        sessions: &VecDeque<SessionId>,
        expires: Timestamp,
    ) -> Result<bool, Fault> {
        let body: Vec<u8> = sessions.iter().flat_map(|id| *id.as_bytes()).collect();
        let next = mark(number(cell.mark)?.wrapping_add(1))?;
        let space = Space::SessionIndex;
        let (from, until) = (cell.mark, Some(expires));
        self.0.swap(space, &key.0, from, next, body, until).await
    }
}

fn mark(number: u64) -> Result<Mark, Fault> {
    Mark::new(&number.to_be_bytes())
}

fn number(mark: Mark) -> Result<u64, Fault> {
    let bytes = mark.as_bytes().try_into();
    bytes.map(u64::from_be_bytes).map_err(|_| MALFORMED)
}

fn read(cell: &Cell) -> Result<VecDeque<SessionId>, Fault> {
    number(cell.mark)?;
    let (ids, rest) = cell.body.as_chunks::<16>();
    if rest.is_empty() {
        Ok(ids.iter().copied().map(SessionId::from_bytes).collect())
    } else {
        Err(MALFORMED)
    }
}

/// How many sessions one key leads to (threat N-82).
const MOST: usize = 64;

const MALFORMED: Fault = Fault::bare("an index of sessions that is none");
const CONTENDED: Fault = Fault::bare("too many changes to one index of sessions at once");

/// Of as many writers at once as one key can have sessions, one gets through each time round.
const TRIES: usize = 128;
