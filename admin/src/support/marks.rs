//! The ledger read on for the support: which entries a reference or a code leads to.

use std::collections::BTreeMap;

use async_trait::async_trait;
use guichet_domain::{EventKind, LedgerName};
use guichet_ledger::Projection;
use guichet_store::Fault;
use guichet_store::durable::support::TraceMark;
use guichet_store::durable::{EntryRecord, Traces};

use super::step::Entry;
use super::{Handle, SupportDesk, SupportError};

/// How many logins of a visit are shown: the latest.
const LOGINS: u32 = 5;
/// Among how many the one of an error page is found.
const OF_VISIT: u32 = 100;
/// How much of the ledger is read for a login: what busy minutes write.
const PAGE: u32 = 1000;
const PAGES: usize = 200;
const BEFORE: u64 = 1000;

/// What is on record under a handle.
pub(super) struct Found {
    /// The entries, oldest first.
    pub(super) entries: Vec<(u64, Entry)>,
    /// Who it was, as the log names them, where somebody was recognized: the last of them.
    pub(super) name: Option<LedgerName>,
}

impl SupportDesk {
    /// Takes in what the ledger has gained since this was last done, by whichever node.
    pub async fn read_ledger(&self) -> Result<(), Fault> {
        self.ledger.history().take_into(&Marks(&*self.traces)).await
    }

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
                let entries = self.entries(&handle).await?;
                (!entries.is_empty()).then_some((handle, entries))
            }
            None => None,
        };
        let Some((handle, entries)) = found else {
            let expires = self.clock.now().after(MISSED_FOR);
            self.attempts.count(MISSED, by.as_bytes(), expires).await?;
            return Err(SupportError::Nothing);
        };
        let name = entries.iter().rev().find_map(|(_, entry)| entry.person);
        Ok((handle, Found { entries, name }))
    }

    /// Of the logins that the handle leads to, everything, oldest first.
    async fn entries(&self, handle: &Handle) -> Result<Vec<(u64, Entry)>, Fault> {
        let mut all = Vec::new();
        for mark in self.traces.found(handle.as_str(), LOGINS).await? {
            let mark = self.whole(mark).await?;
            all.extend(self.between(&mark).await?);
        }
        all.sort_by_key(|(sequence, _)| *sequence);
        all.dedup_by_key(|(sequence, _)| *sequence);
        Ok(all)
    }

    /// Where the login is that an error page belongs to: the page names the visit, and that leads to the login.
    async fn whole(&self, mark: TraceMark) -> Result<TraceMark, Fault> {
        if mark.login.is_empty() || mark.first != mark.last {
            return Ok(mark);
        }
        let entry = self.ledger.history().read(mark.first, 1).await?;
        let entry = entry.first().and_then(|it| Entry::parse(&it.entry));
        let Some(code) = entry.and_then(|entry| entry.browsing) else {
            return Ok(mark);
        };
        let of_visit = self.traces.found(&code, OF_VISIT).await?;
        let mut of_visit = of_visit.into_iter();
        Ok(of_visit.find(|it| it.login == mark.login).unwrap_or(mark))
    }

    /// The entries of a login, among those of others; the one entry where it is of none.
    async fn between(&self, mark: &TraceMark) -> Result<Vec<(u64, Entry)>, Fault> {
        let history = self.ledger.history();
        let mut found = Vec::new();
        // Before the code of its visit became this one, it had another.
        let mut next = mark
            .first
            .saturating_sub(if mark.login.is_empty() { 0 } else { BEFORE });
        for _ in 0..PAGES {
            let page = history.read(next, PAGE).await?;
            let within = page.iter().filter(|it| it.sequence <= mark.last);
            let of_login = within.filter_map(|it| {
                let entry = Entry::parse(&it.entry)?;
                let is_its = entry.login.as_deref().unwrap_or_default() == mark.login;
                is_its.then_some((it.sequence, entry))
            });
            found.extend(of_login);
            match page.last() {
                Some(last) if last.sequence < mark.last => next = last.sequence + 1,
                _ => break,
            }
        }
        Ok(found)
    }
}

/// What leads to the entries of the ledger.
struct Marks<'a>(&'a dyn Traces);

#[async_trait]
impl Projection for Marks<'_> {
    type Said = Vec<TraceMark>;

    fn said(&self, entry: &EntryRecord) -> Option<Self::Said> {
        said(entry)
    }

    async fn read_to(&self) -> Result<u64, Fault> {
        self.0.read_to().await
    }

    async fn read_on(&self, from: u64, to: u64, said: &[Self::Said]) -> Result<bool, Fault> {
        self.0.read_on(from, to, &joined(said)).await
    }
}

/// Of an entry of a login the code of its visit; of an error page its reference as well.
fn said(record: &EntryRecord) -> Option<Vec<TraceMark>> {
    // Many entries are of none: they are not worth parsing.
    let has = |member: &[u8]| record.entry.windows(member.len()).any(|it| it == member);
    if !has(br#""browsing":""#) && !has(br#""reference":""#) {
        return None;
    }
    let entry = Entry::parse(&record.entry)?;
    let shown = entry.kind == EventKind::ErrorShown.as_str();
    let reference = entry.details.get("reference").filter(|_| shown).cloned();
    let code = entry.browsing.filter(|_| entry.login.is_some());
    let login = entry.login.unwrap_or_default();
    let mark = |handle| TraceMark {
        handle,
        login: login.clone(),
        first: record.sequence,
        last: record.sequence,
    };
    let marks: Vec<TraceMark> = code.into_iter().chain(reference).map(mark).collect();
    (!marks.is_empty()).then_some(marks)
}

/// Each login once, from its first entry to its last: what is read at once is written at once.
fn joined(said: &[Vec<TraceMark>]) -> Vec<TraceMark> {
    let mut joined: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
    for mark in said.iter().flatten() {
        let span = joined
            .entry((mark.handle.as_str(), mark.login.as_str()))
            .or_insert((mark.first, mark.last));
        span.1 = span.1.max(mark.last);
    }
    let mark = |((handle, login), (first, last)): ((&str, &str), (u64, u64))| TraceMark {
        handle: handle.to_owned(),
        login: login.to_owned(),
        first,
        last,
    };
    joined.into_iter().map(mark).collect()
}

/// The name of the counter of those who try.
const MISSED: &str = "support-missed";
/// How many lead nowhere before somebody waits.
const MISSES: u64 = 20;
const MISSED_FOR: std::time::Duration = std::time::Duration::from_hours(1);

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(sequence: u64, rest: &str) -> Vec<TraceMark> {
        let record = EntryRecord {
            sequence,
            entry: format!(r#"{{"v":1,"seq":{sequence},"prev":"","at":5000,{rest}}}"#).into_bytes(),
        };
        said(&record).unwrap_or_default()
    }

    fn handles(rest: &str) -> Vec<String> {
        marks(7, rest).into_iter().map(|mark| mark.handle).collect()
    }

    const LOGIN: &str = r#""login":"AAAAAAAAAAAAAAAAAAAAAA","browsing":"ABCD-2345-WXYZ""#;

    #[test]
    fn a_login_is_one_row_from_its_first_entry_to_its_last() {
        let of = |sequence, kind: &str| marks(sequence, &format!(r#""kind":"{kind}",{LOGIN}"#));
        let read = [
            of(7, "login.started"),
            of(9, "provider.chosen"),
            of(12, "service.returned"),
        ];
        let row = TraceMark {
            handle: "ABCD-2345-WXYZ".to_owned(),
            login: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            first: 7,
            last: 12,
        };
        assert_eq!(joined(&read), [row]);
        assert!(handles(r#""kind":"session.ended","browsing":"ABCD-2345-WXYZ""#).is_empty());
        assert!(handles(r#""kind":"node.started""#).is_empty());
    }

    #[test]
    fn a_reference_is_one_only_where_a_page_showed_it() {
        let details = r#""details":{"reference":"ABCD-2345"}"#;
        assert_eq!(
            handles(&format!(r#""kind":"error.shown",{details}"#)),
            ["ABCD-2345"]
        );
        let of_login = handles(&format!(r#""kind":"error.shown",{LOGIN},{details}"#));
        assert_eq!(of_login, ["ABCD-2345-WXYZ", "ABCD-2345"]);
        assert!(handles(&format!(r#""kind":"message.left",{details}"#)).is_empty());
    }
}
