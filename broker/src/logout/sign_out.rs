//! A sign-out, asked for by a service (OIDC RP-Initiated Logout §2) or by the person.
//!
//! It happens at once when the request proves that it comes from a service of this very session;
//! otherwise the person is asked, or any page could sign people out (threat N-64).

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{BrowserId, EventKind};
use guichet_oidc::{Answer, Browser, SignOutRequest};
use guichet_web::{Form, Locale, Message, PageContext, PageError, Purpose, Tone, context};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use url::Url;

use super::{AT_PROVIDER, Ending, QUESTION, UnderWay};
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
    let Some(live) = hub.live_session(headers).await? else {
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
        "accept" => match hub.live_session(&headers).await? {
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

/// Ends the session, then goes on to the provider.
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
            let response = to_provider(hub, &session, under_way, browser, page).await?;
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

/// On to the provider, to end its session too, where it has a place for that.
async fn to_provider(
    hub: &Hub,
    session: &Session,
    mut under_way: UnderWay,
    browser: BrowserId,
    page: &PageContext,
) -> Result<Response, PageError> {
    let Some(endpoint) = end_session_endpoint(hub, session).await else {
        return Ok(done(hub, under_way, page));
    };
    under_way.returning = URL_SAFE_NO_PAD.encode(hub.parts().entropy.bytes32());
    let address = provider_address(hub, session, endpoint, &under_way.returning);
    hub.keep_sign_out(browser, AT_PROVIDER, &under_way).await?;
    let event = under_way.event(EventKind::LogoutPassedOn, hub.now());
    hub.note(
        event
            .provider(&session.provider)
            .browsing(&session.browsing),
    );
    Ok(Redirect::to(address.as_str()).into_response())
}

/// Where the provider's session is ended. A provider that cannot be asked keeps nobody from signing
/// out here.
async fn end_session_endpoint(hub: &Hub, session: &Session) -> Option<Url> {
    session.id_token.as_ref()?;
    let record = hub.parts().providers.provider(session.provider.as_str())?;
    let upstream = hub.upstream(&record).await.ok()?;
    upstream.end_session().cloned()
}

fn provider_address(hub: &Hub, session: &Session, endpoint: Url, returning: &str) -> Url {
    let mut address = endpoint;
    let mut query = address.query_pairs_mut();
    if let Some(id_token) = &session.id_token {
        query.append_pair("id_token_hint", id_token);
    }
    if let Some(record) = hub.parts().providers.provider(session.provider.as_str()) {
        query.append_pair("client_id", &record.client_id);
    }
    query
        .append_pair(
            "post_logout_redirect_uri",
            &hub.public_url("/logout/callback"),
        )
        .append_pair("state", returning);
    drop(query);
    address
}

/// Everything is done: back to the service, where it may have the browser back, or a page.
pub(super) fn done(hub: &Hub, under_way: UnderWay, page: &PageContext) -> Response {
    let answer = hub.parts().engine.signed_out(&under_way.request());
    if let Some(Ok(back)) = answer.map(Answer::redirected) {
        return back;
    }
    let pages = &hub.parts().pages;
    let message = Message {
        title: pages.text(page.locale, "signed-out", &[]),
        paragraphs: vec![pages.text(page.locale, "signed-out.text", &[])],
        tone: Tone::Success,
        next: None,
    };
    pages.message(page, &message)
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
