//! The statement of a citizen's history: that it is all of it, provable to anybody, for years, without the hub.
//! `docs/account.md` tells what it proves and what not.
//!
//! A file of lines. The first is a JWS of the hub: whose history it is (the keys that lead to it), how many
//! entries it has, a digest over them in their order, and the entry of the ledger in which the hub said all that
//! before it made the file. Each further line is one entry: its text, unless it tells of somebody else, its leaf
//! hash, and the proof that it is in the signed ledger.
//!
//! `make` writes one, `verify` names everything that is wrong with one, `recount` holds one against a whole
//! ledger.

mod make;
mod recount;
#[cfg(test)]
mod tests;
mod verify;

pub(crate) use make::{STATE, download};
pub use recount::{Closed, Recount, RecountError, recount};
pub use verify::{Check, Checked, Problem, Verification, is_statement, verify_statement};

use guichet_domain::{EventKind, LedgerName, Timestamp};
use guichet_exchange::Proven;
use guichet_keys::{HistoryKey, TextDigest, sha256_of};
use guichet_ledger::Hash;
use serde::{Deserialize, Serialize};

use super::entry::Entry;

/// What the first line says: the claims of the JWS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The hub.
    pub iss: String,
    /// When the statement was made, in seconds.
    pub iat: i64,
    /// What leads to the history: one key for each person that the citizen is.
    pub keys: Vec<String>,
    /// What the hub has put on record.
    #[serde(flatten)]
    pub says: Said,
    /// The ledger's public key, as signed notes write it.
    pub key: String,
    /// The signed checkpoint that proofs lead to.
    pub checkpoint: String,
    /// The entry in which the hub said so.
    pub stated: Proven,
}

/// All of a statement that would hide something if it were another in the file: the hub puts it on record
/// before it makes one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// How many entries there are.
    pub entries: u64,
    /// `sha-256:` and base64url: over all leaf hashes, in order.
    pub digest: String,
    /// Entries from there on are not in it.
    pub before: u64,
    /// Times that are left out: `since` and `until`, RFC 3339.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<(String, String)>,
}

impl Said {
    /// The same as the details of an entry.
    fn details(&self) -> [(&'static str, String); 4] {
        let spans = self.closed.iter();
        let spans: Vec<String> = spans
            .map(|(since, until)| format!("{since}/{until}"))
            .collect();
        [
            ("entries", self.entries.to_string()),
            ("digest", self.digest.clone()),
            ("before", self.before.to_string()),
            ("closed", spans.join(" ")),
        ]
    }

    /// The times that are left out; one that cannot be read leaves nothing out.
    fn spans(&self) -> Vec<(Timestamp, Timestamp)> {
        let time = |text: &String| text.parse::<Timestamp>().ok();
        let spans = self.closed.iter();
        spans
            .filter_map(|(since, until)| time(since).zip(time(until)))
            .collect()
    }
}

impl Head {
    /// Whether an entry of the ledger says the same, of one of these names.
    fn is_stated_by(&self, entry: &Entry, names: &[LedgerName]) -> bool {
        entry.kind() == Some(EventKind::HistoryStated)
            && entry.seq == self.stated.index
            && entry.person.is_some_and(|name| names.contains(&name))
            && self
                .says
                .details()
                .iter()
                .all(|(name, value)| entry.detail(name) == value)
    }

    /// The keys that lead to the history.
    fn history_keys(&self) -> Vec<HistoryKey> {
        let keys = self.keys.iter();
        keys.filter_map(|key| HistoryKey::of_text(key)).collect()
    }
}

/// The digest over leaf hashes, in order: each is hashed with what was before it.
pub(super) struct Chain {
    digest: Hash,
    count: u64,
}

impl Chain {
    pub(super) const fn new() -> Self {
        Self {
            digest: [0; 32],
            count: 0,
        }
    }

    pub(super) fn push(&mut self, leaf: &Hash) {
        self.digest = sha256_of(&[&self.digest, leaf]);
        self.count += 1;
    }

    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn text(&self) -> String {
        TextDigest::from(self.digest).to_string()
    }
}

/// Whether the text of an entry may be given to whom it is about: when it is not about a look or a correction, and
/// tells nothing but what is known to be of the hub and of parties. What stays has its leaf hash all the same.
pub(super) fn may_be_read(entry: &Entry) -> bool {
    let is_of_others = matches!(
        entry.kind(),
        None | Some(
            EventKind::PersonShown
                | EventKind::CaseShown
                | EventKind::CaseReported
                | EventKind::SupportLooked
                | EventKind::SupportAsked
                | EventKind::CorrectionProposed
                | EventKind::CorrectionConfirmed
                | EventKind::CorrectionUndone
                | EventKind::CorrectionFailed
                | EventKind::EvidenceHidden
        )
    );
    let is_known = |(name, value): (&String, &String)| {
        TOLD.contains(&name.as_str()) || (name == "opened_by" && value == "the person")
    };
    !is_of_others && entry.details.iter().all(is_known)
}

/// The details that say nothing of anybody else: names of parties, of scopes and fields, digests, times, words.
const TOLD: &[&str] = &[
    "amr",
    "asked",
    "audience",
    "basis",
    "before",
    "case",
    "closed",
    "data_provider",
    "digest",
    "due",
    "entries",
    "error",
    "evidence_type",
    "exchange",
    "grant",
    "granted",
    "half",
    "how",
    "kind",
    "locale",
    "mark",
    "outcome",
    "party",
    "predecessor",
    "preview",
    "prompt",
    "pull",
    "purpose",
    "reason",
    "reference",
    "request_digest",
    "scope",
    "text_digest",
    "with",
];
