//! A private service asks, and no means no.

use anyhow::Result;
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::{Browser, Demo, Hands};

use super::{COMPTE_CITOYEN, is_signed_in, must_not_read, must_read};

#[tokio::test]
async fn a_bank_that_is_told_no_receives_access_denied_and_nothing_else() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    let question = browser
        .visit(demo.service("banque"))
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .land_at(&demo.cast.hub)
        .await?;
    must_read(&question, "Autorisez-vous")?;
    must_read(&question, "Banque est un organisme privé")?;
    must_read(&question, "12 avril 1990")?;
    // What the bank did not ask for is not on the page either.
    must_not_read(&question, "Lyon")?;

    let refused = browser
        .here()
        .refuse()
        .land_at(demo.service("banque"))
        .await?;
    assert_eq!(refused.shown("error")?, "access_denied", "{refused}");
    must_not_read(&refused, "Camille")?;
    must_not_read(&refused, "MARTIN")?;
    assert!(!is_signed_in(&mut browser, demo.service("banque")).await?);

    // Asked again, yes is still possible, and is not remembered from the no.
    let home = browser
        .visit(demo.service("banque"))
        .sign_in()
        .agree()
        .land()
        .await?;
    assert_eq!(home.shown("name")?, "Camille Aimée MARTIN", "{home}");
    Ok(())
}
