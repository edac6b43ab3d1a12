//! The level the client needs: an essential `acr`, `acr_values`, an `acr` wished for, or what its record
//! says; and never less than the least its record accepts.

use guichet_domain::{Acr, AcrValue, Client};

use super::claims::NamedLevels;
use crate::parameters::Parameters;
use crate::profile::Rules;
use crate::refusal::Refusal;
use crate::{Engine, RequestedAcr};

/// The lowest level that satisfies the request. One that this provider can never reach is refused
/// before the person has done anything (Unmet Authentication Requirements §2).
pub(crate) fn required(
    engine: &Engine,
    client: &Client,
    asked: &Parameters,
    named: &NamedLevels,
) -> Result<RequestedAcr, Refusal> {
    let supported = &engine.settings().acr_values_supported;
    let is_offered = |acr: &AcrValue| supported.iter().any(|offered| offered.satisfies(*acr));
    // Any of them will do, so one that cannot be reached here hides none that can.
    let least = |named: &[AcrValue]| {
        let offered = named.iter().copied().filter(is_offered);
        AcrValue::least_of(offered).or_else(|| AcrValue::least_of(named.iter().copied()))
    };
    let listed = asked.get("acr_values").map(AcrValue::known_in);
    let listed: Vec<AcrValue> = listed.into_iter().flatten().collect();
    let required = least(&named.demanded)
        .or_else(|| least(&listed))
        .or_else(|| least(&named.wished))
        .unwrap_or(client.default_acr)
        .and(client.minimum_acr.unwrap_or(Acr::Eidas1.into()));
    if is_offered(&required) {
        Ok(RequestedAcr { required })
    } else {
        Err(Refusal::new(
            Rules::of(client).unmet_level,
            expected(supported.iter().map(|acr| acr.level).max()),
        ))
    }
}

/// What may be asked for where `highest` is the highest level: fixed texts, for nothing of a request is
/// ever repeated.
const fn expected(highest: Option<Acr>) -> &'static str {
    match highest {
        None | Some(Acr::Eidas1) => "the level asked for cannot be reached here; expected: eidas1",
        Some(Acr::Eidas2) => "the level asked for cannot be reached here; expected: eidas1, eidas2",
        Some(Acr::Eidas3) => {
            "the level asked for cannot be reached here; expected: eidas1, eidas2, eidas3"
        }
    }
}
