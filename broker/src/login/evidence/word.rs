//! The person's word on one fact, as the form says it and as the exchange keeps it.

use std::collections::BTreeMap;

use guichet_domain::FieldName;
use guichet_exchange::Ask;
use serde::{Deserialize, Serialize};

/// What the person said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Word {
    /// Send these fields; one at least.
    Sent(Vec<FieldName>),
    /// Send nothing.
    Refused,
    /// It is wrong: send nothing, and let it be put right.
    Contested,
}

impl From<Word> for guichet_exchange::Word {
    fn from(word: Word) -> Self {
        match word {
            Word::Sent(fields) => Self::Sent { fields },
            Word::Refused => Self::Refused,
            Word::Contested => Self::Contested,
        }
    }
}

/// What the page posts: a button, and the fields that stay ticked as `field.<name>`.
#[derive(Deserialize)]
pub(crate) struct Posted {
    #[serde(default)]
    pub(super) decision: String,
    #[serde(default)]
    pub(super) csrf: String,
    /// The turn and the stage whose page was posted.
    #[serde(default)]
    pub(super) turn: String,
    /// What that page said.
    #[serde(default)]
    pub(super) read: String,
    #[serde(flatten)]
    others: BTreeMap<String, String>,
}

/// What comes before a field's name in the form.
pub(super) const FIELD: &str = "field.";

impl Posted {
    /// The word; `None` when no button says one, or when nothing is left to send.
    pub(super) fn word(&self, ask: &Ask) -> Option<Word> {
        match self.decision.as_str() {
            "send" => {
                let kept = self.kept(ask);
                (!kept.is_empty()).then_some(Word::Sent(kept))
            }
            "refuse" if ask.may_be_refused() => Some(Word::Refused),
            "contest" => Some(Word::Contested),
            _ => None,
        }
    }

    /// Of the fields asked for, those ticked; all, where the law leaves no choice.
    fn kept(&self, ask: &Ask) -> Vec<FieldName> {
        let is_ticked = |field: &&FieldName| {
            !ask.may_be_refused() || self.others.contains_key(&format!("{FIELD}{field}"))
        };
        ask.fields().iter().filter(is_ticked).cloned().collect()
    }
}
