//! Whether an event is believed: every check, in order.

use std::time::Duration;

use guichet_domain::Timestamp;
use guichet_keys::{JwsAlg, TypRule, VerifyPolicy};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{EventReceiver, Happened, SecurityEvent};
use crate::hub::Unbelieved;

/// Why an event is not believed: one name for each check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventRefusal {
    /// Its type, its signature, its key.
    #[error("the event is not signed by the hub as an event")]
    NotSigned,
    /// It is by another hub.
    #[error("the event is by another hub")]
    Issuer,
    /// It is for another party.
    #[error("the event is for another party")]
    Audience,
    /// It is of the future, or of long ago.
    #[error("the event is of another time")]
    Time,
    /// It does not say what an event says.
    #[error("the event does not say what an event says")]
    Malformed,
    /// The hub's keys cannot be fetched, our own memory cannot be asked, or it could not be acted on.
    #[error("the event cannot be taken now")]
    NotNow,
}

impl EventRefusal {
    /// The error code (RFC 8935 §2.4, RFC 8936 §2.6).
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotSigned => "invalid_key",
            Self::Issuer => "invalid_issuer",
            Self::Audience => "invalid_audience",
            Self::Time | Self::Malformed => "invalid_request",
            Self::NotNow => "temporarily_unavailable",
        }
    }
}

/// The claims of a token (RFC 8417 §2.2).
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Value,
    iat: i64,
    jti: String,
    #[serde(default)]
    sub_id: Option<SubjectId>,
    events: Map<String, Value>,
}

/// RFC 9493 §3.2.3, `iss_sub`.
#[derive(Deserialize)]
struct SubjectId {
    #[serde(default)]
    iss: String,
    #[serde(default)]
    sub: String,
}

impl EventReceiver {
    /// What a token says, when the hub signed it for us. Whether it was acted on before is looked at by
    /// whoever takes it in.
    pub async fn verify(&self, token: &str) -> Result<SecurityEvent, EventRefusal> {
        let verified = self.hub.verify(token, POLICY).await;
        let verified = verified.map_err(|error| match error {
            Unbelieved::Jws(_) => EventRefusal::NotSigned,
            Unbelieved::Hub(error) => {
                tracing::warn!(%error, "the hub's keys could not be fetched");
                EventRefusal::NotNow
            }
        })?;
        let claims: Claims = verified.claims_as().map_err(|_| EventRefusal::Malformed)?;
        if claims.iss != self.hub.issuer() {
            return Err(EventRefusal::Issuer);
        }
        if !is_for(&claims.aud, self.hub.client_id()) {
            return Err(EventRefusal::Audience);
        }
        let (at, now) = (Timestamp::from_seconds(claims.iat), self.hub.now());
        if at > now.after(LEEWAY) || at < now.before(OLDEST) {
            return Err(EventRefusal::Time);
        }
        if claims.jti.is_empty() || claims.jti.len() > LONGEST_NAME {
            return Err(EventRefusal::Malformed);
        }
        let subject = claims.sub_id.filter(|id| id.iss == self.hub.issuer());
        Ok(SecurityEvent {
            name: claims.jti,
            subject: subject.map(|id| id.sub),
            at,
            happened: Happened::of(&claims.events).ok_or(EventRefusal::Malformed)?,
        })
    }

    /// Whether an event was acted on before.
    pub(super) async fn was_taken(&self, event: &SecurityEvent) -> Result<bool, EventRefusal> {
        let known = self.taken.was_used(&remembered(&event.name)).await;
        known.map_err(|_| EventRefusal::NotNow)
    }

    /// From now on the event of this name, which happened at `at`, was acted on.
    pub(super) async fn remember(&self, name: &str, at: Timestamp) -> Result<(), EventRefusal> {
        let until = at.after(OLDEST).after(LEEWAY);
        let name = remembered(name);
        let noted = self.taken.first_use(&name, until, self.hub.now()).await;
        noted.map(drop).map_err(|_| EventRefusal::NotNow)
    }
}

/// Apart from vouchers, which are remembered in the same place.
fn remembered(name: &str) -> String {
    format!("event {name}")
}

fn is_for(audience: &Value, us: &str) -> bool {
    match audience {
        Value::String(one) => one == us,
        Value::Array(all) => all.iter().any(|one| one == us),
        _ => false,
    }
}

const POLICY: VerifyPolicy<'_> = VerifyPolicy {
    algs: &JwsAlg::OURS,
    typ: TypRule::Exactly("secevent+jwt"),
};
/// How far our clock and the hub's may be apart.
const LEEWAY: Duration = Duration::from_mins(1);
/// How long after it happened an event is taken: longer than the hub tries, and as long as its name is
/// remembered.
const OLDEST: Duration = Duration::from_hours(24 * 100);
const LONGEST_NAME: usize = 128;
