//! On to the providers that signed the person in, one after another, to end their sessions too: the browser
//! leaves for each and comes back (`callback`). One that does not answer is passed over and named at the end,
//! so that nobody is left on a page that does not come.

use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{BrowserId, EventKind};
use guichet_oidc::Answer;
use guichet_web::{Link, Message, PageContext, PageError, Tone};
use url::Url;

use super::{AT_PROVIDER, UnderWay};
use crate::hub::Hub;
use crate::session::SignedInAt;

/// Where a provider's session is ended, if it is.
enum Exit {
    At(Url),
    /// It has no place for that.
    Nowhere,
    /// It does not answer.
    Down,
}

/// On to the next provider of a sign-out; where there is none any more, everything is done.
pub(super) async fn on_to_next(
    hub: &Hub,
    mut under_way: UnderWay,
    browser: BrowserId,
    page: &PageContext,
) -> Result<Response, PageError> {
    while !under_way.ahead.is_empty() {
        let next = under_way.ahead.remove(0);
        match exit_of(hub, &next).await {
            Exit::At(endpoint) => return leave(hub, under_way, &next, endpoint, browser).await,
            Exit::Nowhere => {}
            Exit::Down => under_way.missed.push(next.provider),
        }
    }
    Ok(done(hub, under_way, page))
}

/// A provider that cannot be asked keeps nobody from signing out here, nor at the next one.
async fn exit_of(hub: &Hub, at: &SignedInAt) -> Exit {
    let Some(record) = hub.parts().providers.provider(at.provider.as_str()) else {
        return Exit::Nowhere;
    };
    let Ok(upstream) = hub.upstream(&record).await else {
        return Exit::Down;
    };
    match upstream.end_session() {
        None => Exit::Nowhere,
        Some(_) if !hub.answers_now(&record).await => Exit::Down,
        Some(endpoint) => Exit::At(endpoint.clone()),
    }
}

async fn leave(
    hub: &Hub,
    mut under_way: UnderWay,
    at: &SignedInAt,
    endpoint: Url,
    browser: BrowserId,
) -> Result<Response, PageError> {
    under_way.returning = URL_SAFE_NO_PAD.encode(hub.parts().entropy.bytes32());
    let address = provider_address(hub, at, endpoint, &under_way.returning);
    hub.keep_sign_out(browser, AT_PROVIDER, &under_way).await?;
    let event = under_way.event(EventKind::LogoutPassedOn, hub.now());
    let event = event.provider(&at.provider);
    hub.note(match &under_way.browsing {
        Some(browsing) => event.browsing(browsing),
        None => event,
    });
    Ok(Redirect::to(address.as_str()).into_response())
}

fn provider_address(hub: &Hub, at: &SignedInAt, endpoint: Url, returning: &str) -> Url {
    let mut address = endpoint;
    let mut query = address.query_pairs_mut();
    query.append_pair("id_token_hint", &at.id_token);
    if let Some(record) = hub.parts().providers.provider(at.provider.as_str()) {
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

/// Everything is done: back to the service, where it may have the browser back, or a page; a page in any case
/// where a provider was not reached.
pub(super) fn done(hub: &Hub, under_way: UnderWay, page: &PageContext) -> Response {
    let missed: Vec<String> = under_way
        .missed
        .iter()
        .map(|provider| hub.provider_name(provider))
        .collect();
    let back = hub.parts().engine.signed_out(&under_way.request());
    let pages = &hub.parts().pages;
    if missed.is_empty() {
        if let Some(Ok(back)) = back.map(Answer::redirected) {
            return back;
        }
        let message = Message {
            title: pages.text(page.locale, "signed-out", &[]),
            paragraphs: vec![pages.text(page.locale, "signed-out.text", &[])],
            tone: Tone::Success,
            next: None,
        };
        return pages.message(page, &message);
    }
    let providers = missed.join(", ");
    let text = |id: &str| pages.text(page.locale, id, &[("providers", providers.as_str())]);
    let message = Message {
        title: text("signed-out-missed"),
        paragraphs: vec![
            text("signed-out-missed.text"),
            text("signed-out-missed.next"),
        ],
        tone: Tone::Warning,
        next: match back {
            Some(Answer::Redirect(back)) => Some(Link {
                label: text("continue"),
                href: back.into(),
            }),
            _ => None,
        },
    };
    pages.message(page, &message)
}
