//! Telling clients that a session ended: letters that are safe before it ends, carried off the
//! request's path.

use async_trait::async_trait;
use futures_util::future::join_all;
use guichet_domain::SubjectIdentifier;
use guichet_oidc::{Courier, LogoutNotice, SubjectChange, ToTell};
use guichet_store::durable::Mailroom;
use guichet_web::Outgoing;
use http::HeaderMap;

use crate::Idp;
use crate::refusal::Halt;
use crate::session::Session;

impl Idp {
    /// Leaves a letter for every client of a session.
    pub(crate) async fn leave_letters(&self, session: &Session) -> Result<(), Halt> {
        let Ok(subject) = session.account.to_string().parse() else {
            return Ok(());
        };
        for client in &session.clients {
            let to = ToTell {
                client: client.clone(),
                subject: SubjectIdentifier::clone(&subject),
                sid: Some(self.sid(session, client)),
                change: SubjectChange::SignedOut,
            };
            self.notices.leave(session.root, &to).await?;
        }
        Ok(())
    }

    /// Carries what is due, without keeping anybody waiting.
    pub(crate) fn deliver_soon(&self) {
        for room in &self.rooms {
            let room = room.clone();
            self.tasks.spawn(async move { room.deliver_due().await });
        }
    }

    /// Carries every letter that is due. The binary calls this now and then, for those that did not
    /// arrive at first or whose node died.
    pub async fn deliver_due(&self) {
        join_all(self.rooms.iter().map(Mailroom::deliver_due)).await;
    }

    /// Waits for what goes on after answers were given: call it once requests are no longer served.
    /// What did not arrive by then waits in the outbox.
    pub async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }
}

/// The outgoing client, as the engine sees it.
pub(crate) struct Post(pub(crate) Outgoing);

#[async_trait]
impl Courier for Post {
    async fn carry(&self, notice: &LogoutNotice) -> bool {
        let fields = [("logout_token", notice.logout_token.as_str())];
        let answer = self
            .0
            .post_form(notice.uri.as_str(), &fields, HeaderMap::new())
            .await;
        matches!(&answer, Ok(answer) if answer.status().is_success())
    }
}
