//! Step 1 of a login: a request that the engine accepted becomes a login.
//!
//! A live session of sufficient level leads straight to consent, and where the person was already
//! informed of the very same in this session and nothing may be shown, to the answer: single sign-on
//! is a second entry to the spine, not a second path. Otherwise the person chooses a provider.

use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{
    AuditEvent, BrowsingId, Client, EventKind, GrantId, LoginId, OAuthError, ProviderId,
    SubjectIdentifier, Timestamp,
};
use guichet_oidc::{AcceptedRequest, Browser};
use guichet_web::{Locale, PageContext, PageError};
use http::StatusCode;
use http::header::SET_COOKIE;

use super::consent::ConsentGiven;
use super::notice::Setback;
use super::{
    AwaitingConsent, AwaitingProvider, Consented, Login, Refusal, SteppingUp, Trip, Vouched,
};
use crate::hub::Hub;
use crate::level::RequiredLevel;
use crate::session::{Insufficient, LiveSession, SufficientSession, Wanted};

/// A session that answers the request, and the person's name for this client.
pub(crate) struct Known {
    pub(crate) sufficient: SufficientSession,
    pub(crate) subject: SubjectIdentifier,
    pub(crate) grant: GrantId,
}

impl Trip {
    /// The first step, from what the request and the browser's session are.
    pub(crate) fn enter(
        self,
        client: &Client,
        known: Option<Known>,
        now: Timestamp,
    ) -> Result<(Login, AuditEvent), Refusal> {
        let prompt = self.request.prompt();
        match known {
            Some(known) if prompt.none => self.answer_silently(client, known, now),
            Some(known) => {
                let event = self.began(EventKind::SsoStarted, now);
                let session = known.sufficient.session();
                let event = event.provider(&session.provider).person(session.person);
                let event = known.sufficient.lent().describe(event);
                Ok((
                    Login::AwaitingConsent(AwaitingConsent::of_session(self, known)),
                    event,
                ))
            }
            None if prompt.none => Err(self.needs(
                OAuthError::LoginRequired,
                "nobody is signed in, or not as this request needs it",
                now,
            )),
            None => {
                let required = RequiredLevel::of(&self, client).acr();
                let event = self.began(EventKind::LoginStarted, now).acr(required);
                let event = match self.floor {
                    Some(floor) => event.detail("floor", floor),
                    None => event,
                };
                let awaiting = match self.stepping_up.clone() {
                    Some(with) => {
                        let what = match self.vouched {
                            Some(_) => Setback::SecondIsNeeded,
                            None => Setback::MoreIsNeeded,
                        };
                        AwaitingProvider::after(self, with.provider, what)
                    }
                    None => AwaitingProvider::new(self),
                };
                Ok((Login::AwaitingProvider(awaiting), event))
            }
        }
    }

    /// `prompt=none`: only what a public body's citizens were already informed of in this session.
    fn answer_silently(
        self,
        client: &Client,
        known: Known,
        now: Timestamp,
    ) -> Result<(Login, AuditEvent), Refusal> {
        let session = known.sufficient.session();
        let was_informed = session.participant(&client.id).is_some_and(|participant| {
            participant.was_granted(self.request.scopes(), &self.request.claims())
        });
        if client.needs_consent() {
            let error = OAuthError::ConsentRequired;
            return Err(self.needs(error, "the person must be asked first", now));
        }
        // Facts are decided on one by one, each time.
        if !was_informed || self.request.prompt().consent || !self.request.details().is_empty() {
            let error = OAuthError::InteractionRequired;
            return Err(self.needs(error, "the person must be informed first", now));
        }
        let event = self
            .began(EventKind::SsoStarted, now)
            .detail("prompt", "none");
        let event = event.provider(&session.provider).person(session.person);
        let event = known.sufficient.lent().describe(event);
        let awaiting = AwaitingConsent::of_session(self, known);
        Ok((
            Login::Consented(Consented::new(awaiting, ConsentGiven::informed_before(now))),
            event,
        ))
    }

    /// The first event of a login: with what the service asks, and how carefully.
    fn began(&self, kind: EventKind, now: Timestamp) -> AuditEvent {
        let event = self.event(kind, now);
        event
            .detail("scope", self.request.scopes())
            .detail("with", self.request.precautions().join(" "))
    }

    fn needs(self, error: OAuthError, description: &'static str, now: Timestamp) -> Refusal {
        Refusal::to_client(self.event(EventKind::LoginRefused, now), error, description)
    }
}

/// The house's answer to a request that the engine accepted.
pub(crate) async fn sign_in(hub: &Hub, request: AcceptedRequest, browser: &Browser) -> Response {
    let page = PageContext::of_request(&browser.method, &browser.uri, &browser.headers);
    match open(hub, request, browser, &page).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn open(
    hub: &Hub,
    request: AcceptedRequest,
    browser: &Browser,
    page: &PageContext,
) -> Result<Response, PageError> {
    let parts = hub.parts();
    let Some(client) = parts.engine.client_of(&request) else {
        return Err(PageError::new(
            StatusCode::FORBIDDEN,
            "login-service-closed",
        ));
    };
    if let Some(off) = parts.engine.switched_off(&client.id) {
        return hub.turn_back(&off, &request, page).await;
    }
    let (id, cookie) = parts
        .cookies
        .browser_or_new(&browser.headers, &*parts.entropy)
        .map_err(|error| hub.fault("make a cookie", &error))?;
    let live = hub.live_session(&browser.headers).await?;
    let floor = hub.floor(&browser.headers).max(hub.least_level(&request));
    let mut trip = Trip {
        thawing: hub.begins_thaw(&request),
        reopening: hub.reopening(&request, &browser.headers),
        id: LoginId::random(&*parts.entropy),
        browser: id,
        request,
        departures: 0,
        browsing: live.as_ref().map_or_else(
            || BrowsingId::random(&*parts.entropy),
            |live| live.session.browsing.clone(),
        ),
        visitor: live.as_ref().map(|live| live.session.person),
        floor,
        stepping_up: None,
        vouched: None,
        anew: false,
        shared_device: hub.is_shared_device(&browser.headers),
        place: hub.whereabouts(&browser.headers),
    };
    // Whoever opens what is barred signs in there and then, whatever the request left out (threat N-330).
    trip.anew =
        trip.thawing || RequiredLevel::of(&trip, &client).of_each() > parts.settings.sso.highest;
    let known = match live {
        // Two providers give their word anew.
        Some(_) if trip.thawing => None,
        Some(live) => known(hub, &mut trip, &client, live).await?,
        None => None,
    };
    let language = trip.request.ui_locales().and_then(Locale::from_ui_locales);
    let request = trip.request.clone();
    let refused_hint = match known {
        Some(_) => None,
        None => hub.refused_hint(&trip, &client),
    };
    let entered = match refused_hint {
        Some(refusal) => Err(refusal),
        None => trip.enter(&client, known, hub.now()),
    };
    let mut response = match entered {
        Ok((login, event)) => {
            let login = hub.with_alias(login).await?;
            hub.open_login(&login).await?;
            hub.note(event);
            Redirect::to(&hub.step_path(&login)).into_response()
        }
        Err(refusal) => hub.refuse_at_entry(&request, refusal, page).await?,
    };
    let headers = response.headers_mut();
    headers.extend(cookie.map(|cookie| (SET_COOKIE, cookie)));
    // The pages that follow keep the language the service asked for.
    let remember = language.map(|locale| locale.remember(parts.pages.is_https()));
    if let Some(remember) = remember {
        headers.append(SET_COOKIE, remember);
    }
    Ok(response)
}

/// The browser's session and the person's name for this client, if both answer the request. Where all
/// that is missing is a higher level, the login is about that very person.
async fn known(
    hub: &Hub,
    trip: &mut Trip,
    client: &Client,
    live: LiveSession,
) -> Result<Option<Known>, PageError> {
    let parts = hub.parts();
    let session = &live.session;
    if hub.is_corrected_since(session).await? {
        // Who signed in may be somebody else by now: they say so again.
        return Ok(None);
    }
    let signed_in = SteppingUp {
        person: session.person,
        provider: session.provider.clone(),
    };
    let lender = parts.clients.client(session.begun_for.as_str());
    let main = session.provider.clone();
    let provider = parts.providers.provider(main.as_str());
    let level = RequiredLevel::of(trip, client).of_each();
    let counts = |other: &ProviderId| hub.may_corroborate(client, level, (&main, other));
    let wanted = Wanted {
        trip,
        client,
        lender: lender.as_deref(),
        provider: provider.as_ref(),
        since: hub.words_count_since(),
        counts: &counts,
        policy: parts.settings.sso,
    };
    let checked = SufficientSession::check(live, &wanted, hub.now());
    let subject = hub.subject_of(client, signed_in.person).await?;
    // The person whom an `id_token_hint` names, or nobody (OIDC Core §3.1.2.1).
    let hinted = trip.request.hinted_subject();
    let is_expected = hinted.is_none_or(|hinted| *hinted == subject);
    match checked {
        Ok(sufficient) => Ok(is_expected.then(|| Known {
            sufficient,
            subject,
            grant: GrantId::random(&*parts.entropy),
        })),
        Err(Insufficient::Level { first }) => {
            let first = provider.zip(first).filter(|_| is_expected);
            trip.vouched =
                first.map(|(first, level)| Vouched::before(&first, signed_in.person, level));
            trip.stepping_up = is_expected.then_some(signed_in);
            Ok(None)
        }
        Err(Insufficient::Unusable) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::login::refusal::Told;
    use crate::login::tests::{client, provider, trip};
    use crate::session::LiveSession;
    use crate::session::tests::session;

    const NOW: Timestamp = Timestamp::from_seconds(1100);

    fn none() -> serde_json::Value {
        json!({"prompt": {"none": true, "login": false, "consent": false, "select_account": false}})
    }

    fn known(joined: Option<&str>) -> Option<Known> {
        let mut session = session();
        let subject: SubjectIdentifier = "s".parse().unwrap();
        if let Some(scopes) = joined {
            let scopes: guichet_domain::Scopes = scopes.parse().unwrap();
            let claims = scopes.claims();
            session.join(&client().id, &subject, &scopes, &claims, "sid".into());
        }
        let live = LiveSession {
            id: guichet_domain::SessionId::from_bytes([9; 16]),
            version: 1,
            session,
        };
        let record = Arc::new(provider("citoyen"));
        let wanted = Wanted {
            trip: &trip(json!({})),
            client: &client(),
            lender: Some(&client()),
            provider: Some(&record),
            since: Timestamp::from_seconds(0),
            counts: &|_| true,
            policy: crate::level::SingleSignOn::default(),
        };
        let sufficient = SufficientSession::check(live, &wanted, NOW).ok()?;
        Some(Known {
            sufficient,
            subject,
            grant: GrantId::from_bytes([5; 16]),
        })
    }

    fn refused(client: &Client, change: serde_json::Value, known: Option<Known>) -> Option<Told> {
        trip(change)
            .enter(client, known, NOW)
            .err()
            .map(|refusal| refusal.told)
    }

    #[test]
    fn without_a_session_the_person_chooses_a_provider() {
        let (login, event) = trip(json!({})).enter(&client(), None, NOW).ok().unwrap();
        assert_eq!(login.step(), "awaiting_provider");
        assert_eq!(event.kind, EventKind::LoginStarted);
    }

    #[test]
    fn a_sufficient_session_leads_to_consent_and_releases_only_what_was_asked() {
        let entered = trip(json!({"scopes": "openid email"})).enter(&client(), known(None), NOW);
        let (login, event) = entered.ok().unwrap();
        assert_eq!(event.kind, EventKind::SsoStarted);
        let Login::AwaitingConsent(awaiting) = login else {
            panic!("{}", login.step())
        };
        assert_eq!(serde_json::to_string(&awaiting.claims).unwrap(), "{}");
    }

    #[test]
    fn where_nothing_may_be_shown_the_client_learns_what_is_needed() {
        let needs = |change, known| match refused(&client(), change, known) {
            Some(Told::Client(error, _)) => Some(error),
            _ => None,
        };
        assert_eq!(needs(none(), None), Some(OAuthError::LoginRequired));
        assert_eq!(
            needs(none(), known(None)),
            Some(OAuthError::InteractionRequired)
        );
        let other_scopes = known(Some("openid email"));
        assert_eq!(
            needs(none(), other_scopes),
            Some(OAuthError::InteractionRequired)
        );
        assert_eq!(needs(none(), known(Some("openid profile"))), None);
        let mut bank = client();
        bank.kind = guichet_domain::ClientKind::Private;
        let told = refused(&bank, none(), known(Some("openid profile")));
        let consent_required = matches!(told, Some(Told::Client(OAuthError::ConsentRequired, _)));
        assert!(consent_required);
    }

    #[test]
    fn a_silent_answer_skips_no_step_but_the_page() {
        let entered = trip(none()).enter(&client(), known(Some("openid profile")), NOW);
        assert_eq!(entered.ok().unwrap().0.step(), "consented");
    }
}
