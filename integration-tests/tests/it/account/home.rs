//! The front page of the account: what services say by themselves, what to do when something happens in a life,
//! and the page for whoever reads with difficulty, prints, or reads from right to left.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Demo, Hands as _, HttpCitizen, wait};

use super::who_sent_evidence;
use crate::login::{COMPTE_CITOYEN, must_not_read, must_read};

#[tokio::test]
async fn the_services_of_the_cast_say_something_to_whoever_signed_in_to_them() -> Result<()> {
    let demo = Demo::start().await?;
    let mut citizen = HttpCitizen::new();
    let service = citizen.visit(demo.service("cantine"));
    let service = service.sign_in_with(COMPTE_CITOYEN).as_citizen(&CAMILLE);
    service.agree().await?;
    let account = demo.hub("/account");
    wait::until("both messages", async || {
        let home = citizen.get(&account).await.ok()?.body;
        let both = [
            "Il manque votre quotient familial",
            "L’inscription à la cantine",
        ];
        both.iter().all(|it| home.contains(it)).then_some(())
    })
    .await
}

/// Each with what is its own, though all of it is read at once.
#[tokio::test]
async fn the_front_page_says_since_when_each_service_knows_its_citizen_and_how_they_last_came()
-> Result<()> {
    let demo = Demo::start().await?;
    let mut citizen = HttpCitizen::new();
    let service = citizen.visit(demo.service("cantine"));
    let service = service.sign_in_with(COMPTE_CITOYEN).as_citizen(&CAMILLE);
    service.agree().await?;
    let complaint = citizen.visit(demo.service("plainte"));
    let complaint = complaint.sign_in_with(COMPTE_CITOYEN);
    let authenticator = demo.authenticator("camille")?;
    complaint.with_code(authenticator).agree().await?;
    // A service that they did not go on to was told nothing, and does not know them.
    let declined = citizen.visit(demo.service("carte-grise")).sign_in();
    declined.refuse().await?;
    let account = demo.hub("/account");
    // They are read off the audit log a moment later.
    let home = wait::until("both sign-ins", async || {
        let home = citizen.get(&account).await.ok()?.document().text();
        let both = home.matches("Dernière connexion le").count() >= 2;
        both.then_some(home)
    })
    .await?;
    let of = |name: &str, level: &str| {
        let cards: Vec<&str> = home.split("Vous connaît depuis le").collect();
        let mut cards = cards.windows(2);
        let card = cards.find_map(|it| it[0].trim_end().ends_with(name).then_some(it[1]));
        let card = card.with_context(|| format!("{name} does not know them: {home}"))?;
        let (_, last) = card
            .split_once("Dernière connexion le")
            .context(name.to_owned())?;
        let said: String = last.chars().take(60).collect();
        ensure!(said.contains(level), "{name}: {said}");
        Ok(())
    };
    of("Cantine", "Simple")?;
    of("Plainte en ligne", "Renforcé")?;
    let mut cards = home.split("Vous connaît depuis le");
    let is_listed = cards.any(|card| card.trim_end().ends_with("Carte grise"));
    ensure!(!is_listed, "it knows them: {home}");
    Ok(())
}

#[tokio::test]
async fn something_that_happens_in_a_life_leads_to_its_services() -> Result<()> {
    let demo = Demo::start().await?;
    let home = HttpCitizen::new().visit(&demo.hub("/account")).await?;
    for told in ["Je déménage", "Un enfant naît", "Je perds mon emploi"] {
        must_read(&home, told)?;
    }
    let at = home.html.find("event-moving").context("no event")?;
    let services = &home.html[at..];
    let services = &services[..services.find("</details>").context("no end")?];
    assert!(services.contains("Carte grise"), "{services}");
    assert!(services.contains("/initiate-login?iss="), "{services}");
    Ok(())
}

#[tokio::test]
async fn easy_reading_and_large_type_are_one_link_away_and_are_remembered() -> Result<()> {
    let demo = Demo::start().await?;
    let mut citizen = who_sent_evidence(&demo, &CAMILLE).await?;
    let rights = demo.hub("/account/rights");
    must_not_read(&citizen.visit(&rights).await?, "Vous avez des droits.")?;
    let easy = citizen
        .visit(&rights)
        .press(Control::Id("read-easy"))
        .await?;
    must_read(&easy, "Vous avez des droits.")?;
    for (path, told) in [
        ("/account", "Ici, vous voyez vos services."),
        ("/account/data", "Ici, vous voyez qui a vos informations."),
        ("/account/not-me", "Quelqu’un se sert de votre nom ?"),
        ("/account/close", "Vous voulez partir ?"),
        ("/account/history", "Ici, vous voyez ce qui s’est passé."),
        ("/account/ways", "Ici, vous choisissez comment entrer."),
        ("/account/sessions", "Ici, vous voyez où vous êtes connecté"),
        ("/account/thaw", "Vous voulez entrer de nouveau ?"),
    ] {
        must_read(&citizen.visit(&demo.hub(path)).await?, told)?;
    }
    let large = citizen
        .visit(&rights)
        .press(Control::Id("read-large"))
        .await?;
    ensure!(large.html.contains("is-large"), "{large}");
    let back = citizen
        .visit(&rights)
        .press(Control::Id("read-full"))
        .await?;
    must_not_read(&back, "Vous avez des droits.")?;
    ensure!(
        back.html.contains("is-large"),
        "the other choice stays: {back}"
    );
    Ok(())
}

#[tokio::test]
async fn every_page_of_the_account_names_the_way_without_a_screen_and_can_be_installed()
-> Result<()> {
    let demo = Demo::start().await?;
    let mut citizen = who_sent_evidence(&demo, &CAMILLE).await?;
    for path in PAGES {
        let page = citizen.visit(&demo.hub(path)).await?;
        must_read(&page, "Sans internet")?;
        let document = page.document();
        ensure!(document.by_id("without-internet").is_some(), "{path}");
        let is_room = page.html.contains("class=\"navigation\"");
        let is_installable = page.html.contains("rel=\"manifest\"");
        ensure!(is_room == is_installable, "{path}");
    }
    let manifest = citizen.get(&demo.hub("/account/app.webmanifest")).await?;
    assert_eq!(manifest.status, 200, "{}", manifest.body);
    let manifest = manifest.json()?;
    assert_eq!(manifest["display"], "standalone");
    for icon in manifest["icons"].as_array().context("no icons")? {
        let address = icon["src"].as_str().context("no address")?;
        assert_eq!(
            citizen.get(&demo.hub(address)).await?.status,
            200,
            "{address}"
        );
    }
    Ok(())
}

/// The pages that the navigation leads to, and what stands behind them.
const PAGES: &[&str] = &[
    "/account",
    "/account/data",
    "/account/history",
    "/account/ways",
    "/account/sessions",
    "/account/rights",
    "/account/rights/ask/rectification",
    "/account/not-me",
    "/account/close",
    "/account/thaw",
    "/account/requests",
    "/account/device",
    "/receipts/verify",
    "/processing-register",
];

/// Nothing runs out of the page, whichever way one reads: the pages are turned around as a language from right
/// to left would turn them.
#[tokio::test]
async fn the_account_can_be_read_from_right_to_left_and_by_everybody() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    let journey = browser.visit(demo.service("cantine"));
    let journey = journey.sign_in_with(COMPTE_CITOYEN).as_citizen(&CAMILLE);
    journey.agree().land().await?;
    for path in [
        "/account",
        "/account/data",
        "/account/rights",
        "/account/close",
    ] {
        browser.visit(&demo.hub(path)).await?;
        browser.must_be_accessible().await?;
        browser
            .evaluate("document.documentElement.dir = 'rtl'")
            .await?;
        assert_eq!(browser.overflow().await?, 0, "{path} from right to left");
        browser
            .photograph(&format!("rtl{}", path.replace('/', "-")))
            .await?;
    }
    browser
        .visit(&demo.hub("/account/rights"))
        .press(Control::Id("read-easy"))
        .await?;
    browser.must_be_accessible().await?;
    browser.photograph("easy-rights").await?;
    browser.visit(&demo.hub("/account")).await?;
    browser.must_be_accessible().await?;
    browser.photograph("easy-account").await.map(drop)
}
