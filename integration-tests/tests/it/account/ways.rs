//! The ways into an identity, lived through with a browser: closed, met closed, told, opened again.

use anyhow::{Context as _, Result};
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::http_citizen::shared_client;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::{
    Browser, Demo, Hands, HttpCitizen, MockProvider, RawClient, controls, wait,
};

use crate::interop::deployment::{Deployment, sign_in as sign_in_at};
use crate::login::{COMPTE_CITOYEN, IDENTITE_POSTALE, forget_cookies, must_not_read, must_read};

/// The address that Camille gives.
pub(crate) const ADDRESS: &str = "camille.alertes@example.org";

async fn sign_in(demo: &Demo, browser: &mut Browser, provider: &str) -> Result<()> {
    let journey = browser.visit(demo.service("carte-grise"));
    let journey = journey.sign_in_with(provider).as_citizen(&CAMILLE);
    journey.agree().land().await?;
    Ok(())
}

/// The text of the latest mail to Camille's address that has `words` in it.
pub(crate) async fn mail(demo: &Demo, words: &str) -> Result<String> {
    mail_to(demo, ADDRESS, words).await
}

/// The text of the latest mail to an address that has `words` in it.
pub(super) async fn mail_to(demo: &Demo, whose: &str, words: &str) -> Result<String> {
    let http = shared_client();
    let address = format!("{}/api/mails", demo.cast.mailbox);
    let text = async || -> Result<Option<String>> {
        let mails = http.get(&address).send().await?.text().await?;
        let mails: Vec<serde_json::Value> = serde_json::from_str(&mails)?;
        let found = mails.into_iter().find(|mail| {
            let text = mail.to_string();
            text.contains(whose) && text.contains(words)
        });
        Ok(found.map(|mail| mail["text"].as_str().unwrap_or_default().to_owned()))
    };
    wait::until("the mail", async || text().await.ok().flatten()).await
}

/// The code that was mailed there to confirm it.
pub(crate) async fn code_in_mail(demo: &Demo) -> Result<String> {
    code_mailed_to(demo, ADDRESS).await
}

/// The code that was mailed to an address to confirm it.
pub(super) async fn code_mailed_to(demo: &Demo, whose: &str) -> Result<String> {
    let text = mail_to(demo, whose, "Votre code").await?;
    let mut words = text.split(|letter: char| !letter.is_ascii_digit());
    let code = words.find(|word| word.len() == 6).context("no code")?;
    Ok(code.to_owned())
}

#[tokio::test]
async fn a_citizen_closes_a_way_in_meets_it_closed_and_opens_it_again() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    browser.switch_script_off().await?;
    sign_in(&demo, &mut browser, COMPTE_CITOYEN).await?;
    let ways = demo.hub("/account/ways");
    let page = browser.visit(&ways).await?;
    must_read(&page, "Utilisé en ce moment")?;
    let own = page.document();
    assert!(own.by_id("close-compte-citoyen").is_none(), "it is in use");
    browser.tick("close-identite-postale").await?;
    let closed = browser
        .here()
        .press(Control::Id("save"))
        .land_at(&demo.cast.hub)
        .await?;
    must_read(&closed, "C’est enregistré")?;

    forget_cookies(&browser).await?;
    let journey = browser.visit(demo.service("carte-grise"));
    let journey = journey.sign_in_with(IDENTITE_POSTALE).as_citizen(&CAMILLE);
    let refused = journey.land_at(&demo.cast.hub).await?;
    must_read(&refused, "Vous avez fermé l’accès par Identité Postale")?;
    let journey = browser.here().press(Control::Id("choose-again"));
    let journey = journey.choose(COMPTE_CITOYEN);
    let there = journey.as_citizen(&CAMILLE).agree();
    let there = there.land_at(demo.service("carte-grise")).await?;
    assert!(
        there.document().by_id(controls::SHOWN_NAME).is_some(),
        "{there}"
    );

    let account = browser.visit(&demo.hub("/account")).await?;
    must_read(&account, "Connexion refusée")?;
    browser.visit(&ways).await?;
    browser.tick("open-identite-postale").await?;
    let opened = browser
        .here()
        .press(Control::Id("save"))
        .land_at(&demo.cast.hub)
        .await?;
    must_read(&opened, "C’est enregistré")?;
    forget_cookies(&browser).await?;
    sign_in(&demo, &mut browser, IDENTITE_POSTALE).await
}

/// How many mails say that somebody's ways in have changed.
async fn mails_of_changes(demo: &Demo) -> Result<usize> {
    let address = format!("{}/api/mails", demo.cast.mailbox);
    let mails = shared_client().get(&address).send().await?.text().await?;
    let mails: Vec<serde_json::Value> = serde_json::from_str(&mails)?;
    let changed = |mail: &&serde_json::Value| mail["subject"] == "Vos choix d’accès ont changé";
    Ok(mails.iter().filter(changed).count())
}

#[tokio::test]
async fn one_save_is_one_mail_with_each_change_and_a_save_without_any_is_none() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    browser.switch_script_off().await?;
    sign_in(&demo, &mut browser, COMPTE_CITOYEN).await?;
    let ways = demo.hub("/account/ways");
    browser
        .visit(&ways)
        .fill("email", ADDRESS)
        .press(Control::Id("give-address"))
        .await?;
    let code = code_in_mail(&demo).await?;
    let typed = browser.here().fill("code", &code);
    typed.press(Control::Id("confirm-address")).await?;
    browser.visit(&ways).await?;
    for chosen in ["close-identite-postale", "close-others", "alerts-all"] {
        browser.tick(chosen).await?;
    }
    let saved = browser.here().press(Control::Id("save"));
    let saved = saved.land_at(&demo.cast.hub).await?;
    must_read(&saved, "C’est enregistré")?;
    let told = mail(&demo, "Identité Postale a été fermé").await?;
    for change in ["fermés d’avance", "averti de chaque connexion"] {
        assert!(told.contains(change), "{change}: {told}");
    }
    let before = mails_of_changes(&demo).await?;

    // Nothing chosen anew: without script the button is there, and says so.
    let unchanged = browser.here().press(Control::Id("save"));
    let unchanged = unchanged.land_at(&demo.cast.hub).await?;
    must_read(&unchanged, "Rien n’a changé")?;
    browser.visit(&ways).await?;
    browser.tick("alerts-unusual").await?;
    browser.here().press(Control::Id("save")).await?;
    mail(&demo, "des seules connexions inhabituelles").await?;
    let after = mails_of_changes(&demo).await?;
    assert_eq!(after, before + 1, "a save that changed nothing was mailed");
    Ok(())
}

#[tokio::test]
async fn what_was_chosen_meanwhile_in_another_window_is_not_undone_by_an_old_page() -> Result<()> {
    let demo = Demo::start().await?;
    let mut camille = HttpCitizen::new();
    let journey = camille.visit(demo.service("carte-grise"));
    let journey = journey.sign_in_with(COMPTE_CITOYEN).as_citizen(&CAMILLE);
    journey.agree().await?;
    let ways = demo.hub("/account/ways");
    camille.visit(&ways).await?;
    let old = camille.at_hand()?;
    let closing = camille.here().fill("provider-identite-postale", "close");
    closing.press(Control::Id("save")).await?;
    camille.stand_on(old);
    let alerts = camille.here().fill("alerts", "all");
    let page = alerts.press(Control::Id("save")).await?;
    must_read(&page, "C’est enregistré")?;
    let postale = page.document();
    let closed = postale.by_id("close-identite-postale");
    let closed = closed.context("no choice")?;
    assert!(closed.attribute("checked").is_some(), "{page}");
    Ok(())
}

#[tokio::test]
async fn with_script_the_button_waits_until_something_is_chosen_anew() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    sign_in(&demo, &mut browser, COMPTE_CITOYEN).await?;
    browser.visit(&demo.hub("/account/ways")).await?;
    let is_waiting = async || {
        let save = browser.evaluate("document.getElementById('save').disabled");
        save.await
    };
    for (chosen, waits) in [
        (None, true),
        (Some("close-others"), false),
        (Some("open-others"), true),
        (Some("alerts-all"), false),
    ] {
        if let Some(id) = chosen {
            browser.tick(id).await?;
        }
        assert_eq!(is_waiting().await?, waits, "{chosen:?}");
        browser.must_be_accessible().await?;
    }
    let saved = browser.here().press(Control::Id("save"));
    must_read(&saved.await?, "C’est enregistré")?;
    let waits = browser.evaluate("document.getElementById('save').disabled");
    assert_eq!(waits.await?, true);
    Ok(())
}

#[tokio::test]
async fn an_unusual_sign_in_reaches_the_address_that_was_confirmed_with_the_way_to_freeze()
-> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    sign_in(&demo, &mut browser, COMPTE_CITOYEN).await?;
    let ways = demo.hub("/account/ways");
    browser
        .visit(&ways)
        .fill("email", ADDRESS)
        .press(Control::Id("give-address"))
        .await?;
    browser.must_be_accessible().await?;
    let done = browser
        .here()
        .fill("code", &code_in_mail(&demo).await?)
        .press(Control::Id("confirm-address"))
        .land_at(&demo.cast.hub)
        .await?;
    must_read(&done, ADDRESS)?;

    forget_cookies(&browser).await?;
    sign_in(&demo, &mut browser, IDENTITE_POSTALE).await?;
    let alert = mail(&demo, "Connexion à Carte grise par Identité Postale").await?;
    assert!(alert.contains("/account/freeze/"), "{alert}");
    let account = browser.visit(&demo.hub("/account")).await?;
    must_read(&account, "Connexion inhabituelle")?;
    must_read(&account, "première fois par ce fournisseur")?;
    browser.must_be_accessible().await?;

    // By the way that was there first: the other is new, and changes nothing yet.
    let again = browser
        .visit(&ways)
        .press(Control::Id("forget-address"))
        .land_at(&demo.cast.hub)
        .await?;
    must_read(&again, "Connectez-vous à nouveau")?;
    browser.must_be_accessible().await?;
    let journey = browser.here().press(Control::Id("sign-in-again"));
    let journey = journey.choose(COMPTE_CITOYEN).as_citizen(&CAMILLE);
    journey.land_at(&demo.cast.hub).await?;
    let page = browser
        .visit(&ways)
        .press(Control::Id("forget-address"))
        .land_at(&demo.cast.hub)
        .await?;
    must_not_read(&page, ADDRESS)?;
    browser.must_be_accessible().await
}

#[tokio::test]
async fn whoever_locked_themselves_out_is_let_choose_again_by_an_operator_and_reads_of_it()
-> Result<()> {
    let (one, two) = (
        MockProvider::start("one").await?,
        MockProvider::start("two").await?,
    );
    let service = RawClient::new("cantine");
    let mut deployment = Deployment::new(&[&service], &[&one, &two])?;
    deployment.employ(&["alice"])?;
    let _node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    for provider in [&one, &two] {
        provider.present(someone());
    }
    let ways = format!("{issuer}/account/ways");
    let mut camille = sign_in_at(&service, &issuer, &one).await?;
    let closed = camille.citizen.visit(&ways);
    let closed = closed.fill("provider-two", "close");
    let closed = closed.press(Control::Id("save")).await?;
    must_read(&closed, "C’est enregistré")?;
    assert!(
        sign_in_at(&service, &issuer, &two).await.is_err(),
        "it is closed"
    );

    let alice = deployment.acting("alice", "alice");
    let name = format!("{}@cantine.example", camille.sub());
    let command = format!("person reopen-ways {name} --reason T-7 {alice}");
    let said = deployment.say(&command)?;
    assert!(said.contains("true"), "{said}");
    assert!(
        deployment.say(&command)?.contains("false"),
        "there is nothing to open"
    );

    let mut again = sign_in_at(&service, &issuer, &two).await?.citizen;
    let home = again.visit(&format!("{issuer}/account")).await?;
    must_read(&home, "Un agent a rouvert tous les accès")?;
    let history = again.visit(&format!("{issuer}/account/history")).await?;
    must_read(&history, "Un agent a rouvert tous les accès")
}
