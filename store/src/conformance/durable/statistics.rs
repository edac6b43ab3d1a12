//! What is counted of the ledger: each page taken in once, found by period and client.

use guichet_domain::{AcrValue, ClientId, LoginId};

use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, bytes16, race, times};
use crate::durable::statistics::{
    ClientMark, Known, SignInCount, SignInKind, SignInOutcome, SignInWay, Tally, UnderWay,
};

/// Whoever comes first; the others find that it was done, and nothing is counted twice.
pub async fn a_page_of_the_ledger_is_counted_once(books: Books) -> Result<(), Fault> {
    assert_eq!(books.here.statistics.read_to().await?, 0);
    let read = race(|turn| {
        let statistics = books.node(turn).statistics.clone();
        async move {
            let tally = Tally {
                counts: vec![count("2027-01", Some("one"), 3)],
                marks: vec![mark("pkce", "2027-01", 2, 50)],
                ..Tally::default()
            };
            statistics.read_on(0, 10, &tally).await
        }
    });
    assert_eq!(times(&read.await?, &true), 1);
    let there = &books.there.statistics;
    assert_eq!(there.read_to().await?, 10);
    assert_eq!(
        there.of_period("2027-01").await?,
        [count("2027-01", Some("one"), 3)]
    );
    assert_eq!(
        there.marks(&client("one"), "2027-01").await?,
        [mark("pkce", "2027-01", 2, 50)]
    );
    Ok(())
}

/// By period and client, and all clients together apart from each of them.
pub async fn counts_add_up_and_are_found_by_period_and_client(books: Books) -> Result<(), Fault> {
    let tally = |times| Tally {
        counts: vec![
            count("2027-01-31T14", Some("one"), times),
            count("2027-01-31", Some("one"), times),
            count("2027-01-31", Some("two"), 1),
            count("2027-01-31", None, times + 1),
            count("2027-02-01", None, 7),
        ],
        marks: vec![
            mark("scope:openid", "2027-01", times, 50 - times),
            mark("scope:openid", "2026-12", 1, 1),
        ],
        ..Tally::default()
    };
    let here = &books.here.statistics;
    assert!(here.read_on(0, 10, &tally(2)).await?);
    assert!(here.read_on(10, 20, &tally(5)).await?);
    let there = &books.there.statistics;
    let mut day = there.of_period("2027-01-31").await?;
    day.sort_by_key(|it| it.times);
    assert_eq!(
        day,
        [
            count("2027-01-31", Some("two"), 2),
            count("2027-01-31", Some("one"), 7)
        ]
    );
    let periods = ["2027-01-31".to_owned(), "2027-02-01".to_owned()];
    assert_eq!(
        there.of_client(&periods, None).await?,
        [count("2027-01-31", None, 9), count("2027-02-01", None, 14)]
    );
    assert_eq!(
        there.of_client(&periods, Some(&client("two"))).await?,
        [count("2027-01-31", Some("two"), 2)]
    );
    let three = ["one", "two", "nobody"].map(client);
    assert_eq!(
        there.of_clients(&periods, &three).await?,
        [
            count("2027-01-31", Some("one"), 7),
            count("2027-01-31", Some("two"), 2)
        ]
    );
    assert!(there.of_clients(&periods, &[]).await?.is_empty());
    assert!(there.of_clients(&[], &three).await?.is_empty());
    // When last, whichever entry was read last.
    assert_eq!(
        there.marks(&client("one"), "2027-01").await?,
        [mark("scope:openid", "2027-01", 7, 48)]
    );
    assert_eq!(there.marks(&client("one"), "2026-12").await?.len(), 2);
    assert_eq!(there.forget_hours("2027-02-01").await?, 1);
    assert!(there.of_period("2027-01-31T14").await?.is_empty());
    assert_eq!(there.of_period("2027-01-31").await?.len(), 2);
    Ok(())
}

/// What is known of a sign-in waits until it is over.
pub async fn a_sign_in_is_under_way_until_it_is_over(books: Books) -> Result<(), Fault> {
    let begun = |seed, seconds, step| UnderWay {
        login: LoginId::from_bytes(bytes16(seed)),
        began: at(seconds),
        known: Known {
            step,
            ..known(Some("one"))
        },
    };
    let ids = |seeds: &[u64]| -> Vec<LoginId> {
        let ids = seeds.iter().map(|seed| LoginId::from_bytes(bytes16(*seed)));
        ids.collect()
    };
    let page = |under_way, over| Tally {
        under_way,
        over,
        ..Tally::default()
    };
    let (here, there) = (&books.here.statistics, &books.there.statistics);
    let first = page(vec![begun(1, 10, 2), begun(2, 20, 2)], Vec::new());
    assert!(here.read_on(0, 10, &first).await?);
    assert_eq!(there.under_way(&ids(&[2, 3])).await?, [begun(2, 20, 2)]);
    assert_eq!(there.begun_before(at(20), 10).await?, [begun(1, 10, 2)]);
    assert_eq!(there.begun_before(at(21), 1).await?, [begun(1, 10, 2)]);
    let second = page(vec![begun(2, 20, 5)], ids(&[1]));
    assert!(!here.read_on(0, 20, &second).await?, "read already");
    assert_eq!(there.under_way(&ids(&[1])).await?.len(), 1);
    assert!(here.read_on(10, 20, &second).await?);
    assert_eq!(there.under_way(&ids(&[1, 2])).await?, [begun(2, 20, 5)]);
    Ok(())
}

fn client(id: &str) -> ClientId {
    valid(id.parse())
}

fn known(of: Option<&str>) -> Known {
    Known {
        client: of.map(client),
        provider: Some(valid("poste".parse())),
        level: Some(AcrValue::corroborated(guichet_domain::Acr::Eidas2)),
        way: SignInWay::Provider,
        step: 7,
    }
}

fn count(period: &str, of: Option<&str>, times: u64) -> SignInCount {
    SignInCount {
        period: period.to_owned(),
        kind: SignInKind {
            known: known(of),
            outcome: SignInOutcome::SignedIn,
        },
        times,
    }
}

fn mark(what: &str, month: &str, times: u64, seconds: u64) -> ClientMark {
    ClientMark {
        client: client("one"),
        mark: what.to_owned(),
        month: month.to_owned(),
        times,
        last: at(seconds),
    }
}
