//! Decisions: on record, then a grant; what was not asked for never leaves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use guichet_domain::{EventKind, ExchangeId, GrantId, PersonId, Sealed, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::EvidenceOutcome;
use guichet_store::short_lived::{Spent, Vouchers};
use serde_json::json;

use super::world::{GRANT, PERSON, Who, World, digests, exchange};
use crate::{Altered, Ask, Digests, How, Word};

const OTHER: PersonId = PersonId::from_bytes([8; 16]);

fn fields(names: &[&str]) -> Word {
    let fields = names.iter().map(|name| name.parse().unwrap()).collect();
    Word::Sent { fields }
}

#[tokio::test]
async fn what_was_granted_is_told_with_where_to_fetch_it() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let members = detail.members();
    assert_eq!(members["grant_id"], exchange(1).to_string());
    assert_eq!(members["data_provider"], "famille");
    assert_eq!(
        members["evidence_endpoint"],
        "https://famille.example/evidence"
    );
    assert_eq!(members["fields"], json!(["quotient", "tranche"]));
    let held = world.desk.of_person(PERSON, 10).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].outcome, EvidenceOutcome::Sent);
    assert!(held[0].standing.may_be_ended());
}

#[tokio::test]
async fn a_field_left_out_is_not_granted_and_one_not_asked_for_neither() {
    let world = World::new().await;
    let ask = world.ask(&json!({}));
    let detail = world
        .decide(1, &ask, fields(&["tranche", "adresse"]))
        .await
        .unwrap();
    assert_eq!(detail.members()["fields"], json!(["tranche"]));
    let held = world.desk.of_person(PERSON, 10).await.unwrap();
    assert_eq!(held[0].outcome, EvidenceOutcome::Partly);
}

#[tokio::test]
async fn nobody_sends_what_they_were_not_shown() {
    let world = World::new().await;
    let ask = world.ask(&json!({}));
    let shown = digests(&["quotient"]);
    let sent = fields(&["quotient", "tranche"]);
    let detail = world.decide_on(1, &ask, sent, &shown).await.unwrap();
    assert_eq!(detail.members()["fields"], json!(["quotient"]));
    let voucher = world.voucher(&detail).await.unwrap();
    let preview = world.opened(&voucher.token)["preview"].clone();
    assert_eq!(preview["state"], "shown");
    assert_eq!(preview["digests"], json!(shown));
    let unseen = world.decide_on(2, &ask, fields(&["tranche"]), &shown);
    assert!(unseen.await.is_none(), "it would leave without a digest");
    let held = world.desk.of_exchange(exchange(2), PERSON).await.unwrap();
    assert_eq!(held.unwrap().outcome, EvidenceOutcome::Refused);
}

#[tokio::test]
async fn what_the_law_orders_is_sent_as_far_as_there_is_any() {
    let world = World::new().await;
    let mut ordered = serde_json::to_value(world.ask(&json!({}))).unwrap();
    ordered["basis"] = "legal_obligation".into();
    let ask: Ask = serde_json::from_value(ordered).unwrap();
    let both = digests(&["quotient", "tranche"]);
    let one = digests(&["quotient"]);
    let who = Who::default();
    for word in [Word::Refused, fields(&["quotient"]), fields(&[])] {
        let refused = world.decide_as(&who, 1, &ask, word.clone(), &both).await;
        assert!(refused.is_err(), "{word:?}");
    }
    let all = || fields(&["quotient", "tranche"]);
    let sent = world.decide_as(&who, 2, &ask, all(), &one).await.unwrap();
    assert_eq!(sent.unwrap().members()["fields"], json!(["quotient"]));
    let sent = world.decide_as(&who, 3, &ask, all(), &both).await.unwrap();
    let granted = sent.unwrap().members()["fields"].clone();
    assert_eq!(granted, json!(["quotient", "tranche"]));
    let contested = world.decide_as(&who, 4, &ask, Word::Contested, &both);
    assert!(contested.await.unwrap().is_none());
}

#[tokio::test]
async fn what_is_refused_or_contested_is_kept_and_grants_nothing() {
    let world = World::new().await;
    let ask = world.ask(&json!({}));
    for (seed, word, outcome) in [
        (1, Word::Refused, EvidenceOutcome::Refused),
        (2, Word::Contested, EvidenceOutcome::Contested),
        (3, fields(&[]), EvidenceOutcome::Refused),
        (4, fields(&["adresse"]), EvidenceOutcome::Refused),
    ] {
        assert!(world.decide(seed, &ask, word).await.is_none());
        let held = world
            .desk
            .of_exchange(exchange(seed), PERSON)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(held.outcome, outcome);
        assert!(!held.standing.may_be_ended());
    }
}

#[tokio::test]
async fn the_first_decision_counts_however_often_the_form_comes() {
    let world = World::new().await;
    let ask = world.ask(&json!({}));
    let first = world.decide(1, &ask, fields(&["tranche"])).await;
    let again = world.decide(1, &ask, Word::Refused).await;
    assert_eq!(first, again);
    let kinds = world.kinds().await;
    assert_eq!(kinds, ["evidence.decided"]);
}

#[tokio::test]
async fn a_known_exchange_is_told_to_nobody_else_and_in_no_other_sign_in() {
    let world = World::new().await;
    let ask = world.ask(&json!({}));
    let shown = digests(&["quotient", "tranche"]);
    let again = async |who: Who| {
        let sent = fields(&["tranche"]);
        world.decide_as(&who, 1, &ask, sent, &shown).await
    };
    let first = again(Who::default()).await.unwrap();
    assert!(first.is_some());
    for other in [
        Who {
            client: "autre",
            ..Who::default()
        },
        Who {
            person: OTHER,
            ..Who::default()
        },
        Who {
            grant: GrantId::from_bytes([9; 16]),
            ..Who::default()
        },
    ] {
        assert!(again(other).await.is_err());
    }
    assert_eq!(again(Who::default()).await.unwrap(), first);
}

#[tokio::test]
async fn what_somebody_decided_is_theirs_whoever_they_turn_out_to_be() {
    let world = World::new().await;
    let detail = world.send(1, &json!({"usage": "recurring"})).await;
    let listed = async |person| {
        let held = world.desk.of_person(person, 10).await.unwrap();
        held.iter().map(|it| it.exchange).collect::<Vec<_>>()
    };
    assert!(listed(OTHER).await.is_empty());
    world.merge(OTHER, PERSON).await;
    assert_eq!(listed(OTHER).await, [exchange(1)]);
    let one = world.desk.of_exchange(exchange(1), OTHER).await.unwrap();
    assert!(one.is_some());
    // The service's token names them as they were, and goes on.
    assert!(world.voucher(&detail).await.is_ok());
    world.undo_the_merge().await;
    let end = |person| {
        let desk = &world.desk;
        desk.end(exchange(1), person, How::Citizen, world.now())
    };
    assert!(listed(OTHER).await.is_empty());
    assert!(!end(OTHER).await.unwrap(), "somebody else's again");
    assert_eq!(listed(PERSON).await, [exchange(1)]);
}

#[tokio::test]
async fn whoever_somebody_turned_out_to_be_takes_back_what_they_granted() {
    let world = World::new().await;
    let recurring = json!({"usage": "recurring"});
    let detail = world.send(1, &recurring).await;
    world.merge(OTHER, PERSON).await;
    let desk = &world.desk;
    let end = desk.end(exchange(1), OTHER, How::Citizen, world.now());
    assert!(end.await.unwrap());
    assert!(world.voucher(&detail).await.is_err());
    // What they decide anew takes the place of what they decided under the other name.
    world.send(2, &recurring).await;
    let ask = world.ask(&recurring);
    let client = "cantine".parse().unwrap();
    let change = desk.change(&ask, OTHER, &client, world.now()).await;
    assert_eq!(change.unwrap().map(|it| it.exchange), Some(exchange(2)));
    let all = fields(&["quotient", "tranche"]);
    let who = Who {
        person: OTHER,
        ..Who::default()
    };
    let shown = digests(&["quotient", "tranche"]);
    let anew = world.decide_as(&who, 3, &ask, all, &shown).await;
    assert!(anew.unwrap().is_some());
    let before = desk.of_exchange(exchange(2), PERSON).await.unwrap();
    assert!(!before.unwrap().standing.may_be_ended());
}

#[tokio::test]
async fn a_new_decision_takes_the_place_of_the_recurring_one_before() {
    let world = World::new().await;
    let recurring = json!({"usage": "recurring"});
    world.send(1, &recurring).await;
    world.clock.pass(60);
    world.send(2, &recurring).await;
    world.send(3, &json!({})).await;
    let live = |seed| {
        let world = &world;
        async move {
            let held = world
                .desk
                .of_exchange(exchange(seed), PERSON)
                .await
                .unwrap();
            held.unwrap().standing.may_be_ended()
        }
    };
    assert_eq!(
        [live(1).await, live(2).await, live(3).await],
        [false, true, true]
    );
}

#[tokio::test]
async fn what_a_new_decision_would_change_is_told_field_by_field_and_limit_by_limit() {
    let world = World::new().await;
    let until = |days: u64| {
        let day = std::time::Duration::from_hours(24);
        let then = world.now().after(day * u32::try_from(days).unwrap());
        Timestamp::from_seconds(then.seconds())
    };
    let ask = |every: u32, most: u32, days: u64, fields: &[&str]| {
        world.ask(&json!({
            "usage": "recurring", "frequency_days": every, "max_pulls": most,
            "until": until(days).to_string(), "fields": fields, "retention_days": days,
        }))
    };
    let client = "cantine".parse().unwrap();
    let before = ask(60, 4, 100, &["quotient"]);
    let after = ask(30, 6, 200, &["tranche"]);
    let change = |ask: &Ask, person| {
        let (desk, ask) = (&world.desk, ask.clone());
        let (client, now): (&guichet_domain::ClientId, _) = (&client, world.now());
        async move { desk.change(&ask, person, client, now).await.unwrap() }
    };
    assert_eq!(change(&after, PERSON).await, None, "nothing stands yet");
    let all = before.fields().to_vec();
    world.decide(1, &before, Word::Sent { fields: all }).await;
    let told = change(&after, PERSON).await.unwrap();
    assert_eq!(told.exchange, exchange(1));
    assert_eq!(told.added, ["tranche".parse().unwrap()]);
    assert_eq!(told.removed, ["quotient".parse().unwrap()]);
    let altered = |before, after| Some(Altered { before, after });
    assert_eq!(told.every_days, altered(60, 30));
    assert_eq!(told.max_pulls, altered(4, 6));
    assert_eq!(told.retention_days, altered(100, 200));
    let (before_until, after_until) = (until(100), until(200));
    let moved = Altered {
        before: before_until,
        after: after_until,
    };
    assert_eq!(told.until, Some(moved));
    assert_eq!(told.purpose, None);
    assert!(!told.is_nothing());
    assert!(change(&before, PERSON).await.unwrap().is_nothing());
    assert_eq!(change(&after, OTHER).await, None, "another's is not told");
    let single = world.ask(&json!({}));
    assert_eq!(change(&single, PERSON).await, None, "once beside it");
}

#[tokio::test]
async fn a_decision_names_the_one_it_takes_the_place_of_and_a_refusal_none() {
    let world = World::new().await;
    let ask = world.ask(&json!({"usage": "recurring"}));
    let all = || Word::Sent {
        fields: ask.fields().to_vec(),
    };
    world.decide(1, &ask, all()).await;
    world.decide(2, &ask, Word::Refused).await;
    world.clock.pass(60);
    world.decide(3, &ask, all()).await;
    let mut events = world.events().await;
    events.retain(|event| event.kind == EventKind::EvidenceDecided);
    let named: Vec<_> = events
        .iter()
        .map(|it| it.details.get("predecessor"))
        .collect();
    let first = exchange(1).to_string();
    assert_eq!(named, [None, None, Some(&first)]);
}

#[tokio::test]
async fn what_nobody_saw_is_flagged_wherever_it_goes() {
    let world = World::new().await;
    let ask = world.ask(&json!({}));
    let fields = ask.fields().to_vec();
    let unseen = Digests::default();
    let sent = Word::Sent { fields };
    let detail = world.decide_on(1, &ask, sent, &unseen).await.unwrap();
    let voucher = world.voucher(&detail).await.unwrap();
    let said = world.opened(&voucher.token);
    assert_eq!(said["preview"], json!({"state": "not_shown"}));
    assert_eq!(world.events().await[0].details["preview"], "not_shown");
    world.send(2, &json!({})).await;
    assert_eq!(world.events().await[2].details["preview"], "shown");
}

#[tokio::test]
async fn only_who_decided_takes_it_back_and_once() {
    let world = World::new().await;
    world.send(1, &json!({})).await;
    let end = |person| {
        world
            .desk
            .end(exchange(1), person, How::Citizen, world.now())
    };
    assert!(!end(OTHER).await.unwrap());
    assert!(end(PERSON).await.unwrap());
    assert!(!end(PERSON).await.unwrap());
    assert_eq!(
        world.kinds().await,
        ["evidence.decided", "evidence.revoked"]
    );
}

#[tokio::test]
async fn tokens_die_with_the_last_evidence_that_hangs_off_them() {
    let world = World::new().await;
    world.send(1, &json!({})).await;
    world.send(2, &json!({"usage": "recurring"})).await;
    let tokens = &world.desk.parts.access_tokens;
    let sealed = guichet_domain::Sealed::from_bytes(vec![1]);
    let until = world.now().after(std::time::Duration::from_mins(1));
    tokens
        .issue([1; 32], GRANT, None, sealed, until)
        .await
        .unwrap();
    let live = || tokens.live([1; 32], world.now());
    world
        .desk
        .end(exchange(1), PERSON, How::Citizen, world.now())
        .await
        .unwrap();
    assert!(live().await.unwrap().is_some());
    world
        .desk
        .end(exchange(2), PERSON, How::Citizen, world.now())
        .await
        .unwrap();
    assert!(live().await.unwrap().is_none());
}

/// A store that fails the first time something is taken back.
struct FailsOnce {
    inner: Arc<dyn Vouchers>,
    failed: AtomicBool,
}

#[async_trait]
impl Vouchers for FailsOnce {
    async fn keep(
        &self,
        voucher: [u8; 32],
        exchange: ExchangeId,
        sealed: Sealed,
        expires: Timestamp,
    ) -> Result<(), Fault> {
        self.inner.keep(voucher, exchange, sealed, expires).await
    }

    async fn spend(&self, voucher: [u8; 32], now: Timestamp) -> Result<Spent, Fault> {
        self.inner.spend(voucher, now).await
    }

    async fn revoke_of(&self, exchange: ExchangeId, until: Timestamp) -> Result<(), Fault> {
        if self.failed.swap(true, Ordering::SeqCst) {
            self.inner.revoke_of(exchange, until).await
        } else {
            Err(Fault::bare("the store is away"))
        }
    }
}

#[tokio::test]
async fn what_was_cut_short_when_a_grant_ended_is_done_when_it_is_ended_again() {
    let mut world = World::new().await;
    world.desk.parts.vouchers = Arc::new(FailsOnce {
        inner: Arc::clone(&world.desk.parts.vouchers),
        failed: AtomicBool::new(false),
    });
    world.send(1, &json!({})).await;
    let until = world.now().after(std::time::Duration::from_mins(1));
    let tokens = &world.desk.parts.access_tokens;
    let sealed = Sealed::from_bytes(vec![1]);
    let issued = tokens.issue([1; 32], GRANT, None, sealed, until).await;
    issued.unwrap();
    let end = || {
        let desk = &world.desk;
        desk.end(exchange(1), PERSON, How::Citizen, world.now())
    };
    let live = || tokens.live([1; 32], world.now());
    assert!(end().await.is_err());
    assert!(live().await.unwrap().is_some(), "not done yet");
    assert!(!end().await.unwrap(), "it had ended");
    assert!(live().await.unwrap().is_none());
}

#[tokio::test]
async fn a_grant_that_another_took_the_place_of_ends_on_record_with_its_tokens() {
    let world = World::new().await;
    let recurring = json!({"usage": "recurring"});
    world.send(1, &recurring).await;
    let until = world.now().after(std::time::Duration::from_mins(1));
    let tokens = &world.desk.parts.access_tokens;
    let sealed = Sealed::from_bytes(vec![1]);
    let issued = tokens.issue([1; 32], GRANT, None, sealed, until).await;
    issued.unwrap();
    let ask = world.ask(&recurring);
    let again = Who {
        grant: GrantId::from_bytes([9; 16]),
        ..Who::default()
    };
    let shown = digests(&["quotient", "tranche"]);
    let all = fields(&["quotient", "tranche"]);
    let anew = world.decide_as(&again, 2, &ask, all, &shown).await;
    assert!(anew.unwrap().is_some());
    let events = world.events().await;
    let ends = events
        .iter()
        .filter(|event| event.kind == EventKind::EvidenceRevoked);
    let ends: Vec<_> = ends.collect();
    assert_eq!(ends.len(), 1);
    assert_eq!(ends[0].details["how"], "replaced");
    assert_eq!(ends[0].details["exchange"], exchange(1).to_string());
    let live = tokens.live([1; 32], world.now()).await.unwrap();
    assert!(live.is_none(), "the tokens of the sign-in before");
}

#[tokio::test]
async fn no_entry_about_an_exchange_says_who() {
    let world = World::new().await;
    let detail = world.send(1, &json!({})).await;
    let voucher = world.voucher(&detail).await.unwrap();
    let there = world.opened(&voucher.token)["sub"].clone();
    world.heard("fd-famille", &voucher.token).await.unwrap();
    world
        .desk
        .end(exchange(1), PERSON, How::Citizen, world.now())
        .await
        .unwrap();
    let events = world.events().await;
    assert!(events.len() >= 4, "{events:?}");
    for event in events {
        assert_eq!(event.person, None, "{event:?}");
        assert_eq!(event.details["exchange"], exchange(1).to_string());
    }
    // Nor in any text of an entry, by whichever name.
    let names = [PERSON.to_string(), there.as_str().unwrap().to_owned()];
    for entry in world.entries().await {
        assert!(names.iter().all(|name| !entry.contains(name)), "{entry}");
    }
}
