//! A citizen closes their account: everything ends, services are told, nobody comes back as them; and for a
//! while they can have it open again with two providers.

use anyhow::{Context as _, Result};
use guichet_integration_tests::citizens::{CAMILLE, Citizen, LINH};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen};

use super::ways::{ADDRESS, code_mailed_to, mail_to};
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

/// Somebody who gave an address closed their account; the link that was mailed to them.
pub(super) async fn who_closed_with_an_address(
    demo: &Demo,
    who: &Citizen,
    address: &str,
) -> Result<String> {
    let mut citizen = who_sent_evidence(demo, who).await?;
    let ways = citizen.visit(&demo.hub("/account/ways"));
    let asked = ways.fill("email", address);
    asked.press(Control::Id("give-address")).await?;
    let code = code_mailed_to(demo, address).await?;
    let typed = citizen.here().fill("code", &code);
    let given = typed.press(Control::Id("confirm-address")).await?;
    must_read(&given, address)?;
    citizen.visit(&demo.hub("/account/close")).await?;
    let form = form_with(citizen.page()?, "confirm")?;
    let ticked = [("understood".to_owned(), "yes".to_owned())];
    let answer = citizen.submit(&form, None, &ticked).await?;
    citizen.follow(answer).await?;
    must_read(&citizen.look().await?, "Votre compte est fermé")?;
    let text = mail_to(demo, address, "/account/reopen/").await?;
    let mut words = text.split_whitespace();
    let link = words.find(|word| word.contains("/account/reopen/"));
    Ok(link.context("no link")?.to_owned())
}

#[tokio::test]
async fn the_mailed_link_opens_a_closed_account_once_with_the_usual_sign_in() -> Result<()> {
    let demo = Demo::start().await?;
    let mailed = who_closed_with_an_address(&demo, &CAMILLE, ADDRESS).await?;
    let mut back = HttpCitizen::new();
    back.visit(&mailed)
        .press(Control::Id("begin"))
        .choose(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .await?;
    let data = back.visit(&demo.hub("/account/data")).await?;
    must_read(&data, "Vous y avez mis fin")?;
    let again = HttpCitizen::new().visit(&mailed).await?;
    assert_eq!(again.status, Some(404), "{again}");
    must_read(&again, "Ce lien ne mène plus à rien")
}

#[tokio::test]
async fn the_mailed_link_opens_nothing_by_itself_for_anybody_else_or_by_another_way() -> Result<()>
{
    let demo = Demo::start().await?;
    let mailed = who_closed_with_an_address(&demo, &CAMILLE, ADDRESS).await?;
    let begin = Control::Id("begin");
    // Another key, and another case.
    let (rest, key) = mailed.rsplit_once('/').context("no key")?;
    let (path, case) = rest.rsplit_once('/').context("no case")?;
    let turned = |text: &str| text.chars().rev().collect::<String>();
    for forged in [
        format!("{rest}/{}", turned(key)),
        format!("{path}/{}/{key}", turned(case)),
    ] {
        let refused = HttpCitizen::new().visit(&forged).await?;
        assert_eq!(refused.status, Some(404), "{refused}");
    }
    // Somebody else signs in with it: they are who they are.
    let mut linh = HttpCitizen::new();
    let theirs = linh
        .visit(&mailed)
        .press(begin.clone())
        .choose(COMPTE_CITOYEN);
    theirs.as_citizen(&LINH).await?;
    let account = linh.visit(&demo.hub("/account/data")).await?;
    must_not_read(&account, "Vous y avez mis fin")?;
    // Camille's, by a provider that never spoke for her: a second one is asked for.
    let mut thief = HttpCitizen::new();
    let new = thief
        .visit(&mailed)
        .press(begin.clone())
        .choose(IDENTITE_POSTALE);
    let second = new.as_citizen(&CAMILLE).land_at(&demo.cast.hub).await?;
    must_read(&second, "second compte")?;
    let account = thief.visit(&demo.hub("/account/data")).await?;
    must_not_read(&account, "Vous y avez mis fin")?;
    // It is closed as it was.
    let mut again = HttpCitizen::new();
    let journey = again.visit(demo.service("cantine"));
    let journey = journey.sign_in_with(COMPTE_CITOYEN).as_citizen(&CAMILLE);
    let barred = journey.land_at(&demo.cast.hub).await?;
    must_read(&barred, "Ce compte est fermé")
}
