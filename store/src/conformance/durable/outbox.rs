//! The outbox: at least once, and to one node at a time.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::{Clock as _, Timestamp};

use super::at;
use crate::Fault;
use crate::conformance::{Books, TestClock, bytes16, race, sealed};
use crate::durable::{Carrier, Letter, Mailroom};

/// Fifty take what is due: each letter goes to one.
pub async fn a_letter_is_given_to_one_node_at_a_time(books: Books) -> Result<(), Fault> {
    for number in 0..20 {
        books
            .here
            .outbox
            .enqueue(bytes16(number), "logout", sealed("to"), at(number))
            .await?;
    }
    let taken = race(|turn| {
        let outbox = books.node(turn).outbox.clone();
        async move { outbox.claim(KINDS, at(15), at(100), 3).await }
    })
    .await?;
    let mut ids: Vec<_> = taken.iter().flatten().map(|letter| letter.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let count = taken.iter().flatten().count();
    assert_eq!(ids.len(), count, "a letter was given twice");
    // Who lost a race may have come back with less; nothing due is left for long.
    let rest = books.here.outbox.claim(KINDS, at(15), at(100), 100).await?;
    assert_eq!(count + rest.len(), 16);
    Ok(())
}

/// With the number of attempts.
pub async fn a_letter_nobody_confirmed_comes_back(books: Books) -> Result<(), Fault> {
    let outbox = &books.here.outbox;
    outbox
        .enqueue(bytes16(1), "logout", sealed("to"), at(10))
        .await?;
    assert!(outbox.claim(KINDS, at(9), at(20), 10).await?.is_empty());
    let first = outbox.claim(KINDS, at(10), at(20), 10).await?;
    assert!(
        matches!(first.as_slice(), [one] if one.attempts == 1 && one.payload == sealed("to") && one.kind == "logout")
    );
    assert!(outbox.claim(KINDS, at(19), at(30), 10).await?.is_empty());
    let second = books.there.outbox.claim(KINDS, at(20), at(30), 10).await?;
    assert!(matches!(second.as_slice(), [one] if one.attempts == 2 && one.id == bytes16(1)));
    outbox.retry(&first[0], at(22)).await?;
    outbox.done(&first[0]).await?;
    let early = outbox.claim(KINDS, at(24), at(30), 10).await?;
    assert!(early.is_empty(), "whoever has it now says when");
    outbox.retry(&second[0], at(25)).await?;
    let third = outbox.claim(KINDS, at(25), at(30), 10).await?;
    assert_eq!(third.len(), 1);
    assert_eq!(outbox.waiting().await?, 1);
    outbox.done(&third[0]).await?;
    assert_eq!(outbox.waiting().await?, 0);
    assert!(outbox.claim(KINDS, at(99), at(100), 10).await?.is_empty());
    Ok(())
}

/// Whoever does not answer, with however many letters, keeps nobody's first one waiting.
pub async fn what_was_never_tried_goes_before_what_did_not_arrive(
    books: Books,
) -> Result<(), Fault> {
    let outbox = &books.here.outbox;
    let enqueue = |number: u64, due| outbox.enqueue(bytes16(number), "mail", sealed("to"), at(due));
    for number in 1..=3 {
        enqueue(number, 1).await?;
    }
    assert_eq!(outbox.claim(KINDS, at(1), at(10), 10).await?.len(), 3);
    enqueue(4, 20).await?;
    let next = outbox.claim(KINDS, at(20), at(30), 1).await?;
    assert_eq!(ids(&next), [bytes16(4)]);
    let rest = books.there.outbox.claim(KINDS, at(20), at(30), 10).await?;
    assert_eq!(ids(&rest), [bytes16(1), bytes16(2), bytes16(3)]);
    Ok(())
}

/// Whoever carries one kind takes none of another, however many of it wait.
pub async fn letters_of_another_kind_keep_nobody_waiting(books: Books) -> Result<(), Fault> {
    let outbox = &books.here.outbox;
    for number in 0..40 {
        let id = bytes16(number);
        outbox.enqueue(id, "webhook", sealed("to"), at(1)).await?;
    }
    outbox
        .enqueue(bytes16(99), "mail", sealed("to"), at(5))
        .await?;
    let mail = outbox.claim(&["mail"], at(9), at(20), 1).await?;
    assert_eq!(ids(&mail), [bytes16(99)]);
    let webhooks = outbox.claim(&["webhook", "other"], at(9), at(20), 100);
    assert_eq!(webhooks.await?.len(), 40);
    assert!(outbox.claim(&[], at(99), at(200), 9).await?.is_empty());
    Ok(())
}

const KINDS: &[&str] = &["logout", "mail"];

fn ids(letters: &[Letter]) -> Vec<[u8; 16]> {
    let mut ids: Vec<_> = letters.iter().map(|letter| letter.id).collect();
    ids.sort_unstable();
    ids
}

/// Enqueuing again, after a crash, sends no second one.
pub async fn a_letter_is_kept_once(books: Books) -> Result<(), Fault> {
    let outbox = &books.here.outbox;
    outbox
        .enqueue(bytes16(1), "mail", sealed("a"), at(1))
        .await?;
    outbox
        .enqueue(bytes16(1), "mail", sealed("b"), at(1))
        .await?;
    let letters = outbox.claim(KINDS, at(1), at(2), 10).await?;
    assert!(matches!(letters.as_slice(), [one] if one.payload == sealed("a")));
    Ok(())
}

/// All that are due, however many; what is put back is not taken again before its time, and a letter that
/// nobody here carries stays for somebody who does.
pub async fn a_letter_goes_to_whoever_carries_its_kind(books: Books) -> Result<(), Fault> {
    let clock = TestClock::new();
    let outbox = books.here.outbox.clone();
    for number in 0..100 {
        let kind = if number == 50 {
            "of the future"
        } else {
            "mail"
        };
        let due = clock.now();
        outbox
            .enqueue(bytes16(number), kind, sealed("to"), due)
            .await?;
    }
    let carrier = Arc::new(Notebook {
        carried: Mutex::default(),
        again: clock.now().after(Duration::from_secs(10)),
    });
    let room = Mailroom::new(outbox.clone(), vec![carrier.clone()], clock.clone());
    room.deliver_due().await;
    assert_eq!(carrier.times(), 99);
    assert_eq!(outbox.waiting().await?, 2);
    room.deliver_due().await;
    assert_eq!(carrier.times(), 99);
    clock.advance(Duration::from_secs(11));
    room.deliver_due().await;
    assert_eq!(carrier.times(), 100);
    assert_eq!(outbox.waiting().await?, 1);
    Ok(())
}

/// Writes down what it carries. One letter does not arrive at first.
struct Notebook {
    carried: Mutex<Vec<[u8; 16]>>,
    again: Timestamp,
}

impl Notebook {
    fn times(&self) -> usize {
        self.carried.lock().map_or(0, |carried| carried.len())
    }
}

#[async_trait]
impl Carrier for Notebook {
    fn kind(&self) -> &'static str {
        "mail"
    }

    async fn carry(&self, letter: &Letter) -> Option<Timestamp> {
        let mut carried = self.carried.lock().ok()?;
        carried.push(letter.id);
        (letter.id == bytes16(7) && letter.attempts == 1).then_some(self.again)
    }
}
