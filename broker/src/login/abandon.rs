//! Leaving a login for the service, from whatever step: the service is told `access_denied`.

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::{EventKind, OAuthError, Timestamp};
use guichet_web::{Form, PageContext, PageError, Purpose};
use http::HeaderMap;
use serde::Deserialize;

use super::{Login, Refusal, stray};
use crate::hub::Hub;

/// The name of the form in its CSRF token.
pub(crate) const FORM: &str = "abandon";

/// The form: nothing but its token.
#[derive(Deserialize)]
pub(crate) struct Abandon {
    #[serde(default)]
    csrf: String,
}

impl Login {
    /// The person leaves.
    fn abandoned(&self, now: Timestamp) -> Refusal {
        let event = self.trip().event(EventKind::LoginAbandoned, now);
        Refusal::to_client(
            event.detail("step", self.step_name()),
            OAuthError::AccessDenied,
            "the person went back to the service",
        )
    }
}

/// `POST /login/{id}/abandon`
pub(crate) async fn post(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Form(form): Form<Abandon>,
) -> Result<Response, PageError> {
    let login = hub.load_login(stray::login_id(&id)?, &headers).await?;
    hub.check_form(&headers, Purpose::new(FORM, &id), &form.csrf)?;
    let refusal = login.abandoned(hub.now());
    hub.refuse(&login, refusal, &page).await
}
