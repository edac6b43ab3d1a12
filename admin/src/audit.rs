//! The audit log for whoever looks something up: the newest entries first, by kind, by whom, about what, and
//! when. There is no index: it is read back from its end, so far at a time, and the reader goes on from there.

use guichet_domain::Timestamp;
use guichet_ledger::History;
use guichet_store::Fault;
use guichet_store::durable::EntryRecord;
use serde_json::Value;

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
}

/// How much is looked for at once.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// So many are found at most.
    pub(crate) found: usize,
    /// So many are read at most.
    pub(crate) read: u64,
}

impl Bounds {
    /// Of a page.
    pub(crate) const fn page(found: usize) -> Self {
        Self {
            found,
            read: 20_000,
        }
    }

    /// Of a file.
    pub(crate) const FILE: Self = Self {
        found: 10_000,
        read: 200_000,
    };
}

impl AuditQuery {
    /// Entries before this place, or of all, the newest first.
    pub(crate) async fn search(
        &self,
        history: &History,
        before: Option<u64>,
        bounds: Bounds,
    ) -> Result<Found, Fault> {
        let size = history.size().await?;
        let mut end = before.unwrap_or(size).min(size);
        let stop = end.saturating_sub(bounds.read);
        let mut entries = Vec::new();
        while end > stop {
            let first = end.saturating_sub(AT_ONCE).max(stop);
            let limit = u32::try_from(end - first).unwrap_or(u32::MAX);
            let page = history.read(first, limit).await?;
            for entry in page.into_iter().rev() {
                let before = Some(entry.sequence + 1);
                if entries.len() == bounds.found {
                    return Ok(Found { entries, before });
                }
                let event = serde_json::from_slice(&entry.entry).unwrap_or_default();
                if self.is_past(&event) {
                    let before = None;
                    return Ok(Found { entries, before });
                }
                if self.matches(&event) {
                    entries.push(entry);
                }
            }
            end = first;
        }
        Ok(Found {
            entries,
            before: Some(end).filter(|end| *end > 0),
        })
    }

    /// Whether what lies before this is too old. Entries are in order but for the moment that nodes differ.
    fn is_past(&self, event: &Value) -> bool {
        let at = event["at"].as_i64();
        let since = self.since.map(Timestamp::millis);
        matches!((at, since), (Some(at), Some(since)) if at.saturating_add(NODES_DIFFER) < since)
    }

    fn matches(&self, event: &Value) -> bool {
        let at = event["at"].as_i64().unwrap_or_default();
        let kind = event["kind"].as_str().unwrap_or_default();
        let by = event["details"]["by"].as_str().unwrap_or_default();
        let is_of_kind = kind == self.kind
            || kind
                .strip_prefix(self.kind.trim_end_matches('.'))
                .is_some_and(|rest| self.kind.is_empty() || rest.starts_with('.'));
        is_of_kind
            && (self.by.is_empty() || is_named(by, &self.by))
            && self.since.is_none_or(|since| since.millis() <= at)
            && self.until.is_none_or(|until| at <= until.millis())
            && (self.object.is_empty() || self.is_about(event))
    }

    fn is_about(&self, event: &Value) -> bool {
        let members = event.as_object().into_iter().flatten();
        let details = event["details"].as_object().into_iter().flatten();
        let named = members.chain(details.filter(|(name, _)| *name != "by"));
        let mut texts = named.filter_map(|(_, value)| value.as_str());
        texts.any(|text| is_named(text, &self.object))
    }
}

/// Whether a text is this name, or the name of this with its kind before it: `client:town` for `town`.
fn is_named(text: &str, name: &str) -> bool {
    text == name || text.rsplit_once(':').is_some_and(|(_, it)| it == name)
}

/// How many entries are read at once.
const AT_ONCE: u64 = 1000;
/// How far the clocks of nodes may differ, in milliseconds.
const NODES_DIFFER: i64 = 60_000;

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
}
