//! `kill -9` of the hub at each step of an exchange: asked, shown, decided, voucher, delivery. Never evidence without
//! a durable decision, never a decision that is lost.

use std::cell::{Cell, RefCell};

use anyhow::{Context as _, Result, ensure};
use futures_util::future::try_join_all;
use guichet_integration_tests::by_hand::{evidence_request, sha256, text_digest};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::servers::Redis;
use guichet_integration_tests::{Hand, Hands as _, wait};
use serde_json::{Value, json};

use super::hands::{Table, agree, quotient};
use super::scene::{Scene, look};
use crate::login::must_read;

#[tokio::test]
async fn an_exchange_goes_on_from_whichever_step_the_hub_died_at() -> Result<()> {
    // What is under way rests in Redis here: it outlives the node as on a country's hub.
    let redis = Redis::start().await?;
    let address = redis.url();
    let mut scene = Scene::set_with(|deployment| deployment.short_lived = address).await?;
    let file = json!({ "quotient": 620, "enfants": 2, "tranche": "B" });
    scene.link(&file).await?;
    let (town, family) = (scene.town_by_hand()?, scene.family_by_hand()?);
    let attempt = town.attempt(&quotient())?;
    let mut citizen = town.asked(&scene.button(), &attempt).await?;
    must_read(&citizen.look().await?, "Caisse Famille")?;
    scene.power_cut().await?;

    let seen = look(&mut citizen).await?;
    assert_eq!(seen.shown("field.quotient-value")?, "620", "{seen}");
    scene.power_cut().await?;
    assert_eq!(scene.kinds()?.decided(), 0, "nobody decided yet");

    // "Transmettre"; the browser has not gone on when the hub dies.
    let form = citizen.page()?.document();
    let forms = form.forms();
    let found = forms
        .iter()
        .find_map(|form| Some((form, form.button(&Control::Id("send"))?)));
    let (form, button) = found.context("no send")?;
    let answer = citizen.submit(form, Some(button), &[]).await?;
    ensure!(answer.status == 303, "{}", answer.status);
    scene.power_cut().await?;
    let kinds = scene.kinds()?;
    assert_eq!(kinds.decided(), 1, "answered, and so on record");
    assert_eq!(kinds.begun(), 0, "the service was not answered");
    let body =
        evidence_request(&json!({ "evidence_type": "quotient-familial", "fields": ["quotient"] }))?;
    citizen.follow(answer).await?;
    let view = citizen.look().await?;
    assert_eq!(scene.kinds()?.begun(), 1);
    scene.power_cut().await?;

    let granted = town.granted(&view, &attempt).await?;
    scene.power_cut().await?;
    let voucher = town.voucher_for(&granted, &body).await?;
    scene.power_cut().await?;
    let taken = family.spend(&voucher).await?;
    assert_eq!(taken.json["active"], true, "{}", taken.body);
    scene.power_cut().await?;
    let again = family.spend(&voucher).await?;
    assert_eq!(
        again.json,
        json!({ "active": false }),
        "spent before the power cut"
    );
    // What was released may not have arrived: it may be had again, and is counted once.
    let voucher = town.voucher_for(&granted, &body).await?;
    let taken = family.spend(&voucher).await?.json;
    let half = |name: &str, exchange: &Value, half: &str| {
        json!({
            name: exchange, "half": half, "digest": text_digest("e.n.v"),
            "voucher": sha256(taken["jti"].as_str().unwrap_or_default()),
        })
    };
    let received = half("grant_id", &granted.details[0]["grant_id"], "received");
    let released = half("exchange", &taken["exchange"], "released");
    for (party, half) in [(&town, &received), (&family, &released), (&town, &received)] {
        let noted = party.confirm(half).await?;
        assert_eq!(noted.status, 204, "{}", noted.body);
        scene.power_cut().await?;
    }
    let kinds = scene.kinds()?;
    let of = |kind| kinds.entries.iter().filter(|it| *it == kind).count();
    assert_eq!((of("evidence.released"), of("evidence.delivered")), (2, 2));
    assert_eq!((kinds.pulls, kinds.confirmed), (1, 1));
    let late = town.voucher(&granted, &body, &json!({})).await?;
    assert_eq!(late.error(), "invalid_grant", "{}", late.body);
    scene.deployment.say("ledger verify")?;
    Ok(())
}

/// How many citizens go through it at once.
const CITIZENS: usize = 8;
/// How many deliveries there must have been before the hub dies, each time.
const DELIVERIES: usize = 10;
const POWER_CUTS: usize = 3;

#[tokio::test]
async fn under_load_no_evidence_leaves_without_a_decision_and_no_decision_is_lost() -> Result<()> {
    let mut table = Table::set().await?;
    let told = Told::default();
    for _ in 0..POWER_CUTS {
        let (before, is_dead) = (told.delivered.borrow().len(), Cell::new(false));
        let load = try_join_all((0..CITIZENS).map(async |_| {
            while !is_dead.get() {
                let gone_through = one_exchange(&table, &told).await;
                // Only the power cut may break one.
                if let Err(error) = gone_through
                    && !is_dead.get()
                {
                    return Err(error);
                }
            }
            Ok(())
        }));
        let node = table.node.process.id();
        let power_cut = async {
            wait::until("deliveries", async || {
                (told.delivered.borrow().len() >= before + DELIVERIES).then_some(())
            })
            .await?;
            is_dead.set(true);
            let killed = std::process::Command::new("kill")
                .args(["-9", &node.to_string()])
                .status()?;
            ensure!(killed.success());
            Ok(())
        };
        let (load, power_cut): (Result<_>, Result<()>) = tokio::join!(load, power_cut);
        load?;
        power_cut?;
        table.power_cut().await?;
    }
    table.deployment.say("ledger verify")?;
    let held = table.held()?;
    let grants = held["grants"].as_object().context("no grants")?;
    let entries = |exchange: &str| -> Vec<&str> {
        let all = held["entries"][exchange].as_array().into_iter().flatten();
        all.filter_map(Value::as_str).collect()
    };
    // Whatever anybody was told is on record.
    for (told, kind) in [
        (&told.decided, "evidence.decided"),
        (&told.released, "evidence.released"),
        (&told.delivered, "evidence.delivered"),
    ] {
        for exchange in told.borrow().iter() {
            assert!(grants.contains_key(exchange), "{exchange}: lost");
            assert!(entries(exchange).contains(&kind), "{exchange}: no {kind}");
        }
    }
    // Nothing stands that nobody decided, and nothing left before.
    for (exchange, grant) in grants {
        let entries = entries(exchange);
        let place = |kind| entries.iter().position(|it| *it == kind);
        let decided = place("evidence.decided");
        assert!(decided.is_some(), "{exchange}: a grant without a decision");
        if grant["pulls"] != 0 {
            assert!(
                grant["begun_at"].is_i64(),
                "{exchange}: fetched before it began"
            );
        }
        for kind in [
            "evidence.voucher_issued",
            "evidence.released",
            "evidence.delivered",
        ] {
            let place = place(kind);
            assert!(
                place.is_none_or(|it| Some(it) > decided),
                "{exchange}: {kind}"
            );
        }
    }
    for (exchange, entries) in held["entries"].as_object().context("no entries")? {
        let has = |kind: &str| {
            entries
                .as_array()
                .is_some_and(|all| all.contains(&kind.into()))
        };
        if has("evidence.released") {
            assert!(
                grants.contains_key(exchange),
                "{exchange}: released by nothing"
            );
        }
    }
    Ok(())
}

/// What the parties were told, by the exchange.
#[derive(Default)]
struct Told {
    decided: RefCell<Vec<String>>,
    released: RefCell<Vec<String>>,
    delivered: RefCell<Vec<String>>,
}

/// A citizen signs in and sends it, the service fetches it, both confirm.
async fn one_exchange(table: &Table, told: &Told) -> Result<()> {
    let town: &Hand = &table.town;
    let attempt = town.attempt(&quotient())?;
    let mut citizen = town.asked(&table.provider.button(), &attempt).await?;
    let view = agree(&mut citizen).await?;
    let granted = town.granted(&view, &attempt).await?;
    let exchange = granted.grant_id().to_owned();
    ensure!(!exchange.is_empty(), "{}", granted.tokens);
    told.decided.borrow_mut().push(exchange.clone());
    let taken = table.pulled(&table.family, &granted).await?;
    told.released.borrow_mut().push(exchange.clone());
    let received = table.received(&granted, &taken, &exchange).await?;
    ensure!(received.status == 204, "{}", received.body);
    let released = table.released(&taken, &exchange).await?;
    ensure!(released.status == 204, "{}", released.body);
    told.delivered.borrow_mut().push(exchange);
    Ok(())
}

/// What the node has on record of the only exchange.
struct Kinds {
    entries: Vec<String>,
    begun: usize,
    pulls: u64,
    confirmed: u64,
}

impl Kinds {
    fn decided(&self) -> usize {
        let mut all = self.entries.iter();
        all.by_ref()
            .filter(|kind| *kind == "evidence.decided")
            .count()
    }

    fn begun(&self) -> usize {
        self.begun
    }
}

impl Scene {
    async fn power_cut(&mut self) -> Result<()> {
        self.node.kill()?;
        self.node.start_again().await
    }

    fn kinds(&self) -> Result<Kinds> {
        let held = super::hands::held_in(&self.deployment)?;
        let grants: Vec<&Value> = held["grants"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.values())
            .collect();
        let entries = held["entries"].as_object().into_iter().flatten();
        let entries = entries.flat_map(|(_, kinds)| kinds.as_array().into_iter().flatten());
        let sum = |name: &str| grants.iter().filter_map(|it| it[name].as_u64()).sum();
        Ok(Kinds {
            entries: entries
                .filter_map(|it| Some(it.as_str()?.to_owned()))
                .collect(),
            begun: grants.iter().filter(|it| it["begun_at"].is_i64()).count(),
            pulls: sum("pulls"),
            confirmed: sum("confirmed"),
        })
    }
}
