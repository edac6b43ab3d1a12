//! The short forms by which a team makes a client: for trying out at once, for production by what was granted.
//! What else there is to say of it stands on the client's own page.

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::StaffId;
use guichet_domain::habilitation::NotNow;
use guichet_web::{Form, PageContext, PageError, Query, Serde, context};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};

use super::{FORM, in_words, refused};
use crate::api::Api;
use crate::console::Present;
use crate::console::confirm::{Dangerous, Proposal, Row};
use crate::onboarding::{Credential, Made, NewClient, OnboardingError, Wrong};
use crate::people::{Action, Kind};

const FIELDS: [&str; 4] = ["name", "redirect_uris", "profile", "jwks"];

/// Of which team.
#[derive(Deserialize)]
pub(super) struct Of {
    #[serde(default)]
    team: String,
}

/// What is typed.
#[derive(Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Posted {
    #[serde(skip_serializing)]
    csrf: String,
    team: String,
    id: String,
    name: String,
    redirect_uris: String,
    profile: String,
    credential: String,
    jwks: String,
    jwks_uri: String,
}

impl Posted {
    /// With an identifier of its own: a form sent twice makes one client.
    fn fresh(api: &Api, team: &str) -> Self {
        Self {
            team: team.to_owned(),
            id: format!("c-{}", StaffId::random(&*api.console.door.entropy)),
            profile: "standard".to_owned(),
            credential: "secret".to_owned(),
            ..Self::default()
        }
    }

    fn new_client(&self) -> NewClient {
        let uris = self.redirect_uris.split_whitespace();
        NewClient {
            id: self.id.clone(),
            name: self.name.clone(),
            redirect_uris: uris.map(str::to_owned).collect(),
            profile: self.profile.clone(),
            credential: match self.credential.as_str() {
                "jwks" => Credential::Jwks(self.jwks.clone()),
                "jwks_uri" => Credential::JwksUri(self.jwks_uri.clone()),
                _ => Credential::Secret,
            },
        }
    }
}

/// `GET /onboarding/sandbox?team=`
pub(super) async fn sandbox_form(
    State(api): State<Arc<Api>>,
    Query(of): Query<Of>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = api.console.present(&headers).await?;
    let typed = Posted::fresh(&api, &of.team);
    let form = Shape {
        action: "/onboarding/sandbox".to_owned(),
        sandbox: true,
    };
    form.render(&api, page, &headers, &present, (&typed, &[]))
}

/// `POST /onboarding/sandbox`
pub(super) async fn sandbox(
    State(api): State<Arc<Api>>,
    page: PageContext,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let present = api.console.own_form(&headers, FORM, &posted.csrf).await?;
    let made = api
        .onboarding
        .sandbox(&posted.team, &posted.new_client(), &present.by())
        .await;
    let form = Shape {
        action: "/onboarding/sandbox".to_owned(),
        sandbox: true,
    };
    form.answer(&api, page, &headers, &present, (&posted, made))
}

/// `GET /onboarding/{id}/production`
pub(super) async fn production_form(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let present = api.console.present(&headers).await?;
    let no = |error| refused(&api, &present, error);
    let file = api.onboarding.file(&id, &present.by()).await.map_err(no)?;
    if file.habilitation.granted().is_none() {
        return Err(no(NotNow::State.into()));
    }
    let mut typed = Posted::fresh(&api, file.team.id.as_str());
    typed.name = file
        .habilitation
        .granting()
        .map_or_else(String::new, |it| it.dossier.service.clone());
    let form = Shape {
        action: format!("/onboarding/{id}/production"),
        sandbox: false,
    };
    form.render(&api, page, &headers, &present, (&typed, &[]))
}

/// `POST /onboarding/{id}/production`: looked at, and made once it is confirmed.
pub(super) async fn production(
    State(api): State<Arc<Api>>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let present = api.console.own_form(&headers, FORM, &posted.csrf).await?;
    let no = |error| refused(&api, &present, error);
    let file = api.onboarding.file(&id, &present.by()).await.map_err(no)?;
    let place = file.place();
    if !present.rights.may(Action::Add, Kind::Production, &place) {
        return Err(no(OnboardingError::Forbidden));
    }
    if file.habilitation.granted().is_none() {
        return Err(no(NotNow::State.into()));
    }
    let back = format!("/onboarding/{id}/production");
    let form = Shape {
        action: back.clone(),
        sandbox: false,
    };
    match api.onboarding.try_new(&posted.new_client()) {
        Ok(()) => (),
        Err(OnboardingError::Wrong(wrongs)) => {
            return form.render(&api, page, &headers, &present, (&posted, &wrongs));
        }
        Err(error) => return Err(no(error)),
    }
    let rows = [
        ("redirect_uris", posted.redirect_uris.as_str()),
        ("profile", posted.profile.as_str()),
        ("jwks", posted.jwks.as_str()),
        ("jwks_uri", posted.jwks_uri.as_str()),
    ];
    let rows = rows.into_iter().filter(|(_, text)| !text.trim().is_empty());
    let rows = rows.map(|(member, text)| Row {
        label: None,
        member: member.to_owned(),
        before: None,
        after: Some(text.trim().into()),
    });
    let rows = rows.collect();
    let name = posted.name.clone();
    let input = Produced {
        habilitation: id,
        typed: posted,
    };
    let what = ("onboarding-confirm-production", name.as_str());
    let proposal = Proposal::<Produce>::new(input, what, back);
    api.console
        .propose(&present, proposal.with_rows(rows))
        .await
}

/// A client for production.
pub(super) struct Produce;

/// By which habilitation, and what was typed.
#[derive(Serialize, Deserialize)]
pub(super) struct Produced {
    habilitation: String,
    typed: Posted,
}

#[async_trait]
impl Dangerous for Produce {
    type Input = Produced;
    const NAME: &'static str = "habilitation production";

    /// The rights, and what is granted, are asked again there.
    async fn carry_out(
        api: &Arc<Api>,
        by: Present,
        page: PageContext,
        input: Produced,
    ) -> Result<Response, PageError> {
        let no = |error| refused(api, &by, error);
        let file = api.onboarding.file(&input.habilitation, &by.by()).await;
        let file = file.map_err(no)?;
        let new = input.typed.new_client();
        let made = api.onboarding.production(&file, &new, &by.by()).await;
        Ok(made_page(api, page, &by, (false, made.map_err(no)?)))
    }
}

/// Which of the two forms.
struct Shape {
    action: String,
    sandbox: bool,
}

impl Shape {
    fn render(
        &self,
        api: &Api,
        page: PageContext,
        headers: &HeaderMap,
        present: &Present,
        (typed, wrongs): (&Posted, &[Wrong]),
    ) -> Result<Response, PageError> {
        let console = &api.console;
        let (browser, _) = console.browser(headers)?;
        let data = context! {
            action => self.action.as_str(),
            sandbox => self.sandbox,
            typed => Serde(typed),
            errors => Serde(in_words(api, page.locale, wrongs, FIELDS)),
            csrf => console.form_token(&browser, FORM, present),
        };
        let page = console.page(page, present, "/onboarding");
        let mut answer = console
            .pages
            .html(&page, "admin/onboarding/client.html", data);
        if !wrongs.is_empty() {
            *answer.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(answer)
    }

    /// The form again with everything that is wrong; or what was made.
    fn answer(
        &self,
        api: &Api,
        page: PageContext,
        headers: &HeaderMap,
        present: &Present,
        (posted, made): (&Posted, Result<Made, OnboardingError>),
    ) -> Result<Response, PageError> {
        let made = match made {
            Ok(made) => made,
            Err(OnboardingError::Wrong(wrongs)) => {
                return self.render(api, page, headers, present, (posted, &wrongs));
            }
            Err(error) => return Err(refused(api, present, error)),
        };
        Ok(made_page(api, page, present, (self.sandbox, made)))
    }
}

/// All that a library needs, the secret this once.
fn made_page(
    api: &Api,
    page: PageContext,
    present: &Present,
    (sandbox, made): (bool, Made),
) -> Response {
    let metadata = made.metadata;
    let data = context! {
        sandbox,
        issuer => api.onboarding.issuer.as_str(),
        client_id => metadata.client_id.as_str(),
        client_name => metadata.client_name.as_deref(),
        client_secret => made.secret,
        method => metadata.token_endpoint_auth_method.as_deref(),
        redirect_uris => Serde(&metadata.redirect_uris),
        scope => metadata.scope.as_deref(),
        pkce => metadata.require_pkce,
    };
    let page = api.console.page(page, present, "/onboarding");
    let mut answer = api
        .console
        .pages
        .html(&page, "admin/onboarding/made.html", data);
    let no_store = header::HeaderValue::from_static("no-store");
    answer.headers_mut().insert(header::CACHE_CONTROL, no_store);
    answer
}
