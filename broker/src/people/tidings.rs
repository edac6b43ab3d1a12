//! What services are told of a person, whoever put it right: by a logout notice that a name's sessions are
//! over, and by an event what became of the account (RISC 1.0, CAEP 1.0). A service may have sessions of
//! its own and hear of events alone.

use std::sync::Arc;

use guichet_domain::{Client, SubjectIdentifier, Timestamp};
use guichet_exchange::{Event, EventLetters, Notice};
use guichet_keys::Keys;
use guichet_oidc::{SubjectChange, SubjectLetters};
use guichet_store::Fault;
use guichet_store::durable::{Outbox, WaitingEvents};

/// Where tidings are left for a hub to send; whoever leaves them may be a command without one.
pub struct Tidings {
    letters: SubjectLetters,
    events: EventLetters,
}

/// What became of somebody under one of their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// They may not act any more.
    Barred,
    /// They may again; nothing that was there before comes back.
    Open,
    /// Every session is over, and the name may mean somebody else.
    Over(SubjectChange),
}

/// Of what it tells: told again about the same, it is the same.
#[derive(Clone, Copy)]
pub(super) struct Occasion<'a> {
    /// The case or the correction.
    pub(super) of: &'a [u8; 16],
    /// Whether that was taken back.
    pub(super) is_undone: bool,
    /// When.
    pub(super) at: Timestamp,
}

impl Tidings {
    /// Tidings of the hub with this issuer.
    pub fn new(
        issuer: &str,
        keys: &Keys,
        outbox: Arc<dyn Outbox>,
        waiting: Arc<dyn WaitingEvents>,
    ) -> Self {
        Self {
            letters: SubjectLetters::new(keys, Arc::clone(&outbox)),
            events: EventLetters::new(issuer.to_owned(), keys, outbox, waiting),
        }
    }

    /// Leaves for `client` what became of `subject`; whether a logout notice was left. A client that is
    /// switched off is told nothing.
    pub(super) async fn leave(
        &self,
        on: Occasion<'_>,
        client: &Client,
        subject: &SubjectIdentifier,
        news: &News,
    ) -> Result<bool, Fault> {
        if !client.active {
            return Ok(false);
        }
        if client.hears_events() {
            let name = subject.as_str().as_bytes();
            let occurrence = [&on.of[..], &[u8::from(on.is_undone)], name].concat();
            let notice = Notice {
                client,
                subject,
                about: None,
                event: &news.event(),
                occurrence: &occurrence,
                at: on.at,
            };
            self.events.leave(&notice).await?;
        }
        match news.letter() {
            Some(change) => {
                let letters = &self.letters;
                letters.leave(on.of, client, subject, change, on.at).await
            }
            None => Ok(false),
        }
    }
}

impl News {
    fn event(&self) -> Event {
        match self {
            Self::Barred => Event::AccountDisabled,
            Self::Open => Event::AccountEnabled,
            Self::Over(SubjectChange::Became(to)) => Event::IdentifierChanged { to: to.clone() },
            Self::Over(_) => Event::SessionRevoked,
        }
    }

    const fn letter(&self) -> Option<&SubjectChange> {
        match self {
            Self::Barred => Some(&SubjectChange::SignedOut),
            Self::Open => None,
            Self::Over(change) => Some(change),
        }
    }
}
