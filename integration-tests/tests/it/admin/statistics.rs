//! How many sign-ins there were: counted from what citizens did, seen by whoever may, and published so that
//! nobody is recognised (threat N-280).

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::browser::{Look, Screen};
use guichet_integration_tests::citizens::PASSWORD;
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Demo, Hands as _, HttpCitizen};
use serde_json::{Value, json};

use super::program::{Program, comes_in, operated};

/// Somebody signs in to a service, or turns back at the choice of a provider.
async fn camille_signs_in(demo: &Demo, service: &str) -> Result<()> {
    let mut citizen = HttpCitizen::new();
    citizen
        .visit(demo.service(service))
        .sign_in_with("Identité Postale")
        .with_credentials("camille", PASSWORD)
        .agree()
        .land()
        .await?;
    Ok(())
}

async fn somebody_turns_back(demo: &Demo, service: &str) -> Result<()> {
    let mut citizen = HttpCitizen::new();
    citizen
        .visit(demo.service(service))
        .sign_in()
        .press(Control::Id("abandon"))
        .await?;
    Ok(())
}

fn step(figures: &Value, number: usize, what: &str) -> u64 {
    figures["steps"][number - 1][what]
        .as_u64()
        .unwrap_or_default()
}

#[tokio::test]
async fn sign_ins_are_counted_by_service_and_step_and_teams_see_their_own() -> Result<()> {
    let team = Program::new("team")?;
    let (demo, _, api) = operated(&[&team]).await?;
    let member = json!({"client_id": "team", "roles": [{"role": "team_reader", "on": "team:cartes-grises"}]});
    let added = api.put("/people/team", &member).await?;
    ensure!(added.status() == 201, "{}", added.text().await?);
    camille_signs_in(&demo, "carte-grise").await?;
    camille_signs_in(&demo, "cantine").await?;
    somebody_turns_back(&demo, "cantine").await?;
    somebody_turns_back(&demo, "cantine").await?;

    let cantine = api.json("/statistics?client_id=cantine").await?;
    ensure!(
        cantine["signed_in"] == 1 && cantine["otherwise"] == 2,
        "{cantine}"
    );
    ensure!(
        step(&cantine, 2, "reached") == 3 && step(&cantine, 2, "left") == 2,
        "{cantine}"
    );
    ensure!(step(&cantine, 7, "reached") == 1, "{cantine}");
    let hub = api.json("/statistics").await?;
    ensure!(hub["signed_in"].as_u64() >= Some(2), "{hub}");
    ensure!(hub["cost"]["currency"] == "EUR", "{hub}");
    let providers = hub["providers"].to_string();
    ensure!(providers.contains("identite-postale"), "{providers}");
    // Asked again, nothing is counted twice.
    ensure!(api.json("/statistics?client_id=cantine").await? == cantine);

    let as_team = team.api(&demo).await?;
    let own = as_team.json("/statistics").await?;
    ensure!(own["signed_in"] == 1 && own["cost"].is_null(), "{own}");
    let others = as_team.get("/statistics?client_id=cantine").await?;
    ensure!(
        others.status() == 404,
        "another team's: {}",
        others.status()
    );
    ensure!(api.get("/statistics?period=2027-13").await?.status() == 400);
    Ok(())
}

/// N-280: what is published is in whole tens, without the day that is under way, and names no service.
#[tokio::test]
async fn what_is_published_singles_nobody_out() -> Result<()> {
    let (demo, _, api) = operated(&[]).await?;
    for _ in 0..11 {
        camille_signs_in(&demo, "cantine").await?;
    }
    let counted = api.json("/statistics").await?;
    ensure!(counted["signed_in"].as_u64() >= Some(11), "{counted}");
    let public = async |path: &str| -> Result<String> {
        let answer = plain_client().get(demo.hub(path)).send().await?;
        ensure!(answer.status() == 200, "{path}: {}", answer.status());
        Ok(answer.text().await?)
    };
    let today = public("/statistics.csv").await?;
    ensure!(
        !today.contains("\"10\""),
        "the day that is under way: {today}"
    );
    demo.be_ahead(26 * 60 * 60).await?;
    let year = counted["period"]
        .as_str()
        .and_then(|it| it.get(..4))
        .context("no period")?;
    let tomorrow = public(&format!("/statistics.csv?year={year}")).await?;
    ensure!(
        tomorrow.contains("\"10\""),
        "eleven are told as ten: {tomorrow}"
    );
    ensure!(
        !tomorrow.contains("\"11\"") && !tomorrow.contains("\"12\""),
        "{tomorrow}"
    );
    ensure!(
        !tomorrow.contains("cantine"),
        "a service is named: {tomorrow}"
    );
    let page = public(&format!("/statistics?year={year}")).await?;
    ensure!(
        page.contains("<svg") && page.contains("<desc"),
        "no picture"
    );
    let never = plain_client()
        .get(demo.hub("/statistics?year=20x7"))
        .send()
        .await?;
    ensure!(never.status() == 404);
    Ok(())
}

#[tokio::test]
async fn the_pages_of_statistics_serve_everybody() -> Result<()> {
    let demo = Demo::start().await?;
    camille_signs_in(&demo, "carte-grise").await?;
    camille_signs_in(&demo, "cantine").await?;
    somebody_turns_back(&demo, "cantine").await?;
    let mut browser = Browser::start().await?;
    browser
        .visit(&format!("{}/sign-in", demo.cast.admin))
        .choose("Compte Citoyen")
        .with_credentials("admin", PASSWORD)
        .with_code(demo.authenticator("admin")?)
        .await?;
    let own = format!("{}/statistics", demo.cast.admin);
    for (name, address) in [
        ("statistics", own.clone()),
        ("statistics-service", format!("{own}?client_id=cantine")),
        ("statistics-public", demo.hub("/statistics")),
    ] {
        browser.open(&address).await?;
        browser.must_be_accessible().await?;
        browser.photograph(name).await?;
        browser.use_screen(Screen::Phone).await?;
        browser.prefer(Look::Dark).await?;
        ensure!(
            browser.overflow().await? <= 0,
            "{address} is wider than the screen"
        );
        browser.must_be_accessible().await?;
        browser.photograph(&format!("{name}-narrow")).await?;
        browser.use_screen(Screen::Desktop).await?;
        browser.prefer(Look::Light).await?;
    }
    Ok(())
}

/// Whoever has no part in it sees no figures, and a team's those of its services alone.
#[tokio::test]
async fn the_page_and_the_file_are_for_whoever_may_see_them() -> Result<()> {
    let demo = Demo::start().await?;
    camille_signs_in(&demo, "carte-grise").await?;
    camille_signs_in(&demo, "cantine").await?;
    for path in ["/statistics", "/statistics.csv"] {
        let nobody = HttpCitizen::new()
            .get(&format!("{}{path}", demo.cast.admin))
            .await?;
        ensure!(nobody.status == 401, "{path}: {}", nobody.status);
    }
    let door = format!("{}/sign-in", demo.cast.admin);
    let (mut partner, _) = comes_in(&demo, "partenaire", &door).await?;
    let file = format!("{}/statistics.csv", demo.cast.admin);
    let own = partner.get(&file).await?;
    ensure!(
        own.body.contains("\"carte-grise\"") && !own.body.contains("\"cantine\""),
        "{}",
        own.body
    );
    let others = partner.get(&format!("{file}?client_id=cantine")).await?;
    ensure!(others.status == 403, "{}", others.status);
    Ok(())
}
