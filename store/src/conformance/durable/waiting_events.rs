//! Events that wait: each for its client, until that client says that it has it.

use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, bytes16, race, sealed, times};
use crate::durable::{Unfetched, WaitingEvent};

/// The oldest first, kept once, and nobody else's.
pub async fn an_event_waits_for_its_client_until_it_is_acknowledged(
    books: Books,
) -> Result<(), Fault> {
    let events = &books.here.waiting_events;
    let (first, second, other) = (
        event(1, "cantine", 5),
        event(2, "cantine", 4),
        event(3, "banque", 1),
    );
    for one in [&first, &second, &other] {
        events.keep(one).await?;
    }
    let mut changed = first.clone();
    changed.payload = sealed("changed");
    events.keep(&changed).await?;
    let there = &books.there.waiting_events;
    let cantine = &first.client;
    assert_eq!(
        there.waiting_for(cantine, 10).await?,
        [second.clone(), first.clone()]
    );
    assert_eq!(
        there.waiting_for(cantine, 1).await?,
        std::slice::from_ref(&second)
    );
    assert_eq!(there.acknowledge(cantine, other.id).await?, None);
    assert_eq!(there.acknowledge(cantine, second.id).await?, Some(second));
    assert_eq!(events.waiting_for(cantine, 10).await?, [first]);
    assert_eq!(events.waiting_for(&other.client, 10).await?, [other]);
    Ok(())
}

/// Of fifty, one did.
pub async fn an_event_is_acknowledged_once_whoever_asks_first(books: Books) -> Result<(), Fault> {
    let one = event(1, "cantine", 1);
    books.here.waiting_events.keep(&one).await?;
    let outcomes = race(|turn| {
        let events = books.node(turn).waiting_events.clone();
        let (client, id) = (one.client.clone(), one.id);
        async move { events.acknowledge(&client, id).await }
    })
    .await?;
    assert_eq!(times(&outcomes, &Some(one)), 1);
    assert_eq!(times(&outcomes, &None), outcomes.len() - 1);
    Ok(())
}

/// With how many, and since when.
pub async fn whoever_leaves_events_waiting_is_known(books: Books) -> Result<(), Fault> {
    let events = &books.here.waiting_events;
    for (seed, client, kept) in [
        (1, "cantine", 10),
        (2, "cantine", 20),
        (3, "cantine", 99),
        (4, "banque", 98),
        (5, "famille", 30),
    ] {
        events.keep(&event(seed, client, kept)).await?;
    }
    let left = |client: &str, count, oldest| Unfetched {
        client: valid(client.parse()),
        count,
        oldest: at(oldest),
    };
    let unfetched = books.there.waiting_events.unfetched(at(50)).await?;
    assert_eq!(unfetched, [left("cantine", 2, 10), left("famille", 1, 30)]);
    Ok(())
}

/// So many at once, and those alone that are old enough.
pub async fn events_that_nobody_fetched_are_forgotten_the_oldest_first(
    books: Books,
) -> Result<(), Fault> {
    let events = &books.here.waiting_events;
    for (seed, client, kept) in [
        (1, "cantine", 30),
        (2, "famille", 20),
        (3, "cantine", 10),
        (4, "cantine", 40),
    ] {
        events.keep(&event(seed, client, kept)).await?;
    }
    let gone = |client: &str, count, oldest| Unfetched {
        client: valid(client.parse()),
        count,
        oldest: at(oldest),
    };
    let there = &books.there.waiting_events;
    let first = there.forget(at(40), 2).await?;
    assert_eq!(first, [gone("cantine", 1, 10), gone("famille", 1, 20)]);
    assert_eq!(events.forget(at(40), 2).await?, [gone("cantine", 1, 30)]);
    assert!(events.forget(at(40), 2).await?.is_empty());
    let left = events.waiting_for(&valid("cantine".parse()), 10).await?;
    assert_eq!(left, [event(4, "cantine", 40)]);
    Ok(())
}

fn event(seed: u64, client: &str, kept: u64) -> WaitingEvent {
    WaitingEvent {
        id: bytes16(seed),
        client: valid(client.parse()),
        payload: sealed("what it says"),
        kept: at(kept),
    }
}
