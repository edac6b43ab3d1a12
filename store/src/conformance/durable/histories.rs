//! What the ledger says of each citizen: each page taken in once, found by name, in pages.

use std::collections::BTreeMap;

use guichet_domain::{ClientId, LedgerName};

use super::evidence_grants::single;
use super::{at, valid};
use crate::Durable;
use crate::Fault;
use crate::conformance::{Books, bytes16, race};
use crate::durable::Placed;
use crate::durable::exchange_entries::{ExchangeEntry, Secrecy, Told};
use crate::durable::histories::{
    HistoryClass, HistoryEntry, HistoryQuery, HistoryRow, LastQuery, Place, Span, Whose,
};

/// Whoever comes first; the others find that it was done. Nobody finds what is about somebody else.
pub async fn a_history_is_read_once_and_found_by_name(books: Books) -> Result<(), Fault> {
    ledger(&books.here, 20).await?;
    assert_eq!(books.here.histories.read_to().await?, 0);
    let read = race(|turn| {
        let histories = books.node(turn).histories.clone();
        async move {
            let page = [
                entry(1, 3, HistoryClass::SignIn),
                entry(2, 4, HistoryClass::SignIn),
            ];
            histories.read_on(0, 10, &page).await
        }
    });
    assert_eq!(crate::conformance::times(&read.await?, &true), 1);
    assert_eq!(books.there.histories.read_to().await?, 10);
    assert!(
        !books
            .here
            .histories
            .read_on(0, 20, &[entry(1, 15, HistoryClass::Look)])
            .await?
    );
    assert!(
        books
            .here
            .histories
            .read_on(10, 20, &[entry(1, 15, HistoryClass::Look)])
            .await?
    );
    let there = &books.there.histories;
    assert_eq!(places(&there.page(&query(&[1])).await?), [15, 3]);
    assert_eq!(places(&there.page(&query(&[2])).await?), [4]);
    assert_eq!(places(&there.page(&query(&[1, 2])).await?), [15, 4, 3]);
    assert!(there.page(&query(&[3])).await?.is_empty());
    assert!(there.page(&query(&[])).await?.is_empty());
    let found = there.page(&query(&[2])).await?;
    assert_eq!(found[0].entry, b"entry 4");
    assert_eq!(found[0].class, HistoryClass::SignIn);
    let services = there.clients(&[name(1)]).await?;
    assert_eq!(services, [valid("service-1".parse())]);
    Ok(())
}

/// Newest or oldest first, by class, service and time; without what was written while nobody knows whose it
/// is.
pub async fn a_history_is_found_in_pages_as_asked(books: Books) -> Result<(), Fault> {
    ledger(&books.here, 30).await?;
    let class = |sequence: u64| match sequence % 3 {
        0 => HistoryClass::SignIn,
        1 => HistoryClass::Exchange,
        _ => HistoryClass::Step,
    };
    let said: Vec<_> = (0..30).map(|it| entry(1, it, class(it))).collect();
    assert!(books.here.histories.read_on(0, 30, &said).await?);
    let there = &books.there.histories;
    let found = async |query: HistoryQuery| there.page(&query).await.map(|rows| places(&rows));
    let all = query(&[1]);
    let first = found(HistoryQuery {
        limit: 4,
        ..all.clone()
    })
    .await?;
    assert_eq!(first, [28, 27, 25, 24]);
    let place = Place::Before(24);
    assert_eq!(
        found(HistoryQuery {
            limit: 2,
            place,
            ..all.clone()
        })
        .await?,
        [22, 21]
    );
    let place = Place::From(22);
    assert_eq!(
        found(HistoryQuery {
            limit: 3,
            place,
            ..all.clone()
        })
        .await?,
        [22, 24, 25]
    );
    let steps = HistoryQuery {
        limit: 3,
        with_steps: true,
        ..all.clone()
    };
    assert_eq!(found(steps).await?, [29, 28, 27]);
    let of_class = |class| HistoryQuery {
        class: Some(class),
        limit: 2,
        ..all.clone()
    };
    assert_eq!(found(of_class(HistoryClass::SignIn)).await?, [27, 24]);
    assert_eq!(found(of_class(HistoryClass::Step)).await?, [29, 26]);
    let client = Some(valid("service-1".parse()));
    assert_eq!(
        found(HistoryQuery {
            client,
            limit: 2,
            ..all.clone()
        })
        .await?,
        [27, 25]
    );
    let (since, until) = (at(6), at(10));
    assert_eq!(
        found(HistoryQuery {
            since,
            until,
            ..all.clone()
        })
        .await?,
        [9, 7, 6]
    );
    let span = |since, until| Span {
        since: at(since),
        until: at(until),
    };
    let closed = vec![span(0, 3), span(6, 25), span(27, 28)];
    assert_eq!(found(HistoryQuery { closed, ..all }).await?, [28, 25, 4, 3]);
    Ok(())
}

/// An entry about an exchange names nobody: it is whoever's who decided, once that is known, and nobody's
/// after a while.
pub async fn what_is_about_an_exchange_waits_for_whoever_decides(
    books: Books,
) -> Result<(), Fault> {
    ledger(&books.here, 20).await?;
    let (decided, abandoned) = (single(1), single(2));
    let about = |exchange, sequence| HistoryEntry {
        whose: Whose::Exchange(exchange),
        ..entry(0, sequence, HistoryClass::Exchange)
    };
    let said = [
        about(decided.id, 1),
        about(abandoned.id, 2),
        about(decided.id, 3),
    ];
    let histories = &books.here.histories;
    assert!(histories.read_on(0, 10, &said).await?);
    assert!(histories.decided(10).await?.is_empty());
    books.here.evidence_grants.record(&decided).await?;
    let there = &books.there.histories;
    assert_eq!(there.decided(10).await?, [(decided.id, decided.person)]);
    there.give(decided.id, name(1)).await?;
    there.give(decided.id, name(1)).await?;
    assert!(there.decided(10).await?.is_empty());
    assert_eq!(places(&histories.page(&query(&[1])).await?), [3, 1]);
    assert_eq!(there.clients(&[name(1)]).await?.len(), 1);
    assert_eq!(there.forget_undecided(at(2)).await?, 0, "it waits still");
    assert_eq!(there.forget_undecided(at(3)).await?, 1);
    books.here.evidence_grants.record(&abandoned).await?;
    assert!(there.decided(10).await?.is_empty());
    Ok(())
}

/// As in every other list: until the moment that the order says, and not a moment longer.
pub async fn what_a_law_hides_is_in_no_history_until_its_time(books: Books) -> Result<(), Fault> {
    ledger(&books.here, 10).await?;
    let hidden = single(1);
    books.here.evidence_grants.record(&hidden).await?;
    let whose = Whose::Exchange(hidden.id);
    let said = [
        entry(1, 1, HistoryClass::SignIn),
        HistoryEntry {
            whose,
            ..entry(0, 2, HistoryClass::Exchange)
        },
    ];
    let histories = &books.here.histories;
    assert!(histories.read_on(0, 10, &said).await?);
    histories.give(hidden.id, name(1)).await?;
    assert_eq!(places(&histories.page(&query(&[1])).await?), [2, 1]);
    let order = ExchangeEntry {
        exchange: hidden.id,
        sequence: 3,
        told: Some(Told::Hidden(Secrecy {
            until: at(100),
            authority: "Tribunal".to_owned(),
            order: "1".to_owned(),
        })),
    };
    assert!(books.here.exchange_entries.read_on(0, 10, &[order]).await?);
    let there = &books.there.histories;
    let by = |now| HistoryQuery {
        now: at(now),
        ..query(&[1])
    };
    assert_eq!(places(&there.page(&by(99)).await?), [1]);
    assert_eq!(places(&there.page(&by(100)).await?), [2, 1]);
    Ok(())
}

/// Of each service the newest of the class, under whichever of their names it is; of no service that had to do with
/// somebody else alone.
pub async fn what_was_last_is_found_of_every_service_at_once(books: Books) -> Result<(), Fault> {
    ledger(&books.here, 40).await?;
    let sign_in = |of, sequence, service: &str| HistoryEntry {
        client: Some(valid(service.parse())),
        ..entry(of, sequence, HistoryClass::SignIn)
    };
    let said = [
        sign_in(1, 1, "cantine"),
        sign_in(1, 2, "banque"),
        sign_in(1, 3, "cantine"),
        sign_in(2, 4, "cantine"),
        HistoryEntry {
            class: HistoryClass::Exchange,
            ..sign_in(1, 5, "banque")
        },
        HistoryEntry {
            class: HistoryClass::Refusal,
            ..sign_in(1, 6, "plainte")
        },
        sign_in(3, 7, "secours"),
        sign_in(6, 8, "banque"),
    ];
    assert!(books.here.histories.read_on(0, 40, &said).await?);
    let there = &books.there.histories;
    let found = async |of: &[u64]| there.last_of_each(&last(of)).await.map(|it| each(&it));
    let of = |all: &[(&str, u64)]| -> Vec<(String, u64)> {
        let owned = |(service, place): &(&str, u64)| ((*service).to_owned(), *place);
        all.iter().map(owned).collect()
    };
    assert_eq!(found(&[1]).await?, of(&[("banque", 2), ("cantine", 3)]));
    assert_eq!(found(&[2]).await?, of(&[("cantine", 4)]));
    assert_eq!(found(&[2, 1]).await?, of(&[("banque", 2), ("cantine", 4)]));
    // More names than a statement has places for.
    let many = found(&[1, 2, 4, 5, 6]).await?;
    assert_eq!(many, of(&[("banque", 8), ("cantine", 4)]));
    assert_eq!(found(&[]).await?, []);
    let rows = there.last_of_each(&last(&[1])).await?;
    let cantine: ClientId = valid("cantine".parse());
    let row = &rows[&cantine];
    assert_eq!(row.entry, b"entry 3");
    assert_eq!(row.class, HistoryClass::SignIn);
    Ok(())
}

/// As on every page of a history: what comes before counts in its place.
pub async fn what_was_last_is_of_no_closed_time_and_of_nothing_hidden(
    books: Books,
) -> Result<(), Fault> {
    ledger(&books.here, 40).await?;
    let hidden = single(1);
    books.here.evidence_grants.record(&hidden).await?;
    let at_service = |sequence| HistoryEntry {
        client: Some(valid("cantine".parse())),
        ..entry(1, sequence, HistoryClass::Exchange)
    };
    let said = [
        at_service(1),
        at_service(10),
        at_service(20),
        HistoryEntry {
            whose: Whose::Exchange(hidden.id),
            ..at_service(30)
        },
    ];
    assert!(books.here.histories.read_on(0, 40, &said).await?);
    books.here.histories.give(hidden.id, name(1)).await?;
    let order = ExchangeEntry {
        exchange: hidden.id,
        sequence: 31,
        told: Some(Told::Hidden(Secrecy {
            until: at(100),
            authority: "Tribunal".to_owned(),
            order: "1".to_owned(),
        })),
    };
    assert!(books.here.exchange_entries.read_on(0, 40, &[order]).await?);
    let there = &books.there.histories;
    let by = async |now, closed: &[(u64, u64)]| {
        let span = |&(since, until): &(u64, u64)| Span {
            since: at(since),
            until: at(until),
        };
        let query = LastQuery {
            class: HistoryClass::Exchange,
            now: at(now),
            closed: closed.iter().map(span).collect(),
            ..last(&[1])
        };
        let found = there.last_of_each(&query).await?;
        Ok::<_, Fault>(found.values().map(|row| row.sequence).next())
    };
    assert_eq!(by(99, &[]).await?, Some(20));
    assert_eq!(by(100, &[]).await?, Some(30));
    assert_eq!(by(99, &[(15, 25)]).await?, Some(10));
    assert_eq!(by(99, &[(15, 25), (10, 11)]).await?, Some(1));
    assert_eq!(by(99, &[(0, 2), (10, 11), (15, 25)]).await?, None);
    Ok(())
}

/// Entries for the history to lead to.
async fn ledger(node: &Durable, size: u64) -> Result<(), Fault> {
    let entries: Vec<_> = (0..size)
        .map(|it| format!("entry {it}").into_bytes())
        .collect();
    assert_eq!(node.ledger.append(0, &entries).await?, Placed::Done);
    Ok(())
}

fn entry(of: u64, sequence: u64, class: HistoryClass) -> HistoryEntry {
    HistoryEntry {
        whose: Whose::Named(name(of)),
        sequence,
        at: at(sequence),
        class,
        client: Some(valid(format!("service-{}", sequence % 2).parse())),
    }
}

fn query(of: &[u64]) -> HistoryQuery {
    HistoryQuery {
        names: of.iter().copied().map(name).collect(),
        place: Place::Before(u64::MAX),
        since: at(0),
        until: at(1_000_000),
        class: None,
        with_steps: false,
        client: None,
        closed: Vec::new(),
        now: at(0),
        limit: 100,
    }
}

fn last(of: &[u64]) -> LastQuery {
    LastQuery {
        names: of.iter().copied().map(name).collect(),
        class: HistoryClass::SignIn,
        closed: Vec::new(),
        now: at(0),
    }
}

fn each(found: &BTreeMap<ClientId, HistoryRow>) -> Vec<(String, u64)> {
    let pair = |(client, row): (&ClientId, &HistoryRow)| (client.to_string(), row.sequence);
    found.iter().map(pair).collect()
}

fn places(rows: &[HistoryRow]) -> Vec<u64> {
    rows.iter().map(|row| row.sequence).collect()
}

fn name(seed: u64) -> LedgerName {
    LedgerName::from_bytes(bytes16(seed))
}
