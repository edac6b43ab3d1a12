//! What the ledger is looked up by: each page taken in once, found in the order of time, page by page.

use guichet_domain::Timestamp;

use super::at;
use crate::Fault;
use crate::conformance::{Books, bytes32, race, times};
use crate::durable::Placed;
use crate::durable::audit_index::{AuditEntry, AuditLookup, AuditPlace, AuditRow, AuditTerm};

/// Whoever comes first; the others find that it was done. Nothing is found by what it does not say.
pub async fn what_the_audit_log_is_looked_up_by_is_taken_in_once(
    books: Books,
) -> Result<(), Fault> {
    ledger(&books, 10).await?;
    let index = &books.here.audit_index;
    assert_eq!(index.read_to().await?, 0);
    let read = race(|turn| {
        let index = books.node(turn).audit_index.clone();
        // One thing twice, in one entry, is one.
        let said = [entry(3, 30, &[1, 2, 1]), entry(4, 40, &[2])];
        async move { index.read_on(0, 5, &said).await }
    });
    assert_eq!(times(&read.await?, &true), 1);
    let there = &books.there.audit_index;
    assert_eq!(there.read_to().await?, 5);
    assert!(!there.read_on(0, 10, &[entry(7, 70, &[1])]).await?);
    assert!(there.read_on(5, 10, &[entry(7, 70, &[1])]).await?);
    assert_eq!(index.read_to().await?, 10);
    assert_eq!(places(&index.page(&by(1)).await?), [7, 3]);
    assert_eq!(places(&index.page(&by(2)).await?), [4, 3]);
    assert!(index.page(&by(3)).await?.is_empty());
    let found = there.page(&by(1)).await?;
    assert_eq!(found[0].entry.as_deref(), Some(&b"entry 7"[..]));
    // An entry that the ledger does not have is none, and hides no other.
    assert!(there.read_on(10, 12, &[entry(11, 110, &[1])]).await?);
    let found = index.page(&by(1)).await?;
    assert_eq!(places(&found), [11, 7, 3]);
    assert_eq!(found[0].entry, None);
    Ok(())
}

/// The newest first by their own time, which is not always the order of the ledger; each page where the one before
/// ended, and within a time.
pub async fn what_is_looked_up_comes_in_the_order_of_time_page_by_page(
    books: Books,
) -> Result<(), Fault> {
    ledger(&books, 8).await?;
    let index = &books.here.audit_index;
    let written = [
        (0, 10),
        (1, 30),
        (2, 20),
        (3, 30),
        (4, 30),
        (5, 40),
        (6, 35),
    ];
    let said = written.map(|(sequence, seconds)| entry(sequence, seconds, &[1]));
    assert!(index.read_on(0, 8, &said).await?);
    let there = &books.there.audit_index;
    assert_eq!(places(&there.page(&by(1)).await?), [5, 6, 4, 3, 1, 2, 0]);
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let lookup = AuditLookup {
            before,
            limit: 2,
            ..by(1)
        };
        let page = there.page(&lookup).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.place);
        seen.extend(places(&page));
    }
    assert_eq!(seen, [5, 6, 4, 3, 1, 2, 0]);
    let within = |since, until| AuditLookup {
        since: at(since),
        until: at(until),
        ..by(1)
    };
    assert_eq!(places(&there.page(&within(20, 30)).await?), [4, 3, 1, 2]);
    let behind = AuditLookup {
        before: Some(place(3, 30)),
        ..within(20, 35)
    };
    assert_eq!(places(&there.page(&behind).await?), [1, 2]);
    assert!(there.page(&within(31, 34)).await?.is_empty());
    assert!(there.page(&within(40, 30)).await?.is_empty());
    Ok(())
}

async fn ledger(books: &Books, entries: u64) -> Result<(), Fault> {
    let entries: Vec<Vec<u8>> = (0..entries)
        .map(|it| format!("entry {it}").into_bytes())
        .collect();
    let placed = books.here.ledger.append(0, &entries).await?;
    assert_eq!(placed, Placed::Done);
    Ok(())
}

fn term(seed: u64) -> AuditTerm {
    AuditTerm::of_digest(bytes32(seed))
}

fn place(sequence: u64, seconds: u64) -> AuditPlace {
    let at = at(seconds);
    AuditPlace { at, sequence }
}

fn entry(sequence: u64, seconds: u64, terms: &[u64]) -> AuditEntry {
    AuditEntry {
        place: place(sequence, seconds),
        terms: terms.iter().map(|seed| term(*seed)).collect(),
    }
}

fn by(seed: u64) -> AuditLookup {
    AuditLookup {
        term: term(seed),
        since: Timestamp::from_millis(0),
        until: Timestamp::from_millis(i64::MAX),
        before: None,
        limit: 100,
    }
}

fn places(rows: &[AuditRow]) -> Vec<u64> {
    rows.iter().map(|row| row.place.sequence).collect()
}
