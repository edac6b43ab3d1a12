//! An entry of the audit log as its pages show it: what happened, and what is said of it, in words. A list leaves out
//! what ties the log together and names nobody can read; the entry's own page has all of it.

use guichet_store::durable::EntryRecord;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::console::event_words::EventWords;

/// An entry.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) sequence: u64,
    pub(super) at: i64,
    /// The log's word.
    pub(super) kind: String,
    pub(super) by: String,
    /// What else stands in it: a name and what it is.
    pub(super) members: Vec<(String, String)>,
}

/// The same in words.
#[derive(Serialize)]
pub(super) struct InWords {
    #[serde(flatten)]
    row: Row,
    what: String,
    said: Vec<Said>,
}

/// One thing that an entry says.
#[derive(Serialize)]
struct Said {
    /// In words, where there are any.
    label: Option<String>,
    name: String,
    /// Yes or no, where that is what it is.
    flag: Option<bool>,
    value: String,
}

impl Row {
    pub(super) fn of(entry: &EntryRecord) -> Self {
        let event = event(entry);
        let text = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        let nothing = Map::new();
        let details = event["details"].as_object().unwrap_or(&nothing);
        let members = event.as_object().unwrap_or(&nothing).iter();
        let members =
            members.filter(|(name, _)| !matches!(name.as_str(), "at" | "kind" | "details"));
        let details = details.iter().filter(|(name, _)| *name != "by");
        Self {
            sequence: entry.sequence,
            at: event["at"].as_i64().unwrap_or_default(),
            kind: event["kind"].as_str().unwrap_or("?").to_owned(),
            by: event["details"]["by"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            members: members
                .chain(details)
                .map(|(name, value)| (name.clone(), text(value)))
                .collect(),
        }
    }

    /// In words, with everything that it says.
    pub(super) fn in_words(self, words: EventWords<'_>) -> InWords {
        let said = self.members.iter().map(|(name, value)| Said {
            label: words.member(name),
            name: name.clone(),
            flag: value.parse().ok(),
            value: value.clone(),
        });
        InWords {
            what: words.kind(&self.kind),
            said: said.collect(),
            row: self,
        }
    }

    /// In words, for a list.
    pub(super) fn in_short(mut self, words: EventWords<'_>) -> InWords {
        self.members.retain(|(name, _)| !is_of_the_log(name));
        self.in_words(words)
    }
}

/// What an entry says, as the log has it.
pub(super) fn event(entry: &EntryRecord) -> Value {
    serde_json::from_slice(&entry.entry).unwrap_or_default()
}

/// Whether it ties entries together, or is drawn at random: nothing that anybody reads.
fn is_of_the_log(name: &str) -> bool {
    matches!(
        name,
        "v" | "seq" | "prev" | "login" | "session" | "browsing" | "person" | "grant"
    ) || name.ends_with("digest")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_leaves_out_what_nobody_reads_and_says_who_beside_it() {
        let entry = EntryRecord {
            sequence: 7,
            entry: br#"{"v":1,"seq":7,"prev":"x","at":5000,"kind":"switch.off","login":"y","client":"town",
                "details":{"by":"staff:z","target":"client:town","text_digest":"d","grant":"g"}}"#
                .to_vec(),
        };
        let row = Row::of(&entry);
        assert_eq!((row.by.as_str(), row.at), ("staff:z", 5000));
        let mut short = Row::of(&entry);
        short.members.retain(|(name, _)| !is_of_the_log(name));
        let names: Vec<&str> = short
            .members
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        assert_eq!(names, ["client", "target"]);
        for name in ["v", "seq", "prev", "login", "text_digest", "grant"] {
            assert!(row.members.iter().any(|(it, _)| it == name), "{name}");
        }
    }
}
