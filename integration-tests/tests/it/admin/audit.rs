//! The audit log in the console and by its API: looked up, proven, taken away as a file; by those who may.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::{Demo, HttpCitizen, wait};
use serde_json::{Value, json};

use super::program::{Program, comes_in, demo_with, let_in, operator};

#[tokio::test]
async fn an_entry_is_found_proven_and_taken_away_and_its_reader_is_on_record() -> Result<()> {
    let robot = Program::new("robot")?;
    let demo = demo_with(&[&robot]).await?;
    let mut hand = operator(&demo).await?;
    let_in(&demo, &mut hand, &robot, ("operator", "hub")).await?;
    let api = robot.api(&demo).await?;
    let off = json!({ "target": "client:cantine", "reason": "an incident" });
    let off = api
        .call(reqwest::Method::POST, "/switches", &[], Some(&off))
        .await?;
    ensure!(off.status() == 200);

    let found = api
        .json("/ledger/search?kind=switch&object=cantine")
        .await?;
    let items = found["items"].as_array().context("no items")?;
    ensure!(
        items.len() == 1 && items[0]["event"]["kind"] == "switch.off",
        "{found}"
    );
    let sequence = &items[0]["sequence"];
    let nothing = api.json("/ledger/search?kind=switch&object=banque").await?;
    ensure!(nothing["items"] == json!([]), "{nothing}");
    for refused in ["kind=a&kind=b", "since=yesterday", "cursor=*", "limit=0"] {
        let status = api
            .get(&format!("/ledger/search?{refused}"))
            .await?
            .status();
        ensure!(status.is_client_error(), "{refused}: {status}");
    }
    // Places that no ledger has, and one that a country's will: 9223372036854775807, …808, and 4294967301.
    for (cursor, said) in [
        ("OTIyMzM3MjAzNjg1NDc3NTgwNw", 400),
        ("OTIyMzM3MjAzNjg1NDc3NTgwOA", 400),
        ("NDI5NDk2NzMwMQ", 200),
    ] {
        for list in ["entries", "search"] {
            let answer = api.get(&format!("/ledger/{list}?cursor={cursor}")).await?;
            ensure!(answer.status() == said, "{list} {cursor}: {answer:?}");
        }
    }
    // Page by page, nothing left out, the newest first.
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    for _ in 0..200 {
        let page = api.json(&format!("/ledger/search?limit=7{cursor}")).await?;
        let items = page["items"].as_array().context("no items")?;
        seen.extend(items.iter().filter_map(|it| it["sequence"].as_u64()));
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    let all: Vec<u64> = (0..=seen[0]).rev().collect();
    ensure!(seen == all, "{seen:?}");

    let admin = &demo.cast.admin;
    let page = hand
        .get(&format!("{admin}/audit?kind=switch&object=cantine"))
        .await?;
    ensure!(
        page.status == 200 && page.body.contains("switch.off"),
        "{}",
        page.body
    );
    ensure!(page.body.contains(&format!("/audit/{sequence}")));
    let entry = wait::until("a proof", async || {
        let entry = hand.get(&format!("{admin}/audit/{sequence}")).await.ok()?;
        entry
            .body
            .contains("Elle est bien au journal")
            .then_some(entry)
    })
    .await?;
    ensure!(entry.body.contains("id=\"hashes\"") && entry.body.contains("id=\"note\""));
    let lines = hand
        .get(&format!("{admin}/audit.jsonl?kind=switch"))
        .await?;
    let line: Value = serde_json::from_str(lines.body.lines().next().context("no line")?)?;
    ensure!(line["sequence"] == *sequence, "{line}");
    let csv = hand.get(&format!("{admin}/audit.csv?kind=switch")).await?;
    ensure!(
        csv.body.lines().count() == 2 && csv.body.contains("switch.off"),
        "{}",
        csv.body
    );
    let read = api.json("/ledger/search?kind=ledger.read").await?;
    ensure!(
        read["items"].as_array().is_some_and(|all| all.len() > 5),
        "{read}"
    );
    for gone in ["/audit/99999999", "/audit/18446744073709551615"] {
        let status = hand.get(&format!("{admin}{gone}")).await?.status;
        ensure!(status == 404, "{gone}: {status}");
    }
    Ok(())
}

#[tokio::test]
async fn nobody_reads_the_audit_log_who_may_not() -> Result<()> {
    let demo = Demo::start().await?;
    let paths = ["/audit", "/audit/1", "/audit.csv", "/audit.jsonl"];
    let door = format!("{}/sign-in", demo.cast.admin);
    let (mut member, _) = comes_in(&demo, "partenaire", &door).await?;
    for path in paths {
        let address = format!("{}{path}", demo.cast.admin);
        let status = HttpCitizen::new().get(&address).await?.status;
        ensure!(status == 401, "{path}: {status}");
        let status = member.get(&address).await?.status;
        ensure!(status == 403, "{path}: {status}");
    }
    Ok(())
}
