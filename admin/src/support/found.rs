//! What is on record under what was read out: the entries of the logins that it leads to, read where the index of the
//! audit log says that they are.
//! Nothing is left out in silence: what cannot be read whole is shown to nobody.

use std::collections::BTreeSet;

use guichet_domain::LedgerName;
use guichet_store::Fault;
use guichet_store::durable::Traces;
use guichet_store::durable::traces::TraceMark;

use super::step::Entry;
use super::{Handle, SupportDesk, SupportError};
use crate::audit::AuditBook;

/// How many logins of a visit are shown: the latest.
const LOGINS: u32 = 5;

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
                let found = under(&handle, &*self.traces, &self.audit).await?;
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
    audit: &AuditBook,
) -> Result<Option<Found>, Fault> {
    let mut logins = Vec::new();
    let marks = traces.found(handle.as_str(), LOGINS).await?;
    // At least as far as what leads there was read.
    audit.read_ledger().await?;
    for mark in marks {
        logins.push(login(&mark, audit).await?);
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
async fn login(mark: &TraceMark, audit: &AuditBook) -> Result<Vec<(u64, Entry)>, Fault> {
    let records = if mark.login.is_empty() {
        // Two such pages that have one reference by chance have nothing else in common.
        audit.history.read(mark.last, 1).await?
    } else {
        audit.naming(&mark.login).await?
    };
    let mut entries = Vec::with_capacity(records.len());
    for record in records {
        let entry = Entry::parse(&record.entry);
        let entry = entry.ok_or(Fault::bare("an entry of a login cannot be read"))?;
        entries.push((record.sequence, entry));
    }
    let login = Some(mark.login.as_str()).filter(|login| !login.is_empty());
    entries.retain(|(_, entry)| entry.login.as_deref() == login);
    if !entries.iter().any(|(place, _)| *place == mark.last) {
        return Err(Fault::bare("a login that cannot be read whole"));
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

/// The name of the counter of those who try.
const MISSED: &str = "support-missed";
/// How many lead nowhere before somebody waits.
const MISSES: u64 = 20;
const MISSED_FOR: std::time::Duration = std::time::Duration::from_hours(1);
