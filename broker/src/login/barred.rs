//! Somebody whose identity is frozen, or whose account is closed, signed in: nothing goes on, a page says
//! why and what can be done, and the service is told no more than that this person cannot be signed in
//! (threat N-08).

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{CaseId, EventKind, PersonId, Timestamp};
use guichet_store::durable::{ActivePerson, Bar, CaseKind};
use guichet_web::{PageContext, PageError, context};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

use super::notice::Setback;
use super::{AwaitingProvider, Login, Trip, stray};
use crate::hub::Hub;

/// Why somebody was turned away: what their page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Barred {
    /// What they read out to an agent.
    pub(crate) case: CaseId,
    /// How.
    pub(crate) how: How,
    /// Since when.
    pub(crate) since: Timestamp,
    /// Whether two of their own accounts can end it.
    pub(crate) may_thaw: bool,
}

/// How somebody is barred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum How {
    /// Until it is settled whose hands the identity is in.
    Frozen,
    /// For good.
    Closed,
}

impl How {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Frozen => "frozen",
            Self::Closed => "closed",
        }
    }
}

impl Hub {
    /// Asks the gate whether what began at `since` may go on as `person`.
    pub(crate) async fn admit(
        &self,
        person: PersonId,
        since: Timestamp,
    ) -> Result<Result<ActivePerson, Bar>, PageError> {
        let admitted = ActivePerson::admit(&*self.parts().gate, person, since).await;
        admitted.map_err(|fault| self.fault("ask whether a person may act", &fault))
    }

    /// Whether somebody may end what bars them themselves, with the word of two providers.
    pub(super) async fn may_thaw(&self, person: PersonId) -> Result<bool, PageError> {
        let may = self.parts().cases.may_thaw(person).await;
        may.map_err(|fault| self.fault("read a person's cases", &fault))
    }

    /// Turns a login away whose person is barred: on record, back to where they may choose another
    /// account, by way of the page that says why.
    pub(crate) async fn turn_away(
        &self,
        trip: Trip,
        provider: guichet_domain::ProviderId,
        (person, bar): (PersonId, Bar),
        step: guichet_store::short_lived::Step,
    ) -> Result<Response, PageError> {
        let barred = Barred {
            case: bar.case,
            how: match bar.kind {
                CaseKind::Freeze | CaseKind::Report => How::Frozen,
                CaseKind::Closure | CaseKind::Death => How::Closed,
            },
            since: bar.since,
            may_thaw: self.may_thaw(person).await?,
        };
        let event = trip.event(EventKind::PersonBarred, self.now());
        let event = event
            .provider(&provider)
            .person(person)
            .detail("case", bar.case)
            .detail("kind", bar.kind);
        let id = trip.id;
        let back = AwaitingProvider::after(trip, provider, Setback::Barred(barred));
        self.append(event).await?;
        self.advance(step, &Login::AwaitingProvider(back)).await?;
        Ok(Redirect::to(&self.path(&format!("/login/{id}/barred"))).into_response())
    }
}

/// `GET /login/{id}/barred`
pub(crate) async fn show(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let login = hub.load_login(stray::login_id(&id)?, &headers).await?;
    let barred = match &login {
        Login::AwaitingProvider(waiting) => waiting.barred(),
        _ => None,
    };
    let Some(barred) = barred else {
        return Err(stray::out_of_order(&hub, &login, page.locale));
    };
    let client = hub.client_of(login.trip())?;
    let data = context! {
        login => id.as_str(),
        how => barred.how.as_str(),
        case => barred.case.to_string(),
        since => barred.since.millis(),
        may_thaw => barred.may_thaw,
        browsing => login.trip().browsing.to_string(),
        csrf => hub.abandon_token(login.trip()),
    };
    let page = page.with_service(client.name.clone());
    let pages = &hub.parts().pages;
    Ok(pages.html_with(StatusCode::FORBIDDEN, &page, "broker/barred.html", data))
}
