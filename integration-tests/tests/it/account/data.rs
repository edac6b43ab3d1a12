//! Who has what of a citizen, and who may fetch what: seen, changed and stopped by them alone.

use anyhow::{Result, ensure};
use guichet_integration_tests::citizens::{CAMILLE, LINH};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen};

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

    let (end, change) = (
        form_with(camille.page()?, "end-")?,
        demo.hub(&format!("/account/data/{hers}/change")),
    );
    camille.open(&change).await?;
    let narrow = form_with(camille.page()?, "change")?;
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
        for form in [&end, &narrow] {
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
    must_read(&still, "Enfants")?;
    let old = camille.get(&demo.hub("/account/evidence")).await?;
    assert_eq!(
        old.location()?.map(|it| it.path().to_owned()),
        Some("/account/data".to_owned())
    );
    Ok(())
}

#[tokio::test]
async fn fields_that_are_taken_away_are_gone_at_once_and_the_receipt_says_so() -> Result<()> {
    let demo = Demo::start().await?;
    let mut camille = who_sent_evidence(&demo, &CAMILLE).await?;
    let data = demo.hub("/account/data");
    camille.open(&data).await?;
    let exchange = id_after(&camille.page()?.body, "evidence-")?;
    let change = format!("change-{exchange}");
    camille.open(&data).await?;
    camille.press(&Control::Id(&change)).await?;
    let page = camille.look().await?;
    must_read(&page, "Décochez ce que Cantine ne doit plus recevoir")?;

    // Nothing taken away, or everything: neither is a change.
    let form = form_with(camille.page()?, "change")?;
    let same = camille.clone().submit(&form, None, &[]).await?;
    ensure!(
        same.status == 422 && same.body.contains("Rien n’est décoché"),
        "{}",
        same.body
    );
    let mut nothing = form.clone();
    nothing.fields.retain(|(name, _)| name == "csrf");
    let none = camille.clone().submit(&nothing, None, &[]).await?;
    ensure!(
        none.status == 422 && none.body.contains("Tout est décoché"),
        "{}",
        none.body
    );

    let mut less = form.clone();
    less.fields.retain(|(name, _)| name != "field-enfants");
    ensure!(
        less.fields.len() + 1 == form.fields.len(),
        "{:?}",
        form.fields
    );
    let done = camille.submit(&less, None, &[]).await?;
    assert_eq!(done.status, 303, "{}", done.body);
    let list = camille.visit(&data).await?;
    must_not_read(&list, "Enfants à charge")?;
    ensure!(
        !list.html.contains(&change),
        "one field is left: nothing to take away"
    );
    // What one did not have is not added by asking for it.
    let more = camille.clone().submit(&form, None, &[]).await?;
    ensure!(more.status == 422, "{}: {}", more.status, more.body);

    let receipt = camille
        .get(&demo.hub(&format!("/account/data/{exchange}/receipt")))
        .await?;
    assert_eq!(receipt.status, 200, "{}", receipt.body);
    let mut everybody = HttpCitizen::new();
    everybody.open(&demo.hub("/receipts/verify")).await?;
    everybody.fill("receipt", &receipt.body).await?;
    everybody.press(&Control::Id("receipt-verify")).await?;
    let told = everybody.look().await?;
    must_read(&told, "Ce reçu est authentique")?;

    let history = camille.visit(&demo.hub("/account/history")).await?;
    must_read(
        &history,
        "Vous avez retiré des informations d’une autorisation",
    )
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
    must_read(&history, "Vous avez retiré votre accord")
}
