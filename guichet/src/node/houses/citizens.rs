//! The hub's offices, for the support: the console knows what a citizen read out, the hub who is who.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use guichet_admin::AuditBook;
use guichet_admin::support::{Citizens, Declined, SEALED_FOR, SupportDesk, Wish};
use guichet_broker::{
    CaseEvidence, CaseOffice, Hub, OfficeParts, OfficeRefusal, OpenedBy, Operator, PeopleOffice,
    Tidings,
};
use guichet_domain::{CaseId, Clock, CorrectionId, Entropy, PersonId};
use guichet_keys::Keys;
use guichet_ledger::Ledger;
use guichet_portal::HistoryBook;
use guichet_store::Fault;
use guichet_store::durable::corrections::Correction;
use guichet_store::durable::{CaseKind, Durable, RegistrySnapshot};

use crate::node::Foundation;

/// Where the support works.
pub(super) fn support_desk(
    foundation: &Foundation,
    audit: AuditBook,
    offices: Offices,
) -> SupportDesk {
    let durable = &foundation.durable;
    SupportDesk {
        traces: Arc::clone(&durable.traces),
        audit,
        requests: Arc::clone(&durable.support_requests),
        histories: Arc::clone(&durable.histories),
        people: Arc::clone(&durable.people),
        cases: Arc::clone(&durable.cases),
        corrections: Arc::clone(&durable.corrections),
        attempts: Arc::clone(&foundation.short_lived.attempts),
        citizens: Arc::new(offices),
        sealer: foundation.keys.sealer(SEALED_FOR),
        ledger: foundation.ledger.clone(),
        clock: Arc::clone(&foundation.clock),
        entropy: Arc::clone(&foundation.entropy),
    }
}

/// The offices of a node.
pub(super) struct Offices {
    /// The issuer, without a slash.
    pub(super) issuer: String,
    /// Who writes to citizens.
    pub(super) hub: Hub,
    /// Who freezes.
    pub(super) cases: CaseOffice,
    /// Where histories are read from.
    pub(super) histories: HistoryBook,
    /// How long what was confirmed can be undone.
    pub(super) undo_window: Duration,
    /// The services there are.
    pub(super) registry: Arc<RegistrySnapshot>,
    /// The database.
    pub(super) durable: Durable,
    /// Keys.
    pub(super) keys: Keys,
    /// The audit log.
    pub(super) ledger: Ledger,
    /// Time and randomness.
    pub(super) chance: (Arc<dyn Clock>, Arc<dyn Entropy>),
}

impl Offices {
    /// The office of corrections, which knows the services there are at this moment.
    fn people(&self) -> PeopleOffice {
        let durable = &self.durable;
        PeopleOffice::new(OfficeParts {
            people: Arc::clone(&durable.people),
            corrections: Arc::clone(&durable.corrections),
            cases: Arc::clone(&durable.cases),
            refresh: Arc::clone(&durable.refresh_tokens),
            clients: self.registry.clients(),
            tidings: Tidings::new(
                &self.issuer,
                &self.keys,
                Arc::clone(&durable.outbox),
                Arc::clone(&durable.waiting_events),
            ),
            ledger: self.ledger.clone(),
            clock: Arc::clone(&self.chance.0),
            entropy: Arc::clone(&self.chance.1),
            undo_window: self.undo_window,
        })
    }
}

#[async_trait]
impl Citizens for Offices {
    async fn read_ledger(&self) -> Result<(), Fault> {
        self.histories.read_ledger().await
    }

    async fn tell_asked(&self, person: PersonId) -> Result<(), Fault> {
        self.hub.tell_support_asks(person).await
    }

    async fn freeze(&self, person: PersonId, by: &str, reason: &str) -> Result<CaseId, Fault> {
        let by = operator(by);
        let by = OpenedBy::Operator(&by, reason);
        let none = CaseEvidence::default();
        let case = self.cases.open(person, CaseKind::Freeze, by, &none).await?;
        Ok(case.id)
    }

    async fn propose(&self, wish: Wish, by: &str, reason: &str) -> Result<Correction, Declined> {
        let (office, by) = (self.people(), operator(by));
        let proposed = match wish {
            Wish::Merge(one, other) => office.propose_merge(one, other, &by, reason).await,
            Wish::Split(person, row) => office.propose_split(person, row, &by, reason).await,
            Wish::Thaw(case) => office.propose_thaw(case, &by, reason).await,
        };
        proposed.map_err(declined)
    }

    async fn confirm(&self, id: CorrectionId, by: &str) -> Result<Correction, Declined> {
        let done = self.people().confirm(id, &operator(by)).await;
        done.map(|done| done.correction).map_err(declined)
    }

    async fn undo(&self, id: CorrectionId, by: &str) -> Result<Correction, Declined> {
        let done = self.people().undo(id, &operator(by)).await;
        done.map(|done| done.correction).map_err(declined)
    }
}

fn operator(by: &str) -> Operator {
    Operator::of_staff(by.to_owned())
}

fn declined(refusal: OfficeRefusal) -> Declined {
    match refusal {
        OfficeRefusal::Fault(fault) => Declined::Fault(fault),
        other => Declined::Refused(other.to_string()),
    }
}
