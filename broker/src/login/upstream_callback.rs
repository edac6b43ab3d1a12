//! Step 3 of a login: the provider sends the person back.
//!
//! Its answer is believed only for the login whose browser left with this `state`, at this provider's
//! own address, once (threats N-10, N-16). Leads to `identify`; every failure leads back to the choice
//! of providers.

mod ask;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::provider::ProviderResponseMode;
use guichet_domain::{AuditEvent, Entropy, EventKind, LoginId, ProviderId, Timestamp};
use guichet_store::short_lived::Step;
use guichet_web::{Form, PageContext, PageError, Query};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use url::form_urlencoded::Serializer;

pub(crate) use ask::still_eligible;

use super::{AwaitingIdentity, AwaitingProvider, Login, Refusal, Trip, stray};
use crate::hub::Hub;
use crate::session::UpstreamKey;
use crate::upstream::{Asserted, ProviderFailure, StateDigest, UpstreamState, VerifiedIdToken};

/// Waiting for the provider.
#[derive(Serialize, Deserialize)]
pub(crate) struct AwaitingUpstream {
    pub(crate) trip: Trip,
    provider: ProviderId,
    state: StateDigest,
    nonce: String,
    verifier: String,
    /// Whether the person must sign in anew there, rather than be known by a session.
    fresh: bool,
    departed: Timestamp,
}

/// What a person leaves with, drawn at random: 256 bits each.
pub(crate) struct Secrets {
    pub(crate) state: UpstreamState,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
}

impl Secrets {
    /// Fresh ones.
    pub(crate) fn random(login: LoginId, entropy: &dyn Entropy) -> Self {
        Self {
            state: UpstreamState::random(login, entropy),
            nonce: URL_SAFE_NO_PAD.encode(entropy.bytes32()),
            verifier: URL_SAFE_NO_PAD.encode(entropy.bytes32()),
        }
    }
}

/// What came of asking the provider: who it says the person is.
pub(crate) struct Returned {
    pub(crate) id_token: VerifiedIdToken,
    pub(crate) asserted: Asserted,
    /// What its logout tokens will name, where it sends any.
    pub(crate) found_by: Vec<UpstreamKey>,
    /// Whether the provider has a session of its own that can be ended.
    pub(crate) can_sign_out: bool,
}

impl AwaitingUpstream {
    /// The person left; `fresh` when they must sign in anew there.
    pub(crate) fn new(
        mut trip: Trip,
        provider: ProviderId,
        secrets: &Secrets,
        fresh: bool,
        now: Timestamp,
    ) -> Self {
        trip.departures = trip.departures.wrapping_add(1);
        Self {
            trip,
            provider,
            state: secrets.state.digest(),
            nonce: secrets.nonce.clone(),
            verifier: secrets.verifier.clone(),
            fresh,
            departed: now,
        }
    }

    /// The step's name in the store, another for each departure: the answer to one is no answer to the
    /// next, however slow it was.
    pub(crate) const fn step(&self) -> Step {
        STEPS[(self.trip.departures & 7) as usize]
    }

    /// Whether an answer at the address of `provider` with this `state` is for this login.
    fn recognize(
        &self,
        provider: &str,
        state: &UpstreamState,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let failure = if !self.state.fits(state) {
            "wrong_state"
        } else if self.provider.as_str() != provider {
            "mix_up"
        } else {
            return Ok(());
        };
        let event = self
            .event(EventKind::ProviderFailed, now)
            .detail("failure", failure);
        Err(Refusal::to_person(
            event,
            StatusCode::FORBIDDEN,
            "callback-not-expected",
        ))
    }

    /// The provider said who the person is, and what it said holds.
    fn identified(self, returned: Returned, now: Timestamp) -> (AwaitingIdentity, AuditEvent) {
        let event = self.event(EventKind::ProviderReturned, now);
        (
            AwaitingIdentity::new(self.trip, self.provider, returned),
            event,
        )
    }

    /// The provider did not, or it does not hold.
    fn failed(self, failure: ProviderFailure, now: Timestamp) -> (AwaitingProvider, AuditEvent) {
        let event = self
            .event(EventKind::ProviderFailed, now)
            .detail("failure", failure.as_str());
        (
            AwaitingProvider::after(self.trip, self.provider, failure.setback()),
            event,
        )
    }

    fn event(&self, kind: EventKind, now: Timestamp) -> AuditEvent {
        self.trip.event(kind, now).provider(&self.provider)
    }
}

/// The provider's answer (RFC 6749 §4.1.2, §4.1.2.1; RFC 9207 §2). Its `error_description` is not
/// read: nobody is shown what a provider wrote (threat N-28).
#[derive(Deserialize)]
pub(crate) struct Answer {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    iss: Option<String>,
}

/// `GET /callback/{provider}`
pub(crate) async fn callback(
    State(hub): State<Hub>,
    Path(provider): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Result<Response, PageError> {
    let Some(state) = answer.state.as_deref().and_then(UpstreamState::parse) else {
        return Err(PageError::new(
            StatusCode::BAD_REQUEST,
            "callback-not-expected",
        ));
    };
    let login = hub.load_login(state.login(), &headers).await?;
    let waiting = match login {
        Login::AwaitingUpstream(waiting) => waiting,
        other => return Err(stray::out_of_order(&hub, &other, page.locale)),
    };
    if let Err(refusal) = waiting.recognize(&provider, &state, hub.now()) {
        return hub
            .refuse(&Login::AwaitingUpstream(waiting), refusal, &page)
            .await;
    }
    spend(&hub, &waiting).await?;
    let step = waiting.step();
    let came = ask::ask(&hub, &waiting, &answer).await;
    let (next, event) = match came {
        Ok(returned) => {
            let (next, event) = waiting.identified(returned, hub.now());
            (Login::AwaitingIdentity(next), event)
        }
        Err(failure) => {
            let (back, event) = waiting.failed(failure, hub.now());
            (Login::AwaitingProvider(back), event)
        }
    };
    hub.advance(step, &next).await?;
    hub.note(event);
    Ok(Redirect::to(&hub.step_path(&next)).into_response())
}

/// `POST /callback/{provider}`: the answer of a provider that answers by a form (OAuth 2.0 Form Post
/// Response Mode). A browser that posts from another site leaves our cookies at home, so it is sent
/// round once more by GET, with what it brought and nothing else; there they come along.
pub(crate) async fn posted(
    State(hub): State<Hub>,
    Path(provider): Path<String>,
    Form(answer): Form<Answer>,
) -> Result<Response, PageError> {
    let record = hub.parts().providers.provider(&provider);
    let posts = record
        .is_some_and(|record| record.requests.response_mode == ProviderResponseMode::FormPost);
    if !posts {
        return Err(PageError::new(
            StatusCode::BAD_REQUEST,
            "callback-not-expected",
        ));
    }
    let query = answer.to_query();
    let address = hub.path(&format!("/callback/{provider}?{query}"));
    Ok(Redirect::to(&address).into_response())
}

impl Answer {
    fn to_query(&self) -> String {
        let members = [
            ("state", &self.state),
            ("code", &self.code),
            ("error", &self.error),
            ("iss", &self.iss),
        ];
        let said = members
            .into_iter()
            .filter_map(|(name, value)| value.as_ref().map(|value| (name, value)));
        Serializer::new(String::new()).extend_pairs(said).finish()
    }
}

/// One login does not leave eight times while one provider's answer is waited for.
const STEPS: [Step; 8] = [
    "awaiting_upstream#0",
    "awaiting_upstream#1",
    "awaiting_upstream#2",
    "awaiting_upstream#3",
    "awaiting_upstream#4",
    "awaiting_upstream#5",
    "awaiting_upstream#6",
    "awaiting_upstream#7",
];

/// Takes the one use that a `state` has, before anything is done with the answer: a second request
/// with the same one waits for the first instead of asking the provider again.
async fn spend(hub: &Hub, waiting: &AwaitingUpstream) -> Result<(), PageError> {
    let until = hub.now().after(hub.parts().settings.login_lifetime);
    let digest = waiting.state.as_bytes();
    let first = hub
        .parts()
        .replay
        .first_use("upstream-state", digest, until)
        .await;
    match first {
        Ok(true) => Ok(()),
        Ok(false) => Err(stray::moved_on(hub, waiting.trip.id)),
        Err(fault) => Err(hub.fault("spend a state", &fault)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::login::tests::{Counting, trip};
    use crate::upstream::Lie;

    const NOW: Timestamp = Timestamp::from_seconds(1100);

    fn left_for(provider: &str) -> (AwaitingUpstream, UpstreamState) {
        let trip = trip(json!({}));
        let secrets = Secrets::random(trip.id, &Counting::default());
        let waiting = AwaitingUpstream::new(trip, provider.parse().unwrap(), &secrets, false, NOW);
        (waiting, secrets.state)
    }

    #[test]
    fn only_the_state_that_left_is_recognized_and_only_at_its_providers_address() {
        let (waiting, state) = left_for("citoyen");
        assert!(waiting.recognize("citoyen", &state, NOW).is_ok());
        let mixed_up = waiting.recognize("postale", &state, NOW).err().unwrap();
        assert_eq!(mixed_up.event.details["failure"], "mix_up");
        let entropy = Counting::starting_at(200);
        let other = UpstreamState::random(waiting.trip.id, &entropy);
        let wrong = waiting.recognize("citoyen", &other, NOW).err().unwrap();
        assert_eq!(wrong.event.details["failure"], "wrong_state");
    }

    #[test]
    fn a_failure_leads_back_to_the_choice_under_its_own_name() {
        for (failure, name) in [
            (ProviderFailure::Denied, "denied"),
            (ProviderFailure::Lie(Lie::Nonce), "id_token_nonce"),
            (ProviderFailure::WrongIssuer, "wrong_issuer"),
        ] {
            let (back, event) = left_for("citoyen").0.failed(failure, NOW);
            assert_eq!(event.details["failure"], name);
            let notice = back.notice.unwrap();
            assert_eq!(notice.what, failure.setback());
            assert_eq!(notice.provider.as_str(), "citoyen");
        }
    }

    #[test]
    fn secrets_are_drawn_apart() {
        let secrets = Secrets::random(LoginId::from_bytes([1; 16]), &Counting::default());
        assert_ne!(secrets.nonce, secrets.verifier);
        assert_eq!(secrets.verifier.len(), 43);
        assert!(!secrets.state.to_text().contains(&secrets.nonce));
    }
}
