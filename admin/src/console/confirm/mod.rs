//! What a dangerous write asks for: the differences shown, then a fresh sign-in through the hub with a second
//! factor or a passkey, then the write carried out, once.
//!
//! A page that is asked for such a write does not do it. It makes a [`Proposal`] and hands it to
//! [`Console::propose`], which keeps it sealed, bound to the session of whoever proposes it, and shows it
//! (`pages`). Whoever comes back from the hub as the same person, signed in since, has it carried out by the
//! [`Dangerous`] operation it names: a unit struct with a line in [`OPERATIONS`]. What is proposed names the
//! record it was made from by its tag, and is refused by the operation where that is another by then.

mod pages;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::response::{IntoResponse, Redirect, Response};
use guichet_domain::staff::Who;
use guichet_domain::{SessionId, Timestamp};
use guichet_web::{PageContext, PageError};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::front_door::Arrival;
use super::{Console, Present, credentials, switches};
use crate::api::Api;

pub(super) use pages::{confirmed, go, show};

/// Every operation that is confirmed. Whoever makes one adds a line.
const OPERATIONS: &[&dyn Dangerous] = &[
    &switches::SwitchOff,
    &switches::SwitchOn,
    &credentials::ChangeCredentials,
];

/// An operation that waits for a confirmation.
#[async_trait]
pub(crate) trait Dangerous: Send + Sync {
    /// By what proposals name it; no other has the same.
    fn name(&self) -> &'static str;

    /// Does it, with the `input` of its proposal, as `by`, whose rights are those of this moment: they are
    /// asked again here. Answers with where to go on (303), or with a page where something is shown once.
    async fn carry_out(
        &self,
        api: &Arc<Api>,
        by: Present,
        page: PageContext,
        input: Value,
    ) -> Result<Response, PageError>;
}

/// What somebody is about to do.
#[derive(Serialize, Deserialize)]
pub(crate) struct Proposal {
    /// The operation, by its name.
    operation: String,
    /// What it will be done with.
    input: Value,
    /// The text that says what is about to happen; `$name` in it is the next.
    title: String,
    /// What it happens to, in words.
    name: String,
    /// Where whoever thinks better of it goes.
    back: String,
    /// What becomes another.
    rows: Vec<Row>,
    /// What they should know before they confirm.
    warnings: Vec<Caution>,
}

/// Something that becomes another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The text that names it, where there is one.
    pub(crate) label: Option<String>,
    /// The same as the standards or the record spell it.
    pub(crate) member: String,
    /// What it is; nothing where it has its default, or is a secret.
    pub(crate) before: Option<Value>,
    /// What it will be, by the same rule.
    pub(crate) after: Option<Value>,
}

/// What somebody should know before they confirm: a text, its `$name`, and more that is data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Caution {
    /// The text; its attribute `.what` says more.
    pub(crate) text: String,
    /// What `$name` in it stands for.
    pub(crate) name: String,
}

/// A proposal as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    proposal: Proposal,
    session: [u8; 16],
    who: Who,
    asked: Timestamp,
}

/// How long somebody may think about it.
const KEPT_FOR: Duration = Duration::from_mins(20);
/// How far the clocks of the hub and of a provider may differ: as much as the hub lets them.
const CLOCKS_DIFFER: Duration = Duration::from_mins(1);

impl Proposal {
    /// That `operation` is done with `input`. `title` is the text that says so, `name` what it is done to,
    /// `back` the page it was asked for on.
    pub(crate) fn new(
        operation: &dyn Dangerous,
        input: Value,
        (title, name): (&str, &str),
        back: String,
    ) -> Self {
        Self {
            operation: operation.name().to_owned(),
            input,
            title: title.to_owned(),
            name: name.to_owned(),
            back,
            rows: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// With what becomes another.
    #[must_use]
    pub(crate) fn with_rows(mut self, rows: Vec<Row>) -> Self {
        self.rows = rows;
        self
    }

    /// With what they should know.
    #[must_use]
    pub(crate) fn with_warnings(mut self, warnings: Vec<Caution>) -> Self {
        self.warnings = warnings;
        self
    }
}

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
    pub(crate) async fn propose(
        &self,
        present: &Present,
        proposal: Proposal,
    ) -> Result<Response, PageError> {
        let now = self.door.clock.now();
        let id = SessionId::random(&*self.door.entropy);
        let kept = Kept {
            proposal,
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
    ) -> Result<(Present, Proposal), PageError> {
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
        taken.map(|_| (present, kept.proposal)).ok_or_else(gone)
    }
}

fn operation(name: &str) -> Option<&'static dyn Dangerous> {
    let mut all = OPERATIONS.iter().copied();
    all.find(|operation| operation.name() == name)
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
        let proposal = json!({
            "operation": "x", "input": null, "title": "x", "name": "x", "back": "/", "rows": [], "warnings": [],
        });
        Kept {
            proposal: serde_json::from_value(proposal).unwrap(),
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
        let names: HashSet<&str> = OPERATIONS.iter().map(|it| it.name()).collect();
        assert_eq!(names.len(), OPERATIONS.len());
        assert!(names.into_iter().all(|name| operation(name).is_some()));
    }
}
