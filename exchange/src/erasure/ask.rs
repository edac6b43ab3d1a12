//! The citizen's request.

use std::time::Duration;

use guichet_domain::{EventKind, ExchangeId, PersonId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{Erasure, EvidenceGrantRecord, Party};

use crate::desk::exchange_event;
use crate::events::Event;
use crate::{Desk, How};

impl Desk {
    /// Asks `parties` of an exchange of this citizen to erase what was sent in it; what still stands of it
    /// ends. Whether anybody was asked who was not before: nobody is about what was never sent.
    pub async fn ask_to_erase(
        &self,
        exchange: ExchangeId,
        person: PersonId,
        parties: &[Party],
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let record = self.parts.grants.get(exchange).await?;
        let was_sent = |record: &EvidenceGrantRecord| record.pulls > 0 && !parties.is_empty();
        let Some(record) = record.filter(was_sent) else {
            return Ok(false);
        };
        if !self.is_theirs(&record, person).await? {
            return Ok(false);
        }
        if record.is_live(now) {
            self.end(exchange, person, How::Citizen, now).await?;
        }
        let mut asked = false;
        for party in parties {
            asked |= self.ask_one(&record, *party, now).await?;
        }
        self.parts.events.send();
        Ok(asked)
    }

    /// Everything this citizen asked to have erased, and what was answered.
    pub async fn erasures_of(&self, person: PersonId) -> Result<Vec<Erasure>, Fault> {
        self.parts.erasures.erasures_of(person).await
    }

    /// On record first; then the event, which is the same one if this is done again; then the request.
    async fn ask_one(
        &self,
        record: &EvidenceGrantRecord,
        party: Party,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let known = self.parts.erasures.erasure(record.id, party).await?;
        let client = self.client_at(record, party);
        let Some(client) = client.filter(|_| known.is_none()) else {
            return Ok(false);
        };
        let entry = exchange_event(EventKind::EvidenceErasureRequested, record.id, now)
            .client(&client.id)
            .detail("party", party);
        self.append(entry).await?;
        let due = now.after(ANSWERED_WITHIN);
        let event = Event::ErasureRequested { due };
        self.tell(record, party, &event, record.decided, now)
            .await?;
        let erasure = Erasure {
            exchange: record.id,
            party,
            person: record.person,
            client: client.id.clone(),
            asked: now,
            due,
            statement: None,
        };
        self.parts.erasures.ask(&erasure).await
    }
}

/// How long a party has: about the month of GDPR article 12(3).
const ANSWERED_WITHIN: Duration = Duration::from_hours(30 * 24);
