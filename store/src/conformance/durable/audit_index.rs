//! What the ledger is looked up by: each page taken in once; stretches found by all of several things, within a time,
//! page by page.

use guichet_domain::Timestamp;

use super::at;
use crate::Fault;
use crate::conformance::{Books, bytes32, race, times};
use crate::durable::audit_index::{AuditEntry, AuditLookup, AuditTerm, Stretch};

const STRETCH: u64 = Stretch::ENTRIES as u64;

/// Whoever comes first; the others find that it was done. Nothing is found by what it does not say.
pub async fn what_the_audit_log_is_looked_up_by_is_taken_in_once(
    books: Books,
) -> Result<(), Fault> {
    let index = &books.here.audit_index;
    assert_eq!(index.read_to().await?, 0);
    let read = race(|turn| {
        let index = books.node(turn).audit_index.clone();
        // One thing twice, in one entry or in one stretch, is one.
        let said = [
            entry(3, 30, &[1, 2, 1]),
            entry(4, 40, &[2]),
            entry(STRETCH + 1, 50, &[2]),
        ];
        async move { index.read_on(0, STRETCH + 2, &said).await }
    });
    assert_eq!(times(&read.await?, &true), 1);
    let there = &books.there.audit_index;
    assert_eq!(there.read_to().await?, STRETCH + 2);
    let next = STRETCH + 10;
    assert!(!there.read_on(0, next, &[entry(7, 70, &[1])]).await?);
    let said = [entry(STRETCH + 7, 70, &[1])];
    assert!(there.read_on(STRETCH + 2, next, &said).await?);
    assert_eq!(index.read_to().await?, next);
    assert_eq!(firsts(&index.stretches(&by(&[1])).await?), [STRETCH, 0]);
    assert_eq!(firsts(&index.stretches(&by(&[2])).await?), [STRETCH, 0]);
    assert!(index.stretches(&by(&[3])).await?.is_empty());
    assert!(index.stretches(&by(&[])).await?.is_empty());
    Ok(())
}

/// Whatever order the things are named in, and whichever is the rarest.
pub async fn several_things_are_looked_up_at_once(books: Books) -> Result<(), Fault> {
    let index = &books.here.audit_index;
    let said: Vec<AuditEntry> = (0..40)
        .map(|nth| {
            let all: &[u64] = match nth {
                12 => &[1, 2, 3],
                20 => &[1, 3],
                nth if nth % 4 == 0 => &[1, 2],
                _ => &[1],
            };
            entry(nth * STRETCH, 10, all)
        })
        .collect();
    assert!(index.read_on(0, 40 * STRETCH, &said).await?);
    let there = &books.there.audit_index;
    for (terms, found) in [
        (&[1, 2, 3][..], &[12][..]),
        (&[3, 2, 1], &[12]),
        (&[2, 3], &[12]),
        (&[3, 1], &[20, 12]),
        (&[1, 3], &[20, 12]),
        (&[3, 4], &[]),
        (&[4, 1, 2], &[]),
    ] {
        let there = firsts(&there.stretches(&by(terms)).await?);
        let found: Vec<u64> = found.iter().map(|nth| nth * STRETCH).collect();
        assert_eq!(there, found, "{terms:?}");
    }
    Ok(())
}

/// The newest first; each page where the one before ended; and of the hours that are asked for, though clocks of
/// nodes differ.
pub async fn what_is_looked_up_comes_page_by_page_and_of_its_hours(
    books: Books,
) -> Result<(), Fault> {
    const HOUR: u64 = 3600;
    let index = &books.here.audit_index;
    // The clock of the node that wrote the fourth went ahead.
    let written = [0, 1, 2, 9, 2, 3, 4];
    let said: Vec<AuditEntry> = (0..)
        .zip(written)
        .map(|(nth, hour)| entry(nth * STRETCH, hour * HOUR + 5, &[1]))
        .collect();
    assert!(index.read_on(0, 7 * STRETCH, &said).await?);
    let there = &books.there.audit_index;
    let all: Vec<u64> = (0..7).rev().map(|nth| nth * STRETCH).collect();
    assert_eq!(firsts(&there.stretches(&by(&[1])).await?), all);
    let (mut seen, mut before) = (Vec::new(), u64::MAX >> 1);
    loop {
        let limit = 2;
        let page = there
            .stretches(&AuditLookup {
                before,
                limit,
                ..by(&[1])
            })
            .await?;
        let Some(last) = page.last() else { break };
        before = last.first();
        seen.extend(firsts(&page));
    }
    assert_eq!(seen, all);
    // In the middle of a stretch, that one is not left out.
    let middle = AuditLookup {
        before: 2 * STRETCH + 1,
        ..by(&[1])
    };
    assert_eq!(
        firsts(&there.stretches(&middle).await?),
        [2 * STRETCH, STRETCH, 0]
    );
    let within = |since, until| AuditLookup {
        since: Some(at(since)),
        until: Some(at(until)),
        ..by(&[1])
    };
    // What lies between is found with it; whoever reads it looks at its time.
    let second = there.stretches(&within(2 * HOUR, 2 * HOUR + 60)).await?;
    assert_eq!(firsts(&second), [4 * STRETCH, 3 * STRETCH, 2 * STRETCH]);
    let ahead = there.stretches(&within(8 * HOUR, 10 * HOUR)).await?;
    assert_eq!(firsts(&ahead), [3 * STRETCH]);
    assert!(
        there
            .stretches(&within(5 * HOUR, 7 * HOUR))
            .await?
            .is_empty()
    );
    assert!(
        there
            .stretches(&within(3 * HOUR, 2 * HOUR))
            .await?
            .is_empty()
    );
    let until = AuditLookup {
        since: None,
        ..within(0, HOUR)
    };
    assert_eq!(firsts(&there.stretches(&until).await?), [STRETCH, 0]);
    let since = AuditLookup {
        until: None,
        ..within(4 * HOUR, 0)
    };
    let newest = there.stretches(&since).await?;
    assert_eq!(newest.first().map(|it| it.first()), Some(6 * STRETCH));
    assert_eq!(newest.last().map(|it| it.first()), Some(3 * STRETCH));
    Ok(())
}

fn term(seed: u64) -> AuditTerm {
    AuditTerm::of_digest(bytes32(seed))
}

fn entry(sequence: u64, seconds: u64, terms: &[u64]) -> AuditEntry {
    AuditEntry {
        sequence,
        at: at(seconds),
        terms: terms.iter().map(|seed| term(*seed)).collect(),
    }
}

fn by(seeds: &[u64]) -> AuditLookup {
    AuditLookup {
        terms: seeds.iter().map(|seed| term(*seed)).collect(),
        since: None,
        until: None::<Timestamp>,
        before: u64::MAX >> 1,
        limit: 100,
    }
}

fn firsts(stretches: &[Stretch]) -> Vec<u64> {
    stretches.iter().map(|stretch| stretch.first()).collect()
}
