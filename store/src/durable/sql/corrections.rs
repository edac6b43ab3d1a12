//! Corrections, one at a time: the row of a correction is marked, and what it changes follows in the same
//! transaction, or neither happens. No link closes a circle: in one, nobody would be found any more.

use async_trait::async_trait;
use guichet_domain::{CaseId, CorrectionId, PersonId, Timestamp};
use sqlx::Error::RowNotFound;

use super::{Db, Sql, execute, fixed, read, time, transact};
use crate::Fault;
use crate::durable::corrections::{Act, Change, Correction, Corrections, Settled};

const PROPOSE: &str = "INSERT INTO correction \
     (id, kind, person, other, matching_index, reason, proposed_by, proposed_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING";
const ONE: &str = "SELECT id, kind, person, other, matching_index, reason, proposed_by, proposed_at, \
     confirmed_by, confirmed_at, undone_by, undone_at FROM correction WHERE id = $1";
const LATEST: &str = "SELECT id, kind, person, other, matching_index, reason, proposed_by, proposed_at, \
     confirmed_by, confirmed_at, undone_by, undone_at FROM correction \
     ORDER BY proposed_at DESC, id LIMIT $1";
const TOUCHED: &str = "SELECT 1 FROM correction WHERE (person = $1 OR other = $1) \
     AND (confirmed_at >= $2 OR undone_at >= $2) AND confirmed_at IS NOT NULL LIMIT 1";
const ABOUT: &str = "SELECT id, kind, person, other, matching_index, reason, proposed_by, proposed_at, \
     confirmed_by, confirmed_at, undone_by, undone_at FROM correction \
     WHERE (person = $1 OR other = $1) AND confirmed_at IS NOT NULL ORDER BY confirmed_at, id";
const CONFIRM: &str = "UPDATE correction SET confirmed_by = $2, confirmed_at = $3 \
     WHERE id = $1 AND confirmed_at IS NULL AND undone_at IS NULL AND proposed_by <> $2";
const WITHDRAW: &str = "UPDATE correction SET undone_by = $2, undone_at = $3 \
     WHERE id = $1 AND confirmed_at IS NULL AND undone_at IS NULL";
const UNDO: &str = "UPDATE correction SET undone_by = $2, undone_at = $3 \
     WHERE id = $1 AND confirmed_at >= $4 AND undone_at IS NULL";
const LINK: &str = "WITH RECURSIVE up(person) AS (SELECT $2 \
     UNION SELECT l.kept FROM person_link l JOIN up ON l.absorbed = up.person) \
     INSERT INTO person_link (absorbed, kept) SELECT $1, $2 \
     WHERE NOT EXISTS (SELECT 1 FROM up WHERE person = $1) ON CONFLICT (absorbed) DO NOTHING";
// Whoever counts as somebody already stays it: the update changes nothing, and counts as done.
const LINK_IF_ALONE: &str = "WITH RECURSIVE up(person) AS (SELECT $2 \
     UNION SELECT l.kept FROM person_link l JOIN up ON l.absorbed = up.person) \
     INSERT INTO person_link (absorbed, kept) SELECT $1, $2 \
     WHERE NOT EXISTS (SELECT 1 FROM up WHERE person = $1) \
     OR EXISTS (SELECT 1 FROM person_link WHERE absorbed = $1) \
     ON CONFLICT (absorbed) DO UPDATE SET kept = person_link.kept";
const UNLINK: &str = "DELETE FROM person_link WHERE absorbed = $1 AND kept = $2";
const MOVE: &str = "UPDATE person_index SET person = $3 WHERE matching_index = $1 AND person = $2";
// Whoever is parted from somebody who is barred is barred with them: nobody knows yet which of them the case
// is about.
const BAR_ALIKE: &str = "INSERT INTO person_bar (person, case_id) \
     SELECT $2, case_id FROM person_bar WHERE person = $1 ON CONFLICT (person, case_id) DO NOTHING";
const THAW: &str =
    "UPDATE person_case SET ended_by = $2, ended_at = $3 WHERE id = $1 AND ended_at IS NULL";
const FREEZE_AGAIN: &str = "UPDATE person_case SET ended_by = NULL, ended_at = NULL \
     WHERE id = $1 AND ended_at IS NOT NULL";

/// What is asked of one person: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[TOUCHED, ABOUT, LINK, LINK_IF_ALONE, MOVE, BAR_ALIKE];

type Row = (
    Vec<u8>,
    String,
    Vec<u8>,
    Vec<u8>,
    Option<Vec<u8>>,
    String,
    String,
    i64,
    Option<String>,
    Option<i64>,
    Option<String>,
    Option<i64>,
);

#[async_trait]
impl Corrections for Sql {
    async fn propose(&self, correction: &Correction) -> Result<bool, Fault> {
        let (kind, person, other, index) = columns(&correction.change);
        execute!(
            &self.db,
            sqlx::query(PROPOSE)
                .bind(&correction.id.as_bytes()[..])
                .bind(kind)
                .bind(&person.as_bytes()[..])
                .bind(&other[..])
                .bind(index.map(|index| &index[..]))
                .bind(correction.reason.as_str())
                .bind(correction.proposed.by.as_str())
                .bind(correction.proposed.at.millis())
        )
        .map(|new| new > 0)
        .map_err(|error| Fault::new("writing a correction", error))
    }

    async fn correction(&self, id: CorrectionId) -> Result<Option<Correction>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(ONE)
            .bind(&id.as_bytes()[..])
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a correction", error))?;
        row.map(correction).transpose()
    }

    async fn latest(&self, limit: u32) -> Result<Vec<Correction>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(LATEST)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading corrections", error))?;
        rows.into_iter().map(correction).collect()
    }

    async fn about(&self, person: PersonId) -> Result<Vec<Correction>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(ABOUT)
            .bind(&person.as_bytes()[..])
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading a person's corrections", error))?;
        rows.into_iter().map(correction).collect()
    }

    async fn touched(&self, person: PersonId, since: Timestamp) -> Result<bool, Fault> {
        let touched: Option<i32> = read!(&self.db, |c| sqlx::query_scalar(TOUCHED)
            .bind(&person.as_bytes()[..])
            .bind(since.millis())
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a person's corrections", error))?;
        Ok(touched.is_some())
    }

    async fn confirm(&self, id: CorrectionId, act: &Act) -> Result<Settled, Fault> {
        let Some(known) = self.correction(id).await? else {
            return Ok(Settled::Refused);
        };
        let confirm = Attempt {
            mark: CONFIRM,
            not_before: None,
            steps: carry_out(&known.change),
        };
        let settled = self.settle(id, act, vec![confirm]).await;
        settled.map_err(|error| Fault::new("confirming a correction", error))
    }

    async fn undo(
        &self,
        id: CorrectionId,
        act: &Act,
        not_before: Timestamp,
    ) -> Result<Settled, Fault> {
        let Some(known) = self.correction(id).await? else {
            return Ok(Settled::Refused);
        };
        let withdraw = Attempt {
            mark: WITHDRAW,
            not_before: None,
            steps: Vec::new(),
        };
        let undo = Attempt {
            mark: UNDO,
            not_before: Some(not_before),
            steps: take_back(&known.change),
        };
        let settled = self.settle(id, act, vec![withdraw, undo]).await;
        settled.map_err(|error| Fault::new("undoing a correction", error))
    }
}

/// One way to settle a correction.
struct Attempt {
    /// The statement that marks the row of the correction, where it is in that state.
    mark: &'static str,
    /// The mark's fourth value, where it has one.
    not_before: Option<Timestamp>,
    /// What follows.
    steps: Vec<Step>,
}

/// One statement of what a correction changes.
struct Step {
    sql: &'static str,
    binds: Vec<Vec<u8>>,
    /// Whether who acts, and when, follow as further values.
    signed: bool,
    /// Whether nothing happens at all where it changes nothing.
    needed: bool,
}

impl Step {
    fn new(sql: &'static str, binds: &[&[u8]]) -> Self {
        Self {
            sql,
            binds: binds.iter().map(|bind| bind.to_vec()).collect(),
            signed: false,
            needed: true,
        }
    }

    fn signed(self) -> Self {
        Self {
            signed: true,
            ..self
        }
    }

    fn if_any(self) -> Self {
        Self {
            needed: false,
            ..self
        }
    }
}

fn carry_out(change: &Change) -> Vec<Step> {
    match change {
        Change::Merge { kept, absorbed } => {
            vec![Step::new(LINK, &[absorbed.as_bytes(), kept.as_bytes()])]
        }
        Change::Split { from, to, index } => vec![
            Step::new(MOVE, &[index, from.as_bytes(), to.as_bytes()]),
            Step::new(BAR_ALIKE, &[from.as_bytes(), to.as_bytes()]).if_any(),
        ],
        Change::Part { kept, absorbed } => {
            vec![Step::new(UNLINK, &[absorbed.as_bytes(), kept.as_bytes()])]
        }
        Change::Thaw { case, .. } => vec![Step::new(THAW, &[case.as_bytes()]).signed()],
    }
}

fn take_back(change: &Change) -> Vec<Step> {
    match change {
        Change::Merge { kept, absorbed } => {
            vec![Step::new(UNLINK, &[absorbed.as_bytes(), kept.as_bytes()])]
        }
        // Names that were issued meanwhile are not lost: whoever had them is one with `from` again,
        // unless they were merged into somebody since.
        Change::Split { from, to, index } => vec![
            Step::new(MOVE, &[index, to.as_bytes(), from.as_bytes()]),
            Step::new(LINK_IF_ALONE, &[to.as_bytes(), from.as_bytes()]),
        ],
        Change::Part { kept, absorbed } => {
            vec![Step::new(LINK, &[absorbed.as_bytes(), kept.as_bytes()])]
        }
        Change::Thaw { case, .. } => vec![Step::new(FREEZE_AGAIN, &[case.as_bytes()])],
    }
}

impl Sql {
    /// Makes the first attempt whose mark finds the correction in its state.
    async fn settle(
        &self,
        id: CorrectionId,
        act: &Act,
        attempts: Vec<Attempt>,
    ) -> Result<Settled, sqlx::Error> {
        let (key, by, at) = (id.as_bytes().to_vec(), act.by.clone(), act.at.millis());
        let wait_for_others = wait_for_others(&self.db);
        let settled = transact!(&self.db, |c| {
            sqlx::query(wait_for_others).execute(&mut *c).await?;
            for attempt in attempts {
                let mut mark = sqlx::query(attempt.mark);
                mark = mark.bind(key.clone()).bind(by.clone()).bind(at);
                if let Some(not_before) = attempt.not_before {
                    mark = mark.bind(not_before.millis());
                }
                if mark.execute(&mut *c).await?.rows_affected() == 0 {
                    continue;
                }
                for step in attempt.steps {
                    let mut query = sqlx::query(step.sql);
                    for bind in step.binds {
                        query = query.bind(bind);
                    }
                    if step.signed {
                        query = query.bind(by.clone()).bind(at);
                    }
                    let changed = query.execute(&mut *c).await?.rows_affected();
                    if changed == 0 && step.needed {
                        return Err(RowNotFound);
                    }
                }
                return Ok(Settled::Done);
            }
            Ok(Settled::Refused)
        });
        // Which name counts in a sector may be another from now on.
        self.subjects.invalidate_all();
        match settled {
            Err(RowNotFound) => Ok(Settled::Overtaken),
            settled => settled,
        }
    }
}

/// Has one correction wait for the other: two links that are sound each by itself can close a circle.
/// On SQLite every transaction waits for the others.
const fn wait_for_others(db: &Db) -> &'static str {
    match db {
        Db::Sqlite(_) => "SELECT 1",
        Db::Pg(_) => "LOCK TABLE person_link IN SHARE ROW EXCLUSIVE MODE",
    }
}

const MERGE: &str = "merge";
const SPLIT: &str = "split";
const PART: &str = "part";
const THAWED: &str = "thaw";

/// The kind, the person, whom or what else it is about, and the row that moves.
fn columns(change: &Change) -> (&'static str, PersonId, &[u8; 16], Option<&[u8; 32]>) {
    match change {
        Change::Merge { kept, absorbed } => (MERGE, *kept, absorbed.as_bytes(), None),
        Change::Split { from, to, index } => (SPLIT, *from, to.as_bytes(), Some(index)),
        Change::Part { kept, absorbed } => (PART, *kept, absorbed.as_bytes(), None),
        Change::Thaw { person, case } => (THAWED, *person, case.as_bytes(), None),
    }
}

fn correction(row: Row) -> Result<Correction, Fault> {
    let (
        id,
        kind,
        person,
        other,
        index,
        reason,
        by,
        at,
        confirmed_by,
        confirmed_at,
        undone_by,
        undone_at,
    ) = row;
    let person = PersonId::from_bytes(fixed(person)?);
    let other: [u8; 16] = fixed(other)?;
    let change = match (kind.as_str(), index) {
        (MERGE, None) => Change::Merge {
            kept: person,
            absorbed: PersonId::from_bytes(other),
        },
        (SPLIT, Some(index)) => Change::Split {
            from: person,
            to: PersonId::from_bytes(other),
            index: fixed(index)?,
        },
        (PART, None) => Change::Part {
            kept: person,
            absorbed: PersonId::from_bytes(other),
        },
        (THAWED, None) => Change::Thaw {
            person,
            case: CaseId::from_bytes(other),
        },
        _ => return Err(Fault::bare("a correction of no known kind in the database")),
    };
    Ok(Correction {
        id: CorrectionId::from_bytes(fixed(id)?),
        change,
        reason,
        proposed: Act { by, at: time(at) },
        confirmed: act(confirmed_by, confirmed_at),
        undone: act(undone_by, undone_at),
    })
}

fn act(by: Option<String>, at: Option<i64>) -> Option<Act> {
    by.zip(at).map(|(by, at)| Act { by, at: time(at) })
}
