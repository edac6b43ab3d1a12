//! Who may act: the one question that everything asks before it is done as a person.
//!
//! [`ActivePerson`] is the answer yes, and nobody else makes one. It is asked of the database each time:
//! what one node or one command wrote, every other sees with its next question, and without an answer
//! nothing is done.

use async_trait::async_trait;
use guichet_domain::{CaseId, PersonId, Timestamp};

use super::CaseKind;
use crate::Fault;

/// The gate, as a backend keeps it.
#[async_trait]
pub trait PersonGate: Send + Sync {
    /// What keeps anything that began at `since` from going on as `person`: a case that is open, about
    /// them or whoever they were merged with, or one that ended after `since`. An open one comes
    /// first: what was there before a case does not come back with its end.
    async fn bar(&self, person: PersonId, since: Timestamp) -> Result<Option<Bar>, Fault>;
}

/// What keeps a person from acting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bar {
    /// The case.
    pub case: CaseId,
    /// Of which kind.
    pub kind: CaseKind,
    /// Since when.
    pub since: Timestamp,
    /// Whether the case is over: only what is older is barred.
    pub is_over: bool,
}

/// A person who may act at this moment. Made by [`ActivePerson::admit`] alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivePerson(PersonId);

impl ActivePerson {
    /// Asks the gate whether what began at `since` may go on as `person`.
    pub async fn admit(
        gate: &dyn PersonGate,
        person: PersonId,
        since: Timestamp,
    ) -> Result<Result<Self, Bar>, Fault> {
        Ok(match gate.bar(person, since).await? {
            Some(bar) => Err(bar),
            None => Ok(Self(person)),
        })
    }

    /// Who.
    pub const fn id(self) -> PersonId {
        self.0
    }
}
