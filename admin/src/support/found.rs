//! What is on record under what was read out: the entries of the logins that it leads to, each read where it is.
//! Nothing is left out in silence: what cannot be read whole is shown to nobody.

use std::collections::BTreeSet;

use guichet_domain::LedgerName;
use guichet_ledger::History;
use guichet_store::Fault;
use guichet_store::durable::Traces;
use guichet_store::durable::traces::TraceMark;

use super::step::Entry;
use super::{Handle, SupportDesk, SupportError};

/// How many logins of a visit are shown: the latest.
const LOGINS: u32 = 5;
/// More entries than any login has that somebody comes to the end of.
const ENTRIES: u32 = 2000;
/// Entries that lie this close are read together.
const CLOSE: u64 = 50;

/// What is on record under a handle.
pub(super) struct Found {
    /// The entries, oldest first.
    pub(super) entries: Vec<Entry>,
    /// Who it was, as the log names them, where somebody was recognized: of the latest login, the last.
    pub(super) name: Option<LedgerName>,
    /// Who else signed in under this handle: nobody, unless something went wrong. What is done is done about none
    /// of them then, and each of them hears of the look.
    pub(super) others: BTreeSet<LedgerName>,
}

impl SupportDesk {
    /// What is on record under `handle`. Whoever (`by`) asks for what leads nowhere may do so a few times; one
    /// that is malformed and one that was never given out are the same.
    pub(super) async fn found(
        &self,
        handle: &str,
        by: &str,
    ) -> Result<(Handle, Found), SupportError> {
        let misses = self.attempts.seen(MISSED, by.as_bytes()).await?;
        if misses >= MISSES {
            return Err(SupportError::TooMany);
        }
        self.read_ledger().await?;
        let found = match Handle::parse(handle) {
            Some(handle) => {
                let history = self.ledger.history();
                let found = under(&handle, &*self.traces, history).await?;
                found.map(|found| (handle, found))
            }
            None => None,
        };
        let Some(found) = found else {
            let expires = self.clock.now().after(MISSED_FOR);
            self.attempts.count(MISSED, by.as_bytes(), expires).await?;
            return Err(SupportError::Nothing);
        };
        Ok(found)
    }
}

/// Of the logins that the handle leads to, everything; `None` where it leads nowhere.
pub(super) async fn under(
    handle: &Handle,
    traces: &dyn Traces,
    history: &History,
) -> Result<Option<Found>, Fault> {
    let mut logins = Vec::new();
    for mark in traces.found(handle.as_str(), LOGINS).await? {
        logins.push(login(&mark, traces, history).await?);
    }
    logins.retain(|entries| !entries.is_empty());
    logins.sort_by_key(|entries| entries.last().map(|(place, _)| *place));
    let Some(latest) = logins.last() else {
        return Ok(None);
    };
    let name_in = |login: &Vec<(u64, Entry)>| login.iter().rev().find_map(|(_, it)| it.person);
    let name = name_in(latest).or_else(|| logins.iter().rev().find_map(name_in));
    let named = logins.iter().flatten().filter_map(|(_, it)| it.person);
    let others: BTreeSet<LedgerName> = named.filter(|it| Some(*it) != name).collect();
    if !others.is_empty() {
        // Of two persons nobody sees both.
        logins.drain(..logins.len() - 1);
    }
    let mut entries: Vec<(u64, Entry)> = logins.into_iter().flatten().collect();
    entries.sort_by_key(|(place, _)| *place);
    let entries = entries.into_iter().map(|(_, entry)| entry).collect();
    Ok(Some(Found {
        entries,
        name,
        others,
    }))
}

/// The entries of a login that are of the visit that `mark` is of, in order; the one entry where it is of none.
async fn login(
    mark: &TraceMark,
    traces: &dyn Traces,
    history: &History,
) -> Result<Vec<(u64, Entry)>, Fault> {
    if mark.login.is_empty() {
        // Two such pages that have one reference by chance have nothing else in common.
        return read(&[mark.last], history).await;
    }
    let places = traces.places(&mark.login, ENTRIES).await?;
    let is_whole = places.len() < ENTRIES as usize && places.binary_search(&mark.last).is_ok();
    if !is_whole {
        return Err(Fault::bare("a login that cannot be read whole"));
    }
    let mut entries = read(&places, history).await?;
    let is_its = |entry: &Entry| entry.login.as_deref() == Some(mark.login.as_str());
    if !entries.iter().all(|(_, entry)| is_its(entry)) {
        return Err(Fault::bare("an entry of a login that is another's"));
    }
    keep_visit(&mut entries, mark.last);
    Ok(entries)
}

/// Keeps what is of the visit that the entry at `place` is of. A login may have begun under another code, as nobody's
/// yet; where it began as somebody's, or went on as somebody else's, that is not this visit's.
fn keep_visit(entries: &mut Vec<(u64, Entry)>, place: u64) {
    let at_place = entries.iter().find(|(at, _)| *at == place);
    let Some(code) = at_place.and_then(|(_, entry)| entry.browsing.clone()) else {
        return;
    };
    let (mut begun, mut is_its) = (false, false);
    entries.retain(|(_, entry)| {
        if let Some(now) = &entry.browsing {
            is_its = *now == code;
            begun |= is_its;
        }
        is_its || (!begun && entry.person.is_none())
    });
}

/// The entries at these places, which are in order.
async fn read(places: &[u64], history: &History) -> Result<Vec<(u64, Entry)>, Fault> {
    let mut entries = Vec::with_capacity(places.len());
    let mut rest = places;
    while let Some(first) = rest.first() {
        let near = rest.partition_point(|place| *place < first + CLOSE);
        let (group, after) = rest.split_at(near);
        rest = after;
        let last = group.last().unwrap_or(first);
        let limit = u32::try_from(last - first + 1).unwrap_or(u32::MAX);
        for record in history.read(*first, limit).await? {
            if group.binary_search(&record.sequence).is_ok() {
                let entry = Entry::parse(&record.entry);
                let entry = entry.ok_or(Fault::bare("an entry of a login cannot be read"))?;
                entries.push((record.sequence, entry));
            }
        }
    }
    if entries.len() < places.len() {
        return Err(Fault::bare("an entry of a login is gone"));
    }
    Ok(entries)
}

/// The name of the counter of those who try.
const MISSED: &str = "support-missed";
/// How many lead nowhere before somebody waits.
const MISSES: u64 = 20;
const MISSED_FOR: std::time::Duration = std::time::Duration::from_hours(1);
