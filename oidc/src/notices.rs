//! Telling clients that a session ended, by the back channel (OIDC Back-Channel Logout §2.5).
//!
//! Each notice is a letter in the outbox before the session ends, so that it is delivered even if this
//! node dies; the token is made when it is sent, since it is valid for minutes only. Off the request
//! path, and tried again until it is given up. Both houses use it alike; each has its own letters.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::{
    AuditEvent, Client, ClientId, EventKind, SessionId, SubjectIdentifier, Timestamp,
};
use guichet_keys::{Keys, Sealer, first_half, sha256_of};
use guichet_store::Fault;
use guichet_store::durable::{Carrier, Letter, Outbox};
use serde::{Deserialize, Serialize};

use crate::refusal::key_fault;
use crate::{Engine, LogoutNotice};

/// Whoever carries a logout token to its client: the house, with its outgoing client.
#[async_trait]
pub trait Courier: Send + Sync {
    /// Posts `logout_token` to the notice's address; whether the client took it (§2.8: a 2xx).
    async fn carry(&self, notice: &LogoutNotice) -> bool;
}

/// The notices of one house. Cheap to clone.
#[derive(Clone)]
pub struct LogoutNotices(Arc<Inner>);

struct Inner {
    engine: Engine,
    outbox: Arc<dyn Outbox>,
    courier: Arc<dyn Courier>,
    sealer: Sealer,
}

/// One client to tell.
#[derive(Clone, Serialize, Deserialize)]
pub struct ToTell {
    /// Which.
    pub client: ClientId,
    /// The person's name there.
    pub subject: SubjectIdentifier,
    /// The session's name there; `None` for every session of that person.
    pub sid: Option<String>,
    /// What else became of the name.
    #[serde(default)]
    pub change: SubjectChange,
}

/// What becomes of a subject, beside the end of its sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubjectChange {
    /// Nothing.
    #[default]
    SignedOut,
    /// The person is known by this one from now on.
    Became(SubjectIdentifier),
    /// Whoever has this one is somebody else.
    PartedFrom(SubjectIdentifier),
}

/// Letters about subjects, from whoever corrects who is who or who may act: that may be a command without an engine.
/// [`LogoutNotices`] delivers them.
pub struct SubjectLetters {
    outbox: Arc<dyn Outbox>,
    sealer: Sealer,
}

impl SubjectLetters {
    /// Letters into `outbox`.
    pub fn new(keys: &Keys, outbox: Arc<dyn Outbox>) -> Self {
        let sealer = keys.sealer(SEALER);
        Self { outbox, sealer }
    }

    /// Leaves a letter for `client`, if it can be told: every session of `subject` is over. Twice on one
    /// occasion, a correction or a case, it is the same letter.
    pub async fn leave(
        &self,
        occasion: &[u8; 16],
        client: &Client,
        subject: &SubjectIdentifier,
        change: &SubjectChange,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        if client.backchannel_logout_uri.is_none() {
            return Ok(false);
        }
        let to = ToTell {
            client: client.id.clone(),
            subject: subject.clone(),
            sid: None,
            change: change.clone(),
        };
        let about: [&[u8]; 3] = [occasion, subject.as_str().as_bytes(), what(change)];
        let id = letter_id(&about, &client.id);
        let sealed = self.sealer.seal_json(&id, &to);
        let sealed = sealed.map_err(key_fault("seal a logout notice"))?;
        self.outbox
            .enqueue(id, LogoutNotices::KIND, sealed, now)
            .await?;
        Ok(true)
    }
}

const fn what(change: &SubjectChange) -> &'static [u8] {
    match change {
        SubjectChange::SignedOut => b"signed out",
        SubjectChange::Became(_) => b"became",
        SubjectChange::PartedFrom(_) => b"parted",
    }
}

const SEALER: &str = "oidc logout notices";

/// How a delivery went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Delivery {
    /// It was taken.
    Taken,
    /// There is nobody to tell: the client is gone or has no address for it.
    Nobody,
    /// Not this time.
    NotNow,
}

/// After each attempt but the last, how long to wait for the next.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(5),
    Duration::from_mins(1),
    Duration::from_mins(10),
];

impl LogoutNotices {
    /// The kind of these letters in the outbox.
    pub const KIND: &'static str = "logout-notice";

    /// The notices of the house behind `engine`.
    pub fn new(
        engine: Engine,
        keys: &Keys,
        outbox: Arc<dyn Outbox>,
        courier: Arc<dyn Courier>,
    ) -> Self {
        Self(Arc::new(Inner {
            engine,
            outbox,
            courier,
            sealer: keys.sealer(SEALER),
        }))
    }

    /// Leaves a letter for a client that can be told; a second one to the same client about the same
    /// session is the same letter. Once this returns it is safe.
    pub async fn leave(&self, session: SessionId, to: &ToTell) -> Result<(), Fault> {
        let client = self.0.engine.active_client(to.client.as_str());
        if client.is_none_or(|client| client.backchannel_logout_uri.is_none()) {
            return Ok(());
        }
        let id = letter_id(&[session.as_bytes()], &to.client);
        let sealed = self
            .0
            .sealer
            .seal_json(&id, to)
            .map_err(key_fault("seal a logout notice"))?;
        let now = self.0.engine.now();
        self.0.outbox.enqueue(id, Self::KIND, sealed, now).await
    }

    async fn send(&self, to: &ToTell) -> Delivery {
        let engine = &self.0.engine;
        let Some(client) = engine.parts().clients.client(to.client.as_str()) else {
            return Delivery::Nobody;
        };
        match engine.logout_notice(&client, to) {
            Ok(Some(notice)) if self.0.courier.carry(&notice).await => Delivery::Taken,
            Ok(Some(_)) => Delivery::NotNow,
            Ok(None) => Delivery::Nobody,
            Err(error) => {
                tracing::error!(%error, "a logout token cannot be made");
                Delivery::NotNow
            }
        }
    }
}

#[async_trait]
impl Carrier for LogoutNotices {
    fn kind(&self) -> &'static str {
        Self::KIND
    }

    async fn carry(&self, letter: &Letter) -> Option<Timestamp> {
        let sealer = &self.0.sealer;
        let Ok(to) = sealer.open_json::<ToTell>(&letter.id, &letter.payload) else {
            tracing::error!("a logout notice does not open");
            return None;
        };
        let delivery = self.send(&to).await;
        let pause = pause_after(letter.attempts).filter(|_| delivery == Delivery::NotNow);
        let kind = match delivery {
            Delivery::Taken => EventKind::LogoutNotified,
            Delivery::NotNow | Delivery::Nobody => EventKind::LogoutNotificationFailed,
        };
        let now = self.0.engine.now();
        self.0.engine.note(
            AuditEvent::new(kind, now)
                .client(&to.client)
                .detail("attempt", letter.attempts)
                .detail("again", pause.is_some()),
        );
        pause.map(|pause| now.after(pause))
    }
}

/// A letter's identifier, from what it is about: queued twice, it is one letter.
fn letter_id(about: &[&[u8]], client: &ClientId) -> [u8; 16] {
    let kind = LogoutNotices::KIND.as_bytes();
    let parts: Vec<&[u8]> = [kind]
        .into_iter()
        .chain(about.iter().copied())
        .chain([client.as_str().as_bytes()])
        .collect();
    first_half(sha256_of(&parts))
}

/// How long to wait after this many attempts; `None` when it is time to give up.
fn pause_after(attempts: u64) -> Option<Duration> {
    let index = usize::try_from(attempts.checked_sub(1)?).ok()?;
    PAUSES.get(index).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_session_and_one_client_make_one_letter() {
        let (one, two) = (
            SessionId::from_bytes([1; 16]),
            SessionId::from_bytes([2; 16]),
        );
        let id = |session: SessionId, client: &str| {
            letter_id(&[session.as_bytes()], &client.parse().unwrap())
        };
        assert_eq!(id(one, "cantine"), id(one, "cantine"));
        assert_ne!(id(one, "cantine"), id(two, "cantine"));
        assert_ne!(id(one, "cantine"), id(one, "banque"));
    }

    #[test]
    fn a_notice_is_tried_four_times_with_growing_pauses() {
        let pauses: Vec<Option<Duration>> = (0..6).map(pause_after).collect();
        assert_eq!(pauses[0], None);
        assert!(pauses[1] < pauses[2] && pauses[2] < pauses[3]);
        assert_eq!(&pauses[4..], [None, None]);
    }
}
