//! What a resource of this house asks of a client that calls it in its own name: its token, as userinfo asks
//! for a person's.

use axum::response::Response;
use guichet_domain::{ClientId, OAuthError, Scopes};
use http::request::Parts;

use crate::Engine;
use crate::bearer::{self, Presented, PresentedToken};
use crate::binding::{Scheme, put_nonce};
use crate::called::Called;
use crate::live_token::LiveAccessToken;
use crate::refusal::{Failure, Refusal, bearer_challenge, resource_error};

/// A client that calls in its own name, proven by its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallingClient {
    /// Who.
    pub client: ClientId,
    /// What its token holds.
    pub scopes: Scopes,
}

impl Engine {
    /// The client whose token for `resource` a request brings; `base` is the origin that was called, without
    /// a slash. `Err` is the answer to give: its status and its challenges.
    pub async fn calling_client(
        &self,
        head: &Parts,
        base: &str,
        resource: &str,
    ) -> Result<CallingClient, Response> {
        let (scheme, found) = match bearer::of_get(head) {
            Ok(Presented::Token(token)) => {
                let found = find(self, head, base, resource, &token).await;
                (token.scheme, found)
            }
            Ok(Presented::Nothing) => return Err(bearer_challenge(self.issuer())),
            Err(refusal) => (Scheme::Bearer, Err(refusal.into())),
        };
        found.map_err(|failure| {
            let refusal = failure.seen_from_outside();
            let mut response = resource_error(self.issuer(), scheme, refusal);
            if refusal.error == OAuthError::UseDpopNonce {
                put_nonce(self, &mut response);
            }
            response
        })
    }
}

async fn find(
    engine: &Engine,
    head: &Parts,
    base: &str,
    resource: &str,
    token: &PresentedToken,
) -> Result<CallingClient, Failure> {
    let live = LiveAccessToken::find(engine, &token.text)
        .await?
        .ok_or(DEAD)?;
    let (client, record) = (live.client(), live.record());
    let presented = (token.scheme, token.text.as_str());
    record
        .binding
        .check_use(engine, head, &Called::at(base, head), client, presented)
        .await?;
    let is_meant = record.is_in_own_name() && record.resources.iter().any(|it| it == resource);
    if !is_meant {
        return Err(FOR_OTHERS.into());
    }
    Ok(CallingClient {
        client: record.client.clone(),
        scopes: record.scopes.clone(),
    })
}

const DEAD: Refusal = Refusal::new(
    OAuthError::InvalidToken,
    "the access token is unknown, expired or revoked",
);
const FOR_OTHERS: Refusal = Refusal::new(
    OAuthError::InvalidToken,
    "the access token is not one of a client in its own name for this resource",
);
