//! Every way to tamper with a log, and what the report says.

use std::sync::Arc;

use guichet_keys::LedgerSigner;
use guichet_store::durable::CheckpointRecord;
use proptest::prelude::*;

use super::*;
use crate::head::Head;
use crate::latest_checkpoint;
use crate::testing::{MemoryRecords, event, signer};

const ORIGIN: &str = "guichet.example/ledger";

/// A log of `size` entries with checkpoints at these sizes; entries from `fork` on are another
/// history's.
async fn log(
    size: u64,
    checkpoints: &[u64],
    fork: u64,
    signer: &LedgerSigner,
) -> Arc<MemoryRecords> {
    let records = MemoryRecords::new();
    let mut head = Head::open(&*records, signer, ORIGIN).await.ok().unwrap();
    for number in 0..size {
        let number = if number < fork { number } else { number + 1000 };
        let body = crate::entry::body(&event(number));
        let (entries, leaves) = head.entries([&body[..]].into_iter());
        records.append(head.size(), &entries).await.unwrap();
        head.push(leaves[0]);
        if checkpoints.contains(&head.size()) {
            let checkpoint = head.checkpoint(signer, ORIGIN).unwrap().unwrap();
            records.put_checkpoint(&checkpoint).await.unwrap();
            head.signed();
        }
    }
    records
}

/// A log of 30 entries, signed at 10 and 20, and its key.
async fn sound() -> (Arc<MemoryRecords>, LedgerSigner) {
    let signer = signer();
    (log(30, &[10, 20], u64::MAX, &signer).await, signer)
}

async fn findings(records: &MemoryRecords, signer: &LedgerSigner) -> Vec<Finding> {
    against(records, signer, &[]).await
}

async fn against(records: &MemoryRecords, signer: &LedgerSigner, kept: &[String]) -> Vec<Finding> {
    verify(records, &signer.verifier(), ORIGIN, kept)
        .await
        .unwrap()
        .findings
}

fn edit(records: &MemoryRecords, edit: impl FnOnce(&mut std::collections::BTreeMap<u64, Vec<u8>>)) {
    edit(&mut records.entries.lock().unwrap());
}

#[tokio::test]
async fn a_sound_log_has_no_findings() {
    let (records, signer) = sound().await;
    let report = verify(&*records, &signer.verifier(), ORIGIN, &[])
        .await
        .unwrap();
    assert_eq!(
        report,
        Report {
            entries: 30,
            checkpoints: 2,
            covered: 20,
            ..Report::default()
        }
    );
    let empty = verify(&*MemoryRecords::new(), &signer.verifier(), ORIGIN, &[])
        .await
        .unwrap();
    assert_eq!(empty, Report::default());
}

#[tokio::test]
async fn a_flipped_byte_is_named_wherever_it_is() {
    let (records, signer) = sound().await;
    let whole = records.entries.lock().unwrap().clone();
    for sequence in 0..28 {
        for at in [0, 12, 20, 70, 100] {
            edit(&records, |rows| {
                rows.clone_from(&whole);
                rows.get_mut(&sequence).unwrap()[at] ^= 1;
            });
            let findings = findings(&records, &signer).await;
            // A byte of the entry's own number makes it another's.
            let is_named = matches!(
                findings[..],
                [Finding::Altered { sequence: named } | Finding::Moved { sequence: named, .. }]
                    if named == sequence
            );
            assert!(is_named, "entry {sequence}, byte {at}: {findings:?}");
        }
    }
}

#[tokio::test]
async fn a_change_at_the_very_end_is_told_as_far_as_it_can_be() {
    // A byte of the last entry's link, and a byte of the entry before it.
    for (sequence, at) in [(29, 30), (28, 100)] {
        let (records, signer) = sound().await;
        edit(&records, |rows| rows.get_mut(&sequence).unwrap()[at] ^= 1);
        assert_eq!(
            findings(&records, &signer).await,
            [Finding::Unchained { sequence: 29 }]
        );
    }
}

#[tokio::test]
async fn deleted_entries_are_named() {
    let (records, signer) = sound().await;
    for sequence in [0, 9, 10, 15, 19] {
        let (records, signer) = sound().await;
        edit(&records, |rows| drop(rows.remove(&sequence)));
        let expected = Finding::Missing {
            first: sequence,
            last: sequence,
        };
        assert_eq!(findings(&records, &signer).await, [expected]);
    }
    edit(&records, |rows| {
        rows.retain(|sequence, _| !(4..=12).contains(sequence) && *sequence != 25);
    });
    assert_eq!(
        findings(&records, &signer).await,
        [
            Finding::Missing { first: 4, last: 12 },
            Finding::Missing {
                first: 25,
                last: 25
            }
        ]
    );
}

#[tokio::test]
async fn a_log_cut_short_of_its_checkpoint_is_named() {
    let (records, signer) = sound().await;
    edit(&records, |rows| rows.retain(|sequence, _| *sequence < 17));
    assert_eq!(
        findings(&records, &signer).await,
        [Finding::Missing {
            first: 17,
            last: 19
        }]
    );
}

#[tokio::test]
async fn reordered_entries_are_named() {
    for (one, other) in [(3, 4), (0, 29), (9, 10), (22, 25)] {
        let (records, signer) = sound().await;
        edit(&records, |rows| {
            let first = rows.remove(&one).unwrap();
            let second = rows.insert(other, first).unwrap();
            rows.insert(one, second);
        });
        assert_eq!(
            findings(&records, &signer).await,
            [
                Finding::Moved {
                    sequence: one,
                    holds: other
                },
                Finding::Moved {
                    sequence: other,
                    holds: one
                }
            ]
        );
    }
}

#[tokio::test]
async fn an_entry_removed_with_the_rest_moved_up_is_named() {
    let (records, signer) = sound().await;
    edit(&records, |rows| {
        for sequence in 15..29 {
            let next = rows[&(sequence + 1)].clone();
            rows.insert(sequence, next);
        }
        rows.remove(&29);
    });
    let findings = findings(&records, &signer).await;
    assert_eq!(
        findings[0],
        Finding::Moved {
            sequence: 15,
            holds: 16
        }
    );
}

#[tokio::test]
async fn a_history_rewritten_under_its_checkpoints_is_named_at_its_first_entry() {
    for fork in [0, 5, 10, 14] {
        let (records, signer) = sound().await;
        let other = log(30, &[], fork, &signer).await;
        edit(&records, |rows| {
            rows.clone_from(&other.entries.lock().unwrap());
        });
        let findings = findings(&records, &signer).await;
        let checkpoint = if fork < 10 { 10 } else { 20 };
        assert_eq!(
            findings,
            [Finding::Forked {
                sequence: fork,
                checkpoint
            }],
            "fork at {fork}"
        );
    }
}

#[tokio::test]
async fn a_history_signed_anew_contradicts_a_checkpoint_kept_elsewhere() {
    let (records, signer) = sound().await;
    let with_hashes = latest_checkpoint(&*records, true).await.unwrap().unwrap();
    let note_only = latest_checkpoint(&*records, false).await.unwrap().unwrap();
    assert!(
        against(&records, &signer, &[with_hashes.clone(), note_only.clone()])
            .await
            .is_empty()
    );

    // Whoever holds the key itself signs another history from entry 13 on: the log alone is sound.
    let forged = log(40, &[10, 20, 30], 13, &signer).await;
    assert!(findings(&forged, &signer).await.is_empty());

    let found = against(&forged, &signer, &[with_hashes]).await;
    assert_eq!(
        found[0],
        Finding::Forked {
            sequence: 13,
            checkpoint: 20
        }
    );
    assert!(
        found.contains(&Finding::Contradiction { one: 20, other: 20 }),
        "{found:?}"
    );

    let found = against(&forged, &signer, &[note_only]).await;
    assert!(
        matches!(
            found[0],
            Finding::ForkedWithin {
                first: 10,
                last: 19
            } | Finding::Contradiction { one: 20, .. }
        ),
        "{found:?}"
    );
}

#[tokio::test]
async fn a_log_taken_back_to_an_earlier_state_misses_what_was_kept_elsewhere() {
    let (records, signer) = sound().await;
    let kept = latest_checkpoint(&*records, false).await.unwrap().unwrap();
    edit(&records, |rows| rows.retain(|sequence, _| *sequence < 10));
    records.checkpoints.lock().unwrap().remove(&20);
    assert!(
        findings(&records, &signer).await.is_empty(),
        "the log alone cannot know"
    );
    assert_eq!(
        against(&records, &signer, &[kept]).await,
        [Finding::Missing {
            first: 10,
            last: 19
        }]
    );
}

#[tokio::test]
async fn a_checkpoint_that_does_not_hold_is_named() {
    let (records, signer) = sound().await;
    let whole = records.checkpoints.lock().unwrap().clone();
    records
        .checkpoints
        .lock()
        .unwrap()
        .get_mut(&10)
        .unwrap()
        .note
        .push('x');
    assert!(
        findings(&records, &signer).await.is_empty(),
        "a line behind the signatures"
    );
    records
        .checkpoints
        .lock()
        .unwrap()
        .get_mut(&10)
        .unwrap()
        .note = whole[&20].note.clone();
    assert_eq!(
        findings(&records, &signer).await,
        [Finding::Checkpoint {
            size: 10,
            reason: NoteError::Malformed
        }]
    );
    *records.checkpoints.lock().unwrap() = whole;
    let other = crate::testing::signer();
    let unsigned = |size| Finding::Checkpoint {
        size,
        reason: NoteError::Signature,
    };
    assert_eq!(
        findings(&records, &other).await,
        [unsigned(10), unsigned(20)]
    );
    assert_eq!(
        against(&records, &signer, &["nothing".to_owned()]).await,
        [Finding::KeptElsewhere {
            index: 0,
            reason: NoteError::Malformed
        }]
    );
}

#[tokio::test]
async fn altered_hashes_are_named_and_the_roots_still_tell() {
    let (records, signer) = sound().await;
    let last = records.checkpoints.lock().unwrap()[&20].frontier.len() - 1;
    records
        .checkpoints
        .lock()
        .unwrap()
        .get_mut(&20)
        .unwrap()
        .frontier[last] ^= 1;
    assert_eq!(
        findings(&records, &signer).await,
        [Finding::Hashes { size: 20 }]
    );
    let other = log(30, &[], 14, &signer).await;
    edit(&records, |rows| {
        rows.clone_from(&other.entries.lock().unwrap());
    });
    assert_eq!(
        findings(&records, &signer).await,
        [
            Finding::Hashes { size: 20 },
            Finding::ForkedWithin {
                first: 10,
                last: 19
            }
        ]
    );
}

#[tokio::test]
async fn an_entry_put_far_away_does_not_hold_up_the_reader() {
    let (records, signer) = sound().await;
    edit(&records, |rows| {
        let entry = rows.remove(&25).unwrap();
        rows.insert(i64::MAX as u64, entry);
    });
    let findings = findings(&records, &signer).await;
    assert_eq!(
        findings[0],
        Finding::Missing {
            first: 25,
            last: 25
        }
    );
    assert_eq!(
        findings[1],
        Finding::Missing {
            first: 30,
            last: i64::MAX as u64 - 1
        }
    );
}

#[tokio::test]
async fn a_long_log_is_read_page_by_page_and_a_long_list_of_findings_is_cut() {
    let signer = signer();
    let records = log(2500, &[1200, 2400], u64::MAX, &signer).await;
    assert!(findings(&records, &signer).await.is_empty());
    edit(&records, |rows| rows.get_mut(&1999).unwrap()[90] ^= 1);
    assert_eq!(
        findings(&records, &signer).await,
        [Finding::Altered { sequence: 1999 }]
    );
    edit(&records, |rows| {
        for entry in rows.values_mut() {
            entry[0] = b' ';
        }
    });
    let report = verify(&*records, &signer.verifier(), ORIGIN, &[])
        .await
        .unwrap();
    assert_eq!(report.findings.len(), MAX_FINDINGS);
    assert_eq!(report.more, 2400);
}

type Untouched = (LedgerSigner, Vec<(u64, Vec<u8>)>, Vec<CheckpointRecord>);

/// Thirty entries, all signed, and what the log was before anybody touched it.
static SIGNED: std::sync::LazyLock<Untouched> = std::sync::LazyLock::new(|| {
    let signer = signer();
    let records = block_on(log(30, &[10, 20, 30], u64::MAX, &signer));
    let entries = records
        .entries
        .lock()
        .unwrap()
        .clone()
        .into_iter()
        .collect();
    let checkpoints = records
        .checkpoints
        .lock()
        .unwrap()
        .values()
        .cloned()
        .collect();
    (signer, entries, checkpoints)
});

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

proptest! {
    #[test]
    fn no_change_of_one_entry_goes_unnoticed(
        sequence in 0..30_u64,
        at in 0..60_usize,
        bit in 0..8_u8,
    ) {
        let (signer, entries, checkpoints) = &*SIGNED;
        let records = MemoryRecords::new();
        edit(&records, |rows| {
            rows.extend(entries.iter().cloned());
            let entry = rows.get_mut(&sequence).unwrap();
            let at = at * entry.len() / 60;
            entry[at] ^= 1 << bit;
        });
        for checkpoint in checkpoints {
            block_on(records.put_checkpoint(checkpoint)).unwrap();
        }
        prop_assert_eq!(block_on(findings(&records, signer)).len(), 1);
    }
}
