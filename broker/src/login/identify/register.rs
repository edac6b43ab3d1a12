//! Asking the civil register during a login, and the pages of its answers.

use guichet_domain::{AuditEvent, CivilRegisterPolicy, EventKind, PivotIdentity, Profile};
use guichet_web::{Locale, PageError};
use http::StatusCode;

use super::{AwaitingIdentity, IdentityRefusal, Judged, VerifiedIdentity};
use crate::civil_register::{Heard, RegisterRefusal, RegisterUnavailable, Verdict};
use crate::hub::Hub;
use crate::login::choose_provider::EligibleProvider;

/// What the register has to do with an identity.
pub(crate) enum RegisterWord {
    /// Nothing: it was not asked, or did not answer and need not.
    None,
    /// It has this very identity.
    Confirms,
    /// It has this identity for the one that the provider stated.
    Corrects {
        /// As the provider stated it.
        stated: Box<PivotIdentity>,
    },
}

impl RegisterWord {
    /// Whether the register vouches for the identity.
    pub(crate) const fn is_given(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// What the provider stated, where that is something else.
    pub(crate) fn stated(&self) -> Option<&PivotIdentity> {
        match self {
            Self::Corrects { stated } => Some(stated),
            Self::None | Self::Confirms => None,
        }
    }
}

/// Asks the register, where the provider's record says so. The register's version goes on from here.
pub(super) async fn confirm(
    hub: &Hub,
    waiting: &AwaitingIdentity,
    judged: Judged,
    provider: &EligibleProvider,
    locale: Locale,
) -> Result<Result<VerifiedIdentity, IdentityRefusal>, PageError> {
    if provider.record().civil_register == CivilRegisterPolicy::Skip {
        return Ok(Ok(judged.verified(RegisterWord::None)));
    }
    let event = |kind| {
        let event = waiting.trip.event(kind, hub.now());
        event.provider(&waiting.provider)
    };
    let failed = |why: RegisterUnavailable| {
        tracing::warn!(login = %waiting.trip.id, unavailable = %why, "the civil register gave no answer");
        hub.note(event(EventKind::RegisterFailed).detail("outcome", why.as_str()));
    };
    let bypassed = |by| hub.note(event(EventKind::RegisterBypassed).detail("by", by));
    match hub.register().hear(&judged.pivot, judged.acr.level()).await {
        Heard::Now(verdict) => {
            hub.note(told(&verdict, event(EventKind::RegisterAsked)));
            if matches!(verdict, Verdict::Refused(RegisterRefusal::Deceased)) {
                hub.note(event(EventKind::RegisterDeceased));
            }
            Ok(judge(judged, verdict))
        }
        Heard::Earlier(verdict, why) => {
            failed(why);
            bypassed("earlier_verdict");
            Ok(judge(judged, verdict))
        }
        Heard::ProvidersWord(why) => {
            failed(why);
            bypassed("providers_word");
            Ok(Ok(judged.verified(RegisterWord::None)))
        }
        Heard::Nothing(why) => {
            failed(why);
            Err(without_answer(hub, waiting, why, locale))
        }
    }
}

fn told(verdict: &Verdict, event: AuditEvent) -> AuditEvent {
    event.detail(
        "outcome",
        match verdict {
            Verdict::Found(confirmed) if confirmed.corrected => "corrected",
            Verdict::Found(_) => "confirmed",
            Verdict::Refused(refusal) => refusal.as_str(),
        },
    )
}

fn judge(judged: Judged, verdict: Verdict) -> Result<VerifiedIdentity, IdentityRefusal> {
    match verdict {
        Verdict::Found(confirmed) if confirmed.corrected => {
            let stated = Box::new(judged.pivot.clone());
            Ok(judged
                .with(confirmed.identity)
                .verified(RegisterWord::Corrects { stated }))
        }
        Verdict::Found(confirmed) => Ok(judged
            .with(confirmed.identity)
            .verified(RegisterWord::Confirms)),
        Verdict::Refused(refusal) => Err(IdentityRefusal::Register(refusal)),
    }
}

/// The register gave no answer: the login stays, and the same address tries again.
fn without_answer(
    hub: &Hub,
    waiting: &AwaitingIdentity,
    why: RegisterUnavailable,
    locale: Locale,
) -> PageError {
    let again = hub.path(&format!("/login/{}/identity", waiting.trip.id));
    let label = hub.parts().pages.text(locale, "try-again", &[]);
    let page = match hub.client_of(&waiting.trip) {
        Ok(client) if client.profile == Profile::FranceConnect => {
            let (status, code) = franceconnect_without(why);
            PageError::new(status, page_text_without(why)).with_code(code)
        }
        _ => PageError::new(status_without(why), page_text_without(why)),
    };
    hub.named(page, &waiting.trip)
        .with_way_back(again, Some(label))
}

const fn status_without(why: RegisterUnavailable) -> StatusCode {
    match why {
        RegisterUnavailable::Timeout => StatusCode::GATEWAY_TIMEOUT,
        RegisterUnavailable::Unreachable | RegisterUnavailable::LeftAlone => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        RegisterUnavailable::Broken
        | RegisterUnavailable::Garbled
        | RegisterUnavailable::Unknown => StatusCode::BAD_GATEWAY,
    }
}

/// The page of each way in which the register gives no answer.
pub(crate) const fn page_text_without(why: RegisterUnavailable) -> &'static str {
    match why {
        RegisterUnavailable::Timeout => "register-timeout",
        RegisterUnavailable::Broken => "register-broken",
        RegisterUnavailable::Unreachable => "register-unreachable",
        RegisterUnavailable::Garbled => "register-garbled",
        RegisterUnavailable::Unknown => "register-unknown",
        RegisterUnavailable::LeftAlone => "register-left-alone",
    }
}

/// The page of each refusal of the register.
pub(crate) const fn page_text(refusal: RegisterRefusal) -> &'static str {
    match refusal {
        RegisterRefusal::OneNearMatch => "register-one-near-match",
        RegisterRefusal::SeveralNearMatches => "register-several-near-matches",
        RegisterRefusal::MarriedNameOnly => "register-married-name-only",
        RegisterRefusal::NotFound => "register-not-found",
        RegisterRefusal::Rejected => "register-rejected",
        RegisterRefusal::Deceased => "register-deceased",
    }
}

/// The code by which FranceConnect's helpdesk knows each refusal; its status is 403, as ours.
pub(super) const fn franceconnect_code(refusal: RegisterRefusal) -> &'static str {
    match refusal {
        RegisterRefusal::OneNearMatch => "Y010004",
        RegisterRefusal::SeveralNearMatches => "Y010006",
        RegisterRefusal::MarriedNameOnly => "Y010007",
        RegisterRefusal::NotFound => "Y010008",
        RegisterRefusal::Rejected => "Y010009",
        RegisterRefusal::Deceased => "Y010015",
    }
}

/// The same where there is no answer, with FranceConnect's status.
const fn franceconnect_without(why: RegisterUnavailable) -> (StatusCode, &'static str) {
    match why {
        RegisterUnavailable::Timeout | RegisterUnavailable::Broken => {
            (StatusCode::GATEWAY_TIMEOUT, "Y010011")
        }
        RegisterUnavailable::Unreachable
        | RegisterUnavailable::LeftAlone
        | RegisterUnavailable::Garbled => (StatusCode::GATEWAY_TIMEOUT, "Y010012"),
        RegisterUnavailable::Unknown => (StatusCode::BAD_REQUEST, "Y010013"),
    }
}
