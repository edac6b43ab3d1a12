//! What the `fapi2` profile takes of a client.

use super::ClientMetadataError;
use super::value::invalid;
use crate::SigningAlg;
use crate::client::{Client, ClientAuthentication};
use crate::reason::Rule;

/// Nothing weaker than FAPI 2.0 Security Profile §5.3.2 allows.
pub(super) fn judge(client: &Client) -> Result<(), ClientMetadataError> {
    let is_weak = |alg: SigningAlg| alg == SigningAlg::Rs256;
    let refused = |member, rule: Rule| Err(invalid(member, rule));
    if !client.authentication.is_asymmetric() {
        return refused("token_endpoint_auth_method", Rule::Fapi2Authentication);
    }
    if !client.requests.require_pushed {
        return refused("require_pushed_authorization_requests", Rule::Fapi2On);
    }
    if !client.requests.require_pkce {
        return refused("require_pkce", Rule::Fapi2On);
    }
    if !client.is_sender_constrained() {
        return refused("dpop_bound_access_tokens", Rule::Fapi2Bound);
    }
    if is_weak(client.id_token_alg) || client.userinfo_alg.is_some_and(is_weak) {
        return refused("id_token_signed_response_alg", Rule::Fapi2Algorithm);
    }
    if is_weak(client.authorization_alg) || client.introspection_alg.is_some_and(is_weak) {
        return refused("authorization_signed_response_alg", Rule::Fapi2Algorithm);
    }
    let authentication_alg = match &client.authentication {
        ClientAuthentication::PrivateKeyJwt { alg } => *alg,
        _ => None,
    };
    let own = [
        ("token_endpoint_auth_signing_alg", authentication_alg),
        ("request_object_signing_alg", client.requests.signing_alg),
        (
            "backchannel_authentication_request_signing_alg",
            client.ciba_request_alg,
        ),
    ];
    match own
        .into_iter()
        .find(|(_, alg)| alg.is_some_and(|alg| !alg.is_fapi2()))
    {
        Some((member, _)) => refused(member, Rule::Fapi2Algorithm),
        None => Ok(()),
    }
}
