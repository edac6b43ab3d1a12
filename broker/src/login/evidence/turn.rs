//! One fact's turn: its stages, and what leads from one to the next.

use guichet_domain::{AcrValue, Entropy, ExchangeId, FieldName, PersonId};
use guichet_exchange::{Ask, Change, Digests, Prepared, Without};
use guichet_oidc::AuthorizationDetail;
use guichet_store::short_lived::Step;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::word::Word;
use crate::login::{Consented, Login, Trip};

/// Waiting for the person's word on one fact.
#[derive(Serialize, Deserialize)]
pub(crate) struct AwaitingEvidence {
    /// What they agreed to before; what they grant on the way is added to it.
    pub(super) consented: Box<Consented>,
    /// This turn's name, for both sides and for the receipt.
    pub(super) exchange: ExchangeId,
    /// What is asked.
    pub(super) ask: Ask,
    /// What is asked after it.
    pub(super) rest: Vec<Ask>,
    pub(super) stage: Stage,
    /// What it changes of what they agreed to before, once they have looked.
    #[serde(default)]
    pub(super) change: Option<Change>,
    /// Counts the moves, so that of two clicks one counts.
    turn: u8,
}

/// How far a turn has come.
#[derive(Serialize, Deserialize)]
pub(super) enum Stage {
    /// The person reads who asks for what.
    Asked,
    /// They see what would leave.
    Seen(Seen),
    /// There is nothing to see, for now or at all.
    Without(Without),
    /// They gave their word; that is to be put on record.
    Said(Said),
    /// What they said is on record: it is wrong. They are told what comes next.
    Contested,
}

/// What the person saw before they decided.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Seen {
    /// The values, when the hub shows them; `None` when the data provider does, or nobody.
    pub(super) values: Option<Vec<(FieldName, Value)>>,
    /// Where the data provider shows them.
    pub(super) elsewhere: Option<Url>,
    /// By which the data provider will know them again.
    pub(super) digests: Digests,
    /// Whether there is nothing to see yet, and they decide all the same.
    #[serde(default)]
    pub(super) early: bool,
}

/// A word that was given, and what it rests on. The values that were shown are gone by now.
#[derive(Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) word: Word,
    /// Of the values that were shown.
    pub(super) digests: Digests,
    /// The page as it was read.
    pub(super) reading: Reading,
}

/// A page as it was read: in which language, and what it said.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reading {
    /// The language's tag.
    pub(super) locale: String,
    /// SHA-256 of what the page said, but for the values: those have digests of their own.
    pub(super) digest: [u8; 32],
}

impl Reading {
    /// As the form brings it back.
    pub(super) fn mark(&self) -> String {
        let half = ExchangeId::from_bytes(guichet_keys::first_half(self.digest));
        format!("{}.{half}", self.locale)
    }
}

impl AwaitingEvidence {
    /// The turn of the first of `asks`; where there is none, the login is through.
    pub(in crate::login) fn begin(
        consented: Consented,
        asks: Vec<Ask>,
        entropy: &dyn Entropy,
    ) -> Login {
        Self::turn_of(consented, asks, 0, entropy)
    }

    fn turn_of(consented: Consented, mut asks: Vec<Ask>, turn: u8, entropy: &dyn Entropy) -> Login {
        if asks.is_empty() {
            return Login::Consented(consented);
        }
        let ask = asks.remove(0);
        Login::AwaitingEvidence(Self {
            consented: Box::new(consented),
            exchange: ExchangeId::random(entropy),
            ask,
            rest: asks,
            stage: Stage::Asked,
            change: None,
            turn,
        })
    }

    /// What is true whatever the step.
    pub(crate) fn trip(&self) -> &Trip {
        &self.consented.awaited.trip
    }

    /// What they agreed to so far.
    pub(in crate::login) fn consented(&self) -> &Consented {
        &self.consented
    }

    /// The step's name in the store, another for each move.
    pub(crate) const fn step(&self) -> Step {
        STEPS[(self.turn & 7) as usize]
    }

    /// Who decides.
    pub(crate) fn person(&self) -> PersonId {
        self.consented.awaited.person
    }

    pub(super) fn acr(&self) -> AcrValue {
        self.consented.awaited.reached.acr
    }

    pub(super) fn moved_to(self, stage: Stage) -> Self {
        let turn = self.turn.wrapping_add(1);
        Self {
            stage,
            turn,
            ..self
        }
    }

    /// What the data provider's answer leads to.
    pub(super) fn prepared(self, prepared: Prepared) -> Self {
        self.moved_to(match prepared {
            Prepared::Shown { values, digests } => Stage::Seen(Seen {
                values: Some(values),
                elsewhere: None,
                digests,
                early: false,
            }),
            Prepared::OwnPage { uri, digests } => Stage::Seen(Seen {
                values: None,
                elsewhere: Some(uri),
                digests,
                early: false,
            }),
            Prepared::NotShown => Stage::Seen(Seen::nothing()),
            Prepared::Without(without) => Stage::Without(without),
        })
    }

    /// The person's word, if it is one at this stage.
    pub(super) fn said(self, word: Word, reading: Reading) -> Result<Self, Box<Self>> {
        let digests = match (&self.stage, &word) {
            // What nobody has seen yet can be agreed to ahead, not called wrong.
            (Stage::Seen(seen), word) if !(seen.early && *word == Word::Contested) => {
                seen.digests.clone()
            }
            // Nobody sends or contests what they did not see.
            (Stage::Asked | Stage::Without(_), Word::Refused) => Digests::default(),
            _ => return Err(Box::new(self)),
        };
        Ok(self.moved_to(Stage::Said(Said {
            word,
            digests,
            reading,
        })))
    }

    /// The person decides on what they have not seen, where that is for them to decide.
    pub(super) fn ahead(self) -> Result<Self, Box<Self>> {
        match &self.stage {
            Stage::Without(Without::Later { .. }) if self.ask.may_be_sent_unseen() => {
                let early = Seen {
                    early: true,
                    ..Seen::nothing()
                };
                Ok(self.moved_to(Stage::Seen(early)))
            }
            _ => Err(Box::new(self)),
        }
    }

    /// Whether the login goes on without a word: after an objection, and where the law leaves no word to
    /// say about what is not there.
    pub(super) fn may_go_on(&self) -> bool {
        match &self.stage {
            Stage::Contested => true,
            Stage::Without(_) => !self.ask.may_be_refused(),
            _ => false,
        }
    }

    /// Whether the person was sent to make themselves known.
    pub(super) fn waits_for_link(&self) -> bool {
        matches!(&self.stage, Stage::Without(Without::NeedsLink { .. }))
    }

    /// Whether they may let the data provider be told who they are.
    pub(super) fn may_be_told(&self) -> bool {
        matches!(
            &self.stage,
            Stage::Without(Without::NeedsLink {
                may_be_told: true,
                ..
            })
        )
    }

    /// This turn is over: the next begins, or the login is through.
    pub(super) fn over(
        mut self,
        granted: Option<AuthorizationDetail>,
        entropy: &dyn Entropy,
    ) -> Login {
        self.consented.details.extend(granted);
        let turn = self.turn.wrapping_add(1);
        Self::turn_of(*self.consented, self.rest, turn, entropy)
    }

    /// By which a form of this page is known: this turn, at this stage.
    pub(super) fn mark(&self) -> String {
        format!("{}.{}", self.exchange, self.turn)
    }

    /// The page of this stage; none where a word is to be put on record.
    pub(super) const fn template(&self) -> Option<&'static str> {
        match &self.stage {
            Stage::Asked => Some("broker/evidence_asked.html"),
            Stage::Seen(_) => Some("broker/evidence_seen.html"),
            Stage::Without(_) => Some("broker/evidence_without.html"),
            Stage::Contested => Some("broker/evidence_contested.html"),
            Stage::Said(_) => None,
        }
    }
}

impl Seen {
    fn nothing() -> Self {
        Self {
            values: None,
            elsewhere: None,
            digests: Digests::default(),
            early: false,
        }
    }
}

/// Names enough that two moves apart never share one.
const STEPS: [Step; 8] = [
    "awaiting_evidence#0",
    "awaiting_evidence#1",
    "awaiting_evidence#2",
    "awaiting_evidence#3",
    "awaiting_evidence#4",
    "awaiting_evidence#5",
    "awaiting_evidence#6",
    "awaiting_evidence#7",
];
