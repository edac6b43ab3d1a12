//! A service on the Rust `openidconnect` crate.

use anyhow::{Context as _, Result};
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::controls::CONFIRM_SIGN_OUT;
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen, OpenidconnectParty, RawClient};
use openidconnect::{ClientId, CsrfToken, EndSessionUrl, LogoutRequest, PostLogoutRedirectUrl};
use serde_json::Value;

use super::deployment::bare;

#[tokio::test]
async fn openidconnect_signs_in_and_out() -> Result<()> {
    let service = RawClient::new("rust");
    let demo = Demo::with(Guests {
        clients: vec![service.metadata()],
        providers: Vec::new(),
    })
    .await?;
    let hub = &demo.cast.hub;
    let party = OpenidconnectParty::discover(
        hub,
        &service.client_id,
        &service.client_secret,
        &service.redirect_uri,
    )
    .await?;

    let pending = party.begin(&["given_name"]);
    let mut citizen = HttpCitizen::new().stopping_at("https://rust.example/");
    let journey = citizen.visit(pending.url.as_str()).choose("Compte Citoyen");
    let view = journey.as_citizen(&CAMILLE).agree().await?;
    let known = party.finish(&view.url, pending).await?;
    assert_eq!(known.given_name.as_deref(), Some(CAMILLE.given_names));
    assert_eq!(known.acr.as_deref(), Some("eidas1"));

    // Known again by the session alone, under the same pseudonym.
    let pending = party.begin(&["given_name"]);
    let view = citizen.visit(pending.url.as_str()).agree().await?;
    let again = party.finish(&view.url, pending).await?;
    assert_eq!(again, known);

    // Without an ID token at hand the hub asks whether the citizen means it.
    let view = citizen
        .visit(&sign_out_address(hub, &service).await?)
        .press(CONFIRM_SIGN_OUT)
        .await?;
    assert_eq!(
        bare(view.url.as_str()),
        "https://rust.example/?state=on+the+way+out"
    );
    let pending = party.begin(&["given_name"]);
    let journey = citizen.visit(pending.url.as_str()).choose("Compte Citoyen");
    journey.fill("password", "asked for").await?;
    Ok(())
}

/// RP-initiated logout as the crate writes it.
async fn sign_out_address(hub: &str, service: &RawClient) -> Result<String> {
    let document = format!("{hub}/.well-known/openid-configuration");
    let document: Value = plain_client().get(document).send().await?.json().await?;
    let endpoint = document["end_session_endpoint"].as_str();
    let endpoint = EndSessionUrl::new(endpoint.context("no end_session_endpoint")?.to_owned())?;
    let home = PostLogoutRedirectUrl::new(format!("https://{}.example/", service.client_id))?;
    let request = LogoutRequest::from(endpoint)
        .set_client_id(ClientId::new(service.client_id.clone()))
        .set_post_logout_redirect_uri(home)
        .set_state(CsrfToken::new("on the way out".to_owned()));
    Ok(request.http_get_url().into())
}
