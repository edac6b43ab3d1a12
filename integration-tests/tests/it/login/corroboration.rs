//! A service that takes the word of two providers: both confirm the same person, or nothing is sent.

use anyhow::{Context, Result};
use guichet_integration_tests::citizens::{CAMILLE, LINH};
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::keys::claims_of;
use guichet_integration_tests::{Demo, Hands, RawClient};

use super::{COMPTE_CITOYEN, IDENTITE_POSTALE, must_read};

const TWO: &str = "eidas1-corroborated";

#[tokio::test]
async fn camille_is_confirmed_by_both_of_her_accounts_and_the_service_reads_so() -> Result<()> {
    let (service, demo) = demo().await?;
    let metadata = format!("{}/.well-known/openid-configuration", demo.cast.hub);
    let metadata = reqwest::get(&metadata).await?.text().await?;
    assert!(metadata.contains(TWO), "not advertised: {metadata}");

    let both = service.attempt(&demo.cast.hub)?.with("acr_values", TWO);
    let mut citizen = service.citizen();
    let second = citizen
        .visit(&both.url())
        .choose(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .await?;
    must_read(&second, "Compte Citoyen a confirmé votre identité")?;
    let page = second.document();
    let first = page.by_id("provider-compte-citoyen");
    assert!(
        first.is_some_and(|button| button.attribute("disabled").is_some()),
        "the first account can be pressed again: {second}"
    );
    let consent = citizen
        .here()
        .choose(IDENTITE_POSTALE)
        .as_citizen(&CAMILLE)
        .await?;
    must_read(&consent, "ont tous deux confirmé votre identité")?;
    let view = citizen.here().agree().await?;
    let code = parameter(&view.url, "code").with_context(|| view.to_string())?;
    let tokens = service.redeem(&demo.cast.hub, &code, &both).await?;
    assert_eq!(claims_of(tokens.text("id_token"))?["acr"], TWO);

    // The same for the next service in this session, without a page of providers.
    let consent = citizen.visit(&both.url()).await?;
    assert!(consent.url.path().ends_with("/consent"), "{consent}");
    Ok(())
}

#[tokio::test]
async fn whoever_signs_out_is_signed_out_of_both_accounts() -> Result<()> {
    let (service, demo) = demo().await?;
    let both = service.attempt(&demo.cast.hub)?.with("acr_values", TWO);
    let mut citizen = service.citizen();
    citizen
        .visit(&both.url())
        .choose(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .choose(IDENTITE_POSTALE)
        .as_citizen(&CAMILLE)
        .agree()
        .await?;
    let accounts = [
        (COMPTE_CITOYEN, demo.idp("citoyen")),
        (IDENTITE_POSTALE, demo.idp("postale")),
    ];
    let out = citizen
        .visit(&demo.hub("/session/end"))
        .press(Control::Id("confirm"))
        .await?;
    must_read(&out, "Vous êtes déconnecté")?;
    for (provider, address) in accounts {
        let again = service.attempt(&demo.cast.hub)?;
        let page = citizen.visit(&again.url()).choose(provider).await?;
        assert!(page.url.as_str().starts_with(address), "{page}");
        assert!(page.document().by_id("password").is_some(), "{page}");
    }
    Ok(())
}

#[tokio::test]
async fn two_accounts_of_two_people_confirm_nobody() -> Result<()> {
    let (service, demo) = demo().await?;
    let both = service.attempt(&demo.cast.hub)?.with("acr_values", TWO);
    let mut citizen = service.citizen();
    let refused = citizen
        .visit(&both.url())
        .choose(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .choose(IDENTITE_POSTALE)
        .as_citizen(&LINH)
        .await?;
    assert_eq!(refused.status, Some(403), "{refused}");
    must_read(
        &refused,
        "Vos deux comptes ne désignent pas la même personne",
    )?;
    Ok(())
}

async fn demo() -> Result<(RawClient, Demo)> {
    let service = RawClient::new("notaire");
    let guests = Guests {
        clients: vec![service.metadata()],
        providers: vec![],
    };
    Ok((service, Demo::with(guests).await?))
}
