//! Every way into somebody's identity opened again, by an operator, for a person who locked themselves out:
//! who closed all providers but one, and lost the account there.
//!
//! It opens nothing that an operator could use: whoever signs in still needs a provider's word. On record with
//! the operator and their reason before it is so, and told to the person in their account.

use std::sync::Arc;

use guichet_domain::{AuditEvent, ClientId, Clock, Entropy, EventKind, LoginId, PersonId, Sector};
use guichet_keys::{Keys, Sealer};
use guichet_ledger::Ledger;
use guichet_store::Fault;
use guichet_store::durable::{Durable, MessageRecord, Messages, Subjects, WayChoice, Ways};

use super::choices::Known;
use super::notice::{Notice, SHOWN_FOR, What, context};
use crate::hub::WAYS_SEALED;
use crate::people::Operator;

/// Where operators open ways again.
pub struct WaysOffice {
    ways: Arc<dyn Ways>,
    subjects: Arc<dyn Subjects>,
    messages: Arc<dyn Messages>,
    sealer: Sealer,
    ledger: Ledger,
    /// The account as a client, and the sector in which it knows people.
    account: (ClientId, Sector),
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl WaysOffice {
    /// An office over a database.
    pub fn new(
        durable: &Durable,
        keys: &Keys,
        ledger: Ledger,
        account: (ClientId, Sector),
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
    ) -> Self {
        Self {
            ways: Arc::clone(&durable.ways),
            subjects: Arc::clone(&durable.subjects),
            messages: Arc::clone(&durable.messages),
            sealer: keys.sealer(WAYS_SEALED),
            ledger,
            account,
            clock,
            entropy,
        }
    }

    /// Opens every way of a person; whether one was closed.
    pub async fn reopen(
        &self,
        person: PersonId,
        by: &Operator,
        reason: &str,
    ) -> Result<bool, Fault> {
        for _ in 0..TRIES {
            let known = Known::opened(self.ways.choices(person).await?, &self.sealer)?;
            let mut choices = known.counting();
            if !choices.reopen() {
                return Ok(false);
            }
            let now = self.clock.now();
            let event = |kind| {
                let event = AuditEvent::new(kind, now).person(person);
                event.detail("by", by.name()).detail("reason", reason)
            };
            self.ledger.append(event(EventKind::WaysReopened)).await?;
            let (revision, choices) = known.next(person, choices);
            let choice = WayChoice {
                person,
                revision,
                sealed: self.sealed(person.as_bytes(), &choices)?,
                changed: now,
            };
            if self.ways.choose(&choice).await? {
                self.tell(person).await?;
                return Ok(true);
            }
            self.ledger
                .append(event(EventKind::WaysChangeFailed))
                .await?;
        }
        Err(Fault::bare(
            "too many changes of one citizen's choices at once",
        ))
    }

    /// In their account. Whoever chose something there has a name there.
    async fn tell(&self, person: PersonId) -> Result<(), Fault> {
        let (client, sector) = &self.account;
        let Some(subject) = self.subjects.subject(sector, person).await? else {
            return Ok(());
        };
        let now = self.clock.now();
        let reference = LoginId::random(&*self.entropy).to_string();
        let notice = Notice {
            what: What::Reopened,
            at: now,
            visit: String::new(),
        };
        let sealed = self.sealed(&context(client, &subject, &reference), &notice)?;
        let record = MessageRecord {
            client: client.clone(),
            subject,
            reference,
            sealed,
            changed: now,
            expires: now.after(SHOWN_FOR),
        };
        self.messages.put(&record, u32::MAX).await.map(drop)
    }

    fn sealed<T: serde::Serialize>(
        &self,
        context: &[u8],
        what: &T,
    ) -> Result<guichet_domain::Sealed, Fault> {
        let sealed = self.sealer.seal_json(context, what);
        sealed.map_err(|error| Fault::new("seal a citizen's choices", error))
    }
}

/// Of two who write at once, one reads again.
const TRIES: usize = 8;
