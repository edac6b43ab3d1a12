//! What a new decision would change of the one that stands: field by field and limit by limit, for the
//! citizen to see before they decide.

use guichet_domain::{ClientId, ExchangeId, FieldName, PersonId, PurposeId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::EvidenceGrantRecord;
use serde::{Deserialize, Serialize};

use super::Terms;
use crate::{Ask, Desk, Usage};

/// The difference between an ask and the decision that it would take the place of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The decision that stands.
    pub exchange: ExchangeId,
    /// When it was made.
    pub decided: Timestamp,
    /// Fields that may not be fetched by it.
    pub added: Vec<FieldName>,
    /// Fields that may, and are not asked for any more.
    pub removed: Vec<FieldName>,
    /// What it was made for, if that is something else.
    pub purpose: Option<PurposeId>,
    /// The days from one fetch to the next.
    pub every_days: Option<Altered<u32>>,
    /// How often at most.
    pub max_pulls: Option<Altered<u32>>,
    /// Until when.
    pub until: Option<Altered<Timestamp>>,
    /// For how many days the service keeps it.
    pub retention_days: Option<Altered<u32>>,
}

/// A limit that becomes another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Altered<T> {
    /// As it stands.
    pub before: T,
    /// As it is asked for.
    pub after: T,
}

impl<T: PartialEq> Altered<T> {
    fn between(before: T, after: T) -> Option<Self> {
        (before != after).then_some(Self { before, after })
    }
}

impl Change {
    fn of(record: &EvidenceGrantRecord, terms: &Terms, ask: &Ask) -> Self {
        let without = |fields: &[FieldName], others: &[FieldName]| -> Vec<FieldName> {
            let rest = fields.iter().filter(|field| !others.contains(field));
            rest.cloned().collect()
        };
        let (before, after) = (limits(terms.ask.usage()), limits(ask.usage()));
        let both = before.zip(after);
        let purpose = terms.ask.purpose();
        Self {
            exchange: record.id,
            decided: record.decided,
            added: without(ask.fields(), &terms.fields),
            removed: without(&terms.fields, ask.fields()),
            purpose: (purpose != ask.purpose()).then(|| purpose.clone()),
            every_days: both.and_then(|(was, is)| Altered::between(was.0, is.0)),
            max_pulls: both.and_then(|(was, is)| Altered::between(was.1, is.1)),
            until: both.and_then(|(was, is)| Altered::between(was.2, is.2)),
            retention_days: Altered::between(terms.ask.retention_days(), ask.retention_days()),
        }
    }

    /// Whether it is the same again.
    pub fn is_nothing(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.purpose.is_none()
            && self.every_days.is_none()
            && self.max_pulls.is_none()
            && self.until.is_none()
            && self.retention_days.is_none()
    }
}

const fn limits(usage: &Usage) -> Option<(u32, u32, Timestamp)> {
    match usage {
        Usage::Single => None,
        Usage::Recurring {
            every_days,
            max_pulls,
            until,
        } => Some((*every_days, *max_pulls, *until)),
    }
}

impl Desk {
    /// What agreeing to `ask` would change of what this person agreed to before; `None` when nothing of
    /// theirs stands that it would take the place of.
    pub async fn change(
        &self,
        ask: &Ask,
        person: PersonId,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<Option<Change>, Fault> {
        let standing = self.standing(ask, person, client, now).await?;
        Ok(standing.map(|(record, terms)| Change::of(&record, &terms, ask)))
    }

    /// The recurring grant of the same evidence to the same service that a new decision takes the place
    /// of.
    pub(super) async fn standing(
        &self,
        ask: &Ask,
        person: PersonId,
        client: &ClientId,
        now: Timestamp,
    ) -> Result<Option<(EvidenceGrantRecord, Terms)>, Fault> {
        if *ask.usage() == Usage::Single {
            return Ok(None);
        }
        let grants = &self.parts.grants;
        let recurring = grants.recurring(person, client, ask.evidence_type(), now);
        let Some(record) = recurring.await? else {
            return Ok(None);
        };
        let terms = self.terms_of(&record)?;
        Ok(Some((record, terms)))
    }
}
