//! Who comes in, once, and what nobody does by themselves.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::staff::{On, Role, Who};
use guichet_domain::{CaseId, EventKind, PersonId, Sealed, Sector, StaffId, Timestamp};
use guichet_keys::{Keys, MemoryCustody, SystemEntropy};
use guichet_ledger::LedgerSettings;
use guichet_store::durable::corrections::Act;
use guichet_store::durable::{Case, CaseKind, Cases};
use guichet_store::{Durable, DurableSettings};

use super::*;
use crate::people::{Grounds, MailRefused, Rights};

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_795_000_000)
    }
}

/// Keeps every mail: its address and its text.
#[derive(Default)]
struct Mailbox(Mutex<Vec<(String, String)>>);

#[async_trait]
impl StaffPost for Mailbox {
    async fn send(&self, to: &str, _subject: &str, text: &str) -> Result<(), MailRefused> {
        let mut kept = self.0.lock().unwrap();
        kept.push((to.to_owned(), text.to_owned()));
        Ok(())
    }
}

/// Where the first operator reads mail.
const ADDRESS: &str = "first@hub.example";

/// Persons whom the hub knows at the console.
const KNOWN: [&str; 4] = ["first", "second", "auditor", "support"];

async fn door() -> (StaffDoor, Arc<Mailbox>, tempfile::TempDir) {
    let (door, post, _, folder) = door_with_cases().await;
    (door, post, folder)
}

async fn door_with_cases() -> (StaffDoor, Arc<Mailbox>, Arc<dyn Cases>, tempfile::TempDir) {
    let (door, post, durable, folder) = door_on_its_store().await;
    (door, post, Arc::clone(&durable.cases), folder)
}

async fn door_on_its_store() -> (StaffDoor, Arc<Mailbox>, Durable, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("staff.db");
    let durable = Durable::sqlite(file, DurableSettings::default()).await;
    let durable = durable.unwrap();
    durable.migrate_up().await.unwrap();
    let entropy = Arc::new(SystemEntropy);
    let custody = Arc::new(MemoryCustody::new());
    let keys = Keys::open(custody, entropy.clone(), Fixed.now(), &[]).unwrap();
    let (records, settings) = (Arc::clone(&durable.ledger), LedgerSettings::default());
    let ledger = Ledger::open(records, keys.ledger_signer(), "test", settings).await;
    let post = Arc::new(Mailbox::default());
    let door = StaffDoor {
        staff: Arc::clone(&durable.staff),
        teams: Arc::clone(&durable.teams),
        ledger: ledger.unwrap(),
        tags: keys.mac("record tag"),
        cards: keys.sealer("staff card"),
        subjects: Arc::clone(&durable.subjects),
        gate: Arc::clone(&durable.gate),
        post: Some(post.clone()),
        believes_review_tool: true,
        address: "https://console.example".to_owned(),
        clock: Arc::new(Fixed),
        entropy,
    };
    for (seed, subject) in (0..).zip(KNOWN) {
        let (sector, person) = (Sector::of_console(), PersonId::from_bytes([seed; 16]));
        let subject = subject.parse().unwrap();
        let assigned = durable
            .subjects
            .assign(&sector, person, subject, Fixed.now());
        assigned.await.unwrap();
    }
    (door, post, durable, folder)
}

fn person(subject: &str) -> Who {
    Who::Person(subject.to_owned().try_into().unwrap())
}

fn text(link: &str) -> &str {
    link.rsplit('/').next().unwrap()
}

async fn first(door: &StaffDoor) -> StaffMember {
    let link = door.bootstrap(ADDRESS, None).await.unwrap();
    let let_in = door.accept(text(&link), &person("first")).await.unwrap();
    let_in.unwrap()
}

#[tokio::test]
async fn the_first_link_is_good_once_and_the_second_wants_a_reason() {
    let (door, post, _folder) = door().await;
    let link = door.bootstrap(ADDRESS, None).await.unwrap();
    assert!(link.starts_with("https://console.example/invitation/"));
    let member = door.accept(text(&link), &person("first")).await.unwrap();
    let rights = door.rights(&member.unwrap()).await.unwrap();
    assert!(rights.holds(Role::Operator));
    let again = door.accept(text(&link), &person("second")).await.unwrap();
    assert!(again.is_none());

    assert!(matches!(
        door.bootstrap(ADDRESS, None).await,
        Err(DoorError::Invalid(_))
    ));
    assert!(matches!(
        door.bootstrap(ADDRESS, Some("short")).await,
        Err(DoorError::Invalid(_))
    ));
    assert!(post.0.lock().unwrap().is_empty());
    let reason = Some("ticket 4711: nobody reaches the operator");
    assert!(door.bootstrap(ADDRESS, reason).await.is_ok());
    let told: Vec<_> = post.0.lock().unwrap().drain(..).collect();
    assert_eq!(told.len(), 1, "whoever operates the hub already");
    assert!(told[0].0 == ADDRESS && told[0].1.contains("ticket 4711"));
    assert!(door.bootstrap("nowhere", reason).await.is_err());
}

#[tokio::test]
async fn a_broken_glass_gives_the_role_for_an_hour_and_others_are_told() {
    let (door, post, _folder) = door().await;
    let operator = first(&door).await;
    let rights = door.rights(&operator).await.unwrap();
    let by = (&operator.id, &rights);
    let seats = |role| vec![Seat::new(role, On::Hub).unwrap()];
    for (name, role) in [("auditor", Role::Auditor), ("support", Role::Support)] {
        let card = Card::new(name, &format!("{name}@hub.example")).unwrap();
        let id = Some(name.parse().unwrap());
        let invited = door.invite(by, id, &card, seats(role)).await.unwrap();
        assert!(invited.link.is_none(), "it went by mail");
    }
    let mails: Vec<_> = post.0.lock().unwrap().drain(..).collect();
    let link = |to: &str| {
        let mut mails = mails.iter().filter(|mail| mail.0.starts_with(to));
        let body = &mails.next().unwrap().1;
        let line = body.lines().find(|line| line.starts_with("https://"));
        text(line.unwrap()).to_owned()
    };
    for name in ["auditor", "support"] {
        let let_in = door.accept(&link(name), &person(name)).await.unwrap();
        assert!(let_in.is_some());
    }
    let support = door.staff.recognized(&person("support")).await.unwrap();
    let support = support.unwrap();
    let rights = door.rights(&support).await.unwrap();
    let reason = "ticket 4711: the operator cannot be reached";
    door.break_glass(&support, &rights, reason).await.unwrap();
    let support = door.staff.recognized(&person("support")).await.unwrap();
    let mut support = support.unwrap();
    let rights = door.rights(&support).await.unwrap();
    let again = door.break_glass(&support, &rights, reason).await;
    assert!(matches!(again, Err(DoorError::Beyond(_))), "it is broken");
    let seat = support.seats.pop().unwrap();
    assert_eq!(seat.until, Some(Fixed.now().after(Duration::from_hours(1))));
    let told: Vec<_> = post.0.lock().unwrap().drain(..).collect();
    assert_eq!(told.len(), 2, "the auditor and the first operator");
    for to in ["auditor", "first"] {
        let mut mails = told.iter();
        assert!(mails.any(|mail| mail.0.starts_with(to) && mail.1.contains(reason)));
    }
}

#[tokio::test]
async fn the_last_operator_stays_whoever_asks() {
    let (door, _post, _folder) = door().await;
    let operator = first(&door).await;
    let rights = door.rights(&operator).await.unwrap();
    let removed = door.remove((&operator.id, &rights), &operator).await;
    assert!(matches!(removed, Err(DoorError::Invalid(_))));
}

#[tokio::test]
async fn whoever_is_frozen_is_nobody_here_and_lets_themselves_in_by_nothing() {
    let (door, _post, cases, _folder) = door_with_cases().await;
    let operator = first(&door).await;
    let now = Fixed.now();
    let recognized = async |who: &Who| door.recognized(who, now).await.unwrap();
    assert!(recognized(&operator.who).await.is_some());
    assert!(recognized(&person("stranger")).await.is_none());
    let frozen = Case {
        id: CaseId::from_bytes([1; 16]),
        kind: CaseKind::Freeze,
        person: Some(PersonId::from_bytes([0; 16])),
        opened: Act {
            by: "alice".to_owned(),
            at: now,
        },
        reason: "a ticket".to_owned(),
        evidence: Sealed::from_bytes(Vec::new()),
        ended: None,
    };
    assert!(cases.open(&frozen).await.unwrap());
    assert!(recognized(&operator.who).await.is_none());
    let reason = Some("ticket 4711: nobody reaches the operator");
    let link = door.bootstrap(ADDRESS, reason).await.unwrap();
    let let_in = door.accept(text(&link), &operator.who).await.unwrap();
    assert!(let_in.is_none());
    let let_in = door.accept(text(&link), &person("second")).await.unwrap();
    assert!(let_in.is_some(), "the link was not spent");
}

#[tokio::test]
async fn an_invitation_is_worth_no_more_than_whoever_sent_it() {
    let (door, post, _folder) = door().await;
    let operator = first(&door).await;
    let rights = door.rights(&operator).await.unwrap();
    let by = (&operator.id, &rights);
    let card = Card::new("second", "second@hub.example").unwrap();
    let seats = vec![Seat::new(Role::Operator, On::Hub).unwrap()];
    door.invite(by, None, &card, seats).await.unwrap();
    let mail = post.0.lock().unwrap().pop().unwrap().1;
    let link = mail.lines().find(|line| line.starts_with("https://"));
    let second = text(link.unwrap());
    assert!(door.look(second).await.unwrap().is_some());
    let now = Fixed.now();

    // The role is gone, by whatever way: what they sent gives it no longer.
    let mut demoted = operator.clone();
    demoted.seats = vec![Seat::new(Role::Auditor, On::Hub).unwrap()];
    let another = StaffMember {
        id: "another".parse().unwrap(),
        who: person("auditor"),
        ..operator.clone()
    };
    assert!(
        door.staff
            .replace_member(None, &another, now)
            .await
            .unwrap()
    );
    let replaced = door
        .staff
        .replace_member(Some(&operator), &demoted, now)
        .await;
    assert!(replaced.unwrap());
    assert!(door.look(second).await.unwrap().is_none());
    let let_in = door.accept(second, &person("second")).await.unwrap();
    assert!(let_in.is_none());

    // Whoever is removed takes what they sent along.
    let by = (&another.id, &rights);
    door.remove(by, &demoted).await.unwrap();
    assert!(door.staff.invitations().await.unwrap().is_empty());
}

#[tokio::test]
async fn of_links_made_at_the_machine_the_latest_alone_is_good() {
    let (door, _post, _folder) = door().await;
    let first = door.bootstrap(ADDRESS, None).await.unwrap();
    let second = door.bootstrap(ADDRESS, None).await.unwrap();
    assert!(door.look(text(&first)).await.unwrap().is_none());
    assert!(door.look(text(&second)).await.unwrap().is_some());
}

#[tokio::test]
async fn whoever_comes_in_is_on_record_with_whoever_sent_for_them_and_nobody_else_is() {
    let (door, _post, durable, _folder) = door_on_its_store().await;
    let operator = first(&door).await;
    let rights = door.rights(&operator).await.unwrap();
    let by = (&operator.id, &rights);
    let card = Card::new("auditor", "auditor@hub.example").unwrap();
    let seats = || vec![Seat::new(Role::Auditor, On::Hub).unwrap()];
    let id: StaffId = "auditor".parse().unwrap();
    door.invite(by, Some(id.clone()), &card, seats())
        .await
        .unwrap();
    let before = entries(&durable, EventKind::StaffInvited).await.len();
    for taken in [&id, &operator.id] {
        let refused = door.invite(by, Some(taken.clone()), &card, seats()).await;
        assert!(matches!(refused, Err(DoorError::Taken)), "{taken}");
    }
    assert_eq!(
        entries(&durable, EventKind::StaffInvited).await.len(),
        before
    );

    let admitted = entries(&durable, EventKind::StaffAdmitted).await;
    assert_eq!(admitted.len(), 1);
    assert!(
        admitted[0].contains(&format!("\"{}\"", operator.id)),
        "{admitted:?}"
    );
    assert!(admitted[0].contains("command line"), "{admitted:?}");
}

/// Proposed or carried out, by a page or a program: whoever tries what is not theirs is on record.
#[tokio::test]
async fn whoever_tries_what_is_not_theirs_to_give_is_on_record() {
    let (door, _post, durable, _folder) = door_on_its_store().await;
    let grounds = Grounds::of(&*door.teams).await.unwrap();
    let seat = Seat::new(Role::Operator, On::Hub).unwrap();
    let own = Seat::new(Role::Support, On::Hub).unwrap();
    let rights = Rights::of(std::slice::from_ref(&own), &grounds, Fixed.now());
    let id: StaffId = "support".parse().unwrap();
    let (by, client) = ((&id, &rights), "town".parse().unwrap());
    let refusals = [
        door.may_turn(by, (&[], std::slice::from_ref(&seat)), &grounds),
        door.may_give(by, &seat, &grounds),
        door.may_let_in(by, (&client, &own), &grounds),
    ];
    for refused in refusals {
        assert!(matches!(refused, Err(DoorError::Beyond(_))));
    }
    door.ledger.flush().await.unwrap();
    let on_record = entries(&durable, EventKind::OperationRefused).await;
    assert_eq!(on_record.len(), 3, "{on_record:?}");
}

/// The entries of this kind, as texts.
async fn entries(durable: &Durable, kind: EventKind) -> Vec<String> {
    let all = durable.ledger.read(0, 100).await.unwrap();
    let texts = all
        .iter()
        .map(|it| String::from_utf8_lossy(&it.entry).into_owned());
    let of = texts.filter(|text| text.contains(&format!("\"{}\"", kind.as_str())));
    of.collect()
}

/// A store that loses its connection at one statement.
struct Losing(Arc<dyn Staff>);

#[async_trait]
impl Staff for Losing {
    async fn members(&self) -> Result<Vec<StaffMember>, Fault> {
        self.0.members().await
    }

    async fn recognized(&self, who: &Who) -> Result<Option<StaffMember>, Fault> {
        self.0.recognized(who).await
    }

    async fn replace_member(
        &self,
        _known: Option<&StaffMember>,
        _member: &StaffMember,
        _now: Timestamp,
    ) -> Result<bool, Fault> {
        Err(Fault::bare("the connection was lost"))
    }

    async fn remove_member(&self, known: &StaffMember) -> Result<bool, Fault> {
        self.0.remove_member(known).await
    }

    async fn invite(&self, invitation: &Invitation) -> Result<bool, Fault> {
        self.0.invite(invitation).await
    }

    async fn invitations(&self) -> Result<Vec<Invitation>, Fault> {
        self.0.invitations().await
    }

    async fn withdraw(&self, id: &StaffId) -> Result<bool, Fault> {
        self.0.withdraw(id).await
    }

    async fn invitation(
        &self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Invitation>, Fault> {
        self.0.invitation(hash, now).await
    }

    async fn accept(
        &self,
        hash: [u8; 32],
        who: &Who,
        now: Timestamp,
    ) -> Result<Option<StaffMember>, Fault> {
        self.0.accept(hash, who, now).await
    }
}

#[tokio::test]
async fn no_glass_is_broken_unheard_though_the_node_goes_in_between() {
    let (mut door, post, _folder) = door().await;
    first(&door).await;
    let support = StaffMember {
        id: "support".parse().unwrap(),
        who: person("support"),
        card: Sealed::from_bytes(Vec::new()),
        seats: vec![Seat::new(Role::Support, On::Hub).unwrap()],
        since: Fixed.now(),
    };
    let there = door.staff.replace_member(None, &support, Fixed.now());
    assert!(there.await.unwrap());
    let rights = door.rights(&support).await.unwrap();
    post.0.lock().unwrap().clear();
    door.staff = Arc::new(Losing(Arc::clone(&door.staff)));
    let reason = "ticket 4711: the operator cannot be reached";
    // What is not known to have failed may have been done.
    let broken = door.break_glass(&support, &rights, reason).await;
    assert!(matches!(broken, Err(DoorError::Fault(_))));
    let told: Vec<_> = post.0.lock().unwrap().drain(..).collect();
    assert_eq!(told.len(), 1, "the first operator");
    assert!(told[0].1.contains(reason));
}

#[tokio::test]
async fn what_the_review_tool_sent_is_its_own_and_worth_nothing_without_it() {
    let (mut door, post, durable, _folder) = door_on_its_store().await;
    let card = Card::new("owner", "owner@ville.example").unwrap();
    let invited = door.invite_owner("one", &card, "t-one").await.unwrap();
    assert!(invited.link.is_none(), "it went by mail");
    let mail = post.0.lock().unwrap().pop().unwrap().1;
    let link = mail.lines().find(|line| line.starts_with("https://"));
    let link = text(link.unwrap());
    // Another way in takes back what lies about of that way, and nothing else.
    door.bootstrap(ADDRESS, None).await.unwrap();
    assert!(door.look(link).await.unwrap().is_some());
    door.believes_review_tool = false;
    assert!(door.look(link).await.unwrap().is_none());
    door.believes_review_tool = true;
    let owner = door.accept(link, &person("second")).await.unwrap();
    assert!(owner.is_some());
    let admitted = entries(&durable, EventKind::StaffAdmitted).await;
    assert!(admitted[0].contains("review tool"), "{admitted:?}");
    assert!(!admitted[0].contains("command line"), "{admitted:?}");
    // Where nobody carries it, whoever asked for it has it.
    door.post = None;
    let invited = door.invite_owner("two", &card, "t-two").await.unwrap();
    let link = invited.link.unwrap();
    assert!(door.look(text(&link)).await.unwrap().is_some());
}
