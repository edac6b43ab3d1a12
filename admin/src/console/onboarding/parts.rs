//! What is asked, part by part: a page each. What is typed is kept first, then looked at.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::Acr;
use guichet_domain::habilitation::{LegalBasis, StepKind};
use guichet_web::{Form, Locale, PageContext, PageError, Query, Serde, context};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::{FORM, in_words, refused};
use crate::api::Api;
use crate::onboarding::{CONTACTS, OnboardingError, Part, SCOPES, Wish, fields};

/// Whether what is wrong is to be said: not before anything was written.
#[derive(Deserialize)]
pub(super) struct View {
    #[serde(default)]
    checked: String,
}

/// Something that can be chosen.
#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
}

/// An evidence, with its fields.
#[derive(Serialize)]
struct EvidenceChoice {
    id: String,
    label: String,
    holder: String,
    fields: Vec<Choice>,
}

/// `GET /onboarding/{id}/part/{part}`
pub(super) async fn show(
    State(api): State<Arc<Api>>,
    Path((id, part)): Path<(String, String)>,
    Query(view): Query<View>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let console = &api.console;
    let present = console.present(&headers).await?;
    let by = present.by();
    let file = api.onboarding.file(&id, &by).await;
    let file = file.map_err(|error| refused(&api, &present, error))?;
    let part = Part::named(&part);
    let part = part.ok_or_else(|| refused(&api, &present, OnboardingError::Unknown))?;
    let may = file.may(StepKind::Edit, &by);
    may.map_err(|error| refused(&api, &present, error))?;
    let version = file.habilitation.latest();
    let version = version.ok_or_else(|| refused(&api, &present, OnboardingError::Unknown))?;
    let contacts = api.onboarding.contacts_of(&file.habilitation, version);
    let mut wrongs = api.onboarding.wrongs(&version.dossier, &contacts);
    wrongs.retain(|wrong| !view.checked.is_empty() && part.holds(&wrong.member));
    let (browser, _) = console.browser(&headers)?;
    let locale = page.locale;
    let typed = fields(&version.dossier, &contacts, &api.onboarding.catalogue);
    let named = typed
        .keys()
        .map(String::as_str)
        .chain(["purposes", "scopes"]);
    let errors = in_words(&api, locale, &wrongs, named);
    let data = context! {
        id => id.as_str(),
        part => part.as_str(),
        parts => Serde(Part::ALL.map(Part::as_str)),
        at => Part::ALL.iter().position(|it| *it == part).unwrap_or_default() + 1,
        next => part.next().map(Part::as_str),
        organisation => file.organisation.name.as_str(),
        legal_id => file.organisation.legal_id.clone().unwrap_or_default(),
        wrong => !wrongs.is_empty(),
        typed => Serde(&typed),
        errors => Serde(&errors),
        contacts => Serde(CONTACTS),
        bases => Serde(LegalBasis::ALL.map(LegalBasis::as_str)),
        levels => Serde(Acr::ALL.map(Acr::as_str)),
        scopes => Serde(SCOPES),
        purposes => Serde(purposes(&api, locale)),
        evidence => Serde(evidence(&api, locale)),
        csrf => console.form_token(&browser, FORM, &present),
    };
    let page = console.page(page, &present, "/onboarding");
    Ok(console
        .pages
        .html(&page, "admin/onboarding/part.html", data))
}

/// `POST /onboarding/{id}/part/{part}`
pub(super) async fn write(
    State(api): State<Arc<Api>>,
    Path((id, part)): Path<(String, String)>,
    headers: HeaderMap,
    Form(typed): Form<HashMap<String, String>>,
) -> Result<Response, PageError> {
    let csrf = typed.get("csrf").map_or("", String::as_str);
    let present = api.console.own_form(&headers, FORM, csrf).await?;
    let part = Part::named(&part);
    let part = part.ok_or_else(|| refused(&api, &present, OnboardingError::Unknown))?;
    let goes_on = typed.get("act").is_some_and(|act| act == "on");
    let wish = Wish::Write(part, typed);
    let kept = api.onboarding.take(&id, &wish, &present.by()).await;
    let file = kept.map_err(|error| refused(&api, &present, error))?;
    let id = &file.habilitation.id;
    let is_sound = file.habilitation.latest().is_some_and(|version| {
        let contacts = api.onboarding.contacts_of(&file.habilitation, version);
        let wrongs = api.onboarding.wrongs(&version.dossier, &contacts);
        !wrongs.iter().any(|wrong| part.holds(&wrong.member))
    });
    let to = match (is_sound && goes_on, part.next()) {
        (true, Some(next)) => format!("/onboarding/{id}/part/{}", next.as_str()),
        (true, None) => format!("/onboarding/{id}"),
        (false, _) => format!("/onboarding/{id}/part/{}?checked=yes", part.as_str()),
    };
    Ok(Redirect::to(&to).into_response())
}

fn purposes(api: &Api, locale: Locale) -> Vec<Choice> {
    let all = api.onboarding.catalogue.purposes().iter();
    let choices = all.map(|purpose| Choice {
        value: purpose.id().to_string(),
        label: format!(
            "{} ({})",
            purpose.sentence().in_language(locale.tag()),
            purpose.legal().in_language(locale.tag())
        ),
    });
    choices.collect()
}

fn evidence(api: &Api, locale: Locale) -> Vec<EvidenceChoice> {
    let catalogue = &api.onboarding.catalogue;
    let all = catalogue.all_evidence().iter();
    let choices = all.map(|evidence| EvidenceChoice {
        id: evidence.id().to_string(),
        label: evidence.label().in_language(locale.tag()).to_owned(),
        holder: catalogue
            .holder(evidence)
            .map_or_else(String::new, |holder| {
                holder.name().in_language(locale.tag()).to_owned()
            }),
        fields: evidence
            .fields()
            .iter()
            .map(|field| Choice {
                value: field.name().to_string(),
                label: field.label().in_language(locale.tag()).to_owned(),
            })
            .collect(),
    });
    choices.collect()
}
