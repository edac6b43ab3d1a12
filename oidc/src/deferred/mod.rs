//! Grants asked for elsewhere: by a device without a browser (RFC 8628), or by a client that names the
//! person (OpenID CIBA Core). The client waits at the token endpoint; the person answers in a browser of
//! their own, on the same spine as any sign-in.
//!
//! A request that passes the checks of [`device`] or [`ciba`] becomes an [`AcceptedRequest`] whose answer
//! settles the grant; `waiting` is how a house finds it for the person, `poll` how its client fetches it.

pub(crate) mod ciba;
pub(crate) mod device;
pub(crate) mod metadata;
mod ping;
mod poll;
mod record;
mod user_code;
mod waiting;

use std::time::Duration;

use guichet_domain::{AuditEvent, EventKind, OAuthError};
use guichet_keys::HandedOutKind;
use guichet_store::Fault;
use guichet_store::short_lived::{self, Advance};

use crate::records::Granted;
use crate::{
    AcceptedRequest, Answer, DeferredGrant, DeferredKind, Engine, Outcome, Settled, Settlement,
    audit,
};

pub(crate) use poll::redeem;
pub(crate) use record::Grants;
use record::{DeferredRecord, Standing};
pub use waiting::{Note, Typed, WaitingRequest};

/// Which of these grants a provider offers, and how.
#[derive(Clone, Debug, Default)]
pub struct DeferredSettings {
    /// Device authorization (RFC 8628); `None` where it is switched off.
    pub device: Option<DeviceSettings>,
    /// CIBA, by poll and by ping; `None` where it is switched off.
    pub ciba: Option<CibaSettings>,
}

impl DeferredSettings {
    /// How long after it was asked for a grant may be fetched at most.
    pub(crate) fn longest(&self) -> Duration {
        let device = self.device.as_ref().map(|device| device.lifetime);
        let ciba = self
            .ciba
            .as_ref()
            .map(|ciba| ciba.lifetime.max(ciba.longest));
        device.max(ciba).unwrap_or_default()
    }
}

/// How devices are served.
#[derive(Clone, Debug)]
pub struct DeviceSettings {
    /// The page of the house where a person types the code.
    pub verification_uri: String,
    /// How long a person may take.
    pub lifetime: Duration,
    /// How long a device waits between two questions at least.
    pub interval: Duration,
}

/// How clients that name a person are served.
#[derive(Clone, Debug)]
pub struct CibaSettings {
    /// How long a person may take when the client does not say.
    pub lifetime: Duration,
    /// The most a client may ask for.
    pub longest: Duration,
    /// How long a client waits between two questions at least.
    pub interval: Duration,
}

impl DeferredKind {
    /// What its client polls with.
    pub(crate) const fn handed_out(self) -> HandedOutKind {
        match self {
            Self::Device => HandedOutKind::DeviceCode,
            Self::Ciba => HandedOutKind::AuthReqId,
        }
    }

    /// Its name in the audit log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Ciba => "ciba",
        }
    }
}

/// The person agreed: whoever waits may fetch what was granted.
pub(crate) async fn approve(
    engine: &Engine,
    request: &AcceptedRequest,
    grant: &DeferredGrant,
    outcome: Outcome,
) -> Result<Answer, Fault> {
    let Some(record) = record::waiting(engine, grant.handle).await? else {
        return Ok(too_late(request, grant));
    };
    let login = outcome.login;
    let granted = Granted::of(engine, request, outcome);
    let event = audit::of_grant(EventKind::DeferredApproved, &granted, engine.now());
    let event = audit::during(event, login);
    // On record first: a client may fetch it from the moment it is settled.
    engine
        .record(event.detail("kind", grant.kind.as_str()))
        .await?;
    settle(engine, grant, record, Some(granted)).await
}

/// The person refused, or the request cannot be answered.
pub(crate) async fn deny(
    engine: &Engine,
    request: &AcceptedRequest,
    grant: &DeferredGrant,
    error: OAuthError,
) -> Result<Answer, Fault> {
    let Some(record) = record::waiting(engine, grant.handle).await? else {
        return Ok(too_late(request, grant));
    };
    engine
        .record(refused(engine, grant, &record, error.as_str()))
        .await?;
    settle(engine, grant, record, None).await
}

fn refused(
    engine: &Engine,
    grant: &DeferredGrant,
    record: &DeferredRecord,
    error: &'static str,
) -> AuditEvent {
    let event = AuditEvent::new(EventKind::DeferredRefused, engine.now())
        .client(&record.client)
        .detail("kind", grant.kind.as_str())
        .detail("error", error);
    match record.person {
        Some(person) => event.person(person),
        None => event,
    }
}

/// The first answer counts, whoever gives it. What is on record of an answer that came second is
/// contradicted there: whoever reads of an approval must know that nobody could fetch it.
async fn settle(
    engine: &Engine,
    grant: &DeferredGrant,
    record: DeferredRecord,
    granted: Option<Granted>,
) -> Result<Answer, Fault> {
    let (to, what, standing) = match granted {
        Some(granted) => (
            short_lived::Settlement::Approved,
            Settlement::Approved,
            Standing::Approved(Box::new(granted)),
        ),
        None => (
            short_lived::Settlement::Denied,
            Settlement::Refused,
            Standing::Refused,
        ),
    };
    let too_late = refused(engine, grant, &record, "answered_before");
    let client = record.client.clone();
    let sealed = engine
        .grants()
        .seal(grant.handle, &DeferredRecord { standing, ..record })?;
    let settled = engine
        .parts()
        .deferred
        .settle(grant.handle, to, sealed)
        .await?;
    let what = match settled {
        Advance::Done => what,
        Advance::Moved => {
            engine.record(too_late).await?;
            Settlement::TooLate
        }
    };
    Ok(Answer::Settled(Settled {
        client,
        kind: grant.kind,
        what,
    }))
}

fn too_late(request: &AcceptedRequest, grant: &DeferredGrant) -> Answer {
    Answer::Settled(Settled {
        client: request.client.clone(),
        kind: grant.kind,
        what: Settlement::TooLate,
    })
}
