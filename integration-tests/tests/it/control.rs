//! The instruments, tried on one another: when these pass and another test fails, it is Guichet that failed.

use anyhow::Result;
use guichet_integration_tests::browser::{Look, Screen};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::mock_provider::Endpoint;
use guichet_integration_tests::openidconnect_party::Known;
use guichet_integration_tests::peers::{
    Library, Registration, RelyingParty, UpstreamProvider, details,
};
use guichet_integration_tests::servers::{Postgres, Redis};
use guichet_integration_tests::{
    Browser, Hands, HttpCitizen, Mischief, MockProvider, OpenidconnectParty,
};
use serde_json::json;

#[tokio::test]
async fn a_throwaway_postgres_serves_a_database_of_its_own() -> Result<()> {
    let postgres = Postgres::start().await?;
    let address = postgres.database("hub")?;
    assert!(address.ends_with("/hub"));
    assert_eq!(
        postgres.sql("hub", "SELECT current_database(), 6 * 7")?,
        "hub|42"
    );
    Ok(())
}

#[tokio::test]
async fn a_throwaway_redis_answers() -> Result<()> {
    let mut redis = Redis::start().await?;
    assert!(redis.url().starts_with("redis://127.0.0.1:"));
    assert!(redis.process.terminate().await?.success());
    Ok(())
}

#[tokio::test]
async fn stock_clients_sign_in_at_the_stock_provider() -> Result<()> {
    for library in [Library::OpenidClient, Library::Authlib] {
        let service = Registration::new(
            "service",
            json!({ "scope": "openid profile", "id_token_signed_response_alg": "RS256" }),
        )?;
        let provider = provider_for(&service).await?;
        let party = RelyingParty::start(library, &service, &provider.issuer).await?;
        let mut citizen = HttpCitizen::new();
        let view =
            sign_in_at_stock_provider(&mut citizen, &format!("{}/login", party.address)).await?;
        assert_eq!(
            details(&view)?["userinfo"]["given_name"],
            "Élodie",
            "{library:?}: {view}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn apache_signs_in_at_the_stock_provider() -> Result<()> {
    let service =
        Registration::for_apache("apache", json!({ "id_token_signed_response_alg": "RS256" }))?;
    let provider = provider_for(&service).await?;
    let party = RelyingParty::start_apache(&service, &provider.issuer).await?;
    let mut citizen = HttpCitizen::new();
    let view = sign_in_at_stock_provider(
        &mut citizen,
        &format!("{}/protected/index.html", party.address),
    )
    .await?;
    assert!(
        view.text().contains("signed in"),
        "{view}\n{}",
        party.process.log()
    );
    Ok(())
}

#[tokio::test]
async fn a_browser_walks_judges_and_photographs() -> Result<()> {
    let service = Registration::new(
        "service",
        json!({ "scope": "openid profile", "id_token_signed_response_alg": "RS256" }),
    )?;
    let provider = provider_for(&service).await?;
    let party = RelyingParty::start(Library::OpenidClient, &service, &provider.issuer).await?;
    let mut browser = Browser::start().await?;
    let view = sign_in_at_stock_provider(&mut browser, &format!("{}/login", party.address)).await?;
    assert_eq!(view.shown("outcome")?, "signed in", "{view}");

    browser.use_screen(Screen::Zoomed).await?;
    browser.prefer(Look::Dark).await?;
    assert!(browser.overflow().await? >= 0);
    assert!(browser.photograph("control/stock").await?.is_file());
    // The stock pages have no heading and no main part, which axe must say.
    let verdict = browser
        .must_be_accessible()
        .await
        .map_err(|error| error.to_string());
    assert!(verdict.is_err_and(|error| error.contains("landmark")));

    let authenticator = browser.plug_in_authenticator().await?;
    assert_eq!(browser.count_passkeys(&authenticator).await?, 0);

    browser.switch_script_off().await?;
    browser
        .open("data:text/html,<p id=a>off</p><script>a.textContent='on'</script>")
        .await?;
    assert_eq!(browser.look().await?.shown("a")?, "off");
    Ok(())
}

async fn provider_for(service: &Registration) -> Result<UpstreamProvider> {
    let port = guichet_integration_tests::machine::free_port()?;
    let mut hub = service.metadata();
    // Names the stock provider has no scopes for.
    hub.as_object_mut().map(|metadata| metadata.remove("scope"));
    let accounts = json!({ "elodie": { "given_name": "Élodie", "family_name": "QUELQUUN" } });
    UpstreamProvider::start(port, hub, accounts).await
}

async fn sign_in_at_stock_provider<H: Hands>(
    hands: &mut H,
    address: &str,
) -> Result<guichet_integration_tests::journey::View> {
    let journey = hands
        .visit(address)
        .fill("login", "elodie")
        .fill("password", "any");
    journey.press(Control::Id("sign-in")).land().await
}

#[tokio::test]
async fn a_stock_client_signs_in_at_the_mock_and_refuses_whatever_it_forges() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    assert_eq!(
        mock_login(&provider).await?.given_name.as_deref(),
        Some("Élodie Marie")
    );

    let forgeries = [
        Mischief::AlgNone,
        Mischief::Hs256WithPublicKey,
        Mischief::ForeignKey,
        Mischief::EmbeddedKey,
        Mischief::Claim("iss", json!("https://elsewhere.example")),
        Mischief::Claim("aud", json!("another")),
        Mischief::Claim("nonce", json!("stale")),
        Mischief::Claim("nonce", json!(null)),
        Mischief::Claim("exp", json!(1)),
        Mischief::Claim("sub", json!(null)),
        Mischief::ForeignUserinfo,
        Mischief::ErrorResponse("access_denied", "no"),
        Mischief::NoState,
        Mischief::Garbage(Endpoint::Token),
        Mischief::Close(Endpoint::Token),
        Mischief::Fail(Endpoint::Jwks),
    ];
    for forgery in forgeries {
        provider.misbehave(forgery.clone());
        assert!(
            mock_login(&provider).await.is_err(),
            "{forgery:?} was believed"
        );
    }
    Ok(())
}

async fn mock_login(provider: &MockProvider) -> Result<Known> {
    let redirect_uri = "https://service.example/callback";
    let party =
        OpenidconnectParty::discover(&provider.issuer, "service", "secret", redirect_uri).await?;
    let pending = party.begin(&["profile"]);
    let mut citizen = HttpCitizen::new().stopping_at(redirect_uri);
    let view = citizen.visit(pending.url.as_str()).await?;
    party.finish(&view.url, pending).await
}
