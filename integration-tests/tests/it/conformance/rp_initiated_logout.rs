//! `oidcc-rp-initiated-logout-certification-test-plan` (OIDC RP-Initiated Logout).

use anyhow::Result;
use guichet_integration_tests::controls::CONFIRM_SIGN_OUT;
use guichet_integration_tests::http_citizen::{Page, parameter};
use guichet_integration_tests::keys::{claims_of, unsigned};
use guichet_integration_tests::{Hands, HttpCitizen};
use serde_json::json;

use super::relying_party::{Party, SignedIn, Stage, must_be_an_error_page, stage};

async fn signed_in(stage: &Stage) -> Result<(Party, SignedIn)> {
    let party = stage.party(json!({})).await?;
    let session = stage.sign_in(&party).await?;
    Ok((party, session))
}

/// Walks to where a sign-out leads.
async fn walk(session: &SignedIn, party: &Party, address: &str) -> Result<(HttpCitizen, Page)> {
    let mut citizen = session.citizen.clone().stopping_at(party.after_sign_out());
    citizen.open(address).await?;
    let page = citizen.page()?.clone();
    Ok((citizen, page))
}

fn must_be_back(page: &Page, party: &Party, state: Option<&str>) {
    assert!(
        page.url.as_str().starts_with(party.after_sign_out()),
        "{}",
        page.url
    );
    assert_eq!(parameter(&page.url, "state").as_deref(), state);
}

/// `oidcc-rp-initiated-logout-discovery-endpoint-verification`
#[tokio::test]
async fn discovery_names_the_end_session_endpoint() -> Result<()> {
    let stage = stage()?;
    let discovery = stage.discovery().await?;
    let endpoint = format!("{}/session/end", stage.hub());
    assert_eq!(discovery["end_session_endpoint"], endpoint);
    Ok(())
}

/// `oidcc-rp-initiated-logout`
#[tokio::test]
async fn with_its_id_token_a_client_signs_out_and_gets_the_browser_back_with_state() -> Result<()> {
    let stage = stage()?;
    let (party, session) = signed_in(stage).await?;
    assert!(session.is_signed_in(stage, &party).await?);
    let address = stage.sign_out(&[
        ("id_token_hint", session.id_token()),
        ("post_logout_redirect_uri", party.after_sign_out()),
        ("state", "a state"),
        ("logout_hint", "somebody"),
        ("ui_locales", "en"),
        ("unknown", "ignored"),
    ]);
    let (_, page) = walk(&session, &party, &address).await?;
    must_be_back(&page, &party, Some("a state"));
    assert!(!session.is_signed_in(stage, &party).await?);
    let userinfo = party
        .client
        .userinfo(stage.hub(), session.tokens.text("access_token"))
        .await?;
    assert_eq!(userinfo.status, 401, "the token outlived the session");
    Ok(())
}

/// `oidcc-rp-initiated-logout-bad-post-logout-redirect-uri`
#[tokio::test]
async fn an_address_that_was_not_registered_gets_an_error_page() -> Result<()> {
    let stage = stage()?;
    let (party, session) = signed_in(stage).await?;
    let address = stage.sign_out(&[
        ("id_token_hint", session.id_token()),
        (
            "post_logout_redirect_uri",
            "https://evil.example/signed-out",
        ),
    ]);
    let (_, page) = walk(&session, &party, &address).await?;
    must_be_an_error_page(&page);
    Ok(())
}

/// `oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri`
#[tokio::test]
async fn a_query_added_to_the_registered_address_gets_an_error_page() -> Result<()> {
    let stage = stage()?;
    let (party, session) = signed_in(stage).await?;
    let address = stage.sign_out(&[
        ("id_token_hint", session.id_token()),
        (
            "post_logout_redirect_uri",
            &format!("{}?foo=bar", party.after_sign_out()),
        ),
    ]);
    let (_, page) = walk(&session, &party, &address).await?;
    must_be_an_error_page(&page);
    Ok(())
}

/// `oidcc-rp-initiated-logout-modified-id-token-hint`
#[tokio::test]
async fn a_hint_changed_to_alg_none_is_refused() -> Result<()> {
    let stage = stage()?;
    let (party, session) = signed_in(stage).await?;
    let hint = unsigned(&claims_of(session.id_token())?);
    let address = stage.sign_out(&[
        ("id_token_hint", &hint),
        ("post_logout_redirect_uri", party.after_sign_out()),
    ]);
    let (_, page) = walk(&session, &party, &address).await?;
    must_be_an_error_page(&page);
    assert!(session.is_signed_in(stage, &party).await?);
    Ok(())
}

/// `oidcc-rp-initiated-logout-bad-id-token-hint`
#[tokio::test]
async fn a_hint_that_is_no_token_is_refused() -> Result<()> {
    let stage = stage()?;
    let (party, session) = signed_in(stage).await?;
    let address = stage.sign_out(&[
        ("id_token_hint", "foobar"),
        ("post_logout_redirect_uri", party.after_sign_out()),
        ("state", "a state"),
    ]);
    let (_, page) = walk(&session, &party, &address).await?;
    must_be_an_error_page(&page);
    assert!(session.is_signed_in(stage, &party).await?);
    Ok(())
}

/// `oidcc-rp-initiated-logout-no-id-token-hint`
#[tokio::test]
async fn without_a_hint_the_person_is_asked_and_an_unnamed_clients_address_is_not_followed()
-> Result<()> {
    let stage = stage()?;
    let (party, session) = signed_in(stage).await?;
    let nameless = stage.sign_out(&[
        ("post_logout_redirect_uri", party.after_sign_out()),
        ("state", "a state"),
    ]);
    let (_, page) = walk(&session, &party, &nameless).await?;
    must_be_an_error_page(&page);
    // Named by `client_id`, the address is the client's own: asked first, then followed.
    let named = stage.sign_out(&[
        ("client_id", &party.client.client_id),
        ("post_logout_redirect_uri", party.after_sign_out()),
        ("state", "a state"),
    ]);
    let (mut citizen, page) = walk(&session, &party, &named).await?;
    assert!(page.document().by_id("confirm").is_some(), "{}", page.body);
    assert!(session.is_signed_in(stage, &party).await?);
    citizen.here().press(CONFIRM_SIGN_OUT).await?;
    must_be_back(citizen.page()?, &party, Some("a state"));
    assert!(!session.is_signed_in(stage, &party).await?);
    Ok(())
}

/// `oidcc-rp-initiated-logout-no-params`
#[tokio::test]
async fn without_parameters_the_person_is_asked_and_ends_on_a_page_of_the_hub() -> Result<()> {
    let stage = stage()?;
    let (party, session) = signed_in(stage).await?;
    let (mut citizen, _) = walk(&session, &party, &stage.sign_out(&[])).await?;
    let done = citizen.here().press(CONFIRM_SIGN_OUT).await?;
    assert!(done.url.as_str().starts_with(stage.hub()), "{done}");
    assert!(!session.is_signed_in(stage, &party).await?);
    Ok(())
}

/// `oidcc-rp-initiated-logout-no-post-logout-redirect-uri`
#[tokio::test]
async fn without_a_way_back_the_sign_out_ends_on_a_page_of_the_hub() -> Result<()> {
    let stage = stage()?;
    let (party, session) = signed_in(stage).await?;
    let address = stage.sign_out(&[("id_token_hint", session.id_token()), ("state", "a state")]);
    let (_, page) = walk(&session, &party, &address).await?;
    assert!(page.url.as_str().starts_with(stage.hub()), "{}", page.url);
    assert_eq!(page.status, 200);
    assert!(!session.is_signed_in(stage, &party).await?);
    Ok(())
}

/// `oidcc-rp-initiated-logout-no-state`
#[tokio::test]
async fn without_state_the_way_back_has_none() -> Result<()> {
    let stage = stage()?;
    let (party, session) = signed_in(stage).await?;
    let address = stage.sign_out(&[
        ("id_token_hint", session.id_token()),
        ("post_logout_redirect_uri", party.after_sign_out()),
    ]);
    let (_, page) = walk(&session, &party, &address).await?;
    must_be_back(&page, &party, None);
    Ok(())
}

/// `oidcc-rp-initiated-logout-only-state`
#[tokio::test]
async fn with_state_alone_the_person_is_asked_and_ends_on_a_page_of_the_hub() -> Result<()> {
    let stage = stage()?;
    let (party, session) = signed_in(stage).await?;
    let address = stage.sign_out(&[("state", "a state")]);
    let (mut citizen, _) = walk(&session, &party, &address).await?;
    let done = citizen.here().press(CONFIRM_SIGN_OUT).await?;
    assert!(done.url.as_str().starts_with(stage.hub()), "{done}");
    assert!(!session.is_signed_in(stage, &party).await?);
    Ok(())
}
