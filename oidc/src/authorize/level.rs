//! The level the client needs: an essential `acr`, `acr_values`, an `acr` wished for, or what its record
//! says; and never less than the least its record accepts.

use guichet_domain::{Acr, Client};

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
    let lowest = |levels: &[Acr]| levels.iter().min().copied();
    let required = lowest(&named.demanded)
        .or_else(|| asked.get("acr_values").and_then(Acr::lowest_of))
        .or_else(|| lowest(&named.wished))
        .unwrap_or(client.default_acr)
        .max(client.minimum_acr.unwrap_or(Acr::Eidas1));
    let supported = &engine.settings().acr_values_supported;
    if supported.iter().any(|level| *level >= required) {
        Ok(RequestedAcr { required })
    } else {
        Err(Refusal::new(
            Rules::of(client).unmet_level,
            expected(supported.iter().copied().max()),
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
