//! Leaving a sign-in: back to the client, which is told why.

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::{AuditEvent, EventKind, OAuthError};
use guichet_oidc::Browser;
use guichet_web::Form;
use serde::Deserialize;

use super::{Errand, SignIn};
use crate::Idp;
use crate::refusal::Halt;
use crate::respond::see_other;

/// The form's name, for its hidden token.
pub(super) const FORM: &str = "cancel";

#[derive(Deserialize)]
pub(crate) struct Posted {
    csrf: String,
}

/// `POST /sign-in/{id}/cancel`
pub(crate) async fn submit(
    State(idp): State<Idp>,
    Path(id): Path<String>,
    browser: Browser,
    Form(form): Form<Posted>,
) -> Result<Response, Halt> {
    let headers = &browser.headers;
    let posted = (FORM, form.csrf.as_str());
    let loaded = idp.load_posted(&id, headers, posted).await?;
    idp.close_sign_in(loaded.id, loaded.sign_in.step()).await?;
    let (error, description) = reason(&loaded.sign_in);
    let event = AuditEvent::new(EventKind::LoginAbandoned, idp.now()).login(loaded.id);
    idp.note(event.detail("error", error));
    Ok(match &loaded.sign_in.trip().errand {
        Errand::Client(request) => idp.refuse(request, error, description, &browser).await,
        Errand::Account(_) => see_other(&idp.path("/")),
    })
}

/// What the client is told.
fn reason(sign_in: &SignIn) -> (OAuthError, &'static str) {
    match sign_in {
        SignIn::AwaitingPassword(_) | SignIn::AwaitingSecondFactor(_) => {
            (OAuthError::AccessDenied, "the person left the sign-in")
        }
        SignIn::AwaitingReturn(_) => (
            OAuthError::UnmetAuthenticationRequirements,
            "the person has no second factor",
        ),
    }
}
