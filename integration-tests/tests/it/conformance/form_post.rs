//! `oidcc-formpost-basic-certification-test-plan`: answers travel in a form that the browser posts.

use anyhow::{Context, Result};
use guichet_integration_tests::HttpCitizen;
use guichet_integration_tests::keys::claims_of;

use super::parties::{must_be_a_page, parties};

/// The fields of the form at hand, which must lead to `address` and hold each name once.
fn posted(citizen: &HttpCitizen, address: &str) -> Result<Vec<(String, String)>> {
    let form = citizen.page()?.form()?;
    assert_eq!(form.action, address);
    assert_eq!(form.method, "post");
    let mut names: Vec<&String> = form.fields.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), form.fields.len());
    Ok(form.fields)
}

fn value(fields: &[(String, String)], name: &str) -> Result<String> {
    let found = fields.iter().find(|(field, _)| field == name);
    Ok(found.with_context(|| format!("no {name}"))?.1.clone())
}

#[tokio::test]
async fn server() -> Result<()> {
    let parties = parties()?;
    let attempt = parties
        .basic
        .attempt(parties.hub())?
        .with("response_mode", "form_post");
    let mut citizen = parties.basic.citizen();
    parties.sign_in(&mut citizen, &attempt.url()).await?;
    let fields = posted(&citizen, &parties.basic.redirect_uri)?;
    assert_eq!(value(&fields, "state")?, attempt.state);
    assert_eq!(value(&fields, "iss")?, parties.hub());
    let code = value(&fields, "code")?;
    let tokens = parties.basic.redeem(parties.hub(), &code, &attempt).await?;
    assert_eq!(
        claims_of(tokens.text("id_token"))?["nonce"],
        attempt.nonce.as_str()
    );
    Ok(())
}

#[tokio::test]
async fn errors_travel_in_the_form_too() -> Result<()> {
    let parties = parties()?;
    let asking = parties
        .basic
        .attempt(parties.hub())?
        .with("response_mode", "form_post");
    for (attempt, error) in [
        (asking.clone().without("response_type"), "invalid_request"),
        (asking.clone().with("prompt", "none"), "login_required"),
        (
            asking.clone().with("response_type", "code id_token"),
            "unsupported_response_type",
        ),
    ] {
        let mut citizen = parties.basic.citizen();
        parties.answer(&mut citizen, &attempt.url()).await?;
        let fields = posted(&citizen, &parties.basic.redirect_uri)?;
        assert_eq!(value(&fields, "error")?, error);
        assert_eq!(value(&fields, "state")?, attempt.state);
    }
    Ok(())
}

#[tokio::test]
async fn ensure_registered_redirect_uri() -> Result<()> {
    let parties = parties()?;
    let attempt = parties
        .basic
        .attempt(parties.hub())?
        .with("response_mode", "form_post")
        .with("redirect_uri", "https://plan-basic.example/other");
    let mut citizen = parties.basic.citizen();
    let view = parties.answer(&mut citizen, &attempt.url()).await?;
    must_be_a_page(&view);
    assert!(!view.html.contains("plan-basic.example/other"));
    Ok(())
}

#[tokio::test]
async fn prompt_none_logged_in() -> Result<()> {
    let parties = parties()?;
    let mut first = parties.arrive(&parties.basic, |attempt| attempt).await?;
    let attempt = parties
        .basic
        .attempt(parties.hub())?
        .with("response_mode", "form_post")
        .with("prompt", "none");
    parties.answer(&mut first.citizen, &attempt.url()).await?;
    let fields = posted(&first.citizen, &parties.basic.redirect_uri)?;
    assert_eq!(value(&fields, "state")?, attempt.state);
    assert!(!value(&fields, "code")?.is_empty());
    Ok(())
}
