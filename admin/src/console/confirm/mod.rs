//! What a dangerous write asks for: the differences shown, then a fresh sign-in through the hub with a second
//! factor or a passkey, then the write carried out, once.
//!
//! A page that is asked for such a write does not do it. It makes a [`Proposal`] of a [`Dangerous`] operation and
//! hands it to [`Console::propose`], which keeps it sealed, bound to the session of whoever proposes it, and shows
//! it (`pages`). Whoever comes back from the hub as the same person, signed in since, has it carried out by the
//! operation it names, which has a line in [`operations`]. What is proposed names the record it was made from by
//! its tag, and is refused by the operation where that is another by then.

mod dangerous;
mod pages;
mod proposal;

use std::time::Duration;

use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::staff::Who;
use guichet_domain::{SessionId, Timestamp};
use guichet_web::PageError;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::front_door::Arrival;
use super::{
    Console, Present, credentials, me, onboarding, people, records, support, switches, webhooks,
};

use proposal::Announced;

pub(crate) use dangerous::{Confirmable, Dangerous};
pub(super) use pages::{confirmed, go, show};
pub(crate) use proposal::{Caution, Proposal, Row};

/// Every operation that is confirmed. Whoever makes one adds a line.
fn operations() -> impl Iterator<Item = &'static dyn Confirmable> {
    let pages = [
        records::OPERATIONS,
        people::OPERATIONS,
        me::OPERATIONS,
        switches::OPERATIONS,
        credentials::OPERATIONS,
        onboarding::OPERATIONS,
        support::OPERATIONS,
        webhooks::OPERATIONS,
    ];
    pages.into_iter().flatten().copied()
}

/// A proposal as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// The operation, by its name.
    operation: String,
    /// What it will be done with.
    input: Value,
    announced: Announced,
    session: [u8; 16],
    who: Who,
    asked: Timestamp,
}

/// How long somebody may think about it.
const KEPT_FOR: Duration = Duration::from_mins(20);
/// How far the clocks of the hub and of a provider may differ: as much as the hub lets them.
const CLOCKS_DIFFER: Duration = Duration::from_mins(1);

/// Why a confirmation is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unconfirmed {
    /// Another session proposed it.
    Session,
    /// Somebody else came back from the hub.
    Person,
    /// They had signed in before they were asked to.
    Stale,
}

impl Kept {
    /// Whether this is the confirmation it waits for.
    fn is_confirmed(
        &self,
        session: SessionId,
        who: &Who,
        signed_in: Timestamp,
    ) -> Result<(), Unconfirmed> {
        if self.session != *session.as_bytes() {
            return Err(Unconfirmed::Session);
        }
        if self.who != *who {
            return Err(Unconfirmed::Person);
        }
        if signed_in.after(CLOCKS_DIFFER) < self.asked {
            return Err(Unconfirmed::Stale);
        }
        Ok(())
    }
}

impl Console {
    /// Keeps what `present` is about to do and leads to the page that shows it: the answer to the form that
    /// asked for it.
    pub(crate) async fn propose<D: Dangerous>(
        &self,
        present: &Present,
        proposal: Proposal<D>,
    ) -> Result<Response, PageError> {
        let now = self.door.clock.now();
        let id = SessionId::random(&*self.door.entropy);
        let input = serde_json::to_value(&proposal.input);
        let kept = Kept {
            operation: D::NAME.to_owned(),
            input: input.map_err(|error| self.fault("keep what is proposed", &error))?,
            announced: proposal.announced,
            session: *present.session.as_bytes(),
            who: present.member.who.clone(),
            asked: now,
        };
        let sealed = self.proposal_seal.seal_json(id.as_bytes(), &kept);
        let sealed = sealed.map_err(|error| self.fault("seal a proposal", &error))?;
        let started = self.sessions.start(id, sealed, now.after(KEPT_FOR)).await;
        started.map_err(|fault| self.fault("keep a proposal", &fault))?;
        Ok(Redirect::to(&format!("/confirm/{id}")).into_response())
    }

    /// What this session proposed under `id`, still kept.
    async fn proposal(&self, present: &Present, id: &str) -> Result<(SessionId, Kept), PageError> {
        let id: SessionId = id.parse().map_err(|_| gone())?;
        let record = self.sessions.load(id).await;
        let record = record.map_err(|fault| self.fault("find a proposal", &fault))?;
        let opened = record.and_then(|record| {
            let opened = self.proposal_seal.open_json(id.as_bytes(), &record.sealed);
            opened.ok()
        });
        let kept: Option<Kept> = opened;
        let own = kept.filter(|kept| kept.session == *present.session.as_bytes());
        own.map(|kept| (id, kept)).ok_or_else(gone)
    }

    /// What was proposed under `id`, for whoever confirmed it as `arrival`: taken, so that nobody else gets it.
    async fn take_confirmed(
        &self,
        headers: &HeaderMap,
        id: &str,
        arrival: &Arrival,
    ) -> Result<(Present, Kept), PageError> {
        let present = self.present(headers).await?;
        let (id, kept) = self.proposal(&present, id).await?;
        let who = Who::Person(arrival.subject.clone());
        let confirmed = kept.is_confirmed(present.session, &who, arrival.auth_time);
        confirmed.map_err(|why| {
            tracing::info!(?why, "a confirmation was refused");
            PageError::new(StatusCode::FORBIDDEN, "console-unconfirmed")
                .with_way_back(format!("/confirm/{id}"), None)
        })?;
        let taken = self.sessions.end(id).await;
        let taken = taken.map_err(|fault| self.fault("take a proposal", &fault))?;
        taken.map(|_| (present, kept)).ok_or_else(gone)
    }
}

fn operation(name: &str) -> Option<&'static dyn Confirmable> {
    operations().find(|operation| operation.name() == name)
}

fn gone() -> PageError {
    PageError::new(StatusCode::GONE, "console-proposal-gone").with_way_back("/me", None)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use serde_json::json;

    use super::*;

    const ASKED: Timestamp = Timestamp::from_seconds(1_795_000_000);

    fn kept() -> Kept {
        let announced = json!({
            "title": "x", "name": "x", "back": "/", "rows": [], "warnings": [],
        });
        Kept {
            operation: "x".to_owned(),
            input: Value::Null,
            announced: serde_json::from_value(announced).unwrap(),
            session: [1; 16],
            who: who("a"),
            asked: ASKED,
        }
    }

    fn who(subject: &str) -> Who {
        Who::Person(subject.parse().unwrap())
    }

    #[test]
    fn only_the_same_person_in_the_same_session_signed_in_since_confirms() {
        let own = SessionId::from_bytes([1; 16]);
        let later = ASKED.after(Duration::from_secs(30));
        assert_eq!(kept().is_confirmed(own, &who("a"), later), Ok(()));
        let another = SessionId::from_bytes([2; 16]);
        let refused = kept().is_confirmed(another, &who("a"), later);
        assert_eq!(refused, Err(Unconfirmed::Session));
        let refused = kept().is_confirmed(own, &who("b"), later);
        assert_eq!(refused, Err(Unconfirmed::Person));
        let before = Timestamp::from_seconds(ASKED.seconds() - 61);
        let refused = kept().is_confirmed(own, &who("a"), before);
        assert_eq!(refused, Err(Unconfirmed::Stale));
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let names: HashSet<&str> = operations().map(Confirmable::name).collect();
        assert_eq!(names.len(), operations().count());
        assert!(names.into_iter().all(|name| operation(name).is_some()));
    }
}
