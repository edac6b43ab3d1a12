//! Somebody signed in with a provider that they closed to themselves: nothing goes on by that way, a page
//! says so, and another provider is a way on (threat N-210).

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{EventKind, PersonId, ProviderId};
use guichet_store::short_lived::Step;
use guichet_web::{PageContext, PageError, context};
use http::{HeaderMap, StatusCode};

use super::notice::Setback;
use super::{AwaitingProvider, Login, Trip, stray};
use crate::hub::Hub;

impl Hub {
    /// Turns a login away that came by a way its person closed: on record, back to the choice, by way of the
    /// page that says why. `None` where the way is open.
    pub(super) async fn keep_out(
        &self,
        trip: &Trip,
        provider: &ProviderId,
        person: PersonId,
        step: Step,
    ) -> Result<Option<Response>, PageError> {
        let Some(since) = self.closed_way(person, provider).await? else {
            return Ok(None);
        };
        let event = trip.event(EventKind::WayRefused, self.now());
        let event = trip.located(event.provider(provider).person(person));
        self.append(event).await?;
        self.tell_kept_out(person, provider, trip).await;
        let mut trip = trip.clone();
        let id = trip.id;
        // Whoever comes next need not be the one who was kept out.
        trip.start_over();
        let what = Setback::WayClosed { since };
        let back = AwaitingProvider::after(trip, provider.clone(), what);
        self.advance(step, &Login::AwaitingProvider(back)).await?;
        let page = self.path(&format!("/login/{id}/closed-way"));
        Ok(Some(Redirect::to(&page).into_response()))
    }
}

/// `GET /login/{id}/closed-way`
pub(crate) async fn show(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let login = hub.load_login(stray::login_id(&id)?, &headers).await?;
    let closed = match &login {
        Login::AwaitingProvider(waiting) => waiting.closed_way(),
        _ => None,
    };
    let Some((provider, since)) = closed else {
        return Err(stray::out_of_order(&hub, &login, page.locale));
    };
    let client = hub.client_of(login.trip())?;
    let data = context! {
        login => id.as_str(),
        provider => hub.provider_name(provider),
        since => since.millis(),
        browsing => login.trip().browsing.to_string(),
        account => hub.parts().settings.account.is_some(),
        csrf => hub.abandon_token(login.trip()),
    };
    let page = page.with_service(client.name.clone());
    let pages = &hub.parts().pages;
    let status = StatusCode::FORBIDDEN;
    Ok(pages.html_with(status, &page, "broker/closed_way.html", data))
}
