//! The first login, from the start page to the service that greets by name.

use anyhow::Result;
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Demo, Hands};

use super::{COMPTE_CITOYEN, must_not_read, must_read};

#[tokio::test]
async fn a_newcomer_follows_the_start_page_and_is_greeted_by_name_and_pseudonym() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;

    let start = browser.visit(&demo.hub("/")).await?;
    must_read(&start, "Carte grise")?;
    let service = browser
        .here()
        .press(Control::Id("begin"))
        .land_at(demo.service("carte-grise"))
        .await?;
    must_not_read(&service, "Camille")?;

    let choice = browser.here().sign_in().land_at(&demo.cast.hub).await?;
    must_read(&choice, "Vous continuez vers Carte grise")?;
    let password = browser
        .here()
        .choose(COMPTE_CITOYEN)
        .land_at(demo.idp("citoyen"))
        .await?;
    must_not_read(&password, "Camille")?;

    let consent = browser
        .here()
        .as_citizen(&CAMILLE)
        .land_at(&demo.cast.hub)
        .await?;
    // The values themselves, in words, before anything leaves.
    for value in [
        "Camille Aimée",
        "MARTIN",
        "12 avril 1990",
        "Féminin",
        "camille@citoyens.example",
        "Lyon",
        "Compte Citoyen",
    ] {
        must_read(&consent, value)?;
    }

    let home = browser
        .here()
        .agree()
        .land_at(demo.service("carte-grise"))
        .await?;
    assert_eq!(home.shown("name")?, "Camille Aimée MARTIN", "{home}");
    assert_eq!(home.shown("acr")?, "eidas1");
    assert_eq!(home.shown("amr")?, "pwd");
    let sub = home.sub()?;
    assert!(sub.len() >= 32, "a pseudonym that could be guessed: {sub}");
    assert!(!sub.to_lowercase().contains("camille"));
    for value in ["1990-04-12", "69383", "99100", "camille@citoyens.example"] {
        must_read(&home, value)?;
    }

    // The same person is the same pseudonym at every visit.
    super::forget_cookies(&browser).await?;
    let again = browser
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .agree()
        .land()
        .await?;
    assert_eq!(again.sub()?, sub);
    Ok(())
}
