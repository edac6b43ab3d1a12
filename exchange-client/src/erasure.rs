//! The answer to a citizen who wants erased what was sent: it is done, or a law forbids it.

use guichet_keys::Typ;
use serde::Serialize;

use crate::ExchangeName;
use crate::hub::{Hub, HubError, Proof};

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

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    jti: String,
    #[serde(flatten)]
    of: &'a ExchangeName,
    outcome: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    ground: &'a str,
}

impl ErasureOutcome {
    const fn word(&self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused { .. } => "refused",
        }
    }

    fn ground(&self) -> &str {
        match self {
            Self::Done => "",
            Self::Refused { ground } => ground,
        }
    }
}

impl Hub {
    /// Signs an answer and hands it to the hub, which shows it to the citizen. Worth trying again when it
    /// fails.
    pub async fn answer_erasure(&self, reply: &ErasureReply) -> Result<(), HubError> {
        let (outcome, ground) = (reply.outcome.word(), reply.outcome.ground());
        let statement = self.means().keys.sign(
            Typ::EvidenceErasure,
            &Claims {
                iss: self.client_id(),
                aud: self.issuer(),
                iat: self.now().seconds(),
                jti: self.fresh(),
                of: &reply.exchange,
                outcome,
                ground,
            },
        )?;
        let url = format!("{}/exchange/erasures", self.issuer());
        let mut form = vec![
            reply.exchange.member(),
            ("outcome", outcome),
            ("statement", &statement),
        ];
        if !ground.is_empty() {
            form.push(("ground", ground));
        }
        self.post(&url, &form, Proof::None).await?;
        Ok(())
    }
}
