//! The ways into a citizen's identity. A choice is replaced by comparing its revision.

use async_trait::async_trait;
use guichet_domain::{PersonId, Sealed, Timestamp};

use super::lots::of_rows;
use super::{Sql, execute, fixed, read, signed, time, unsigned, with_kin};
use crate::Fault;
use crate::durable::ways::{WayChoice, WayKind, WayName, WaySeen, Ways};

const CHOICES: &str = with_kin!(
    "SELECT person, revision, sealed, changed_at FROM way_choice \
     WHERE person IN (SELECT person FROM kin) ORDER BY changed_at DESC, person"
);
const FIRST_CHOICE: &str = "INSERT INTO way_choice (person, revision, sealed, changed_at) \
     VALUES ($1, $2, $3, $4) ON CONFLICT (person) DO NOTHING";
const NEXT_CHOICE: &str = "UPDATE way_choice SET revision = $2, sealed = $3, changed_at = $4 \
     WHERE person = $1 AND revision = $5";
const LAST_NOTED: &str = with_kin!(
    "SELECT kind, name, MAX(last_at) FROM way_seen \
     WHERE person IN (SELECT person FROM kin) AND name IN ($2, $3, $4, $5) GROUP BY kind, name"
);
/// So many names are asked for at once.
const ASKED: usize = 4;
const NOTE: &str = "INSERT INTO way_seen (person, kind, name, sealed, first_at, last_at)";
const NOTED_AGAIN: &str = "ON CONFLICT (person, kind, name) \
     DO UPDATE SET sealed = excluded.sealed, last_at = excluded.last_at";
const SEEN: &str = with_kin!(
    "SELECT kind, name, sealed, first_at, last_at FROM way_seen \
     WHERE person IN (SELECT person FROM kin) ORDER BY last_at DESC, kind, name \
     LIMIT CAST($2 AS BIGINT)"
);
const SEEN_OF: &str = with_kin!(
    "SELECT kind, name, sealed, first_at, last_at FROM way_seen \
     WHERE person IN (SELECT person FROM kin) AND kind = $2 \
     ORDER BY last_at DESC, name \
     LIMIT CAST($3 AS BIGINT)"
);
const FORGET: &str = with_kin!(
    "DELETE FROM way_seen WHERE kind = $2 AND name = $3 \
     AND person IN (SELECT person FROM kin)"
);
const KEEP_DEVICES: &str = "DELETE FROM way_seen WHERE person = $1 AND kind = 'device' AND last_at < \
     (SELECT MIN(kept.last_at) FROM (SELECT last_at FROM way_seen \
     WHERE person = $1 AND kind = 'device' ORDER BY last_at DESC LIMIT CAST($2 AS BIGINT)) kept)";
// So many at a time: on SQLite nobody else writes meanwhile.
const FORGET_DEVICES: &str = "DELETE FROM way_seen WHERE (person, kind, name) IN \
     (SELECT person, kind, name FROM way_seen WHERE kind = 'device' AND last_at < $1 \
     ORDER BY last_at LIMIT 1000)";
const FORGOTTEN_AT_ONCE: u64 = 1000;

/// What is asked of one person: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[CHOICES, LAST_NOTED, SEEN, SEEN_OF, FORGET, KEEP_DEVICES];
/// What is asked every few minutes: planned in `plans`.
#[cfg(test)]
pub(super) const OF_UPKEEP: &[&str] = &[FORGET_DEVICES];

#[async_trait]
impl Ways for Sql {
    async fn choices(&self, person: PersonId) -> Result<Vec<WayChoice>, Fault> {
        let rows: Vec<(Vec<u8>, i64, Vec<u8>, i64)> = read!(&self.db, |c| sqlx::query_as(CHOICES)
            .bind(&person.as_bytes()[..])
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading a citizen's choices", error))?;
        rows.into_iter()
            .map(|(person, revision, sealed, changed)| {
                Ok(WayChoice {
                    person: PersonId::from_bytes(fixed(person)?),
                    revision: unsigned(revision)?,
                    sealed: Sealed::from_bytes(sealed),
                    changed: time(changed),
                })
            })
            .collect()
    }

    async fn choose(&self, choice: &WayChoice) -> Result<bool, Fault> {
        let revision = signed(choice.revision)?;
        let changed = if revision == 1 {
            execute!(
                &self.db,
                sqlx::query(FIRST_CHOICE)
                    .bind(&choice.person.as_bytes()[..])
                    .bind(revision)
                    .bind(choice.sealed.as_bytes())
                    .bind(choice.changed.millis())
            )
        } else {
            execute!(
                &self.db,
                sqlx::query(NEXT_CHOICE)
                    .bind(&choice.person.as_bytes()[..])
                    .bind(revision)
                    .bind(choice.sealed.as_bytes())
                    .bind(choice.changed.millis())
                    .bind(revision - 1)
            )
        };
        changed
            .map(|changed| changed > 0)
            .map_err(|error| Fault::new("writing a citizen's choices", error))
    }

    async fn last_noted(
        &self,
        person: PersonId,
        names: &[WayName],
    ) -> Result<Vec<Option<Timestamp>>, Fault> {
        let mut last = Vec::with_capacity(names.len());
        for asked in names.chunks(ASKED) {
            let rows: Vec<(String, Vec<u8>, i64)> = read!(&self.db, |c| {
                let mut query = sqlx::query_as(LAST_NOTED).bind(&person.as_bytes()[..]);
                // Where fewer are asked for, the first one again.
                for place in 0..ASKED {
                    let (_, name) = asked.get(place).unwrap_or(&asked[0]);
                    query = query.bind(&name[..]);
                }
                query.fetch_all(c).await
            })
            .map_err(|error| Fault::new("reading what a citizen used", error))?;
            last.extend(asked.iter().map(|(kind, name)| {
                let mut rows = rows.iter();
                let row = rows.find(|row| row.0 == kind.as_str() && row.1 == name);
                row.map(|row| time(row.2))
            }));
        }
        Ok(last)
    }

    async fn note(
        &self,
        person: PersonId,
        there: &[(WayName, Sealed)],
        now: Timestamp,
    ) -> Result<(), Fault> {
        if there.is_empty() {
            return Ok(());
        }
        execute!(&self.db, {
            let mut note = sqlx::query(of_rows(NOTE, there.len(), 6, NOTED_AGAIN));
            for ((kind, name), sealed) in there {
                let row = note.bind(&person.as_bytes()[..]).bind(kind.as_str());
                let row = row.bind(&name[..]).bind(sealed.as_bytes());
                note = row.bind(now.millis()).bind(now.millis());
            }
            note
        })
        .map(drop)
        .map_err(|error| Fault::new("noting what a citizen used", error))
    }

    async fn keep_devices(&self, person: PersonId, most: u32) -> Result<(), Fault> {
        execute!(
            &self.db,
            sqlx::query(KEEP_DEVICES)
                .bind(&person.as_bytes()[..])
                .bind(i64::from(most))
        )
        .map(drop)
        .map_err(|error| Fault::new("forgetting old devices", error))
    }

    async fn seen(&self, person: PersonId, limit: u32) -> Result<Vec<WaySeen>, Fault> {
        let rows: Vec<SeenRow> = read!(&self.db, |c| sqlx::query_as(SEEN)
            .bind(&person.as_bytes()[..])
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading what a citizen used", error))?;
        rows.into_iter().map(seen).collect()
    }

    async fn seen_of(
        &self,
        person: PersonId,
        kind: WayKind,
        limit: u32,
    ) -> Result<Vec<WaySeen>, Fault> {
        let rows: Vec<SeenRow> = read!(&self.db, |c| sqlx::query_as(SEEN_OF)
            .bind(&person.as_bytes()[..])
            .bind(kind.as_str())
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading what a citizen used", error))?;
        rows.into_iter().map(seen).collect()
    }

    async fn forget_seen(
        &self,
        person: PersonId,
        kind: WayKind,
        name: [u8; 32],
    ) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(FORGET)
                .bind(&person.as_bytes()[..])
                .bind(kind.as_str())
                .bind(&name[..])
        )
        .map(|gone| gone > 0)
        .map_err(|error| Fault::new("forgetting what a citizen used", error))
    }

    async fn forget_devices(&self, since: Timestamp) -> Result<u64, Fault> {
        let mut all = 0;
        loop {
            let forgotten = execute!(&self.db, sqlx::query(FORGET_DEVICES).bind(since.millis()));
            let forgotten = forgotten.map_err(|error| Fault::new("forgetting devices", error))?;
            all += forgotten;
            if forgotten < FORGOTTEN_AT_ONCE {
                return Ok(all);
            }
        }
    }
}

type SeenRow = (String, Vec<u8>, Vec<u8>, i64, i64);

fn seen((kind, name, sealed, first, last): SeenRow) -> Result<WaySeen, Fault> {
    let kind = WayKind::of_word(&kind);
    Ok(WaySeen {
        kind: kind.ok_or(Fault::bare("an unknown kind of way in the database"))?,
        name: fixed(name)?,
        sealed: Sealed::from_bytes(sealed),
        first: time(first),
        last: time(last),
    })
}
