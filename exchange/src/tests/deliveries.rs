//! Halves of deliveries: each side's own, signed by it for this hub, of what was released; once.

use guichet_domain::client::ClientDirectory;
use guichet_domain::{EventKind, SigningAlg};
use guichet_keys::{Keys, TextDigest, Typ};
use guichet_store::durable::{DeliveryHalf, Party};
use serde_json::{Value, json};

use super::world::{ISSUER, World, exchange};
use crate::delivery::Confirmed;

/// What one side says of the first exchange.
struct Said {
    client: &'static str,
    party: Party,
    name: String,
    half: &'static str,
    voucher: String,
    digest: String,
    typ: Typ,
    /// Changes of the receipt's claims.
    changed: Value,
}

/// The service's half of what was fetched by `voucher`, as it should be.
fn received(voucher: &str) -> Said {
    Said {
        client: "cantine",
        party: Party::Service,
        name: exchange(1).to_string(),
        half: "received",
        voucher: voucher.to_owned(),
        digest: TextDigest::of(b"e.n.v").to_string(),
        typ: Typ::EvidenceDelivery,
        changed: json!({}),
    }
}

/// The data provider's.
fn released(world: &World, voucher: &str) -> Said {
    Said {
        client: "fd-famille",
        party: Party::DataProvider,
        name: world.desk.alias(exchange(1)).to_string(),
        half: "released",
        ..received(voucher)
    }
}

async fn noted(world: &World, said: &Said, keys: &Keys) -> Result<(), &'static str> {
    let member = crate::parties::member_of(said.party);
    let mut claims = json!({
        "iss": said.client, "aud": ISSUER, "iat": world.now().seconds(), "jti": "one",
        member: said.name, "half": said.half, "voucher": said.voucher, "digest": said.digest,
    });
    for (name, value) in said.changed.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let ring = keys.ring();
    let receipt = ring.sign_jwt(SigningAlg::Es256, said.typ, &claims);
    let client = world.directory.client(said.client).unwrap();
    let confirmed = Confirmed {
        client: &client,
        exchange: (said.party, &said.name),
        half: said.half,
        voucher: &said.voucher,
        digest: &said.digest,
        receipt: &receipt.unwrap(),
    };
    let noted = world.desk.note_delivery(&confirmed, world.now()).await;
    noted.unwrap()
}

#[tokio::test]
async fn each_side_confirms_its_half_once_however_often_it_comes() {
    let world = World::new().await;
    let voucher = world.fetched(1, &json!({})).await;
    for _ in 0..3 {
        let (service, holder) = (&world.service, &world.holder.keys);
        assert_eq!(noted(&world, &received(&voucher), service).await, Ok(()));
        assert_eq!(
            noted(&world, &released(&world, &voucher), holder).await,
            Ok(())
        );
    }
    let grants = &world.desk.parts.grants;
    let halves = grants.deliveries(exchange(1)).await.unwrap();
    let mut kinds: Vec<_> = halves.iter().map(|one| one.half.as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["received", "released"]);
    let events = world.events().await;
    let delivered = events
        .iter()
        .filter(|event| event.kind == EventKind::EvidenceDelivered);
    assert_eq!(delivered.count(), 2);
}

#[tokio::test]
async fn what_a_side_does_not_sign_for_this_hub_and_this_exchange_confirms_nothing() {
    let world = World::new().await;
    let voucher = world.fetched(1, &json!({})).await;
    let good = noted(&world, &received(&voucher), &world.service).await;
    assert_eq!(good, Ok(()), "as it should be");
    let stale = world.now().seconds() - 120;
    let other = exchange(2).to_string();
    for changed in [
        json!({"iss": "autre"}),
        json!({"aud": "https://another.example"}),
        json!({"grant_id": other}),
        json!({"half": "released"}),
        json!({"digest": TextDigest::of(b"another")}),
        json!({"voucher": guichet_keys::sha256_base64url(b"another")}),
        json!({"iat": stale}),
        json!({"iat": world.now().seconds() + 120}),
        json!({"iat": null}),
    ] {
        let said = Said {
            digest: TextDigest::of(b"a second").to_string(),
            changed: changed.clone(),
            ..received(&voucher)
        };
        let refused = noted(&world, &said, &world.service).await;
        let why = "receipt is not this half, signed by this client for this hub";
        assert_eq!(refused, Err(why), "{changed}");
    }
    let unsigned = Said {
        typ: Typ::Jwt,
        ..received(&voucher)
    };
    assert!(noted(&world, &unsigned, &world.service).await.is_err());
    let stranger = noted(&world, &received(&voucher), &world.hub).await;
    assert!(stranger.is_err(), "another's key");
}

#[tokio::test]
async fn nobody_confirms_what_is_not_theirs_or_was_never_released() {
    let world = World::new().await;
    world.send(1, &json!({})).await;
    let gone = Err("there is no such exchange of this client");
    let never = Err("nothing was released by this voucher in this exchange");
    let invented = guichet_keys::sha256_base64url(b"a voucher");
    let refused = noted(&world, &received(&invented), &world.service).await;
    assert_eq!(refused, never);
    let voucher = world.fetched(2, &json!({})).await;
    let of = |seed: u8| exchange(seed).to_string();
    let another_s = Said {
        client: "autre",
        name: of(2),
        ..received(&voucher)
    };
    assert_eq!(noted(&world, &another_s, &world.service).await, gone);
    // Released, and in another exchange.
    assert_eq!(
        noted(&world, &received(&voucher), &world.service).await,
        never
    );
    // Each knows the exchange by its own name, and no other.
    let by_the_service_s_name = Said {
        name: of(2),
        ..released(&world, &voucher)
    };
    let holder = &world.holder.keys;
    assert_eq!(noted(&world, &by_the_service_s_name, holder).await, gone);
    let by_alias = Said {
        name: world.desk.alias(exchange(2)).to_string(),
        ..received(&voucher)
    };
    assert_eq!(noted(&world, &by_alias, &world.service).await, gone);
    let the_other_half = Said {
        name: of(2),
        half: "released",
        ..received(&voucher)
    };
    let why =
        "half is released, by the data provider (exchange), or received, by the service (grant_id)";
    let refused = noted(&world, &the_other_half, &world.service).await;
    assert_eq!(refused, Err(why));
    for (voucher, digest, why) in [
        (
            &*voucher,
            "sha-256:AAAA",
            "digest is not sha-256: and 43 characters of base64url",
        ),
        ("", "", "voucher is not the base64url of a SHA-256"),
        ("AAAA", "", "voucher is not the base64url of a SHA-256"),
    ] {
        let mut malformed = Said {
            name: of(2),
            ..received(voucher)
        };
        if !digest.is_empty() {
            digest.clone_into(&mut malformed.digest);
        }
        let refused = noted(&world, &malformed, &world.service).await;
        assert_eq!(refused, Err(why));
    }
}

#[tokio::test]
async fn each_side_has_one_word_on_each_voucher_that_was_spent() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let first = world.pulled(&detail).await;
    let again = world.pulled(&detail).await;
    for (voucher, envelope, expected) in [
        (&first, "one", Ok(())),
        (
            &first,
            "two",
            Err("another envelope was confirmed for this voucher"),
        ),
        (&first, "one", Ok(())),
        (&again, "two", Ok(())),
    ] {
        let said = Said {
            digest: TextDigest::of(envelope.as_bytes()).to_string(),
            ..received(voucher)
        };
        let told = noted(&world, &said, &world.service).await;
        assert_eq!(told, expected, "{envelope}");
    }
    let grants = &world.desk.parts.grants;
    let halves = grants.deliveries(exchange(1)).await.unwrap();
    assert_eq!(halves.len(), 2);
    assert!(halves.iter().all(|it| it.half == DeliveryHalf::Received));
}

#[tokio::test]
async fn a_half_that_comes_late_closes_the_pull_it_names() {
    let world = World::new().await;
    let recurring = json!({"usage": "recurring", "frequency_days": 30, "max_pulls": 2});
    let detail = world.send(1, &recurring).await;
    let first = world.pulled(&detail).await;
    world.clock.pass(30 * 24 * 3600);
    let second = world.pulled(&detail).await;
    let (service, holder) = (&world.service, &world.holder.keys);
    // A queue of the service's was slow: the evidence of the second pull was lost, and may be had again.
    assert_eq!(noted(&world, &received(&first), service).await, Ok(()));
    assert_eq!(
        noted(&world, &released(&world, &first), holder).await,
        Ok(())
    );
    let again = world.pulled(&detail).await;
    assert_eq!(world.pulls(1).await, 2);
    let last = || async {
        let record = world.desk.parts.grants.get(exchange(1)).await.unwrap();
        record.unwrap().last_pull.unwrap()
    };
    assert_eq!(
        (last().await.arrived, last().await.confirmed),
        (false, None)
    );
    for voucher in [&second, &again] {
        assert_eq!(noted(&world, &received(voucher), service).await, Ok(()));
    }
    assert!(last().await.arrived);
    assert!(world.voucher(&detail).await.is_err(), "it is here");
    let events = world.events().await;
    let pulls = events
        .iter()
        .filter(|event| event.kind == EventKind::EvidenceDelivered)
        .map(|event| event.details["pull"].as_str());
    assert_eq!(pulls.collect::<Vec<_>>(), ["1", "1", "2", "2"]);
}
