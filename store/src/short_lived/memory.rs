//! Cells in this process's memory: sharded maps with an expiry order, each space bounded.
//!
//! What anyone can make without signing in (logins, counters, ceremony state) and what merely dies
//! early (tokens, sessions) makes room by dropping what would expire first. What guards against a
//! second use (spent codes, revocations, replay guards) is never dropped: when its space is full, new
//! work is refused.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use guichet_domain::{Clock, Timestamp};

use super::cells::{Cell, Cells, Mark, Space, Spending, read_count, read_deadline};
use crate::Fault;

/// How many cells each space may hold. A login in flight takes about 1 KB beside what its owner
/// sealed, a guard about 250 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Logins in flight; the oldest make room.
    pub logins: usize,
    /// Codes not yet spent; when full, no more are issued.
    pub codes: usize,
    /// Traces of spent codes; when full, no code can be redeemed.
    pub spent_codes: usize,
    /// Access tokens; the oldest make room.
    pub access_tokens: usize,
    /// Revoked grants, as many revoked sessions and exchanges; when full, revoking fails.
    pub revocations: usize,
    /// Sessions, and three times as many keys they are found by; the oldest make room.
    pub sessions: usize,
    /// Replay guards; when full, nothing counts as a first use.
    pub replay: usize,
    /// Counters; the oldest make room.
    pub attempts: usize,
    /// Ceremony state; the oldest make room.
    pub pending: usize,
    /// Pushed requests; the oldest make room.
    pub pushed: usize,
    /// Deferred grants, and as many lookups that lead to them; the oldest make room.
    pub deferred: usize,
    /// Verdicts of the civil register; the oldest make room.
    pub verdicts: usize,
    /// Vouchers not yet spent, and as many traces of spent ones; when full, no more are issued or spent.
    pub vouchers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            logins: 100_000,
            codes: 100_000,
            spent_codes: 500_000,
            access_tokens: 200_000,
            revocations: 200_000,
            sessions: 200_000,
            replay: 500_000,
            attempts: 200_000,
            pending: 50_000,
            pushed: 50_000,
            deferred: 50_000,
            verdicts: 100_000,
            vouchers: 100_000,
        }
    }
}

/// The memory backend.
pub(crate) struct MemoryCells {
    clock: Arc<dyn Clock>,
    started: Timestamp,
    hasher: RandomState,
    /// One per space, in the order of [`Space::ALL`].
    shelves: Vec<Shelf>,
    namespace: String,
}

impl MemoryCells {
    pub(crate) fn new(limits: Limits, clock: Arc<dyn Clock>, namespace: &str) -> Self {
        Self {
            started: clock.now(),
            clock,
            hasher: RandomState::new(),
            shelves: Space::ALL
                .into_iter()
                .map(|space| Shelf::new(policy(space, limits)))
                .collect(),
            namespace: namespace.to_owned(),
        }
    }

    /// Drops what has expired. Writing does so by the way; this is for nodes where nothing happens.
    pub(crate) fn sweep(&self) {
        let now = self.clock.now();
        for shelf in &self.shelves {
            for shard in &shelf.shards {
                unpoisoned(shard).purge(now);
            }
        }
    }

    /// How many cells there are, expired ones not yet dropped included.
    pub(crate) fn len(&self) -> usize {
        let shards = self.shelves.iter().flat_map(|shelf| &shelf.shards);
        shards.map(|shard| unpoisoned(shard).cells.len()).sum()
    }

    fn shelf(&self, space: Space) -> &Shelf {
        // `ALL` lists the spaces in the order of their discriminants: a test holds it to that.
        &self.shelves[space as usize]
    }

    /// The part of a space where `name` rests, locked.
    fn shard(&self, space: Space, name: &[u8]) -> MutexGuard<'_, Shard> {
        // The remainder is below SHARDS.
        let index = usize::try_from(self.hasher.hash_one(name) % (SHARDS as u64)).unwrap_or(0);
        unpoisoned(&self.shelf(space).shards[index])
    }

    fn put(
        &self,
        shard: &mut Shard,
        space: Space,
        name: &[u8],
        cell: Cell,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let Shelf {
            per_shard,
            when_full,
            full,
            ..
        } = self.shelf(space);
        let made_room = shard.put(name, cell, now, *per_shard, *when_full)?;
        if made_room && !full.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                house = self.namespace,
                space = space.word(),
                "short-lived records reached their limit; the oldest make room from now on"
            );
        }
        Ok(())
    }
}

impl Cells for MemoryCells {
    async fn insert(&self, space: Space, name: &[u8], cell: Cell) -> Result<bool, Fault> {
        let now = self.clock.now();
        let mut shard = self.shard(space, name);
        if shard.live(name, now).is_some() {
            return Ok(false);
        }
        self.put(&mut shard, space, name, cell, now)?;
        Ok(true)
    }

    async fn set(&self, space: Space, name: &[u8], cell: Cell) -> Result<(), Fault> {
        let now = self.clock.now();
        let mut shard = self.shard(space, name);
        self.put(&mut shard, space, name, cell, now)
    }

    async fn guard(&self, space: Space, name: &[u8], until: Timestamp) -> Result<bool, Fault> {
        let now = self.clock.now();
        let mut shard = self.shard(space, name);
        // What cannot be remembered cannot be told from its replay.
        if until <= now || shard.live(name, now).is_some() {
            return Ok(false);
        }
        self.put(&mut shard, space, name, Cell::trace(Mark::NONE, until), now)?;
        Ok(true)
    }

    async fn hold(&self, space: Space, name: &[u8], until: Timestamp) -> Result<(), Fault> {
        let now = self.clock.now();
        let mut shard = self.shard(space, name);
        let held = shard.live(name, now).map(|cell| cell.expires);
        if held.is_some_and(|held| held >= until) {
            return Ok(());
        }
        self.put(&mut shard, space, name, Cell::trace(Mark::NONE, until), now)
    }

    async fn get(&self, space: Space, name: &[u8]) -> Result<Option<Cell>, Fault> {
        let now = self.clock.now();
        Ok(self.shard(space, name).live(name, now).cloned())
    }

    async fn swap(
        &self,
        space: Space,
        name: &[u8],
        from: Mark,
        to: Mark,
        body: Vec<u8>,
        expires: Option<Timestamp>,
    ) -> Result<bool, Fault> {
        let now = self.clock.now();
        let mut shard = self.shard(space, name);
        let Some(cell) = shard.live_mut(name, now).filter(|cell| cell.mark == from) else {
            return Ok(false);
        };
        match expires {
            None => {
                cell.mark = to;
                cell.body = body;
            }
            Some(expires) => {
                let cell = Cell {
                    mark: to,
                    body,
                    expires,
                };
                self.put(&mut shard, space, name, cell, now)?;
            }
        }
        Ok(true)
    }

    async fn remove_marked(&self, space: Space, name: &[u8], mark: Mark) -> Result<bool, Fault> {
        let now = self.clock.now();
        let mut shard = self.shard(space, name);
        if shard.live(name, now).is_some_and(|cell| cell.mark == mark) {
            shard.remove(name);
            Ok(true)
        } else {
            Ok(false)
        }
    }

    async fn take(&self, space: Space, name: &[u8]) -> Result<Option<Cell>, Fault> {
        let now = self.clock.now();
        let taken = self.shard(space, name).remove(name);
        Ok(taken.filter(|cell| cell.expires > now))
    }

    async fn spend(
        &self,
        space: Space,
        traces: Space,
        name: &[u8],
        now: Timestamp,
    ) -> Result<Spending, Fault> {
        // Both locks, always in this order: nobody sees a code that is neither whole nor spent.
        let mut codes = self.shard(space, name);
        let mut spent = self.shard(traces, name);
        if let Some(trace) = spent.live(name, now) {
            return Ok(Spending::Spent(trace.mark));
        }
        let Some(mark) = codes.live(name, now).map(|cell| cell.mark) else {
            return Ok(Spending::Unknown);
        };
        let forget = mark
            .as_bytes()
            .get(..16)
            .and_then(read_deadline)
            .ok_or(Fault::bare("a code without the end of its trace"))?;
        // When traces are full this fails, and the code stays as it was.
        self.put(&mut spent, traces, name, Cell::trace(mark, forget), now)?;
        Ok(codes
            .remove(name)
            .map_or(Spending::Unknown, Spending::Fresh))
    }

    async fn get_unless(
        &self,
        space: Space,
        blockers: [Space; 2],
        name: &[u8],
        now: Timestamp,
    ) -> Result<Option<Cell>, Fault> {
        let Some(cell) = self.shard(space, name).live(name, now).cloned() else {
            return Ok(None);
        };
        for (blocker, blocked) in blockers.into_iter().zip(cell.mark.as_bytes().chunks(16)) {
            if self.shard(blocker, blocked).live(blocked, now).is_some() {
                return Ok(None);
            }
        }
        Ok(Some(cell))
    }

    async fn count(&self, space: Space, name: &[u8], expires: Timestamp) -> Result<u64, Fault> {
        let now = self.clock.now();
        let mut shard = self.shard(space, name);
        if let Some(cell) = shard.live_mut(name, now) {
            let count = read_count(&cell.body)?.saturating_add(1);
            cell.body = count.to_string().into_bytes();
            return Ok(count);
        }
        let first = Cell {
            mark: Mark::NONE,
            body: b"1".to_vec(),
            expires,
        };
        self.put(&mut shard, space, name, first, now)?;
        Ok(1)
    }

    async fn counted(&self, space: Space, name: &[u8]) -> Result<u64, Fault> {
        let now = self.clock.now();
        let shard = self.shard(space, name);
        shard
            .live(name, now)
            .map_or(Ok(0), |cell| read_count(&cell.body))
    }

    fn remembers_since(&self) -> Timestamp {
        self.started
    }
}

/// One space.
struct Shelf {
    shards: Vec<Mutex<Shard>>,
    per_shard: usize,
    when_full: WhenFull,
    full: AtomicBool,
}

impl Shelf {
    fn new((limit, when_full): (usize, WhenFull)) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            per_shard: limit.div_ceil(SHARDS).max(1),
            when_full,
            full: AtomicBool::new(false),
        }
    }
}

/// What a full space does with one more.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WhenFull {
    /// Drops what would expire first.
    MakeRoom,
    /// Refuses.
    Refuse,
}

const fn policy(space: Space, limits: Limits) -> (usize, WhenFull) {
    match space {
        Space::Logins => (limits.logins, WhenFull::MakeRoom),
        Space::Codes => (limits.codes, WhenFull::Refuse),
        Space::SpentCodes => (limits.spent_codes, WhenFull::Refuse),
        Space::AccessTokens => (limits.access_tokens, WhenFull::MakeRoom),
        Space::RevokedGrants | Space::RevokedSessions | Space::RevokedExchanges => {
            (limits.revocations, WhenFull::Refuse)
        }
        Space::Sessions => (limits.sessions, WhenFull::MakeRoom),
        Space::Replay => (limits.replay, WhenFull::Refuse),
        Space::Attempts => (limits.attempts, WhenFull::MakeRoom),
        Space::Pending => (limits.pending, WhenFull::MakeRoom),
        Space::Pushed => (limits.pushed, WhenFull::MakeRoom),
        Space::Deferred | Space::DeferredLookups => (limits.deferred, WhenFull::MakeRoom),
        Space::Verdicts => (limits.verdicts, WhenFull::MakeRoom),
        Space::Vouchers | Space::SpentVouchers => (limits.vouchers, WhenFull::Refuse),
        // By its person, and by the sign-in at a provider where those can be ended there.
        Space::SessionIndex => (limits.sessions.saturating_mul(3), WhenFull::MakeRoom),
    }
}

/// A part of a space, with its cells in the order they expire.
#[derive(Default)]
struct Shard {
    cells: HashMap<Arc<[u8]>, Entry>,
    order: BTreeMap<(Timestamp, u64), Arc<[u8]>>,
    serial: u64,
}

struct Entry {
    cell: Cell,
    serial: u64,
}

impl Shard {
    fn live(&self, name: &[u8], now: Timestamp) -> Option<&Cell> {
        let cell = &self.cells.get(name)?.cell;
        (cell.expires > now).then_some(cell)
    }

    fn live_mut(&mut self, name: &[u8], now: Timestamp) -> Option<&mut Cell> {
        let cell = &mut self.cells.get_mut(name)?.cell;
        (cell.expires > now).then_some(cell)
    }

    fn remove(&mut self, name: &[u8]) -> Option<Cell> {
        let entry = self.cells.remove(name)?;
        self.order.remove(&(entry.cell.expires, entry.serial));
        Some(entry.cell)
    }

    fn purge(&mut self, now: Timestamp) {
        while let Some(first) = self.order.first_entry() {
            if first.key().0 > now {
                break;
            }
            let name = first.remove();
            self.cells.remove(&name);
        }
    }

    /// Writes a cell in place of what is there; whether another had to go. A cell that has expired
    /// already is not kept.
    fn put(
        &mut self,
        name: &[u8],
        cell: Cell,
        now: Timestamp,
        limit: usize,
        when_full: WhenFull,
    ) -> Result<bool, Fault> {
        self.purge(now);
        self.remove(name);
        if cell.expires <= now {
            return Ok(false);
        }
        let full = self.cells.len() >= limit;
        if full {
            if when_full == WhenFull::Refuse {
                return Err(Fault::bare("no room for another short-lived record"));
            }
            if let Some((_, oldest)) = self.order.pop_first() {
                self.cells.remove(&oldest);
            }
        }
        self.serial += 1;
        let name: Arc<[u8]> = name.into();
        self.order
            .insert((cell.expires, self.serial), Arc::clone(&name));
        let serial = self.serial;
        self.cells.insert(name, Entry { cell, serial });
        Ok(full)
    }
}

/// A power of two well above the number of cores, so that threads seldom meet.
const SHARDS: usize = 16;

/// No step under a lock leaves a shard half-written, so a panic elsewhere does not spoil it.
fn unpoisoned(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_space_finds_its_own_shelf() {
        for (index, space) in Space::ALL.into_iter().enumerate() {
            assert_eq!(space as usize, index);
        }
    }

    #[test]
    fn the_order_and_the_cells_never_part() {
        let mut shard = Shard::default();
        let cell = |expires| Cell {
            mark: Mark::NONE,
            body: Vec::new(),
            expires: Timestamp::from_seconds(expires),
        };
        let now = Timestamp::from_seconds(0);
        for turn in 0..1000_u32 {
            let name = (turn % 37).to_be_bytes();
            let expires = i64::from(turn % 11) + 1;
            shard
                .put(&name, cell(expires), now, 20, WhenFull::MakeRoom)
                .unwrap();
            if turn % 5 == 0 {
                shard.remove(&name);
            }
            assert_eq!(shard.cells.len(), shard.order.len());
            assert!(shard.cells.len() <= 20);
        }
        shard.purge(Timestamp::from_seconds(100));
        assert!(shard.cells.is_empty() && shard.order.is_empty());
    }
}
