//! The ledger's rows. A batch stands or falls as a whole, and only at the end of what is there.

use std::sync::LazyLock;

use async_trait::async_trait;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteConnection};

use super::{Db, Sql, execute, is_taken, leased, read, signed, unsigned};
use crate::Fault;
use crate::durable::{CheckpointRecord, EntryRecord, LedgerRecords, Placed};

const SIZE: &str = "SELECT COALESCE(MAX(sequence) + 1, 0) FROM ledger_entry";
const READ: &str = "SELECT sequence, entry FROM ledger_entry WHERE sequence >= $1 \
     ORDER BY sequence LIMIT CAST($2 AS BIGINT)";
const APPEND_PG: &str = "INSERT INTO ledger_entry (sequence, entry) \
     SELECT $1 + place - 1, entry FROM UNNEST($2::BYTEA[]) WITH ORDINALITY AS batch (entry, place) \
     WHERE $1 = (SELECT COALESCE(MAX(sequence) + 1, 0) FROM ledger_entry)";
const PUT_CHECKPOINT: &str = "INSERT INTO ledger_checkpoint (size, note, frontier) \
     VALUES ($1, $2, $3) ON CONFLICT (size) DO NOTHING";
const LAST_CHECKPOINT: &str =
    "SELECT size, note, frontier FROM ledger_checkpoint ORDER BY size DESC LIMIT 1";
const CHECKPOINTS: &str = "SELECT size, note, frontier FROM ledger_checkpoint WHERE size >= $1 \
     ORDER BY size LIMIT $2";

#[async_trait]
impl LedgerRecords for Sql {
    async fn append(&self, first: u64, entries: &[Vec<u8>]) -> Result<Placed, Fault> {
        if entries.is_empty() {
            return Ok(Placed::Done);
        }
        let first = signed(first)?;
        match self.append_at_end(first, entries).await {
            Ok(None) => Ok(Placed::Done),
            Ok(Some(end)) if end < first => {
                Err(Fault::bare("a ledger entry beyond the end of the ledger"))
            }
            Ok(Some(_)) => Ok(Placed::Taken),
            // Two nodes saw the same end; the other one's commit came first.
            Err(error) if is_taken(&error) => Ok(Placed::Taken),
            Err(error) => Err(Fault::new("appending to the ledger", error)),
        }
    }

    async fn read(&self, first: u64, limit: u32) -> Result<Vec<EntryRecord>, Fault> {
        let first = signed(first)?;
        let rows: Vec<(i64, Vec<u8>)> = read!(&self.db, |c| sqlx::query_as(READ)
            .bind(first)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading the ledger", error))?;
        rows.into_iter()
            .map(|(sequence, entry)| {
                Ok(EntryRecord {
                    sequence: unsigned(sequence)?,
                    entry,
                })
            })
            .collect()
    }

    async fn size(&self) -> Result<u64, Fault> {
        let size: i64 = read!(&self.db, |c| sqlx::query_scalar(SIZE).fetch_one(c).await)
            .map_err(|error| Fault::new("reading the ledger's size", error))?;
        unsigned(size)
    }

    async fn put_checkpoint(&self, checkpoint: &CheckpointRecord) -> Result<(), Fault> {
        let size = signed(checkpoint.size)?;
        execute!(
            &self.db,
            sqlx::query(PUT_CHECKPOINT)
                .bind(size)
                .bind(&checkpoint.note)
                .bind(&checkpoint.frontier)
        )
        .map(drop)
        .map_err(|error| Fault::new("writing a checkpoint", error))
    }

    async fn last_checkpoint(&self) -> Result<Option<CheckpointRecord>, Fault> {
        let row = read!(&self.db, |c| sqlx::query_as(LAST_CHECKPOINT)
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a checkpoint", error))?;
        row.map(checkpoint).transpose()
    }

    async fn checkpoints(
        &self,
        from_size: u64,
        limit: u32,
    ) -> Result<Vec<CheckpointRecord>, Fault> {
        let from_size = signed(from_size)?;
        let rows = read!(&self.db, |c| sqlx::query_as(CHECKPOINTS)
            .bind(from_size)
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading checkpoints", error))?;
        rows.into_iter().map(checkpoint).collect()
    }
}

impl Sql {
    /// Writes the batch if the ledger ends at `first`; otherwise where it ends.
    async fn append_at_end(
        &self,
        first: i64,
        entries: &[Vec<u8>],
    ) -> Result<Option<i64>, sqlx::Error> {
        let written = match &self.db {
            Db::Pg(pool) => {
                let append = sqlx::query(APPEND_PG).bind(first).bind(entries);
                leased!(pool, |c| append.execute(c).await)?.rows_affected()
            }
            Db::Sqlite(sqlite) if entries.len() <= CHUNK => {
                sqlite.write(append_sqlite(first, entries)).await?.changed
            }
            Db::Sqlite(sqlite) => {
                let mut turn = sqlite.turn().await?;
                let result = append_chunks(turn.connection(), first, entries).await;
                turn.end(result).await?
            }
        };
        if written > 0 {
            return Ok(None);
        }
        read!(&self.db, |c| sqlx::query_scalar(SIZE).fetch_one(c).await).map(Some)
    }
}

/// Writes a batch of more rows than one statement writes; how many of them were written.
async fn append_chunks(
    connection: &mut SqliteConnection,
    first: i64,
    entries: &[Vec<u8>],
) -> Result<u64, sqlx::Error> {
    let mut written = 0;
    for (place, chunk) in (first..).step_by(CHUNK).zip(entries.chunks(CHUNK)) {
        let append = append_sqlite(place, chunk).execute(&mut *connection);
        let rows = append.await?.rows_affected();
        if rows == 0 {
            // Only the first can find another end, and then none of the others may be tried.
            break;
        }
        written += rows;
    }
    Ok(written)
}

/// The statement that writes a chunk if the ledger ends at `first`.
fn append_sqlite(first: i64, chunk: &[Vec<u8>]) -> Query<'_, sqlx::Sqlite, SqliteArguments> {
    let text = APPEND_SQLITE[chunk.len() - 1].as_str();
    (first..)
        .zip(chunk)
        .fold(sqlx::query(text).bind(first), |append, (place, entry)| {
            append.bind(place).bind(entry)
        })
}

/// As many rows as one statement writes on SQLite.
const CHUNK: usize = 64;

/// The statement for one row, for two, and so on: a batch is one step of the database, and no more
/// than a few dozen texts are ever prepared.
static APPEND_SQLITE: LazyLock<[String; CHUNK]> = LazyLock::new(|| {
    std::array::from_fn(|index| {
        let places: Vec<String> = (0..=index)
            .map(|row| format!("(${}, ${})", 2 * row + 2, 2 * row + 3))
            .collect();
        let values = places.join(", ");
        format!(
            "INSERT INTO ledger_entry (sequence, entry) \
             SELECT column1, column2 FROM (VALUES {values}) \
             WHERE $1 = (SELECT COALESCE(MAX(sequence) + 1, 0) FROM ledger_entry)"
        )
    })
});

fn checkpoint(row: (i64, String, Vec<u8>)) -> Result<CheckpointRecord, Fault> {
    let (size, note, frontier) = row;
    Ok(CheckpointRecord {
        size: unsigned(size)?,
        note,
        frontier,
    })
}
