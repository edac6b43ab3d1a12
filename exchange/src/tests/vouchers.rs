//! Vouchers: for one data provider, one request, one key, once, while all they rest on stands.

use guichet_domain::data_provider::DataProviderDirectory;
use guichet_domain::{Acr, EventKind, GrantId, PersonId};
use guichet_oidc::{RichExchange, RichFailure};
use serde_json::{Value, json};

use super::world::{DIGEST, ISSUER, JKT, PERSON, Who, World, exchange};
use crate::How;

const RECURRING: fn() -> Value =
    || json!({"usage": "recurring", "frequency_days": 30, "max_pulls": 2});

fn refused(failure: RichFailure) -> &'static str {
    match failure {
        RichFailure::Refused(refusal) => refusal.description(),
        RichFailure::Fault(fault) => panic!("{fault}"),
    }
}

#[tokio::test]
async fn its_data_provider_alone_reads_it_and_spends_it_once() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let voucher = world.voucher(&detail).await.unwrap();
    assert_eq!(voucher.expires_in, 60);
    assert!(world.hub.decryption_ring().open(&voucher.token).is_err());
    let said = world.opened(&voucher.token);
    assert_eq!(said["iss"], ISSUER);
    assert_eq!(said["aud"], "famille");
    assert_eq!(said["client"]["id"], "cantine");
    assert_eq!(said["phase"], "release");
    assert_eq!(said["fields"], json!(["quotient", "tranche"]));
    assert_eq!(said["purpose"], "tarif-cantine");
    assert_eq!(said["basis"], "explicit_request");
    assert_eq!(said["request_digest"], DIGEST);
    assert_eq!(said["cnf"]["jkt"], JKT);
    assert_eq!(said["preview"]["state"], "shown");
    assert_eq!(said["recipient"]["alg"], "ECDH-ES+A256KW");
    assert_ne!(said["exchange"], exchange(1).to_string(), "another name");
    let seconds = |name: &str| said[name].as_i64().unwrap();
    assert!(seconds("exp") - seconds("iat") <= 60);
    let heard = world.heard("fd-famille", &voucher.token).await;
    assert_eq!(heard, Some(said));
    assert_eq!(world.pulls(1).await, 1);
    assert_eq!(world.heard("fd-famille", &voucher.token).await, None);
    assert_eq!(world.pulls(1).await, 1);
}

#[tokio::test]
async fn in_other_hands_it_does_not_even_go_stale() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let voucher = world.voucher(&detail).await.unwrap();
    for other in ["autre", "cantine"] {
        assert_eq!(world.heard(other, &voucher.token).await, None);
    }
    assert!(world.heard("fd-famille", &voucher.token).await.is_some());
}

#[tokio::test]
async fn the_citizen_has_one_name_there_and_no_person_in_it() {
    let world = World::new().await;
    let mut subjects = Vec::new();
    for seed in [1, 2] {
        let detail = world.send(seed, &json!({})).await;
        let voucher = world.voucher(&detail).await.unwrap();
        let said = world.opened(&voucher.token);
        assert!(
            !serde_json::to_string(&said)
                .unwrap()
                .contains(&PERSON.to_string())
        );
        subjects.push(said["sub"].clone());
    }
    assert_eq!(subjects[0], subjects[1]);
}

#[tokio::test]
async fn a_revocation_between_voucher_and_release_leaves_no_data() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let voucher = world.voucher(&detail).await.unwrap();
    world
        .desk
        .end(exchange(1), PERSON, How::Citizen, world.now())
        .await
        .unwrap();
    assert_eq!(world.heard("fd-famille", &voucher.token).await, None);
    assert_eq!(world.pulls(1).await, 0);
    assert!(
        !world
            .kinds()
            .await
            .contains(&"evidence.released".to_owned())
    );
    let next = world.voucher(&detail).await.unwrap_err();
    assert_eq!(refused(next), "the grant ended");
}

#[tokio::test]
async fn of_somebody_who_is_frozen_nothing_is_fetched_and_what_was_out_does_not_come_back() {
    let world = World::new().await;
    let detail = world.send(1, &RECURRING()).await;
    let voucher = world.voucher(&detail).await.unwrap();
    let case = world.freeze(PERSON).await;
    assert_eq!(world.heard("fd-famille", &voucher.token).await, None);
    let next = world.voucher(&detail).await.unwrap_err();
    assert_eq!(refused(next), "what was granted is suspended");
    assert_eq!(world.pulls(1).await, 0);
    let again = world.send(2, &json!({})).await;
    assert!(world.voucher(&again).await.is_err());
    world.clock.pass(2);
    world.thaw(case).await;
    world.clock.pass(2);
    assert_eq!(world.heard("fd-famille", &voucher.token).await, None);
    // What was granted stands as it stood.
    let voucher = world.voucher(&detail).await.unwrap();
    assert!(world.heard("fd-famille", &voucher.token).await.is_some());
}

#[tokio::test]
async fn a_voucher_that_was_out_when_its_person_was_frozen_is_dead_when_they_are_not() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let voucher = world.voucher(&detail).await.unwrap();
    world.clock.pass(2);
    let case = world.freeze(PERSON).await;
    world.clock.pass(2);
    world.thaw(case).await;
    assert_eq!(world.heard("fd-famille", &voucher.token).await, None);
    assert_eq!(world.pulls(1).await, 0);
}

#[tokio::test]
async fn what_it_rests_on_may_go_at_any_moment() {
    type Change = fn(&World);
    let changes: [Change; 5] = [
        |world| {
            world
                .directory
                .change_famille(|famille| famille.active = false);
        },
        |world| {
            world
                .directory
                .change_famille(|famille| famille.evidence.clear());
        },
        |world| {
            world
                .directory
                .change_client("cantine", |client| client.active = false);
        },
        |world| {
            let now = world.now();
            let change = |client: &mut guichet_domain::Client| {
                client.evidence_rights[0].until = Some(now);
            };
            world.directory.change_client("cantine", change);
        },
        |world| {
            let change = |client: &mut guichet_domain::Client| {
                client.evidence_rights[0].fields.pop();
            };
            world.directory.change_client("cantine", change);
        },
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let world = World::new().await;
        let detail = world.send(1, &json!({})).await;
        let voucher = world.voucher(&detail).await.unwrap();
        change(&world);
        let heard = world.heard("fd-famille", &voucher.token).await;
        assert_eq!(heard, None, "change {index}");
        assert_eq!(world.pulls(1).await, 0, "change {index}");
        assert!(world.voucher(&detail).await.is_err(), "change {index}");
    }
}

#[tokio::test]
async fn a_minute_later_it_is_worth_nothing() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let voucher = world.voucher(&detail).await.unwrap();
    world.clock.pass(61);
    assert_eq!(world.heard("fd-famille", &voucher.token).await, None);
}

#[tokio::test]
async fn only_what_was_granted_to_this_token_for_whom_it_was_granted() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let id = exchange(1).to_string();
    let other = exchange(2).to_string();
    let not_granted = "grant_id is none of what this token was granted";
    let no_digest = "request_digest is not sha-256: and 43 characters of base64url";
    let no_prefix = &DIGEST["sha-256:".len()..];
    let cases = [
        (other.as_str(), "famille", DIGEST, not_granted),
        ("no id", "famille", DIGEST, not_granted),
        (
            id.as_str(),
            "impots",
            DIGEST,
            "audience is not the data provider of this grant",
        ),
        (id.as_str(), "famille", "sha-256:AAAA", no_digest),
        (id.as_str(), "famille", no_prefix, no_digest),
    ];
    for (grant_id, audience, digest, why) in cases {
        let ordered = world.order(&detail, grant_id, audience, digest).await;
        assert_eq!(refused(ordered.unwrap_err()), why, "{grant_id} {audience}");
    }
    assert!(world.order(&detail, &id, "famille", DIGEST).await.is_ok());
}

#[tokio::test]
async fn what_one_was_granted_another_does_not_fetch_though_its_token_named_it() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let id = exchange(1).to_string();
    let asked = RichExchange {
        grant_id: &id,
        request_digest: DIGEST,
    };
    for other in [
        Who {
            client: "autre",
            ..Who::default()
        },
        Who {
            person: PersonId::from_bytes([8; 16]),
            ..Who::default()
        },
        Who {
            grant: GrantId::from_bytes([9; 16]),
            ..Who::default()
        },
    ] {
        let ordered = world.order_as(&other, &detail, "famille", asked).await;
        let why = refused(ordered.unwrap_err());
        assert_eq!(why, "grant_id is none of what this token was granted");
    }
    // Nobody is told of it in the citizen's receipt: whoever asked only knew a name.
    for event in world.events().await {
        let is_refusal = event.kind == EventKind::EvidenceRefused;
        assert!(!is_refusal || !event.details.contains_key("exchange"));
    }
}

#[tokio::test]
async fn refusals_are_noted_once_a_minute_however_many_there_are() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let voucher = world.voucher(&detail).await.unwrap();
    assert!(world.heard("fd-famille", &voucher.token).await.is_some());
    for _ in 0..20 {
        let wrong = world.order(&detail, "another", "famille", DIGEST).await;
        assert!(wrong.is_err());
        assert_eq!(world.heard("fd-famille", &voucher.token).await, None);
    }
    let noted = async || {
        let mut events = world.events().await;
        events.retain(|event| event.kind == EventKind::EvidenceRefused);
        events
    };
    assert_eq!(noted().await.len(), 2, "one for each reason");
    world.clock.pass(60);
    let wrong = world.order(&detail, "another", "famille", DIGEST).await;
    assert!(wrong.is_err());
    let noted = noted().await;
    assert_eq!(noted.len(), 3);
    assert_eq!(noted[2].details["unrecorded_since_last"], "19");
}

#[tokio::test]
async fn a_voucher_says_what_it_must_and_not_when_the_citizen_signed_in() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let voucher = world.voucher(&detail).await.unwrap();
    let said = world.opened(&voucher.token);
    let mut names: Vec<&str> = said.keys().map(String::as_str).collect();
    names.sort_unstable();
    let expected = [
        "acr",
        "aud",
        "basis",
        "client",
        "cnf",
        "evidence_type",
        "exchange",
        "exp",
        "fields",
        "iat",
        "iss",
        "jti",
        "phase",
        "preview",
        "purpose",
        "recipient",
        "request_digest",
        "sub",
    ];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn two_data_providers_have_two_names_for_one_citizen() {
    let world = World::new().await;
    let famille = world.directory.data_provider("famille").unwrap();
    let mut impots = (*famille).clone();
    impots.id = "impots".parse().unwrap();
    let here = world.desk.subject_at(&famille, PERSON).await.unwrap();
    let there = world.desk.subject_at(&impots, PERSON).await.unwrap();
    assert_ne!(here, there);
    let again = world.desk.subject_at(&impots, PERSON).await.unwrap();
    assert_eq!(there, again);
}

/// A value that is fetched each month moves; the citizen agreed to what it will be.
#[tokio::test]
async fn what_was_shown_binds_the_first_pull_and_no_later_one() {
    let world = World::new().await;
    let detail = world.send(1, &RECURRING()).await;
    let pulled = async || {
        let voucher = world.voucher(&detail).await.unwrap();
        let state = world.opened(&voucher.token)["preview"]["state"].clone();
        assert!(world.heard("fd-famille", &voucher.token).await.is_some());
        state
    };
    assert_eq!(pulled().await, "shown");
    assert_eq!(pulled().await, "shown", "the same pull again");
    world.clock.pass(30 * 24 * 60 * 60);
    assert_eq!(pulled().await, "not_shown");
}

#[tokio::test]
async fn what_is_granted_again_and_again_keeps_its_rhythm() {
    const DAY: u64 = 24 * 60 * 60;
    let world = World::new().await;
    let detail = world.send(1, &RECURRING()).await;
    let pull = || async {
        let voucher = world.voucher(&detail).await.map_err(refused)?;
        let heard = world.heard("fd-famille", &voucher.token).await;
        heard.map(|_| ()).ok_or("not released")
    };
    assert_eq!(pull().await, Ok(()));
    // Beyond the moment in which a pull may be tried again.
    world.clock.pass(DAY);
    let early = Err("the evidence was fetched a short while ago");
    assert_eq!(pull().await, early);
    world.clock.pass(29 * DAY);
    assert_eq!(pull().await, Ok(()));
    world.clock.pass(31 * DAY);
    let late = Err("the evidence was fetched as often as was granted");
    assert_eq!(pull().await, late);
}

#[tokio::test]
async fn two_vouchers_for_what_was_granted_once_release_no_second_evidence() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let first = world.voucher(&detail).await.unwrap();
    let second = world.voucher(&detail).await.unwrap();
    assert!(world.heard("fd-famille", &first.token).await.is_some());
    world.arrived(1).await;
    assert_eq!(world.heard("fd-famille", &second.token).await, None);
    assert_eq!(
        refused(world.voucher(&detail).await.unwrap_err()),
        "the evidence was fetched as often as was granted"
    );
    assert_eq!(world.pulls(1).await, 1);
}

/// Somebody may have died between release and delivery: one pull, three tries, ten minutes.
#[tokio::test]
async fn what_nobody_confirmed_is_released_again_a_few_times_and_counted_once() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let mut vouchers = Vec::new();
    for _ in 0..4 {
        vouchers.push(world.voucher(&detail).await.unwrap().token);
    }
    let mut released = Vec::new();
    for voucher in &vouchers {
        released.push(world.heard("fd-famille", voucher).await.is_some());
    }
    assert_eq!(released, [true, true, true, false]);
    assert_eq!(world.pulls(1).await, 1);
    let late = World::new().await;
    let detail = late.send(1, &json!({})).await;
    let first = late.voucher(&detail).await.unwrap();
    assert!(late.heard("fd-famille", &first.token).await.is_some());
    late.clock.pass(600);
    assert!(late.voucher(&detail).await.is_err());
}

#[tokio::test]
async fn it_leaves_after_its_entry_and_the_release_too() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let voucher = world.voucher(&detail).await.unwrap();
    assert_eq!(
        world.kinds().await,
        ["evidence.decided", "evidence.voucher_issued"]
    );
    world.heard("fd-famille", &voucher.token).await.unwrap();
    assert_eq!(world.kinds().await.last().unwrap(), "evidence.released");
}

#[tokio::test]
async fn no_voucher_is_made_below_the_level_that_the_evidence_needs_now() {
    let mut world = World::needing(Acr::Eidas2).await;
    world.acr = Acr::Eidas2.into();
    let detail = world.send(1, &json!({})).await;
    assert!(world.voucher(&detail).await.is_ok());
    world.acr = Acr::Eidas1.into();
    let below = "the sign-in was below the level of this evidence";
    let refusal = world.voucher(&detail).await.unwrap_err();
    assert_eq!(refused(refusal), below);
    let kinds = world.kinds().await;
    assert_eq!(kinds.last().unwrap(), "evidence.refused");
}

/// The data provider is not ready for days: each time the service asks with a fresh voucher, and the one
/// pull it has is still there when the evidence is.
#[tokio::test]
async fn what_comes_later_is_picked_up_with_a_fresh_voucher_while_the_grant_lives() {
    const DAY: u64 = 24 * 60 * 60;
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let early = world.voucher(&detail).await.unwrap();
    // 202: nobody introspected the voucher, so nothing was released.
    world.clock.pass(3 * DAY);
    assert_eq!(world.heard("fd-famille", &early.token).await, None, "stale");
    assert_eq!(world.pulls(1).await, 0);
    let fresh = world.voucher(&detail).await.unwrap();
    assert!(world.heard("fd-famille", &fresh.token).await.is_some());
    assert_eq!(world.pulls(1).await, 1);
    let late = world.send(2, &json!({})).await;
    world.clock.pass(7 * DAY);
    let refusal = world.voucher(&late).await.unwrap_err();
    assert_eq!(refused(refusal), "the grant ended");
}

#[tokio::test]
async fn whoever_acts_for_the_citizen_is_named_to_the_data_provider() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let client = guichet_domain::client::ClientDirectory::client(&*world.directory, "cantine");
    let client = client.unwrap();
    for actor in [None, Some("autre")] {
        let grant_id = detail.members()["grant_id"].as_str().unwrap();
        let asked = RichExchange {
            grant_id,
            request_digest: DIGEST,
        };
        let actor = actor.map(guichet_oidc::Act::alone);
        let named = actor.is_some();
        let order = guichet_oidc::VoucherOrder {
            client: &client,
            grant: super::world::GRANT,
            person: Some(PERSON),
            session: None,
            acr: world.acr,
            amr: &[],
            actor,
            details: std::slice::from_ref(&detail),
            jkt: JKT,
            audience: "famille",
            asked,
            now: world.now(),
        };
        let voucher = guichet_oidc::RichAuthorization::exchange(&world.desk, order).await;
        let token = voucher.unwrap().token;
        let said = world.opened(&token).get("act").cloned();
        assert_eq!(said, named.then(|| json!({"sub": "autre"})));
        let heard = world.heard("fd-famille", &token).await.unwrap();
        assert_eq!(heard.get("act").cloned(), said);
    }
}
