//! The refresh token grant (RFC 6749 §6, OIDC Core §12): what the next access token holds, of all that its
//! family was granted. The family itself is in `family`.

use guichet_domain::{Client, OAuthError, Scope, Scopes};

use super::TokenRequest;
use super::family::LiveFamily;
use super::issue::{self, Purchase, Refresh, TokenAnswer};
use crate::AuthorizationDetail;
use crate::authorize::scope::is_registered;
use crate::refusal::{Failure, Refusal};

/// The tokens for the refresh token of a request. Everything is checked before the token is spent: a
/// request that was wrong may be made again.
pub(super) async fn tokens(request: &TokenRequest<'_>) -> Result<TokenAnswer, Failure> {
    let family = LiveFamily::check(request).await?;
    let mut granted = family.record.granted.clone();
    granted.scopes = still_registered(&granted.scopes, request.client);
    granted.scopes = narrowed(&granted.scopes, request.asked.get("scope"))?;
    let may_ask = |it: &AuthorizationDetail| request.client.may_ask_for(it.kind());
    granted.details.retain(may_ask);
    issue::audience(request, &granted)?;
    issue::details(request, &granted)?;
    let known = family.known_now(request).await?;
    let text = family.spend(request).await?;
    let mut released = granted.scopes.claims();
    // Those granted for their names, too, as far as the client may ask for them today.
    let registered = request.client.scopes.claims();
    let named = family.record.named.iter();
    released.extend(named.filter(|claim| registered.contains(claim)));
    granted.claims = known.only(&released);
    let purchase = Purchase {
        granted,
        nonce: None,
        refresh: Refresh::Goes {
            text,
            ends_with: family.session(),
        },
    };
    issue::tokens(request, purchase).await
}

/// The scopes asked for, all of which were granted (RFC 6749 §6); the granted ones when none is named.
/// The refresh token keeps what it has: the next access token may hold it all again.
fn narrowed(granted: &Scopes, asked: Option<&str>) -> Result<Scopes, Refusal> {
    let Some(asked) = asked else {
        return Ok(granted.clone());
    };
    let asked: Scopes = asked.parse().map_err(|_| MALFORMED_SCOPE)?;
    if asked.without(granted).is_empty() {
        Ok(asked)
    } else {
        Err(MORE_SCOPE)
    }
}

/// Of the scopes granted, those that the client may ask for today: what its registration lost since, its
/// tokens lose with their next refresh (threat N-40).
fn still_registered(granted: &Scopes, client: &Client) -> Scopes {
    let is_registered = |scope: &&Scope| is_registered(client, scope);
    granted.iter().filter(is_registered).cloned().collect()
}

const MALFORMED_SCOPE: Refusal = Refusal::new(
    OAuthError::InvalidScope,
    "scope is malformed or names more than 100 scopes",
);
const MORE_SCOPE: Refusal = Refusal::new(
    OAuthError::InvalidScope,
    "scope names one that was not granted",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_shrink_and_never_grow() {
        let granted: Scopes = "openid email".parse().unwrap();
        let narrowed = |asked| narrowed(&granted, asked).map(|scopes| scopes.to_string());
        assert_eq!(narrowed(None), Ok("openid email".to_owned()));
        assert_eq!(narrowed(Some("email")), Ok("email".to_owned()));
        assert_eq!(narrowed(Some("email phone")), Err(MORE_SCOPE));
        assert_eq!(narrowed(Some("e\"mail")), Err(MALFORMED_SCOPE));
    }
}
