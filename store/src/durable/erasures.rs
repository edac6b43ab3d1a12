//! What citizens asked to have erased, of what a service received or a data provider keeps of having sent
//! it, and what each party answered.

use async_trait::async_trait;
use guichet_domain::{ClientId, ExchangeId, PersonId, Timestamp};

use super::words::words;
use crate::Fault;

words! {
    /// A party of an exchange.
    Party {
        /// Who asks for evidence and receives it.
        Service = "service",
        /// Who holds it and sends it.
        DataProvider = "data_provider",
    }
}

words! {
    /// What a party answered.
    ErasureAnswer {
        /// It is erased.
        Done = "done",
        /// A law says that it must be kept.
        Refused = "refused",
    }
}

/// One party that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// What was sent in this exchange.
    pub exchange: ExchangeId,
    /// Who is asked.
    pub party: Party,
    /// Who asks.
    pub person: PersonId,
    /// The party as a client.
    pub client: ClientId,
    /// When.
    pub asked: Timestamp,
    /// When an answer is due.
    pub due: Timestamp,
    /// What it answered.
    pub statement: Option<ErasureStatement>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErasureStatement {
    /// Which.
    pub answer: ErasureAnswer,
    /// The text of law it rests on; empty when it is done.
    pub ground: String,
    /// As the party signed it (JWS).
    pub signed: String,
    /// When it came in.
    pub at: Timestamp,
}

/// Requests to erase.
#[async_trait]
pub trait Erasures: Send + Sync {
    /// Keeps a request; whether it is new: a party is asked once about one exchange.
    async fn ask(&self, erasure: &Erasure) -> Result<bool, Fault>;

    /// Notes an answer; whether it counts and is new. What is erased stays so; whoever refused may still erase,
    /// or name another law.
    async fn answer(
        &self,
        exchange: ExchangeId,
        party: Party,
        statement: &ErasureStatement,
    ) -> Result<bool, Fault>;

    /// What a party was asked about one exchange.
    async fn erasure(&self, exchange: ExchangeId, party: Party) -> Result<Option<Erasure>, Fault>;

    /// Everything a citizen asked for: also what everybody did who turned out to be this person.
    async fn erasures_of(&self, person: PersonId) -> Result<Vec<Erasure>, Fault>;

    /// Those without an answer whose time was over before `now`; the longest first.
    async fn overdue(&self, now: Timestamp, limit: u32) -> Result<Vec<Erasure>, Fault>;
}
