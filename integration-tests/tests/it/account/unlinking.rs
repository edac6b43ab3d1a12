//! A service is unlinked, whether it asked its citizen or only informed them: its access ends, it is told, and the
//! account says so.

use anyhow::{Result, ensure};
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::controls::SHOWN_NAME;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen, wait};

use crate::login::{COMPTE_CITOYEN, must_not_read, must_read};

async fn enter(demo: &Demo, citizen: &mut HttpCitizen) -> Result<()> {
    let service = citizen.visit(demo.service("carte-grise"));
    let service = service.sign_in_with(COMPTE_CITOYEN).as_citizen(&CAMILLE);
    service.agree().await?;
    Ok(())
}

#[tokio::test]
async fn a_public_service_is_unlinked_and_hears_of_it() -> Result<()> {
    let demo = Demo::start().await?;
    let mut citizen = HttpCitizen::new();
    enter(&demo, &mut citizen).await?;
    let data = demo.hub("/account/data");
    let list = citizen.visit(&data).await?;
    must_read(&list, "Délier Carte grise")?;
    let unlink = Control::Id("withdraw-carte-grise");
    let unlinked = citizen.here().press(unlink).await?;
    must_read(&unlinked, "Vous avez délié ce service le")?;
    must_not_read(&unlinked, "Délier Carte grise")?;
    let home = citizen.visit(&demo.hub("/account")).await?;
    must_read(&home, "ce service n’a plus aucun accès")?;
    let history = citizen.visit(&demo.hub("/account/history")).await?;
    must_read(&history, "Vous avez délié le service")?;
    wait::until("the service to forget them", async || {
        let service = citizen.visit(demo.service("carte-grise")).await.ok()?;
        let document = service.document();
        document.by_id(SHOWN_NAME).is_none().then_some(())
    })
    .await?;
    // Whoever goes there again is known again.
    let again = citizen.visit(demo.service("carte-grise"));
    again.press(Control::Id("sign-in")).agree().await?;
    let home = citizen.visit(&demo.hub("/account")).await?;
    must_not_read(&home, "ce service n’a plus aucun accès")?;
    ensure!(home.html.contains("unlink-carte-grise"), "{home}");
    Ok(())
}
