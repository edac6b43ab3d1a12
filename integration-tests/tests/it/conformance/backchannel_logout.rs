//! `oidcc-backchannel-rp-initiated-logout-certification-test-plan` (OIDC Back-Channel Logout).

use anyhow::{Context, Result};
use guichet_integration_tests::Hands as _;
use guichet_integration_tests::HttpCitizen;
use guichet_integration_tests::keys::{claims_of, header_of, verified};
use serde_json::{Value, json};

use super::relying_party::{Party, stage};
use super::site::Site;

/// `oidcc-backchannel-logout-discovery-endpoint-verification`
#[tokio::test]
async fn discovery_says_that_clients_are_told_by_the_back_channel() -> Result<()> {
    let discovery = stage()?.discovery().await?;
    assert_eq!(discovery["backchannel_logout_supported"], true);
    assert_eq!(discovery["backchannel_logout_session_supported"], true);
    Ok(())
}

/// `oidcc-backchannel-rp-initiated-logout`
#[tokio::test]
async fn the_client_that_signs_out_is_told_by_a_logout_token_that_holds() -> Result<()> {
    let (stage, site) = (stage()?, Site::start().await?);
    let party = stage
        .party(json!({
            "backchannel_logout_uri": site.at("/out"),
            "backchannel_logout_session_required": true,
        }))
        .await?;
    let session = stage.sign_in(&party).await?;
    let citizen = party.sign_out_and_return(stage, &session).await?;
    assert!(
        citizen
            .page()?
            .url
            .as_str()
            .starts_with(party.after_sign_out())
    );

    let heard = site.hears("/out").await?;
    let token = heard.form.get("logout_token").context("no logout_token")?;
    let claims = verified(token, &stage.document("/jwks").await?)?;
    let header = header_of(token)?;
    assert_eq!(header["typ"], "logout+jwt");
    assert_eq!(header["alg"], header_of(session.id_token())?["alg"]);
    assert_eq!(claims["iss"], stage.hub());
    assert_eq!(claims["aud"], party.client.client_id);
    assert_eq!(claims["sub"], session.claim("sub")?);
    assert_eq!(claims["sid"], session.claim("sid")?);
    let event = "http://schemas.openid.net/event/backchannel-logout";
    assert_eq!(claims["events"], json!({ event: {} }));
    assert!(claims["jti"].as_str().is_some_and(|jti| !jti.is_empty()));
    assert!(claims["exp"].as_i64() > claims["iat"].as_i64());
    assert_eq!(
        claims.get("nonce"),
        None::<&Value>,
        "it could pass for an ID token"
    );
    Ok(())
}

/// Back-Channel Logout §2.5: every client of the session, each under its own name for it.
#[tokio::test]
async fn every_client_of_the_session_is_told_and_none_can_tell_that_it_is_one_session() -> Result<()>
{
    let (stage, site) = (stage()?, Site::start().await?);
    let first = stage
        .party(json!({ "backchannel_logout_uri": site.at("/first") }))
        .await?;
    let second = stage
        .party(json!({ "backchannel_logout_uri": site.at("/second") }))
        .await?;
    let one = stage.sign_in(&first).await?;
    let attempt = second.client.attempt(stage.hub())?;
    let browser: HttpCitizen = one.citizen.clone();
    let other = stage.sign_in_by(&second, browser, attempt).await?;
    let address = stage.sign_out(&[("id_token_hint", other.id_token())]);
    let mut citizen = other.citizen.clone();
    citizen.open(&address).await?;
    let sid_heard_by = async |path: &str, party: &Party| -> Result<Value> {
        let heard = site.hears(path).await?;
        let claims = claims_of(heard.form.get("logout_token").context("no token")?)?;
        assert_eq!(claims["aud"], party.client.client_id);
        Ok(claims["sid"].clone())
    };
    let (sid, sid_of_other) = (
        sid_heard_by("/first", &first).await?,
        sid_heard_by("/second", &second).await?,
    );
    assert_eq!(sid, one.claim("sid")?);
    assert_eq!(sid_of_other, other.claim("sid")?);
    assert_ne!(sid, sid_of_other);
    assert_ne!(one.claim("sub")?, other.claim("sub")?);
    Ok(())
}
