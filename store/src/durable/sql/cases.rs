//! Cases about persons, and the gate. Who counts as whom is followed both ways along the links of
//! merges: up to who was kept, and from there down to everybody who was taken in.

use async_trait::async_trait;
use guichet_domain::{CaseId, PersonId, Sealed, Timestamp};

use super::{Sql, execute, fixed, read, time, transact, with_kin};
use crate::Fault;
use crate::durable::cases::{Case, CaseKind, Cases, Listed};
use crate::durable::corrections::Act;
use crate::durable::gate::{Bar, PersonGate};

macro_rules! columns {
    ($rest:literal) => {
        concat!(
            "SELECT id, kind, person, opened_by, opened_at, reason, evidence, ended_by, ended_at \
             FROM person_case ",
            $rest
        )
    };
}

const OPEN: &str = "INSERT INTO person_case \
     (id, kind, person, opened_by, opened_at, reason, evidence, followed) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE) ON CONFLICT (id) DO NOTHING";
const BAR: &str = with_kin!(
    "INSERT INTO person_bar (person, case_id) SELECT person, $2 FROM kin WHERE TRUE \
     ON CONFLICT (person, case_id) DO NOTHING"
);
const BARRED: &str = with_kin!(
    "SELECT c.id, c.kind, c.opened_at, c.ended_at IS NOT NULL FROM person_bar b \
     JOIN person_case c ON c.id = b.case_id WHERE b.person IN (SELECT person FROM kin) \
     AND (c.ended_at IS NULL OR c.ended_at > $2) \
     ORDER BY CASE WHEN c.ended_at IS NULL THEN 0 ELSE 1 END, \
     CASE WHEN c.kind = 'freeze' THEN 1 ELSE 0 END, c.opened_at LIMIT 1"
);
const ABOUT: &str = with_kin!(columns!(
    "WHERE ended_at IS NULL AND id IN (SELECT case_id FROM person_bar \
     WHERE person IN (SELECT person FROM kin)) ORDER BY opened_at, id"
));
const ALL_ABOUT: &str = with_kin!(columns!(
    "WHERE id IN (SELECT case_id FROM person_bar WHERE person IN (SELECT person FROM kin)) \
     ORDER BY opened_at DESC, id LIMIT CAST($2 AS BIGINT)"
));
const ONE: &str = columns!("WHERE id = $1");
const LATEST: &str = columns!("ORDER BY opened_at DESC, id LIMIT $1");
const UNFOLLOWED: &str =
    columns!("WHERE followed = FALSE ORDER BY opened_at, id LIMIT CAST($1 AS BIGINT)");
const END: &str =
    "UPDATE person_case SET ended_by = $2, ended_at = $3 WHERE id = $1 AND ended_at IS NULL";
const FOLLOWED: &str = "UPDATE person_case SET followed = TRUE WHERE id = $1";

type Row = (
    Vec<u8>,
    String,
    Option<Vec<u8>>,
    String,
    i64,
    String,
    Vec<u8>,
    Option<String>,
    Option<i64>,
);

/// What is asked of one person: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[BAR, BARRED, ABOUT, ALL_ABOUT];
/// What is asked every few seconds: planned in `plans`.
#[cfg(test)]
pub(super) const OF_UPKEEP: &[&str] = &[UNFOLLOWED];

#[async_trait]
impl PersonGate for Sql {
    async fn bar(&self, person: PersonId, since: Timestamp) -> Result<Option<Bar>, Fault> {
        let row: Option<(Vec<u8>, String, i64, bool)> = read!(&self.db, |c| sqlx::query_as(BARRED)
            .bind(&person.as_bytes()[..])
            .bind(since.millis())
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("asking whether a person may act", error))?;
        row.map(|(id, kind, opened, is_over)| {
            Ok(Bar {
                case: CaseId::from_bytes(fixed(id)?),
                kind: kind_of(&kind)?,
                since: time(opened),
                is_over,
            })
        })
        .transpose()
    }
}

#[async_trait]
impl Cases for Sql {
    async fn open(&self, case: &Case) -> Result<bool, Fault> {
        let (id, kind) = (case.id.as_bytes().to_vec(), case.kind.as_str());
        let person = case.person.map(|person| person.as_bytes().to_vec());
        let (by, at) = (case.opened.by.clone(), case.opened.at.millis());
        let (reason, evidence) = (case.reason.clone(), case.evidence.as_bytes().to_vec());
        let opened = transact!(&self.db, |c| {
            let new = sqlx::query(OPEN)
                .bind(id.clone())
                .bind(kind)
                .bind(person.clone())
                .bind(by)
                .bind(at)
                .bind(reason)
                .bind(evidence)
                .execute(&mut *c)
                .await?;
            if new.rows_affected() == 0 {
                return Ok(false);
            }
            if let Some(person) = person {
                let bar = sqlx::query(BAR).bind(person).bind(id);
                bar.execute(&mut *c).await?;
            }
            Ok(true)
        });
        opened.map_err(|error| Fault::new("opening a case", error))
    }

    async fn case(&self, id: CaseId) -> Result<Option<Case>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(ONE)
            .bind(&id.as_bytes()[..])
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a case", error))?;
        row.map(case).transpose()
    }

    async fn open_about(&self, person: PersonId) -> Result<Vec<Case>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(ABOUT)
            .bind(&person.as_bytes()[..])
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading a person's cases", error))?;
        rows.into_iter().map(case).collect()
    }

    async fn all_about(&self, person: PersonId, limit: u32) -> Result<Vec<Case>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(ALL_ABOUT)
            .bind(&person.as_bytes()[..])
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading all cases of a person", error))?;
        rows.into_iter().map(case).collect()
    }

    async fn list(&self, which: Listed, limit: u32) -> Result<Vec<Case>, Fault> {
        let query = match which {
            Listed::Latest => LATEST,
            Listed::Unfollowed => UNFOLLOWED,
        };
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(query)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("listing cases", error))?;
        rows.into_iter().map(case).collect()
    }

    async fn end(&self, id: CaseId, act: &Act) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(END)
                .bind(&id.as_bytes()[..])
                .bind(act.by.as_str())
                .bind(act.at.millis())
        )
        .map(|ended| ended > 0)
        .map_err(|error| Fault::new("ending a case", error))
    }

    async fn followed(&self, id: CaseId) -> Result<(), Fault> {
        execute!(&self.db, sqlx::query(FOLLOWED).bind(&id.as_bytes()[..]))
            .map(drop)
            .map_err(|error| Fault::new("noting that a case was followed", error))
    }
}

fn case(row: Row) -> Result<Case, Fault> {
    let (id, kind, person, opened_by, opened_at, reason, evidence, ended_by, ended_at) = row;
    let act = |by: String, at: i64| Act { by, at: time(at) };
    Ok(Case {
        id: CaseId::from_bytes(fixed(id)?),
        kind: kind_of(&kind)?,
        person: person.map(fixed).transpose()?.map(PersonId::from_bytes),
        opened: act(opened_by, opened_at),
        reason,
        evidence: Sealed::from_bytes(evidence),
        ended: ended_by.zip(ended_at).map(|(by, at)| act(by, at)),
    })
}

fn kind_of(word: &str) -> Result<CaseKind, Fault> {
    CaseKind::of_word(word).ok_or(Fault::bare("a case of no known kind in the database"))
}
