//! A login: one trip along the spine, from a service's request to the answer it gets.
//!
//! | # | file | waits in |
//! |---|---|---|
//! | 1 | `authorize` | - |
//! | 2 | `choose_provider` | [`AwaitingProvider`] |
//! | 3 | `upstream_callback` | [`AwaitingUpstream`] |
//! | 4 | `identify` | [`AwaitingIdentity`] |
//! | 5 | `consent` | [`AwaitingConsent`]; `Decided`, until it is on record |
//! | 6 | `evidence`, when a fact is asked for | [`AwaitingEvidence`] |
//! | 7 | `code` | [`Consented`] |
//!
//! Steps never call one another. Each handler loads the login, asks for the variant it works on, runs
//! its transition, moves the record on by compare-and-swap, and answers; the browser carries the
//! person to the next step's address. `stray` is what someone gets who is not where they should be,
//! `barred` what somebody gets who may not act, `thaw` how they may again, and `switched_off` what everybody
//! gets while sign-ins are off.

pub(crate) mod abandon;
pub(crate) mod authorize;
pub(crate) mod barred;
pub(crate) mod choose_provider;
pub(crate) mod closed_way;
pub(crate) mod code;
pub(crate) mod consent;
pub(crate) mod evidence;
pub(crate) mod hint;
pub(crate) mod identify;
pub(crate) mod notice;
pub(crate) mod record;
pub(crate) mod refusal;
pub(crate) mod reopening;
pub(crate) mod stray;
mod switched_off;
pub(crate) mod thaw;
pub(crate) mod upstream_callback;
pub(crate) mod way_back;

use guichet_domain::provider::Voice;
use guichet_domain::{
    Acr, AuditEvent, BrowserId, BrowsingId, CaseId, EventKind, LoginId, PersonId, Provider,
    ProviderId, Timestamp,
};
use guichet_oidc::AcceptedRequest;
use guichet_store::short_lived::Step;
use serde::{Deserialize, Serialize};

pub(crate) use choose_provider::AwaitingProvider;
pub(crate) use code::Consented;
pub(crate) use consent::AwaitingConsent;
pub(crate) use evidence::AwaitingEvidence;
pub(crate) use identify::AwaitingIdentity;
pub(crate) use refusal::Refusal;
pub(crate) use upstream_callback::AwaitingUpstream;

/// A login, in the step it waits in.
#[derive(Serialize, Deserialize)]
pub(crate) enum Login {
    /// The person is to choose a provider.
    AwaitingProvider(AwaitingProvider),
    /// The person is at the provider.
    AwaitingUpstream(AwaitingUpstream),
    /// The provider has said who they are; that is to be checked.
    AwaitingIdentity(AwaitingIdentity),
    /// The person is to see, and agree to, what the service will receive.
    AwaitingConsent(AwaitingConsent),
    /// They went on; that is to be put on record.
    Decided(Consented),
    /// That is on record; they are to decide on a fact that the service asks for.
    AwaitingEvidence(AwaitingEvidence),
    /// All is on record; the service is to get its answer.
    Consented(Consented),
}

/// What is true of a login from its first step to its last.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Trip {
    /// Its identifier.
    pub(crate) id: LoginId,
    /// The one browser that may go on with it (threats N-10, N-51).
    pub(crate) browser: BrowserId,
    /// What the service asked for.
    pub(crate) request: AcceptedRequest,
    /// How often the person has left for a provider.
    #[serde(default)]
    pub(crate) departures: u32,
    /// The code of this visit, which its pages show.
    pub(crate) browsing: BrowsingId,
    /// Whose code that is, where the visit began before this login.
    #[serde(default)]
    pub(crate) visitor: Option<PersonId>,
    /// The floor that a suspicious context, or a fact that is asked for, put under the level.
    #[serde(default)]
    pub(crate) floor: Option<Acr>,
    /// The sign-in that is good for this request but for its level.
    #[serde(default)]
    pub(crate) stepping_up: Option<SteppingUp>,
    /// The word of the first of two providers, where the service needs both.
    #[serde(default)]
    pub(crate) vouched: Option<Vouched>,
    /// Whether the level is one that no earlier sign-in is good for, a session at the provider included.
    #[serde(default)]
    pub(crate) anew: bool,
    /// Whether it was begun to open again an identity that is frozen.
    #[serde(default)]
    pub(crate) thawing: bool,
    /// The account that was closed and whose mailed link this browser brought: for that one, one word is enough.
    #[serde(default)]
    pub(crate) reopening: Option<CaseId>,
    /// Whether the person said that this is not their own device.
    #[serde(default)]
    pub(crate) shared_device: bool,
    /// Where its browser is, as far as what stands in front of the hub says so.
    #[serde(default)]
    pub(crate) place: Option<String>,
}

/// A sign-in that has all that is asked for but the level: the same person must sign in.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SteppingUp {
    /// Who.
    pub(crate) person: PersonId,
    /// With which provider they are signed in.
    pub(crate) provider: ProviderId,
}

/// A sign-in that is the first of two that the service needs.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Vouched {
    /// Whose.
    pub(crate) person: PersonId,
    /// With which provider.
    pub(crate) provider: ProviderId,
    /// Whose word that is: the second one is another's.
    pub(crate) voice: Voice,
    /// As much of it as single sign-on lends, where it was there before this login.
    pub(crate) lent: Option<Acr>,
}

impl Vouched {
    /// The word that `provider` gives for `person` in this login.
    pub(crate) fn by(provider: &Provider, person: PersonId) -> Self {
        Self {
            person,
            provider: provider.id.clone(),
            voice: provider.voice(),
            lent: None,
        }
    }

    /// The word that it gave before: worth no more than `level` now.
    pub(crate) fn before(provider: &Provider, person: PersonId, level: Acr) -> Self {
        Self {
            lent: Some(level),
            ..Self::by(provider, person)
        }
    }
}

impl Trip {
    /// The person wants to begin with another account: whoever comes next need be nobody in particular,
    /// and nobody has vouched for them.
    pub(crate) fn start_over(&mut self) {
        self.stepping_up = None;
        self.vouched = None;
    }

    /// An event of `kind` during this login.
    pub(crate) fn event(&self, kind: EventKind, now: Timestamp) -> AuditEvent {
        AuditEvent::new(kind, now)
            .login(self.id)
            .browsing(&self.browsing)
            .client(self.request.client())
    }
}

impl Login {
    /// What is true whatever the step.
    pub(crate) fn trip(&self) -> &Trip {
        match self {
            Self::AwaitingProvider(login) => &login.trip,
            Self::AwaitingUpstream(login) => &login.trip,
            Self::AwaitingIdentity(login) => &login.trip,
            Self::AwaitingConsent(login) => &login.trip,
            Self::AwaitingEvidence(login) => login.trip(),
            Self::Decided(login) | Self::Consented(login) => &login.awaited.trip,
        }
    }

    /// Who it is about, once that is known.
    pub(crate) fn person(&self) -> Option<PersonId> {
        match self {
            Self::AwaitingProvider(_) | Self::AwaitingUpstream(_) | Self::AwaitingIdentity(_) => {
                None
            }
            Self::AwaitingConsent(login) => Some(login.person),
            Self::AwaitingEvidence(login) => Some(login.person()),
            Self::Decided(login) | Self::Consented(login) => Some(login.awaited.person),
        }
    }

    /// The step's name in the store: what a compare-and-swap compares. Waiting for a provider has a name
    /// for each departure, so that a slow answer to an earlier one moves nothing; waiting for evidence one
    /// for each move.
    pub(crate) const fn step(&self) -> Step {
        match self {
            Self::AwaitingProvider(_) => "awaiting_provider",
            Self::AwaitingUpstream(login) => login.step(),
            Self::AwaitingIdentity(_) => "awaiting_identity",
            Self::AwaitingConsent(_) => "awaiting_consent",
            Self::Decided(_) => "decided",
            Self::AwaitingEvidence(login) => login.step(),
            Self::Consented(_) => "consented",
        }
    }

    /// The step's name without the departure or the move: what people read.
    pub(crate) fn step_name(&self) -> &'static str {
        self.step().split('#').next().unwrap_or_default()
    }

    /// The step's number in the table above.
    pub(crate) const fn number(&self) -> u8 {
        match self {
            Self::AwaitingProvider(_) => 2,
            Self::AwaitingUpstream(_) => 3,
            Self::AwaitingIdentity(_) => 4,
            Self::AwaitingConsent(_) | Self::Decided(_) => consent::NUMBER,
            Self::AwaitingEvidence(_) => evidence::NUMBER,
            Self::Consented(_) => 7,
        }
    }

    /// The page that goes with the step, after `/login/{id}`.
    pub(crate) const fn page(&self) -> &'static str {
        match self {
            // Whoever comes back from the provider by the back button may choose again.
            Self::AwaitingProvider(_) | Self::AwaitingUpstream(_) => "/provider",
            Self::AwaitingIdentity(_) => "/identity",
            Self::AwaitingConsent(_) | Self::Decided(_) => "/consent",
            Self::AwaitingEvidence(_) => "/evidence",
            Self::Consented(_) => "/return",
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
