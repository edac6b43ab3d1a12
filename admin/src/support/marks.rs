//! The ledger read on for the support: which logins a reference or a code leads to. Where in the ledger the entries
//! of a login are, the index of the audit log says.

use std::collections::BTreeMap;

use async_trait::async_trait;
use guichet_domain::{EventKind, Timestamp};
use guichet_ledger::{History, Projection};
use guichet_store::Fault;
use guichet_store::durable::traces::TraceMark;
use guichet_store::durable::{EntryRecord, Traces};

use super::SupportDesk;
use super::step::Entry;

/// How long logins are found: what lies before is not read off the ledger, and forgotten.
const KEPT_FOR: std::time::Duration = std::time::Duration::from_hours(24 * 183);

impl SupportDesk {
    /// Takes in what the ledger has gained since this was last done, by whichever node.
    pub async fn read_ledger(&self) -> Result<(), Fault> {
        let history = self.ledger.history();
        let begins = match self.traces.read_to().await? {
            0 => self.kept_from().await?,
            _ => 0,
        };
        let traces = &*self.traces;
        history.take_into(&Marks { traces, begins }).await
    }

    /// To be called now and then: reads the ledger on, and forgets what is kept no longer, logins of long ago and
    /// what citizens were asked a month ago.
    pub async fn keep_up(&self) -> Result<(), Fault> {
        self.read_ledger().await?;
        self.forget().await
    }

    async fn forget(&self) -> Result<(), Fault> {
        let asked = self.clock.now().before(super::ASKED_KEPT_FOR);
        self.requests.forget_requests(asked).await?;
        let before = self.kept_from().await?;
        while self.traces.forget_traces(before).await? > 0 {}
        Ok(())
    }

    /// The place in the ledger from which on logins are kept.
    async fn kept_from(&self) -> Result<u64, Fault> {
        let since = self.clock.now().before(KEPT_FOR);
        first_since(self.ledger.history(), since).await
    }
}

/// The place of the first entry that was written at `since` or later. Entries are in order but for the moment by
/// which the clocks of nodes differ.
async fn first_since(history: &History, since: Timestamp) -> Result<u64, Fault> {
    let (mut first, mut end) = (0, history.size().await?);
    while first < end {
        let middle = first + (end - first) / 2;
        let entry = history.read(middle, 1).await?;
        let entry = entry.first().and_then(|it| Entry::parse(&it.entry));
        // One that cannot be read, or is gone, is kept by nobody.
        if entry.is_none_or(|entry| entry.at < since) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    Ok(first)
}

/// What leads to the entries of the ledger.
pub(super) struct Marks<'a> {
    pub(super) traces: &'a dyn Traces,
    /// Where reading begins that has not begun.
    pub(super) begins: u64,
}

#[async_trait]
impl Projection for Marks<'_> {
    /// What leads to an entry.
    type Said = Vec<TraceMark>;

    fn said(&self, entry: &EntryRecord) -> Option<Vec<TraceMark>> {
        said(entry)
    }

    async fn read_to(&self) -> Result<u64, Fault> {
        Ok(self.traces.read_to().await?.max(self.begins))
    }

    async fn read_on(&self, from: u64, to: u64, said: &[Vec<TraceMark>]) -> Result<bool, Fault> {
        let marks = joined(said.iter().flatten());
        self.traces.read_on(from, to, &marks).await
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
    let mark = |handle| TraceMark {
        handle,
        login: entry.login.clone().unwrap_or_default(),
        first: record.sequence,
        last: record.sequence,
    };
    let marks: Vec<TraceMark> = code.into_iter().chain(reference).map(mark).collect();
    (!marks.is_empty()).then_some(marks)
}

/// Each login once, from its first entry to its last: what is read at once is written at once.
fn joined<'a>(said: impl Iterator<Item = &'a TraceMark>) -> Vec<TraceMark> {
    let mut joined: BTreeMap<(&str, &str), (u64, u64)> = BTreeMap::new();
    for mark in said {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(sequence: u64, rest: &str) -> Option<Vec<TraceMark>> {
        let record = EntryRecord {
            sequence,
            entry: format!(r#"{{"v":1,"seq":{sequence},"prev":"","at":5000,{rest}}}"#).into_bytes(),
        };
        said(&record)
    }

    fn handles(rest: &str) -> Vec<String> {
        let marks = read(7, rest).unwrap_or_default();
        marks.into_iter().map(|mark| mark.handle).collect()
    }

    const LOGIN: &str = r#""login":"AAAAAAAAAAAAAAAAAAAAAA","browsing":"ABCD-2345-WXYZ""#;

    #[test]
    fn a_login_is_one_row_from_its_first_entry_to_its_last() {
        let of = |sequence, kind: &str| read(sequence, &format!(r#""kind":"{kind}",{LOGIN}"#));
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
        assert_eq!(joined(read.iter().flatten().flatten()), [row]);
        assert!(handles(r#""kind":"session.ended","browsing":"ABCD-2345-WXYZ""#).is_empty());
        assert!(handles(r#""kind":"node.started""#).is_empty());
        let nameless = r#""kind":"token.issued","login":"AAAAAAAAAAAAAAAAAAAAAA""#;
        assert!(handles(nameless).is_empty());
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
