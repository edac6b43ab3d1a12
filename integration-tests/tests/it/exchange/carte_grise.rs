//! "Carte grise" needs the vehicle, which its holder shows on a page of its own: the hub never sees it.

use anyhow::{Result, ensure};
use guichet_integration_tests::citizens::CAMILLE;

use super::walk::{Walk, has};
use crate::login::{must_not_read, must_read};

const PLATE: &str = "GH-123-JK";

#[tokio::test]
async fn on_a_phone_in_english_the_holder_shows_the_vehicle_and_the_hub_asks_about_it() -> Result<()>
{
    let mut walk = Walk::start("en").await?;
    walk.take_a_phone().await?;
    walk.sign_in("carte-grise", &CAMILLE).await?;
    let asked = walk.ask().await?;
    must_read(&asked, "Get your evidence")?;
    must_read(
        &asked,
        "To change the holder or the address of your registration certificate",
    )?;

    let shown = walk.look_for_the_first_time().await?;
    let holder = walk.demo.cast.data_providers.get("vehicules");
    ensure!(
        holder.is_some_and(|address| shown.url.as_str().starts_with(address)),
        "not at its holder: {shown}"
    );
    let values = shown.shown("values")?;
    assert!(
        values.contains(PLATE) && values.contains("Peugeot 208"),
        "{values}"
    );

    let question = walk.press("back").await?;
    ensure!(question.url.as_str().starts_with(&walk.demo.cast.hub));
    must_not_read(&question, PLATE)?;
    assert!(
        has(&question, "elsewhere"),
        "a way to see them again: {question}"
    );
    let file = walk.press("send").await?;
    walk.must_be_at("carte-grise", &file)?;
    let values = file.shown("evidence-values")?;
    assert!(
        values.contains(PLATE) && values.contains("2021-05-17"),
        "{values}"
    );
    must_read(&file, "Signed, and encrypted for this service alone.")?;

    let list = walk.account().await?;
    must_read(&list, "Carte grise")?;
    must_not_read(&list, PLATE)
}
