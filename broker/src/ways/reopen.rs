//! Every way into somebody's identity opened again, by an operator, for a person who is locked out of it: because
//! somebody else closed them, or they themselves did, and lost the account that is left.
//!
//! It opens nothing that an operator could use: whoever signs in still needs a provider's word. On record with
//! the operator and their reason before it is so, and told to the person in their account.

use std::sync::Arc;

use guichet_domain::{AuditEvent, ClientId, Clock, Entropy, EventKind, PersonId, Sector};
use guichet_keys::{Keys, Sealer};
use guichet_ledger::Ledger;
use guichet_store::Fault;
use guichet_store::durable::people::People;
use guichet_store::durable::{Durable, Messages, Subjects, Ways};

use super::change::sealed;
use super::choices::{Known, kin_of};
use super::notice::{Notice, What, leave, place_of};
use crate::hub::WAYS_SEALED;
use crate::people::Operator;

/// The office.
pub struct WaysOffice {
    people: Arc<dyn People>,
    ways: Arc<dyn Ways>,
    subjects: Arc<dyn Subjects>,
    messages: Arc<dyn Messages>,
    sealer: Sealer,
    ledger: Ledger,
    account: (ClientId, Sector),
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl WaysOffice {
    /// An office over a database; `account` is the citizen's account among the clients.
    pub fn new(
        durable: &Durable,
        keys: &Keys,
        ledger: Ledger,
        account: (ClientId, Sector),
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
    ) -> Self {
        Self {
            people: Arc::clone(&durable.people),
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

    /// Opens whatever `person` closed, or somebody in their place: on record with who did it and why, then
    /// done, and told in their account. `false` where nothing was closed.
    pub async fn reopen(
        &self,
        person: PersonId,
        by: &Operator,
        reason: &str,
    ) -> Result<bool, Fault> {
        let person = self.people.standing(person).await?;
        for _ in 0..TRIES {
            let known = Known::read(&*self.ways, &*self.people, &self.sealer, person).await?;
            let mut choices = known.counting();
            let now = self.clock.now();
            if !choices.reopen(now) {
                return Ok(false);
            }
            let event = |kind| {
                let event = AuditEvent::new(kind, now).person(person);
                event.detail("by", by.name()).detail("reason", reason)
            };
            self.ledger.append(event(EventKind::WaysReopened)).await?;
            let kin = kin_of(&*self.people, person).await?;
            let row = known.next(person, kin, choices);
            let choice = sealed(&self.sealer, person, row, now)?;
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

    /// Whoever was never in their account closed nothing there.
    async fn tell(&self, person: PersonId) -> Result<(), Fault> {
        let (account, sector) = &self.account;
        let Some(subject) = self.subjects.subject(sector, person).await? else {
            return Ok(());
        };
        let now = self.clock.now();
        let notice = Notice {
            what: What::Reopened,
            at: now,
            visit: guichet_domain::BrowsingId::random(&*self.entropy).to_string(),
        };
        let event = AuditEvent::new(EventKind::AlertSent, now).person(person);
        let event = event.detail("what", notice.what.kind());
        self.ledger.append(event.detail("mail", false)).await?;
        let reference = place_of(&notice.what).unwrap_or_default();
        let to = (account.clone(), subject);
        leave(&*self.messages, &self.sealer, to, &reference, &notice, now).await
    }
}

/// A citizen has a handful of tabs; more writers than that at once is nobody.
const TRIES: usize = 8;
