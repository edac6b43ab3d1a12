//! What a citizen decided about one evidence, and what becomes of it: the grant.
//!
//! `decide` puts a decision on record and only then makes it a grant; `begin` makes it live; `change` says
//! what it would change of the one before; `narrow` takes fields away; `end` takes it back; `terms` is what
//! rests of it. Values never do.

mod begin;
mod change;
mod decide;
mod end;
mod narrow;
mod terms;

use guichet_domain::{ClientId, DataProviderId, ExchangeId, FieldName, PersonId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{EvidenceEnd, EvidenceGrantRecord, EvidenceOutcome};

pub use change::{Altered, Change};
pub use decide::{Decision, Word};
pub(crate) use decide::{digest_text, listed};
pub use end::How;
pub use narrow::Narrowed;
pub(crate) use terms::Terms;

use crate::{Ask, Desk};

/// A decision, as the citizen may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The exchange, as the service knows it.
    pub exchange: ExchangeId,
    /// Which service asked.
    pub client: ClientId,
    /// Who holds the evidence.
    pub data_provider: DataProviderId,
    /// What was asked.
    pub ask: Ask,
    /// Which fields may be fetched; none when nothing is sent.
    pub fields: Vec<FieldName>,
    /// What was decided.
    pub outcome: EvidenceOutcome,
    /// When.
    pub decided: Timestamp,
    /// Nothing is fetched from then on.
    pub until: Timestamp,
    /// How often it was fetched.
    pub pulls: u32,
    /// How often it may be.
    pub max_pulls: u32,
    /// The latest time.
    pub last_pull: Option<Timestamp>,
    /// Whether a side did not confirm it in time.
    pub unconfirmed: bool,
    /// When and how it ended before its time.
    pub ended: Option<(Timestamp, EvidenceEnd)>,
    /// How it stands now.
    pub standing: Standing,
}

/// How a decision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is over, or nothing was granted.
    Over,
    /// It has not begun: the service was not answered yet, and may never be.
    NotBegun,
    /// The service may still fetch it.
    Open,
    /// The service fetched it as often as was granted. What it has, it has by this agreement.
    Fetched,
}

impl Standing {
    fn of(record: &EvidenceGrantRecord, now: Timestamp) -> Self {
        match (record.stands(now), record.begun) {
            (false, _) => Self::Over,
            (true, None) => Self::NotBegun,
            (true, Some(_)) if record.may_be_pulled(now) => Self::Open,
            (true, Some(_)) => Self::Fetched,
        }
    }

    /// Whether there is an agreement to take back.
    pub fn may_be_ended(self) -> bool {
        self != Self::Over
    }
}

impl Desk {
    /// A citizen's decisions, newest first, but for those that a law keeps from them now.
    pub async fn of_person(&self, person: PersonId, limit: u32) -> Result<Vec<Held>, Fault> {
        let hidden = self.hidden(self.parts.clock.now()).await?;
        let records = self.parts.grants.of_person(person, limit).await?;
        records
            .into_iter()
            .filter(|record| !hidden.contains(&record.id))
            .map(|record| self.held(record))
            .collect()
    }

    /// One decision of this citizen, by the same rule.
    pub async fn of_exchange(
        &self,
        exchange: ExchangeId,
        person: PersonId,
    ) -> Result<Option<Held>, Fault> {
        let hidden = self.hidden(self.parts.clock.now()).await?;
        match self.parts.grants.get(exchange).await? {
            Some(record)
                if !hidden.contains(&record.id) && self.is_theirs(&record, person).await? =>
            {
                self.held(record).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn held(&self, record: EvidenceGrantRecord) -> Result<Held, Fault> {
        let terms = self.terms_of(&record)?;
        Ok(Held {
            standing: Standing::of(&record, self.parts.clock.now()),
            exchange: record.id,
            client: record.client,
            data_provider: record.data_provider,
            ask: terms.ask,
            fields: terms.fields,
            outcome: record.outcome,
            decided: record.decided,
            until: record.expires,
            pulls: record.pulls,
            max_pulls: record.max_pulls,
            last_pull: record.last_pull.map(|last| last.at),
            unconfirmed: record
                .last_pull
                .is_some_and(|last| last.confirmed == Some(false)),
            ended: record.ended,
        })
    }
}
