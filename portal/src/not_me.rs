//! "It was not me": whoever is signed in freezes their own identity with one confirmed click; whoever has no
//! account, or cannot enter it, says what happened. Both keep a case number and read what comes next.
//!
//! A code of a visit alone freezes nobody: it is read out on the telephone, and stands in notices.

use async_trait::async_trait;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{BrowserId, CaseId, ClientId, GrantId, PersonId, Timestamp};
use guichet_keys::same;
use guichet_store::Fault;
use guichet_web::{ClientAddress, Form, PageContext, PageError, Purpose, Query, Serde, context};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};

use crate::Portal;
use crate::account::{Posted, not_found, tidy, with_cookie};
use crate::nav::Room;

/// Where an identity is frozen, and reports are kept. The hub does it; the binary wires it.
#[async_trait]
pub trait Cases: Send + Sync {
    /// Freezes whoever is signed in at the browser that sent `headers`; `visit` is the code of what was not
    /// theirs, if they have it. `None` where nobody is signed in.
    async fn freeze(&self, headers: &HeaderMap, visit: &str) -> Result<Option<Frozen>, PageError>;

    /// Closes the account of whoever is signed in at that browser. `None` where nobody is signed in, or was not
    /// freshly when they `asked`.
    async fn close(
        &self,
        headers: &HeaderMap,
        asked: Timestamp,
    ) -> Result<Option<Frozen>, PageError>;

    /// What a browser remembers of the link that was mailed to whoever closed their account; `None` where it
    /// leads nowhere, or nowhere any more.
    async fn follow_reopening(
        &self,
        case: &str,
        key: &str,
    ) -> Result<Option<HeaderValue>, PageError>;

    /// What was told by the notice whose link was followed; `None` where it leads nowhere, or nowhere any more.
    /// Changes nothing.
    async fn follow_notice(&self, key: &str) -> Result<Option<NoticeFollowed>, PageError>;

    /// Freezes whoever was told by that notice, signed in or not. `None` as above.
    async fn freeze_by_notice(&self, key: &str) -> Result<Option<Frozen>, PageError>;

    /// Tells a service that somebody it knows took back what they let it have; `grant` is one of what ended.
    async fn unlinked(
        &self,
        person: PersonId,
        client: &ClientId,
        grant: GrantId,
    ) -> Result<(), Fault>;

    /// The cases there were about whoever is signed in at that browser, the newest first.
    async fn of(&self, headers: &HeaderMap) -> Result<Vec<CaseKept>, PageError>;

    /// Keeps a report from the address `from`; `None` when too many came from there.
    async fn report(&self, from: &str, report: Report) -> Result<Option<CaseId>, PageError>;
}

/// A notice that somebody followed the link of.
#[derive(Debug)]
pub struct NoticeFollowed {
    /// The code of the visit that it told of.
    pub visit: String,
    /// When that was.
    pub at: Timestamp,
}

/// What was frozen, or closed.
#[derive(Debug)]
pub struct Frozen {
    /// The case.
    pub case: CaseId,
    /// The cookie that forgets the session.
    pub forget: HeaderValue,
}

/// A case that was about somebody, with what was kept of it.
#[derive(Debug)]
pub struct CaseKept {
    /// What they read out to an agent.
    pub case: CaseId,
    /// `freeze`, `closure` or `death`.
    pub kind: &'static str,
    /// When it was opened.
    pub opened: Timestamp,
    /// Whether they opened it themselves; else an operator did.
    pub is_own: bool,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// The visit that was not theirs, as far as they knew its code.
    pub visit: Option<String>,
    /// The sign-ins that were open.
    pub sign_ins: Vec<SignInKept>,
}

/// A sign-in, as a case keeps it.
#[derive(Debug)]
pub struct SignInKept {
    /// The code of the visit.
    pub visit: String,
    /// The name of the provider.
    pub provider: String,
    /// The level reached.
    pub level: String,
    /// When.
    pub at: Timestamp,
    /// The names of the services signed in to.
    pub services: Vec<String>,
    /// Whether it was at the browser that opened the case.
    pub is_here: bool,
}

/// What somebody without an account says.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Report {
    /// What happened.
    #[serde(default)]
    pub statement: String,
    /// Where they can be reached.
    #[serde(default)]
    pub contact: String,
    /// The identification code of a visit, if they have one.
    #[serde(default)]
    pub visit: String,
}

/// What the address may bring along.
#[derive(Default, Deserialize)]
pub(crate) struct Brought {
    #[serde(default)]
    code: String,
}

/// `GET /account/not-me`
pub(crate) async fn show(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
    Query(brought): Query<Brought>,
) -> Result<Response, PageError> {
    let (browser, cookie) = portal.browser(&headers)?;
    let person = portal.signed_in.person(&headers).await?;
    let brought = Report {
        visit: tidy(&brought.code, LONGEST_CODE),
        ..Report::default()
    };
    let cases = match person {
        Some(_) => portal.cases.of(&headers).await?,
        None => Vec::new(),
    };
    let cases: Vec<CaseShown> = cases.iter().map(CaseShown::of).collect();
    let whose = (browser, person, &cases[..]);
    let answer = form(&portal, page, whose, &brought, StatusCode::OK);
    Ok(with_cookie(answer, cookie))
}

/// A case as its person reads it.
#[derive(Serialize)]
struct CaseShown {
    case: String,
    /// The end of a text's name.
    kind: &'static str,
    opened: i64,
    ended: Option<i64>,
    sign_ins: Vec<SignInShown>,
}

/// A sign-in that was open then.
#[derive(Serialize)]
struct SignInShown {
    provider: String,
    at: i64,
    services: Vec<String>,
    visit: String,
}

impl CaseShown {
    fn of(kept: &CaseKept) -> Self {
        let seen = |seen: &SignInKept| SignInShown {
            provider: seen.provider.clone(),
            at: seen.at.millis(),
            services: seen.services.clone(),
            visit: seen.visit.clone(),
        };
        Self {
            case: kept.case.to_string(),
            kind: if kept.kind == "freeze" {
                "froze"
            } else {
                "other"
            },
            opened: kept.opened.millis(),
            ended: kept.ended.map(Timestamp::millis),
            sign_ins: kept.sign_ins.iter().map(seen).collect(),
        }
    }
}

/// What the confirmation posts.
#[derive(Deserialize)]
pub(crate) struct Confirmed {
    #[serde(default)]
    visit: String,
    #[serde(flatten)]
    posted: Posted,
}

/// `POST /account/not-me`: whoever is not signed in any more finds the page as it is.
pub(crate) async fn freeze(
    State(portal): State<Portal>,
    headers: HeaderMap,
    Form(confirmed): Form<Confirmed>,
) -> Result<Response, PageError> {
    let as_it_is = || Redirect::to(&portal.path("/account/not-me")).into_response();
    let form = portal.own_form(&headers, (FREEZE, ""), &confirmed.posted);
    let Some((_, browser)) = form.await? else {
        return Ok(as_it_is());
    };
    let Some(frozen) = portal.cases.freeze(&headers, &confirmed.visit).await? else {
        return Ok(as_it_is());
    };
    let mut answer = to_case(&portal, browser, FROZEN, frozen.case);
    answer.headers_mut().append(SET_COOKIE, frozen.forget);
    Ok(answer)
}

/// What the report posts.
#[derive(Deserialize)]
pub(crate) struct Reported {
    #[serde(flatten)]
    report: Report,
    #[serde(default)]
    csrf: String,
}

/// `POST /account/not-me/report`
pub(crate) async fn report(
    State(portal): State<Portal>,
    page: PageContext,
    address: ClientAddress,
    headers: HeaderMap,
    Form(reported): Form<Reported>,
) -> Result<Response, PageError> {
    let browser = portal.check_form(&headers, Purpose::new(REPORT, ""), &reported.csrf)?;
    let report = reported.report;
    if report.statement.trim().is_empty() || !may_be_code(&report.visit) {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        let page = portal.answering(page, "/account/not-me");
        return Ok(form(&portal, page, (browser, None, &[]), &report, status));
    }
    let from = address.throttle_key().to_string();
    match portal.cases.report(&from, report).await? {
        Some(case) => Ok(to_case(&portal, browser, REPORTED, case)),
        None => Err(PageError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "not-me-too-many",
        )),
    }
}

/// `GET /account/not-me/{what}/{case}`: the number to keep, and what comes next, for the browser that opened
/// the case.
pub(crate) async fn kept(
    State(portal): State<Portal>,
    Path((what, case)): Path<(String, String)>,
    page: PageContext,
    headers: HeaderMap,
    Query(seal): Query<Seal>,
) -> Result<Response, PageError> {
    let what = [FROZEN, REPORTED, CLOSED]
        .into_iter()
        .find(|it| *it == what);
    let browser = portal.cookies.browser(&headers);
    let (Some(what), Some(browser)) = (what, browser) else {
        return Err(not_found());
    };
    let expected = portal.csrf.token(&browser, Purpose::new(what, &case));
    if !same(expected.as_bytes(), seal.seal.as_bytes()) {
        return Err(not_found());
    }
    let data = context! { what, case };
    Ok(portal.pages.html(&page, "portal/not_me_kept.html", data))
}

/// What shows that a case was opened by this browser.
#[derive(Default, Deserialize)]
pub(crate) struct Seal {
    #[serde(default)]
    seal: String,
}

/// `GET /account/thaw`: what it takes to open again what one froze.
pub(crate) async fn thaw(State(portal): State<Portal>, page: PageContext) -> Response {
    portal.pages.html(&page, "portal/thaw.html", context! {})
}

/// `GET /account/thawed`: whoever comes back with a session has it open again, whatever the address says.
pub(crate) async fn thawed(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let done = portal.signed_in.person(&headers).await?.is_some();
    let data = context! { done };
    Ok(portal.pages.html(&page, "portal/thawed.html", data))
}

pub(crate) fn to_case(
    portal: &Portal,
    browser: BrowserId,
    what: &'static str,
    case: CaseId,
) -> Response {
    let case = case.to_string();
    let seal = portal.csrf.token(&browser, Purpose::new(what, &case));
    let path = format!("/account/not-me/{what}/{case}?seal={seal}");
    Redirect::to(&portal.path(&path)).into_response()
}

/// Whoever is signed in may freeze what is theirs; anybody else may report.
fn form(
    portal: &Portal,
    page: PageContext,
    (browser, person, cases): (BrowserId, Option<PersonId>, &[CaseShown]),
    report: &Report,
    status: StatusCode,
) -> Response {
    let text = |id| portal.pages.text(page.locale, id, &[]);
    let is_wrong = status != StatusCode::OK;
    let empty =
        (is_wrong && report.statement.trim().is_empty()).then(|| text("not-me-statement-missing"));
    let no_code = (is_wrong && !may_be_code(&report.visit)).then(|| text("not-me-visit-wrong"));
    let data = context! {
        signed_in => person.is_some(),
        cases => Serde(cases),
        visit => report.visit.as_str(),
        statement => report.statement.as_str(),
        contact => report.contact.as_str(),
        empty,
        no_code,
        csrf => match person {
            Some(person) => portal.own_token(&browser, person, (FREEZE, "")),
            None => portal.csrf.token(&browser, Purpose::new(REPORT, "")),
        },
    };
    let page = match person {
        Some(_) => portal.in_room(page, Room::NotMe),
        None => page,
    };
    portal
        .pages
        .html_with(status, &page, "portal/not_me.html", data)
}

/// Whether a report may come with this in place of a code: nothing, or what reads like one. Whether there was such a
/// visit is told to nobody: who reports is not known.
fn may_be_code(typed: &str) -> bool {
    let letters = typed.chars().filter(char::is_ascii_alphanumeric).count();
    typed.trim().is_empty() || letters == LETTERS
}

/// The letters and digits of a code.
const LETTERS: usize = 12;
/// Three groups of four.
pub(crate) const LONGEST_CODE: usize = 14;

/// The names of the forms in their CSRF tokens, and of the pages that keep a number.
const FREEZE: &str = "freeze";
const REPORT: &str = "report";
pub(crate) const FROZEN: &str = "frozen";
const REPORTED: &str = "reported";
pub(crate) const CLOSED: &str = "closed";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_comes_with_a_code_or_none_and_not_with_what_cannot_be_one() {
        for fine in [
            "",
            "  ",
            "ABCD-2345-WXYZ",
            " abcd 2345 wxyz",
            "abcd2345wxyz.",
        ] {
            assert!(may_be_code(fine), "{fine}");
        }
        for wrong in [
            "-",
            "ABCD",
            "ABCD-2345",
            "ABCD-2345-WXYZ-2",
            "il y a deux jours",
        ] {
            assert!(!may_be_code(wrong), "{wrong}");
        }
    }
}
