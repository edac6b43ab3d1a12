//! Webhooks: each event is left once, and comes again when somebody asks for it.

use guichet_domain::webhook::{Webhook, WebhookMetadata};

use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, bytes16, race};
use crate::durable::{Delivered, Delivery, DeliveryState, Replay};

/// Fifty read the same part of the ledger: one leaves its letters, all of them.
pub async fn an_event_is_left_for_a_webhook_once_whichever_node_reads_the_ledger(
    books: Books,
) -> Result<(), Fault> {
    let left = race(|turn| {
        let webhooks = books.node(turn).webhooks.clone();
        async move {
            let deliveries = [delivery(1), delivery(2)];
            webhooks.leave_deliveries((0, 10), &deliveries).await
        }
    })
    .await?;
    assert_eq!(left.into_iter().filter(|left| *left).count(), 1);
    assert_eq!(books.there.webhooks.webhooks_read_to().await?, 10);
    assert_eq!(books.there.outbox.waiting().await?, 2);
    // What nobody was to be told of is left out; what was read stays read.
    let webhooks = &books.here.webhooks;
    assert!(webhooks.leave_deliveries((30, 40), &[]).await?);
    assert!(!webhooks.leave_deliveries((39, 50), &[delivery(3)]).await?);
    assert_eq!(webhooks.webhooks_read_to().await?, 40);
    let letters = books
        .here
        .outbox
        .claim(&["webhook"], at(99), at(200), 10)
        .await?;
    assert!(letters.iter().all(|letter| letter.kind == "webhook"));
    assert_eq!(letters.len(), 2);
    Ok(())
}

/// Under the identifier it had, by itself or with all since a moment.
pub async fn a_delivery_is_told_and_replayed_under_its_own_name(books: Books) -> Result<(), Fault> {
    let webhooks = &books.here.webhooks;
    let all = [delivery(1), delivery(2), delivery(3)];
    assert!(webhooks.leave_deliveries((0, 4), &all).await?);
    let outbox = &books.here.outbox;
    for letter in outbox.claim(&["webhook"], at(9), at(20), 9).await? {
        outbox.done(&letter).await?;
    }
    for one in &all {
        webhooks.note_delivery(one.letter, &failed()).await?;
    }
    let city = valid("city".parse());
    let there = &books.there.webhooks;
    let newest = there.deliveries(&city, None, 2).await?;
    let sequences = |all: &[Delivery]| all.iter().map(|it| it.sequence).collect::<Vec<_>>();
    assert_eq!(sequences(&newest), [3, 2]);
    assert_eq!(newest[0].delivered, failed());
    assert_eq!(sequences(&there.deliveries(&city, Some(2), 9).await?), [1]);
    assert_eq!(
        webhooks.replay(&city, (Replay::One(2), 0), at(50)).await?,
        1
    );
    let letters = books
        .there
        .outbox
        .claim(&["webhook"], at(50), at(60), 10)
        .await?;
    assert!(matches!(letters.as_slice(), [one] if one.id == bytes16(2) && one.attempts == 2));
    let again = there.delivery(bytes16(2)).await?;
    assert!(again.is_some_and(|it| it.delivered.state == DeliveryState::Waiting));
    // With one that is on its way already there is no second letter.
    let since = (Replay::Since(at(2)), 0);
    assert_eq!(webhooks.replay(&city, since, at(60)).await?, 2);
    assert_eq!(books.here.outbox.waiting().await?, 2);
    // What was before it was told of this place is not its own.
    let later = (Replay::Since(at(0)), 3);
    assert_eq!(webhooks.replay(&city, later, at(60)).await?, 1);
    let earlier = (Replay::One(2), 3);
    assert_eq!(webhooks.replay(&city, earlier, at(60)).await?, 0);
    let nobody = valid("town".parse());
    assert_eq!(webhooks.replay(&nobody, since, at(60)).await?, 0);
    assert_eq!(webhooks.forget_deliveries(at(99)).await?, 1);
    assert!(webhooks.delivery(bytes16(1)).await?.is_none());
    Ok(())
}

/// What somebody wants sent again while it is on its way is sent again, whichever way this time ends.
pub async fn what_is_replayed_while_it_is_on_its_way_is_sent_again(
    books: Books,
) -> Result<(), Fault> {
    let (webhooks, outbox) = (&books.here.webhooks, &books.here.outbox);
    webhooks.leave_deliveries((0, 2), &[delivery(1)]).await?;
    let city = valid("city".parse());
    let again = (Replay::One(1), 0);
    for round in 1..4 {
        let now = round * 100;
        let claimed = outbox.claim(&["webhook"], at(now), at(now + 60), 9).await?;
        let [letter] = claimed.as_slice() else {
            return Err(Fault::bare("one letter waits"));
        };
        assert_eq!(webhooks.replay(&city, again, at(now + 1)).await?, 1);
        if round == 1 {
            outbox.done(letter).await?;
        } else {
            outbox.retry(letter, at(99_999)).await?;
        }
        assert_eq!(outbox.waiting().await?, 1);
    }
    Ok(())
}

/// Whoever knew it before it changed is told so.
pub async fn a_webhook_changed_meanwhile_is_not_replaced(books: Books) -> Result<(), Fault> {
    let store = &books.here.webhooks;
    let first = webhook("https://city.example/one");
    assert!(store.replace_webhook(None, &first, at(1)).await?);
    assert!(!store.replace_webhook(None, &first, at(1)).await?);
    let second = webhook("https://city.example/two");
    assert!(store.replace_webhook(Some(&first), &second, at(2)).await?);
    assert!(!store.replace_webhook(Some(&first), &first, at(3)).await?);
    let there = &books.there.webhooks;
    assert_eq!(there.webhooks().await?, std::slice::from_ref(&second));
    assert_eq!(there.webhook(&second.id).await?, Some(second));
    assert_eq!(there.webhook(&valid("town".parse())).await?, None);
    Ok(())
}

fn webhook(url: &str) -> Webhook {
    let metadata = WebhookMetadata {
        id: "city".to_owned(),
        url: url.to_owned(),
        ..WebhookMetadata::default()
    };
    valid(metadata.check(None, 3))
}

fn delivery(sequence: u64) -> Delivery {
    Delivery {
        letter: bytes16(sequence),
        webhook: valid("city".parse()),
        sequence,
        event: "switch.off".to_owned(),
        body: "{}".to_owned(),
        occurred: at(sequence),
        delivered: Delivered {
            state: DeliveryState::Waiting,
            attempts: 0,
            status: None,
            error: String::new(),
            at: at(sequence),
        },
    }
}

fn failed() -> Delivered {
    Delivered {
        state: DeliveryState::Failed,
        attempts: 10,
        status: Some(500),
        error: "500".to_owned(),
        at: at(40),
    }
}
