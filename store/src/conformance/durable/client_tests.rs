//! Tests of clients: a run is changed by one at a time.

use guichet_domain::ClientTestId;

use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, bytes16, race, times};
use crate::durable::client_tests::ClientTestRecord;

/// Of changes made at once one is kept: the others look again.
pub async fn a_test_of_a_client_is_changed_by_one_at_a_time(books: Books) -> Result<(), Fault> {
    let run = record(1, "one", 10);
    books.here.client_tests.begin(&run).await?;
    assert_eq!(
        books.there.client_tests.run(run.id).await?,
        Some((run.clone(), 0))
    );
    let changed = race(|turn| {
        let tests = books.node(turn).client_tests.clone();
        let id = run.id;
        async move { tests.replace(id, 0, &format!("changed by {turn}")).await }
    });
    assert_eq!(times(&changed.await?, &true), 1);
    let found = books.there.client_tests.run(run.id).await?;
    assert!(found.is_some_and(|(run, version)| version == 1 && run.state.starts_with("changed")));
    let unknown = ClientTestId::from_bytes(bytes16(9));
    assert_eq!(books.here.client_tests.run(unknown).await?, None);
    assert!(!books.here.client_tests.replace(unknown, 0, "").await?);
    Ok(())
}

/// The latest first, and no other client's.
pub async fn tests_of_a_client_are_found_the_latest_first(books: Books) -> Result<(), Fault> {
    for run in [
        record(1, "one", 10),
        record(2, "one", 30),
        record(3, "two", 20),
    ] {
        books.here.client_tests.begin(&run).await?;
    }
    let there = &books.there.client_tests;
    let of = valid("one".parse());
    assert_eq!(
        there.of_client(&of, 10).await?,
        [record(2, "one", 30), record(1, "one", 10)]
    );
    assert_eq!(there.of_client(&of, 1).await?, [record(2, "one", 30)]);
    Ok(())
}

/// Those of long ago go; the latest of each client stays, and of two that began at once one does.
pub async fn of_old_tests_the_latest_of_each_client_stays(books: Books) -> Result<(), Fault> {
    let tests = &books.here.client_tests;
    for run in [
        record(1, "one", 10),
        record(2, "one", 30),
        record(3, "two", 20),
        record(4, "two", 20),
        record(5, "three", 10),
        record(6, "three", 50),
    ] {
        tests.begin(&run).await?;
    }
    assert_eq!(tests.forget(at(10)).await?, 0);
    assert_eq!(tests.forget(at(40)).await?, 3);
    let left = async |client: &str| {
        let of = valid(client.parse());
        let left = books.there.client_tests.of_client(&of, 10).await?;
        Ok::<_, Fault>(left.len())
    };
    let there = &books.there.client_tests;
    let one = there.of_client(&valid("one".parse()), 10).await?;
    assert_eq!(one, [record(2, "one", 30)]);
    assert_eq!((left("two").await?, left("three").await?), (1, 1));
    assert_eq!(tests.forget(at(40)).await?, 0);
    Ok(())
}

fn record(seed: u64, client: &str, seconds: u64) -> ClientTestRecord {
    ClientTestRecord {
        id: ClientTestId::from_bytes(bytes16(seed)),
        client: valid(client.parse()),
        began: at(seconds),
        state: "{}".to_owned(),
    }
}
