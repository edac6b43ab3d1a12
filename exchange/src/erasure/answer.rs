//! A party's answer: signed by it, on record, then kept.

use guichet_domain::{Client, EventKind, Timestamp};
use guichet_keys::{Typ, sha256};
use guichet_store::Fault;
use guichet_store::durable::{ErasureAnswer, ErasureStatement, Party};
use serde_json::Value;

use crate::Desk;
use crate::desk::exchange_event;
use crate::digests::digest_text;

/// What a party says, unbelieved.
pub(crate) struct Said<'a> {
    /// Who.
    pub(crate) client: &'a Client,
    /// About which exchange, by which of its names.
    pub(crate) exchange: (Party, &'a str),
    /// `done` or `refused`.
    pub(crate) outcome: &'a str,
    /// The text of law; empty when it is done.
    pub(crate) ground: &'a str,
    /// All of it, signed (JWS).
    pub(crate) statement: &'a str,
}

impl Desk {
    /// Notes an answer. `Err` is what is wrong with it.
    pub(crate) async fn note_erasure(
        &self,
        said: &Said<'_>,
        now: Timestamp,
    ) -> Result<Result<(), &'static str>, Fault> {
        let answer = match (said.outcome, said.ground) {
            ("done", "") => ErasureAnswer::Done,
            ("done", _) => return Ok(Err("ground is for refusals")),
            ("refused", ground) if is_ground(ground) => ErasureAnswer::Refused,
            ("refused", _) => return Ok(Err("ground is 3 to 300 characters of plain text")),
            _ => return Ok(Err("outcome is done or refused")),
        };
        let (party, _) = said.exchange;
        let Some(record) = self.exchange_of(said.client, said.exchange).await? else {
            return Ok(Err("there is no such exchange of this client"));
        };
        let asked = self.parts.erasures.erasure(record.id, party).await?;
        let Some(asked) = asked else {
            return Ok(Err("nobody asked for that to be erased"));
        };
        if !self.is_stated(said).await {
            return Ok(Err("statement is not this answer, signed by this client"));
        }
        match asked.statement {
            Some(known) if known.answer == answer && known.ground == said.ground => {
                return Ok(Ok(()));
            }
            // What does not count is not on record either.
            Some(known) if known.answer == ErasureAnswer::Done => return Ok(Err(ANSWERED)),
            _ => {}
        }
        let kind = match answer {
            ErasureAnswer::Done => EventKind::EvidenceErased,
            ErasureAnswer::Refused => EventKind::EvidenceErasureRefused,
        };
        let entry = exchange_event(kind, record.id, now)
            .client(&said.client.id)
            .detail("party", party)
            .detail("statement", digest_text(&sha256(said.statement.as_bytes())));
        self.append(entry).await?;
        let statement = ErasureStatement {
            answer,
            ground: said.ground.to_owned(),
            signed: said.statement.to_owned(),
            at: now,
        };
        let noted = self.parts.erasures.answer(record.id, party, &statement);
        let counts = noted.await?;
        Ok(if counts { Ok(()) } else { Err(ANSWERED) })
    }

    async fn is_stated(&self, said: &Said<'_>) -> bool {
        let typ = Typ::EvidenceErasure;
        let stated = self.stated(said.client, said.exchange, said.statement, typ);
        stated.await.is_some_and(|claims| {
            let says = |name: &str| claims.get(name).and_then(Value::as_str);
            says("outcome") == Some(said.outcome)
                && says("ground").unwrap_or_default() == said.ground
        })
    }
}

const ANSWERED: &str = "it was answered before";

/// A reference to a law, which citizens read: no text that could be anything else.
fn is_ground(text: &str) -> bool {
    (3..=300).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}
