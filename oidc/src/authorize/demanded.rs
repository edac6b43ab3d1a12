//! What the profile of a client demands of its requests beyond OIDC Core.

use guichet_domain::{Client, OAuthError};

use crate::parameters::Parameters;
use crate::profile::Rules;
use crate::refusal::Refusal;

/// Every parameter that the profile demands is there.
pub(super) fn all_there(client: &Client, asked: &Parameters) -> Result<(), Refusal> {
    let demanded = Rules::of(client).demands.parameters;
    match demanded.iter().find(|(name, _)| asked.get(name).is_none()) {
        Some((_, missing)) => Err(Refusal::new(OAuthError::InvalidRequest, missing)),
        None => Ok(()),
    }
}
