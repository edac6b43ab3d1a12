//! A citizen signs in here once, through the hub. From then on the name the hub has for them here means
//! their file, and no voucher need carry who they are.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::BrowserId;
use guichet_exchange_client::{AuthorizationAsk, Citizen, HubError};
use guichet_web::{PageContext, Query, context};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::site::Site;
use crate::cast::CITIZENS;

/// What must come back from the hub as it left.
#[derive(Clone)]
pub(super) struct OnTheWay {
    browser: BrowserId,
    nonce: String,
    verifier: String,
    /// Where to go on afterwards, if not here.
    back: Option<Url>,
}

#[derive(Deserialize)]
pub(super) struct Departure {
    #[serde(default)]
    return_to: Option<String>,
}

/// The hub's answer (RFC 6749 §4.1.2, RFC 9207).
#[derive(Deserialize)]
pub(super) struct Return {
    #[serde(default)]
    state: String,
    #[serde(default)]
    iss: String,
    #[serde(default)]
    code: Option<String>,
}

/// Off to the hub.
pub(super) async fn depart(
    State(site): State<Arc<Site>>,
    page: PageContext,
    headers: HeaderMap,
    Query(departure): Query<Departure>,
) -> Response {
    let Ok((browser, fresh)) = site.cookies.browser_or_new(&headers, &*site.entropy) else {
        return explain(&site, &page, Trouble::Lost);
    };
    let (state, nonce, verifier) = (site.secret(), site.secret(), site.secret());
    let ask = AuthorizationAsk {
        evidence: &[],
        scope: "openid identite_pivot",
        state: &state,
        nonce: &nonce,
        verifier: &verifier,
        further: &[("ui_locales", page.locale.tag()), ("acr_values", "eidas1")],
    };
    let url = match site.sign_in.authorization_url(&ask).await {
        Ok(url) => url,
        Err(error) => return explain(&site, &page, error.into()),
    };
    let back = site.way_back(departure.return_to.as_deref());
    let trip = OnTheWay {
        browser,
        nonce,
        verifier,
        back,
    };
    site.on_the_way.insert(&state, trip, site.now());
    let mut response = Redirect::to(url.as_str()).into_response();
    if let Some(cookie) = fresh {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Back from the hub, and on to where the citizen came from.
pub(super) async fn receive(
    State(site): State<Arc<Site>>,
    page: PageContext,
    headers: HeaderMap,
    Query(answer): Query<Return>,
) -> Response {
    match link(&site, &headers, answer).await {
        Ok(Some(back)) => Redirect::to(back.as_str()).into_response(),
        Ok(None) => Redirect::to("/linked").into_response(),
        Err(trouble) => explain(&site, &page, trouble),
    }
}

/// What somebody who came by themselves sees then.
pub(super) async fn done(State(site): State<Arc<Site>>, page: PageContext) -> Response {
    let data = context!(linked => true, provider => format!("demo-{}", site.provider.id()));
    site.pages.html(&page, "demo/data_provider.html", data)
}

async fn link(site: &Site, headers: &HeaderMap, answer: Return) -> Result<Option<Url>, Trouble> {
    let trip = site.on_the_way.take(&answer.state, site.now());
    let trip = trip.filter(|trip| site.cookies.browser(headers) == Some(trip.browser));
    let trip = trip.filter(|_| answer.iss == site.desk.hub().issuer());
    let trip = trip.ok_or(Trouble::Lost)?;
    let code = answer.code.ok_or(Trouble::Refused)?;
    let (citizen, claims) = who(site, &code, &trip).await?;
    let login = whose_file(&claims).ok_or(Trouble::Nobody)?;
    site.link(&citizen.subject, login);
    Ok(trip.back)
}

async fn who(
    site: &Site,
    code: &str,
    trip: &OnTheWay,
) -> Result<(Citizen, Map<String, Value>), HubError> {
    let tokens = site.sign_in.redeem(code, &trip.verifier).await?;
    let citizen = site.sign_in.citizen(&tokens, &trip.nonce).await?;
    let claims = site.sign_in.claims_of(&citizen, &tokens).await?;
    Ok((citizen, claims))
}

/// Whose file a civil identity is: every claim must be the same. Forgotten as soon as it is found.
pub(super) fn whose_file(claims: &Map<String, Value>) -> Option<&'static str> {
    let is = |name: &str, wanted: &str| {
        claims.get(name).and_then(Value::as_str).unwrap_or_default() == wanted
    };
    let same = CITIZENS.iter().find(|citizen| {
        is("family_name", citizen.family_name)
            && is("given_name", citizen.given_names)
            // Services are told the first of what nobody knows.
            && is("birthdate", &citizen.birthdate.replace("-00", "-01"))
            && is("birthplace", citizen.birthplace)
            && is("birthcountry", citizen.birthcountry)
    });
    same.map(|citizen| citizen.login)
}

/// Why somebody is not linked.
#[derive(Clone, Copy)]
enum Trouble {
    Lost,
    Refused,
    Nobody,
    Hub,
}

impl From<HubError> for Trouble {
    fn from(error: HubError) -> Self {
        tracing::warn!(%error, "a citizen could not be linked");
        Self::Hub
    }
}

fn explain(site: &Site, page: &PageContext, trouble: Trouble) -> Response {
    let (status, text, code) = match trouble {
        Trouble::Lost => (
            StatusCode::BAD_REQUEST,
            "demo-refused-lost",
            "invalid_state",
        ),
        Trouble::Refused => (
            StatusCode::FORBIDDEN,
            "demo-refused-access-denied",
            "access_denied",
        ),
        Trouble::Nobody => (StatusCode::NOT_FOUND, "demo-link-nobody", "no_match"),
        Trouble::Hub => (
            StatusCode::BAD_GATEWAY,
            "demo-refused-unavailable",
            "hub_unreachable",
        ),
    };
    let data = context!(text, code, description => None::<String>);
    site.pages
        .html_with(status, page, "demo/service_refused.html", data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_the_whole_identity_and_nothing_less() {
        for citizen in CITIZENS {
            let claims = serde_json::to_value(citizen.claims()).unwrap();
            let mut claims = claims.as_object().unwrap().clone();
            let told = citizen.birthdate.replace("-00", "-01");
            claims.insert("birthdate".to_owned(), told.into());
            assert_eq!(whose_file(&claims), Some(citizen.login));
            claims.insert("birthdate".to_owned(), "1900-01-01".into());
            assert_eq!(whose_file(&claims), None);
        }
        assert_eq!(whose_file(&Map::new()), None);
    }
}
