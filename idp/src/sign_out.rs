//! Signing out: by the person, or by a client with the browser (OIDC RP-Initiated Logout §2).
//!
//! A client's request ends the session at once only when its ID token was of this very session;
//! otherwise the person is asked, or any page could sign people out (threat N-64). Clients that
//! registered for it are told by the back channel.

use axum::extract::State;
use axum::response::Response;
use guichet_domain::{AuditEvent, ClientId, EventKind, SessionId};
use guichet_oidc::{Answer, Browser, SignOutRequest};
use guichet_web::{Form, Link, Message, PageContext, Query, Question, Tone};
use http::HeaderMap;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::Idp;
use crate::audit::about;
use crate::refusal::Halt;
use crate::respond::{see_other, with_cookies};
use crate::session::{LiveSession, Session};

/// The form's name, for its hidden token.
pub(crate) const FORM: &str = "sign-out";

/// Where a browser goes once signed out: what a client asked for and registered.
#[derive(Serialize, Deserialize)]
struct Return {
    to: String,
}

/// A client sent the browser to be signed out.
pub(crate) async fn asked_by_client(
    idp: &Idp,
    request: &SignOutRequest,
    browser: &Browser,
) -> Result<Response, Halt> {
    let headers = &browser.headers;
    let mut event = AuditEvent::new(EventKind::LogoutStarted, idp.now());
    if let Some(client) = &request.client {
        event = event.client(client);
    }
    idp.note(event);
    let back = idp.engine.signed_out(request);
    let Some(owner) = idp.owner(headers).await? else {
        return Ok(idp.after(back, browser).await);
    };
    let is_own = match (&request.client, &request.sid) {
        (Some(client), Some(sid)) => {
            let own = idp.sid(&owner.live.session, client);
            guichet_keys::same(own.as_bytes(), sid.as_bytes())
        }
        _ => false,
    };
    if is_own {
        let ended = idp.sign_out(&owner.live).await?;
        let page = PageContext::of_request(&browser.method, &browser.uri, &browser.headers);
        let response = idp.after(back, browser).await;
        let response = idp.by_the_front_channel(ended.as_ref(), response, &page);
        return Ok(with_cookies(response, [idp.forget_session()?]));
    }
    if let Some(Answer::Redirect(to)) = back {
        let sealed = idp
            .sealers
            .pending
            .seal_json(&context(idp, owner.live.id), &Return { to: to.into() })?;
        idp.pending
            .put(owner.browser, PENDING, sealed, owner.live.session.expires)
            .await?;
    }
    Ok(see_other(&idp.path("/sign-out")))
}

/// `GET /sign-out`: the question.
pub(crate) async fn show(
    State(idp): State<Idp>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, Halt> {
    let Some(owner) = idp.owner(&headers).await? else {
        return Ok(see_other(&idp.path("/signed-out")));
    };
    let text = |id: &str| {
        idp.pages
            .text(page.locale, id, &[("provider", &idp.settings.title)])
    };
    let question = Question {
        title: text("idp-sign-out-title"),
        paragraphs: vec![text("idp-sign-out-text")],
        action: idp.path("/sign-out"),
        csrf: idp.account_token(&owner, FORM),
        accept: text("sign-out"),
        refuse: text("idp-stay"),
    };
    Ok(idp.pages.confirm(&page, &question))
}

#[derive(Deserialize)]
pub(crate) struct Posted {
    csrf: String,
    decision: String,
}

/// `POST /sign-out`: the answer.
pub(crate) async fn submit(
    State(idp): State<Idp>,
    page: PageContext,
    headers: HeaderMap,
    Form(form): Form<Posted>,
) -> Result<Response, Halt> {
    let Some(owner) = idp.owner(&headers).await? else {
        return Ok(see_other(&idp.path("/signed-out")));
    };
    idp.check_account_form(&owner, FORM, &headers, &form.csrf)?;
    let waiting = idp.pending.take(owner.browser, PENDING).await?;
    if form.decision != "accept" {
        return Ok(see_other(&idp.path("/")));
    }
    let back = waiting.and_then(|sealed| {
        idp.sealers
            .pending
            .open_json::<Return>(&context(&idp, owner.live.id), &sealed)
            .ok()
    });
    let ended = idp.sign_out(&owner.live).await?;
    let response = match back {
        Some(back) => see_other(&back.to),
        None => see_other(&idp.path("/signed-out")),
    };
    let response = idp.by_the_front_channel(ended.as_ref(), response, &page);
    Ok(with_cookies(response, [idp.forget_session()?]))
}

/// The page's query has nothing for it.
#[derive(Deserialize)]
pub(crate) struct Nothing {}

/// `GET /signed-out`
pub(crate) async fn show_done(
    State(idp): State<Idp>,
    page: PageContext,
    Query(Nothing {}): Query<Nothing>,
) -> Response {
    let text = |id: &str| {
        idp.pages
            .text(page.locale, id, &[("provider", &idp.settings.title)])
    };
    let message = Message {
        title: text("idp-signed-out-title"),
        paragraphs: vec![text("idp-signed-out-text")],
        tone: Tone::Success,
        next: Some(Link {
            label: text("idp-home-link"),
            href: idp.path("/"),
        }),
    };
    idp.pages.message(&page, &message)
}

impl Idp {
    /// Ends a session for good: its clients' letters are safe, its tokens die, the log has it. Each
    /// step can be taken again, so whoever meets a fault tries again and finds the session still there.
    /// What it was goes to one caller.
    pub(crate) async fn sign_out(&self, live: &LiveSession) -> Result<Option<Session>, Halt> {
        self.leave_letters(&live.session).await?;
        self.engine.end_session(live.session.root).await?;
        let event = AuditEvent::new(EventKind::SessionEnded, self.now()).session(live.session.root);
        self.record(about(event, live.session.account)).await?;
        // Clients added meanwhile; the others have their letter already.
        let ended = self.take_session(live.id).await?;
        if let Some(ended) = &ended {
            self.leave_letters(ended).await?;
        }
        self.deliver_soon();
        Ok(ended)
    }

    /// Has the browser load what clients of the session asked for, on the way to where `response` leads
    /// (OIDC Front-Channel Logout §2).
    fn by_the_front_channel(
        &self,
        ended: Option<&Session>,
        response: Response,
        page: &PageContext,
    ) -> Response {
        let frames: Vec<Url> = ended.map_or_else(Vec::new, |session| {
            let frame = |client: &ClientId| {
                self.engine
                    .front_channel_address(client, &self.sid(session, client))
            };
            session.clients.iter().filter_map(frame).collect()
        });
        self.pages.with_frames_on_the_way(page, &frames, response)
    }

    /// Back to the client, or to a page that says it is done.
    async fn after(&self, back: Option<Answer>, browser: &Browser) -> Response {
        match back {
            Some(answer) => self.deliver(answer, browser).await,
            None => see_other(&self.path("/signed-out")),
        }
    }
}

fn context(idp: &Idp, session: SessionId) -> Vec<u8> {
    [idp.house().as_bytes(), b"/sign-out/", session.as_bytes()].concat()
}

const PENDING: &str = "idp.sign-out";
