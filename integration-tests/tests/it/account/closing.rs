//! A citizen closes their account: everything ends, services are told, nobody comes back as them; and for a
//! while they can have it open again with two providers.

use anyhow::Result;
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen};

use super::{form_with, who_sent_evidence};
use crate::login::{COMPTE_CITOYEN, IDENTITE_POSTALE, must_not_read, must_read};

#[tokio::test]
async fn whoever_closes_their_account_is_out_everywhere_and_two_providers_open_it_again()
-> Result<()> {
    let demo = Demo::start().await?;
    let mut camille = who_sent_evidence(&demo, &CAMILLE).await?;
    let close = demo.hub("/account/close");
    let unread = camille.visit(&close).press(Control::Id("confirm")).await?;
    must_read(&unread, "Cochez la case")?;
    camille.visit(&close).await?;
    let form = form_with(camille.page()?, "confirm")?;
    let ticked = [("understood".to_owned(), "yes".to_owned())];
    let answer = camille.submit(&form, None, &ticked).await?;
    camille.follow(answer).await?;
    let closed = camille.look().await?;
    must_read(&closed, "Votre compte est fermé")?;
    let data = camille.visit(&demo.hub("/account/data")).await?;
    must_not_read(&data, "Cantine")?;

    let mut again = HttpCitizen::new();
    let barred = again
        .visit(demo.service("cantine"))
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .land_at(&demo.cast.hub)
        .await?;
    must_read(&barred, "Ce compte est fermé")?;

    let mut back = HttpCitizen::new();
    back.visit(&demo.hub("/account/sign-in?to=thawed"))
        .choose(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .choose(IDENTITE_POSTALE)
        .as_citizen(&CAMILLE)
        .await?;
    let data = back.visit(&demo.hub("/account/data")).await?;
    must_read(&data, "Vous y avez mis fin")?;
    let history = back.visit(&demo.hub("/account/history")).await?;
    must_read(&history, "fermé")?;
    Ok(())
}
