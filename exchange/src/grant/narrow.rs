//! Fields taken away from a decision that stands: less is lawful without asking anybody. On record first;
//! then the terms, in one statement: no voucher made from then on grants more, and none that is out is good
//! for what was taken away.

use guichet_domain::{EventKind, ExchangeId, FieldName, PersonId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{EvidenceGrantRecord, Party};

use super::{Terms, listed};
use crate::Desk;
use crate::desk::exchange_event;
use crate::events::Event;

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Narrowed {
    /// Only those fields leave from now on.
    Done,
    /// Nothing would be left, or nothing be taken away: to end it is another thing.
    NothingToDo,
    /// The law orders that it be sent.
    NotTheirs,
    /// There is no such decision of this person that stands.
    Gone,
}

impl Desk {
    /// Leaves of a decision of this citizen no more than the fields in `kept`.
    pub async fn narrow(
        &self,
        exchange: ExchangeId,
        person: PersonId,
        kept: &[FieldName],
        now: Timestamp,
    ) -> Result<Narrowed, Fault> {
        let Some(record) = self.parts.grants.get(exchange).await? else {
            return Ok(Narrowed::Gone);
        };
        if !record.stands(now) || !self.is_theirs(&record, person).await? {
            return Ok(Narrowed::Gone);
        }
        let mut terms = self.terms_of(&record)?;
        if !terms.ask.may_be_refused() {
            return Ok(Narrowed::NotTheirs);
        }
        let before = terms.fields.len();
        terms.fields.retain(|field| kept.contains(field));
        if terms.fields.is_empty() || terms.fields.len() == before {
            return Ok(Narrowed::NothingToDo);
        }
        self.put_on_record(&record, &terms, now).await?;
        let sealed = self.terms.seal_json(record.id.as_bytes(), &terms);
        let sealed = sealed.map_err(|error| Fault::new("seal the terms of a decision", error))?;
        let grants = &self.parts.grants;
        if !grants
            .narrow(record.id, &record.terms, &sealed, now)
            .await?
        {
            return Ok(Narrowed::Gone);
        }
        self.tell_both(&record, &terms, now).await?;
        Ok(Narrowed::Done)
    }

    async fn put_on_record(
        &self,
        record: &EvidenceGrantRecord,
        terms: &Terms,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let event = exchange_event(EventKind::EvidenceNarrowed, record.id, now)
            .client(&record.client)
            .detail("data_provider", &record.data_provider)
            .detail("granted", listed(&terms.fields));
        self.append(event).await
    }

    async fn tell_both(
        &self,
        record: &EvidenceGrantRecord,
        terms: &Terms,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let narrowed = Event::GrantNarrowed {
            fields: terms.fields.clone(),
        };
        for party in [Party::Service, Party::DataProvider] {
            self.tell(record, party, &narrowed, now, now).await?;
        }
        self.parts.events.send();
        Ok(())
    }
}
