//! "Cantine" needs the family quotient: sent, sent in part, refused, contested.

use anyhow::Result;
use guichet_integration_tests::citizens::{CAMILLE, LINH};
use guichet_integration_tests::journey::View;

use super::walk::{Walk, has};
use crate::login::{must_not_read, must_read};

#[tokio::test]
async fn a_citizen_sees_the_very_values_sends_them_and_finds_it_in_the_account() -> Result<()> {
    let mut walk = Walk::start("fr").await?;
    let file = walk.sign_in("cantine", &CAMILLE).await?;
    must_read(&file, "Votre quotient familial")?;
    let pseudonym = file.sub()?;

    // Who asks, why, from whom, for how long; no value yet, and no one to have it from.
    let asked = walk.ask().await?;
    assert_eq!(asked.shown("who")?, "Cantine");
    must_read(&asked, "Calculer le tarif de la cantine scolaire")?;
    must_read(&asked, "article L114-8")?;
    assert_eq!(asked.shown("holder")?, "Famille");
    assert_eq!(asked.shown("how-often")?, "Une seule fois");
    must_read(&asked, "365 jours")?;
    let fields = asked.shown("fields")?;
    assert!(!fields.contains("620"), "no value yet: {fields}");

    let seen = walk.look_for_the_first_time().await?;
    assert_eq!(value(&seen, "quotient")?, "620", "{seen}");
    assert_eq!(value(&seen, "enfants")?, "2", "{seen}");

    let file = walk.press("send").await?;
    walk.must_be_at("cantine", &file)?;
    assert_eq!(file.sub()?, pseudonym, "the same citizen as before");
    let values = file.shown("evidence-values")?;
    assert!(values.contains("620") && values.contains('2'), "{values}");
    must_read(&file, "Signé, et chiffré pour ce seul service.")?;
    must_read(&file, "Transmis par Famille")?;
    assert!(
        !has(&file, "send-document"),
        "nothing else is wanted: {file}"
    );

    let list = walk.account().await?;
    for words in [
        "Cantine",
        "Famille",
        "Quotient familial",
        "Enfants à charge",
    ] {
        must_read(&list, words)?;
    }
    // What was sent is not kept.
    must_not_read(&list, "620")?;
    must_not_read(&list, &pseudonym)
}

#[tokio::test]
async fn no_means_no_and_the_way_by_paper_stays() -> Result<()> {
    let mut walk = Walk::start("fr").await?;
    walk.sign_in("cantine", &CAMILLE).await?;
    let asked = walk.ask().await?;
    must_read(&asked, "vous pouvez toujours envoyer un document à Cantine")?;
    let file = walk.press("refuse").await?;
    walk.must_be_at("cantine", &file)?;
    must_read(&file, "Rien n’a été transmis")?;
    assert!(!has(&file, "evidence-values"), "{file}");

    // The no closed nothing: neither the paper nor another try.
    assert!(has(&file, "fetch-evidence"), "{file}");
    let paper = tempfile::Builder::new().suffix(".pdf").tempfile()?;
    let chosen = paper.path().display().to_string();
    walk.browser.choose_file("document", &chosen).await?;
    let file = walk.press("send-document").await?;
    must_read(&file, "Document reçu")?;

    let list = walk.account().await?;
    must_read(&list, "Cantine")?;
    must_not_read(&list, "620")
}

#[tokio::test]
async fn what_is_contested_or_unticked_does_not_leave() -> Result<()> {
    let mut walk = Walk::start("fr").await?;
    walk.sign_in("cantine", &LINH).await?;
    walk.ask().await?;
    let seen = walk.look_for_the_first_time().await?;
    assert_eq!(value(&seen, "quotient")?, "1240", "{seen}");
    let told = walk.press("contest").await?;
    must_read(&told, "Rien n’a été transmis à Cantine")?;
    must_read(&told, "adressez-vous à Famille")?;
    let file = walk.press("continue").await?;
    walk.must_be_at("cantine", &file)?;
    assert!(!has(&file, "evidence-values"), "{file}");
    assert!(has(&file, "send-document"), "{file}");

    // Known at the data provider by now, the citizen comes straight to the values.
    walk.ask().await?;
    walk.press("look").await?;
    walk.browser.tick("field.enfants").await?;
    let file = walk.press("send").await?;
    walk.must_be_at("cantine", &file)?;
    let values = file.shown("evidence-values")?;
    assert!(values.contains("1240"), "{values}");
    assert!(!values.contains("Enfants"), "what was unticked: {values}");

    let list = walk.account().await?;
    for words in ["contest", "d’une partie"] {
        must_read(&list, words)?;
    }
    Ok(())
}

/// The value beside a field's box.
fn value(view: &View, field: &str) -> Result<String> {
    view.shown(&format!("field.{field}-value"))
}
