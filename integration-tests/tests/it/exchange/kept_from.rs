//! What a law keeps from its citizen opens by itself; what is erased stays provable; what rests or was told holds nothing
//! that would join it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::by_hand::evidence_request;
use guichet_integration_tests::claims::now;
use guichet_integration_tests::evidence_peers::verified_receipt;
use guichet_integration_tests::http_citizen::shared_client;
use guichet_integration_tests::keys::claims_of;
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{Hand, Hands as _, wait};
use serde_json::{Value, json};

use super::hands::{Table, agree, quotient};
use super::scene::{Scene, look, send};
use crate::faults::records;

#[tokio::test]
async fn what_a_law_hides_opens_at_its_moment_by_itself_and_is_counted_meanwhile() -> Result<()> {
    let table = Table::set_with(|deployment| {
        let employed = deployment.employ(&["alice"]);
        assert!(employed.is_ok(), "{employed:?}");
    })
    .await?;
    let (mut citizen, granted) = table.granted(&table.town, &quotient()).await?;
    let exchange = granted.grant_id();
    let list = format!("{}/account/data", table.issuer);
    let card = format!("receipt-{exchange}");
    citizen.open(&list).await?;
    ensure!(citizen.look().await?.document().by_id(&card).is_some());

    let until = now() + 8;
    let acting = table
        .deployment
        .acting("alice", "alice")
        .replace(" -o json", "");
    let order = format!(
        "--until {} --authority Tribunal --order 26/17",
        rfc3339(until)?
    );
    let hide = |until: &str| format!("grant hide {exchange} {until} {acting}");
    // Neither by nobody, nor for the past, nor for good.
    for wrong in [
        format!("grant hide {exchange} {order}"),
        hide("--until 2020-01-01T00:00:00Z --authority Tribunal --order 26/17"),
        hide("--authority Tribunal --order 26/17"),
        format!("grant hide AAAAAAAAAAAAAAAAAAAAAA {order} {acting}"),
    ] {
        let refused = table.deployment.command(&wrong)?;
        ensure!(!refused.status.success(), "{wrong}");
    }
    table.deployment.say(&hide(&order))?;
    let receipt = format!("{list}/{exchange}/receipt");
    let hidden = wait::until("it to be hidden", async || {
        let page = citizen.get(&receipt).await.ok()?;
        (page.status == 404).then_some(now())
    })
    .await?;
    ensure!(hidden < until, "hidden too late to see it");
    citizen.open(&list).await?;
    let view = citizen.look().await?;
    ensure!(view.document().by_id(&card).is_none(), "{view}");
    wait::until("it to open", async || {
        citizen.open(&list).await.ok()?;
        let view = citizen.look().await.ok()?;
        view.document().by_id(&card).map(drop)
    })
    .await?;
    ensure!(now() >= until, "before its date");
    let text = wait::until("its receipt", async || {
        let page = citizen.get(&receipt).await.ok()?;
        (page.status == 200).then_some(page.body)
    })
    .await?;
    let said = claims_of(&text)?;
    ensure!(said.to_string().contains("Tribunal"), "who hid it: {said}");
    Ok(())
}

#[tokio::test]
async fn a_receipt_holds_after_both_sides_erased_and_the_keys_rotated() -> Result<()> {
    let scene = Scene::set().await?;
    scene.link(&json!({ "quotient": 620 })).await?;
    let mut citizen = scene.asked(&json!({ "fields": ["quotient"] })).await?;
    look(&mut citizen).await?;
    let granted = send(&mut citizen).await?;
    scene.fetched().await?;
    let exchange = granted[0]["grant_id"].as_str().context("no grant")?;
    let before = scene.receipt(&mut citizen, exchange).await?;
    scene.erased(&mut citizen, exchange).await?;
    scene.rotate_keys()?;
    let said = verified_receipt(&scene.issuer, &before)?;
    assert_eq!(said["exchange"], exchange, "{said}");
    let after = scene.receipt(&mut citizen, exchange).await?;
    let said = verified_receipt(&scene.issuer, &after)?;
    ensure!(said.to_string().contains("evidence.erased"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_register_is_indexed_for_its_data_provider_alone_and_so_much_a_day() -> Result<()> {
    let table = Table::set().await?;
    // Elements of ristretto255: its base point, and twice that (RFC 9496, appendix A.1).
    let one = "4vKuCmq8TnGohKlhxQBRX1jjC2qlgt2NtqZZReCNLXY";
    let two = "akkyEPdJnNF_7LUQrgzqI6EQ6NW5AfisrdMJXHOjuRk";
    let index = async |party: &Hand, blinded: &str| {
        party
            .call("/exchange/blind-indexes", &[("blinded", blinded)])
            .await
    };
    let both = index(&table.taxes, &format!("{one} {two}")).await?;
    assert_eq!(both.status, 200, "{}", both.body);
    let evaluated = both.json["evaluated"].as_array().context("no indexes")?;
    assert_eq!(evaluated.len(), 2, "{}", both.body);
    let different: BTreeSet<&str> = evaluated
        .iter()
        .filter_map(Value::as_str)
        .chain([one, two])
        .collect();
    assert_eq!(different.len(), 4, "{}", both.body);
    let again = index(&table.taxes, one).await?;
    assert_eq!(
        again.json["evaluated"][0], evaluated[0],
        "the same each time"
    );
    // Three requests of at most 256 are the 600 that its record says.
    index(&table.taxes, two).await?;
    let more = index(&table.taxes, one).await?;
    assert_eq!(more.status, 429, "{}", more.body);

    for other in [&table.family, &table.town] {
        let refused = index(other, one).await?;
        assert_eq!((refused.status, refused.error()), (400, "invalid_request"));
    }
    let nobody = shared_client()
        .post(format!("{}/exchange/blind-indexes", table.issuer))
        .form(&[("client_id", "impots"), ("blinded", one)]);
    assert_eq!(Answer::of(nobody).await?.status, 401);
    for malformed in ["", "AAAA", "not base64url!", &"A".repeat(43)] {
        let refused = index(&table.family, malformed).await?;
        assert_eq!(refused.status, 400, "{malformed}: {}", refused.body);
    }
    Ok(())
}

/// Everything that one party was told, or said of itself, about one citizen.
#[derive(Default)]
struct Dump(BTreeSet<String>);

impl Dump {
    /// Every text in it that could name somebody or something; of tokens, what they say.
    fn take(&mut self, told: &Value) {
        match told {
            Value::Object(members) => members.values().for_each(|it| self.take(it)),
            Value::Array(items) => items.iter().for_each(|it| self.take(it)),
            Value::String(text) => {
                if let Ok(claims) = claims_of(text) {
                    self.take(&claims);
                }
                self.0.insert(text.clone());
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_joiner_over_whole_dumps_finds_nothing_that_two_have_in_common() -> Result<()> {
    let table = Table::set().await?;
    let (mut citizen, at_town) = table.granted(&table.town, &quotient()).await?;
    let mut at_school = quotient();
    at_school[0]["fields"] = json!(["tranche"]);
    let attempt = table.school.attempt(&at_school)?;
    // The same citizen in the same session.
    let mut same = citizen.clone().stopping_at(&table.school.party.address);
    same.open(&attempt.url()).await?;
    if same.look().await?.document().by_id("accept").is_some() {
        same.here().agree().await?;
    }
    let view = agree(&mut same).await?;
    let at_school = table.school.granted(&view, &attempt).await?;

    let mut dumps: BTreeMap<&str, Dump> = BTreeMap::new();
    for (service, name, granted) in [
        (&table.town, "ville", &at_town),
        (&table.school, "ecole", &at_school),
    ] {
        let body = evidence_request(&granted.details[0])?;
        let voucher = service.voucher_for(granted, &body).await?;
        // What the data provider hears of the voucher is all that stands in it.
        let spent = table.family.spend(&voucher).await?.json;
        ensure!(spent["active"] == true, "{spent}");
        let holder = dumps.entry("famille").or_default();
        // The two spoke: the request and the key of the service, and the voucher, are known to both.
        holder.take(&without(
            &spent,
            &["request_digest", "cnf", "recipient", "client"],
        ));
        let own = dumps.entry(name).or_default();
        own.take(&granted.tokens);
        own.take(&json!(voucher));
    }
    for grant in [&at_town, &at_school] {
        table.take_back(&mut citizen, grant.grant_id()).await?;
    }
    for (party, name) in [
        (&table.town, "ville"),
        (&table.school, "ecole"),
        (&table.family, "famille"),
    ] {
        let sets = events_of(&table, party).await?;
        ensure!(
            !sets.as_object().is_none_or(serde_json::Map::is_empty),
            "{name} heard nothing"
        );
        dumps.entry(name).or_default().take(&sets);
        let own = dumps.entry(name).or_default();
        sets.as_object().into_iter().flatten().for_each(|(jti, _)| {
            own.0.insert(jti.clone());
        });
    }
    let names: Vec<&str> = dumps.keys().copied().collect();
    for (at, one) in names.iter().enumerate() {
        for other in &names[at + 1..] {
            let common: Vec<&String> = dumps[one].0.intersection(&dumps[other].0).collect();
            let telling: Vec<_> = common
                .into_iter()
                .filter(|it| !is_public(it, &table))
                .collect();
            assert!(telling.is_empty(), "{one} and {other}: {telling:?}");
        }
        ensure!(dumps[one].0.len() > 10, "{one} was told too little to tell");
    }
    // A joiner that finds nothing anywhere would find nothing at all.
    let one = &dumps["ville"].0;
    ensure!(
        one.contains(at_town.grant_id()),
        "its own name of the exchange is there"
    );

    // What the hub keeps: names that each party has, and nothing else that any of them was told.
    let stored = records::python(EVERYTHING, &table.deployment.database(), &[])?;
    let stored: BTreeSet<String> = serde_json::from_str(&stored)?;
    let all = stored
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\n");
    for secret in ["QUELQUUN", "Élodie", "1985-02-14", "mock-someone"] {
        ensure!(!all.contains(secret), "{secret} is kept");
    }
    for (name, told) in &dumps {
        for text in told
            .0
            .iter()
            .filter(|text| text.len() >= 43 && !is_public(text, &table))
        {
            let is_pseudonym = text.len() < 80 && !text.contains('.') || text.starts_with("p1.");
            ensure!(
                is_pseudonym || !stored.contains(text),
                "{name}: {text} is kept"
            );
        }
    }
    Ok(())
}

/// Events that a party without an address fetches.
async fn events_of(table: &Table, party: &Hand) -> Result<Value> {
    wait::until("events", async || {
        let request = shared_client()
            .post(format!("{}/exchange/events", table.issuer))
            .bearer_auth(party.party.assertion(&table.issuer).ok()?)
            .json(&json!({ "returnImmediately": true }));
        let answer = Answer::of(request).await.ok()?;
        let sets = answer.json["sets"].clone();
        sets.as_object()?.values().next()?;
        Some(sets)
    })
    .await
}

fn without(of: &Value, members: &[&str]) -> Value {
    let mut rest = of.clone();
    for member in members {
        rest.as_object_mut().map(|it| it.remove(*member));
    }
    rest
}

/// What is the same for every citizen.
fn is_public(text: &str, table: &Table) -> bool {
    let public = [
        table.issuer.as_str(),
        "Bearer",
        "DPoP",
        "openid",
        "iss_sub",
        "eidas1",
        "pwd",
        "evidence",
        "single",
        "revoked",
        "shown",
        "not_shown",
        "release",
        "explicit_request",
        "quotient-familial",
        "tarif-cantine",
        "quotient",
        "tranche",
        "famille",
        "ville",
        "ecole",
    ];
    public.contains(&text) || text == table.family.party.evidence_endpoint()
}

/// A moment as the command takes it.
fn rfc3339(seconds: i64) -> Result<String> {
    let output = std::process::Command::new("date")
        .args(["-u", "-d", &format!("@{seconds}"), "+%Y-%m-%dT%H:%M:%SZ"])
        .output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

const EVERYTHING: &str = "
text = lambda it: base64.urlsafe_b64encode(it).rstrip(b'=').decode() if isinstance(it, bytes) else str(it)
tables = [name for (name,) in db.execute(\"SELECT name FROM sqlite_master WHERE type = 'table'\")]
cells = set()
for table in tables:
    for row in db.execute(f'SELECT * FROM {table}'):
        for cell in row:
            cells.add(text(cell))
            if isinstance(cell, bytes):
                cells.add(cell.decode('utf-8', 'replace'))
print(json.dumps(sorted(cells)))
";
