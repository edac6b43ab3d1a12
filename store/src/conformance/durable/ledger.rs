//! The ledger's rows: whole batches, no gaps, nothing overwritten.

use crate::Fault;
use crate::conformance::{Books, RACERS, race};
use crate::durable::{CheckpointRecord, EntryRecord, Placed};

/// Not even the part of it that would fit.
pub async fn a_batch_is_placed_whole_or_not_at_all(books: Books) -> Result<(), Fault> {
    let ledger = &books.here.ledger;
    assert_eq!(ledger.size().await?, 0);
    assert_eq!(ledger.append(0, &[]).await?, Placed::Done);
    assert_eq!(ledger.append(0, &entries("a", 3)).await?, Placed::Done);
    let taken = books.there.ledger.append(1, &entries("b", 5)).await?;
    assert_eq!(taken, Placed::Taken);
    assert_eq!(books.there.ledger.size().await?, 3);
    // Sizes around those of the statements that write several rows.
    let mut size = 3;
    for count in [1, 4, 15, 16, 17, 64, 100] {
        let batch = entries("c", count);
        let placed = books.node(count).ledger.append(size, &batch).await?;
        assert_eq!(placed, Placed::Done);
        size += count;
        assert_eq!(ledger.size().await?, size);
    }
    let last = ledger.read(size - 100, 1000).await?;
    let written = entries("c", 100);
    assert!(last.iter().map(|record| &record.entry).eq(&written));
    Ok(())
}

/// A hole would never be filled.
pub async fn an_entry_beyond_the_end_is_a_fault(books: Books) -> Result<(), Fault> {
    let ledger = &books.here.ledger;
    assert!(ledger.append(1, &entries("a", 1)).await.is_err());
    ledger.append(0, &entries("a", 1)).await?;
    assert!(ledger.append(2, &entries("a", 1)).await.is_err());
    assert_eq!(ledger.size().await?, 1);
    Ok(())
}

/// Fifty writers on two nodes, batches of several sizes: each places its batch exactly once.
pub async fn nodes_that_race_leave_a_ledger_without_gaps(books: Books) -> Result<(), Fault> {
    race(|turn| {
        let ledger = books.node(turn).ledger.clone();
        async move {
            let batch = entries(&format!("writer {turn}"), 1 + turn % 5);
            loop {
                let end = ledger.size().await?;
                if ledger.append(end, &batch).await? == Placed::Done {
                    return Ok(());
                }
            }
        }
    })
    .await?;
    let all = books.here.ledger.read(0, 10_000).await?;
    let expected: u64 = (0..RACERS).map(|turn| 1 + turn % 5).sum();
    assert_eq!(all.len() as u64, expected);
    for (place, record) in (0_u64..).zip(&all) {
        assert_eq!(record.sequence, place);
    }
    for turn in 0..RACERS {
        let batch = entries(&format!("writer {turn}"), 1 + turn % 5);
        let first = all.iter().position(|record| record.entry == batch[0]);
        let placed = all.iter().skip(first.unwrap_or(all.len()));
        let placed = placed.map(|record| &record.entry).take(batch.len());
        assert!(
            placed.eq(&batch),
            "the batch of writer {turn} is in one piece"
        );
        assert_eq!(
            all.iter().filter(|record| record.entry == batch[0]).count(),
            1
        );
    }
    Ok(())
}

/// In order, from anywhere.
pub async fn the_ledger_is_read_in_pages(books: Books) -> Result<(), Fault> {
    let ledger = &books.here.ledger;
    ledger.append(0, &entries("a", 10)).await?;
    let places = |page: Vec<EntryRecord>| -> Vec<u64> {
        page.into_iter().map(|record| record.sequence).collect()
    };
    assert_eq!(places(ledger.read(0, 4).await?), [0, 1, 2, 3]);
    assert_eq!(places(ledger.read(8, 4).await?), [8, 9]);
    assert!(ledger.read(10, 4).await?.is_empty());
    Ok(())
}

/// The first of a size stays.
pub async fn a_checkpoint_is_never_overwritten(books: Books) -> Result<(), Fault> {
    let checkpoint = |size: u64, note: &str| CheckpointRecord {
        size,
        note: note.to_owned(),
        frontier: vec![0, 255, 7],
    };
    let ledger = &books.here.ledger;
    assert_eq!(ledger.last_checkpoint().await?, None);
    for (size, note) in [(5, "five"), (20, "twenty"), (10, "ten"), (20, "forged")] {
        ledger.put_checkpoint(&checkpoint(size, note)).await?;
    }
    let there = &books.there.ledger;
    let last = there.last_checkpoint().await?;
    assert_eq!(last, Some(checkpoint(20, "twenty")));
    let from_ten = there.checkpoints(6, 10).await?;
    assert_eq!(from_ten, [checkpoint(10, "ten"), checkpoint(20, "twenty")]);
    let first = there.checkpoints(0, 1).await?;
    assert_eq!(first, [checkpoint(5, "five")]);
    Ok(())
}

fn entries(what: &str, count: u64) -> Vec<Vec<u8>> {
    (0..count)
        .map(|number| format!("{what} {number} \0\u{e9}").into_bytes())
        .collect()
}
