//! `oidcc-frontchannel-rp-initiated-logout-certification-test-plan` (OIDC Front-Channel Logout).

use anyhow::Result;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Browser, Hands as _};
use serde_json::json;
use url::Url;

use super::relying_party::stage;
use super::site::Site;

/// `oidcc-frontchannel-logout-discovery-endpoint-verification`
#[tokio::test]
async fn discovery_says_that_clients_are_told_by_the_front_channel() -> Result<()> {
    let discovery = stage()?.discovery().await?;
    assert_eq!(discovery["frontchannel_logout_supported"], true);
    assert_eq!(discovery["frontchannel_logout_session_supported"], true);
    Ok(())
}

/// `oidcc-frontchannel-rp-initiated-logout`
#[tokio::test]
async fn the_browser_is_made_to_load_the_clients_address_with_iss_and_sid_and_goes_on() -> Result<()>
{
    let (stage, site) = (stage()?, Site::start().await?);
    let party = stage
        .party(json!({
            "redirect_uris": [site.at("/callback")],
            "frontchannel_logout_uri": site.at("/out?tenant=1"),
            "frontchannel_logout_session_required": true,
        }))
        .await?;
    let session = stage.sign_in(&party).await?;
    let mut citizen = party.sign_out_and_return(stage, &session).await?;
    let page = citizen.page()?.clone();
    assert_eq!(page.status, 200, "{}", page.body);
    let document = page.document();
    let frames: Vec<&str> = document
        .by_tag("iframe")
        .filter_map(|frame| frame.attribute("src"))
        .collect();
    let [frame] = frames.as_slice() else {
        panic!("one frame, not {frames:?}")
    };
    let frame = Url::parse(frame)?;
    assert!(
        frame.as_str().starts_with(&site.at("/out?tenant=1")),
        "{frame}"
    );
    assert_eq!(parameter(&frame, "iss").as_deref(), Some(stage.hub()));
    let sid = session.claim("sid")?;
    assert_eq!(parameter(&frame, "sid").as_deref(), sid.as_str());

    // The page lets in that origin and no other, no script, and goes on without any.
    let policy = page.headers["content-security-policy"].to_str()?;
    let frames = policy
        .split(';')
        .find_map(|directive| directive.trim().strip_prefix("frame-src "));
    assert_eq!(frames, Some(site.address.as_str()), "{policy}");
    assert!(!policy.contains("script-src"), "{policy}");
    let refresh = document
        .by_tag("meta")
        .find(|meta| meta.attribute("http-equiv") == Some("refresh"));
    assert!(refresh.is_some(), "it stands still: {}", page.body);
    let back = citizen.here().press(Control::Id("next")).await?;
    assert!(
        back.url.as_str().starts_with(party.after_sign_out()),
        "{back}"
    );
    assert_eq!(parameter(&back.url, "state").as_deref(), Some("a state"));
    Ok(())
}

/// Front-Channel Logout §2: `iss` and `sid` together or not at all; other clients are not named.
#[tokio::test]
async fn a_client_that_did_not_ask_for_it_gets_no_session_and_the_person_ends_at_the_hub()
-> Result<()> {
    let (stage, site) = (stage()?, Site::start().await?);
    let party = stage
        .party(json!({
            "redirect_uris": [site.at("/callback")],
            "frontchannel_logout_uri": site.at("/out"),
        }))
        .await?;
    let session = stage.sign_in(&party).await?;
    let address = stage.sign_out(&[("id_token_hint", session.id_token())]);
    let mut citizen = session.citizen.clone();
    citizen.open(&address).await?;
    let page = citizen.page()?;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.url.as_str().starts_with(stage.hub()), "{}", page.url);
    let document = page.document();
    let frames: Vec<_> = document
        .by_tag("iframe")
        .map(|frame| frame.attribute("src"))
        .collect();
    assert_eq!(frames, [Some(site.at("/out").as_str())]);
    // On by way of the provider, where the person is signed in too, and back to stay.
    let end = citizen.here().press(Control::Id("next")).await?;
    assert_eq!(end.status, Some(200), "{end}");
    assert!(end.url.as_str().starts_with(stage.hub()), "{end}");
    let goes_on = end
        .document()
        .by_tag("meta")
        .any(|meta| meta.attribute("http-equiv") == Some("refresh"));
    assert!(!goes_on, "{end}");
    Ok(())
}

/// The same in a browser, which really loads the frame and goes on by itself.
#[tokio::test]
async fn a_real_browser_tells_the_client_and_goes_on_by_itself() -> Result<()> {
    let (stage, site) = (stage()?, Site::start().await?);
    site.put("/signed-out", "<!doctype html><title>Au revoir</title>");
    site.put("/callback", "<!doctype html><title>Entrez</title>");
    let party = stage
        .party(json!({
            "redirect_uris": [site.at("/callback")],
            "post_logout_redirect_uris": [site.at("/signed-out")],
            "frontchannel_logout_uri": site.at("/out"),
            "frontchannel_logout_session_required": true,
        }))
        .await?;
    let mut browser = Browser::start().await?;
    let attempt = party.client.attempt(stage.hub())?;
    browser
        .visit(&attempt.url())
        .choose("Fournisseur plan")
        .agree()
        .land_at(&site.address)
        .await?;
    let address = stage.sign_out(&[
        ("client_id", &party.client.client_id),
        ("post_logout_redirect_uri", &site.at("/signed-out")),
    ]);
    browser
        .visit(&address)
        .press(guichet_integration_tests::controls::CONFIRM_SIGN_OUT)
        .land_at(&site.address)
        .await?;
    let told = site.hears("/out?").await?;
    assert!(told.path.contains("sid="), "{}", told.path);
    site.hears("/signed-out").await?;
    Ok(())
}
