//! What is found of a login in a long ledger, and who it was.

use std::sync::Arc;

use guichet_domain::{LedgerName, PersonId, Timestamp};
use guichet_keys::{Keys, MemoryCustody, SystemEntropy};
use guichet_ledger::{History, Ledger, LedgerSettings};
use guichet_store::durable::people::Sighting;
use guichet_store::durable::traces::TraceMark;
use guichet_store::{Durable, DurableSettings, Fault};

use super::found::{Found, under};
use super::marks::Marks;
use super::{Handle, whom};
use crate::audit::AuditBook;

const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);
const CODE: &str = "ABCD-2345-WXYZ";
const OTHER: &str = "WXYZ-2345-ABCD";
const ALICE: &str = "AQEBAQEBAQEBAQEBAQEBAQ";
const BOB: &str = "AgICAgICAgICAgICAgICAg";

struct World {
    durable: Durable,
    history: History,
    keys: Keys,
    _folder: tempfile::TempDir,
}

/// The members of an entry of a login, under a code, that names somebody or nobody.
fn of(login: &str, code: &str, kind: &str, person: Option<&str>) -> String {
    let person = person.map_or(String::new(), |it| format!(r#","person":"{it}""#));
    format!(r#""kind":"{kind}","login":"{login}","browsing":"{code}"{person}"#)
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("support.db");
        let durable = Durable::sqlite(file, DurableSettings::default()).await;
        let durable = durable.unwrap();
        durable.migrate_up().await.unwrap();
        let (custody, entropy) = (Arc::new(MemoryCustody::new()), Arc::new(SystemEntropy));
        let keys = Keys::open(custody, entropy, NOW, &[]).unwrap();
        let verifier = keys.ledger_signer().verifier();
        let history = History::new(Arc::clone(&durable.ledger), verifier, "test".to_owned());
        Self {
            durable,
            history,
            keys,
            _folder: folder,
        }
    }

    fn audit(&self) -> AuditBook {
        AuditBook {
            index: Arc::clone(&self.durable.audit_index),
            history: self.history.clone(),
        }
    }

    /// Writes entries, and reads the ledger on.
    async fn happens(&self, entries: &[String]) {
        let first = self.history.size().await.unwrap();
        let entry = |(at, rest): (usize, &String)| {
            let sequence = first + at as u64;
            format!(r#"{{"v":1,"seq":{sequence},"prev":"","at":5000,{rest}}}"#).into_bytes()
        };
        let entries: Vec<Vec<u8>> = entries.iter().enumerate().map(entry).collect();
        let mut next = first;
        for batch in entries.chunks(10_000) {
            self.durable.ledger.append(next, batch).await.unwrap();
            next += batch.len() as u64;
        }
        let marks = Marks {
            traces: &*self.durable.traces,
            begins: 0,
        };
        self.history.take_into(&marks).await.unwrap();
    }

    async fn under(&self, code: &str) -> Result<Option<Found>, Fault> {
        let handle = Handle::parse(code).unwrap();
        under(&handle, &*self.durable.traces, &self.audit()).await
    }

    async fn kinds(&self, code: &str) -> Vec<String> {
        let found = self.under(code).await.unwrap();
        let entries = found.map(|found| found.entries).unwrap_or_default();
        entries.into_iter().map(|entry| entry.kind).collect()
    }
}

fn name(text: &str) -> LedgerName {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_login_is_found_whole_however_much_was_written_meanwhile() {
    let world = World::new().await;
    let foreign = r#""kind":"token.issued""#.to_owned();
    // The code of the visit became this one when it was known whose it was.
    let mut entries = vec![of("one", OTHER, "login.started", None)];
    entries.extend(vec![foreign.clone(); 2_000]);
    entries.push(of("one", CODE, "identity.verified", Some(ALICE)));
    entries.extend(vec![foreign; 200_001]);
    entries.push(of("one", CODE, "service.returned", None));
    world.happens(&entries).await;
    let found = world.under(CODE).await.unwrap().unwrap();
    assert_eq!(found.name, Some(name(ALICE)));
    assert!(found.others.is_empty());
    let kinds = world.kinds(CODE).await;
    let whole = ["login.started", "identity.verified", "service.returned"];
    assert_eq!(kinds, whole);
}

#[tokio::test]
async fn a_login_that_cannot_be_read_whole_is_shown_to_nobody() {
    let world = World::new().await;
    world
        .happens(&[of("one", CODE, "login.started", None)])
        .await;
    let mark = |last| TraceMark {
        handle: CODE.to_owned(),
        login: "one".to_owned(),
        first: 0,
        last,
    };
    let traces = &world.durable.traces;
    assert!(world.under(CODE).await.is_ok());
    assert!(traces.read_on(1, 10, &[mark(9)]).await.unwrap());
    assert!(world.under(CODE).await.is_err(), "its last entry is gone");
}

#[tokio::test]
async fn of_two_persons_under_one_code_both_are_known_and_the_latest_login_is_seen() {
    let world = World::new().await;
    world
        .happens(&[
            of("one", CODE, "identity.verified", Some(ALICE)),
            of("two", CODE, "login.started", None),
            of("two", CODE, "identity.verified", Some(BOB)),
        ])
        .await;
    let found = world.under(CODE).await.unwrap().unwrap();
    assert_eq!(found.name, Some(name(BOB)));
    assert_eq!(found.others.into_iter().collect::<Vec<_>>(), [name(ALICE)]);
    let kinds = world.kinds(CODE).await;
    assert_eq!(kinds, ["login.started", "identity.verified"]);
}

#[tokio::test]
async fn a_login_that_changed_hands_is_each_visit_s_own_part() {
    let world = World::new().await;
    world
        .happens(&[
            of("one", CODE, "sso.started", Some(ALICE)),
            of("one", CODE, "provider.chosen", None),
            of("one", OTHER, "identity.verified", Some(BOB)),
            of("one", OTHER, "service.returned", None),
        ])
        .await;
    let alice = world.under(CODE).await.unwrap().unwrap();
    assert_eq!((alice.name, alice.others.len()), (Some(name(ALICE)), 0));
    assert_eq!(world.kinds(CODE).await, ["sso.started", "provider.chosen"]);
    let bob = world.under(OTHER).await.unwrap().unwrap();
    assert_eq!((bob.name, bob.others.len()), (Some(name(BOB)), 0));
    let kinds = world.kinds(OTHER).await;
    assert_eq!(
        kinds,
        ["provider.chosen", "identity.verified", "service.returned"]
    );
}

#[tokio::test]
async fn two_pages_of_one_reference_and_no_login_have_nothing_else_in_common() {
    let world = World::new().await;
    let page = r#""kind":"error.shown","details":{"reference":"ABCD-2345"}"#.to_owned();
    let between = r#""kind":"staff.admitted""#.to_owned();
    world.happens(&[page.clone(), between, page]).await;
    assert_eq!(world.kinds("ABCD-2345").await, ["error.shown"]);
}

#[tokio::test]
async fn whoever_was_known_long_before_the_log_named_them_is_found() {
    let world = World::new().await;
    let (records, settings) = (Arc::clone(&world.durable.ledger), LedgerSettings::default());
    let ledger = Ledger::open(records, world.keys.ledger_signer(), "test", settings).await;
    let ledger = ledger.ok().unwrap();
    let hours = |hours| NOW.after(std::time::Duration::from_hours(hours));
    let person = |seed| PersonId::from_bytes([seed; 16]);
    // One who came back at once, one after two hours, one after a year.
    for (seed, known) in [(1, 9_000), (2, 8_998), (3, 240)] {
        let sighting = Sighting {
            index: &[seed; 32],
            stated: None,
            vouched: true,
        };
        let people = &world.durable.people;
        people
            .recognize(sighting, person(seed), hours(known))
            .await
            .unwrap();
    }
    let books = (&*world.durable.traces, &ledger);
    for seed in 1..=3 {
        let name = ledger.people().of(person(seed)).name();
        let found = whom::known_by(name, hours(9_000), books).await.unwrap();
        assert_eq!(found, Some(person(seed)));
    }
    let nobody = ledger.people().of(person(4)).name();
    let found = whom::known_by(nobody, hours(9_000), books).await.unwrap();
    assert_eq!(found, None);
}
