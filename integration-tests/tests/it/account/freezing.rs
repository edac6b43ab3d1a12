//! "It was not me", from a notice that came by mail: one click freezes, without a sign-in; and from a code, kept while
//! its citizen signs in.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Demo, Hands as _, HttpCitizen};

use super::ways::{ADDRESS, code_in_mail, mail};
use crate::login::{COMPTE_CITOYEN, IDENTITE_POSTALE, must_not_read, must_read};

/// Camille, told by mail of what is new from now on.
async fn who_is_told(demo: &Demo) -> Result<HttpCitizen> {
    let mut camille = HttpCitizen::new();
    let service = camille.visit(demo.service("carte-grise"));
    let service = service.sign_in_with(COMPTE_CITOYEN).as_citizen(&CAMILLE);
    service.agree().await?;
    let ways = demo.hub("/account/ways");
    let asked = camille.visit(&ways).fill("email", ADDRESS);
    asked.press(Control::Id("give-address")).await?;
    let code = code_in_mail(demo).await?;
    let confirmed = camille.here().fill("code", &code);
    confirmed.press(Control::Id("confirm-address")).await?;
    Ok(camille)
}

#[tokio::test]
async fn one_click_on_a_mailed_notice_freezes_without_a_sign_in_and_says_what_comes_next()
-> Result<()> {
    let demo = Demo::start().await?;
    let mut camille = who_is_told(&demo).await?;
    let mut stranger = HttpCitizen::new();
    let service = stranger.visit(demo.service("carte-grise"));
    let service = service.sign_in_with(IDENTITE_POSTALE).as_citizen(&CAMILLE);
    service.agree().await?;
    let notice = mail(&demo, "Connexion à Carte grise par Identité Postale").await?;
    let mut words = notice.split_whitespace();
    let link = words
        .find(|word| word.contains("/account/freeze/"))
        .with_context(|| format!("no link: {notice}"))?;

    let mut browser = Browser::start().await?;
    browser.visit(link).await?;
    browser.must_be_accessible().await?;
    let mut nobody = HttpCitizen::new();
    let page = nobody.visit(link).await?;
    must_read(&page, "un clic suffit, sans vous connecter")?;
    let home = stranger.visit(&demo.hub("/account")).await?;
    must_read(&home, "Mes services")?;
    let done = nobody.visit(link).press(Control::Id("confirm")).await?;
    for told in [
        "Votre identité est gelée",
        "Numéro de dossier",
        "suspendus, non supprimés",
        "porter plainte",
    ] {
        must_read(&done, told)?;
    }
    for one in [&mut camille, &mut stranger] {
        let home = one.visit(&demo.hub("/account")).await?;
        must_not_read(&home, "Mes services")?;
        must_read(&home, "Me connecter à mon compte")?;
    }
    let again = nobody.get(link).await?;
    assert_eq!(again.status, 404, "{}", again.body);
    ensure!(again.body.contains("ne mène plus à rien"), "{}", again.body);
    Ok(())
}

#[tokio::test]
async fn a_code_is_still_there_once_its_citizen_signed_in_to_freeze() -> Result<()> {
    let demo = Demo::start().await?;
    let mut citizen = HttpCitizen::new();
    let asked = citizen.visit(&demo.hub("/account/not-me?code=ABCD-2345-WXYZ"));
    let signing_in = asked.press(Control::Id("sign-in")).choose(COMPTE_CITOYEN);
    let page = signing_in.as_citizen(&CAMILLE).await?;
    ensure!(page.html.contains("value=\"ABCD-2345-WXYZ\""), "{page}");
    ensure!(page.html.contains("id=\"confirm\""), "{page}");
    Ok(())
}
