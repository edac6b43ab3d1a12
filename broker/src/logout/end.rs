//! The end of a session, whatever ends it: a sign-out, or somebody else's sign-in in the same browser.
//!
//! First the services' letters are on their way, then the tokens are dead and the end is on record, then
//! the session is gone. A node that dies in between leaves a session that can be ended again, and never
//! one that is gone while a service still believes in it.
//!
//! Whoever joins while that is under way ends with it: a service that the person signs in to meanwhile is
//! told as the others are, and a session that goes on from this one, after one more sign-in in another tab,
//! ends in its place.

use guichet_domain::{AuditEvent, ClientId, EventKind, ProviderId};
use guichet_web::PageError;

use crate::hub::Hub;
use crate::session::{LiveSession, Session};

/// What ended a session.
#[derive(Clone)]
pub(crate) enum Ending {
    /// The person signed out, at a service or here.
    SignOut(Option<ClientId>),
    /// Somebody else signed in at the same browser.
    SomebodyElse,
    /// The person closed it from their account.
    Account,
    /// The provider it came from signed the person out.
    Provider(ProviderId),
    /// Its person has more than can be kept.
    TooMany,
    /// Its person is frozen, or their account is closed.
    Barred,
    /// The session that it goes on from was ended while it began.
    Overtaken,
    /// Its person closed the way in that it came by.
    WayClosed,
}

impl Ending {
    fn describe(&self, event: AuditEvent) -> AuditEvent {
        match self {
            Self::SignOut(None) => event.detail("by", "sign_out"),
            Self::SignOut(Some(client)) => event.client(client).detail("by", "sign_out"),
            Self::SomebodyElse => event.detail("by", "somebody_else"),
            Self::Account => event.detail("by", "account"),
            Self::Provider(provider) => event.provider(provider).detail("by", "provider"),
            Self::TooMany => event.detail("by", "too_many"),
            Self::Barred => event.detail("by", "barred"),
            Self::WayClosed => event.detail("by", "way_closed"),
            Self::Overtaken => event.detail("by", "overtaken"),
        }
    }

    /// Whether the person is meant, in whichever session they are by now, or that one session alone.
    const fn follows(&self) -> bool {
        match self {
            Self::SignOut(_) | Self::SomebodyElse | Self::Account | Self::Provider(_) => true,
            // What came after it is counted, or judged, on its own.
            Self::TooMany | Self::Barred | Self::Overtaken | Self::WayClosed => false,
        }
    }
}

impl Hub {
    /// Ends a session for good, or the one that its person has gone on in meanwhile: that which was ended,
    /// or `None` when another request did. Goes on when the browser that asked for it has gone.
    pub(crate) async fn end_for_good(
        &self,
        live: LiveSession,
        ending: Ending,
    ) -> Result<Option<Session>, PageError> {
        let hub = self.clone();
        let ended = self
            .tasks()
            .spawn(async move { hub.end_with_successors(live, &ending).await });
        ended
            .await
            .unwrap_or_else(|stopped| Err(self.fault("end a session", &stopped)))
    }

    async fn end_with_successors(
        &self,
        mut live: LiveSession,
        ending: &Ending,
    ) -> Result<Option<Session>, PageError> {
        loop {
            let ended = self.carry_out_end(&live, ending).await?;
            if ended.is_some() || !ending.follows() {
                return Ok(ended);
            }
            let next = self.session_or_successor(live.id).await;
            match next.map_err(|fault| self.fault("look for a session to end", &fault))? {
                Some(next) => live = next,
                None => return Ok(None),
            }
        }
    }

    async fn carry_out_end(
        &self,
        live: &LiveSession,
        ending: &Ending,
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
        let event = event
            .person(live.session.person)
            .browsing(&live.session.browsing);
        self.append(ending.describe(event)).await?;
        let Some(session) = self.end_session(live.id).await? else {
            return Ok(None);
        };
        // Services that joined meanwhile; the others have their letter already.
        self.leave_letters(live.id, &session).await?;
        self.deliver_soon();
        Ok(Some(session))
    }
}
