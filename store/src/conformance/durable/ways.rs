//! Ways into an identity: of choices made at once one is kept, and what was used is known.

use super::at;
use super::corrections::{carried_out, merging};
use super::people::{person, recognize, stated};
use crate::Fault;
use crate::conformance::{Books, bytes32, race, sealed, times};
use crate::durable::ways::{WayChoice, WayKind};

fn choice(who: u64, revision: u64, text: &str, changed: u64) -> WayChoice {
    WayChoice {
        person: person(who),
        revision,
        sealed: sealed(text),
        changed: at(changed),
    }
}

/// Fifty who read the same one: one of them replaces it, the others must read again.
pub async fn of_choices_made_at_once_one_is_kept(books: Books) -> Result<(), Fault> {
    assert_eq!(books.here.ways.choices(person(1)).await?, []);
    for revision in [1, 2] {
        let kept = race(|turn| {
            let ways = books.node(turn).ways.clone();
            async move {
                ways.choose(&choice(1, revision, &turn.to_string(), turn))
                    .await
            }
        })
        .await?;
        assert_eq!(times(&kept, &true), 1, "revision {revision}");
        let read = books.there.ways.choices(person(1)).await?;
        assert_eq!(read.len(), 1);
        assert_eq!(read[0].revision, revision);
    }
    let late = choice(1, 2, "late", 99);
    assert!(!books.here.ways.choose(&late).await?);
    let early = choice(1, 9, "never read", 99);
    assert!(!books.here.ways.choose(&early).await?);
    Ok(())
}

/// After a merge both are there under either name; nobody else's is.
pub async fn choices_are_found_by_whoever_their_person_is(books: Books) -> Result<(), Fault> {
    let (here, there) = (&books.here, &books.there);
    for who in [1, 2, 3] {
        recognize(here, stated(who), who, at(1)).await?;
        assert!(here.ways.choose(&choice(who, 1, "one", who)).await?);
    }
    let own = there.ways.choices(person(1)).await?;
    assert_eq!(own, [choice(1, 1, "one", 1)]);
    carried_out(here, merging(1, 2, 1)).await?;
    for who in [1, 2] {
        let both = there.ways.choices(person(who)).await?;
        assert_eq!(both, [choice(2, 1, "one", 2), choice(1, 1, "one", 1)]);
    }
    Ok(())
}

/// The first time is told apart, a merge remembers what either used, and each is forgotten for both.
pub async fn what_was_used_before_is_known_once_it_was_noted(books: Books) -> Result<(), Fault> {
    let (here, there) = (&books.here.ways, &books.there.ways);
    let (citoyen, phone) = (bytes32(1), bytes32(2));
    let (provider, device) = (WayKind::Provider, WayKind::Device);
    recognize(&books.here, stated(1), 1, at(1)).await?;
    recognize(&books.here, stated(2), 2, at(1)).await?;
    // Whether it was known before.
    let note = |who, kind, name, text: &'static str, when| async move {
        let known = here.last_noted(person(who), &[(kind, name)]).await?;
        here.note(person(who), &[((kind, name), sealed(text))], at(when))
            .await?;
        Ok::<_, Fault>(known == [None])
    };
    assert!(note(1, provider, citoyen, "Compte", 1).await?);
    assert!(!note(1, provider, citoyen, "Compte Citoyen", 5).await?);
    assert!(note(1, device, citoyen, "another kind", 2).await?);
    assert!(note(2, device, phone, "a telephone", 3).await?);
    let seen = there.seen(person(1), 9).await?;
    let told: Vec<_> = seen
        .iter()
        .map(|it| (it.kind, it.first, it.last, it.sealed.clone()))
        .collect();
    assert_eq!(
        told,
        [
            (provider, at(1), at(5), sealed("Compte Citoyen")),
            (device, at(2), at(2), sealed("another kind")),
        ]
    );
    assert_eq!(there.seen(person(1), 1).await?.len(), 1);
    // The latest of all is no device.
    let devices = there.seen_of(person(1), device, 1).await?;
    assert_eq!(devices[0].name, citoyen);
    assert_eq!((devices.len(), devices[0].kind), (1, device));
    carried_out(&books.here, merging(1, 2, 1)).await?;
    assert!(
        !note(1, device, phone, "a telephone", 6).await?,
        "known to the other"
    );
    assert!(there.forget_seen(person(2), device, phone).await?);
    assert!(!there.forget_seen(person(1), device, phone).await?);
    assert!(
        here.seen(person(2), 9)
            .await?
            .iter()
            .all(|it| it.name != phone)
    );
    Ok(())
}

/// Devices alone: a provider that spoke for somebody once is told for ever.
pub async fn a_device_not_seen_for_long_is_forgotten(books: Books) -> Result<(), Fault> {
    let ways = &books.here.ways;
    let text = sealed("x");
    let there = [
        (WayKind::Device, 1),
        (WayKind::Provider, 2),
        (WayKind::Service, 3),
    ];
    let there = there.map(|(kind, name)| ((kind, bytes32(name)), text.clone()));
    ways.note(person(1), &there, at(1)).await?;
    ways.note(person(1), &[], at(1)).await?;
    ways.note(person(2), &[((WayKind::Device, bytes32(4)), text)], at(9))
        .await?;
    assert_eq!(ways.forget_devices(at(9)).await?, 1);
    assert_eq!(ways.forget_devices(at(9)).await?, 0);
    let left = books.there.ways.seen(person(1), 9).await?;
    assert!(left.iter().all(|it| it.kind != WayKind::Device) && left.len() == 2);
    assert_eq!(books.there.ways.seen(person(2), 9).await?.len(), 1);
    Ok(())
}

/// However many are asked for, in their order; of two who became one the later time.
pub async fn when_something_was_last_there_is_told_of_each(books: Books) -> Result<(), Fault> {
    let ways = &books.here.ways;
    let kinds = WayKind::ALL;
    let name = |number: u64| {
        (
            kinds[usize::try_from(number % 4).unwrap_or(0)],
            bytes32(number),
        )
    };
    recognize(&books.here, stated(1), 1, at(1)).await?;
    recognize(&books.here, stated(2), 2, at(1)).await?;
    for number in 0..6 {
        ways.note(person(1), &[(name(number), sealed("x"))], at(number + 1))
            .await?;
    }
    ways.note(person(2), &[(name(2), sealed("x"))], at(9))
        .await?;
    ways.note(person(3), &[(name(7), sealed("x"))], at(9))
        .await?;
    let asked: Vec<_> = [5, 7, 2, 0, 3].map(name).to_vec();
    let there = &books.there.ways;
    let told = there.last_noted(person(1), &asked).await?;
    assert_eq!(
        told,
        [Some(at(6)), None, Some(at(3)), Some(at(1)), Some(at(4))]
    );
    assert_eq!(there.last_noted(person(1), &[]).await?, []);
    let other_kind = (name(0).0, name(1).1);
    assert_eq!(there.last_noted(person(1), &[other_kind]).await?, [None]);
    carried_out(&books.here, merging(1, 2, 1)).await?;
    for who in [1, 2] {
        let told = there.last_noted(person(who), &[name(2)]).await?;
        assert_eq!(told, [Some(at(9))]);
    }
    Ok(())
}

/// The latest stay; what is no device stays too, and so does what is another's.
pub async fn of_too_many_devices_the_oldest_are_forgotten(books: Books) -> Result<(), Fault> {
    let ways = &books.here.ways;
    let text = sealed("x");
    for number in 1..=5 {
        ways.note(
            person(1),
            &[((WayKind::Device, bytes32(number)), text.clone())],
            at(number),
        )
        .await?;
    }
    let other = ((WayKind::Provider, bytes32(1)), text.clone());
    ways.note(person(1), &[other], at(1)).await?;
    let others = ((WayKind::Device, bytes32(1)), text);
    ways.note(person(2), &[others], at(1)).await?;
    ways.keep_devices(person(1), 5).await?;
    let devices = |who| books.there.ways.seen_of(person(who), WayKind::Device, 9);
    assert_eq!(devices(1).await?.len(), 5);
    ways.keep_devices(person(1), 3).await?;
    let left: Vec<_> = devices(1).await?.iter().map(|it| it.name).collect();
    assert_eq!(left, [5, 4, 3].map(bytes32));
    assert_eq!(devices(2).await?.len(), 1);
    assert_eq!(books.there.ways.seen(person(1), 9).await?.len(), 4);
    Ok(())
}
