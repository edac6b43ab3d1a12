//! The answer to a citizen who wants erased what was sent: it is done, or a law forbids it.

use guichet_keys::Typ;

use crate::ExchangeName;
use crate::hub::{Hub, HubError, Statement};

/// What a party answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureReply {
    /// About which exchange: the one of the event.
    pub exchange: ExchangeName,
    /// What became of it.
    pub outcome: ErasureOutcome,
}

/// What became of a request to erase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErasureOutcome {
    /// It is erased.
    Done,
    /// It must be kept.
    Refused {
        /// By which text of law, as the citizen reads it: 3 to 300 characters.
        ground: String,
    },
}

impl ErasureOutcome {
    const fn word(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused { .. } => "refused",
        }
    }
}

impl Hub {
    /// Signs an answer and hands it to the hub, which shows it to the citizen. Worth trying again when it
    /// fails.
    pub async fn answer_erasure(&self, reply: &ErasureReply) -> Result<(), HubError> {
        let mut says = vec![("outcome", reply.outcome.word())];
        if let ErasureOutcome::Refused { ground } = &reply.outcome {
            says.push(("ground", ground));
        }
        self.state(Statement {
            typ: Typ::EvidenceErasure,
            path: "/exchange/erasures",
            exchange: &reply.exchange,
            says,
            signed_as: "statement",
        })
        .await
    }
}
