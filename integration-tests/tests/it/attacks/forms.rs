//! Forms forged, borrowed and posted from elsewhere: those of a login, a sign-out, the embedded provider and
//! evidence (threat N-64); those of the account are in `account_forms.rs`.

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::citizens::{ANGE, CAMILLE, Citizen, LINH, PASSWORD};
use guichet_integration_tests::html::Form;
use guichet_integration_tests::http_citizen::Page;
use guichet_integration_tests::journey::{Control, View};
use guichet_integration_tests::{Demo, Hands, HttpCitizen};
use reqwest::header::{HeaderName, HeaderValue, ORIGIN};

use super::stage::{must_be_refused, stage};
use crate::login::COMPTE_CITOYEN;

#[tokio::test]
async fn every_form_of_a_login_is_believed_from_its_own_page_only() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let client = &stage.service;
    let mut choosing = client.citizen();
    choosing.visit(&client.attempt(stage.hub())?.url()).await?;
    // The same page in another login of this very browser: its tokens are for that login.
    let mut sibling = choosing.clone();
    sibling.visit(&client.attempt(stage.hub())?.url()).await?;
    let choice = form_to(choosing.page()?, "/provider")?;
    let chosen = [("provider".to_owned(), provider.id.clone())];
    must_resist_forgery(&choosing, &choice, &chosen, &tokens(sibling.page()?)).await?;
    let abandon = form_to(choosing.page()?, "/abandon")?;
    must_resist_forgery(&choosing, &abandon, &[], &tokens(sibling.page()?)).await?;

    let (consenting, _) = stage.at_consent(client, &provider).await?;
    let (elsewhere, _) = stage.at_consent(client, &provider).await?;
    let consent = form_to(consenting.page()?, "/consent")?;
    let accepted = [("decision".to_owned(), "accept".to_owned())];
    must_resist_forgery(&consenting, &consent, &accepted, &tokens(elsewhere.page()?)).await
}

#[tokio::test]
async fn a_consent_without_a_clear_answer_is_no_consent() -> Result<()> {
    let stage = stage()?;
    let (citizen, _) = stage.at_consent(&stage.bank, &stage.provider()?).await?;
    let form = form_to(citizen.page()?, "/consent")?;
    for decision in ["", "ACCEPT", "accept ", "yes", "true", "1"] {
        let mut tab = citizen.clone();
        let page = tab
            .submit(&form, None, &[("decision".to_owned(), decision.to_owned())])
            .await?;
        must_be_refused(&page, &[400]);
    }
    let mut both = form.clone();
    both.fields
        .push(("decision".to_owned(), "refuse".to_owned()));
    both.fields
        .push(("decision".to_owned(), "accept".to_owned()));
    must_be_refused(&citizen.clone().submit(&both, None, &[]).await?, &[400]);
    Ok(())
}

#[tokio::test]
async fn the_sign_out_form_is_believed_from_its_own_page_only() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let end = format!("{}/session/end", stage.hub());
    let mut citizen = stage.arrive(&stage.service, &provider).await?.citizen;
    citizen.visit(&end).await?;
    let mut elsewhere = stage.arrive(&stage.service, &provider).await?.citizen;
    elsewhere.visit(&end).await?;
    let form = form_to(citizen.page()?, "/logout")?;
    let accepted = [("decision".to_owned(), "accept".to_owned())];
    must_resist_forgery(&citizen, &form, &accepted, &tokens(elsewhere.page()?)).await
}

#[tokio::test]
async fn every_form_of_the_embedded_provider_is_believed_from_its_own_page_only() -> Result<()> {
    let demo = Demo::start().await?;
    let sign_in = format!("{}/sign-in?to=totp", demo.idp("citoyen"));
    let mut citizen = HttpCitizen::new();
    citizen.visit(&sign_in).await?;
    let mut elsewhere = HttpCitizen::new();
    elsewhere.visit(&sign_in).await?;
    let credentials = [
        ("login".to_owned(), ANGE.login.to_owned()),
        ("password".to_owned(), PASSWORD.to_owned()),
    ];
    let form = form_to(citizen.page()?, "/password")?;
    must_resist_forgery(&citizen, &form, &credentials, &tokens(elsewhere.page()?)).await?;

    for tab in [&mut citizen, &mut elsewhere] {
        tab.visit(&sign_in).as_citizen(&ANGE).await?;
    }
    let form = form_to(citizen.page()?, "/totp")?;
    let code = [("code".to_owned(), "000000".to_owned())];
    must_resist_forgery(&citizen, &form, &code, &tokens(elsewhere.page()?)).await?;

    for tab in [&mut citizen, &mut elsewhere] {
        tab.visit(&format!("{}/account/security", demo.idp("citoyen")))
            .await?;
    }
    let form = form_to(citizen.page()?, "/sign-out")?;
    let accepted = [("decision".to_owned(), "accept".to_owned())];
    must_resist_forgery(&citizen, &form, &accepted, &tokens(elsewhere.page()?)).await
}

#[tokio::test]
async fn the_forms_of_evidence_are_believed_from_their_own_page_and_of_its_person_only()
-> Result<()> {
    let demo = Demo::start().await?;
    let mut camille = before_the_values(&demo, &CAMILLE).await?;
    let mut linh = before_the_values(&demo, &LINH).await?;
    let decision = form_to(camille.page()?, "/evidence")?;
    let sent = [("decision".to_owned(), "send".to_owned())];
    must_resist_forgery(&camille, &decision, &sent, &tokens(linh.page()?)).await?;

    let list = demo.hub("/account/data");
    linh.here().press(Control::Id("send")).await?;
    for tab in [&mut camille, &mut linh] {
        tab.visit(&list).await?;
    }
    let end = form_that_ends(camille.page()?)?;
    let foreign = form_that_ends(linh.page()?)?;
    // Whoever is somebody else, with a form of their own or with this one, and whoever is nobody.
    let (hers, theirs) = (csrf_of(&end), csrf_of(&foreign));
    for (form, with) in [(&end, &theirs), (&end, &hers), (&foreign, &hers)] {
        must_be_refused(&linh.clone().submit(form, None, with).await?, &[403]);
    }
    let mut nobody = HttpCitizen::new();
    nobody.stand_on(camille.page()?.clone());
    nobody.submit(&end, None, &[]).await?;
    let still = camille.visit(&list).await?;
    assert!(offers(&still, &end), "it ended: {still}");

    must_resist_forgery(&camille, &end, &[], &tokens(linh.page()?)).await?;
    let after = camille.visit(&list).await?;
    assert!(!offers(&after, &end), "it goes on: {after}");
    let other = linh.visit(&list).await?;
    assert!(offers(&other, &foreign), "it ended: {other}");
    Ok(())
}

/// Whether a page has this form still.
fn offers(page: &View, form: &Form) -> bool {
    page.html.contains(&format!("action=\"{}\"", form.action))
}

/// A citizen who sees what "Cantine" would receive.
async fn before_the_values(demo: &Demo, who: &Citizen) -> Result<HttpCitizen> {
    let mut citizen = HttpCitizen::new();
    let service = citizen
        .visit(demo.service("cantine"))
        .sign_in_with(COMPTE_CITOYEN);
    service.as_citizen(who).agree().await?;
    for id in ["fetch-evidence", "accept", "look", "link", "accept"] {
        citizen.here().press(Control::Id(id)).await?;
    }
    Ok(citizen)
}

/// The first form of the list that takes a decision back.
fn form_that_ends(page: &Page) -> Result<Form> {
    let mut forms = page.document().forms().into_iter();
    let found = forms.find(|form| form.buttons.iter().any(|it| it.id.starts_with("end-")));
    found.with_context(|| format!("nothing to end: {}", page.body))
}

/// Posts `form` in every forged way, each in a tab of its own; then honestly, which must work: what was refused
/// before was refused for the forgery.
async fn must_resist_forgery(
    citizen: &HttpCitizen,
    form: &Form,
    values: &[(String, String)],
    borrowed: &[String],
) -> Result<()> {
    forgeries_must_be_refused(citizen, form, values, borrowed).await?;
    must_be_believed(citizen, form, values).await
}

/// Posts `form` in every forged way, each in a tab of its own.
pub(super) async fn forgeries_must_be_refused(
    citizen: &HttpCitizen,
    form: &Form,
    values: &[(String, String)],
    borrowed: &[String],
) -> Result<()> {
    ensure!(
        form.fields.iter().any(|(name, _)| name == "csrf"),
        "{} has no token",
        form.action
    );
    let own = form
        .fields
        .iter()
        .find(|(name, _)| name == "csrf")
        .map_or("", |(_, value)| value);
    let forged = [
        "",
        "null",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        &own[1..],
    ];
    let borrowed = borrowed
        .iter()
        .map(String::as_str)
        .filter(|token| *token != own);
    for token in forged.into_iter().chain(borrowed) {
        let mut with = values.to_vec();
        with.push(("csrf".to_owned(), token.to_owned()));
        must_be_refused(&citizen.clone().submit(form, None, &with).await?, &[403]);
    }
    let mut without = form.clone();
    without.fields.retain(|(name, _)| name != "csrf");
    must_be_refused(
        &citizen.clone().submit(&without, None, values).await?,
        &[400, 403],
    );

    // The right token, from a page that is not ours.
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let mut tab = citizen.clone();
        tab.headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
        must_be_refused(&tab.submit(form, None, values).await?, &[403]);
    }
    // In another browser, with the page and its token copied.
    let mut other = HttpCitizen::new();
    other.stand_on(citizen.page()?.clone());
    let copied = other.submit(form, None, values).await?;
    match copied.location()? {
        // Where nobody is signed in there is nothing to do: on to the sign-in, or to a page that says so.
        Some(location) => assert!(NOTHING_TO_DO.contains(&location.path()), "{location}"),
        None => must_be_refused(&copied, &[400, 403]),
    }
    Ok(())
}

/// Where whoever is not signed in is sent.
const NOTHING_TO_DO: [&str; 6] = [
    "/sign-in",
    "/signed-out",
    "/account",
    "/account/data",
    "/account/not-me",
    "/account/sessions",
];

/// Posts `form` honestly.
pub(super) async fn must_be_believed(
    citizen: &HttpCitizen,
    form: &Form,
    values: &[(String, String)],
) -> Result<()> {
    let mut own = citizen.clone();
    let origin = citizen.page()?.url.origin().ascii_serialization();
    own.headers.insert(ORIGIN, HeaderValue::from_str(&origin)?);
    let honest = own.submit(form, None, values).await?;
    assert_eq!(
        honest.status, 303,
        "{} does not work at all: {}",
        form.action, honest.body
    );
    Ok(())
}

fn form_to(page: &Page, end: &str) -> Result<Form> {
    let forms = page.document().forms();
    let found = forms.into_iter().find(|form| {
        let action = if form.action.is_empty() {
            page.url.path()
        } else {
            form.action.as_str()
        };
        form.method == "post" && action.ends_with(end)
    });
    found.with_context(|| format!("no form to {end} at {}: {}", page.url, page.body))
}

/// The token of a form, as a field.
fn csrf_of(form: &Form) -> Vec<(String, String)> {
    let fields = form.fields.iter();
    fields.filter(|(name, _)| name == "csrf").cloned().collect()
}

/// Every form token on a page.
pub(super) fn tokens(page: &Page) -> Vec<String> {
    let fields = page
        .document()
        .forms()
        .into_iter()
        .flat_map(|form| form.fields);
    fields
        .filter(|(name, _)| name == "csrf")
        .map(|(_, value)| value)
        .collect()
}
