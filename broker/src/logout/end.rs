//! The end of a session, whatever ends it: a sign-out, or somebody else's sign-in in the same browser.
//!
//! First the services' letters are on their way, then the tokens are dead and the end is on record, then
//! the session is gone. A node that dies in between leaves a session that can be ended again, and never
//! one that is gone while a service still believes in it.

use guichet_domain::{AuditEvent, ClientId, EventKind};
use guichet_web::PageError;

use crate::hub::Hub;
use crate::session::{LiveSession, Session};

impl Hub {
    /// Ends a session for good; `asking` is the service that asked, if one did. `None` when
    /// another request ended it. Goes on when the browser that asked for it has gone.
    pub(crate) async fn end_for_good(
        &self,
        live: LiveSession,
        asking: Option<ClientId>,
    ) -> Result<Option<Session>, PageError> {
        let hub = self.clone();
        let ended = self
            .tasks()
            .spawn(async move { hub.carry_out_end(&live, asking.as_ref()).await });
        ended
            .await
            .unwrap_or_else(|stopped| Err(self.fault("end a session", &stopped)))
    }

    async fn carry_out_end(
        &self,
        live: &LiveSession,
        asking: Option<&ClientId>,
    ) -> Result<Option<Session>, PageError> {
        self.leave_letters(live.id, &live.session).await?;
        let earlier = live.session.earlier.iter().map(|earlier| &earlier.id);
        for session in earlier.chain([&live.id]) {
            let ended = self.parts().engine.end_session(*session).await;
            ended.map_err(|fault| self.fault("revoke a session's tokens", &fault))?;
        }
        // On record before it is gone: two requests that end it at once may say so twice, and none that
        // ended it says nothing.
        let event = AuditEvent::new(EventKind::SessionEnded, self.now()).session(live.id);
        let event = event.person(live.session.person);
        self.append(match asking {
            Some(client) => event.client(client),
            None => event,
        })
        .await?;
        let Some(session) = self.end_session(live.id).await? else {
            return Ok(None);
        };
        // Services that joined meanwhile; the others have their letter already.
        self.leave_letters(live.id, &session).await?;
        let hub = self.clone();
        self.tasks().spawn(async move { hub.deliver_due().await });
        Ok(Some(session))
    }
}
