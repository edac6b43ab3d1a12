//! Every page of the cast, judged by axe, at 400 %, light and dark, in both languages, and photographed.

use anyhow::Result;

use super::inspection::Inspection;
use super::tour::{Tour, guests};

#[tokio::test]
async fn every_page_before_a_login_and_of_a_login_serves_everybody() -> Result<()> {
    let mut tour = Tour::start("fr", Inspection::with_pictures("fr")).await?;
    tour.public().await?;
    tour.login().await?;
    tour.inspection.conclude(41)
}

#[tokio::test]
async fn every_page_of_an_account_and_of_a_refusal_serves_everybody() -> Result<()> {
    let mut tour = Tour::start("fr", Inspection::with_pictures("fr")).await?;
    tour.account().await?;
    tour.refusals().await?;
    tour.inspection.conclude(20)
}

#[tokio::test]
async fn every_page_of_a_decision_on_evidence_serves_everybody() -> Result<()> {
    for (language, inspection) in [
        ("fr", Inspection::with_pictures("fr")),
        ("en", Inspection::new("en")),
    ] {
        let mut tour = Tour::start(language, inspection).await?;
        tour.evidence().await?;
        tour.inspection.conclude(20)?;
    }
    Ok(())
}

#[tokio::test]
async fn every_page_of_a_frozen_identity_serves_everybody() -> Result<()> {
    let mut tour = Tour::start("fr", Inspection::with_pictures("fr")).await?;
    tour.freeze().await?;
    tour.inspection.conclude(11)?;
    let mut tour = Tour::start("en", Inspection::new("en")).await?;
    tour.freeze().await?;
    tour.inspection.conclude(11)
}

#[tokio::test]
async fn every_page_of_the_rights_of_a_citizen_serves_everybody() -> Result<()> {
    for (language, inspection) in [
        ("fr", Inspection::with_pictures("fr")),
        ("en", Inspection::new("en")),
    ] {
        let mut tour = Tour::start(language, inspection).await?;
        tour.rights().await?;
        tour.inspection.conclude(16)?;
    }
    Ok(())
}

#[tokio::test]
async fn every_page_of_the_rooms_of_an_account_serves_everybody() -> Result<()> {
    for (language, inspection) in [
        ("fr", Inspection::with_pictures("fr")),
        ("en", Inspection::new("en")),
    ] {
        let mut tour = Tour::start(language, inspection).await?;
        tour.decided().await?;
        tour.inspection.conclude(11)?;
    }
    Ok(())
}

#[tokio::test]
async fn every_page_of_the_ways_in_serves_everybody() -> Result<()> {
    for (language, inspection) in [
        ("fr", Inspection::with_pictures("fr")),
        ("en", Inspection::new("en")),
    ] {
        let mut tour = Tour::start(language, inspection).await?;
        tour.ways().await?;
        tour.freeze_by_notice().await?;
        tour.inspection.conclude(12)?;
    }
    Ok(())
}

#[tokio::test]
async fn every_page_of_an_account_that_is_opened_again_serves_everybody() -> Result<()> {
    for (language, inspection) in [
        ("fr", Inspection::with_pictures("fr")),
        ("en", Inspection::new("en")),
    ] {
        let mut tour = Tour::start(language, inspection).await?;
        tour.reopening().await?;
        tour.inspection.conclude(9)?;
    }
    Ok(())
}

#[tokio::test]
async fn every_page_that_guests_bring_about_serves_everybody() -> Result<()> {
    for (language, inspection) in [
        ("fr", Inspection::with_pictures("fr")),
        ("en", Inspection::new("en")),
    ] {
        let (service, older, guests) = guests();
        let mut tour = Tour::with(guests, language, inspection).await?;
        tour.guests(&service, &older).await?;
        tour.inspection.conclude(7)?;
    }
    Ok(())
}

#[tokio::test]
async fn every_page_serves_readers_of_english() -> Result<()> {
    let mut tour = Tour::start("en", Inspection::new("en")).await?;
    tour.public().await?;
    tour.login().await?;
    tour.account().await?;
    tour.refusals().await?;
    tour.inspection.conclude(62)
}
