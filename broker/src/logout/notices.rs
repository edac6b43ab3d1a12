//! Telling the other services that a session ended (OIDC Back-Channel Logout §2.5).
//!
//! Each notice is a letter in the outbox before the session ends, so that it is delivered even if this
//! node dies; the token is made when it is sent, since it is valid for minutes only. Off the
//! request path, all at once, and tried again until it is given up.

use std::time::Duration;

use guichet_domain::{AuditEvent, ClientId, EventKind, SessionId, SubjectIdentifier};
use guichet_oidc::LogoutNotice;
use guichet_store::durable::Letter;
use guichet_web::PageError;
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::hub::Hub;
use crate::ping;
use crate::session::{Participant, Session};

/// The kind of these letters in the outbox.
const KIND: &str = "logout-notice";

/// After each attempt but the last, how long to wait for the next.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(5),
    Duration::from_mins(1),
    Duration::from_mins(10),
];

/// How long one delivery may take before the letter is somebody else's.
const IN_HAND: Duration = Duration::from_mins(1);
const AT_ONCE: u32 = 32;

/// One service to tell.
#[derive(Serialize, Deserialize)]
struct Notice {
    client: ClientId,
    subject: SubjectIdentifier,
    sid: String,
}

/// How a delivery went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Delivery {
    /// It was taken.
    Taken,
    /// There is nobody to tell: the service is gone or has no address for it.
    Nobody,
    /// Not this time.
    NotNow,
}

impl Hub {
    /// Leaves a letter for every service of a session but the one that asked; a second one to the same
    /// service about the same session is the same letter.
    pub(super) async fn leave_letters(
        &self,
        id: SessionId,
        session: &Session,
        asking: Option<&ClientId>,
    ) -> Result<(), PageError> {
        let others = session
            .participants
            .iter()
            .filter(|other| Some(&other.client) != asking);
        for participant in others.filter(|other| self.can_be_told(&other.client)) {
            self.leave_letter(id, participant).await?;
        }
        Ok(())
    }

    /// Sends every notice that is due. The binary calls this now and then, for those that did not
    /// arrive at first or whose node died. Letters of other kinds are given back.
    pub async fn deliver_due(&self) {
        let now = self.now();
        let claimed = self
            .parts()
            .outbox
            .claim(now, now.after(IN_HAND), AT_ONCE)
            .await;
        let letters = match claimed {
            Ok(letters) => letters,
            Err(error) => {
                tracing::error!(%error, "the outbox cannot be read");
                return;
            }
        };
        futures_util::future::join_all(letters.iter().map(|letter| self.deliver(letter))).await;
    }

    fn can_be_told(&self, client: &ClientId) -> bool {
        let client = self.parts().clients.client(client.as_str());
        client.is_some_and(|client| client.active && client.backchannel_logout_uri.is_some())
    }

    async fn leave_letter(&self, session: SessionId, to: &Participant) -> Result<(), PageError> {
        let notice = Notice {
            client: to.client.clone(),
            subject: to.subject.clone(),
            sid: to.sid.clone(),
        };
        let id = letter_id(session, &to.client);
        let sealed = self.sealers().pending.seal_json(&id, &notice);
        let sealed = sealed.map_err(|error| self.fault("seal a logout notice", &error))?;
        let kept = self
            .parts()
            .outbox
            .enqueue(id, KIND, sealed, self.now())
            .await;
        kept.map_err(|fault| self.fault("keep a logout notice", &fault))
    }

    async fn deliver(&self, letter: &Letter) {
        if letter.kind == ping::KIND {
            let outbox = &self.parts().outbox;
            settle(match self.deliver_ping(letter).await {
                Some(again) => outbox.retry(letter.id, again).await,
                None => outbox.done(letter.id).await,
            });
            return;
        }
        if letter.kind != KIND {
            settle(self.parts().outbox.retry(letter.id, self.now()).await);
            return;
        }
        let opened = self
            .sealers()
            .pending
            .open_json::<Notice>(&letter.id, &letter.payload);
        let Ok(notice) = opened else {
            tracing::error!("a logout notice does not open");
            settle(self.parts().outbox.done(letter.id).await);
            return;
        };
        let delivery = self.send(&notice).await;
        let pause = pause_after(letter.attempts).filter(|_| delivery == Delivery::NotNow);
        let kind = match delivery {
            Delivery::Taken => EventKind::LogoutNotified,
            Delivery::NotNow | Delivery::Nobody => EventKind::LogoutNotificationFailed,
        };
        let event = AuditEvent::new(kind, self.now()).client(&notice.client);
        self.note(
            event
                .detail("attempt", letter.attempts)
                .detail("again", pause.is_some()),
        );
        settle(match pause {
            Some(pause) => {
                self.parts()
                    .outbox
                    .retry(letter.id, self.now().after(pause))
                    .await
            }
            None => self.parts().outbox.done(letter.id).await,
        });
    }

    async fn send(&self, notice: &Notice) -> Delivery {
        let parts = self.parts();
        let Some(client) = parts.clients.client(notice.client.as_str()) else {
            return Delivery::Nobody;
        };
        let made = parts
            .engine
            .logout_notice(&client, &notice.subject, &notice.sid);
        let letter: LogoutNotice = match made {
            Ok(Some(letter)) => letter,
            Ok(None) => return Delivery::Nobody,
            Err(error) => {
                tracing::error!(%error, "a logout token cannot be made");
                return Delivery::NotNow;
            }
        };
        let fields = [("logout_token", letter.logout_token.as_str())];
        let sent = parts
            .outgoing
            .post_form(letter.uri.as_str(), &fields, HeaderMap::new())
            .await;
        match sent {
            // §2.8: 200, and some answer 204.
            Ok(answer) if answer.status().is_success() => Delivery::Taken,
            Ok(answer) => {
                let status = answer.status().as_u16();
                tracing::warn!(client = %notice.client, status, "a logout notice was refused");
                Delivery::NotNow
            }
            Err(error) => {
                tracing::warn!(client = %notice.client, %error, "a logout notice did not arrive");
                Delivery::NotNow
            }
        }
    }
}

/// A letter's identifier, from what it is about: queued twice, it is one letter.
fn letter_id(session: SessionId, client: &ClientId) -> [u8; 16] {
    let about = [
        KIND.as_bytes(),
        session.as_bytes(),
        client.as_str().as_bytes(),
    ];
    let mut id = [0; 16];
    id.copy_from_slice(&guichet_keys::sha256_of(&about)[..16]);
    id
}

fn settle(outcome: Result<(), guichet_store::Fault>) {
    if let Err(error) = outcome {
        tracing::error!(%error, "the outbox cannot be written");
    }
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
    fn one_session_and_one_service_make_one_letter() {
        let (one, two) = (
            SessionId::from_bytes([1; 16]),
            SessionId::from_bytes([2; 16]),
        );
        let id = |session, client: &str| letter_id(session, &client.parse().unwrap());
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
