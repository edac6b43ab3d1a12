//! Leaving a login for the service, from whatever step: the service is told `access_denied`; or
//! `temporarily_unavailable`, where the person leaves because no provider answers.

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::{EventKind, OAuthError, Timestamp};
use guichet_exchange::How;
use guichet_web::{Form, PageContext, PageError, Purpose};
use http::HeaderMap;
use serde::Deserialize;

use super::{Login, Refusal, stray};
use crate::hub::Hub;
use crate::level::RequiredLevel;

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
    fn abandoned(&self, all_are_down: bool, now: Timestamp) -> Refusal {
        let event = self.trip().event(EventKind::LoginAbandoned, now);
        let event = event.detail("step", self.step_name());
        if matches!(self, Self::AwaitingProvider(waiting) if waiting.barred().is_some()) {
            return Refusal::to_client(
                event.detail("reason", "barred"),
                OAuthError::AccessDenied,
                "the person cannot be signed in at present",
            );
        }
        if all_are_down {
            Refusal::to_client(
                event.detail("reason", "no_provider_answers"),
                OAuthError::TemporarilyUnavailable,
                "no identity provider that may be used answers at the moment",
            )
        } else {
            Refusal::to_client(
                event,
                OAuthError::AccessDenied,
                "the person went back to the service",
            )
        }
    }
}

impl Hub {
    /// Nothing is answered, so nothing that was granted on the way is to be fetched.
    async fn take_back(&self, login: &Login) -> Result<(), PageError> {
        let consented = match login {
            Login::AwaitingEvidence(waiting) => waiting.consented(),
            Login::Consented(consented) => consented,
            _ => return Ok(()),
        };
        let Some(desk) = self.parts().exchange.as_deref() else {
            return Ok(());
        };
        for exchange in consented.granted() {
            let person = consented.awaited.person;
            let ended = desk.end(exchange, person, How::Citizen, self.now()).await;
            ended.map_err(|fault| self.fault("take back evidence", &fault))?;
        }
        Ok(())
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
    let login = hub
        .load_login_to_leave(stray::login_id(&id)?, &headers)
        .await?;
    hub.check_form(&headers, Purpose::new(FORM, &id), &form.csrf)?;
    let client = hub.client_of(login.trip())?;
    let required = RequiredLevel::of(login.trip(), &client);
    // Whoever came back from a provider by themselves sees the choice, too.
    let is_choosing = matches!(
        login,
        Login::AwaitingProvider(_) | Login::AwaitingUpstream(_)
    );
    let all_are_down = is_choosing && hub.all_are_down(&client, &required);
    hub.take_back(&login).await?;
    let refusal = login.abandoned(all_are_down, hub.now());
    hub.refuse(&login, refusal, &page).await
}
