//! The device code grant (RFC 8628 §3.4): a device fetches what a person granted it elsewhere, once.

use super::TokenRequest;
use super::issue::{self, Purchase, Refresh, TokenAnswer};
use crate::refusal::Failure;
use crate::{DeferredKind, deferred};

/// The tokens for the device code of a request.
pub(super) async fn tokens(request: &TokenRequest<'_>) -> Result<TokenAnswer, Failure> {
    let code = request
        .asked
        .required("device_code", "device_code is missing")?;
    let granted =
        deferred::redeem(request.engine, request.client, DeferredKind::Device, code).await?;
    issue::tokens(
        request,
        Purchase {
            granted,
            nonce: None,
            refresh: Refresh::Begins,
        },
    )
    .await
}
