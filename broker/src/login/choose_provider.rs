//! Step 2 of a login: the person chooses an identity provider.
//!
//! The page lists every provider, those that cannot be used with the reason in words. Whether one may
//! be used is decided here, on the server, when it is chosen, and once more when it answers. Leads to
//! the provider; whatever goes wrong there leads back here, with a banner.
//!
//! | file | does |
//! |---|---|
//! | `eligible` | which providers may be used, and why not |
//! | `page` | the page |
//! | `domain` | finds a provider by an e-mail address |
//! | `device` | what this device is told to keep of a choice |
//! | `warning` | what some providers have people read first |

mod device;
mod domain;
mod eligible;
mod page;
pub(crate) mod warning;

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{AuditEvent, Client, EventKind, ProviderId, Timestamp};
use guichet_web::{Form, Locale, PageContext, PageError, Purpose, Query};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use url::Url;

use device::Device;
pub(crate) use eligible::{EligibleProvider, Ineligible};

use super::barred::Barred;
use super::notice::{Notice, Setback};
use super::upstream_callback::Secrets;
use super::{AwaitingUpstream, Login, Refusal, Trip, stray};
use crate::hub::Hub;
use crate::level::RequiredLevel;
use crate::upstream::{Departure, ProviderFailure};

/// Waiting for the person's choice.
#[derive(Serialize, Deserialize)]
pub(crate) struct AwaitingProvider {
    pub(crate) trip: Trip,
    /// What became of the last try, if there was one.
    pub(crate) notice: Option<Notice>,
}

impl AwaitingProvider {
    /// The first time the page is shown in a login.
    pub(crate) fn new(trip: Trip) -> Self {
        Self { trip, notice: None }
    }

    /// Back from a try that failed.
    pub(crate) fn after(trip: Trip, provider: ProviderId, what: Setback) -> Self {
        Self {
            trip,
            notice: Some(Notice { provider, what }),
        }
    }

    /// Why nothing can be done as the person who signed in last, where that is so.
    pub(crate) fn barred(&self) -> Option<Barred> {
        match self.notice.as_ref()?.what {
            Setback::Barred(barred) => Some(barred),
            _ => None,
        }
    }

    /// The provider that the person closed to themselves and came by last, and since when.
    pub(crate) fn closed_way(&self) -> Option<(&ProviderId, Timestamp)> {
        let notice = self.notice.as_ref()?;
        match notice.what {
            Setback::WayClosed { since } => Some((&notice.provider, since)),
            _ => None,
        }
    }

    /// The person wants another account than the one they have with `provider`.
    pub(crate) fn over(mut trip: Trip, provider: ProviderId, now: Timestamp) -> (Self, AuditEvent) {
        trip.start_over();
        let event = trip.event(EventKind::LoginStarted, now);
        let event = event.detail("again", "another_account");
        (Self::after(trip, provider, Setback::AnotherAccount), event)
    }

    /// With which provider whoever is expected here is signed in, where somebody is.
    fn expected_of(&self) -> Option<&ProviderId> {
        let stepping_up = self.trip.stepping_up.as_ref().map(|it| &it.provider);
        stepping_up.or(self.trip.vouched.as_ref().map(|it| &it.provider))
    }

    /// Whether the person must sign in anew at the provider, rather than be known by its session.
    fn wants_fresh_sign_in(&self) -> bool {
        let prompt = self.trip.request.prompt();
        let setback = self
            .notice
            .as_ref()
            .is_some_and(|notice| notice.what.wants_fresh_sign_in());
        prompt.login
            || prompt.select_account
            || self.trip.request.max_age().is_some()
            || self.trip.shared_device
            || self.trip.anew
            || setback
    }

    /// Whether the service's hint leads straight to a provider: not for somebody who is back from one.
    fn may_follow_hint(&self) -> bool {
        self.notice.as_ref().is_none_or(|notice| {
            matches!(notice.what, Setback::MoreIsNeeded | Setback::SecondIsNeeded)
        })
    }

    /// The person chose; what must come back is remembered.
    pub(crate) fn choose(
        self,
        provider: &EligibleProvider,
        secrets: &Secrets,
        now: Timestamp,
    ) -> (AwaitingUpstream, AuditEvent) {
        let id = &provider.record().id;
        let event = self.trip.event(EventKind::ProviderChosen, now).provider(id);
        let fresh = self.wants_fresh_sign_in();
        (
            AwaitingUpstream::new(self.trip, id.clone(), secrets, fresh, now),
            event.detail("fresh", fresh),
        )
    }

    /// The provider cannot be reached to begin with.
    pub(crate) fn fail(
        self,
        provider: &ProviderId,
        failure: ProviderFailure,
        now: Timestamp,
    ) -> (Self, AuditEvent) {
        let event = self
            .trip
            .event(EventKind::ProviderFailed, now)
            .provider(provider);
        let event = event.detail("failure", failure.as_str());
        (
            Self::after(self.trip, provider.clone(), failure.setback()),
            event,
        )
    }

    /// What was chosen may not be used.
    fn refuse(&self, why: &'static str, now: Timestamp) -> Refusal {
        let event = self
            .trip
            .event(EventKind::ProviderFailed, now)
            .detail("failure", why);
        Refusal::to_person(event, StatusCode::FORBIDDEN, "provider-not-allowed")
    }
}

/// What the address of the page may say.
#[derive(Default, Deserialize)]
pub(crate) struct View {
    /// Part of the name of the account looked for.
    #[serde(default)]
    q: String,
    /// There when the person wants to see the list, whatever the service named.
    other: Option<String>,
    /// There when no account was found for an e-mail address.
    unknown: Option<String>,
}

/// `GET /login/{id}/provider`: the list; or straight on, where the service named a provider.
pub(crate) async fn show(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    Query(view): Query<View>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let login = hub.load_login(stray::login_id(&id)?, &headers).await?;
    let client = hub.client_of(login.trip())?;
    let from = login.step();
    let came_back = matches!(login, Login::AwaitingUpstream(_));
    let awaiting = waiting(&hub, login, &page)?;
    let required = RequiredLevel::of(&awaiting.trip, &client);
    if !came_back && awaiting.may_follow_hint() && view.other.is_none() {
        let hint = hub.hinted(&awaiting.trip, &client);
        let hinted = hint.and_then(|id| hub.parts().providers.provider(id));
        let eligible = hinted.and_then(|it| hub.usable(&it, &client, &required).ok());
        match eligible {
            Some(eligible) if eligible.record().display.warning.is_some() => {
                let warning = hub.warning_path(&id, &eligible.record().id);
                return Ok(Redirect::to(&warning).into_response());
            }
            Some(eligible) => {
                return leave(&hub, from, awaiting, eligible, &required, page.locale).await;
            }
            None => (),
        }
    }
    hub.note(awaiting.trip.event(EventKind::ProviderShown, hub.now()));
    Ok(page::render(&hub, awaiting, &client, &headers, &view, page))
}

/// What the choice page posts: a provider, or an e-mail address to find one by, or the wish to have the
/// last choice forgotten or to begin with another account.
#[derive(Deserialize)]
pub(crate) struct Choice {
    #[serde(default)]
    provider: String,
    email: Option<String>,
    forget: Option<String>,
    /// There when the person is not the one who is expected.
    another: Option<String>,
    /// There when this browser is to remember the choice.
    remember: Option<String>,
    /// There when the person read what they were to read first.
    warned: Option<String>,
    /// There when the device is not the person's own.
    shared_device: Option<String>,
    #[serde(default)]
    csrf: String,
}

/// The name of the form in its CSRF token.
const FORM: &str = "provider";

/// `POST /login/{id}/provider`
pub(crate) async fn choose(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Form(choice): Form<Choice>,
) -> Result<Response, PageError> {
    let login = hub.load_login(stray::login_id(&id)?, &headers).await?;
    hub.check_form(&headers, Purpose::new(FORM, &id), &choice.csrf)?;
    let client = hub.client_of(login.trip())?;
    let from = login.step();
    let mut awaiting = waiting(&hub, login, &page)?;
    let required = RequiredLevel::of(&awaiting.trip, &client);
    if choice.forget.is_some() {
        let list = hub.list_path(&id, "");
        return Ok(([(SET_COOKIE, hub.forget_provider()?)], Redirect::to(&list)).into_response());
    }
    if choice.another.is_some() {
        return start_over(&hub, from, awaiting).await;
    }
    let eligible = match &choice.email {
        Some(email) => {
            let Some(eligible) = hub.provider_for(email, &client, &required) else {
                let list = hub.list_path(&id, "&unknown=yes");
                return Ok(Redirect::to(&list).into_response());
            };
            eligible
        }
        None => match chosen(&hub, &choice, &client, &required) {
            Ok(eligible) => eligible,
            Err(why) => return refused(&hub, awaiting, why, &page).await,
        },
    };
    let device = choice.device(hub.is_shared_device(&headers));
    awaiting.trip.shared_device = device.is_shared;
    let kept = hub.keep_on(&device, &headers, &eligible.record().id)?;
    let is_to_be_warned = eligible.record().display.warning.is_some() && choice.warned.is_none();
    if is_to_be_warned {
        let warning = hub.warning_path(&id, &eligible.record().id);
        return Ok((kept, Redirect::to(&warning)).into_response());
    }
    let mut left = leave(&hub, from, awaiting, eligible, &required, page.locale).await?;
    left.headers_mut().extend(kept);
    Ok(left)
}

impl Choice {
    /// What the person says about the device. Only the form with the buttons asks; the others leave it
    /// as it `is_shared`.
    fn device(&self, is_shared: bool) -> Device {
        let was_asked = self.email.is_none() && self.warned.is_none();
        Device {
            is_shared: if was_asked {
                self.shared_device.is_some()
            } else {
                is_shared
            },
            remembers: self.remember.is_some(),
        }
    }
}

/// Nobody in particular is expected any more; where nobody was, this is the list again.
async fn start_over(
    hub: &Hub,
    from: &'static str,
    awaiting: AwaitingProvider,
) -> Result<Response, PageError> {
    if let Some(provider) = awaiting.expected_of().cloned() {
        let (back, event) = AwaitingProvider::over(awaiting.trip, provider, hub.now());
        let back = Login::AwaitingProvider(back);
        hub.advance(from, &back).await?;
        hub.note(event);
        return Ok(Redirect::to(&hub.step_path(&back)).into_response());
    }
    let login = Login::AwaitingProvider(awaiting);
    Ok(Redirect::to(&hub.step_path(&login)).into_response())
}

/// The provider whose button was pressed, or why it may not be used.
fn chosen(
    hub: &Hub,
    choice: &Choice,
    client: &Client,
    required: &RequiredLevel,
) -> Result<EligibleProvider, &'static str> {
    let chosen = hub.parts().providers.provider(&choice.provider);
    let chosen = chosen.ok_or("unknown")?;
    let usable = hub.usable(&chosen, client, required);
    usable.map_err(Ineligible::as_str)
}

/// Sends the person to the provider, or back to the list when it cannot even be reached.
async fn leave(
    hub: &Hub,
    from: &'static str,
    awaiting: AwaitingProvider,
    eligible: EligibleProvider,
    required: &RequiredLevel,
    locale: Locale,
) -> Result<Response, PageError> {
    let secrets = Secrets::random(awaiting.trip.id, &*hub.parts().entropy);
    let address = if hub.health().admit(&eligible.record().id, hub.now()) {
        address(hub, &awaiting, &eligible, &secrets, required, locale).await
    } else {
        Err(ProviderFailure::Unreachable)
    };
    let address = match address {
        Ok(address) => address,
        Err(failure) => {
            let (back, event) = awaiting.fail(&eligible.record().id, failure, hub.now());
            let back = Login::AwaitingProvider(back);
            hub.advance(from, &back).await?;
            hub.note(event);
            return Ok(Redirect::to(&hub.step_path(&back)).into_response());
        }
    };
    let (next, event) = awaiting.choose(&eligible, &secrets, hub.now());
    hub.advance(from, &Login::AwaitingUpstream(next)).await?;
    hub.note(event);
    Ok(Redirect::to(address.as_str()).into_response())
}

/// Where the person goes, with everything the provider must know before they come.
async fn address(
    hub: &Hub,
    awaiting: &AwaitingProvider,
    eligible: &EligibleProvider,
    secrets: &Secrets,
    required: &RequiredLevel,
    locale: Locale,
) -> Result<Url, ProviderFailure> {
    let upstream = hub.upstream(eligible.record()).await?;
    let request = &awaiting.trip.request;
    let fresh = awaiting.wants_fresh_sign_in();
    let departure = Departure {
        state: secrets.state.to_text(),
        nonce: secrets.nonce.clone(),
        verifier: secrets.verifier.clone(),
        required: required.of_each(),
        fresh,
        max_age: request
            .max_age()
            .map(|max_age| max_age.max(ANEW))
            .or(fresh.then_some(ANEW)),
        login_hint: request.login_hint(),
        locale,
    };
    let means = hub.means(eligible.record());
    let address = upstream.departure(departure, &means).await;
    // That nothing was wrong says little: most requests need no call, and none needs the endpoints that
    // come later. What came of fetching metadata is told where it is fetched.
    if let Err(failure) = &address {
        let id = &eligible.record().id;
        hub.health().failed(id, *failure, hub.now());
    }
    address
}

/// Divergence D19: what is asked beside `prompt=login`, so that the provider must say when the person
/// signed in (OIDC Core §2 `auth_time`). Not zero, which stock providers take for another spelling of
/// `prompt=login` and then say nothing.
const ANEW: Duration = Duration::from_secs(1);

/// A login that waits for a choice; one whose person came back from the provider does so again.
fn waiting(hub: &Hub, login: Login, page: &PageContext) -> Result<AwaitingProvider, PageError> {
    match login {
        Login::AwaitingProvider(awaiting) => Ok(awaiting),
        Login::AwaitingUpstream(gone) => Ok(AwaitingProvider::new(gone.trip)),
        other => Err(stray::out_of_order(hub, &other, page.locale)),
    }
}

impl Hub {
    /// The address of the list itself, whatever the service named; `further` as in a query.
    fn list_path(&self, login: &str, further: &str) -> String {
        self.path(&format!("/login/{login}/provider?other=yes{further}"))
    }
}

async fn refused(
    hub: &Hub,
    awaiting: AwaitingProvider,
    why: &'static str,
    page: &PageContext,
) -> Result<Response, PageError> {
    let refusal = awaiting.refuse(why, hub.now());
    let login = Login::AwaitingProvider(awaiting);
    let label = hub.parts().pages.text(page.locale, "choose-again", &[]);
    let way_on = hub.step_path(&login);
    let refused = hub.refuse(&login, refusal, page).await;
    refused.map_err(|error| error.with_way_back(way_on, Some(label)))
}

#[cfg(test)]
mod tests {
    use guichet_domain::Acr;
    use serde_json::json;

    use super::*;
    use crate::login::tests::trip;

    const NOW: Timestamp = Timestamp::from_seconds(1100);

    #[test]
    fn a_sign_in_is_asked_anew_where_the_service_or_the_last_try_calls_for_it() {
        let fresh = |change, what: Option<Setback>| {
            let mut awaiting = AwaitingProvider::new(trip(change));
            let provider: ProviderId = "citoyen".parse().unwrap();
            awaiting.notice = what.map(|what| Notice { provider, what });
            awaiting.wants_fresh_sign_in()
        };
        assert!(!fresh(json!({}), None));
        assert!(!fresh(json!({}), Some(Setback::Timeout)));
        assert!(fresh(
            json!({}),
            Some(Setback::LevelTooLow {
                obtained: Acr::Eidas1
            })
        ));
        assert!(fresh(json!({"max_age": {"secs": 60, "nanos": 0}}), None));
        let login = json!({"prompt": {"none": false, "login": true, "consent": false, "select_account": false}});
        assert!(fresh(login, None));
    }

    #[test]
    fn a_provider_that_cannot_be_reached_leads_back_with_its_name() {
        let id: ProviderId = "citoyen".parse().unwrap();
        let awaiting = AwaitingProvider::new(trip(json!({})));
        let (back, event) = awaiting.fail(&id, ProviderFailure::Timeout, NOW);
        assert_eq!(
            back.notice,
            Some(Notice {
                provider: id,
                what: Setback::Timeout
            })
        );
        assert_eq!(event.kind, EventKind::ProviderFailed);
        assert_eq!(event.details["failure"], "timeout");
    }
}
