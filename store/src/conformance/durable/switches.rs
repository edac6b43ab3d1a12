//! What is off is off on every node, and what was used is known by its day.

use guichet_domain::client::ClientDirectory as _;
use guichet_domain::switch::{SwitchTarget, SwitchedOff};

use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, race, times};
use crate::durable::{CredentialUse, RegistrySnapshot};

/// Switched off, said anew, switched on.
pub async fn what_is_switched_off_is_off_on_every_node_until_it_is_on(
    books: Books,
) -> Result<(), Fault> {
    let (here, there) = (&books.here.registry, &books.there.registry);
    let snapshot = RegistrySnapshot::load(there.clone()).await?;
    let hub = off("hub", "a leak");
    here.switch_off(&hub, at(1)).await?;
    here.switch_off(&off("client:a", "stolen"), at(1)).await?;
    snapshot.refresh().await?;
    let seen = snapshot.switched_off(&valid("b".parse()));
    assert_eq!(seen.as_deref(), Some(&hub), "whatever is asked for");
    assert!(here.switch_on(&SwitchTarget::Hub).await?);
    assert!(!here.switch_on(&SwitchTarget::Hub).await?);
    snapshot.refresh().await?;
    assert!(snapshot.switched_off(&valid("b".parse())).is_none());
    assert!(snapshot.switched_off(&valid("a".parse())).is_some());
    let again = off("client:a", "found again");
    here.switch_off(&again, at(2)).await?;
    assert_eq!(there.switches().await?, [again]);
    Ok(())
}

/// Of those who know the same, one is first; whoever knows another changes nothing.
pub async fn a_switch_changed_meanwhile_is_not_replaced(books: Books) -> Result<(), Fault> {
    let (here, there) = (&books.here.registry, &books.there.registry);
    let first = off("client:a", "first");
    assert!(here.replace_switch(None, &first, at(1)).await?);
    assert!(
        !there
            .replace_switch(None, &off("client:a", "x"), at(1))
            .await?
    );
    let replaced = race(|turn| {
        let registry = books.node(turn).registry.clone();
        let known = first.clone();
        async move {
            let next = off("client:a", &format!("by {turn}"));
            registry.replace_switch(Some(&known), &next, at(2)).await
        }
    });
    assert_eq!(times(&replaced.await?, &true), 1);
    assert!(!here.switch_on_known(&first).await?);
    let before = here.revision().await?;
    let [now] = &there.switches().await?[..] else {
        return Err(Fault::bare("one thing is off"));
    };
    assert!(here.switch_on_known(now).await?);
    assert!(!there.switch_on_known(now).await?);
    assert!(here.revision().await? > before, "nodes would not follow");
    assert!(here.switches().await?.is_empty());
    Ok(())
}

/// The later day stands, whichever node says it last.
pub async fn a_credential_is_known_by_the_last_day_of_its_use(books: Books) -> Result<(), Fault> {
    let client = valid("a".parse());
    let used = |seconds| CredentialUse {
        client: valid("a".parse()),
        credential: "declared".to_owned(),
        day: CredentialUse::day_of(at(seconds)),
    };
    let tomorrow = used(86_400);
    books.here.credential_uses.note_use(&tomorrow).await?;
    books.there.credential_uses.note_use(&used(1)).await?;
    assert_eq!(books.there.credential_uses.uses(&client).await?, [tomorrow]);
    let other = valid("b".parse());
    assert!(books.here.credential_uses.uses(&other).await?.is_empty());
    Ok(())
}

/// Of all nodes one reminds, and another one not before it is time again.
pub async fn of_reminders_at_once_one_is_sent(books: Books) -> Result<(), Fault> {
    let told = race(|turn| {
        let uses = books.node(turn).credential_uses.clone();
        async move { uses.remind(&valid("a".parse()), at(100), at(50)).await }
    })
    .await?;
    assert_eq!(told.into_iter().filter(|told| *told).count(), 1);
    let uses = &books.there.credential_uses;
    let client = valid("a".parse());
    assert!(!uses.remind(&client, at(120), at(70)).await?);
    assert!(uses.remind(&client, at(200), at(150)).await?);
    Ok(())
}

fn off(target: &str, reason: &str) -> SwitchedOff {
    SwitchedOff {
        target: valid(target.parse()),
        message_fr: Some("Revenez demain.".to_owned()),
        message_en: None,
        until: Some(at(3600)),
        reason: reason.to_owned(),
        by: "command line".to_owned(),
        since: at(0),
    }
}
