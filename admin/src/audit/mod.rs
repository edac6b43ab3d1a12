//! The audit log for whoever looks something up: the newest entries first, by kind, by whom, about what, and
//! when. What it is looked up by is an index that is read off the log (`terms` says what an entry stands under): it
//! leads to the stretches of the log that have what is looked for, and these are read. Every node reads on, and a
//! search reads what is missing to it first, where that is little. Where it is much, it says so.

mod terms;

use std::sync::Arc;

use async_trait::async_trait;
use guichet_domain::Timestamp;
use guichet_ledger::{History, Projection};
use guichet_store::Fault;
use guichet_store::durable::audit_index::{AuditEntry, AuditLookup, Stretch};
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
    pub(crate) before: Option<u64>,
    /// Up to before which entry everything is found, where that is not all there is.
    pub(crate) behind: Option<u64>,
}

/// How much is looked for at once.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// So many are found at most.
    pub(crate) found: usize,
    /// So many stretches are read at most: most of what is in them may be something else.
    pub(crate) read: u32,
}

impl Bounds {
    /// Of a page.
    pub(crate) const fn page(found: usize) -> Self {
        Self { found, read: 200 }
    }

    /// Of a file.
    pub(crate) const FILE: Self = Self {
        found: 10_000,
        read: 10_000,
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
        before: Option<u64>,
        bounds: Bounds,
    ) -> Result<Found, Fault> {
        let read_to = self.read_up().await?;
        let mut found = Found {
            entries: Vec::new(),
            before: None,
            behind: read_to.is_behind.then_some(read_to.place),
        };
        let mut lookup = AuditLookup {
            terms: terms::of_query(query),
            since: query.since,
            until: query.until,
            before: before.unwrap_or(read_to.place).min(read_to.place),
            limit: 0,
        };
        let mut left = bounds.read;
        while left > 0 {
            lookup.limit = AT_ONCE.min(left);
            left -= lookup.limit;
            let stretches = self.index.stretches(&lookup).await?;
            for stretch in &stretches {
                for entry in self.matching(query, *stretch, lookup.before).await? {
                    // One more than is wanted says that there is more.
                    if found.entries.len() == bounds.found {
                        found.before = found.entries.last().map(|last| last.sequence);
                        return Ok(found);
                    }
                    found.entries.push(entry);
                }
            }
            let is_last = stretches.len() < usize::try_from(lookup.limit).unwrap_or(usize::MAX);
            let Some(last) = stretches.last().filter(|_| !is_last) else {
                return Ok(found);
            };
            lookup.before = last.first();
        }
        found.before = Some(lookup.before);
        Ok(found)
    }

    /// Every entry in which this name stands, in order, where the log still has all that lies about them: whoever
    /// asks is shown the whole or nothing. Of what was written since the ledger was last read on, nothing.
    pub(crate) async fn naming(&self, name: &str) -> Result<Vec<EntryRecord>, Fault> {
        let query = AuditQuery {
            object: name.to_owned(),
            ..AuditQuery::default()
        };
        let end = self.index.read_to().await?;
        let lookup = AuditLookup {
            terms: terms::of_query(&query),
            since: None,
            until: None,
            before: end,
            limit: STRETCHES_OF_ONE,
        };
        let stretches = self.index.stretches(&lookup).await?;
        if stretches.len() >= usize::try_from(STRETCHES_OF_ONE).unwrap_or(usize::MAX) {
            return Err(Fault::bare(
                "a name that stands in too much of the audit log",
            ));
        }
        let mut named = Vec::new();
        for stretch in stretches.into_iter().rev() {
            let mut entries = self.history.read(stretch.first(), Stretch::ENTRIES).await?;
            let places = stretch.first()..end.min(stretch.end());
            entries.retain(|it| places.contains(&it.sequence));
            if !entries.iter().map(|it| it.sequence).eq(places) {
                return Err(Fault::bare("entries of the audit log are gone"));
            }
            entries.retain(|it| query.may_match(&it.entry) && query.matches(&read(&it.entry)));
            named.append(&mut entries);
        }
        Ok(named)
    }

    /// What is looked for of a stretch, before this place, the newest first.
    async fn matching(
        &self,
        query: &AuditQuery,
        stretch: Stretch,
        before: u64,
    ) -> Result<Vec<EntryRecord>, Fault> {
        let mut entries = self.history.read(stretch.first(), Stretch::ENTRIES).await?;
        entries.retain(|entry| {
            let is_here = Stretch::of(entry.sequence) == stretch && entry.sequence < before;
            is_here && query.may_match(&entry.entry) && query.matches(&read(&entry.entry))
        });
        entries.reverse();
        Ok(entries)
    }

    /// Reads what is missing, where that is little.
    async fn read_up(&self) -> Result<ReadTo, Fault> {
        let size = self.history.size().await?;
        let place = self.index.read_to().await?;
        if size.saturating_sub(place) > READ_FIRST {
            let is_behind = true;
            return Ok(ReadTo { place, is_behind });
        }
        self.read_ledger().await?;
        let place = self.index.read_to().await?;
        let is_behind = place < size;
        Ok(ReadTo { place, is_behind })
    }
}

/// How far the index was read.
struct ReadTo {
    /// Up to before which entry.
    place: u64,
    /// Whether the ledger went on meanwhile.
    is_behind: bool,
}

impl AuditQuery {
    /// The kind as entries stand under it.
    fn family(&self) -> &str {
        self.kind.trim_end_matches('.')
    }

    /// Whether these bytes may be what is looked for: cheaper than to read them, since most are not. JSON writes
    /// what stands in a name as it is, but for quotation marks and the like.
    fn may_match(&self, entry: &[u8]) -> bool {
        let words = [self.family(), &self.by, &self.object];
        let is_plain =
            |word: &str| !word.contains(|it: char| it.is_control() || "\"\\".contains(it));
        std::str::from_utf8(entry).is_ok_and(|entry| {
            let mut plain = words.into_iter().filter(|word| is_plain(word));
            plain.all(|word| entry.contains(word))
        })
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

/// A place in the log, as whoever goes on brings it; `None` for what is none, or larger than the store can have.
pub(crate) fn place_of(text: &str) -> Option<u64> {
    let place: u64 = text.parse().ok()?;
    (place < i64::MAX.unsigned_abs()).then_some(place)
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
        Some(AuditEntry {
            sequence: entry.sequence,
            at: Timestamp::from_millis(event["at"].as_i64().unwrap_or_default()),
            terms: terms::of_entry(&event),
        })
    }

    async fn read_to(&self) -> Result<u64, Fault> {
        self.0.read_to().await
    }

    async fn read_on(&self, from: u64, to: u64, said: &[AuditEntry]) -> Result<bool, Fault> {
        self.0.read_on(from, to, said).await
    }
}

/// More stretches than have anything of a login that somebody comes to the end of.
const STRETCHES_OF_ONE: u32 = 2_000;
/// How many stretches are looked up by one statement.
const AT_ONCE: u32 = 64;
/// How many entries a search takes in before it looks: what a busy second writes.
const READ_FIRST: u64 = 2_000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
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
    fn a_place_is_any_that_the_ledger_may_have_and_no_other() {
        assert_eq!(place_of("4294967301"), Some((1 << 32) + 5));
        for text in ["", "-1", "x", "9223372036854775807", "9223372036854775808"] {
            assert_eq!(place_of(text), None, "{text}");
        }
    }

    proptest! {
        /// What is passed over unread is nothing that was looked for.
        #[test]
        fn what_matches_may_match(
            kind in "[a-c.]{0,3}", by in "\\PC{0,4}|[a\"\\\\\u{1}é:]{1,3}", object in "[a\"\\\\\n\u{7f}é:]{1,3}",
        ) {
            let event = json!({ "at": 5, "kind": kind, "details": { "by": by, "target": object } });
            let entry = serde_json::to_vec(&event).unwrap();
            for object in [String::new(), object] {
                let query = AuditQuery { kind: kind.clone(), by: by.clone(), object, ..AuditQuery::default() };
                prop_assert!(!query.matches(&event) || query.may_match(&entry), "{query:?}");
            }
        }
    }
}
