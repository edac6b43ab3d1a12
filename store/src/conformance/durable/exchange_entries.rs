//! What the ledger says of exchanges: each page taken in once, by one node.

use guichet_domain::ExchangeId;

use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, bytes16, race};
use crate::durable::DeliveryHalf;
use crate::durable::exchange_entries::{
    ExchangeEntry, ExchangePlace, PullCount, Secrecy, SecrecyCount, Told,
};

/// Whoever comes first; the others find that it was done.
pub async fn a_page_of_the_ledger_is_taken_in_once(books: Books) -> Result<(), Fault> {
    let entries = &books.here.exchange_entries;
    assert_eq!(entries.read_to().await?, 0);
    race(|turn| {
        let node = books.node(turn).exchange_entries.clone();
        async move {
            let page = [said(1, turn % 10, None)];
            node.read_on(0, 10, &page).await.map(drop)
        }
    })
    .await?;
    assert_eq!(books.there.exchange_entries.read_to().await?, 10);
    assert_eq!(entries.entries_of(exchange(1)).await?.len(), 1);
    assert!(!entries.read_on(0, 20, &[said(1, 15, None)]).await?);
    assert!(
        entries
            .read_on(10, 20, &[said(1, 19, Some(Told::Decided))])
            .await?
    );
    assert!(entries.read_on(20, 30, &[said(2, 25, None)]).await?);
    let places = books.there.exchange_entries.entries_of(exchange(1)).await?;
    assert_eq!(places.len(), 2);
    let (sequence, decides) = (19, true);
    assert_eq!(places[1], ExchangePlace { sequence, decides });
    assert!(!places[0].decides);
    Ok(())
}

/// A pull tried again counts once; a half counts for the pull it names, or for the latest.
pub async fn pulls_are_counted_by_each_sides_word(books: Books) -> Result<(), Fault> {
    let released = |pull, seconds| {
        Some(Told::Released {
            pull,
            data_provider: valid("famille".parse()),
            at: at(seconds),
        })
    };
    let half = |half| Some(Told::Delivered { half, pull: None });
    let late = Told::Delivered {
        half: DeliveryHalf::Received,
        pull: Some(1),
    };
    let page = [
        said(1, 0, released(1, 5)),
        said(1, 1, released(1, 6)),
        said(1, 2, half(DeliveryHalf::Released)),
        said(2, 3, released(1, 7)),
        said(2, 4, half(DeliveryHalf::Received)),
        said(1, 5, released(2, 20)),
        said(1, 6, half(DeliveryHalf::Received)),
        said(3, 7, half(DeliveryHalf::Received)),
        said(1, 8, Some(late)),
    ];
    let entries = &books.here.exchange_entries;
    assert!(entries.read_on(0, 9, &page).await?);
    let there = &books.there.exchange_entries;
    let counts = |released, sent, received| PullCount {
        data_provider: valid("famille".parse()),
        released,
        sent,
        received,
    };
    assert_eq!(there.count_pulls(at(5), at(20)).await?, [counts(2, 1, 2)]);
    assert_eq!(there.count_pulls(at(20), at(21)).await?, [counts(1, 0, 1)]);
    assert_eq!(there.count_pulls(at(21), at(99)).await?, []);
    Ok(())
}

/// Until the moment it says, and not a moment longer; the latest order counts.
pub async fn what_is_hidden_opens_at_its_time(books: Books) -> Result<(), Fault> {
    let secrecy = |seconds| Secrecy {
        until: at(seconds),
        authority: "Tribunal".to_owned(),
        order: "26/17".to_owned(),
    };
    let hidden = |seconds| Some(Told::Hidden(secrecy(seconds)));
    let page = [
        said(1, 0, hidden(5)),
        said(2, 1, hidden(50)),
        said(1, 2, hidden(10)),
    ];
    let entries = &books.here.exchange_entries;
    assert!(entries.read_on(0, 3, &page).await?);
    let there = &books.there.exchange_entries;
    assert_eq!(there.secrecy_of(exchange(1)).await?, Some(secrecy(10)));
    assert_eq!(there.secrecy_of(exchange(3)).await?, None);
    assert_eq!(there.hidden(at(9)).await?.len(), 2);
    assert_eq!(there.hidden(at(10)).await?, [exchange(2)]);
    let (hidden, opened) = (1, 1);
    let count = there.count_secrecy(at(10)).await?;
    assert_eq!(count, SecrecyCount { hidden, opened });
    assert_eq!(there.hidden(at(50)).await?, []);
    Ok(())
}

fn said(seed: u64, sequence: u64, told: Option<Told>) -> ExchangeEntry {
    ExchangeEntry {
        exchange: exchange(seed),
        sequence,
        told,
    }
}

fn exchange(seed: u64) -> ExchangeId {
    ExchangeId::from_bytes(bytes16(seed))
}
