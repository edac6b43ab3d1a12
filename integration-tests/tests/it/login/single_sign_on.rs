//! A second service without a second sign-in, and without a common name for the person.

use anyhow::Result;
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::{Browser, Demo, Hands, controls};

use super::{COMPTE_CITOYEN, must_read};

#[tokio::test]
async fn a_second_service_opens_without_a_second_sign_in_and_under_another_pseudonym() -> Result<()>
{
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    let first = browser
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .agree()
        .land()
        .await?;

    // Nobody asks who it is, but what is about to be told is told first.
    let information = browser
        .visit(demo.service("cantine"))
        .press(controls::SIGN_IN_WITH_GUICHET)
        .land_at(&demo.cast.hub)
        .await?;
    must_read(&information, "Cantine recevra les données ci-dessous")?;
    must_read(&information, "Camille Aimée")?;
    let second = browser
        .here()
        .agree()
        .land_at(demo.service("cantine"))
        .await?;
    assert_eq!(second.shown("name")?, "Camille Aimée MARTIN", "{second}");
    assert_ne!(second.sub()?, first.sub()?);

    // Only what it asked for.
    let claims = second.document();
    let claims = claims.by_id("claims").map(|claims| claims.text.clone());
    assert!(
        claims.is_some_and(|claims| !claims.contains("1990")),
        "the canteen was told a birth date: {second}"
    );
    Ok(())
}
