//! Where cases about persons are opened, followed and read: frozen, closed, reported.
//!
//! A case is on record, then durable, and from that moment the gate of every node bars whom it is about.
//! What follows, taking back what services hold and telling them, goes back to the case and can be done
//! again by whoever finds that it was not done to its end.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use guichet_domain::{
    AuditEvent, CaseId, Client, ClientId, Clock, Entropy, EventKind, GrantId, PersonId, Sealed,
    Timestamp,
};
use guichet_keys::{Keys, Sealer};
use guichet_ledger::Ledger;
use guichet_oidc::SubjectChange;
use guichet_store::Fault;
use guichet_store::durable::cases::{Case, CaseKind, Cases, Listed};
use guichet_store::durable::corrections::{Act, Change, Corrections};
use guichet_store::durable::people::{People, PersonFile};
use guichet_store::durable::{Durable, RefreshTokens, Traces};
use serde::{Deserialize, Serialize};

use super::Operator;
use super::tidings::{News, Occasion, Tidings};

/// Every client there is.
pub type AllClients = dyn Fn() -> Vec<Arc<Client>> + Send + Sync;

/// The office of cases.
pub struct CaseOffice {
    people: Arc<dyn People>,
    cases: Arc<dyn Cases>,
    corrections: Arc<dyn Corrections>,
    refresh: Arc<dyn RefreshTokens>,
    pub(super) traces: Arc<dyn Traces>,
    clients: Box<AllClients>,
    tidings: Tidings,
    sealer: Sealer,
    pub(super) ledger: Ledger,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// Who opens a case.
#[derive(Clone, Copy)]
pub enum OpenedBy<'a> {
    /// An operator, who proved who they are, with their reason: a ticket's number, never personal data.
    Operator(&'a Operator, &'a str),
    /// The person themselves.
    Person,
}

/// What was there when a case was opened: what an agent looks at, and nothing of the civil identity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseEvidence {
    /// The visit that was not the person's, as far as they know its code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<String>,
    /// The sign-ins that were open.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sign_ins: Vec<SignInSeen>,
    /// What somebody without an account wrote.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub statement: String,
    /// Where they can be reached.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contact: String,
}

/// A sign-in, as a case keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInSeen {
    /// The code of the visit.
    pub visit: String,
    /// The name of the provider.
    pub provider: String,
    /// The level reached.
    pub acr: String,
    /// When.
    pub at: Timestamp,
    /// The names of the services signed in to.
    pub services: Vec<String>,
    /// Whether it was at the browser that opened the case.
    pub is_here: bool,
}

/// The name a citizen acts under: no operator can have it.
pub const THE_PERSON: &str = "the person";

/// How long somebody who closed their account may open it again.
pub const REOPENED_WITHIN: Duration = Duration::from_hours(30 * 24);

/// More cases than there are about anybody.
const MOST: u32 = 1000;

/// How many cases are followed in one go.
const AT_ONCE: u32 = 100;

impl CaseOffice {
    /// An office over a database.
    pub fn new(
        durable: &Durable,
        keys: &Keys,
        ledger: Ledger,
        clients: Box<AllClients>,
        tidings: Tidings,
        (clock, entropy): (Arc<dyn Clock>, Arc<dyn Entropy>),
    ) -> Self {
        Self {
            people: Arc::clone(&durable.people),
            cases: Arc::clone(&durable.cases),
            corrections: Arc::clone(&durable.corrections),
            refresh: Arc::clone(&durable.refresh_tokens),
            traces: Arc::clone(&durable.traces),
            clients,
            tidings,
            sealer: keys.sealer("person case"),
            ledger,
            clock,
            entropy,
        }
    }

    /// Opens a case about a person. Once this returns, nobody acts as them any more, on any node.
    pub async fn open(
        &self,
        person: PersonId,
        kind: CaseKind,
        by: OpenedBy<'_>,
        evidence: &CaseEvidence,
    ) -> Result<Case, Fault> {
        let person = self.people.standing(person).await?;
        let case = self.made(kind, Some(person), by, evidence)?;
        let event = self.event(opened(kind), &case);
        self.ledger.append(event).await?;
        self.cases.open(&case).await?;
        self.follow(&case).await?;
        Ok(case)
    }

    /// Keeps what somebody without an account reports. It bars nobody: who they are is not known.
    pub async fn report(&self, evidence: &CaseEvidence) -> Result<CaseId, Fault> {
        let case = self.made(CaseKind::Report, None, OpenedBy::Person, evidence)?;
        self.ledger
            .append(self.event(EventKind::CaseReported, &case))
            .await?;
        self.cases.open(&case).await?;
        self.cases.followed(case.id).await?;
        Ok(case.id)
    }

    /// Ends what the person opened themselves, where nobody else has a case about them; whether there is
    /// nothing any more that keeps them out. The caller has the word of two providers for it.
    pub(crate) async fn thaw(
        &self,
        person: PersonId,
        about: impl Fn(EventKind) -> AuditEvent + Send,
    ) -> Result<bool, Fault> {
        let open = self.cases.open_about(person).await?;
        if open.is_empty() || !open.iter().all(|it| self.is_theirs_to_end(it)) {
            return Ok(false);
        }
        let act = Act {
            by: THE_PERSON.to_owned(),
            at: self.clock.now(),
        };
        let file = self.people.file(person).await?;
        for case in open {
            let event = |kind| about(kind).person(person).detail("case", case.id);
            self.ledger.append(event(EventKind::PersonThawed)).await?;
            if let Some(file) = &file {
                self.tell(file, &case, &News::Open).await?;
            }
            if !self.cases.end(case.id, &act).await? {
                self.ledger
                    .append(event(EventKind::PersonThawFailed))
                    .await?;
            }
        }
        Ok(true)
    }

    /// Whether the person may end this themselves, with the word of two providers.
    pub(crate) async fn may_thaw(&self, person: PersonId) -> Result<bool, Fault> {
        let open = self.cases.open_about(person).await?;
        Ok(open.iter().all(|it| self.is_theirs_to_end(it)))
    }

    /// Whether `case` is an account that its person closed and may still open again.
    pub(crate) async fn may_reopen(&self, case: CaseId) -> Result<bool, Fault> {
        let case = self.cases.case(case).await?;
        Ok(case.is_some_and(|it| it.ended.is_none() && self.is_own_closure(&it)))
    }

    /// Whether `case` is all that keeps a person out, and an account that they closed and may still open again.
    pub(crate) async fn is_kept_out_by_own_closure(
        &self,
        person: PersonId,
        case: CaseId,
    ) -> Result<bool, Fault> {
        let open = self.cases.open_about(person).await?;
        Ok(matches!(&open[..], [only] if only.id == case && self.is_own_closure(only)))
    }

    /// Whether there is a case about a person by now, or was one since `at`: of what they were told then there is
    /// nothing left to decide.
    pub(crate) async fn is_settled_since(
        &self,
        person: PersonId,
        at: Timestamp,
    ) -> Result<bool, Fault> {
        let cases = self.cases.all_about(person, MOST).await?;
        let settles = |case: &Case| case.ended.is_none() || case.opened.at >= at;
        Ok(cases.iter().any(settles))
    }

    fn is_own_closure(&self, case: &Case) -> bool {
        case.kind == CaseKind::Closure && self.is_theirs_to_end(case)
    }

    /// A case and what was there when it was opened, for an operator to see; that they did is on record
    /// before.
    pub async fn show(
        &self,
        id: CaseId,
        by: &Operator,
    ) -> Result<Option<(Case, CaseEvidence)>, Fault> {
        let Some(case) = self.cases.case(id).await? else {
            return Ok(None);
        };
        let event = self.event(EventKind::CaseShown, &case);
        self.ledger.append(event.detail("by", by.name())).await?;
        let evidence = self.evidence(&case)?;
        Ok(Some((case, evidence)))
    }

    /// Every case about a person, for themselves: the newest first. Not those that bar them because they were
    /// parted from whom it is about, and no evidence from before two became one or one became two: what was open
    /// then may have been somebody else's (threat N-390).
    pub(crate) async fn of(&self, person: PersonId) -> Result<Vec<(Case, CaseEvidence)>, Fault> {
        let cases = self.cases.all_about(person, MOST).await?;
        if cases.is_empty() {
            return Ok(Vec::new());
        }
        let Some(file) = self.people.file(person).await? else {
            return Ok(Vec::new());
        };
        let theirs = file.persons();
        let same_since = self.same_since(&theirs).await?;
        let is_theirs = |case: &Case| case.person.is_some_and(|it| theirs.contains(&it));
        let with_evidence = |case: Case| {
            let evidence = if same_since.is_some_and(|since| case.opened.at <= since) {
                CaseEvidence::default()
            } else {
                self.evidence(&case)?
            };
            Ok((case, evidence))
        };
        let cases = cases.into_iter().filter(is_theirs);
        cases.map(with_evidence).collect()
    }

    /// When any of `persons` was last made one with somebody, or parted from them.
    async fn same_since(&self, persons: &BTreeSet<PersonId>) -> Result<Option<Timestamp>, Fault> {
        let mut since = None;
        for person in persons {
            for correction in self.corrections.about(*person).await? {
                let settled = [correction.confirmed, correction.undone];
                if !matches!(correction.change, Change::Thaw { .. }) {
                    since = since.max(settled.into_iter().flatten().map(|act| act.at).max());
                }
            }
        }
        Ok(since)
    }

    fn evidence(&self, case: &Case) -> Result<CaseEvidence, Fault> {
        if case.evidence.as_bytes().is_empty() {
            return Ok(CaseEvidence::default());
        }
        let opened = self.sealer.open_json(case.id.as_bytes(), &case.evidence);
        opened.map_err(|error| Fault::new("open the evidence of a case", error))
    }

    /// The cases that a dying process left before they were followed to their end, the oldest first.
    pub(crate) async fn left(&self) -> Result<Vec<Case>, Fault> {
        self.cases.list(Listed::Unfollowed, AT_ONCE).await
    }

    /// Notes that the link that opens a closed account again is on its way, which is the last thing to be done.
    pub(crate) async fn mailed(&self, case: CaseId) -> Result<(), Fault> {
        self.cases.followed(case).await
    }

    /// What services hold for the time without the person is over, in every sector that knows them; then
    /// each is told. An account that its person closed is not followed to its end before they have their link.
    pub(crate) async fn follow(&self, case: &Case) -> Result<(), Fault> {
        let file = match case.person {
            Some(person) => self.people.file(person).await?,
            None => None,
        };
        if let Some(file) = file {
            let clients = (self.clients)();
            for name in &file.names {
                for client in clients.iter().filter(|it| it.sector == name.sector) {
                    for person in file.persons() {
                        self.refresh.revoke_of(person, &client.id).await?;
                    }
                }
            }
            self.tell(&file, case, &News::Barred).await?;
        }
        if is_closed_by_its_person(case) {
            return Ok(());
        }
        self.cases.followed(case.id).await
    }

    /// Tells one service that its sessions of a person are over, under each name it knows them by.
    pub(crate) async fn tell_unlinked(
        &self,
        person: PersonId,
        client: &ClientId,
        grant: GrantId,
    ) -> Result<(), Fault> {
        let on = Occasion {
            of: grant.as_bytes(),
            is_undone: false,
            at: self.clock.now(),
        };
        let clients = (self.clients)();
        let client = clients.iter().find(|it| it.id == *client);
        let file = self.people.file(person).await?;
        let Some((client, file)) = client.zip(file) else {
            return Ok(());
        };
        let news = News::Over(SubjectChange::SignedOut);
        let names = file.names.iter();
        for name in names.filter(|name| name.sector == client.sector) {
            self.tidings.leave(on, client, &name.subject, &news).await?;
        }
        Ok(())
    }

    /// Each service that knows the person, under each of their names.
    async fn tell(&self, file: &PersonFile, case: &Case, news: &News) -> Result<(), Fault> {
        let on = Occasion {
            of: case.id.as_bytes(),
            is_undone: false,
            at: self.clock.now(),
        };
        let clients = (self.clients)();
        for name in &file.names {
            for client in clients.iter().filter(|it| it.sector == name.sector) {
                self.tidings.leave(on, client, &name.subject, news).await?;
            }
        }
        Ok(())
    }

    /// Whether the person may end it, with the word of two providers: what they froze, at any time; what they
    /// closed, for a while.
    fn is_theirs_to_end(&self, case: &Case) -> bool {
        let is_own = case.opened.by == THE_PERSON;
        match case.kind {
            CaseKind::Freeze => is_own,
            CaseKind::Closure => is_own && self.clock.now().since(case.opened.at) < REOPENED_WITHIN,
            CaseKind::Death | CaseKind::Report => false,
        }
    }

    fn made(
        &self,
        kind: CaseKind,
        person: Option<PersonId>,
        by: OpenedBy<'_>,
        evidence: &CaseEvidence,
    ) -> Result<Case, Fault> {
        let id = CaseId::random(&*self.entropy);
        let (by, reason) = match by {
            OpenedBy::Operator(operator, reason) => (operator.name(), reason),
            OpenedBy::Person if kind == CaseKind::Closure => (THE_PERSON, "closed by themselves"),
            OpenedBy::Person => (THE_PERSON, "it was not me"),
        };
        let sealed = if *evidence == CaseEvidence::default() {
            Sealed::from_bytes(Vec::new())
        } else {
            let sealed = self.sealer.seal_json(id.as_bytes(), evidence);
            sealed.map_err(|error| Fault::new("seal the evidence of a case", error))?
        };
        Ok(Case {
            id,
            kind,
            person,
            opened: Act {
                by: by.to_owned(),
                at: self.clock.now(),
            },
            reason: reason.to_owned(),
            evidence: sealed,
            ended: None,
        })
    }

    fn event(&self, kind: EventKind, case: &Case) -> AuditEvent {
        let event = AuditEvent::new(kind, self.clock.now()).detail("case", case.id);
        match case.person {
            Some(person) => event
                .person(person)
                .detail("kind", case.kind)
                .detail("opened_by", &case.opened.by),
            None => event,
        }
    }
}

/// Whether a case is an account that its person closed: a link is mailed to them.
pub(crate) fn is_closed_by_its_person(case: &Case) -> bool {
    case.kind == CaseKind::Closure && case.opened.by == THE_PERSON
}

const fn opened(kind: CaseKind) -> EventKind {
    match kind {
        CaseKind::Freeze => EventKind::PersonFrozen,
        CaseKind::Closure | CaseKind::Death => EventKind::PersonClosed,
        CaseKind::Report => EventKind::CaseReported,
    }
}
