//! Somebody who is frozen or whose account is closed: nothing goes on as them, from anything they had, on any
//! node, from the moment the command says so (threat N-08); and what a thief had does not come back.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::servers::{Postgres, Redis};
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider, RawClient};
use serde_json::{Value, json};

use crate::interop::deployment::{Deployment, SignedIn, sign_in, told};

/// What an order of an operator may take to hold everywhere.
const AT_ONCE: Duration = Duration::from_secs(1);

const OFFLINE: &str = "openid given_name family_name offline_access";

fn refreshing(service: &RawClient) -> Value {
    service.metadata_with(&json!({
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid given_name family_name birthdate email offline_access",
    }))
}

async fn sign_in_for_long(
    service: &RawClient,
    issuer: &str,
    provider: &MockProvider,
) -> Result<SignedIn> {
    let attempt = service.attempt(issuer)?.with("scope", OFFLINE);
    let mut citizen = service.citizen();
    let journey = citizen.visit(&attempt.url());
    journey.choose(&provider.button()).agree().await?;
    crate::interop::deployment::finish(service, issuer, citizen, &attempt).await
}

#[tokio::test]
async fn whoever_is_frozen_gets_nothing_from_anything_on_any_node_within_a_second() -> Result<()> {
    let (postgres, redis) = (Postgres::start().await?, Redis::start().await?);
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("service");
    let mut one = Deployment::new(&[&service], &[&provider])?;
    one.clients = vec![refreshing(&service)];
    one.durable = postgres.database("hub")?;
    one.short_lived = redis.url();
    one.employ(&["alice", "bob"])?;
    let mut two = Deployment::new(&[&service], &[&provider])?;
    let other_door = two.issuer.clone();
    two.clients.clone_from(&one.clients);
    two.durable.clone_from(&one.durable);
    two.short_lived.clone_from(&one.short_lived);
    two.keys.clone_from(&one.keys);
    two.issuer.clone_from(&one.issuer);
    let issuer = one.issuer.clone();
    let _first = one.start().await?;
    let _second = two.start().await?;
    let signed_in = sign_in_for_long(&service, &issuer, &provider).await?;
    for door in [&issuer, &other_door] {
        let access = signed_in.tokens.text("access_token");
        let userinfo = service.userinfo(door, access).await?;
        assert_eq!(userinfo.status, 200, "{}", userinfo.body);
    }
    let who = format!("{}@service.example", signed_in.sub());

    let (alice, bob) = (one.acting("alice", "alice"), one.acting("bob", "bob"));
    let frozen = one.say(&format!("person freeze {who} --reason T-1 {alice}"))?;
    let since = Instant::now();
    let case: Value = serde_json::from_str(&frozen)?;
    let case = case["case"].as_str().context("no case")?.to_owned();
    for door in [&issuer, &other_door] {
        let access = signed_in.tokens.text("access_token");
        assert_eq!(service.userinfo(door, access).await?.status, 401, "{door}");
    }
    assert!(since.elapsed() < AT_ONCE, "{:?}", since.elapsed());
    for door in [&issuer, &other_door] {
        nothing_is_good(&service, door, &signed_in).await?;
    }
    turned_away(&service, &issuer, &provider, &case).await?;

    let proposed = one.say(&format!("person thaw {case} --reason T-2 {alice}"))?;
    let proposed: Value = serde_json::from_str(&proposed)?;
    let thaw = proposed["correction"]["id"].as_str().unwrap_or_default();
    let alone = one.command(&format!("person confirm {thaw} {alice}"))?;
    assert_eq!(alone.status.code(), Some(1), "{}", told(&alone));
    turned_away(&service, &issuer, &provider, &case).await?;
    one.say(&format!("person confirm {thaw} {bob}"))?;
    for door in [&issuer, &other_door] {
        nothing_is_good(&service, door, &signed_in).await?;
    }
    let again = sign_in(&service, &issuer, &provider).await?;
    assert_eq!(again.sub(), signed_in.sub());

    let closed = one.say(&format!("person close {who} --died --reason T-3 {bob}"))?;
    let closed: Value = serde_json::from_str(&closed)?;
    assert_eq!(closed["kind"], "death");
    let access = again.tokens.text("access_token");
    assert_eq!(service.userinfo(&other_door, access).await?.status, 401);
    let case = closed["case"].as_str().context("no case")?;
    turned_away(&service, &issuer, &provider, case).await?;
    let list: Value = serde_json::from_str(&one.say("person cases -o json")?)?;
    assert_eq!(list.as_array().map(Vec::len), Some(2), "{list}");
    one.say("ledger verify")?;
    Ok(())
}

/// Neither session nor token of theirs is good for anything at this door.
async fn nothing_is_good(service: &RawClient, door: &str, theirs: &SignedIn) -> Result<()> {
    let access = theirs.tokens.text("access_token");
    let refresh = theirs.tokens.text("refresh_token");
    let userinfo = service.userinfo(door, access).await?;
    ensure!(userinfo.status == 401, "userinfo: {}", userinfo.body);
    for token in [access, refresh] {
        let heard = service.introspect(door, token).await?;
        ensure!(heard.json["active"] == false, "heard: {}", heard.body);
    }
    let refreshed = service.refresh(door, refresh).await?;
    ensure!(refreshed.error() == "invalid_grant", "{}", refreshed.body);
    let silent = service.attempt(door)?.with("prompt", "none");
    let back = theirs.citizen.clone().visit(&silent.url()).await?;
    let error = parameter(&back.url, "error");
    ensure!(error.as_deref() == Some("login_required"), "{back}");
    let account = theirs.citizen.clone();
    let sessions = account_page(account, door, "/account/sessions").await?;
    ensure!(!sessions.contains("Ce navigateur"), "{sessions}");
    Ok(())
}

async fn account_page(mut citizen: HttpCitizen, door: &str, path: &str) -> Result<String> {
    Ok(citizen.visit(&format!("{door}{path}")).await?.text())
}

/// A sign-in ends at the page that says why, and the service is told no more than no.
async fn turned_away(
    service: &RawClient,
    issuer: &str,
    provider: &MockProvider,
    case: &str,
) -> Result<()> {
    let attempt = service.attempt(issuer)?;
    let mut citizen = service.citizen();
    let journey = citizen.visit(&attempt.url());
    let page = journey.choose(&provider.button()).await?;
    ensure!(page.shown("case")? == case, "{page}");
    ensure!(page.text().contains("guichet"), "no way on: {page}");
    let back = citizen.here().press(Control::Id("abandon")).await?;
    ensure!(
        parameter(&back.url, "error").as_deref() == Some("access_denied"),
        "{back}"
    );
    ensure!(parameter(&back.url, "state").as_deref() == Some(attempt.state.as_str()));
    Ok(())
}

#[tokio::test]
async fn what_a_citizen_froze_stays_frozen_over_a_power_cut() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("service");
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    deployment.employ(&["alice"])?;
    let issuer = deployment.issuer.clone();
    let mut node = deployment.start().await?;
    sign_in(&service, &issuer, &provider).await?;
    let mut citizen = HttpCitizen::new();
    let page = citizen
        .visit(&format!("{issuer}/account/sign-in?to=not-me"))
        .choose(&provider.button())
        .press(Control::Id("confirm"))
        .await?;
    let case = page.shown("case")?;
    node.kill()?;
    node.start_again().await?;
    turned_away(&service, &issuer, &provider, &case).await?;
    let alice = deployment.acting("alice", "alice");
    let shown = deployment.say(&format!("person case {case} {alice}"))?;
    let shown: Value = serde_json::from_str(&shown)?;
    assert_eq!(shown["opened"]["by"], "the person");
    let seen = shown["evidence"]["sign_ins"].as_array();
    assert_eq!(
        seen.map(Vec::len),
        Some(2),
        "the service's and the account's: {shown}"
    );
    deployment.say("ledger verify")?;
    Ok(())
}

/// Nobody freezes another: neither by a page that posts for them, nor by a code of their visit.
#[tokio::test]
async fn nobody_freezes_somebody_else() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("service");
    let deployment = Deployment::new(&[&service], &[&provider])?;
    let issuer = deployment.issuer.clone();
    let _node = deployment.start().await?;
    let mut victim = HttpCitizen::new();
    let page = victim
        .visit(&format!("{issuer}/account/sign-in?to=sessions"))
        .choose(&provider.button())
        .await?;
    let code = page
        .text()
        .split_whitespace()
        .find(|word| word.len() == 14 && word.matches('-').count() == 2)
        .context("no code")?
        .to_owned();
    let address = format!("{issuer}/account/not-me");
    // From another site, in the victim's own browser; with a token of the attacker's; with none.
    let mut attacker = HttpCitizen::new();
    let with_code = attacker.visit(&format!("{address}?code={code}")).await?;
    let document = with_code.document();
    assert!(document.by_id("report").is_some() && document.by_id("confirm").is_none());
    let fields = document.forms().into_iter().flat_map(|form| form.fields);
    let mut tokens = fields.filter(|(name, _)| name == "csrf");
    let (_, theirs) = tokens.next().context("no token")?;
    for csrf in [theirs.as_str(), "", "AAAA"] {
        let forged = victim
            .post(&address, &[("csrf", csrf), ("visit", &code)])
            .await?;
        assert_eq!(forged.status, 403, "{csrf}");
        let forged = attacker
            .post(&address, &[("csrf", csrf), ("visit", &code)])
            .await?;
        // Nobody is signed in there: the page as it is.
        assert_eq!(forged.status, 303, "{csrf}");
        let back = forged.location()?.context("no way back")?;
        assert_eq!(back.path(), "/account/not-me");
    }
    // A page that keeps a number shows it to nobody else.
    let kept = format!("{address}/frozen/{}?seal=AAAA", "A".repeat(22));
    assert_eq!(attacker.get(&kept).await?.status, 404);
    let still = victim.visit(&format!("{issuer}/account/sessions")).await?;
    assert!(still.text().contains("Ce navigateur"), "{still}");
    Ok(())
}

/// A report says the same to everybody, and stops after a few.
#[tokio::test]
async fn a_report_reveals_nothing_and_has_a_limit() -> Result<()> {
    let service = RawClient::new("service");
    let deployment = Deployment::new(&[&service], &[])?;
    let issuer = deployment.issuer.clone();
    let _node = deployment.start().await?;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        let mut citizen = HttpCitizen::new();
        let page = citizen
            .visit(&format!("{issuer}/account/not-me"))
            .fill("statement", "Quelqu’un se sert de mon nom.")
            .press(Control::Id("report"))
            .await?;
        statuses.push(page.status.unwrap_or_default());
    }
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429]);
    let list: Value = serde_json::from_str(&deployment.say("person cases -o json")?)?;
    let cases = list.as_array().context("no list")?;
    assert_eq!(cases.len(), 5);
    assert!(
        cases
            .iter()
            .all(|case| case["kind"] == "report" && case["person"].is_null())
    );
    Ok(())
}
