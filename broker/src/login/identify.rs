//! Step 4 of a login: who the provider says the person is becomes who they are.
//!
//! The level must suffice, the identity must be complete, the civil register must confirm it where the
//! provider's record asks for that; then the person is found, or made, must not have closed this way in
//! (N-210) and be one who may act (N-08), and the hub's session begins,
//! under an identifier of its own at every sign-in (threat N-51). Leads to `consent`.

mod refusal;
pub(crate) mod register;
#[cfg(test)]
mod tests;
mod verified;
mod words;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::{
    Amr, AuditEvent, BrowsingId, Client, Entropy, EventKind, GrantId, IdentityClaims, PersonId,
    PivotIdentity, Profile, Provider, ProviderId, SessionId, SubjectIdentifier, Timestamp,
    is_email_address,
};
use guichet_store::durable::ActivePerson;
use guichet_web::{Locale, PageContext, PageError};
use http::header::SET_COOKIE;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};

pub(crate) use refusal::IdentityRefusal;
pub(crate) use register::page_text;
pub(crate) use verified::{Judged, SufficientAcr, VerifiedIdentity};
use words::Words;

use super::notice::Setback;
use super::thaw::Heard;
use super::upstream_callback::{Returned, still_eligible};
use super::{AwaitingProvider, Login, Trip, stray};
use crate::claims_mapping::Trial;
use crate::hub::Hub;
use crate::level::RequiredLevel;
use crate::logout::Ending;
use crate::session::{Assertion, CIVIL_STATUS, LiveSession, Session, Source, UpstreamKey, stated};
use crate::ways::device_name;

/// Waiting for the identity to be checked.
#[derive(Serialize, Deserialize)]
pub(crate) struct AwaitingIdentity {
    pub(crate) trip: Trip,
    provider: ProviderId,
    claims: IdentityClaims,
    acr: Option<String>,
    amr: Vec<Amr>,
    auth_time: Timestamp,
    #[serde(default)]
    states_auth_time: bool,
    /// Kept only where the provider can be signed out of.
    id_token: Option<String>,
    /// What the provider's logout tokens will name, where it sends any.
    found_by: Vec<UpstreamKey>,
}

/// Who was found for a verified identity, and may act.
pub(crate) struct Found {
    pub(crate) person: ActivePerson,
    pub(crate) subject: SubjectIdentifier,
    pub(crate) grant: GrantId,
    /// The session that begins with it.
    pub(crate) session: SessionId,
}

impl AwaitingIdentity {
    /// The provider said who the person is.
    pub(crate) fn new(trip: Trip, provider: ProviderId, returned: Returned) -> Self {
        let Returned {
            id_token, asserted, ..
        } = returned;
        Self {
            trip,
            provider,
            claims: asserted.claims,
            acr: asserted.acr,
            amr: asserted.amr,
            auth_time: id_token.auth_time(),
            states_auth_time: id_token.states_auth_time(),
            found_by: returned.found_by,
            id_token: returned.can_sign_out.then(|| id_token.raw().to_owned()),
        }
    }

    /// The same of what somebody made up (`simulation`); nothing where no claim came of it.
    pub(crate) fn rehearsed(
        trip: Trip,
        provider: ProviderId,
        trial: Trial,
        now: Timestamp,
    ) -> Option<Self> {
        Some(Self {
            trip,
            provider,
            claims: trial.claims?,
            acr: trial.acr,
            amr: trial.amr,
            auth_time: now,
            states_auth_time: true,
            id_token: None,
            found_by: Vec::new(),
        })
    }

    /// What may be released of it, as the provider's word alone has it.
    pub(crate) fn stated(&self, judged: &Judged) -> IdentityClaims {
        let mut claims = self.claims.clone();
        claims.idp_birthdate = claims.birthdate.take();
        claims.idp_id = Some(self.provider.to_string());
        judged.pivot.write_claims(&mut claims);
        claims
    }

    /// What can be judged without asking anyone: level and completeness, with an e-mail address where one
    /// is needed.
    pub(crate) fn judge(
        &self,
        provider: &Provider,
        required: &RequiredLevel,
        needs_email: bool,
    ) -> Result<Judged, IdentityRefusal> {
        let obtained = provider
            .level_of(self.acr.as_deref())
            .map_err(IdentityRefusal::Level)?;
        let acr = SufficientAcr::check(obtained, required)
            .ok_or(IdentityRefusal::LevelTooLow(obtained))?;
        let pivot = PivotIdentity::from_claims(&self.claims)
            .map_err(|error| IdentityRefusal::Incomplete(error.claim))?;
        let email = self.claims.email.as_deref().filter(|text| !text.is_empty());
        let is_sound = email.map_or(!needs_email, is_email_address);
        is_sound
            .then_some(Judged { acr, pivot })
            .ok_or(IdentityRefusal::Incomplete("email"))
    }

    /// Who said what: the provider all that it stated, and the register civil status.
    fn assertions(&self, identity: &VerifiedIdentity, now: Timestamp) -> Vec<Assertion> {
        let provider = Assertion {
            by: Source::Provider {
                id: self.provider.clone(),
                acr: identity.acr.level(),
                amr: self.amr.clone(),
            },
            at: self.auth_time,
            heard: now,
            claims: stated(&self.claims),
        };
        let register = identity.register.is_given().then(|| Assertion {
            by: Source::Register,
            at: now,
            heard: now,
            claims: CIVIL_STATUS.to_vec(),
        });
        [Some(provider), register].into_iter().flatten().collect()
    }

    /// The person is known: a session, and what the service would receive of it; or the choice of a
    /// second provider, where it needs the word of two.
    fn verified(
        self,
        identity: &VerifiedIdentity,
        found: Found,
        words: &Words<'_>,
        now: Timestamp,
    ) -> (Login, Session, AuditEvent) {
        let asserted = self.assertions(identity, now);
        let mut claims = self.claims;
        claims.idp_birthdate = claims.birthdate.take();
        claims.idp_id = Some(self.provider.to_string());
        identity.pivot.write_claims(&mut claims);
        let event = self.trip.event(EventKind::IdentityVerified, now);
        let event = event.provider(&self.provider).person(found.person.id());
        let event = self.trip.located(event);
        let mut session = Session {
            person: found.person.id(),
            provider: self.provider,
            claims,
            asserted,
            acr: identity.acr.level(),
            amr: self.amr,
            auth_time: self.auth_time,
            states_auth_time: self.states_auth_time,
            id_token: self.id_token,
            also_at: Vec::new(),
            started: now,
            begun_for: self.trip.request.client().clone(),
            browsing: self.trip.browsing.clone(),
            device: None,
            used: None,
            shared_device: self.trip.shared_device,
            found_by: self.found_by,
            participants: Vec::new(),
            earlier: Vec::new(),
        };
        let (next, reached) = words.next(self.trip, &mut session, found);
        (next, session, reached.describe(event))
    }

    /// Whether this is the person whom the service named, and the one whose session was too weak.
    fn expects(&self, found: &Found) -> Result<(), IdentityRefusal> {
        let hinted = self.trip.request.hinted_subject();
        if hinted.is_some_and(|hinted| *hinted != found.subject) {
            return Err(IdentityRefusal::SomebodyElse);
        }
        let stepping_up = self.trip.stepping_up.as_ref();
        if stepping_up.is_some_and(|session| session.person != found.person.id()) {
            return Err(match self.trip.vouched {
                Some(_) => IdentityRefusal::Contradicted,
                None => IdentityRefusal::NotTheSession,
            });
        }
        Ok(())
    }

    /// One visit has one code, and two people never share one: not with whoever is signed in, nor with whoever was
    /// when this login began and is not any more.
    fn follow_on(
        &mut self,
        signed_in: Option<(PersonId, &BrowsingId)>,
        person: PersonId,
        entropy: &dyn Entropy,
    ) {
        let visitor = self.trip.visitor.replace(person);
        match signed_in {
            Some((own, code)) if own == person => self.trip.browsing = code.clone(),
            Some((_, code)) if self.trip.browsing == *code => {
                self.trip.browsing = BrowsingId::random(entropy);
            }
            _ if visitor.is_some_and(|visitor| visitor != person) => {
                self.trip.browsing = BrowsingId::random(entropy);
            }
            _ => {}
        }
    }

    /// The identity cannot be used: back to the choice.
    fn refused(mut self, why: IdentityRefusal, now: Timestamp) -> (AwaitingProvider, AuditEvent) {
        if matches!(
            why,
            IdentityRefusal::NotTheSession | IdentityRefusal::Contradicted
        ) {
            // They have been told; whoever signs in again means it.
            self.trip.stepping_up = None;
        }
        let event = self.trip.event(why.kind(), now).provider(&self.provider);
        let back = AwaitingProvider::after(self.trip, self.provider, why.setback());
        (back, why.describe(event))
    }
}

/// `GET /login/{id}/identity`
pub(crate) async fn identify(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let login = hub.load_login(stray::login_id(&id)?, &headers).await?;
    let mut waiting = match login {
        Login::AwaitingIdentity(waiting) => waiting,
        other => return Err(stray::out_of_order(&hub, &other, page.locale)),
    };
    let eligible = match still_eligible(&hub, &waiting.trip, &waiting.provider) {
        Ok(eligible) => eligible,
        Err(failure) => return no_longer(&hub, waiting, failure.setback()).await,
    };
    let client = hub.client_of(&waiting.trip)?;
    let required = RequiredLevel::of(&waiting.trip, &client).at_least(hub.floor(&headers));
    let needs_email = needs_email(&hub, &client);
    let identity = match waiting.judge(eligible.record(), &required, needs_email) {
        Ok(identity) => identity,
        Err(why) => return turn_back(&hub, waiting, why, page.locale).await,
    };
    let identity = match register::confirm(&hub, &waiting, identity, &eligible, page.locale).await?
    {
        Ok(identity) => identity,
        Err(why) => return turn_back(&hub, waiting, why, page.locale).await,
    };
    let person = hub.person(&identity, about(&hub, &waiting)).await?;
    let kept_out = hub.keep_out(&waiting.trip, &waiting.provider, person, STEP);
    if let Some(response) = kept_out.await? {
        return Ok(response);
    }
    let person = match hub.admit(person, hub.now()).await? {
        Ok(person) => person,
        Err(bar) => {
            let by = (&**eligible.record(), identity.acr.level());
            let trip = &mut waiting.trip;
            match hub.hear_frozen(trip, by, (person, bar), STEP).await? {
                Heard::Thawed(person) => person,
                Heard::Answered(response) => return Ok(response),
                Heard::Contradicted => {
                    let why = IdentityRefusal::Contradicted;
                    return turn_back(&hub, waiting, why, page.locale).await;
                }
            }
        }
    };
    // From here on one word is enough: whoever is not frozen needs no other.
    waiting.trip.thawing = false;
    let required = RequiredLevel::of(&waiting.trip, &client).at_least(hub.floor(&headers));
    let found = named(&hub, &client, person).await?;
    if let Err(why) = waiting.expects(&found) {
        return turn_back(&hub, waiting, why, page.locale).await;
    }
    let previous = hub.live_session(&headers).await?;
    waiting.trip.shared_device |= hub.is_shared_device(&headers);
    let signed_in = previous.as_ref().map(|it| &it.session);
    let signed_in = signed_in.map(|it| (it.person, &it.browsing));
    waiting.follow_on(signed_in, person.id(), &*hub.parts().entropy);
    let begins = found.session;
    let words = Words {
        required: required.acr(),
        provider: eligible.record(),
        earlier: words::earlier(&hub, &waiting.trip, previous.as_ref(), person.id()).await?,
        since: hub.words_count_since(),
        counts: &|one, other| hub.may_corroborate(&client, required.of_each(), (one, other)),
    };
    let (next, mut session, event) = waiting.verified(&identity, found, &words, hub.now());
    session.device = device_name(&headers);
    let next = hub.with_alias(next).await?;
    let on = hub.step_path(&next);
    let cookie = begin_session(&hub, (begins, session), previous, next, event).await?;
    let mut response = Redirect::to(&on).into_response();
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

const STEP: &str = "awaiting_identity";

/// FranceConnect's applications count on an address (`franceconnect` profile); others get what there is.
pub(crate) fn needs_email(hub: &Hub, client: &Client) -> bool {
    hub.parts().settings.email_required || client.profile == Profile::FranceConnect
}

/// Events about whom the provider's identity leads to.
fn about<'a>(
    hub: &'a Hub,
    waiting: &'a AwaitingIdentity,
) -> impl Fn(EventKind) -> AuditEvent + Send + Sync + 'a {
    |kind| {
        let event = waiting.trip.event(kind, hub.now());
        event.provider(&waiting.provider)
    }
}

async fn named(hub: &Hub, client: &Client, person: ActivePerson) -> Result<Found, PageError> {
    let subject = hub.subject_of(client, person.id()).await?;
    Ok(Found {
        person,
        subject,
        grant: GrantId::random(&*hub.parts().entropy),
        session: SessionId::random(&*hub.parts().entropy),
    })
}

/// Starts the session and moves the login on; if another request moved it first, this session never
/// was. An earlier session of the same person lives on in the new one, unless they were signed out of it at
/// this very moment; one of somebody else ends here, with its tokens, and its services are told.
async fn begin_session(
    hub: &Hub,
    (id, mut session): (SessionId, Session),
    previous: Option<LiveSession>,
    next: Login,
    event: AuditEvent,
) -> Result<http::HeaderValue, PageError> {
    let mut replaced = None;
    match previous {
        Some(previous) if previous.session.person == session.person => {
            replaced = Some(previous.id);
            session.continue_from(previous, hub.now(), hub.parts().engine.tokens_end());
        }
        Some(somebody_elses) => {
            hub.end_for_good(somebody_elses, Ending::SomebodyElse)
                .await?;
        }
        None => (),
    }
    let cookie = hub.start_session(id, &session).await?;
    if let Err(moved) = hub.advance(STEP, &next).await {
        hub.end_session(id).await?;
        return Err(moved);
    }
    hub.note(event.session(id));
    if let Some(replaced) = replaced
        && !hub.replace_session(replaced, id).await?
    {
        if let Some(live) = hub.load_session(id).await? {
            hub.end_for_good(live, Ending::Overtaken).await?;
        }
        return Err(stray::session_ended(hub, next.trip()));
    }
    Ok(cookie)
}

/// Back to the choice, by a page of its own where the register said no.
async fn turn_back(
    hub: &Hub,
    waiting: AwaitingIdentity,
    why: IdentityRefusal,
    locale: Locale,
) -> Result<Response, PageError> {
    let (back, event) = waiting.refused(why, hub.now());
    let back = Login::AwaitingProvider(back);
    hub.advance(STEP, &back).await?;
    hub.note(event);
    let label = || hub.parts().pages.text(locale, "choose-again", &[]);
    match why {
        IdentityRefusal::Contradicted => {
            let page = PageError::new(StatusCode::FORBIDDEN, "corroboration-contradicted");
            Err(hub
                .named(page, back.trip())
                .with_way_back(hub.step_path(&back), Some(label())))
        }
        IdentityRefusal::Register(refusal) => {
            let mut page = PageError::new(StatusCode::FORBIDDEN, page_text(refusal));
            if hub.client_of(back.trip())?.profile == Profile::FranceConnect {
                page = page.with_code(register::franceconnect_code(refusal));
            }
            Err(hub
                .named(page, back.trip())
                .with_way_back(hub.step_path(&back), Some(label())))
        }
        _ => Ok(Redirect::to(&hub.step_path(&back)).into_response()),
    }
}

/// The provider was disabled while the person was there.
async fn no_longer(
    hub: &Hub,
    waiting: AwaitingIdentity,
    what: Setback,
) -> Result<Response, PageError> {
    let event = waiting
        .trip
        .event(EventKind::ProviderFailed, hub.now())
        .provider(&waiting.provider);
    hub.note(event.detail("failure", "not_allowed"));
    let back = AwaitingProvider::after(waiting.trip, waiting.provider, what);
    let back = Login::AwaitingProvider(back);
    hub.advance(STEP, &back).await?;
    Ok(Redirect::to(&hub.step_path(&back)).into_response())
}
