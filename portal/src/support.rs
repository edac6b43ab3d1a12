//! `/account/support`: what somebody of the support asks to see, why, and for how long; the citizen agrees, refuses,
//! and takes back what they agreed to. Theirs alone, and only theirs counts (threats N-343, N-344).

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use guichet_domain::{AuditEvent, EventKind, PersonId, SupportRequestId};
use guichet_store::Fault;
use guichet_store::durable::support_requests::AGREED_FOR;
use guichet_store::durable::{SupportAnswer, SupportRequest, SupportWord};
use guichet_web::{Form, Locale, PageContext, PageError, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::Portal;
use crate::account::{Posted, not_found, with_cookie};
use crate::messages::Line;
use crate::nav::Room;

/// As many as the page lists.
const LISTED: u32 = 20;
/// As many as an archive holds: more than a month of them.
const MOST_ARCHIVED: u32 = 1000;
/// The name of the form in its CSRF token.
const FORM: &str = "support-answer";

/// A request as the page shows it.
#[derive(Serialize)]
struct Shown {
    id: String,
    /// What was read out.
    handle: String,
    words: String,
    asked: i64,
    /// `waiting`, `agreed`, `refused`, `withdrawn` or `over`: the end of a text's name.
    state: &'static str,
    /// Until when it can be answered, or holds; or when it was answered.
    until: i64,
    csrf: String,
}

/// `GET /account/support`
pub(crate) async fn show(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let (browser, cookie) = portal.browser(&headers)?;
    let person = portal.signed_in.person(&headers).await?;
    let requests = match person {
        Some(person) => {
            let asked = portal.support.asked_of(person, LISTED).await;
            let asked =
                asked.map_err(|fault| portal.fault("read what the support asks", &fault))?;
            let shown = asked.iter().map(|request| {
                let id = request.id.to_string();
                let csrf = portal.own_token(&browser, person, (FORM, &id));
                portal.support_shown(request, csrf)
            });
            shown
                .collect::<Result<Vec<_>, Fault>>()
                .map_err(|fault| portal.fault("open what the support asks", &fault))?
        }
        None => Vec::new(),
    };
    let data = context! {
        signed_in => person.is_some(),
        requests => Serde(&requests),
    };
    let page = portal.in_room(page, Room::History);
    let answer = portal.pages.html(&page, "portal/support.html", data);
    Ok(with_cookie(answer, cookie))
}

/// What the form posts.
#[derive(Deserialize)]
pub(crate) struct Answered {
    #[serde(default)]
    decision: String,
    #[serde(flatten)]
    posted: Posted,
}

/// `POST /account/support/{id}`: looked for among those of the person signed in, so that its name alone is good for
/// nothing. The entry is there before the answer counts.
pub(crate) async fn answer(
    State(portal): State<Portal>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(answered): Form<Answered>,
) -> Result<Response, PageError> {
    let there = || Redirect::to(&portal.path("/account/support")).into_response();
    let form = portal.own_form(&headers, (FORM, &id), &answered.posted);
    let Some((person, _)) = form.await? else {
        return Ok(there());
    };
    let word = match answered.decision.as_str() {
        "accept" => SupportWord::Agreed,
        "refuse" => SupportWord::Refused,
        "withdraw" => SupportWord::Withdrawn,
        // One of the buttons; anything else is no word at all.
        _ => {
            let status = StatusCode::BAD_REQUEST;
            return Err(PageError::new(status, "account-no-decision"));
        }
    };
    let fault = |fault| portal.fault("answer the support", &fault);
    let own = portal.own_support(person, &id).await.map_err(fault)?;
    let own = own.ok_or_else(not_found)?;
    let counts = portal.answer_support(person, &own, word).await;
    if !counts.map_err(fault)? {
        let back = portal.path("/account/support");
        let gone = PageError::new(StatusCode::GONE, "support-gone");
        return Err(gone.with_way_back(back, None));
    }
    Ok(there())
}

impl Portal {
    /// What the support asks of the citizen now, among what else waits.
    pub(crate) async fn support_asks(
        &self,
        person: PersonId,
        locale: Locale,
    ) -> Result<Vec<Line>, Fault> {
        let now = self.clock.now();
        let asked = self.support.asked_of(person, LISTED).await?;
        let waiting = asked.iter().filter(|request| request.waits(now));
        Ok(waiting
            .map(|request| {
                let title = self.pages.text(locale, "support-asks", &[]);
                let uri = self.path("/account/support");
                self.waiting_line(("support-title", title), uri, request.asked, locale)
            })
            .collect())
    }

    /// What the support asked of them, in its words, and what they answered.
    pub(crate) async fn support_of(&self, person: PersonId) -> Result<Value, Fault> {
        let asked = self.support.asked_of(person, MOST_ARCHIVED).await?;
        let told = asked.iter().map(|request| {
            let shown = self.support_shown(request, String::new())?;
            let answer = request.answer.as_ref();
            Ok(json!({
                "code": shown.handle,
                "words": shown.words,
                "asked": request.asked.to_string(),
                "expires": request.expires.to_string(),
                "answer": answer.map(|answer| answer.word.as_str()),
                "answered": answer.map(|answer| answer.at.to_string()),
            }))
        });
        let told: Vec<Value> = told.collect::<Result<_, Fault>>()?;
        Ok(json!({ "support_requests": told }))
    }

    fn support_shown(&self, request: &SupportRequest, csrf: String) -> Result<Shown, Fault> {
        let now = self.clock.now();
        let words = self
            .support_sealer
            .open_json(request.id.as_bytes(), &request.sealed);
        let words = words.map_err(|error| Fault::new("open what the support asks", error))?;
        let (state, until) = match &request.answer {
            None if request.waits(now) => ("waiting", request.expires),
            None => ("over", request.expires),
            Some(answer) => match answer.word {
                SupportWord::Agreed if now < answer.until => ("agreed", answer.until),
                SupportWord::Agreed => ("over", answer.until),
                SupportWord::Refused => ("refused", answer.at),
                SupportWord::Withdrawn => ("withdrawn", answer.at),
            },
        };
        Ok(Shown {
            id: request.id.to_string(),
            handle: request.handle.clone(),
            words,
            asked: request.asked.millis(),
            state,
            until: until.millis(),
            csrf,
        })
    }

    async fn own_support(
        &self,
        person: PersonId,
        id: &str,
    ) -> Result<Option<SupportRequest>, Fault> {
        let Ok(id) = id.parse::<SupportRequestId>() else {
            return Ok(None);
        };
        let own = self.support.asked_of(person, LISTED).await?;
        Ok(own.into_iter().find(|request| request.id == id))
    }

    /// Whether it counts: once, in time.
    async fn answer_support(
        &self,
        person: PersonId,
        request: &SupportRequest,
        word: SupportWord,
    ) -> Result<bool, Fault> {
        let now = self.clock.now();
        let may = match word {
            SupportWord::Agreed | SupportWord::Refused => request.waits(now),
            SupportWord::Withdrawn => request.is_open(now),
        };
        if !may {
            return Ok(false);
        }
        let event = AuditEvent::new(EventKind::SupportAnswered, now)
            .person(person)
            .detail("request", request.id)
            .detail("outcome", word.as_str());
        self.ledger.append(event).await?;
        let until = match word {
            SupportWord::Agreed => now.after(AGREED_FOR),
            SupportWord::Refused | SupportWord::Withdrawn => now,
        };
        let answer = SupportAnswer {
            word,
            at: now,
            until,
        };
        self.support.answer(request.id, &answer).await
    }
}
