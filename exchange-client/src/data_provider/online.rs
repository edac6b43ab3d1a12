//! Whether a voucher is still good, by the hub's word: a citizen may have taken back what they granted a
//! moment ago. The hub says yes once; saying it, it writes down that the evidence leaves.

use super::VoucherRefusal;
use crate::Voucher;
use crate::hub::{Hub, HubError, Proof};

/// Asks at the introspection endpoint (RFC 7662), as a client of the hub.
pub(super) async fn confirm(
    hub: &Hub,
    text: &str,
    voucher: &Voucher,
) -> Result<(), VoucherRefusal> {
    let down = |error: HubError| {
        tracing::warn!(%error, "the hub did not say whether a voucher is good");
        VoucherRefusal::HubDown
    };
    let endpoints = hub.endpoints().await.map_err(down)?;
    let endpoint = endpoints.introspection_endpoint.as_str();
    let answer = hub
        .post(endpoint, &[("token", text)], Proof::None)
        .await
        .map_err(down)?;
    let is_active = answer["active"] == true
        && answer["jti"] == voucher.jti.as_str()
        && answer["exchange"] == voucher.exchange.as_str();
    is_active.then_some(()).ok_or(VoucherRefusal::Inactive)
}
