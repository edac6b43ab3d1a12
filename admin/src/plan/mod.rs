//! What files declare, against what is registered: first a plan that anyone can read, then the plan carried
//! out. A record that somebody changes in between is left alone.

mod difference;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde::Serialize;

use crate::{ChangeError, RecordDesk, Records};
pub use difference::Member;

/// What becomes of each record that is not yet as declared.
pub struct Plan<R: Records> {
    steps: Vec<Step<R>>,
    /// How many are as declared already.
    unchanged: usize,
}

struct Step<R: Records> {
    known: Option<Arc<R::Record>>,
    record: R::Record,
    change: Change,
}

/// What becomes of one record.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "change", content = "members", rename_all = "snake_case")]
pub enum Change {
    /// There was none of its name.
    Add,
    /// These members become others.
    Set(Vec<Member>),
    /// Nothing declares it any more: out of use.
    Disable,
}

/// One step, told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// What kind of record.
    pub kind: &'static str,
    /// Its name.
    pub id: String,
    /// What becomes of it.
    #[serde(flatten)]
    pub change: Change,
}

/// A record that cannot be as declared.
#[derive(Debug, thiserror::Error)]
#[error("{kind} {id}: {error}")]
pub struct Unplannable {
    /// What kind of record.
    pub kind: &'static str,
    /// Its name.
    pub id: String,
    /// Why.
    pub error: ChangeError,
}

impl<R: Records> Plan<R> {
    /// The steps, in the order in which they are carried out.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        self.steps.iter().map(|step| Line {
            kind: R::KIND,
            id: R::id_of(&step.record).to_owned(),
            change: step.change.clone(),
        })
    }

    /// How many records are as declared already.
    pub fn unchanged(&self) -> usize {
        self.unchanged
    }

    /// The records as they will be.
    pub fn records(&self) -> impl Iterator<Item = &R::Record> {
        self.steps.iter().map(|step| &step.record)
    }
}

impl<R: Records> RecordDesk<R> {
    /// The plan that makes the registry what `declared` says. With `prune` what is in use and nowhere declared,
    /// here or in the settings, goes out of use; what came by itself stays. All that is wrong with what is
    /// declared is told at once.
    pub async fn plan(
        &self,
        declared: &[R::Metadata],
        prune: bool,
    ) -> Result<Plan<R>, Vec<Unplannable>> {
        let all = self.records.all().await;
        let all = all.map_err(|fault| vec![unplannable::<R>("", fault.into())])?;
        let known: HashMap<&str, &Arc<R::Record>> = all
            .iter()
            .map(|record| (R::id_of(record), record))
            .collect();
        let mut plan = Plan {
            steps: Vec::new(),
            unchanged: 0,
        };
        let mut wrong = Vec::new();
        let mut named = HashSet::new();
        for metadata in declared {
            let id = R::id(metadata);
            if !named.insert(id) {
                wrong.push(unplannable::<R>(id, ChangeError::Twice));
                continue;
            }
            match self.step(known.get(id).copied(), metadata).await {
                Ok(Some(step)) => plan.steps.push(step),
                Ok(None) => plan.unchanged += 1,
                Err(error) => wrong.push(unplannable::<R>(id, error)),
            }
        }
        if prune {
            let stays = |id: &str| named.contains(id) || self.declared.iter().any(|it| it == id);
            plan.steps.extend(
                all.iter()
                    .filter(|record| R::is_active(record) && !R::came_by_itself(record))
                    .filter(|record| !stays(R::id_of(record)))
                    .map(|record| Step {
                        known: Some(Arc::clone(record)),
                        record: R::inactive(record),
                        change: Change::Disable,
                    }),
            );
        }
        if wrong.is_empty() {
            Ok(plan)
        } else {
            Err(wrong)
        }
    }

    /// What `metadata` would change of the record of their name: nothing where it is like that already, every
    /// member where there is none yet.
    pub(crate) async fn preview(&self, metadata: &R::Metadata) -> Result<Vec<Member>, ChangeError> {
        let known = self.find(R::id(metadata)).await?;
        let step = self.step(known.as_ref(), metadata).await?;
        let Some(step) = step else {
            return Ok(Vec::new());
        };
        match step.change {
            Change::Set(members) => Ok(members),
            Change::Add | Change::Disable => difference::of(&R::metadata(&step.record)),
        }
    }

    /// Carries a plan out, step by step: each is on record before it happens. Returns how many steps there
    /// were. Ends at the first record that somebody changed since the plan was made; what was done stays done,
    /// and another plan has the rest.
    pub async fn carry_out(&self, plan: Plan<R>) -> Result<usize, Unplannable> {
        let count = plan.steps.len();
        for step in plan.steps {
            let what = match step.change {
                Change::Add => "added",
                Change::Set(_) => "changed",
                Change::Disable => "pruned",
            };
            let id = R::id_of(&step.record);
            self.write(step.known.as_deref(), &step.record, what)
                .await
                .map_err(|error| unplannable::<R>(id, error))?;
        }
        Ok(count)
    }

    /// What makes a record what `metadata` say; nothing when it is that already.
    async fn step(
        &self,
        known: Option<&Arc<R::Record>>,
        metadata: &R::Metadata,
    ) -> Result<Option<Step<R>>, ChangeError> {
        self.refuse_declared(R::id(metadata))?;
        let record = self
            .records
            .check(known.map(|known| &**known), metadata)
            .await?;
        let change = match known {
            None => Change::Add,
            Some(known) => {
                let has_other_secret = self.records.brings_secret(known, metadata)?;
                let (before, after) = (R::metadata(known), R::metadata(&record));
                let members = difference::between(&before, &after, has_other_secret)?;
                if members.is_empty() {
                    return Ok(None);
                }
                Change::Set(members)
            }
        };
        Ok(Some(Step {
            known: known.map(Arc::clone),
            record,
            change,
        }))
    }
}

fn unplannable<R: Records>(id: &str, error: ChangeError) -> Unplannable {
    Unplannable {
        kind: R::KIND,
        id: id.to_owned(),
        error,
    }
}

#[cfg(test)]
mod tests;
