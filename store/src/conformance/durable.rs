//! The rules for durable records.

use std::time::Duration;

use guichet_domain::client::ClientDirectory as _;
use guichet_domain::{
    AccountId, CivilRegisterPolicy, Client, ClientMetadata, GrantId, PersonId, Provider,
    ProviderMetadata, SecretHash, Sector, SubjectIdentifier, Timestamp,
};

use super::{Books, RACERS, bytes16, bytes32, race, sealed, times};
use crate::Fault;
use crate::durable::{
    AccountRecord, AuthenticatorKind, AuthenticatorRecord, CheckpointRecord, ConsentRecord, Placed,
    RegistrySnapshot,
};

/// Hands every rule to the macro `$run`.
#[macro_export]
macro_rules! durable_rules {
    ($run:ident) => {
        $run! {
            a_registration_comes_back_whole
            the_revision_grows_with_each_change_and_with_nothing_else
            no_change_of_the_registry_is_lost_in_a_race
            a_snapshot_sees_what_another_node_wrote
            a_snapshot_lists_providers_in_the_order_of_the_page
            one_index_makes_one_person_whoever_asks_first
            a_person_has_several_indexes_and_an_index_one_person
            a_sector_has_one_key_whoever_asks_first
            a_subject_stays_what_it_was_first
            two_people_never_share_a_subject_in_one_sector
            consents_come_newest_first
            a_login_name_is_taken_once_in_a_house
            a_password_is_replaced_only_if_it_still_is_the_old_one
            an_authenticator_is_of_one_account
            an_authenticator_keeps_its_use
            a_batch_is_placed_whole_or_not_at_all
            an_entry_beyond_the_end_is_a_fault
            nodes_that_race_leave_a_ledger_without_gaps
            the_ledger_is_read_in_pages
            a_checkpoint_is_never_overwritten
            a_letter_is_given_to_one_node_at_a_time
            a_letter_nobody_confirmed_comes_back
            a_letter_is_kept_once
            the_schema_is_brought_up_to_date_once
            sql_in_a_text_is_text
        }
    };
}

/// Every member of clients and providers.
pub async fn a_registration_comes_back_whole(books: Books) -> Result<(), Fault> {
    let (client, provider) = (client("service", "Préfecture «A»"), provider("postale", 1));
    let registry = &books.here.registry;
    registry.put_client(&client, at(1)).await?;
    registry.put_provider(&provider, at(1)).await?;
    let there = &books.there.registry;
    assert!(matches!(there.clients().await?.as_slice(), [one] if **one == client));
    assert!(matches!(there.providers().await?.as_slice(), [one] if **one == provider));
    assert!(there.remove_client(&client.id).await?);
    assert!(!there.remove_client(&client.id).await?);
    assert!(there.remove_provider(&provider.id).await?);
    assert!(registry.clients().await?.is_empty());
    assert!(registry.providers().await?.is_empty());
    Ok(())
}

/// Declaring what is there already is no change.
pub async fn the_revision_grows_with_each_change_and_with_nothing_else(
    books: Books,
) -> Result<(), Fault> {
    let registry = &books.here.registry;
    let start = registry.revision().await?;
    registry.put_client(&client("a", "A"), at(1)).await?;
    assert_eq!(books.there.registry.revision().await?, start + 1);
    registry.put_client(&client("a", "A"), at(2)).await?;
    assert_eq!(registry.revision().await?, start + 1);
    registry.put_client(&client("a", "B"), at(3)).await?;
    assert_eq!(registry.revision().await?, start + 2);
    registry.remove_client(&client("zzz", "Z").id).await?;
    assert_eq!(registry.revision().await?, start + 2);
    registry.put_provider(&provider("p", 1), at(4)).await?;
    registry.remove_provider(&provider("p", 1).id).await?;
    assert_eq!(registry.revision().await?, start + 4);
    Ok(())
}

/// Fifty changes, fifty revisions.
pub async fn no_change_of_the_registry_is_lost_in_a_race(books: Books) -> Result<(), Fault> {
    let start = books.here.registry.revision().await?;
    race(|turn| {
        let registry = books.node(turn).registry.clone();
        async move {
            let client = client(&format!("client-{turn}"), "A");
            registry.put_client(&client, at(1)).await
        }
    })
    .await?;
    let revision = books.here.registry.revision().await?;
    assert_eq!((revision - start).unsigned_abs(), RACERS);
    assert_eq!(books.here.registry.clients().await?.len() as u64, RACERS);
    Ok(())
}

/// By refreshing; its own writes without.
pub async fn a_snapshot_sees_what_another_node_wrote(books: Books) -> Result<(), Fault> {
    let here = RegistrySnapshot::load(books.here.registry.clone()).await?;
    let there = RegistrySnapshot::load(books.there.registry.clone()).await?;
    let service = client("service", "A");
    here.put_client(&service, at(1)).await?;
    assert!(
        here.client("service")
            .is_some_and(|found| *found == service)
    );
    assert!(there.client("service").is_none());
    assert!(there.refresh().await?);
    assert!(!there.refresh().await?);
    assert!(there.client("service").is_some());
    assert_eq!(there.revision(), here.revision());
    assert!(here.remove_client(&service.id).await?);
    assert!(here.client("service").is_none());
    Ok(())
}

/// By `order`, then by name.
pub async fn a_snapshot_lists_providers_in_the_order_of_the_page(
    books: Books,
) -> Result<(), Fault> {
    let snapshot = RegistrySnapshot::load(books.here.registry.clone()).await?;
    for (id, order) in [("zebra", 1), ("beta", 5), ("alpha", 5), ("late", 9)] {
        snapshot.put_provider(&provider(id, order), at(1)).await?;
    }
    let order: Vec<_> = snapshot
        .providers()
        .iter()
        .map(|provider| provider.id.to_string())
        .collect();
    assert_eq!(order, ["zebra", "alpha", "beta", "late"]);
    assert!(snapshot.provider("beta").is_some());
    assert!(snapshot.provider("gamma").is_none());
    Ok(())
}

/// Fifty bring an identifier of their own: one counts.
pub async fn one_index_makes_one_person_whoever_asks_first(books: Books) -> Result<(), Fault> {
    let people = race(|turn| {
        let people = books.node(turn).people.clone();
        let fresh = PersonId::from_bytes(bytes16(turn));
        async move { people.find_or_make(&bytes32(1), fresh, at(1)).await }
    })
    .await?;
    assert_eq!(times(&people, &people[0]), people.len());
    let fresh = PersonId::from_bytes(bytes16(99));
    let (known, unknown) = (bytes32(1), bytes32(2));
    let again = books.there.people.find_or_make(&known, fresh, at(2));
    assert_eq!(again.await?, people[0]);
    let another = books.here.people.find_or_make(&unknown, fresh, at(2));
    assert_eq!(another.await?, fresh);
    Ok(())
}

/// A change of civil status adds an index; somebody else's is not taken over.
pub async fn a_person_has_several_indexes_and_an_index_one_person(
    books: Books,
) -> Result<(), Fault> {
    let people = &books.here.people;
    let (one, other) = (
        PersonId::from_bytes(bytes16(1)),
        PersonId::from_bytes(bytes16(2)),
    );
    people.find_or_make(&bytes32(1), one, at(1)).await?;
    people.find_or_make(&bytes32(2), other, at(1)).await?;
    assert!(people.add_index(one, &bytes32(3), at(2)).await?);
    assert!(people.add_index(one, &bytes32(3), at(3)).await?);
    assert!(!people.add_index(one, &bytes32(2), at(2)).await?);
    let found = people.find_or_make(&bytes32(3), other, at(3)).await?;
    assert_eq!(found, one);
    let found = people.find_or_make(&bytes32(2), one, at(3)).await?;
    assert_eq!(found, other);
    // An index of nobody would make a person of whoever has it.
    let nobody = PersonId::from_bytes(bytes16(3));
    assert!(people.add_index(nobody, &bytes32(4), at(2)).await.is_err());
    Ok(())
}

/// Fifty bring a key of their own: one counts, for all nodes.
pub async fn a_sector_has_one_key_whoever_asks_first(books: Books) -> Result<(), Fault> {
    let keys = race(|turn| {
        let subjects = books.node(turn).subjects.clone();
        let fresh = sealed(&format!("key {turn}"));
        async move {
            subjects
                .sector_key(&sector("a.example"), fresh, at(1))
                .await
        }
    })
    .await?;
    assert_eq!(times(&keys, &keys[0]), keys.len());
    let subjects = &books.here.subjects;
    let other = subjects
        .sector_key(&sector("b.example"), sealed("other"), at(1))
        .await?;
    assert_eq!(other, sealed("other"));
    Ok(())
}

/// Fifty bring a subject of their own: one counts, for all nodes.
pub async fn a_subject_stays_what_it_was_first(books: Books) -> Result<(), Fault> {
    let person = PersonId::from_bytes(bytes16(1));
    let none = books.here.subjects.subject(&sector("a"), person).await?;
    assert!(none.is_none());
    let assigned = race(|turn| {
        let subjects = books.node(turn).subjects.clone();
        async move {
            let fresh = subject(&format!("subject-{turn}"));
            subjects.assign(&sector("a"), person, fresh, at(1)).await
        }
    })
    .await?;
    assert!(assigned.iter().all(|one| *one == assigned[0]));
    for node in [&books.here, &books.there] {
        let found = node.subjects.subject(&sector("a"), person).await?;
        assert!(found.is_some_and(|found| found == assigned[0]));
        let elsewhere = node.subjects.subject(&sector("b"), person).await?;
        assert!(elsewhere.is_none());
    }
    Ok(())
}

/// That would hand one citizen's account to another.
pub async fn two_people_never_share_a_subject_in_one_sector(books: Books) -> Result<(), Fault> {
    let subjects = &books.here.subjects;
    let (one, other) = (
        PersonId::from_bytes(bytes16(1)),
        PersonId::from_bytes(bytes16(2)),
    );
    let (a, b) = (sector("a"), sector("b"));
    subjects.assign(&a, one, subject("s"), at(1)).await?;
    let again = subjects.assign(&a, other, subject("s"), at(1));
    assert!(again.await.is_err());
    assert!(subjects.subject(&a, other).await?.is_none());
    let elsewhere = subjects.assign(&b, other, subject("s"), at(1));
    assert!(elsewhere.await.is_ok());
    Ok(())
}

/// Of that person only, and no more than asked for; a grant's first consent is the one that stays.
pub async fn consents_come_newest_first(books: Books) -> Result<(), Fault> {
    let person = PersonId::from_bytes(bytes16(1));
    let consent = |number: u64, person| ConsentRecord {
        grant: GrantId::from_bytes(bytes16(number)),
        person,
        client: client("service", "A").id,
        scope: "openid profile".to_owned(),
        claims: "given_name family_name".to_owned(),
        asked: number.is_multiple_of(2),
        at: at(number),
    };
    let consents = &books.here.consents;
    for number in [3, 1, 4, 2] {
        consents.record(&consent(number, person)).await?;
    }
    let other = PersonId::from_bytes(bytes16(2));
    consents.record(&consent(5, other)).await?;
    let latest = books.there.consents.of(person, 3).await?;
    let expected = [4, 3, 2].map(|number| consent(number, person));
    assert_eq!(latest, expected);
    let again = ConsentRecord {
        claims: "everything".to_owned(),
        ..consent(4, person)
    };
    consents.record(&again).await?;
    assert_eq!(books.there.consents.of(person, 3).await?, expected);
    Ok(())
}

/// Two embedded providers have their own names.
pub async fn a_login_name_is_taken_once_in_a_house(books: Books) -> Result<(), Fault> {
    let added = race(|turn| {
        let accounts = books.node(turn).accounts.clone();
        async move {
            accounts
                .add("citoyen", &account(turn, "camille"), at(1))
                .await
        }
    })
    .await?;
    assert_eq!(times(&added, &true), 1);
    let accounts = &books.here.accounts;
    let elsewhere = account(999, "camille");
    assert!(accounts.add("postale", &elsewhere, at(1)).await?);
    let found = accounts.by_login_name("postale", "camille").await?;
    assert!(found.is_some_and(|found| found.id == elsewhere.id && found.active));
    let found = accounts.by_login_name("citoyen", "camille").await?;
    assert!(found.is_some_and(|found| found.id != elsewhere.id));
    assert!(accounts.by_id("citoyen", elsewhere.id).await?.is_none());
    let found = accounts.by_id("postale", elsewhere.id).await?;
    assert!(found.is_some_and(|found| {
        found.login_name == "camille"
            && found.password == elsewhere.password
            && found.identity == elsewhere.identity
    }));
    assert!(accounts.by_login_name("postale", "linh").await?.is_none());
    Ok(())
}

/// Fifty rehash at once: one does.
pub async fn a_password_is_replaced_only_if_it_still_is_the_old_one(
    books: Books,
) -> Result<(), Fault> {
    let it = account(1, "camille");
    let accounts = &books.here.accounts;
    accounts.add("citoyen", &it, at(1)).await?;
    let replaced = race(|turn| {
        let (accounts, it) = (books.node(turn).accounts.clone(), it.clone());
        async move {
            accounts
                .replace_password(it.id, &it.password, &format!("new {turn}"))
                .await
        }
    })
    .await?;
    assert_eq!(times(&replaced, &true), 1);
    let found = accounts.by_id("citoyen", it.id).await?;
    assert!(found.is_some_and(|found| found.password.starts_with("new ")));
    Ok(())
}

/// Its identifier is taken once, and only its owner removes it.
pub async fn an_authenticator_is_of_one_account(books: Books) -> Result<(), Fault> {
    let (mine, other) = (account(1, "camille"), account(2, "linh"));
    for account in [&mine, &other] {
        books.here.accounts.add("citoyen", account, at(1)).await?;
    }
    let authenticators = &books.here.authenticators;
    assert!(
        authenticators
            .add(&authenticator(b"key", mine.id, 2))
            .await?
    );
    assert!(
        authenticators
            .add(&authenticator(b"older", mine.id, 1))
            .await?
    );
    assert!(
        !authenticators
            .add(&authenticator(b"key", other.id, 3))
            .await?
    );
    let ids = |found: Vec<AuthenticatorRecord>| -> Vec<Vec<u8>> {
        found.into_iter().map(|one| one.id).collect()
    };
    let found = ids(books.there.authenticators.of(mine.id).await?);
    assert_eq!(found, [b"older".to_vec(), b"key".to_vec()]);
    assert!(authenticators.of(other.id).await?.is_empty());
    assert!(!authenticators.remove(other.id, b"key").await?);
    assert!(authenticators.remove(mine.id, b"key").await?);
    assert!(authenticators.by_id(b"key").await?.is_none());
    Ok(())
}

/// New state and when.
pub async fn an_authenticator_keeps_its_use(books: Books) -> Result<(), Fault> {
    let mine = account(1, "camille");
    books.here.accounts.add("citoyen", &mine, at(1)).await?;
    let authenticators = &books.here.authenticators;
    let id = [0xff; 1023];
    authenticators.add(&authenticator(&id, mine.id, 1)).await?;
    authenticators.used(&id, sealed("counted"), at(9)).await?;
    let found = books.there.authenticators.by_id(&id).await?;
    assert!(found.is_some_and(|found| {
        found.sealed == sealed("counted")
            && found.used == Some(at(9))
            && found.added == at(1)
            && found.kind == AuthenticatorKind::Passkey
            && found.label == "Clé de sécurité"
    }));
    Ok(())
}

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
    let places = |page: Vec<crate::durable::EntryRecord>| -> Vec<u64> {
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
        async move { outbox.claim(at(15), at(100), 3).await }
    })
    .await?;
    let mut ids: Vec<_> = taken.iter().flatten().map(|letter| letter.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let count = taken.iter().flatten().count();
    assert_eq!(ids.len(), count, "a letter was given twice");
    // Who lost a race may have come back with less; nothing due is left for long.
    let rest = books.here.outbox.claim(at(15), at(100), 100).await?;
    assert_eq!(count + rest.len(), 16);
    Ok(())
}

/// With the number of attempts.
pub async fn a_letter_nobody_confirmed_comes_back(books: Books) -> Result<(), Fault> {
    let outbox = &books.here.outbox;
    outbox
        .enqueue(bytes16(1), "logout", sealed("to"), at(10))
        .await?;
    assert!(outbox.claim(at(9), at(20), 10).await?.is_empty());
    let first = outbox.claim(at(10), at(20), 10).await?;
    assert!(
        matches!(first.as_slice(), [one] if one.attempts == 1 && one.payload == sealed("to") && one.kind == "logout")
    );
    assert!(outbox.claim(at(19), at(30), 10).await?.is_empty());
    let second = books.there.outbox.claim(at(20), at(30), 10).await?;
    assert!(matches!(second.as_slice(), [one] if one.attempts == 2 && one.id == bytes16(1)));
    outbox.retry(bytes16(1), at(25)).await?;
    let third = outbox.claim(at(25), at(30), 10).await?;
    assert_eq!(third.len(), 1);
    assert_eq!(outbox.waiting().await?, 1);
    outbox.done(bytes16(1)).await?;
    assert_eq!(outbox.waiting().await?, 0);
    assert!(outbox.claim(at(99), at(100), 10).await?.is_empty());
    Ok(())
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
    let letters = outbox.claim(at(1), at(2), 10).await?;
    assert!(matches!(letters.as_slice(), [one] if one.payload == sealed("a")));
    Ok(())
}

/// However many nodes do so at once.
pub async fn the_schema_is_brought_up_to_date_once(books: Books) -> Result<(), Fault> {
    let before = books.here.migrate_status().await?;
    let (one, other) = tokio::join!(books.here.migrate_up(), books.there.migrate_up());
    one.and(other)?;
    let after = books.here.migrate_status().await?;
    assert_eq!(before, after);
    assert!(!after.is_empty() && after.iter().all(|migration| migration.applied));
    Ok(())
}

/// Wherever a text goes.
pub async fn sql_in_a_text_is_text(books: Books) -> Result<(), Fault> {
    const HOSTILE: &str = "'); DROP TABLE account; --";
    let it = account(1, HOSTILE);
    let accounts = &books.here.accounts;
    assert!(accounts.add(HOSTILE, &it, at(1)).await?);
    let found = accounts.by_login_name(HOSTILE, HOSTILE).await?;
    assert!(found.is_some_and(|found| found.login_name == HOSTILE));
    assert!(
        accounts
            .by_login_name("' OR ''='", HOSTILE)
            .await?
            .is_none()
    );
    Ok(())
}

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_795_296_504_000).after(Duration::from_secs(seconds))
}

fn entries(what: &str, count: u64) -> Vec<Vec<u8>> {
    (0..count)
        .map(|number| format!("{what} {number} \0\u{e9}").into_bytes())
        .collect()
}

/// A text that the domain takes; the rules only use such.
fn valid<T, E: std::fmt::Display>(value: Result<T, E>) -> T {
    match value {
        Ok(value) => value,
        Err(error) => panic!("a rule uses what is not valid: {error}"),
    }
}

fn sector(text: &str) -> Sector {
    valid(text.parse())
}

fn subject(text: &str) -> SubjectIdentifier {
    valid(text.parse())
}

fn client(id: &str, name: &str) -> Client {
    let metadata: ClientMetadata = valid(serde_json::from_value(serde_json::json!({
        "client_id": id,
        "client_name": name,
        "redirect_uris": ["https://service.example/cb", "http://localhost:8020/cb"],
        "post_logout_redirect_uris": ["https://service.example/"],
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": {"keys": [{"kty": "EC", "crv": "P-256", "x": "a", "y": "b"}]},
        "backchannel_logout_uri": "https://service.example/logout",
        "default_acr_values": ["eidas2"],
        "sector": "siren:130025265",
        "providers": ["postale"],
        "kind": "private",
    })));
    valid(metadata.check(|_| SecretHash::from_bytes([7; 32])))
}

fn provider(id: &str, order: i64) -> Provider {
    let metadata: ProviderMetadata = valid(serde_json::from_value(serde_json::json!({
        "id": id,
        "name": id,
        "issuer": "https://idp.example",
        "client_id": "hub",
        "client_secret": "secret",
        "levels": ["eidas1", "eidas2"],
        "acr_map": {"low": "eidas1", "substantial": "eidas2"},
        "order": order,
    })));
    valid(metadata.check(sealed, CivilRegisterPolicy::Skip))
}

fn account(number: u64, login_name: &str) -> AccountRecord {
    AccountRecord {
        id: AccountId::from_bytes(bytes16(number)),
        login_name: login_name.to_owned(),
        password: format!("$argon2id${number}"),
        identity: sealed("identity"),
        active: true,
    }
}

fn authenticator(id: &[u8], account: AccountId, added: u64) -> AuthenticatorRecord {
    AuthenticatorRecord {
        id: id.to_vec(),
        account,
        kind: AuthenticatorKind::Passkey,
        label: "Clé de sécurité".to_owned(),
        sealed: sealed("public key"),
        added: at(added),
        used: None,
    }
}
