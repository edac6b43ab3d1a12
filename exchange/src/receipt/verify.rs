//! Verifying a receipt, offline: every check has a name, and what fails is said precisely. Checks go on
//! after one failed, so that a receipt that was changed tells where.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{EventKind, Timestamp};
use guichet_keys::{JwsAlg, JwsRefusal, Typ, TypRule, VerifyPolicy, verify_document};
use guichet_ledger::{
    Disagreement, NoteError, Signed, Verdict, agrees, leaf_hash, open_checkpoint,
};
use serde::Deserialize;

use super::statement::{Labelled, Proven, Statement};
use super::{LONGEST_RECEIPT, ReceiptKeys};

/// What was found of a receipt.
pub type Verification = Verdict<Check, Problem, Statement>;

/// One check of a receipt and what it found.
pub type Checked = guichet_ledger::Checked<Check, Problem>;

/// The checks, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It is a receipt.
    Form,
    /// The hub signed it.
    Signature,
    /// Its entries are about this exchange and were not changed.
    Entries,
    /// It says what the entry of the decision says.
    Decision,
    /// The ledger's key signed its checkpoint.
    Checkpoint,
    /// Its entries are in the tree of that checkpoint.
    Inclusion,
    /// The checkpoint is of the same history as one kept elsewhere.
    History,
}

impl Check {
    /// In a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Signature => "signature",
            Self::Entries => "entries",
            Self::Decision => "decision",
            Self::Checkpoint => "checkpoint",
            Self::Inclusion => "inclusion",
            Self::History => "history",
        }
    }
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// No JWS of a receipt's shape.
    #[error("this is not a receipt")]
    NotAReceipt,
    /// The hub's keys do not verify it.
    #[error("the hub did not sign this: {0}")]
    Signature(JwsRefusal),
    /// The text of an entry is not the one its hash was made of.
    #[error("entry {0} was changed")]
    EntryChanged(u64),
    /// An entry of another exchange, or of another place.
    #[error("entry {0} is not about this exchange, or not from this place of the log")]
    EntryForeign(u64),
    /// No entry of a decision.
    #[error("the entry of the decision is missing")]
    NoDecision,
    /// The receipt says something else than the ledger.
    #[error("the receipt says another {0} than the entry of the decision")]
    Differs(&'static str),
    /// The checkpoint does not hold.
    #[error("the checkpoint does not hold: {0}")]
    Checkpoint(NoteError),
    /// An entry is not in the signed tree.
    #[error("entry {0} is not in the signed log")]
    NotInTree(u64),
    /// The checkpoint that was kept does not agree with the receipt's.
    #[error(transparent)]
    History(Disagreement),
}

/// Checks a receipt with the keys of its hub, and against a checkpoint that somebody kept, if there is one.
pub fn verify_receipt(text: &str, keys: &ReceiptKeys, kept: Option<&str>) -> Verification {
    let text = text.trim();
    let Some(statement) = read(text) else {
        return Verification {
            checks: vec![Checked::of(Check::Form, Err(Problem::NotAReceipt))],
            says: None,
        };
    };
    let log = &statement.log;
    let checkpoint = open_checkpoint(&log.checkpoint, &keys.ledger, &keys.origin);
    let signed = checkpoint.map_err(Problem::Checkpoint);
    let mut checks = vec![
        Checked::of(Check::Form, Ok(())),
        Checked::of(Check::Signature, signature(text, keys)),
        Checked::of(Check::Entries, entries(&statement)),
        Checked::of(Check::Decision, decision(&statement)),
        Checked::of(Check::Checkpoint, signed.clone().map(drop)),
    ];
    if let Ok(signed) = signed {
        checks.push(Checked::of(
            Check::Inclusion,
            inclusion(&log.entries, signed),
        ));
        if let Some(kept) = kept {
            checks.push(Checked::of(Check::History, history(signed, kept, keys)));
        }
    }
    Verification {
        checks,
        says: Some(statement),
    }
}

/// What it says, whoever signed it.
fn read(text: &str) -> Option<Statement> {
    if text.len() > LONGEST_RECEIPT {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&payload).ok()
}

fn signature(text: &str, keys: &ReceiptKeys) -> Result<(), Problem> {
    let policy = VerifyPolicy {
        algs: &JwsAlg::ALL,
        typ: TypRule::Exactly(Typ::Receipt.as_str()),
    };
    let verified = verify_document(text, &keys.hub, policy, LONGEST_RECEIPT);
    verified.map(drop).map_err(Problem::Signature)
}

/// What is looked at in an entry.
#[derive(Deserialize)]
struct Entry {
    seq: u64,
    at: Timestamp,
    kind: String,
    #[serde(default)]
    client: String,
    #[serde(default)]
    details: BTreeMap<String, String>,
}

fn entry_of(proven: &Proven) -> Option<Entry> {
    serde_json::from_str(proven.entry.as_deref()?).ok()
}

/// Each text makes its leaf, and is about this exchange; an erased one has no text.
fn entries(statement: &Statement) -> Result<(), Problem> {
    let exchange = statement.exchange.to_string();
    for proven in &statement.log.entries {
        let Some(text) = &proven.entry else {
            continue;
        };
        if proven.leaf() != Some(leaf_hash(text.as_bytes())) {
            return Err(Problem::EntryChanged(proven.index));
        }
        let is_its = entry_of(proven).is_some_and(|entry| {
            entry.seq == proven.index && entry.details.get("exchange") == Some(&exchange)
        });
        if !is_its {
            return Err(Problem::EntryForeign(proven.index));
        }
    }
    Ok(())
}

/// Some entry of a decision says what the receipt says. Of two that raced the first counts; it is there.
fn decision(statement: &Statement) -> Result<(), Problem> {
    let all = statement.log.entries.iter().filter_map(entry_of);
    let decisions = all.filter(|entry| entry.kind == EventKind::EvidenceDecided.as_str());
    let mut differing = Err(Problem::NoDecision);
    let narrowed = narrowed(statement);
    for entry in decisions {
        match first_difference(statement, &entry, &narrowed) {
            None => return Ok(()),
            Some(member) => differing = Err(Problem::Differs(member)),
        }
    }
    differing
}

/// What each entry that took fields away left. Of two that raced one counts; it is there.
fn narrowed(statement: &Statement) -> Vec<String> {
    let all = statement.log.entries.iter().filter_map(entry_of);
    let narrowed = all.filter(|entry| entry.kind == EventKind::EvidenceNarrowed.as_str());
    narrowed
        .filter_map(|mut entry| entry.details.remove("granted"))
        .collect()
}

fn first_difference(
    statement: &Statement,
    entry: &Entry,
    narrowed: &[String],
) -> Option<&'static str> {
    let says = |member: &str| entry.details.get(member).map_or("", String::as_str);
    let listed = |fields: &[Labelled]| {
        let names: Vec<&str> = fields.iter().map(|field| field.id.as_str()).collect();
        names.join(" ")
    };
    [
        ("service", statement.service.id == entry.client),
        (
            "data provider",
            statement.data_provider.id == says("data_provider"),
        ),
        (
            "evidence",
            statement.evidence_type.id == says("evidence_type"),
        ),
        ("purpose", statement.purpose.id == says("purpose")),
        ("basis", statement.basis == says("basis")),
        (
            "list of what was asked",
            listed(&statement.asked) == says("asked"),
        ),
        (
            "list of what may leave",
            match listed(&statement.granted) {
                granted if narrowed.is_empty() => granted == says("granted"),
                granted => narrowed.contains(&granted),
            },
        ),
        ("outcome", statement.outcome == says("outcome")),
        ("time", statement.decided == entry.at.to_string()),
        ("text", statement.text_digest == says("text_digest")),
        ("language", statement.locale == says("locale")),
    ]
    .into_iter()
    .find_map(|(member, same)| (!same).then_some(member))
}

fn inclusion(entries: &[Proven], signed: Signed) -> Result<(), Problem> {
    match entries.iter().find(|proven| !proven.is_in(signed)) {
        Some(proven) => Err(Problem::NotInTree(proven.index)),
        None => Ok(()),
    }
}

fn history(signed: Signed, kept: &str, keys: &ReceiptKeys) -> Result<(), Problem> {
    agrees(signed, kept, &keys.ledger, &keys.origin).map_err(Problem::History)
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// Of a hub that signs nothing; the ledger's key is the one of the specification of signed notes.
    fn keys() -> ReceiptKeys {
        let ledger = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let set = json!({ "keys": [], "ledger": ledger }).to_string();
        ReceiptKeys::parse(set.as_bytes()).unwrap()
    }

    #[test]
    fn keys_without_those_of_the_ledger_are_none() {
        for set in [
            "",
            "[]",
            r#"{"keys":[]}"#,
            r#"{"keys":[],"ledger":"a+b+c"}"#,
        ] {
            assert!(ReceiptKeys::parse(set.as_bytes()).is_err(), "{set}");
        }
    }

    proptest! {
        #[test]
        fn no_text_holds_and_none_makes_the_verifier_fall_over(
            text in "\\PC{0,100}", entry in "\\PC{0,60}", leaf in "[A-Za-z0-9_-]{0,44}", index: u64,
            checkpoint in "[a-zA-Z0-9=\\n \u{2014}+]{0,80}",
        ) {
            prop_assert!(!verify_receipt(&text, &keys(), Some(&text)).holds());
            let named = json!({ "id": text, "label": text, "name": text });
            let said = json!({
                "iss": "", "iat": 0, "exchange": "AQEBAQEBAQEBAQEBAQEBAQ", "outcome": "sent",
                "decided": text, "service": named, "data_provider": named, "evidence_type": named,
                "asked": [named], "granted": [],
                "purpose": { "id": "", "sentence": "", "legal": "" },
                "basis": "consent", "usage": "single", "valid_until": "", "retention_days": 1, "pulls": 0,
                "locale": "fr", "text_digest": text,
                "log": { "key": "", "checkpoint": checkpoint, "entries": [
                    { "index": index, "entry": entry, "leaf": leaf, "proof": [leaf, text] },
                ]},
            });
            let payload = URL_SAFE_NO_PAD.encode(said.to_string());
            let verification = verify_receipt(&format!("e30.{payload}.AA"), &keys(), None);
            prop_assert!(verification.says.is_some());
            let problems = verification.checks.iter().filter_map(|it| it.problem.as_ref());
            prop_assert!(problems.count() >= 3, "{:?}", verification.checks);
        }
    }
}
