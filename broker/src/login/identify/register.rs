//! Asking the civil register during a login, and the pages of its answers.

use guichet_domain::{CivilRegisterPolicy, EventKind};
use guichet_web::{Locale, PageError};
use http::StatusCode;

use super::{AwaitingIdentity, IdentityRefusal, VerifiedIdentity};
use crate::civil_register::{RegisterRefusal, RegisterUnavailable, Verdict};
use crate::hub::Hub;
use crate::login::choose_provider::EligibleProvider;

/// Asks the register, where the provider's record says so. The register's version goes on from here.
pub(super) async fn confirm(
    hub: &Hub,
    waiting: &AwaitingIdentity,
    identity: VerifiedIdentity,
    provider: &EligibleProvider,
    locale: Locale,
) -> Result<Result<VerifiedIdentity, IdentityRefusal>, PageError> {
    if provider.record().civil_register == CivilRegisterPolicy::Skip {
        return Ok(Ok(identity));
    }
    let asked = match &hub.parts().register {
        Some(register) => register.ask(&identity.pivot).await,
        None => Err(RegisterUnavailable::Unreachable),
    };
    let event = waiting
        .trip
        .event(EventKind::RegisterAsked, hub.now())
        .provider(&waiting.provider);
    match asked {
        Ok(Verdict::Found(confirmed)) => {
            let outcome = if confirmed.corrected {
                "corrected"
            } else {
                "confirmed"
            };
            hub.note(event.detail("outcome", outcome));
            Ok(Ok(VerifiedIdentity {
                pivot: confirmed.identity,
                ..identity
            }))
        }
        Ok(Verdict::Refused(refusal)) => {
            hub.note(event.detail("outcome", refusal.as_str()));
            Ok(Err(IdentityRefusal::Register(refusal)))
        }
        Err(unavailable) => {
            hub.note(event.detail("outcome", outcome_of(unavailable)));
            Err(register_page(hub, waiting, unavailable, locale))
        }
    }
}

/// The register gave no answer: the login stays, and the same address tries again.
fn register_page(
    hub: &Hub,
    waiting: &AwaitingIdentity,
    unavailable: RegisterUnavailable,
    locale: Locale,
) -> PageError {
    tracing::warn!(login = %waiting.trip.id, %unavailable, "the civil register gave no answer");
    let status = match unavailable {
        RegisterUnavailable::Timeout => StatusCode::GATEWAY_TIMEOUT,
        RegisterUnavailable::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
        RegisterUnavailable::Garbled => StatusCode::BAD_GATEWAY,
    };
    let again = hub.path(&format!("/login/{}/identity", waiting.trip.id));
    let label = hub.parts().pages.text(locale, "try-again", &[]);
    let page = PageError::new(status, "register-unavailable");
    hub.named(page, &waiting.trip)
        .with_way_back(again, Some(label))
}

const fn outcome_of(unavailable: RegisterUnavailable) -> &'static str {
    match unavailable {
        RegisterUnavailable::Timeout => "timeout",
        RegisterUnavailable::Unreachable => "unreachable",
        RegisterUnavailable::Garbled => "garbled",
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
