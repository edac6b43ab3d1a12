//! Steps from the page of a habilitation. What counts as somebody's word, or stops a service, is shown again and
//! confirmed by a fresh sign-in.

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::habilitation::StepKind;
use guichet_web::{Form, PageContext, PageError};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::compared::Beside;
use super::{FORM, compared, file, refused};
use crate::api::Api;
use crate::console::Present;
use crate::console::confirm::{Dangerous, Proposal, Row};
use crate::onboarding::{File, OnboardingError, Wish};

/// What is to be done.
#[derive(Deserialize)]
pub(super) struct Posted {
    #[serde(default)]
    csrf: String,
    #[serde(default)]
    act: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    tag: String,
}

/// `POST /onboarding/{id}`
pub(super) async fn take(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let present = api.console.own_form(&headers, FORM, &posted.csrf).await?;
    let no = |error| refused(&api, &present, error);
    let wish = wish(&posted.act, &posted.text, &posted.tag).map_err(no)?;
    let file = api.onboarding.file(&id, &present.by()).await.map_err(no)?;
    file.may(wish.step(), &present.by()).map_err(no)?;
    // Said again with what is wrong beside it, before anybody is sent anywhere.
    if let Err(error) = api.onboarding.try_out(&file, &wish, &present.by()) {
        return match error {
            OnboardingError::Wrong(wrongs) if wish.step() != StepKind::Submit => {
                let typed = (posted.text.as_str(), wrongs.as_slice());
                let shown = (&file, Beside::default());
                file::render(&api, page, &headers, (&present, shown), typed).await
            }
            error => Err(no(error)),
        };
    }
    if is_confirmed(wish.step()) {
        let input = Input {
            id: id.clone(),
            act: posted.act,
            text: posted.text,
            tag: posted.tag,
        };
        return propose(&api, &present, &file, wish.step(), input).await;
    }
    let taken = api.onboarding.take(&id, &wish, &present.by()).await;
    let file = taken.map_err(no)?;
    let to = match wish {
        Wish::Renew => format!("/onboarding/{}/part/service", file.habilitation.id),
        _ => format!("/onboarding/{}", file.habilitation.id),
    };
    Ok(Redirect::to(&to).into_response())
}

/// What waits for a confirmation.
#[derive(Serialize, Deserialize)]
pub(super) struct Input {
    id: String,
    act: String,
    text: String,
    tag: String,
}

/// A reviewer's word.
pub(super) struct Review;

#[async_trait]
impl Dangerous for Review {
    type Input = Input;
    const NAME: &'static str = "habilitation review";

    /// The rights, the state, and what was looked at are asked again there.
    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        _page: PageContext,
        input: Input,
    ) -> Result<Response, PageError> {
        let no = |error| refused(api, &by, error);
        let wish = wish(&input.act, &input.text, &input.tag).map_err(no)?;
        let file = api
            .onboarding
            .take(&input.id, &wish, &by.by())
            .await
            .map_err(no)?;
        let to = format!("/onboarding/{}", file.habilitation.id);
        Ok(Redirect::to(&to).into_response())
    }
}

/// Whether somebody signs in anew for it.
const fn is_confirmed(step: StepKind) -> bool {
    matches!(
        step,
        StepKind::Sign | StepKind::Refuse | StepKind::Suspend | StepKind::Resume | StepKind::Revoke
    )
}

async fn propose(
    api: &Arc<Api>,
    present: &Present,
    file: &File,
    step: StepKind,
    input: Input,
) -> Result<Response, PageError> {
    let service = file
        .habilitation
        .latest()
        .map_or("", |it| it.dossier.service.as_str());
    let title = match step {
        StepKind::Sign => "onboarding-confirm-sign",
        StepKind::Refuse => "onboarding-confirm-refuse",
        StepKind::Suspend => "onboarding-confirm-suspend",
        StepKind::Resume => "onboarding-confirm-resume",
        _ => "onboarding-confirm-revoke",
    };
    let rows = if step == StepKind::Sign {
        let all = Beside::default().differences(api, file).into_iter();
        all.map(compared::row).collect()
    } else {
        let state = file
            .habilitation
            .under(step)
            .map(|it| it.standing.state().as_str().to_owned());
        vec![row("state", state, Some(input.text.clone()))]
    };
    let back = format!("/onboarding/{}", input.id);
    let proposal = Proposal::<Review>::new(input, (title, service), back).with_rows(rows);
    api.console.propose(present, proposal).await
}

fn row(member: &str, before: Option<String>, after: Option<String>) -> Row {
    Row {
        label: None,
        member: member.to_owned(),
        before: before.map(Value::String),
        after: after.map(Value::String),
    }
}

fn wish(act: &str, text: &str, tag: &str) -> Result<Wish, OnboardingError> {
    let say = |step| Ok(Wish::Say(step, text.to_owned()));
    match act {
        "submit" => Ok(Wish::Submit),
        "take_back" => Ok(Wish::TakeBack),
        "renew" => Ok(Wish::Renew),
        "sign" => Ok(Wish::Sign(tag.to_owned())),
        "request_changes" => say(StepKind::RequestChanges),
        "refuse" => say(StepKind::Refuse),
        "suspend" => say(StepKind::Suspend),
        "resume" => say(StepKind::Resume),
        "revoke" => say(StepKind::Revoke),
        _ => Err(OnboardingError::Unknown),
    }
}
