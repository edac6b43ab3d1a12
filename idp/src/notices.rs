//! Telling clients that a session ended (OIDC Back-Channel Logout §2.5), off the request's path.
//!
//! A client that does not answer is tried again a few times while this node lives; a node that stops
//! tries once more and waits for the answer ([`Idp::finish`]).

use std::time::Duration;

use guichet_domain::{AuditEvent, EventKind};
use guichet_oidc::LogoutNotice;
use http::HeaderMap;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Idp;
use crate::session::Session;

/// Notices under way.
#[derive(Default)]
pub(crate) struct Notices {
    tasks: TaskTracker,
    closing: CancellationToken,
}

impl Idp {
    /// Tells every client of a session that it ended, without keeping the person waiting.
    pub(crate) fn tell_clients(&self, session: &Session) {
        let Ok(subject) = session.account.to_string().parse() else {
            return;
        };
        for client in &session.clients {
            let Some(client) = self.clients.client(client.as_str()) else {
                continue;
            };
            let sid = self.sid(session, &client.id);
            match self.engine.logout_notice(&client, &subject, &sid) {
                Ok(Some(notice)) => {
                    let event = AuditEvent::new(EventKind::LogoutNotified, self.now());
                    let telling = tell(
                        self.clone(),
                        notice,
                        event.session(session.root).client(&client.id),
                    );
                    self.notices.tasks.spawn(telling);
                }
                Ok(None) => {}
                Err(error) => tracing::error!(house = self.house(), %error, "no logout token"),
            }
        }
    }

    /// Waits for what goes on after answers were given: call it once requests are no longer served.
    /// A client that cannot be reached then is tried once more, at once.
    pub async fn finish(&self) {
        self.notices.closing.cancel();
        self.notices.tasks.close();
        self.notices.tasks.wait().await;
    }
}

/// One client, told until it answers or has been tried often enough.
async fn tell(idp: Idp, notice: LogoutNotice, notified: AuditEvent) {
    for attempt in 1_u64.. {
        let is_last = idp.notices.closing.is_cancelled();
        let told = send(&idp, &notice).await;
        let pause = pause_after(attempt).filter(|_| !told && !is_last);
        let kind = if told {
            EventKind::LogoutNotified
        } else {
            EventKind::LogoutNotificationFailed
        };
        let event = AuditEvent {
            kind,
            at: idp.now(),
            ..notified.clone()
        };
        let again = pause.is_some();
        idp.note(event.detail("attempt", attempt).detail("again", again));
        let Some(pause) = pause else { return };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = idp.notices.closing.cancelled() => {}
        }
    }
}

async fn send(idp: &Idp, notice: &LogoutNotice) -> bool {
    let fields = [("logout_token", notice.logout_token.as_str())];
    let answer = idp
        .outgoing
        .post_form(notice.uri.as_str(), &fields, HeaderMap::new())
        .await;
    matches!(&answer, Ok(answer) if answer.status().is_success())
}

/// How long to wait after this many attempts; `None` when it is time to give up. All of them end well
/// before the logout token does, after two minutes.
fn pause_after(attempt: u64) -> Option<Duration> {
    let index = usize::try_from(attempt.checked_sub(1)?).ok()?;
    PAUSES.get(index).copied()
}

const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(20),
];
