//! Who has what of a citizen, and who may fetch what: seen, changed and stopped by them alone.

use anyhow::{Result, ensure};
use guichet_integration_tests::citizens::{CAMILLE, LINH};
use guichet_integration_tests::controls::SHOWN_NAME;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen, wait};

use super::{form_with, id_after, who_sent_evidence};
use crate::login::{COMPTE_CITOYEN, must_not_read, must_read};

#[tokio::test]
async fn whoever_is_somebody_else_or_nobody_sees_and_changes_nothing() -> Result<()> {
    let demo = Demo::start().await?;
    let mut camille = who_sent_evidence(&demo, &CAMILLE).await?;
    let mut linh = who_sent_evidence(&demo, &LINH).await?;
    let data = demo.hub("/account/data");
    camille.open(&data).await?;
    let hers = id_after(&camille.page()?.body, "evidence-")?;
    linh.open(&data).await?;
    let theirs = id_after(&linh.page()?.body, "evidence-")?;
    ensure!(hers != theirs);

    let end = form_with(camille.page()?, "end-")?;
    camille
        .open(&demo.hub(&format!("/account/data/{hers}/erasure")))
        .await?;
    let erase = form_with(camille.page()?, "ask-erasure")?;
    let mut strangers = [linh.clone(), HttpCitizen::new()];
    for stranger in &mut strangers {
        for path in ["change", "erasure", "receipt"] {
            let page = stranger
                .get(&demo.hub(&format!("/account/data/{hers}/{path}")))
                .await?;
            ensure!(
                page.status == 404 || page.status == 303,
                "{path}: {}",
                page.status
            );
            ensure!(!page.body.contains("Quotient"), "{path}: {}", page.body);
        }
        let list = stranger.get(&data).await?;
        ensure!(!list.body.contains(&hers), "{}", list.body);
        // With her form, which is no use to anybody else.
        for form in [&end, &erase] {
            stranger.stand_on(camille.page()?.clone());
            let answer = stranger.submit(form, None, &[]).await?;
            ensure!(
                [303, 403, 404].contains(&answer.status),
                "{}",
                answer.status
            );
        }
        // With a form of one's own, sent to her decision.
        stranger.open(&data).await?;
        if let Ok(mut own) = form_with(stranger.page()?, "end-") {
            own.action = end.action.clone();
            let answer = stranger.submit(&own, None, &[]).await?;
            ensure!(answer.status == 403, "{}", answer.status);
        }
    }
    camille.open(&data).await?;
    let still = camille.look().await?;
    ensure!(still.html.contains(&end.action), "it ended: {still}");
    must_read(&still, "Famille")?;
    let old = camille.get(&demo.hub("/account/evidence")).await?;
    assert_eq!(
        old.location()?.map(|it| it.path().to_owned()),
        Some("/account/data".to_owned())
    );
    Ok(())
}

#[tokio::test]
async fn a_consent_is_taken_back_from_the_list_of_what_services_received() -> Result<()> {
    let demo = Demo::start().await?;
    let mut citizen = HttpCitizen::new();
    let service = citizen
        .visit(demo.service("banque"))
        .sign_in_with(COMPTE_CITOYEN);
    let asked = service.as_citizen(&CAMILLE).await?;
    ensure!(asked.html.contains("consent"), "{asked}");
    let form = form_with(citizen.page()?, "accept")?;
    let mut form = form;
    if form.fields.iter().all(|(name, _)| name != "agree") {
        form.fields.push(("agree".to_owned(), "yes".to_owned()));
    }
    let accept = form.button(&Control::Id("accept")).cloned();
    let answer = citizen.submit(&form, accept.as_ref(), &[]).await?;
    citizen.follow(answer).await?;

    let data = demo.hub("/account/data");
    let list = citizen.visit(&data).await?;
    must_read(&list, "Avec votre accord")?;
    let client = id_after(&list.html, "withdraw-")?;
    let foreign = form_with(citizen.page()?, "withdraw-")?;
    let nobody = &mut HttpCitizen::new();
    nobody.stand_on(citizen.page()?.clone());
    let answer = nobody.submit(&foreign, None, &[]).await?;
    ensure!([303, 403].contains(&answer.status), "{}", answer.status);
    let list = citizen.visit(&data).await?;
    must_not_read(&list, "Accord retiré")?;
    let withdraw = format!("withdraw-{client}");
    citizen.press(&Control::Id(&withdraw)).await?;
    let list = citizen.look().await?;
    must_read(&list, "Accord retiré")?;
    ensure!(!list.html.contains(&withdraw), "{list}");
    let history = citizen.visit(&demo.hub("/account/history")).await?;
    must_read(&history, "Vous avez retiré votre accord")?;
    // The service is told, and signs them out.
    wait::until("the service to forget them", async || {
        let bank = citizen.visit(demo.service("banque")).await.ok()?;
        let document = bank.document();
        document.by_id(SHOWN_NAME).is_none().then_some(())
    })
    .await
}
