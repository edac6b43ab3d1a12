//! Step 1 of a sign-in: a client asks, or the person wants to see their account here.
//!
//! A live session answers a client at once when its level and age allow (`prompt`, `max_age`, OIDC
//! Core §3.1.2.3); one of too low a level is asked for the second factor only. Everything else begins
//! at the password.

use std::time::Duration;

use axum::extract::State;
use axum::response::Response;
use guichet_domain::{Acr, AcrValue, AuditEvent, BrowserId, EventKind, OAuthError, Timestamp};
use guichet_oidc::{AcceptedRequest, Browser};
use guichet_web::{Locale, Query};
use http::{HeaderMap, HeaderValue};
use serde::Deserialize;

use super::password::{AwaitingPassword, PasswordAccepted};
use super::second_factor::AwaitingSecondFactor;
use super::{Destination, Errand, SignIn, Trip};
use crate::Idp;
use crate::audit::about;
use crate::authenticators::Factors;
use crate::refusal::{Halt, Refusal};
use crate::respond::{see_other, with_cookies};
use crate::session::{LiveSession, Session};

/// What a request demands of a session that is to answer it.
#[derive(Clone, Debug)]
struct Demand {
    required: Acr,
    max_age: Option<Duration>,
    /// The person must sign in again, or be able to choose another account.
    anew: bool,
    /// Nobody else may be signed in.
    subject: Option<String>,
}

/// How a request begins.
#[derive(Debug, PartialEq, Eq)]
enum Beginning {
    /// The session answers it.
    Sso,
    /// The session's password still counts; only the second factor is missing.
    StepUp(PasswordAccepted),
    /// From the beginning.
    Anew,
}

impl Demand {
    fn of(request: &AcceptedRequest) -> Self {
        let prompt = request.prompt();
        Self {
            required: request.acr().required.level,
            max_age: request.max_age(),
            anew: prompt.login || prompt.select_account,
            subject: request.hinted_subject().map(ToString::to_string),
        }
    }
}

/// The transition: how a request begins, in this session and of an account with these factors.
fn begin(demand: &Demand, session: &Session, factors: Factors, now: Timestamp) -> Beginning {
    let too_old = demand
        .max_age
        .is_some_and(|max| now.since(session.auth_time) > max || max.is_zero());
    let is_other = demand
        .subject
        .as_ref()
        .is_some_and(|wanted| *wanted != session.account.to_string());
    if demand.anew || too_old || is_other {
        return Beginning::Anew;
    }
    if session.acr >= demand.required {
        return Beginning::Sso;
    }
    match PasswordAccepted::in_session(session) {
        Some(password) if factors.any() => Beginning::StepUp(password),
        _ => Beginning::Anew,
    }
}

/// A client's request, from the engine.
pub(crate) async fn enter(
    idp: &Idp,
    request: AcceptedRequest,
    browser: &Browser,
) -> Result<Response, Halt> {
    let headers = &browser.headers;
    let client = idp.engine.client_of(&request).ok_or(Refusal::ClientGone)?;
    let most = AcrValue::alone(idp.settings.max_acr);
    if !most.satisfies(request.acr().required) {
        let event = AuditEvent::new(EventKind::LoginRefused, idp.now()).client(&client.id);
        idp.note(event.acr(request.acr().required).detail("reason", "level"));
        let error = OAuthError::UnmetAuthenticationRequirements;
        let description = "this provider does not reach the level asked for";
        return Ok(idp.refuse(&request, error, description, browser).await);
    }
    let beginning = match idp.session(headers).await? {
        Some(live) => {
            let factors = idp.factors(live.session.account).await?;
            let is_active = idp.account(live.session.account).await?.is_some();
            let demand = Demand::of(&request);
            let how = if is_active {
                begin(&demand, &live.session, factors, idp.now())
            } else {
                Beginning::Anew
            };
            (how, Some(live), factors)
        }
        None => (Beginning::Anew, None, Factors::default()),
    };
    if request.prompt().none && beginning.0 != Beginning::Sso {
        let description = "nobody is signed in at this level";
        let error = OAuthError::LoginRequired;
        return Ok(idp.refuse(&request, error, description, browser).await);
    }
    match beginning {
        (Beginning::Sso, Some(live), _) => answer_at_once(idp, &request, live, browser).await,
        (Beginning::StepUp(password), _, factors) => {
            let trip = |browser| Trip {
                browser,
                errand: Errand::Client(Box::new(request)),
            };
            let open = |browser| {
                let waiting = AwaitingSecondFactor::new(trip(browser), password, factors);
                SignIn::AwaitingSecondFactor(waiting)
            };
            open_and_go(idp, headers, open).await
        }
        _ => {
            let trip = |browser| Trip {
                browser,
                errand: Errand::Client(Box::new(request)),
            };
            let open = |browser| SignIn::AwaitingPassword(AwaitingPassword::new(trip(browser)));
            open_and_go(idp, headers, open).await
        }
    }
}

/// `GET /sign-in?to=..`: the person wants to see their account.
pub(crate) async fn direct(
    State(idp): State<Idp>,
    headers: HeaderMap,
    Query(query): Query<Direct>,
) -> Result<Response, Halt> {
    let destination = query.to.parse().unwrap_or(Destination::Home);
    let open = |browser| {
        let trip = Trip {
            browser,
            errand: Errand::Account(destination),
        };
        SignIn::AwaitingPassword(AwaitingPassword::new(trip))
    };
    open_and_go(&idp, &headers, open).await
}

#[derive(Deserialize)]
pub(crate) struct Direct {
    #[serde(default)]
    to: String,
}

/// Single sign-on: the session answers, no page is shown.
async fn answer_at_once(
    idp: &Idp,
    request: &AcceptedRequest,
    live: LiveSession,
    browser: &Browser,
) -> Result<Response, Halt> {
    let event = AuditEvent::new(EventKind::SsoStarted, idp.now()).session(live.session.root);
    idp.note(about(
        event.client(request.client()).acr(live.session.acr),
        live.session.account,
    ));
    let session = live.session.clone();
    let account = idp
        .account(session.account)
        .await?
        .ok_or(Refusal::SessionLost)?;
    idp.join_session(live, request.client()).await?;
    idp.grant(request, &account, &session, browser).await
}

/// Opens a sign-in for this browser and leads it to the first page, in the language asked for.
async fn open_and_go(
    idp: &Idp,
    headers: &HeaderMap,
    open: impl FnOnce(BrowserId) -> SignIn,
) -> Result<Response, Halt> {
    let (browser, cookie) = idp.cookies.browser_or_new(headers, &*idp.entropy)?;
    let sign_in = open(browser);
    let id = idp.open_sign_in(&sign_in).await?;
    let mut event = AuditEvent::new(EventKind::LoginStarted, idp.now()).login(id);
    if let Some(request) = sign_in.trip().errand.request() {
        event = event.client(request.client()).acr(request.acr().required);
    }
    idp.note(event);
    let cookies = cookie.into_iter().chain(language(idp, &sign_in));
    Ok(with_cookies(
        see_other(&idp.path(&sign_in.path(id))),
        cookies,
    ))
}

/// Remembered for the pages that follow, where the language switch may still change it.
fn language(idp: &Idp, sign_in: &SignIn) -> Option<HeaderValue> {
    let asked = sign_in.trip().errand.request()?.ui_locales()?;
    Some(Locale::from_ui_locales(asked)?.remember(idp.pages.is_https()))
}

#[cfg(test)]
mod tests {
    use guichet_domain::{AccountId, Amr};

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(10_000);
    const BOTH: Factors = Factors {
        totp: true,
        passkeys: true,
    };

    fn session(acr: Acr, amr: &[Amr]) -> Session {
        Session {
            root: guichet_domain::SessionId::from_bytes([5; 16]),
            account: AccountId::from_bytes([7; 16]),
            acr,
            amr: amr.to_vec(),
            auth_time: Timestamp::from_seconds(9_900),
            expires: Timestamp::from_seconds(20_000),
            clients: vec![],
        }
    }

    fn demand(required: Acr) -> Demand {
        Demand {
            required,
            max_age: None,
            anew: false,
            subject: None,
        }
    }

    #[test]
    fn a_session_of_the_level_answers_at_once() {
        let session = session(Acr::Eidas2, &[Amr::Pwd, Amr::Otp, Amr::Mfa]);
        for required in [Acr::Eidas1, Acr::Eidas2] {
            assert_eq!(
                begin(&demand(required), &session, BOTH, NOW),
                Beginning::Sso
            );
        }
    }

    #[test]
    fn a_password_session_is_asked_for_the_second_factor_only() {
        let session = session(Acr::Eidas1, &[Amr::Pwd]);
        let beginning = begin(&demand(Acr::Eidas2), &session, BOTH, NOW);
        assert!(matches!(beginning, Beginning::StepUp(_)));
        // Without one to ask for, it begins anew.
        let none = Factors::default();
        assert_eq!(
            begin(&demand(Acr::Eidas2), &session, none, NOW),
            Beginning::Anew
        );
    }

    #[test]
    fn prompt_max_age_and_a_hint_at_someone_else_begin_anew() {
        let session = session(Acr::Eidas1, &[Amr::Pwd]);
        let same = session.account.to_string();
        let cases = [
            (
                Demand {
                    anew: true,
                    ..demand(Acr::Eidas1)
                },
                false,
            ),
            (
                Demand {
                    max_age: Some(Duration::from_secs(99)),
                    ..demand(Acr::Eidas1)
                },
                false,
            ),
            (
                Demand {
                    max_age: Some(Duration::from_secs(100)),
                    ..demand(Acr::Eidas1)
                },
                true,
            ),
            (
                Demand {
                    max_age: Some(Duration::ZERO),
                    ..demand(Acr::Eidas1)
                },
                false,
            ),
            (
                Demand {
                    subject: Some("someone-else".into()),
                    ..demand(Acr::Eidas1)
                },
                false,
            ),
            (
                Demand {
                    subject: Some(same),
                    ..demand(Acr::Eidas1)
                },
                true,
            ),
        ];
        for (demand, sso) in cases {
            let beginning = begin(&demand, &session, BOTH, NOW);
            assert_eq!(beginning == Beginning::Sso, sso, "{demand:?}");
        }
    }
}
