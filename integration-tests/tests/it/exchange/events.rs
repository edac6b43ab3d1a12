//! What both sides of an exchange are told, and what they answer, in the demo.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::claims::now;
use guichet_integration_tests::http_citizen::shared_client;
use guichet_integration_tests::journey::{Control, View};
use guichet_integration_tests::keys::{SigningKey, unsigned};
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen, wait};
use serde_json::json;

use super::walk::has;
use crate::login::{COMPTE_CITOYEN, must_read};

/// A citizen of the demo who sent their family quotient to "Cantine".
async fn sent(demo: &Demo) -> Result<HttpCitizen> {
    let mut citizen = HttpCitizen::new();
    let journey = citizen.visit(demo.service("cantine"));
    let journey = journey.sign_in_with(COMPTE_CITOYEN).as_citizen(&CAMILLE);
    journey.agree().land().await?;
    for control in ["fetch-evidence", "accept", "look", "link", "accept", "send"] {
        citizen.press(&Control::Id(control)).await?;
    }
    let file = citizen.look().await?;
    ensure!(has(&file, "evidence-values"), "nothing was sent: {file}");
    Ok(citizen)
}

/// The citizen's own list.
pub(super) async fn list(citizen: &mut HttpCitizen, issuer: &str) -> Result<View> {
    citizen.open(&format!("{issuer}/account/data")).await?;
    citizen.look().await
}

/// Presses the control of the list whose `id` begins like this.
pub(super) async fn press_in_list(
    citizen: &mut HttpCitizen,
    issuer: &str,
    begins: &str,
) -> Result<View> {
    let view = list(citizen, issuer).await?;
    let document = view.document();
    let mut elements = document.by_tag("button").chain(document.by_tag("a"));
    let id = elements.find_map(|one| one.attribute("id").filter(|id| id.starts_with(begins)));
    let id = id
        .with_context(|| format!("no {begins} on {view}"))?
        .to_owned();
    citizen.press(&Control::Id(&id)).await?;
    citizen.look().await
}

/// Opens a page until it has an element of this `id`.
async fn until_shown(address: &str, citizen: &HttpCitizen, id: &str) -> Result<View> {
    let mut citizen = citizen.clone();
    wait::until(id, async || {
        citizen.open(address).await.ok()?;
        let view = citizen.look().await.ok()?;
        has(&view, id).then_some(view)
    })
    .await
}

#[tokio::test]
async fn what_the_citizen_takes_back_is_seen_at_both_sides_at_once() -> Result<()> {
    let demo = Demo::start().await?;
    let mut citizen = sent(&demo).await?;
    press_in_list(&mut citizen, &demo.cast.hub, "end-").await?;
    let ended = Instant::now();
    let file = until_shown(demo.service("cantine"), &citizen, "evidence-told").await?;
    must_read(&file, "Accord retiré par l’usager")?;
    let famille = &demo.cast.data_providers["famille"];
    let page = until_shown(famille, &HttpCitizen::new(), "told").await?;
    must_read(&page, "Accord retiré par l’usager")?;
    // Well before the outbox is looked at by itself; busy machines are slow to show a page.
    let took = ended.elapsed();
    ensure!(took < Duration::from_secs(4), "{took:?}");
    Ok(())
}

#[tokio::test]
async fn both_sides_answer_a_citizen_who_wants_it_erased_and_the_citizen_reads_it() -> Result<()> {
    let demo = Demo::start().await?;
    let mut citizen = sent(&demo).await?;
    let form = press_in_list(&mut citizen, &demo.cast.hub, "erase-").await?;
    must_read(&form, "trente jours")?;
    must_read(&form, "votre demande y met fin")?;
    // Nobody ticked: nobody is asked.
    let mut nobody = citizen.page()?.form()?;
    nobody
        .fields
        .retain(|(name, _)| !matches!(name.as_str(), "service" | "data_provider"));
    let told = citizen.submit(&nobody, None, &[]).await?;
    ensure!(told.status == 422, "{}", told.status);
    let both = ["service", "data_provider"].map(|name| (name.to_owned(), "yes".to_owned()));
    let asked = citizen.submit(&nobody, None, &both).await?;
    ensure!(asked.status == 303, "{}: {}", asked.status, asked.body);

    let answered = wait::until("two answers", async || {
        let view = list(&mut citizen, &demo.cast.hub).await.ok()?;
        let text = view.text();
        let said = ["a refusé l’effacement", "a effacé ces informations"];
        said.iter()
            .all(|words| text.contains(words))
            .then_some(view)
    })
    .await?;
    must_read(&answered, "Cantine a effacé ces informations")?;
    must_read(&answered, "Famille a refusé l’effacement")?;
    must_read(&answered, "art. L. 114-8 et L. 114-10")?;
    let file = until_shown(demo.service("cantine"), &citizen, "evidence-told").await?;
    must_read(&file, "Effacé à votre demande")?;
    ensure!(!has(&file, "evidence-values"), "it is still there: {file}");
    ensure!(
        has(&file, "send-document"),
        "the way by paper stays: {file}"
    );
    Ok(())
}

#[tokio::test]
async fn an_event_that_somebody_else_made_changes_nothing_at_a_service() -> Result<()> {
    let demo = Demo::start().await?;
    let mut citizen = sent(&demo).await?;
    let (hub, cantine) = (&demo.cast.hub, demo.service("cantine"));
    citizen.open(cantine).await?;
    let subject = citizen.look().await?.sub()?;
    let claims = json!({
        "iss": hub, "aud": "cantine", "iat": now(), "jti": "forged",
        "sub_id": {"format": "iss_sub", "iss": hub, "sub": subject},
        "events": {"urn:guichet:event:erasure-requested":
            {"grant_id": "AAAAAAAAAAAAAAAAAAAAAA", "due": now()}},
    });
    let header = json!({"alg": "ES256", "typ": "secevent+jwt", "kid": "stranger"});
    let forged = SigningKey::generate("stranger")?.sign_with(&header, &claims)?;
    for token in [forged, unsigned(&claims)] {
        let request = shared_client().post(format!("{cantine}/events"));
        let request = request.header("content-type", "application/secevent+jwt");
        let answer = Answer::of(request.body(token)).await?;
        ensure!(answer.status == 400, "{}", answer.body);
        ensure!(answer.text("err") == "invalid_key", "{}", answer.body);
    }
    citizen.open(cantine).await?;
    let file = citizen.look().await?;
    ensure!(has(&file, "evidence-values"), "{file}");
    ensure!(!has(&file, "evidence-told"), "{file}");
    Ok(())
}
