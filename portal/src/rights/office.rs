//! Where citizens' requests by right are kept and answered: by the page that asks and reads, and by whoever
//! operates the hub and answers. What is said on either side rests sealed; that it was said is in the audit log
//! before, and once more where it then was not kept: the log says nothing that did not happen.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::{
    AuditEvent, Clock, Entropy, EventKind, PersonId, RightsRequestId, Sealed, Timestamp,
};
use guichet_keys::{Keys, Sealer};
use guichet_ledger::Ledger;
use guichet_store::Fault;
use guichet_store::durable::{
    RightKind, RightsAnswer, RightsOutcome, RightsRequest, RightsRequests,
};

/// The office. Cheap to clone.
#[derive(Clone)]
pub struct RightsOffice {
    requests: Arc<dyn RightsRequests>,
    sealer: Sealer,
    ledger: Ledger,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// A request with what was said.
#[derive(Clone, Debug)]
pub struct OpenedRequest {
    /// The request.
    pub request: RightsRequest,
    /// What the citizen says.
    pub statement: String,
    /// What they were answered; empty where nothing was said.
    pub answer: String,
}

/// How long an answer may take (Regulation (EU) 2016/679, article 12(3): one month).
pub const ANSWERED_WITHIN: Duration = Duration::from_hours(30 * 24);
/// How long a settled request is kept: long enough to complain about it.
pub const SETTLED_KEPT_FOR: Duration = Duration::from_hours(365 * 24);
/// How many may wait of one citizen.
const MOST_WAITING: u32 = 20;
/// What either side says, in characters.
pub(super) const LONGEST: usize = 4000;

impl RightsOffice {
    /// An office over these requests.
    pub fn new(
        requests: Arc<dyn RightsRequests>,
        keys: &Keys,
        ledger: Ledger,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
    ) -> Self {
        Self {
            requests,
            sealer: keys.sealer("rights request"),
            ledger,
            clock,
            entropy,
        }
    }

    /// Keeps what a citizen asks; `None` when too much of theirs waits already.
    pub(super) async fn ask(
        &self,
        person: PersonId,
        kind: RightKind,
        addressee: String,
        statement: &str,
    ) -> Result<Option<RightsRequestId>, Fault> {
        let now = self.clock.now();
        let waiting = self.requests.of_person(person).await?;
        if waiting.iter().filter(|it| !is_settled(it)).count() >= MOST_WAITING as usize {
            return Ok(None);
        }
        let id = RightsRequestId::random(&*self.entropy);
        let request = RightsRequest {
            id,
            person,
            kind,
            addressee,
            sealed: self.seal(id, "statement", statement)?,
            made: now,
            due: now.after(ANSWERED_WITHIN),
            answer: None,
        };
        let event = |kind| self.event(kind, &request);
        self.ledger.append(event(EventKind::RightsAsked)).await?;
        let kept = self.requests.ask(&request, MOST_WAITING).await?;
        if !kept {
            // Others that came meanwhile took the last places.
            let failed = event(EventKind::RightsFailed).detail("outcome", "asked");
            self.ledger.append(failed).await?;
        }
        Ok(kept.then_some(id))
    }

    /// Everything a citizen asked, the newest first.
    pub(crate) async fn of(&self, person: PersonId) -> Result<Vec<OpenedRequest>, Fault> {
        let all = self.requests.of_person(person).await?;
        all.into_iter().map(|it| self.open(it)).collect()
    }

    /// One of theirs.
    pub(super) async fn own(
        &self,
        person: PersonId,
        id: &str,
    ) -> Result<Option<OpenedRequest>, Fault> {
        let Ok(id) = id.parse::<RightsRequestId>() else {
            return Ok(None);
        };
        let all = self.requests.of_person(person).await?;
        let own = all.into_iter().find(|it| it.id == id);
        own.map(|it| self.open(it)).transpose()
    }

    /// The citizen takes one of theirs back.
    pub(super) async fn withdraw(&self, own: &RightsRequest) -> Result<(), Fault> {
        let outcome = RightsOutcome::Withdrawn;
        self.note(own, outcome, THE_PERSON, "").await.map(drop)
    }

    /// What waits for an answer, by when it is due.
    pub async fn unsettled(&self, limit: u32) -> Result<Vec<RightsRequest>, Fault> {
        self.requests.unsettled(limit).await
    }

    /// A request with what is said in it, for an operator to see; that they did is on record before.
    pub async fn show(
        &self,
        id: RightsRequestId,
        by: &str,
    ) -> Result<Option<OpenedRequest>, Fault> {
        let Some(request) = self.requests.request(id).await? else {
            return Ok(None);
        };
        let event = AuditEvent::new(EventKind::RightsShown, self.clock.now());
        let event = event.person(request.person).detail("request", id);
        self.ledger.append(event.detail("by", by)).await?;
        self.open(request).map(Some)
    }

    /// Answers a request in at most `LONGEST` characters; whether it counts: what is settled stays as it is, and
    /// so does what would be answered at greater length.
    pub async fn answer(
        &self,
        id: RightsRequestId,
        outcome: RightsOutcome,
        words: &str,
        by: &str,
    ) -> Result<bool, Fault> {
        match self.requests.request(id).await? {
            Some(request) if !is_settled(&request) && words.chars().count() <= LONGEST => {
                self.note(&request, outcome, by, words).await
            }
            _ => Ok(false),
        }
    }

    /// Forgets what was settled long ago; how many.
    pub async fn forget_settled(&self) -> Result<u64, Fault> {
        let before = self.clock.now().before(SETTLED_KEPT_FOR);
        self.requests.forget_settled(before).await
    }

    async fn note(
        &self,
        request: &RightsRequest,
        outcome: RightsOutcome,
        by: &str,
        words: &str,
    ) -> Result<bool, Fault> {
        let answer = RightsAnswer {
            outcome,
            sealed: self.seal(request.id, "answer", words)?,
            by: by.to_owned(),
            at: self.clock.now(),
        };
        let event = |kind| self.event(kind, request).detail("by", by);
        let said = event(EventKind::RightsAnswered).detail("outcome", outcome.as_str());
        self.ledger.append(said).await?;
        let counts = self.requests.answer(request.id, &answer).await?;
        if !counts {
            // It was settled, or forgotten, since it was looked at.
            let failed = event(EventKind::RightsFailed).detail("outcome", "answered");
            self.ledger.append(failed).await?;
        }
        Ok(counts)
    }

    fn event(&self, kind: EventKind, request: &RightsRequest) -> AuditEvent {
        AuditEvent::new(kind, self.clock.now())
            .person(request.person)
            .detail("right", request.kind.as_str())
            .detail("request", request.id)
    }

    fn open(&self, request: RightsRequest) -> Result<OpenedRequest, Fault> {
        let answer = request.answer.as_ref();
        let answer = answer.map(|it| self.unseal(request.id, "answer", &it.sealed));
        Ok(OpenedRequest {
            statement: self.unseal(request.id, "statement", &request.sealed)?,
            answer: answer.transpose()?.unwrap_or_default(),
            request,
        })
    }

    fn seal(&self, id: RightsRequestId, what: &str, text: &str) -> Result<Sealed, Fault> {
        let text: String = text.chars().take(LONGEST).collect();
        let sealed = self.sealer.seal_json(&context(id, what), &text);
        sealed.map_err(|error| Fault::new("seal a citizen's request", error))
    }

    fn unseal(&self, id: RightsRequestId, what: &str, sealed: &Sealed) -> Result<String, Fault> {
        let opened = self.sealer.open_json(&context(id, what), sealed);
        opened.map_err(|error| Fault::new("open a citizen's request", error))
    }
}

/// What a sealed text belongs to: it opens nowhere else.
fn context(id: RightsRequestId, what: &str) -> Vec<u8> {
    format!("{id} {what}").into_bytes()
}

/// Whether nothing comes after its last answer.
pub(super) fn is_settled(request: &RightsRequest) -> bool {
    let answer = request.answer.as_ref();
    answer.is_some_and(|answer| answer.outcome.is_final())
}

/// When a request is late.
pub(super) fn is_late(request: &RightsRequest, now: Timestamp) -> bool {
    !is_settled(request) && request.due < now
}

/// The name a citizen answers under: no operator can have it.
const THE_PERSON: &str = "the person";
