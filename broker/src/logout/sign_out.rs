//! A sign-out, asked for by a service (OIDC RP-Initiated Logout §2) or by the person.
//!
//! It happens at once when the request proves that it comes from a service of this very session;
//! otherwise the person is asked, or any page could sign people out (threat N-64).

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use guichet_domain::{BrowserId, EventKind};
use guichet_oidc::{Browser, SignOutRequest};
use guichet_web::{Form, Locale, Message, PageContext, PageError, Purpose, Tone, context};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use url::Url;

use super::to_provider::{done, on_to_next};
use super::{Ending, QUESTION, UnderWay};
use crate::hub::Hub;
use crate::session::{LiveSession, Session};

/// The house's answer to a sign-out that the engine accepted.
pub(crate) async fn sign_out(hub: &Hub, request: SignOutRequest, browser: &Browser) -> Response {
    let mut page = PageContext::of_request(&browser.method, &browser.uri, &browser.headers);
    if let Some(locale) = request
        .ui_locales
        .as_deref()
        .and_then(Locale::from_ui_locales)
    {
        page = page.in_locale(locale);
    }
    match begin(hub, request, browser, &page).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn begin(
    hub: &Hub,
    request: SignOutRequest,
    browser: &Browser,
    page: &PageContext,
) -> Result<Response, PageError> {
    let headers = &browser.headers;
    let Some(live) = hub.session_to_end(headers).await? else {
        return Ok(done(hub, UnderWay::new(request), page));
    };
    let is_proven = is_of_session(&request, &live.session);
    let under_way = UnderWay::new(request);
    let (id, cookie) = hub
        .parts()
        .cookies
        .browser_or_new(headers, &*hub.parts().entropy)
        .map_err(|error| hub.fault("make a cookie", &error))?;
    let mut response = if is_proven {
        end(hub, live, under_way, id, page).await?
    } else {
        hub.keep_sign_out(id, QUESTION, &under_way).await?;
        ask(hub, id, &under_way, page)
    };
    response
        .headers_mut()
        .extend(cookie.map(|cookie| (SET_COOKIE, cookie)));
    Ok(response)
}

/// Whether the hint is of a service that this session signed in to.
fn is_of_session(request: &SignOutRequest, session: &Session) -> bool {
    let (Some(client), Some(sid)) = (&request.client, &request.sid) else {
        return false;
    };
    let participant = session.participant(client);
    participant.is_some_and(|known| guichet_keys::same(known.sid.as_bytes(), sid.as_bytes()))
}

/// The name of the form in its CSRF token.
const FORM: &str = "sign-out";

fn ask(hub: &Hub, browser: BrowserId, under_way: &UnderWay, page: &PageContext) -> Response {
    let service = under_way
        .client
        .as_ref()
        .and_then(|id| hub.parts().clients.client(id.as_str()));
    let csrf = hub.form_token(browser, Purpose::new(FORM, ""));
    let service = service.map(|client| client.name.clone());
    hub.parts()
        .pages
        .html(page, "broker/sign_out.html", context! { csrf, service })
}

/// The person's answer.
#[derive(Deserialize)]
pub(crate) struct Decision {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    csrf: String,
}

/// `POST /logout`
pub(crate) async fn decide(
    State(hub): State<Hub>,
    page: PageContext,
    headers: HeaderMap,
    Form(answer): Form<Decision>,
) -> Result<Response, PageError> {
    hub.check_form(&headers, Purpose::new(FORM, ""), &answer.csrf)?;
    let gone = || PageError::new(StatusCode::FORBIDDEN, "error-form-refused");
    let browser = hub.parts().cookies.browser(&headers).ok_or_else(gone)?;
    let under_way = hub.take_sign_out(browser, QUESTION).await?;
    let under_way = under_way.unwrap_or_else(nobodys);
    match answer.decision.as_str() {
        "accept" => match hub.session_to_end(&headers).await? {
            Some(live) => end(&hub, live, under_way, browser, &page).await,
            None => Ok(done(&hub, under_way, &page)),
        },
        _ => Ok(stayed(&hub, &page)),
    }
}

/// A sign-out that no service asked for, or one whose question was asked long ago.
pub(super) fn nobodys() -> UnderWay {
    UnderWay {
        client: None,
        return_to: None,
        state: None,
        returning: String::new(),
        ahead: Vec::new(),
        missed: Vec::new(),
        browsing: None,
    }
}

fn stayed(hub: &Hub, page: &PageContext) -> Response {
    let pages = &hub.parts().pages;
    let message = Message {
        title: pages.text(page.locale, "sign-out-stayed", &[]),
        paragraphs: vec![pages.text(page.locale, "sign-out-stayed.text", &[])],
        tone: Tone::Info,
        next: None,
    };
    pages.message(page, &message)
}

/// Ends the session, then goes on to the providers.
async fn end(
    hub: &Hub,
    live: LiveSession,
    under_way: UnderWay,
    browser: BrowserId,
    page: &PageContext,
) -> Result<Response, PageError> {
    hub.note(
        under_way
            .event(EventKind::LogoutStarted, hub.now())
            .browsing(&live.session.browsing)
            .session(live.id),
    );
    let forget = hub.forget_session()?;
    let mut response = match hub
        .end_for_good(live, Ending::SignOut(under_way.client.clone()))
        .await?
    {
        Some(session) => {
            let mut under_way = under_way;
            under_way.ahead = session.signed_in_at();
            under_way.browsing = Some(session.browsing.clone());
            let response = on_to_next(hub, under_way, browser, page).await?;
            by_the_front_channel(hub, &session, response, page)
        }
        // Another request ended it and does the rest.
        None => done(hub, under_way, page),
    };
    response.headers_mut().append(SET_COOKIE, forget);
    Ok(response)
}

/// Has the browser load what services of the session asked for, on the way to where `response` leads
/// (OIDC Front-Channel Logout §2).
fn by_the_front_channel(
    hub: &Hub,
    session: &Session,
    response: Response,
    page: &PageContext,
) -> Response {
    let engine = &hub.parts().engine;
    let frames: Vec<Url> = session
        .participants
        .iter()
        .filter_map(|known| engine.front_channel_address(&known.client, &known.sid))
        .collect();
    let pages = &hub.parts().pages;
    pages.with_frames_on_the_way(page, &frames, response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::tests::session;

    fn request(client: Option<&str>, sid: Option<&str>) -> SignOutRequest {
        SignOutRequest {
            client: client.map(|id| id.parse().unwrap()),
            sid: sid.map(str::to_owned),
            return_to: None,
            state: None,
            ui_locales: None,
        }
    }

    #[test]
    fn only_the_sid_this_session_gave_that_very_service_signs_out_without_asking() {
        let mut session = session();
        let subject = "s".parse().unwrap();
        let scopes = "openid".parse().unwrap();
        session.join(
            &"cantine".parse().unwrap(),
            &subject,
            &scopes,
            &[],
            "sid-1".into(),
        );
        session.join(
            &"banque".parse().unwrap(),
            &subject,
            &scopes,
            &[],
            "sid-2".into(),
        );
        assert!(is_of_session(
            &request(Some("cantine"), Some("sid-1")),
            &session
        ));
        for (client, sid) in [
            (Some("cantine"), Some("sid-2")),
            (Some("cantine"), None),
            (None, Some("sid-1")),
            (Some("plainte"), Some("sid-1")),
            (Some("cantine"), Some("")),
        ] {
            assert!(
                !is_of_session(&request(client, sid), &session),
                "{client:?} {sid:?}"
            );
        }
    }
}
