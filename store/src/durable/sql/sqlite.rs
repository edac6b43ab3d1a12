//! SQLite: many readers, one writer, and one `fsync` for everyone who waits for it.
//!
//! Statements wait in a queue for the one connection that writes, so that none is ever told that the
//! database is busy. Whatever waits when the connection is free becomes one transaction: however many
//! they are, one commit makes them all durable, and each returns only then. So a slow disk costs time,
//! not throughput. Each word with the connection's thread costs more than most statements, and so a
//! transaction takes no words of its own: its first statement begins it and its last one commits it.
//!
//! A statement stays prepared from one use to the next, but for one that ends in `LIMIT $n`: SQLite plans
//! for the very number and prepares it anew for each. `LIMIT CAST($n AS BIGINT)` it takes as it comes.

use std::path::Path;
use std::sync::{Arc, Mutex as PlainMutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use sqlx::error::DatabaseError;
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Either, Execute as _, Executor as _, SqlSafeStr as _,
    SqlStr,
};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use super::Pool;

/// An open SQLite database.
pub(in crate::durable) struct Sqlite {
    readers: Pool<SqliteConnection>,
    writer: Arc<Mutex<Writer>>,
    queue: Arc<Queue>,
}

impl Sqlite {
    /// Opens the file, and makes it when there is none; its folder must be there.
    pub(in crate::durable) async fn open(
        path: &Path,
        readers: u32,
        patience: Duration,
    ) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(patience)
            .foreign_keys(true)
            // What a query sets aside while it runs is a page or two; as a file of its own, each of them
            // costs ten times what the query does.
            .pragma("temp_store", "MEMORY")
            // Every statement of this room stays prepared: the ledger's of each size included, and each
            // at either end of a transaction.
            .statement_cache_capacity(400)
            .disable_statement_logging();
        // FULL: with NORMAL, the last commits can vanish when the power does.
        let connection = options
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .connect()
            .await?;
        let readers = Pool::new(options.read_only(true), readers, patience);
        let writer = Writer {
            connection,
            unfinished: false,
        };
        Ok(Self {
            readers,
            writer: Arc::new(Mutex::new(writer)),
            queue: Arc::default(),
        })
    }

    pub(super) const fn readers(&self) -> &Pool<SqliteConnection> {
        &self.readers
    }

    /// Runs one statement, beside those that others wait for. Durable when it returns `Ok`; one that
    /// fails is undone by itself.
    pub(super) async fn write(
        &self,
        mut statement: Query<'_, sqlx::Sqlite, SqliteArguments>,
    ) -> Result<Written, sqlx::Error> {
        let arguments = statement.take_arguments().map_err(sqlx::Error::Encode)?;
        let (answer, answered) = oneshot::channel();
        let job = Job {
            arguments: arguments.unwrap_or_default(),
            text: statement.sql(),
            answer,
        };
        if self.queue.push(job) {
            // A task of its own: whoever stops waiting leaves no transaction half done.
            let (writer, queue) = (Arc::clone(&self.writer), Arc::clone(&self.queue));
            tokio::spawn(async move {
                let mut writer = writer.lock_owned().await;
                let jobs = queue.take();
                writer.write(jobs).await;
            });
        }
        answered.await.map_err(|_| sqlx::Error::WorkerCrashed)?
    }

    /// A transaction of one caller's own, for several statements.
    pub(super) async fn turn(&self) -> Result<Turn, sqlx::Error> {
        let mut writer = self.exclusive().await?;
        // Noted before it is true: whoever comes after a caller that was dropped here undoes it.
        writer.unfinished = true;
        writer.run("BEGIN IMMEDIATE").await?;
        Ok(Turn(writer))
    }

    /// The writer's connection with no transaction open.
    pub(super) async fn exclusive(&self) -> Result<OwnedMutexGuard<Writer>, sqlx::Error> {
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        writer.settle().await?;
        Ok(writer)
    }

    /// Finishes what was begun and closes the file.
    pub(in crate::durable) async fn close(&self) {
        self.readers.close().await;
        let folded = async {
            let mut writer = self.exclusive().await?;
            // Folds the write-ahead log into the file; without it the next opening does.
            writer.run("PRAGMA wal_checkpoint(TRUNCATE)").await
        };
        if let Err(error) = folded.await {
            tracing::debug!(%error, "the write-ahead log stays for the next opening");
        }
    }
}

/// What a statement came to.
#[derive(Default)]
pub(super) struct Written {
    /// How many rows it changed.
    pub(super) changed: u64,
    /// What it returned.
    pub(super) rows: Vec<SqliteRow>,
}

/// Statements that wait for the connection.
#[derive(Default)]
struct Queue(PlainMutex<Vec<Job>>);

struct Job {
    text: SqlStr,
    arguments: SqliteArguments,
    answer: Answer,
}

type Answer = oneshot::Sender<Result<Written, sqlx::Error>>;

impl Queue {
    /// Adds a job; whether it is the first, whose caller sees to all that come before they are taken.
    fn push(&self, job: Job) -> bool {
        let mut jobs = self.jobs();
        jobs.push(job);
        jobs.len() == 1
    }

    fn take(&self) -> Vec<Job> {
        std::mem::take(&mut *self.jobs())
    }

    /// No step under the lock leaves it half done, so a panic elsewhere does not spoil it.
    fn jobs(&self) -> MutexGuard<'_, Vec<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The one connection that writes.
pub(super) struct Writer {
    connection: SqliteConnection,
    /// Whether a caller that was dropped in the middle of its turn may have left a transaction open.
    unfinished: bool,
}

impl Writer {
    pub(super) const fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// Does every job, in one transaction, and answers when all is durable. When the transaction fails,
    /// nothing of it stays, and everyone is told why.
    async fn write(&mut self, jobs: Vec<Job>) {
        let (statements, answers): (Vec<_>, Vec<_>) = jobs
            .into_iter()
            .map(|job| ((job.text, job.arguments), job.answer))
            .unzip();
        // Whoever asked may have gone; it happened all the same.
        match self.transaction(statements).await {
            Ok(done) => {
                for (answer, result) in answers.into_iter().zip(done) {
                    let _ = answer.send(result);
                }
            }
            Err(error) => {
                tracing::error!(%error, "a transaction failed; its callers are refused");
                self.unfinished = true;
                if let Err(error) = self.settle().await {
                    tracing::error!(%error, "the transaction stays open until the next one");
                }
                for answer in answers {
                    let _ = answer.send(Err(lost(&error)));
                }
            }
        }
    }

    /// The statements, from the first, which begins the transaction, to the last, which commits it; what
    /// each came to. One that breaks a rule of the schema is undone by SQLite, and none of the others. Any
    /// other failure ends it all: of most, SQLite undoes the whole transaction by itself, and what came
    /// after would be in none (<https://www.sqlite.org/lang_transaction.html>, 3).
    async fn transaction(
        &mut self,
        statements: Vec<(SqlStr, SqliteArguments)>,
    ) -> Result<Vec<Result<Written, sqlx::Error>>, sqlx::Error> {
        self.settle().await?;
        let mut done = Vec::with_capacity(statements.len());
        let last = statements.len().saturating_sub(1);
        for (nth, (text, arguments)) in statements.into_iter().enumerate() {
            // One alone commits by itself, at its end.
            let begins = nth == 0 && last > 0;
            let commits = nth == last && last > 0;
            let text = match (begins, commits) {
                (true, _) => joined(&["BEGIN IMMEDIATE; ", text.as_str()]),
                (_, true) => joined(&[text.as_str(), "; COMMIT"]),
                _ => text,
            };
            let expected = 1 + usize::from(begins || commits);
            let mut said = self.say(text, arguments, expected).await.into_iter();
            if begins {
                said.next().ok_or_else(unanswered)??;
            }
            let result = said.next().unwrap_or_else(|| Err(unanswered()));
            done.push(match result {
                Err(error) if !breaks_a_rule(&error) => return Err(error),
                result => result,
            });
            if commits {
                match said.next() {
                    Some(committed) => committed.map(drop)?,
                    // The statement before it failed.
                    None => self.run("COMMIT").await?,
                }
            }
        }
        Ok(done)
    }

    /// Undoes what a dropped caller or a failed transaction left half done.
    async fn settle(&mut self) -> Result<(), sqlx::Error> {
        if self.unfinished {
            match self.run("ROLLBACK").await {
                // SQLite rolls back by itself on some errors, and a turn may have ended after all.
                Err(error) if !error.to_string().contains("no transaction is active") => {
                    return Err(error);
                }
                _ => self.unfinished = false,
            }
        }
        Ok(())
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), sqlx::Error> {
        let text = statement.into_sql_str();
        let mut said = self.say(text, SqliteArguments::default(), 1).await;
        said.pop().unwrap_or_else(|| Err(unanswered())).map(drop)
    }

    /// Has the thread run the statements of a text; what each came to, up to the first that fails.
    async fn say(
        &mut self,
        text: SqlStr,
        arguments: SqliteArguments,
        statements: usize,
    ) -> Vec<Result<Written, sqlx::Error>> {
        let mut said = Vec::with_capacity(statements);
        let mut rows = Vec::new();
        let mut answers = self
            .connection
            .fetch_many(sqlx::query_with(text, arguments));
        // Waiting for the end of the answers would have the thread wake this task once more.
        while said.len() < statements {
            match answers.try_next().await {
                Ok(Some(Either::Left(done))) => said.push(Ok(Written {
                    changed: done.rows_affected(),
                    rows: std::mem::take(&mut rows),
                })),
                Ok(Some(Either::Right(row))) => rows.push(row),
                Ok(None) => break,
                Err(error) => {
                    said.push(Err(error));
                    break;
                }
            }
        }
        said
    }
}

/// Safe: each part is a text of this program.
fn joined(parts: &[&str]) -> SqlStr {
    AssertSqlSafe(parts.concat()).into_sql_str()
}

/// Whether a statement failed for what it would write, and nothing else did.
fn breaks_a_rule(error: &sqlx::Error) -> bool {
    // SQLITE_CONSTRAINT in the low byte; the others say which (https://www.sqlite.org/rescode.html).
    let code = error.as_database_error().and_then(DatabaseError::code);
    let code = code.and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| code & 0xff == 19)
}

fn unanswered() -> sqlx::Error {
    sqlx::Error::Protocol("a statement without an answer".to_owned())
}

/// What everyone in a transaction is told when it failed.
fn lost(cause: &sqlx::Error) -> sqlx::Error {
    sqlx::Error::Protocol(format!(
        "the transaction was lost before it was durable: {cause}"
    ))
}

/// One caller's time on the writing connection, in a transaction of their own.
pub(super) struct Turn(OwnedMutexGuard<Writer>);

impl Turn {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.0.connection
    }

    /// Makes durable what happened, or undoes it where it failed.
    pub(super) async fn end<T>(mut self, result: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if result.is_ok() {
            self.0.run("COMMIT").await?;
            self.0.unfinished = false;
        } else {
            self.0.settle().await?;
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[tokio::test]
    async fn one_commit_serves_everyone_who_waits() {
        let (folder, sqlite) = open().await;
        let before = commits(&folder.path().join("test.db-wal"));
        let busy = sqlite.exclusive().await.unwrap();
        let writers: tokio::task::JoinSet<_> = (0..50)
            .map(|number| {
                let sqlite = Arc::clone(&sqlite);
                async move { put(&sqlite, number, number).await }
            })
            .collect();
        until_queued(&sqlite, 50).await;
        drop(busy);
        let written = writers.join_all().await;
        assert!(written.iter().all(|written| matches!(written, Ok(1))));
        assert_eq!(commits(&folder.path().join("test.db-wal")) - before, 1);
        assert_eq!(count(&sqlite).await, 50);
    }

    #[tokio::test]
    async fn a_statement_that_is_alone_commits_by_itself() {
        let (folder, sqlite) = open().await;
        let before = commits(&folder.path().join("test.db-wal"));
        for number in 0..3 {
            assert_eq!(put(&sqlite, number, number).await.unwrap(), 1);
        }
        assert_eq!(commits(&folder.path().join("test.db-wal")) - before, 3);
        assert_eq!(count(&sqlite).await, 3);
    }

    #[tokio::test]
    async fn a_statement_that_commits_by_itself_and_fails_leaves_nothing() {
        let (_folder, sqlite) = open().await;
        // Its parent is missing, which SQLite finds out at the commit.
        assert!(put(&sqlite, 1, 99).await.is_err());
        let returning = sqlx::query("INSERT INTO node VALUES (1, 99) RETURNING id");
        assert!(sqlite.write(returning).await.is_err());
        assert_eq!(count(&sqlite).await, 0);
        assert!(put(&sqlite, 2, 2).await.is_ok());
        assert_eq!(count(&sqlite).await, 1);
    }

    #[tokio::test]
    async fn rows_that_a_statement_returns_arrive_wherever_it_stands() {
        let (_folder, sqlite) = open().await;
        let add = |id: i64| {
            let add = sqlx::query("INSERT INTO node VALUES ($1, $1), ($1 + 1, $1) RETURNING id");
            sqlite.write(add.bind(id))
        };
        let busy = sqlite.exclusive().await.unwrap();
        let (first, between, last, ()) = tokio::join!(add(1), add(3), add(5), async {
            until_queued(&sqlite, 3).await;
            drop(busy);
        });
        let alone = add(7).await;
        for (written, id) in [(first, 1), (between, 3), (last, 5), (alone, 7)] {
            let ids: Vec<(i64,)> = super::super::typed(&written.unwrap().rows).unwrap();
            assert_eq!(ids, [(id,), (id + 1,)]);
        }
    }

    #[tokio::test]
    async fn who_stops_waiting_costs_nobody_their_commit() {
        let (_folder, sqlite) = open().await;
        let busy = sqlite.exclusive().await.unwrap();
        let waiting = |number| {
            let sqlite = Arc::clone(&sqlite);
            tokio::spawn(async move { put(&sqlite, number, number).await })
        };
        let (gone, patient) = (waiting(1), waiting(2));
        until_queued(&sqlite, 2).await;
        gone.abort();
        assert!(gone.await.is_err());
        drop(busy);
        assert_eq!(patient.await.unwrap().unwrap(), 1);
        assert_eq!(count(&sqlite).await, 2);
    }

    #[tokio::test]
    async fn nobody_in_a_lost_transaction_is_told_that_it_happened() {
        let (_folder, sqlite) = open().await;
        let busy = sqlite.exclusive().await.unwrap();
        // Its parent is missing, which SQLite finds out at the commit.
        let (orphan, sound, ()) = tokio::join!(put(&sqlite, 1, 99), put(&sqlite, 2, 2), async {
            until_queued(&sqlite, 2).await;
            drop(busy);
        });
        assert!(orphan.is_err() && sound.is_err());
        assert_eq!(count(&sqlite).await, 0);
        assert!(put(&sqlite, 3, 3).await.is_ok());
        assert_eq!(count(&sqlite).await, 1);
    }

    #[tokio::test]
    async fn what_has_no_room_takes_the_whole_transaction_with_it() {
        let (_folder, sqlite) = open().await;
        let mut busy = sqlite.exclusive().await.unwrap();
        for statement in ["CREATE TABLE page (body BLOB)", "PRAGMA max_page_count = 8"] {
            busy.run(statement).await.unwrap();
        }
        let heavy = || sqlite.write(sqlx::query("INSERT INTO page VALUES (zeroblob(100000))"));
        let (before, full, after, last, ()) = tokio::join!(
            put(&sqlite, 1, 1),
            heavy(),
            put(&sqlite, 3, 3),
            put(&sqlite, 4, 4),
            async {
                until_queued(&sqlite, 4).await;
                drop(busy);
            }
        );
        let full = full.map(|written| written.changed);
        for (place, written) in [before, full, after, last].into_iter().enumerate() {
            let refused = written.unwrap_err().to_string();
            assert!(refused.contains("full"), "{place}: {refused}");
        }
        assert_eq!(count(&sqlite).await, 0);
        // Alone, it is nobody else's failure.
        assert!(heavy().await.is_err());
        assert_eq!(put(&sqlite, 5, 5).await.unwrap(), 1);
        assert_eq!(count(&sqlite).await, 1);
    }

    #[tokio::test]
    async fn who_waits_for_a_transaction_that_cannot_begin_is_told_why() {
        let (folder, sqlite) = open().await;
        let path = folder.path().join("test.db");
        let other = Sqlite::open(&path, 1, Duration::ZERO).await.unwrap();
        let turn = sqlite.turn().await.unwrap();
        let busy = other.exclusive().await.unwrap();
        let (one, another, ()) = tokio::join!(put(&other, 1, 1), put(&other, 2, 2), async {
            until_queued(&other, 2).await;
            drop(busy);
        });
        for written in [one, another] {
            let refused = written.unwrap_err().to_string();
            assert!(refused.contains("locked"), "{refused}");
        }
        turn.end(Ok(())).await.unwrap();
        assert_eq!(put(&other, 3, 3).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_statement_that_fails_is_undone_and_none_of_the_others() {
        let (_folder, sqlite) = open().await;
        put(&sqlite, 0, 0).await.unwrap();
        for failing in 0..3 {
            let busy = sqlite.exclusive().await.unwrap();
            let put = |place: i64| {
                // The first one's identifier is taken.
                let id = if place == failing {
                    0
                } else {
                    1 + 3 * failing + place
                };
                put(&sqlite, id, id)
            };
            let (first, between, last, ()) = tokio::join!(put(0), put(1), put(2), async {
                until_queued(&sqlite, 3).await;
                drop(busy);
            });
            for (written, place) in [first, between, last].into_iter().zip(0..) {
                assert_eq!(written.is_err(), place == failing, "{place} of {failing}");
            }
        }
        assert_eq!(count(&sqlite).await, 7);
    }

    #[tokio::test]
    async fn a_turn_that_fails_or_is_dropped_undoes_itself_and_nobody_else() {
        let (_folder, sqlite) = open().await;
        for is_dropped in [false, true] {
            let mut turn = sqlite.turn().await.unwrap();
            let insert = sqlx::query("INSERT INTO node VALUES (7, 7)");
            insert.execute(turn.connection()).await.unwrap();
            let sound = tokio::spawn({
                let (sqlite, number) = (Arc::clone(&sqlite), i64::from(is_dropped));
                async move { put(&sqlite, number, number).await }
            });
            until_queued(&sqlite, 1).await;
            if is_dropped {
                drop(turn);
            } else {
                assert!(turn.end::<()>(Err(sqlx::Error::RowNotFound)).await.is_err());
            }
            assert_eq!(sound.await.unwrap().unwrap(), 1);
        }
        assert_eq!(count(&sqlite).await, 2);
    }

    async fn open() -> (tempfile::TempDir, Arc<Sqlite>) {
        let folder = tempfile::tempdir().unwrap();
        let path: PathBuf = folder.path().join("test.db");
        let sqlite = Sqlite::open(&path, 2, Duration::from_secs(5))
            .await
            .unwrap();
        let table = "CREATE TABLE node (id BIGINT PRIMARY KEY, parent BIGINT NOT NULL \
             REFERENCES node (id) DEFERRABLE INITIALLY DEFERRED)";
        sqlite.exclusive().await.unwrap().run(table).await.unwrap();
        (folder, Arc::new(sqlite))
    }

    async fn put(sqlite: &Sqlite, id: i64, parent: i64) -> Result<u64, sqlx::Error> {
        let put = sqlx::query("INSERT INTO node VALUES ($1, $2)");
        let written = sqlite.write(put.bind(id).bind(parent)).await;
        written.map(|written| written.changed)
    }

    /// Waits until so many statements wait; on this one thread, whoever yields lets the others go on.
    async fn until_queued(sqlite: &Sqlite, statements: usize) {
        while sqlite.queue.jobs().len() < statements {
            tokio::task::yield_now().await;
        }
    }

    async fn count(sqlite: &Sqlite) -> i64 {
        let mut reader = sqlite.readers().lease().await.unwrap();
        sqlx::query_scalar("SELECT COUNT(*) FROM node")
            .fetch_one(reader.connection().unwrap())
            .await
            .unwrap()
    }

    /// Commits in a write-ahead log: frames that state the size of the database
    /// (https://www.sqlite.org/fileformat2.html, 4.1).
    #[expect(
        clippy::disallowed_methods,
        reason = "the test looks at what is on the disk"
    )]
    fn commits(log: &Path) -> usize {
        let log = std::fs::read(log).unwrap();
        log[32..]
            .chunks(24 + 4096)
            .filter(|frame| frame[4..8] != [0; 4])
            .count()
    }
}
