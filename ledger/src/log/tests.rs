//! The log as its callers see it: order, durability, faults, several nodes.

use std::sync::atomic::Ordering;

use super::*;
use crate::testing::{Broken, MemoryRecords, event, signer};
use crate::verify;

const ORIGIN: &str = "guichet.example/ledger";

/// Checkpoints and lingering only when asked for, so that tests decide.
const QUIET: LedgerSettings = LedgerSettings {
    checkpoint_every: Duration::from_hours(1),
    checkpoint_entries: u64::MAX,
    linger: Duration::from_hours(1),
    retry: Duration::from_millis(1),
    waiting: 10_000,
    queue: 10_000,
};

async fn node(records: &Arc<MemoryRecords>, signer: &LedgerSigner) -> Ledger {
    Ledger::open(records.clone(), signer.clone(), ORIGIN, QUIET)
        .await
        .ok()
        .unwrap()
}

/// The numbers of the events, in the order of the log.
fn numbers(records: &MemoryRecords) -> Vec<u64> {
    let rows = records.entries.lock().unwrap();
    rows.values()
        .map(|entry| {
            let entry: serde_json::Value = serde_json::from_slice(entry).unwrap();
            entry["details"]["number"]
                .as_str()
                .unwrap()
                .parse()
                .unwrap()
        })
        .collect()
}

async fn is_sound(records: &MemoryRecords, signer: &LedgerSigner) -> bool {
    let report = verify(records, &signer.verifier(), ORIGIN, &[])
        .await
        .unwrap();
    report.is_sound()
}

#[tokio::test]
async fn what_was_noted_before_an_append_is_durable_with_it() {
    let (records, signer) = (MemoryRecords::new(), signer());
    let ledger = node(&records, &signer).await;
    ledger.note(event(0));
    ledger.note(event(1));
    let receipt = ledger.append(event(2)).await.unwrap();
    ledger.note(event(3));
    assert_eq!(receipt.sequence, 2);
    assert_eq!(numbers(&records), [0, 1, 2]);
    assert_eq!(
        records.commits.load(Ordering::Relaxed),
        1,
        "one transaction for the three"
    );
    ledger.flush().await.unwrap();
    assert_eq!(numbers(&records), [0, 1, 2, 3]);
    assert!(is_sound(&records, &signer).await);
}

#[tokio::test]
async fn appends_under_load_share_commits_and_each_gets_its_own_place() {
    let (records, signer) = (MemoryRecords::new(), signer());
    let ledger = node(&records, &signer).await;
    let tasks: Vec<_> = (0..500)
        .map(|number| {
            let ledger = ledger.clone();
            tokio::spawn(async move { ledger.append(event(number)).await.unwrap().sequence })
        })
        .collect();
    let mut places = Vec::new();
    for task in tasks {
        places.push(task.await.unwrap());
    }
    let written = numbers(&records);
    for (number, place) in (0..).zip(&places) {
        assert_eq!(written[usize::try_from(*place).unwrap()], number);
    }
    assert!(records.commits.load(Ordering::Relaxed) < 50, "group commit");
}

#[tokio::test]
async fn an_append_returns_only_when_durable() {
    let (records, signer) = (MemoryRecords::new(), signer());
    let ledger = node(&records, &signer).await;
    let open_gate = records.gate.forget_permits(usize::MAX);
    let append = tokio::spawn({
        let ledger = ledger.clone();
        async move { ledger.append(event(0)).await }
    });
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!append.is_finished());
    assert!(numbers(&records).is_empty());
    records.gate.add_permits(open_gate);
    append.await.unwrap().unwrap();
    assert_eq!(numbers(&records), [0]);
}

#[tokio::test]
async fn notes_alone_are_written_after_a_moment() {
    let (records, signer) = (MemoryRecords::new(), signer());
    let settings = LedgerSettings {
        linger: Duration::from_millis(1),
        ..QUIET
    };
    let ledger = Ledger::open(records.clone(), signer, ORIGIN, settings)
        .await
        .ok()
        .unwrap();
    ledger.note(event(0));
    while numbers(&records).is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_store_that_is_down_fails_every_append_and_keeps_every_note() {
    let (records, signer) = (MemoryRecords::new(), signer());
    let ledger = node(&records, &signer).await;
    ledger.append(event(0)).await.unwrap();
    records.breaks(Some(Broken::Down));
    ledger.note(event(1));
    assert!(ledger.append(event(100)).await.is_err());
    assert!(!ledger.is_writing());
    ledger.note(event(2));
    assert!(ledger.append(event(101)).await.is_err());
    records.breaks(None);
    ledger.append(event(3)).await.unwrap();
    assert!(ledger.is_writing());
    assert_eq!(
        numbers(&records),
        [0, 1, 2, 3],
        "in order, without those that failed"
    );
}

#[tokio::test]
async fn a_store_that_is_back_is_noticed_though_nobody_writes() {
    let (records, signer) = (MemoryRecords::new(), signer());
    let settings = LedgerSettings {
        retry: Duration::from_millis(1),
        ..QUIET
    };
    let ledger = Ledger::open(records.clone(), signer, ORIGIN, settings)
        .await
        .ok()
        .unwrap();
    records.breaks(Some(Broken::Down));
    assert!(ledger.append(event(0)).await.is_err());
    assert!(!ledger.is_writing());
    records.breaks(None);
    while !ledger.is_writing() {
        tokio::task::yield_now().await;
    }
    ledger.append(event(1)).await.unwrap();
    assert_eq!(numbers(&records), [1]);
}

#[tokio::test]
async fn a_batch_whose_answer_was_lost_is_recognized_as_written() {
    let (records, signer) = (MemoryRecords::new(), signer());
    let ledger = node(&records, &signer).await;
    records.breaks(Some(Broken::AnswerLost));
    ledger.note(event(0));
    assert_eq!(ledger.append(event(1)).await.unwrap().sequence, 1);
    ledger.append(event(2)).await.unwrap();
    assert_eq!(numbers(&records), [0, 1, 2]);
    ledger.flush().await.unwrap();
    assert!(is_sound(&records, &signer).await);
}

#[tokio::test]
async fn notes_beyond_the_queue_are_counted_and_the_count_is_written() {
    let (records, signer) = (MemoryRecords::new(), signer());
    let settings = LedgerSettings { queue: 2, ..QUIET };
    let ledger = Ledger::open(records.clone(), signer, ORIGIN, settings)
        .await
        .ok()
        .unwrap();
    for number in 0..5 {
        ledger.note(event(number));
    }
    ledger.flush().await.unwrap();
    let rows = records.entries.lock().unwrap();
    assert_eq!(rows.len(), 3);
    let last: serde_json::Value = serde_json::from_slice(&rows[&2]).unwrap();
    assert_eq!(last["kind"], "ledger.events_lost");
    assert_eq!(last["details"]["count"], "3");
}

#[tokio::test]
async fn two_nodes_write_one_chain() {
    let (records, signer) = (MemoryRecords::new(), signer());
    let nodes = [node(&records, &signer).await, node(&records, &signer).await];
    let mut tasks = Vec::new();
    for number in 0..200 {
        let ledger = nodes[usize::try_from(number % 2).unwrap()].clone();
        tasks.push(tokio::spawn(async move {
            ledger.append(event(number)).await.unwrap()
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    for ledger in &nodes {
        ledger.flush().await.unwrap();
    }
    let mut written = numbers(&records);
    written.sort_unstable();
    assert_eq!(written, (0..200).collect::<Vec<_>>());
    assert!(is_sound(&records, &signer).await);
}

#[tokio::test]
async fn opening_reads_only_what_came_after_the_last_checkpoint() {
    let (records, signer) = (MemoryRecords::new(), signer());
    let ledger = node(&records, &signer).await;
    for number in 0..300 {
        ledger.note(event(number));
    }
    ledger.flush().await.unwrap();
    ledger.append(event(300)).await.unwrap();
    records.reads.store(0, Ordering::Relaxed);
    let ledger = node(&records, &signer).await;
    assert_eq!(
        records.reads.load(Ordering::Relaxed),
        2,
        "the last one covered, and the one after"
    );
    ledger.append(event(301)).await.unwrap();
    ledger.flush().await.unwrap();
    assert_eq!(numbers(&records).len(), 302);
    assert!(is_sound(&records, &signer).await);
}

#[tokio::test]
async fn checkpoints_are_signed_by_number_by_time_and_at_the_end() {
    let (records, signer) = (MemoryRecords::new(), signer());
    let settings = LedgerSettings {
        checkpoint_entries: 2,
        ..QUIET
    };
    let ledger = Ledger::open(records.clone(), signer.clone(), ORIGIN, settings)
        .await
        .ok()
        .unwrap();
    for number in 0..5 {
        ledger.append(event(number)).await.unwrap();
    }
    ledger.flush().await.unwrap();
    let sizes: Vec<u64> = records
        .checkpoints
        .lock()
        .unwrap()
        .keys()
        .copied()
        .collect();
    assert_eq!(sizes, [2, 4, 5]);
    let settings = LedgerSettings {
        checkpoint_every: Duration::from_millis(1),
        ..QUIET
    };
    let ledger = Ledger::open(records.clone(), signer.clone(), ORIGIN, settings)
        .await
        .ok()
        .unwrap();
    ledger.append(event(5)).await.unwrap();
    while !records.checkpoints.lock().unwrap().contains_key(&6) {
        tokio::task::yield_now().await;
    }
    assert!(is_sound(&records, &signer).await);
}

#[tokio::test]
async fn what_was_noted_is_written_when_the_last_handle_goes() {
    let (records, signer) = (MemoryRecords::new(), signer());
    let ledger = node(&records, &signer).await;
    ledger.note(event(0));
    drop(ledger);
    while records.checkpoints.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(numbers(&records), [0]);
}

#[tokio::test]
async fn a_log_that_was_tampered_with_does_not_open() {
    let (records, signer) = (MemoryRecords::new(), signer());
    let ledger = node(&records, &signer).await;
    ledger.append(event(0)).await.unwrap();
    ledger.flush().await.unwrap();
    ledger.append(event(1)).await.unwrap();
    ledger.append(event(2)).await.unwrap();
    let whole = records.entries.lock().unwrap().clone();
    for tampered in [0, 1] {
        *records.entries.lock().unwrap() = whole.clone();
        records.entries.lock().unwrap().get_mut(&tampered).unwrap()[80] ^= 1;
        let opened = Ledger::open(records.clone(), signer.clone(), ORIGIN, QUIET).await;
        assert!(matches!(opened.err(), Some(LedgerError::Tampered(at)) if at <= tampered + 1));
    }
    *records.entries.lock().unwrap() = whole;
    let other = crate::testing::signer();
    let opened = Ledger::open(records.clone(), other, ORIGIN, QUIET).await;
    assert!(
        matches!(opened.err(), Some(LedgerError::Tampered(0))),
        "another key"
    );
}

#[tokio::test]
async fn a_name_that_signs_nothing_opens_nothing() {
    let opened = Ledger::open(MemoryRecords::new(), signer(), "two words", QUIET).await;
    assert!(matches!(opened.err(), Some(LedgerError::Origin)));
}

/// Two nodes, each with its own connections to one SQLite file.
#[tokio::test]
async fn on_sqlite_two_nodes_write_one_chain_that_a_restart_goes_on_with() {
    use guichet_store::durable::{Durable, DurableSettings};

    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("guichet.db");
    let signer = signer();
    for round in 0..2 {
        let mut tasks = Vec::new();
        let mut ledgers = Vec::new();
        for _ in 0..2 {
            let durable = Durable::sqlite(&path, DurableSettings::default())
                .await
                .unwrap();
            durable.migrate_up().await.unwrap();
            let records = Arc::clone(&durable.ledger);
            let ledger = Ledger::open(records, signer.clone(), ORIGIN, QUIET)
                .await
                .ok()
                .unwrap();
            for number in 0..50 {
                let ledger = ledger.clone();
                tasks.push(tokio::spawn(async move {
                    ledger.note(event(number));
                    ledger.append(event(number)).await.unwrap()
                }));
            }
            ledgers.push((ledger, durable));
        }
        for task in tasks {
            task.await.unwrap();
        }
        for (ledger, _) in &ledgers {
            ledger.flush().await.unwrap();
        }
        let records = &*ledgers[0].1.ledger;
        let report = verify(records, &signer.verifier(), ORIGIN, &[])
            .await
            .unwrap();
        assert!(report.is_sound(), "{:?}", report.findings);
        assert_eq!(report.entries, 200 * (round + 1));
        assert_eq!(report.covered, report.entries);
    }
}

#[tokio::test]
async fn an_entry_names_a_person_by_the_name_that_the_log_has_for_them() {
    let (records, signer) = (MemoryRecords::new(), signer());
    let ledger = node(&records, &signer).await;
    let person = PersonId::from_bytes([7; 16]);
    ledger.note(event(0).person(person));
    ledger.append(event(1).person(person)).await.unwrap();
    let name = ledger.people().of(person).name().to_string();
    let rows = records.entries.lock().unwrap();
    for entry in rows.values() {
        let text = String::from_utf8(entry.clone()).unwrap();
        assert!(text.contains(&format!("\"person\":\"{name}\"")), "{text}");
        assert!(!text.contains(&person.to_string()), "{text}");
    }
    assert_eq!(rows.len(), 2);
}
