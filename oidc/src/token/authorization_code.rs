//! The authorization code grant (RFC 6749 §4.1.3, OIDC Core §3.1.3): a code is spent once, by its
//! client, for its redirect URI, with its PKCE verifier (threat N-30).

use guichet_domain::{AuditEvent, EventKind, GrantId, OAuthError};
use guichet_keys::{HandedOutKind, TokenHash};
use guichet_store::short_lived::Redemption;

use super::issue::{self, Purchase, Refresh, TokenAnswer};
use super::{TokenRequest, verifier};
use crate::Engine;
use crate::client_auth::AuthenticatedClient;
use crate::records::{self, CodeRecord};
use crate::refusal::{Failure, Refusal};

/// The tokens for the code of a request.
pub(super) async fn tokens(request: &TokenRequest<'_>) -> Result<TokenAnswer, Failure> {
    let RedeemedCode(record) = RedeemedCode::check(request).await?;
    issue::tokens(
        request,
        Purchase {
            granted: record.granted,
            nonce: record.nonce,
            refresh: Refresh::Begins,
        },
    )
    .await
}

/// A code that was this client's to spend, and is spent now.
struct RedeemedCode(CodeRecord);

impl RedeemedCode {
    /// Spends the code of a request and checks what it is bound to.
    ///
    /// The store's `redeem` is the single gate, and it comes before the checks of the binding: a code
    /// shown by the wrong client, or with a wrong verifier, has leaked, and is burnt by the attempt.
    /// The rightful client signs the person in again; the thief has nothing to try a second time.
    async fn check(request: &TokenRequest<'_>) -> Result<Self, Failure> {
        let TokenRequest {
            engine,
            client,
            asked,
            ..
        } = *request;
        let code = asked.required("code", "code is missing")?;
        let redirect_uri = asked.required("redirect_uri", "redirect_uri is missing")?;
        // Hashed as a code: a token or any other one-time text is unknown here (threat N-48).
        let key = TokenHash::of(HandedOutKind::Code, code);
        let sealed = match engine
            .parts()
            .codes
            .redeem(*key.as_bytes(), engine.now())
            .await?
        {
            Redemption::Fresh(sealed) => sealed,
            Redemption::Spent(grant) => return Err(replayed(engine, client, grant).await),
            Redemption::Unknown => return Err(NOT_HELD.because("unknown or expired code").into()),
        };
        let record: CodeRecord = records::open(engine.code_sealer(), key, &sealed)?;
        if record.granted.client != client.id {
            return Err(NOT_HELD.because("the code of another client").into());
        }
        if record.redirect_uri != redirect_uri {
            return Err(NOT_HELD.because("another redirect_uri").into());
        }
        verifier::holds(record.pkce.as_ref(), asked.get("code_verifier"))
            .map_err(|reason| NOT_HELD.because(reason))?;
        if !request.binding.answers(record.dpop_jkt.as_deref()) {
            return Err(NOT_HELD.because("not the key the code is bound to").into());
        }
        Ok(Self(record))
    }
}

/// A code presented twice may have been stolen: take back what it already bought (RFC 6749 §4.1.2).
async fn replayed(engine: &Engine, client: &AuthenticatedClient, grant: GrantId) -> Failure {
    let event = AuditEvent::new(EventKind::CodeReplayed, engine.now())
        .client(&client.id)
        .detail("grant", grant);
    let revoked = engine.revoke_grant(grant).await;
    match (revoked, engine.record(event).await) {
        (Ok(()), Ok(())) => NOT_HELD.because("spent code").into(),
        (Err(fault), _) | (_, Err(fault)) => fault.into(),
    }
}

/// One text whatever was wrong, so that nobody learns what a code they found is good for.
const NOT_HELD: Refusal = Refusal::new(
    OAuthError::InvalidGrant,
    "the code is unknown, expired or spent, or was issued for another client, redirect_uri or code_verifier",
);
