//! Clients and providers: every change has a revision, and snapshots follow.

use std::sync::Arc;

use guichet_domain::client::ClientDirectory as _;
use guichet_domain::data_provider::DataProviderDirectory as _;
use guichet_domain::switch::{SwitchTarget, SwitchedOff};
use guichet_domain::{
    CivilRegisterPolicy, Client, ClientMetadata, DataProvider, DataProviderMetadata, Provider,
    ProviderMetadata, SecretHash,
};

use super::{at, valid};
use crate::Fault;
use crate::conformance::{Books, RACERS, race, sealed};
use crate::durable::{Registry as _, RegistrySnapshot, RememberedRegistry};

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

/// Those that are active, in the order of their identifiers.
pub async fn a_snapshot_knows_who_holds_an_evidence(books: Books) -> Result<(), Fault> {
    let snapshot = RegistrySnapshot::load(books.here.registry.clone()).await?;
    let start = snapshot.revision();
    let quotient = valid("quotient-familial".parse());
    for (id, active) in [("a", false), ("c", true), ("b", true)] {
        let known = data_provider(id, active);
        snapshot.put_data_provider(&known, at(1)).await?;
        snapshot.put_data_provider(&known, at(2)).await?;
        assert_eq!(snapshot.data_provider(id).as_deref(), Some(&known));
    }
    assert_eq!(snapshot.revision(), start + 3);
    let all = books.there.registry.data_providers().await?;
    let ids: Vec<&str> = all.iter().map(|known| known.id.as_str()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
    let holder = snapshot.holder_of(&quotient);
    assert!(holder.is_some_and(|holder| holder.id.as_str() == "b"));
    assert!(snapshot.remove_data_provider(&valid("b".parse())).await?);
    assert!(!snapshot.remove_data_provider(&valid("b".parse())).await?);
    let holder = snapshot.holder_of(&quotient);
    assert!(holder.is_some_and(|holder| holder.id.as_str() == "c"));
    assert!(snapshot.holder_of(&valid("revenu".parse())).is_none());
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

/// Of fifty who add a client, one does; of fifty who know the same one, one replaces it; nobody revives
/// one that is gone.
pub async fn a_client_changed_meanwhile_is_not_replaced(books: Books) -> Result<(), Fault> {
    let known = client("service", "A");
    let added = race(|turn| {
        let (registry, known) = (books.node(turn).registry.clone(), known.clone());
        async move { registry.replace_client(None, &known, at(1)).await }
    });
    assert_eq!(added.await?.iter().flatten().count(), 1);
    let start = books.here.registry.revision().await?;
    let replaced = race(|turn| {
        let (registry, known) = (books.node(turn).registry.clone(), known.clone());
        async move {
            let mine = client("service", &format!("B{turn}"));
            registry.replace_client(Some(&known), &mine, at(2)).await
        }
    })
    .await?;
    let made: Vec<i64> = replaced.into_iter().flatten().collect();
    let registry = &books.there.registry;
    assert_eq!(made, [start + 1]);
    assert_eq!(registry.revision().await?, start + 1);
    let clients = registry.clients().await?;
    assert_eq!(clients.len(), 1);
    registry.remove_client(&known.id).await?;
    let gone = Some(&*clients[0]);
    assert!(
        registry
            .replace_client(gone, &known, at(3))
            .await?
            .is_none()
    );
    assert!(registry.clients().await?.is_empty());
    Ok(())
}

/// The same of providers; and of fifty who add one, one does.
pub async fn a_provider_changed_meanwhile_is_not_replaced(books: Books) -> Result<(), Fault> {
    let (known, mine, theirs) = (provider("idp", 1), provider("idp", 2), provider("idp", 3));
    let (here, there) = (&books.here.registry, &books.there.registry);
    let added = race(|turn| {
        let (registry, known) = (books.node(turn).registry.clone(), known.clone());
        async move { registry.replace_provider(None, &known, at(1)).await }
    });
    assert_eq!(added.await?.iter().filter(|done| **done).count(), 1);
    assert!(here.replace_provider(Some(&known), &theirs, at(2)).await?);
    assert!(!there.replace_provider(Some(&known), &mine, at(3)).await?);
    assert!(!there.replace_provider(None, &mine, at(3)).await?);
    assert!(*here.providers().await?[0] == theirs);
    here.remove_provider(&known.id).await?;
    assert!(!here.replace_provider(Some(&theirs), &known, at(4)).await?);
    assert!(here.providers().await?.is_empty());
    Ok(())
}

/// And of data providers: who disabled one is not overruled by who renamed it.
pub async fn a_data_provider_changed_meanwhile_is_not_replaced(books: Books) -> Result<(), Fault> {
    let (known, disabled) = (
        data_provider("famille", true),
        data_provider("famille", false),
    );
    let mut renamed = known.clone();
    renamed.name.push_str(" bis");
    let (here, there) = (&books.here.registry, &books.there.registry);
    let added = race(|turn| {
        let (registry, known) = (books.node(turn).registry.clone(), known.clone());
        async move { registry.replace_data_provider(None, &known, at(1)).await }
    });
    assert_eq!(added.await?.iter().filter(|done| **done).count(), 1);
    let start = here.revision().await?;
    assert!(
        here.replace_data_provider(Some(&known), &disabled, at(2))
            .await?
    );
    assert!(
        !there
            .replace_data_provider(Some(&known), &renamed, at(3))
            .await?
    );
    assert!(!there.replace_data_provider(None, &renamed, at(3)).await?);
    assert_eq!(there.revision().await?, start + 1);
    assert_eq!(*here.data_providers().await?[0], disabled);
    here.remove_data_provider(&known.id).await?;
    assert!(
        !here
            .replace_data_provider(Some(&disabled), &known, at(4))
            .await?
    );
    assert!(here.data_providers().await?.is_empty());
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

/// Whether or not another node wrote beside it: what it did not read again is as it was.
pub async fn what_is_written_through_a_memory_is_seen_with_what_others_wrote(
    books: Books,
) -> Result<(), Fault> {
    let snapshot = Arc::new(RegistrySnapshot::load(books.here.registry.clone()).await?);
    let memory = RememberedRegistry::new(Arc::clone(&snapshot), books.here.registry.clone());
    let (one, other) = (client("one", "A"), client("other", "B"));
    let added = memory.replace_client(None, &one, at(1)).await?;
    assert_eq!(added, Some(snapshot.revision()));
    assert!(snapshot.client("one").is_some_and(|it| *it == one));
    assert_eq!(snapshot.revision(), books.here.registry.revision().await?);
    books.there.registry.put_client(&other, at(2)).await?;
    let renamed = client("one", "C");
    let replaced = memory.replace_client(Some(&one), &renamed, at(3)).await?;
    assert!(replaced.is_some());
    assert!(snapshot.client("one").is_some_and(|it| *it == renamed));
    assert!(snapshot.client("other").is_some_and(|it| *it == other));
    let refused = memory.replace_client(Some(&one), &one, at(4)).await?;
    assert!(refused.is_none());
    assert!(snapshot.client("one").is_some_and(|it| *it == renamed));
    Ok(())
}

/// A refresh may come between a write through the memory and its being seen there, and another node's write
/// after that: whatever was switched off meanwhile is off at the next refresh.
pub async fn a_switch_thrown_between_a_write_and_its_being_seen_is_not_missed(
    books: Books,
) -> Result<(), Fault> {
    let here = RegistrySnapshot::load(books.here.registry.clone()).await?;
    let (registry, there) = (&books.here.registry, &books.there.registry);
    let service = client("service", "A");
    let off = SwitchedOff {
        target: SwitchTarget::Hub,
        message_fr: None,
        message_en: None,
        until: None,
        reason: "an incident".to_owned(),
        by: "operator".to_owned(),
        since: at(2),
    };
    // The tick of upkeep sees the write first, and another node's comes right after.
    let made = registry.replace_client(None, &service, at(1)).await?;
    let made = made.ok_or(Fault::bare("the client was not added"))?;
    assert!(here.refresh().await?);
    there.switch_off(&off, at(2)).await?;
    here.learn(&service, made).await?;
    here.refresh().await?;
    assert!(here.switched_off(&service.id).is_some());
    // Or no tick came, and the other node's write came before it was seen.
    assert!(there.switch_on(&SwitchTarget::Hub).await?);
    here.refresh().await?;
    let renamed = client("service", "B");
    let replaced = registry.replace_client(Some(&service), &renamed, at(3));
    let made = replaced
        .await?
        .ok_or(Fault::bare("the client is another"))?;
    there.switch_off(&off, at(4)).await?;
    here.learn(&renamed, made).await?;
    assert!(here.client("service").is_some_and(|it| *it == renamed));
    here.refresh().await?;
    assert!(here.switched_off(&service.id).is_some());
    assert_eq!(here.revision(), there.revision().await?);
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

fn data_provider(id: &str, active: bool) -> DataProvider {
    let metadata = DataProviderMetadata {
        id: id.to_owned(),
        client_id: format!("fd-{id}"),
        evidence_endpoint: "https://famille.example/evidence".to_owned(),
        evidence: vec!["quotient-familial".to_owned()],
        active: Some(active),
        ..DataProviderMetadata::default()
    };
    valid(metadata.check())
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
