//! The audit log for whoever looks something up: the newest entries first, by kind, by whom, about what, and
//! when. What it is looked up by is an index that is read off the log (`terms` says what an entry stands under);
//! every node reads on, and a search reads what is missing to it first, where that is little. Where it is much, it
//! says so.

mod terms;

use std::sync::Arc;

use async_trait::async_trait;
use guichet_domain::Timestamp;
use guichet_ledger::{History, Projection};
use guichet_store::Fault;
use guichet_store::durable::audit_index::{AuditEntry, AuditLookup, AuditPlace};
use guichet_store::durable::{AuditIndex, EntryRecord};
use serde_json::Value;

/// What entries are looked up in. Cheap to clone.
#[derive(Clone)]
pub struct AuditBook {
    /// Which entries say what, as far as the ledger was read.
    pub index: Arc<dyn AuditIndex>,
    /// The ledger.
    pub history: History,
}

/// Which entries are looked for; every one where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AuditQuery {
    /// The kind, or how it begins: `switch` for `switch.off`.
    pub(crate) kind: String,
    /// Who did it, as entries name them: `command line`, `staff:abcd-2345-wxyz`, or the identifier alone.
    pub(crate) by: String,
    /// What it is about: a client, a provider, any other name that stands in it.
    pub(crate) object: String,
    /// Not before then.
    pub(crate) since: Option<Timestamp>,
    /// Not after then.
    pub(crate) until: Option<Timestamp>,
}

/// What was found.
pub(crate) struct Found {
    /// The newest first.
    pub(crate) entries: Vec<EntryRecord>,
    /// Where to go on: what lies before this place was not looked at.
    pub(crate) before: Option<AuditPlace>,
    /// Up to before which entry everything is found, where that is not all there is.
    pub(crate) behind: Option<u64>,
}

/// How much is looked for at once.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// So many are found at most.
    pub(crate) found: usize,
    /// So many are looked at, at most: what was found by one thing may be another by the next.
    pub(crate) read: usize,
}

impl Bounds {
    /// Of a page.
    pub(crate) const fn page(found: usize) -> Self {
        Self { found, read: 2_000 }
    }

    /// Of a file.
    pub(crate) const FILE: Self = Self {
        found: 10_000,
        read: 200_000,
    };
}

impl AuditBook {
    /// Takes in what the ledger has gained since this was last done, by whichever node.
    pub async fn read_ledger(&self) -> Result<(), Fault> {
        self.history.take_into(&Indexed(&*self.index)).await
    }

    /// How many a page of a hundred finds, by the kind, by whom and about what: for whoever measures.
    #[doc(hidden)]
    pub async fn count(&self, kind: &str, by: &str, object: &str) -> Result<usize, Fault> {
        let query = AuditQuery {
            kind: kind.to_owned(),
            by: by.to_owned(),
            object: object.to_owned(),
            ..AuditQuery::default()
        };
        let found = self.search(&query, None, Bounds::page(100)).await?;
        Ok(found.entries.len())
    }

    /// Entries before this place, or of all, the newest first.
    pub(crate) async fn search(
        &self,
        query: &AuditQuery,
        before: Option<AuditPlace>,
        bounds: Bounds,
    ) -> Result<Found, Fault> {
        let mut found = Found {
            entries: Vec::new(),
            before,
            behind: self.behind().await?,
        };
        let mut lookup = AuditLookup {
            term: terms::of_query(query),
            since: query.since.unwrap_or(Timestamp::from_millis(0)),
            until: query.until.unwrap_or(Timestamp::from_millis(i64::MAX)),
            before,
            limit: 0,
        };
        let mut left = bounds.read;
        // One more than is wanted says whether there is more. Where most of it is something else, more at once.
        let mut at_once = bounds.found + 1;
        while left > 0 {
            let wanted = at_once.min(AT_ONCE).min(left);
            at_once = wanted * 2;
            lookup.limit = u32::try_from(wanted).unwrap_or(u32::MAX);
            let page = self.index.page(&lookup).await?;
            let is_last = page.len() < wanted;
            for row in page {
                let entry = row.entry.filter(|entry| query.matches(&read(entry)));
                if let Some(entry) = entry {
                    if found.entries.len() == bounds.found {
                        return Ok(found);
                    }
                    let sequence = row.place.sequence;
                    found.entries.push(EntryRecord { sequence, entry });
                }
                found.before = Some(row.place);
            }
            if is_last {
                found.before = None;
                break;
            }
            left -= wanted;
            lookup.before = found.before;
        }
        Ok(found)
    }

    /// Reads what is missing, where that is little. Up to where the ledger was read, where that is not its end.
    async fn behind(&self) -> Result<Option<u64>, Fault> {
        let size = self.history.size().await?;
        let read_to = self.index.read_to().await?;
        if size.saturating_sub(read_to) > READ_FIRST {
            return Ok(Some(read_to));
        }
        self.read_ledger().await?;
        let read_to = self.index.read_to().await?;
        Ok(Some(read_to).filter(|read_to| *read_to < size))
    }
}

impl AuditQuery {
    /// The kind as entries stand under it.
    fn family(&self) -> &str {
        self.kind.trim_end_matches('.')
    }

    fn matches(&self, event: &Value) -> bool {
        let at = event["at"].as_i64().unwrap_or_default();
        let kind = event["kind"].as_str().unwrap_or_default();
        let is_of_kind = kind == self.kind
            || kind
                .strip_prefix(self.family())
                .is_some_and(|rest| self.kind.is_empty() || rest.starts_with('.'));
        is_of_kind
            && (self.by.is_empty() || is_named(terms::by(event), &self.by))
            && self.since.is_none_or(|since| since.millis() <= at)
            && self.until.is_none_or(|until| at <= until.millis())
            && (self.object.is_empty()
                || terms::objects(event).any(|text| is_named(text, &self.object)))
    }
}

/// Whether a text is this name, or the name of this with its kind before it: `client:town` for `town`.
fn is_named(text: &str, name: &str) -> bool {
    text == name || text.rsplit_once(':').is_some_and(|(_, it)| it == name)
}

/// A place as whoever goes on brings it.
pub(crate) fn cursor(place: AuditPlace) -> String {
    format!("{}-{}", place.at.millis(), place.sequence)
}

/// The place of a cursor; what cannot be one of ours is none.
pub(crate) fn place_of(cursor: &str) -> Option<AuditPlace> {
    let (at, sequence) = cursor.split_once('-')?;
    let at = at
        .parse::<u64>()
        .ok()
        .and_then(|at| i64::try_from(at).ok())?;
    let sequence: u64 = sequence.parse().ok()?;
    i64::try_from(sequence).ok()?;
    let at = Timestamp::from_millis(at);
    Some(AuditPlace { at, sequence })
}

/// What an entry says; nothing where it cannot be read.
fn read(entry: &[u8]) -> Value {
    serde_json::from_slice(entry).unwrap_or_default()
}

/// The ledger, as it is looked up.
struct Indexed<'a>(&'a dyn AuditIndex);

#[async_trait]
impl Projection for Indexed<'_> {
    type Said = AuditEntry;

    fn said(&self, entry: &EntryRecord) -> Option<AuditEntry> {
        let event = read(&entry.entry);
        let at = Timestamp::from_millis(event["at"].as_i64().unwrap_or_default());
        let sequence = entry.sequence;
        Some(AuditEntry {
            place: AuditPlace { at, sequence },
            terms: terms::of_entry(&event),
        })
    }

    async fn read_to(&self) -> Result<u64, Fault> {
        self.0.read_to().await
    }

    async fn read_on(&self, from: u64, to: u64, said: &[AuditEntry]) -> Result<bool, Fault> {
        self.0.read_on(from, to, said).await
    }

    /// An entry is a dozen rows.
    fn thousands_at_once(&self) -> usize {
        1
    }
}

/// How many are looked at by one statement.
const AT_ONCE: usize = 1000;
/// How many entries a search takes in before it looks: what a busy second writes.
const READ_FIRST: u64 = 2_000;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event() -> Value {
        json!({
            "at": 5_000, "kind": "switch.off", "client": "town",
            "details": {"by": "staff:abcd-2345-wxyz", "target": "client:town", "team": "cantines"},
        })
    }

    fn finds(change: impl FnOnce(&mut AuditQuery)) -> bool {
        let mut query = AuditQuery::default();
        change(&mut query);
        query.matches(&event())
    }

    #[test]
    fn an_entry_is_found_by_what_stands_in_it_and_by_nothing_else() {
        assert!(finds(|_| {}));
        for (kind, found) in [
            ("switch.off", true),
            ("switch", true),
            ("switch.", true),
            ("swi", false),
            ("switch.on", false),
        ] {
            assert_eq!(finds(|it| it.kind = kind.to_owned()), found, "{kind}");
        }
        assert!(finds(|it| it.by = "abcd-2345-wxyz".to_owned()));
        assert!(!finds(|it| it.by = "town".to_owned()));
        for (object, found) in [
            ("town", true),
            ("client:town", true),
            ("cantines", true),
            ("tow", false),
            ("abcd-2345-wxyz", false),
        ] {
            assert_eq!(finds(|it| it.object = object.to_owned()), found, "{object}");
        }
        let at = Timestamp::from_millis;
        assert!(finds(
            |it| (it.since, it.until) = (Some(at(5_000)), Some(at(5_000)))
        ));
        assert!(!finds(|it| it.since = Some(at(5_001))));
        assert!(!finds(|it| it.until = Some(at(4_999))));
    }

    #[test]
    fn a_cursor_is_read_back_or_refused() {
        let at = Timestamp::from_millis(1_795_000_000_123);
        let place = AuditPlace { at, sequence: 7 };
        assert_eq!(place_of(&cursor(place)), Some(place));
        for refused in [
            "",
            "7",
            "-7",
            "7-",
            "-1-7",
            "1-18446744073709551615",
            "99999999999999999999-1",
        ] {
            assert_eq!(place_of(refused), None, "{refused}");
        }
    }
}
