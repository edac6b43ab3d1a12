//! Telling services that a session ended: what is left in the outbox, and what becomes of it.

use async_trait::async_trait;
use futures_util::future::join_all;
use guichet_domain::SessionId;
use guichet_oidc::{Courier, LogoutNotice, SubjectChange, ToTell};
use guichet_store::durable::Mailroom;
use guichet_web::{Outgoing, PageError};
use http::HeaderMap;

use crate::hub::Hub;
use crate::session::Session;

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

    /// Sends every letter that is due, and returns when all of them were tried.
    pub async fn deliver_due(&self) {
        join_all(self.rooms().map(Mailroom::deliver_due)).await;
    }

    /// Has every letter sent that is due, without keeping anybody waiting. The binary calls this now and then, for
    /// those that did not arrive at first or whose node died.
    pub fn deliver_all_soon(&self) {
        for room in self.rooms() {
            self.deliver_from(room);
        }
    }

    /// Has letters of one kind sent that are due, without keeping anybody waiting: when one was left.
    pub fn deliver_kind_soon(&self, kind: &str) {
        for room in self.rooms().filter(|room| room.carries(kind)) {
            self.deliver_from(room);
        }
    }

    /// Sends what the exchange leaves, at once: to be awaited again and again, next to
    /// [`Self::deliver_all_soon`]. Who is slow to answer keeps nobody else's waiting.
    pub async fn deliver_when_called(&self) {
        match &self.parts().exchange {
            Some(desk) => desk.events().called().await,
            None => std::future::pending().await,
        }
        self.deliver_soon();
    }

    /// The same without keeping anybody waiting.
    pub(crate) fn deliver_soon(&self) {
        self.deliver_from(self.mailroom());
    }

    fn deliver_from(&self, room: &Mailroom) {
        let room = room.clone();
        self.tasks().spawn(async move { room.deliver_due().await });
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
