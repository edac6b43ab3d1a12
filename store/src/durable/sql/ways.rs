//! The ways into a citizen's identity. A choice is replaced by comparing its revision.

use async_trait::async_trait;
use guichet_domain::{PersonId, Sealed, Timestamp};

use super::{Sql, execute, fixed, read, signed, time, unsigned, with_kin};
use crate::Fault;
use crate::durable::ways::{WayChoice, WayKind, WayName, WaySeen, Ways};

const CHOICES: &str = with_kin!(
    "SELECT w.person, w.revision, w.sealed, w.changed_at FROM kin JOIN way_choice w \
     ON w.person = kin.person ORDER BY w.changed_at DESC, w.person"
);
const FIRST_CHOICE: &str = "INSERT INTO way_choice (person, revision, sealed, changed_at) \
     VALUES ($1, $2, $3, $4) ON CONFLICT (person) DO NOTHING";
const NEXT_CHOICE: &str = "UPDATE way_choice SET revision = $2, sealed = $3, changed_at = $4 \
     WHERE person = $1 AND revision = $5";
/// Each name is looked up by itself in the primary key.
const LAST_NOTED: &str = with_kin!(
    ", asked(kind, name) AS (VALUES ($2, $3), ($4, $5), ($6, $7), ($8, $9)) \
     SELECT a.kind, a.name, MAX(s.last_at) FROM asked a CROSS JOIN kin \
     JOIN way_seen s ON s.person = kin.person AND s.kind = a.kind AND s.name = a.name \
     GROUP BY a.kind, a.name"
);
/// So many names are asked for at once.
const ASKED: usize = 4;
const NOTE: &str = "INSERT INTO way_seen (person, kind, name, sealed, first_at, last_at) \
     VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (person, kind, name) \
     DO UPDATE SET sealed = excluded.sealed, last_at = excluded.last_at";
const SEEN: &str = with_kin!(
    "SELECT s.kind, s.name, s.sealed, s.first_at, s.last_at FROM kin JOIN way_seen s \
     ON s.person = kin.person ORDER BY s.last_at DESC, s.kind, s.name LIMIT $2"
);
const SEEN_OF: &str = with_kin!(
    "SELECT s.kind, s.name, s.sealed, s.first_at, s.last_at FROM kin JOIN way_seen s \
     ON s.person = kin.person WHERE s.kind = $2 ORDER BY s.last_at DESC, s.name LIMIT $3"
);
const FORGET: &str = with_kin!(
    "DELETE FROM way_seen WHERE kind = $2 AND name = $3 \
     AND person IN (SELECT person FROM kin)"
);
const KEEP_DEVICES: &str = "DELETE FROM way_seen WHERE person = $1 AND kind = 'device' AND last_at < \
     (SELECT MIN(kept.last_at) FROM (SELECT last_at FROM way_seen \
     WHERE person = $1 AND kind = 'device' ORDER BY last_at DESC LIMIT $2) kept)";
const FORGET_DEVICES: &str = "DELETE FROM way_seen WHERE kind = 'device' AND last_at < $1";

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
                    let (kind, name) = asked.get(place).unwrap_or(&asked[0]);
                    query = query.bind(kind.as_str()).bind(&name[..]);
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
        (kind, name): WayName,
        sealed: &Sealed,
        now: Timestamp,
    ) -> Result<(), Fault> {
        execute!(
            &self.db,
            sqlx::query(NOTE)
                .bind(&person.as_bytes()[..])
                .bind(kind.as_str())
                .bind(&name[..])
                .bind(sealed.as_bytes())
                .bind(now.millis())
        )
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
        execute!(&self.db, sqlx::query(FORGET_DEVICES).bind(since.millis()))
            .map_err(|error| Fault::new("forgetting devices", error))
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
