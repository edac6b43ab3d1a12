//! An exchange between parties that share no code with the hub or its kit, judged by others that do not either.

use anyhow::{Context as _, Result};
use guichet_integration_tests::Hands as _;
use guichet_integration_tests::claims::changed;
use guichet_integration_tests::evidence_peers::{held_against_description, verified_exchange};
use guichet_integration_tests::http_citizen::shared_client;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::keys::claims_of;
use serde_json::{Value, json};

use super::scene::{Scene, look, said, send};
use crate::login::must_read;

#[tokio::test]
async fn parties_that_share_no_code_with_us_exchange_evidence_and_a_third_one_verifies_it()
-> Result<()> {
    let scene = Scene::set().await?;
    let mut citizen = scene
        .asked(&json!({ "fields": ["quotient", "enfants"] }))
        .await?;
    must_read(&citizen.look().await?, "Caisse Famille")?;
    // Nobody knows them there, until they have signed in there.
    must_read(&look(&mut citizen).await?, "Aucune information à votre nom")?;
    let known_as = scene
        .link(&json!({ "quotient": 620, "enfants": 2, "tranche": "B" }))
        .await?;
    let seen = citizen.here().press(Control::Id("again")).await?;
    assert_eq!(seen.shown("field.quotient-value")?, "620", "{seen}");
    let granted = send(&mut citizen).await?;
    assert_eq!(
        granted[0]["fields"],
        json!(["quotient", "enfants"]),
        "{granted}"
    );

    let fetched = scene.fetched().await?;
    let evidence = &fetched["evidence"][0];
    assert_eq!(
        evidence["claims"]["fields"],
        json!({ "quotient": 620, "enfants": 2 }),
        "{fetched}"
    );
    let again = scene.fetched().await?;
    assert_eq!(
        again["evidence"][0]["error"], "invalid_grant",
        "once is once: {again}"
    );

    let at_holder = scene.said_at_the_holder().await?;
    let by_service = again["exchanges"].as_array().context("nothing was said")?;
    let all = [by_service.as_slice(), &at_holder].concat();
    let case = case_of(&scene, &granted[0], evidence, &all)?;
    let verified = verified_exchange(&case)?;
    let voucher = &verified["voucher"];
    assert_eq!(
        voucher["sub"],
        known_as.as_str(),
        "the one name that the holder has for them"
    );
    assert_judged(&case);

    let exchange = granted[0]["grant_id"].as_str().unwrap_or_default();
    let receipt = scene.receipt(&mut citizen, exchange).await?;
    let erased = scene.erased(&mut citizen, exchange).await?;
    let all = [all, erased.exchanges].concat();
    let claims = json!([
        ["voucher", voucher],
        ["evidence", verified["evidence"]],
        ["granted-detail", granted[0]],
        ["delivery", claims_of(half(&case, 0)?)?],
        ["delivery", claims_of(half(&case, 1)?)?],
        ["receipt", claims_of(&receipt)?],
    ]);
    let claims = [
        claims.as_array().cloned().unwrap_or_default(),
        erased.claims,
    ]
    .concat();
    assert_described(&scene, all, claims.into()).await
}

/// What the independent verifier is shown of it.
fn case_of(scene: &Scene, granted: &Value, evidence: &Value, all: &[Value]) -> Result<Value> {
    let presented = all.iter().find(|one| {
        let authorization = one["request"]["headers"]["authorization"].as_str();
        authorization.and_then(|it| it.strip_prefix("DPoP ")) == evidence["voucher"].as_str()
            && one["status"] == 200
    });
    let presented = presented.context("the voucher was not presented")?;
    let deliveries = all.iter().filter(|one| {
        let url = one["url"].as_str().unwrap_or_default();
        url.ends_with("/exchange/deliveries")
    });
    let receipts: Vec<Value> = deliveries.map(|one| form_member(one, "receipt")).collect();
    Ok(json!({
        "issuer": scene.issuer,
        "data_provider": {
            "id": scene.family.id, "client_id": scene.family.id,
            "decryption_jwk": scene.family.decryption_jwk()?,
        },
        "service": {
            "client_id": scene.town.id, "jwks": scene.town.jwks(),
            "decryption_jwk": scene.town.decryption_jwk()?,
        },
        "grant_id": granted["grant_id"],
        "voucher": evidence["voucher"],
        "proof": presented["request"]["headers"]["dpop"],
        "body": evidence["body"],
        "envelope": evidence["envelope"],
        "receipts": receipts,
    }))
}

/// The verifier says no to everything that is not this exchange.
fn assert_judged(case: &Value) {
    let service_key = case["service"]["decryption_jwk"].clone();
    let halves = [&case["receipts"][0], &case["receipts"][0]];
    for (change, complaint) in [
        (
            json!({ "body": r#"{"fields":["quotient"]}"# }),
            "for this request",
        ),
        (json!({ "receipts": halves }), "both halves"),
        (
            json!({ "grant_id": "AAAAAAAAAAAAAAAAAAAAAA" }),
            "of this exchange",
        ),
        (json!({ "voucher": case["envelope"] }), "Error"),
        (
            json!({ "data_provider": changed(case["data_provider"].clone(), &json!({ "decryption_jwk": service_key })) }),
            "Error",
        ),
    ] {
        let verdict = verified_exchange(&changed(case.clone(), &change));
        let said = verdict.map_or_else(|error| error.to_string(), |_| "it holds".to_owned());
        assert!(said.contains(complaint), "{change}: {said}");
    }
}

/// All that was said is what the hub publishes of itself, and nothing that it publishes stayed unsaid.
async fn assert_described(scene: &Scene, mut all: Vec<Value>, claims: Value) -> Result<()> {
    let http = shared_client();
    let hub = |path: &str| http.post(format!("{}{path}", scene.issuer));
    for path in [
        "/par",
        "/token",
        "/token/introspection",
        "/exchange/deliveries",
        "/exchange/blind-indexes",
        "/exchange/events",
        "/exchange/erasures",
    ] {
        all.push(said(hub(path).form(&[("client_id", "nobody")])).await?);
    }
    let at_holder = http.post(scene.family.evidence_endpoint());
    all.push(said(at_holder.json(&json!({}))).await?);
    let mut papers = json!({ "issuer": scene.issuer, "exchanges": all, "claims": claims });
    let verdict = held_against_description(&papers)?;
    assert_eq!(verdict["faults"], json!([]), "{verdict:#}");
    assert_eq!(verdict["unseen"], json!([]), "{verdict:#}");

    // One that finds no fault with these would find none with anything.
    let voucher = changed(
        papers["claims"][0][1].clone(),
        &json!({ "cnf": null, "phase": "later" }),
    );
    papers["claims"] = json!([["voucher", voucher]]);
    for (number, change) in [
        ("status", json!(418)),
        ("url", json!(format!("{}/other", scene.issuer))),
    ]
    .into_iter()
    .enumerate()
    {
        papers["exchanges"][number][change.0] = change.1;
    }
    papers["exchanges"][2]["answer"]["body"] = "{}".into();
    let verdict = held_against_description(&papers)?;
    let faults = verdict["faults"].as_array().context("no verdict")?;
    assert_eq!(faults.len(), 4, "{verdict:#}");
    Ok(())
}

fn half(case: &Value, number: usize) -> Result<&str> {
    case["receipts"][number]
        .as_str()
        .context("a receipt is missing")
}

/// A member of a form that was posted.
fn form_member(said: &Value, name: &str) -> Value {
    let body = said["request"]["body"].as_str().unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(body.as_bytes());
    pairs
        .find(|(member, _)| member == name)
        .map_or(Value::Null, |(_, value)| value.into())
}
