//! Telling services that a session ended: what is left in the outbox, and what becomes of it.

use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::SessionId;
use guichet_oidc::{Courier, LogoutNotice, LogoutNotices, SubjectChange, ToTell};
use guichet_store::durable::Letter;
use guichet_web::{Outgoing, PageError};
use http::HeaderMap;

use crate::hub::Hub;
use crate::ping;
use crate::session::Session;

/// How long one delivery may take before the letter is somebody else's.
const IN_HAND: Duration = Duration::from_mins(1);
const AT_ONCE: u32 = 32;

impl Hub {
    /// Leaves a letter for every service of a session, also for the one that asked: it may have more
    /// than the browser that it sent here (Back-Channel Logout §2.5).
    pub(crate) async fn leave_letters(
        &self,
        id: SessionId,
        session: &Session,
    ) -> Result<(), PageError> {
        for participant in &session.participants {
            let to = ToTell {
                client: participant.client.clone(),
                subject: participant.subject.clone(),
                sid: Some(participant.sid.clone()),
                change: SubjectChange::SignedOut,
            };
            let left = self.notices().leave(id, &to).await;
            left.map_err(|fault| self.fault("keep a logout notice", &fault))?;
        }
        Ok(())
    }

    /// Sends every letter that is due. The binary calls this now and then, for those that did not
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

    async fn deliver(&self, letter: &Letter) {
        if letter.kind == ping::KIND {
            let outbox = &self.parts().outbox;
            settle(match self.deliver_ping(letter).await {
                Some(again) => outbox.retry(letter.id, again).await,
                None => outbox.done(letter.id).await,
            });
            return;
        }
        if letter.kind != LogoutNotices::KIND {
            settle(self.parts().outbox.retry(letter.id, self.now()).await);
            return;
        }
        self.notices().deliver(letter).await;
    }
}

/// The outgoing client, as the engine sees it.
pub(crate) struct Post(pub(crate) Outgoing);

#[async_trait]
impl Courier for Post {
    async fn carry(&self, notice: &LogoutNotice) -> bool {
        let fields = [("logout_token", notice.logout_token.as_str())];
        let sent = self
            .0
            .post_form(notice.uri.as_str(), &fields, HeaderMap::new())
            .await;
        let client = &notice.client;
        match sent {
            Ok(answer) if answer.status().is_success() => true,
            Ok(answer) => {
                let status = answer.status().as_u16();
                tracing::warn!(%client, status, "a logout notice was refused");
                false
            }
            Err(error) => {
                tracing::warn!(%client, %error, "a logout notice did not arrive");
                false
            }
        }
    }
}

fn settle(outcome: Result<(), guichet_store::Fault>) {
    if let Err(error) = outcome {
        tracing::error!(%error, "the outbox cannot be written");
    }
}
