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
        if record.stands(now) {
            self.end(exchange, person, How::Citizen, now).await?;
        }
        let mut asked = false;
        for party in parties {
            asked |= self.ask_one(&record, *party, now).await?;
        }
        self.parts.events.send();
        Ok(asked)
    }

    /// Everything this citizen asked to have erased, whoever they were then, and what was answered.
    pub async fn erasures_of(&self, person: PersonId) -> Result<Vec<Erasure>, Fault> {
        self.parts.erasures.erasures_of(person).await
    }

    /// On record first; then the request, which an answer needs; then the event. Whoever asks again while
    /// there is no answer leaves the same event again: it may never have gone out.
    async fn ask_one(
        &self,
        record: &EvidenceGrantRecord,
        party: Party,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let Some(client) = self.client_at(record, party) else {
            return Ok(false);
        };
        if let Some(known) = self.parts.erasures.erasure(record.id, party).await? {
            if known.statement.is_none() {
                self.tell_to_erase(record, &known, now).await?;
            }
            return Ok(false);
        }
        let entry = exchange_event(EventKind::EvidenceErasureRequested, record.id, now)
            .client(&client.id)
            .detail("party", party);
        self.append(entry).await?;
        let due = now.after(ANSWERED_WITHIN);
        let erasure = Erasure {
            exchange: record.id,
            party,
            person: record.person,
            client: client.id.clone(),
            asked: now,
            due,
            statement: None,
        };
        let is_new = self.parts.erasures.ask(&erasure).await?;
        self.tell_to_erase(record, &erasure, now).await?;
        Ok(is_new)
    }

    async fn tell_to_erase(
        &self,
        record: &EvidenceGrantRecord,
        erasure: &Erasure,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let event = Event::ErasureRequested { due: erasure.due };
        self.tell(record, erasure.party, &event, record.decided, now)
            .await
    }
}

/// How long a party has: about the month of GDPR article 12(3).
const ANSWERED_WITHIN: Duration = Duration::from_hours(30 * 24);
