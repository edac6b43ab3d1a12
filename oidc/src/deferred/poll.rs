//! How a client fetches what was granted: it asks at the token endpoint, not too often, until the person
//! has answered (RFC 8628 §3.4 and §3.5, CIBA Core §10.1 and §11).

use std::time::Duration;

use guichet_domain::OAuthError;
use guichet_keys::TokenHash;
use guichet_store::Fault;
use guichet_store::short_lived::Deferred;

use super::record::{REMEMBERED_AFTER, Standing};
use crate::client_auth::AuthenticatedClient;
use crate::records::Granted;
use crate::refusal::{Failure, Refusal};
use crate::{DeferredKind, Engine};

/// What was granted behind `text`, to the client that asked for it, once.
///
/// Whose grant it is comes before everything else and spends nothing: a client that shows another's text
/// neither learns nor breaks anything.
pub(crate) async fn redeem(
    engine: &Engine,
    client: &AuthenticatedClient,
    kind: DeferredKind,
    text: &str,
) -> Result<Granted, Failure> {
    let unknown = refusals(kind).unknown;
    let handle = *TokenHash::of(kind.handed_out(), text).as_bytes();
    let grants = &engine.parts().deferred;
    let Some(stored) = grants.load(handle).await? else {
        return Err(unknown.because("unknown or redeemed before").into());
    };
    let record = engine.grants().open(handle, &stored.sealed)?;
    if record.client != client.id {
        return Err(unknown.because("the grant of another client").into());
    }
    if engine.now() >= record.expires {
        return Err(refusals(kind).expired.into());
    }
    keep_pace(engine, kind, handle).await?;
    let granted = match grants.redeem(handle).await? {
        Deferred::Pending(_) => return Err(PENDING.into()),
        Deferred::Denied(_) => return Err(DENIED.into()),
        Deferred::Unknown => return Err(unknown.because("redeemed by another request").into()),
        Deferred::Fresh(sealed) => engine.grants().open(handle, &sealed)?,
    };
    match granted.standing {
        Standing::Approved(granted) => Ok(*granted),
        Standing::Waiting(_) | Standing::Refused => {
            Err(Fault::bare("an approved grant that was not approved").into())
        }
    }
}

/// Refuses a client that asks sooner than it was told to. Each time it does, it must wait five seconds
/// more from then on (RFC 8628 §3.5).
async fn keep_pace(engine: &Engine, kind: DeferredKind, handle: [u8; 32]) -> Result<(), Failure> {
    let now = engine.now();
    let parts = engine.parts();
    let too_soon = parts.attempts.seen(TOO_SOON, &handle).await?;
    let steps = u32::try_from(too_soon).unwrap_or(u32::MAX);
    let interval = interval(engine, kind).saturating_add(STEP.saturating_mul(steps));
    let until = now.after(interval.saturating_sub(JITTER));
    if parts
        .replay
        .first_use("deferred poll", &handle, until)
        .await?
    {
        return Ok(());
    }
    let forget = now.after(longest(engine, kind)).after(REMEMBERED_AFTER);
    parts.attempts.count(TOO_SOON, &handle, forget).await?;
    Err(SLOW_DOWN.into())
}

fn interval(engine: &Engine, kind: DeferredKind) -> Duration {
    let settings = &engine.settings().deferred;
    let interval = match kind {
        DeferredKind::Device => settings.device.as_ref().map(|device| device.interval),
        DeferredKind::Ciba => settings.ciba.as_ref().map(|ciba| ciba.interval),
    };
    interval.unwrap_or(STEP)
}

fn longest(engine: &Engine, kind: DeferredKind) -> Duration {
    let settings = &engine.settings().deferred;
    let longest = match kind {
        DeferredKind::Device => settings.device.as_ref().map(|device| device.lifetime),
        DeferredKind::Ciba => settings.ciba.as_ref().map(|ciba| ciba.longest),
    };
    longest.unwrap_or_default()
}

const TOO_SOON: &str = "deferred too soon";
const STEP: Duration = Duration::from_secs(5);
/// Two questions a whole interval apart may come closer together on their way.
const JITTER: Duration = Duration::from_millis(500);

const PENDING: Refusal = Refusal::new(
    OAuthError::AuthorizationPending,
    "the person has not answered yet",
);
const SLOW_DOWN: Refusal = Refusal::new(
    OAuthError::SlowDown,
    "asked too soon: wait five seconds more between two questions from now on",
);
const DENIED: Refusal = Refusal::new(OAuthError::AccessDenied, "the person refused");

/// What differs between the two kinds is what the client's text is called.
struct Refusals {
    unknown: Refusal,
    expired: Refusal,
}

const fn refusals(kind: DeferredKind) -> Refusals {
    match kind {
        DeferredKind::Device => Refusals {
            unknown: Refusal::new(
                OAuthError::InvalidGrant,
                "the device_code is unknown or spent, or was issued to another client",
            ),
            expired: Refusal::new(OAuthError::ExpiredToken, "the device_code has expired"),
        },
        DeferredKind::Ciba => Refusals {
            unknown: Refusal::new(
                OAuthError::InvalidGrant,
                "the auth_req_id is unknown or spent, or was issued to another client",
            ),
            expired: Refusal::new(OAuthError::ExpiredToken, "the auth_req_id has expired"),
        },
    }
}
