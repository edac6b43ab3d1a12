//! The citizen's single account, from outside: what services leave there, what they have and may fetch, what
//! happened; and who sees it.

mod closing;
mod crawl;
mod data;
mod every_form;
mod freezing;
mod history;
mod home;
mod messages;
mod relay;
mod report;
mod requests;
mod rights;
mod routes;
mod statement;
mod unlinking;
pub(crate) mod ways;

use anyhow::{Context as _, Result};
use guichet_integration_tests::citizens::Citizen;
use guichet_integration_tests::html::Form;
use guichet_integration_tests::http_citizen::Page;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen};

use crate::login::COMPTE_CITOYEN;

/// A citizen who let "Cantine" have their quotient, once.
async fn who_sent_evidence(demo: &Demo, who: &Citizen) -> Result<HttpCitizen> {
    let mut citizen = HttpCitizen::new();
    let service = citizen
        .visit(demo.service("cantine"))
        .sign_in_with(COMPTE_CITOYEN);
    service.as_citizen(who).agree().await?;
    for id in ["fetch-evidence", "accept", "look", "link", "accept", "send"] {
        citizen.here().press(Control::Id(id)).await?;
    }
    Ok(citizen)
}

/// The form with a button whose id begins so.
fn form_with(page: &Page, id: &str) -> Result<Form> {
    let mut forms = page.document().forms().into_iter();
    let found = forms.find(|form| form.buttons.iter().any(|button| button.id.starts_with(id)));
    found.with_context(|| format!("no form with {id}: {}", page.body))
}

/// The end of the id of the first element whose id begins so.
fn id_after(html: &str, beginning: &str) -> Result<String> {
    let start = html
        .find(&format!("id=\"{beginning}"))
        .with_context(|| format!("no id {beginning}… in {html}"))?;
    let rest = &html[start + 4 + beginning.len()..];
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}
