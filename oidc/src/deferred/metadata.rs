//! What the metadata says of devices (RFC 8628 §4) and of CIBA (CIBA Core §4): nothing where they are
//! switched off.

use guichet_domain::GrantType;
use guichet_keys::JwsAlg;
use serde::Serialize;

use super::DeferredSettings;
use crate::engine::Endpoints;

/// The members, to be laid among the others.
#[derive(Serialize)]
pub(crate) struct Members<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    device_authorization_endpoint: Option<&'a str>,
    #[serde(flatten)]
    ciba: Option<Ciba<'a>>,
}

#[derive(Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the members are those of the standard"
)]
struct Ciba<'a> {
    backchannel_authentication_endpoint: &'a str,
    backchannel_token_delivery_modes_supported: [&'a str; 2],
    backchannel_authentication_request_signing_alg_values_supported: [&'a str; JwsAlg::ALL.len()],
    backchannel_user_code_parameter_supported: bool,
}

impl<'a> Members<'a> {
    pub(crate) fn of(settings: &DeferredSettings, endpoints: &'a Endpoints) -> Self {
        Self {
            device_authorization_endpoint: settings
                .device
                .is_some()
                .then_some(&*endpoints.device_authorization),
            ciba: settings.ciba.is_some().then(|| Ciba {
                backchannel_authentication_endpoint: &endpoints.backchannel_authentication,
                backchannel_token_delivery_modes_supported: ["poll", "ping"],
                backchannel_authentication_request_signing_alg_values_supported: JwsAlg::ALL
                    .map(JwsAlg::as_str),
                backchannel_user_code_parameter_supported: false,
            }),
        }
    }
}

impl DeferredSettings {
    /// The grant types that are switched on.
    pub(crate) fn grant_types(&self) -> impl Iterator<Item = &'static str> {
        let device = self.device.as_ref().map(|_| GrantType::DeviceCode.as_str());
        let ciba = self.ciba.as_ref().map(|_| GrantType::Ciba.as_str());
        device.into_iter().chain(ciba)
    }
}
