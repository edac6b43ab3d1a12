//! The CIBA grant (CIBA Core §10.1): a client fetches what the person it named granted it, once.

use super::TokenRequest;
use super::issue::{self, Purchase, Refresh, TokenAnswer};
use crate::refusal::Failure;
use crate::{DeferredKind, deferred};

/// The tokens for the `auth_req_id` of a request.
///
/// The ID token holds no `urn:openid:params:jwt:claim:auth_req_id`: that binds a pushed token to its
/// request (§10.3.1), and nothing is pushed here.
pub(super) async fn tokens(request: &TokenRequest<'_>) -> Result<TokenAnswer, Failure> {
    let id = request
        .asked
        .required("auth_req_id", "auth_req_id is missing")?;
    let granted = deferred::redeem(request.engine, request.client, DeferredKind::Ciba, id).await?;
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
