//! A provider from which the citizen comes back without being signed in.

use anyhow::Result;
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::mock_provider::Endpoint;
use guichet_integration_tests::{Browser, Demo, Hands, Mischief, MockProvider};

use super::{COMPTE_CITOYEN, must_read};

#[tokio::test]
async fn a_citizen_who_turns_back_or_is_let_down_at_a_provider_may_choose_again() -> Result<()> {
    let provider = MockProvider::start("fragile").await?;
    let demo = Demo::with(Guests {
        clients: Vec::new(),
        providers: vec![provider.registration()],
    })
    .await?;
    let mut browser = Browser::start().await?;

    let banner = browser
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .press(Control::Id("cancel"))
        .land_at(&demo.cast.hub)
        .await?;
    must_read(
        &banner,
        "Vous n’avez pas terminé la connexion avec Compte Citoyen.",
    )?;

    for (mischief, words) in [
        (
            Mischief::ErrorResponse("server_error", "<b>stack trace of the provider</b>"),
            "Fournisseur fragile n’a pas pu vous connecter.",
        ),
        (
            Mischief::ErrorResponse("access_denied", "no"),
            "Vous n’avez pas terminé la connexion avec Fournisseur fragile.",
        ),
        (Mischief::Fail(Endpoint::Token), "Fournisseur fragile"),
        (
            Mischief::ForeignKey,
            "La réponse de Fournisseur fragile n’a pas pu être vérifiée.",
        ),
    ] {
        provider.misbehave(mischief.clone());
        let banner = browser
            .here()
            .choose(&provider.button())
            .land_at(&demo.cast.hub)
            .await?;
        must_read(&banner, words)?;
        super::must_not_read(&banner, "stack trace")?;
        must_read(&banner, "Vous continuez vers Carte grise")?;
    }

    // The same login still ends well, with either.
    provider.misbehave(Mischief::None);
    let home = browser
        .here()
        .choose(&provider.button())
        .agree()
        .land_at(demo.service("carte-grise"))
        .await?;
    assert_eq!(home.shown("name")?, "Élodie Marie QUELQUUN", "{home}");
    super::forget_cookies(&browser).await?;
    let home = browser
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .press(Control::Id("cancel"))
        .choose(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .agree()
        .land()
        .await?;
    assert_eq!(home.shown("name")?, "Camille Aimée MARTIN", "{home}");
    Ok(())
}
