//! Where two operators put right who is who and who may act: persons who are one, one who is two, one who
//! is frozen no longer.
//!
//! One proposes, another confirms, and for a while any can take it back. Each act is in the audit log
//! before it happens, and again if it then could not. Afterwards nobody goes on under a name that has another meaning: the services that
//! know it are told by a logout notice, and what they hold for the time without the citizen is over.

mod consequences;

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::{
    AuditEvent, CaseId, Client, Clock, CorrectionId, Entropy, EventKind, PersonId, Timestamp,
};
use guichet_keys::{HistoryKeys, first_half, sha256_of};
use guichet_ledger::Ledger;
use guichet_store::Fault;
use guichet_store::durable::corrections::{Act, Change, Correction, Corrections, Settled};
use guichet_store::durable::people::{People, PersonFile};
use guichet_store::durable::{Cases, RefreshTokens};

use super::{Operator, Tidings};
use crate::hub::HubParts;

/// What an office is built from.
pub struct OfficeParts {
    /// Citizens.
    pub people: Arc<dyn People>,
    /// What was proposed, confirmed and undone.
    pub corrections: Arc<dyn Corrections>,
    /// Why some of them may not act.
    pub cases: Arc<dyn Cases>,
    /// What services hold for the time without the citizen.
    pub refresh: Arc<dyn RefreshTokens>,
    /// Every client there is.
    pub clients: Vec<Arc<Client>>,
    /// What they are told.
    pub tidings: Tidings,
    /// The audit log.
    pub ledger: Ledger,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// How long what was confirmed can be undone.
    pub undo_window: Duration,
}

/// The office.
pub struct PeopleOffice(OfficeParts);

/// What was done, and whom it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The correction, as it stands now.
    pub correction: Correction,
    /// How many logout notices were left for services.
    pub notices: usize,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum OfficeRefusal {
    /// Nobody is known by that.
    #[error("there is no such person")]
    Nobody,
    /// Both are one person already.
    #[error("they are one person already")]
    SamePerson,
    /// There is no such case about anybody, or it is over.
    #[error("there is no such case about anybody, or it is over")]
    NoSuchCase,
    /// The person has no such row, or only that one.
    #[error("the person has no such row, or no other: nobody would be left")]
    NoSuchRow,
    /// There is no such correction.
    #[error("there is no such correction")]
    Unknown,
    /// Who proposed it cannot confirm it.
    #[error("whoever proposed it cannot confirm it: another operator must")]
    SameOperator,
    /// It was confirmed by somebody else, or undone, already.
    #[error("it is settled already")]
    Settled,
    /// Its time is over.
    #[error("it was confirmed too long ago to be undone; propose a split")]
    TooLate,
    /// Another correction came first.
    #[error("another correction came first; look at the person again")]
    Overtaken,
    /// Something broke; nothing was changed unless the audit log and the store say so.
    #[error("the office cannot work")]
    Fault(#[from] Fault),
}

impl PeopleOffice {
    /// An office.
    pub const fn new(parts: OfficeParts) -> Self {
        Self(parts)
    }

    /// Proposes that two persons are one. The one known for longer is kept; in each sector the older
    /// name counts from its confirmation on, and the other still leads to the person.
    pub async fn propose_merge(
        &self,
        one: PersonId,
        other: PersonId,
        by: &Operator,
        reason: &str,
    ) -> Result<Correction, OfficeRefusal> {
        let id = CorrectionId::random(&*self.0.entropy);
        let change = merge(&*self.0.people, one, other).await?;
        self.propose(id, change, by, reason).await
    }

    /// Proposes that the row `number` (from 1, as [`PersonFile::rows`] lists them) belongs to somebody
    /// else. Where it came with a merge, whoever was taken in stands alone again, with their own names;
    /// otherwise it is somebody new.
    pub async fn propose_split(
        &self,
        person: PersonId,
        number: usize,
        by: &Operator,
        reason: &str,
    ) -> Result<Correction, OfficeRefusal> {
        let file = self.file(person).await?;
        let row = number.checked_sub(1).and_then(|at| file.rows.get(at));
        let row = row.filter(|_| file.rows.len() > 1);
        let row = row.ok_or(OfficeRefusal::NoSuchRow)?;
        let change = if row.person == file.person {
            Change::Split {
                from: file.person,
                to: PersonId::random(&*self.0.entropy),
                index: row.index,
            }
        } else {
            Change::Part {
                kept: file.person,
                absorbed: row.person,
            }
        };
        let id = CorrectionId::random(&*self.0.entropy);
        self.propose(id, change, by, reason).await
    }

    /// Proposes that a case is over: what begins after its confirmation may go on as that person, and what
    /// was there before stays dead.
    pub async fn propose_thaw(
        &self,
        case: CaseId,
        by: &Operator,
        reason: &str,
    ) -> Result<Correction, OfficeRefusal> {
        let known = self.0.cases.case(case).await?;
        let known = known.filter(|known| known.ended.is_none());
        let person = known.and_then(|known| known.person);
        let person = person.ok_or(OfficeRefusal::NoSuchCase)?;
        let id = CorrectionId::random(&*self.0.entropy);
        self.propose(id, Change::Thaw { person, case }, by, reason)
            .await
    }

    /// Confirms what another operator proposed. Asked again by the same operator, it leaves again the
    /// notices that a dying process may not have left.
    pub async fn confirm(&self, id: CorrectionId, by: &Operator) -> Result<Done, OfficeRefusal> {
        let known = self.correction(id).await?;
        if known.proposed.by == by.name() {
            return Err(OfficeRefusal::SameOperator);
        }
        let is_again = known
            .confirmed
            .as_ref()
            .is_some_and(|act| act.by == by.name());
        if known.undone.is_some() || (known.confirmed.is_some() && !is_again) {
            return Err(OfficeRefusal::Settled);
        }
        if !is_again {
            self.record(EventKind::CorrectionConfirmed, &known, by.name())
                .await?;
            let settled = self.0.corrections.confirm(id, &self.act(by)).await?;
            self.done(settled, &known, by).await?;
        }
        self.follow(id).await
    }

    /// Takes back what was confirmed not too long ago, or withdraws a proposal. Asked again by the same
    /// operator, it does again what a dying process may not have done.
    pub async fn undo(&self, id: CorrectionId, by: &Operator) -> Result<Done, OfficeRefusal> {
        let known = self.correction(id).await?;
        let was_confirmed = known.confirmed.is_some();
        match &known.undone {
            Some(act) if was_confirmed && act.by == by.name() => {}
            Some(_) => return Err(OfficeRefusal::Settled),
            None => self.take_back(&known, by).await?,
        }
        let correction = self.correction(id).await?;
        // It may have been confirmed meanwhile.
        if correction.confirmed.is_none() {
            let notices = 0;
            return Ok(Done {
                correction,
                notices,
            });
        }
        self.follow(id).await
    }

    async fn take_back(&self, known: &Correction, by: &Operator) -> Result<(), OfficeRefusal> {
        let not_before = self.0.clock.now().before(self.0.undo_window);
        if known
            .confirmed
            .as_ref()
            .is_some_and(|act| act.at < not_before)
        {
            return Err(OfficeRefusal::TooLate);
        }
        self.record(EventKind::CorrectionUndone, known, by.name())
            .await?;
        let act = self.act(by);
        let settled = self.0.corrections.undo(known.id, &act, not_before).await?;
        self.done(settled, known, by).await
    }

    /// All that is known of a person, for an operator to see; that they did is on record before.
    pub async fn show(&self, person: PersonId, by: &Operator) -> Result<PersonFile, OfficeRefusal> {
        let file = self.file(person).await?;
        let event = AuditEvent::new(EventKind::PersonShown, self.0.clock.now());
        let event = event.person(file.person).detail("by", by.name());
        self.0.ledger.append(event).await?;
        Ok(file)
    }

    async fn file(&self, person: PersonId) -> Result<PersonFile, OfficeRefusal> {
        let file = self.0.people.file(person).await?;
        file.ok_or(OfficeRefusal::Nobody)
    }

    async fn propose(
        &self,
        id: CorrectionId,
        change: Change,
        by: &Operator,
        reason: &str,
    ) -> Result<Correction, OfficeRefusal> {
        let correction = proposal(id, change, self.act(by), reason);
        self.record(EventKind::CorrectionProposed, &correction, by.name())
            .await?;
        self.0.corrections.propose(&correction).await?;
        Ok(correction)
    }

    async fn correction(&self, id: CorrectionId) -> Result<Correction, OfficeRefusal> {
        let correction = self.0.corrections.correction(id).await?;
        correction.ok_or(OfficeRefusal::Unknown)
    }

    /// What was recorded happened; where it did not, that is recorded, too.
    async fn done(
        &self,
        settled: Settled,
        correction: &Correction,
        by: &Operator,
    ) -> Result<(), OfficeRefusal> {
        let refusal = match settled {
            Settled::Done => return Ok(()),
            Settled::Refused => OfficeRefusal::Settled,
            Settled::Overtaken => OfficeRefusal::Overtaken,
        };
        self.record(EventKind::CorrectionFailed, correction, by.name())
            .await?;
        Err(refusal)
    }

    async fn record(
        &self,
        kind: EventKind,
        correction: &Correction,
        by: &str,
    ) -> Result<(), OfficeRefusal> {
        let names = self.0.ledger.people();
        let event = event(kind, correction, by, names, self.0.clock.now());
        self.0.ledger.append(event).await?;
        Ok(())
    }

    fn act(&self, by: &Operator) -> Act {
        Act {
            by: by.name().to_owned(),
            at: self.0.clock.now(),
        }
    }
}

/// What the register proposes under: no operator can have this name.
pub(crate) const CIVIL_REGISTER: &str = "civil register";

/// The register says that two persons are one: proposed once, for an operator to confirm.
pub(super) async fn propose_by_register(
    parts: &HubParts,
    one: PersonId,
    other: PersonId,
) -> Result<(), Fault> {
    let change = match merge(&*parts.people, one, other).await {
        Ok(change) => change,
        Err(OfficeRefusal::Fault(fault)) => return Err(fault),
        // Merged meanwhile.
        Err(_) => return Ok(()),
    };
    let (least, most) = (one.min(other), one.max(other));
    let parts_of_id: [&[u8]; 3] = [CIVIL_REGISTER.as_bytes(), least.as_bytes(), most.as_bytes()];
    let id = CorrectionId::from_bytes(first_half(sha256_of(&parts_of_id)));
    if parts.corrections.correction(id).await?.is_some() {
        return Ok(());
    }
    let act = Act {
        by: CIVIL_REGISTER.to_owned(),
        at: parts.clock.now(),
    };
    let correction = proposal(id, change, act, "the register gives both one identity");
    let event = event(
        EventKind::CorrectionProposed,
        &correction,
        CIVIL_REGISTER,
        parts.ledger.people(),
        parts.clock.now(),
    );
    parts.ledger.append(event).await?;
    parts.corrections.propose(&correction).await.map(drop)
}

/// The merge of two persons: the one known for longer is kept.
async fn merge(
    people: &dyn People,
    one: PersonId,
    other: PersonId,
) -> Result<Change, OfficeRefusal> {
    let file = people.file(one).await?.ok_or(OfficeRefusal::Nobody)?;
    let other = people.file(other).await?.ok_or(OfficeRefusal::Nobody)?;
    if file.person == other.person {
        return Err(OfficeRefusal::SamePerson);
    }
    let age = |file: &PersonFile| (file.since().is_none(), file.since(), file.person);
    let (kept, absorbed) = if age(&file) <= age(&other) {
        (file.person, other.person)
    } else {
        (other.person, file.person)
    };
    Ok(Change::Merge { kept, absorbed })
}

fn proposal(id: CorrectionId, change: Change, proposed: Act, reason: &str) -> Correction {
    Correction {
        id,
        change,
        reason: reason.to_owned(),
        proposed,
        confirmed: None,
        undone: None,
    }
}

/// Both persons by the names that the log has for them.
fn event(
    kind: EventKind,
    correction: &Correction,
    by: &str,
    names: &HistoryKeys,
    now: Timestamp,
) -> AuditEvent {
    let change = match correction.change {
        Change::Merge { .. } => "merge",
        Change::Split { .. } => "split",
        Change::Part { .. } => "part",
        Change::Thaw { .. } => "thaw",
    };
    let event = AuditEvent::new(kind, now)
        .person(stays(&correction.change))
        .detail("correction", correction.id)
        .detail("change", change)
        .detail("by", by);
    match (&correction.change, goes(&correction.change)) {
        (Change::Thaw { case, .. }, _) => event.detail("case", case),
        (_, Some(other)) => event.detail("other", names.of(other).name()),
        (_, None) => event,
    }
}

/// The person who stays.
const fn stays(change: &Change) -> PersonId {
    match change {
        Change::Merge { kept, .. } | Change::Part { kept, .. } => *kept,
        Change::Split { from, .. } => *from,
        Change::Thaw { person, .. } => *person,
    }
}

/// The other, where there is one.
const fn goes(change: &Change) -> Option<PersonId> {
    match change {
        Change::Merge { absorbed, .. } | Change::Part { absorbed, .. } => Some(*absorbed),
        Change::Split { to, .. } => Some(*to),
        Change::Thaw { .. } => None,
    }
}
