//! What services that named the citizen wait for (CIBA Core §8): listed for the person signed in and for
//! nobody else, each with its way to yes and to no.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{BrowserId, PersonId};
use guichet_oidc::{Note, WaitingRequest};
use guichet_web::{PageContext, PageError, Purpose, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::Portal;
use crate::account::{Word, not_found, purpose_of, with_cookie};

/// `GET /account/requests`
pub(crate) async fn list(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    if !portal.engine.serves_ciba() {
        return Err(not_found());
    }
    let (browser, cookie) = portal.browser(&headers)?;
    let cards = match portal.signed_in.person(&headers).await? {
        Some(person) => Some(cards(&portal, person, browser).await?),
        None => None,
    };
    let data = context! {
        signed_in => cards.is_some(),
        requests => Serde(&cards.unwrap_or_default()),
    };
    let answer = portal.pages.html(&page, "portal/requests.html", data);
    Ok(with_cookie(answer, cookie))
}

/// A request as its page shows it.
#[derive(Serialize)]
struct Card {
    name: String,
    service: String,
    private: bool,
    host: Option<String>,
    message: Option<String>,
    minutes: u64,
    expires: i64,
    csrf: String,
}

async fn cards(
    portal: &Portal,
    person: PersonId,
    browser: BrowserId,
) -> Result<Vec<Card>, PageError> {
    let waiting = waiting(portal, person).await?;
    let shown = waiting.into_iter().filter_map(|waiting| {
        let client = portal.engine.client_of(&waiting.request)?;
        Some(Card {
            service: client.name.clone(),
            private: client.needs_consent(),
            host: client.home_host().map(str::to_owned),
            minutes: portal.minutes_since(&waiting),
            expires: waiting.expires.millis(),
            csrf: portal.own_token(&browser, person, (DECIDE, &waiting.name)),
            message: match waiting.note {
                Note::Message(message) => message,
                Note::UserCode(_) => return None,
            },
            name: waiting.name,
        })
    });
    Ok(shown.collect())
}

/// `POST /account/requests/{name}`: looked for among those of the person signed in, so that the name
/// alone is good for nothing.
pub(crate) async fn decide(
    State(portal): State<Portal>,
    Path(name): Path<String>,
    word: Word,
) -> Result<Response, PageError> {
    let head = &word.head;
    let Some(person) = portal.signed_in.person(&head.headers).await? else {
        let list = portal.path("/account/requests");
        return Ok(Redirect::to(&list).into_response());
    };
    let subject = purpose_of(person, &name);
    let (_, accepted) = word.check(&portal, Purpose::new(DECIDE, &subject))?;
    let waiting = waiting(&portal, person).await?;
    let Some(chosen) = waiting.into_iter().find(|waiting| waiting.name == name) else {
        let page = PageContext::of_request(&head.method, &head.uri, &head.headers);
        let label = portal.pages.text(page.locale, "requests-title", &[]);
        let list = portal.path("/account/requests");
        return Err(
            PageError::new(StatusCode::GONE, "request-gone").with_way_back(list, Some(label))
        );
    };
    Ok(portal.carry_on(chosen.request, accepted, word.head).await)
}

/// The name of the form in its CSRF token.
const DECIDE: &str = "request-decide";

async fn waiting(portal: &Portal, person: PersonId) -> Result<Vec<WaitingRequest>, PageError> {
    let waiting = portal.engine.requests_for(person).await;
    waiting.map_err(|fault| portal.fault("look for requests", &fault))
}
