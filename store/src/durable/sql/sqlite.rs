//! SQLite: many readers, one writer, and one `fsync` for everyone who waits for it.
//!
//! Writers take turns on one connection, so that none is ever told that the database is busy. The
//! first turn opens a transaction and asks for its commit behind those who queue already: however
//! many they are, one commit makes them all durable, and each returns only then. So a slow disk costs
//! time, not throughput. A statement that nobody queues behind commits by itself: each word with the
//! connection's thread costs more than most statements, and so it is one word instead of three.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Executor as _};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

use super::Pool;

/// An open SQLite database.
pub(in crate::durable) struct Sqlite {
    readers: Pool<SqliteConnection>,
    writer: Arc<Mutex<Writer>>,
    /// How many wait for a turn.
    queue: AtomicUsize,
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
            // Every statement of this room, the ledger's of each size included, stays prepared.
            .statement_cache_capacity(200)
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
            batch: None,
            unfinished: Unfinished::Nothing,
        };
        Ok(Self {
            readers,
            writer: Arc::new(Mutex::new(writer)),
            queue: AtomicUsize::new(0),
        })
    }

    pub(super) const fn readers(&self) -> &Pool<SqliteConnection> {
        &self.readers
    }

    /// Runs one statement that yields no rows; how many it changed. Durable when it returns `Ok`.
    ///
    /// One that yields rows may not commit by itself: it does so after its last row, and nobody would
    /// learn that it failed.
    pub(super) async fn execute(
        &self,
        statement: Query<'_, sqlx::Sqlite, SqliteArguments>,
    ) -> Result<u64, sqlx::Error> {
        let mut writer = self.writer().await?;
        let is_alone = writer.batch.is_none() && self.queue.load(Ordering::Relaxed) == 0;
        if is_alone {
            return run(&mut writer.connection, statement).await;
        }
        let mut turn = self.join(writer).await?;
        let result = run(turn.connection(), statement).await;
        turn.end(result).await
    }

    /// A turn for one statement, which by itself happens as a whole or not at all.
    pub(super) async fn turn(&self) -> Result<Turn, sqlx::Error> {
        let writer = self.writer().await?;
        self.join(writer).await
    }

    /// A turn for several statements that are undone together when one fails.
    pub(super) async fn turn_of_several(&self) -> Result<Turn, sqlx::Error> {
        let mut turn = self.turn().await?;
        // Noted before it is true: whoever comes after a caller that was dropped here undoes it.
        turn.writer.unfinished = Unfinished::Savepoint;
        turn.writer.run("SAVEPOINT turn").await?;
        Ok(turn)
    }

    /// Waits for a turn on the writing connection.
    async fn writer(&self) -> Result<OwnedMutexGuard<Writer>, sqlx::Error> {
        let place = Place::in_queue(&self.queue);
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        drop(place);
        writer.settle().await?;
        Ok(writer)
    }

    /// Takes the turn in the open transaction, or opens one.
    async fn join(&self, mut writer: OwnedMutexGuard<Writer>) -> Result<Turn, sqlx::Error> {
        let batch = match &writer.batch {
            Some(batch) => batch.subscribe(),
            None => self.begin(&mut writer).await?,
        };
        Ok(Turn { writer, batch })
    }

    /// Opens a transaction and asks for its commit, behind those who wait for a turn already.
    async fn begin(&self, writer: &mut Writer) -> Result<watch::Receiver<Outcome>, sqlx::Error> {
        let (batch, outcome) = watch::channel(Outcome::Open);
        writer.batch = Some(batch);
        let lock = Arc::clone(&self.writer);
        tokio::spawn(async move { lock.lock_owned().await.commit().await });
        if let Err(error) = writer.run("BEGIN IMMEDIATE").await {
            writer.batch = None;
            return Err(error);
        }
        Ok(outcome)
    }

    /// The writer's connection with no transaction open, for migrations.
    pub(super) async fn exclusive(&self) -> OwnedMutexGuard<Writer> {
        let mut writer = Arc::clone(&self.writer).lock_owned().await;
        writer.commit().await;
        writer
    }

    /// Finishes what was begun and closes the file.
    pub(in crate::durable) async fn close(&self) {
        self.readers.close().await;
        let mut writer = self.exclusive().await;
        // Folds the write-ahead log into the file; without it the next opening does.
        let folded = writer.run("PRAGMA wal_checkpoint(TRUNCATE)").await;
        if let Err(error) = folded {
            tracing::debug!(%error, "the write-ahead log stays for the next opening");
        }
    }
}

/// A place in the queue, given up with it.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn in_queue(queue: &'a AtomicUsize) -> Self {
        queue.fetch_add(1, Ordering::Relaxed);
        Self(queue)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The one connection that writes.
pub(super) struct Writer {
    connection: SqliteConnection,
    /// The open transaction, when there is one: who waits for it listens here.
    batch: Option<watch::Sender<Outcome>>,
    /// What a caller that was dropped in the middle of its turn left behind.
    unfinished: Unfinished,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Unfinished {
    Nothing,
    Savepoint,
}

/// What became of a transaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Open,
    Durable,
    Lost,
}

impl Writer {
    pub(super) const fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// Undoes what a dropped caller left half done.
    async fn settle(&mut self) -> Result<(), sqlx::Error> {
        if self.unfinished == Unfinished::Nothing {
            return Ok(());
        }
        let undone = self.undo().await;
        if undone.is_err() {
            // Nobody knows what is in the transaction: nobody in it is told that it happened.
            self.lose().await;
        }
        undone
    }

    /// Undoes the statements of the present turn.
    async fn undo(&mut self) -> Result<(), sqlx::Error> {
        match self.run("ROLLBACK TO turn").await {
            Ok(()) => self.run("RELEASE turn").await?,
            // Its caller was dropped before it was there, so before anything else, too.
            Err(error) if error.to_string().contains("no such savepoint") => {}
            Err(error) => return Err(error),
        }
        self.unfinished = Unfinished::Nothing;
        Ok(())
    }

    /// Makes the open transaction durable and tells everyone in it.
    async fn commit(&mut self) {
        if self.settle().await.is_err() {
            return;
        }
        let Some(batch) = self.batch.take() else {
            return;
        };
        match self.run("COMMIT").await {
            Ok(()) => {
                batch.send_replace(Outcome::Durable);
            }
            Err(error) => {
                tracing::error!(%error, "a commit failed; its callers are refused");
                self.batch = Some(batch);
                self.lose().await;
            }
        }
    }

    /// Gives the open transaction up and tells everyone in it.
    async fn lose(&mut self) {
        self.unfinished = Unfinished::Nothing;
        if let Err(error) = self.run("ROLLBACK").await {
            // SQLite rolls back by itself on some errors; then there is nothing left to undo.
            tracing::debug!(%error, "no transaction to roll back");
        }
        if let Some(batch) = self.batch.take() {
            batch.send_replace(Outcome::Lost);
        }
    }

    async fn run(&mut self, statement: &'static str) -> Result<(), sqlx::Error> {
        run(&mut self.connection, sqlx::query(statement))
            .await
            .map(drop)
    }
}

/// Runs one statement that yields no rows; how many it changed. Its first answer is its last, and
/// waiting for the end of the answers would have the thread wake this task a second time.
async fn run(
    connection: &mut SqliteConnection,
    statement: Query<'_, sqlx::Sqlite, SqliteArguments>,
) -> Result<u64, sqlx::Error> {
    let done = connection.execute_many(statement).try_next().await?;
    Ok(done.map_or(0, |done| done.rows_affected()))
}

/// One caller's time on the writing connection.
pub(super) struct Turn {
    writer: OwnedMutexGuard<Writer>,
    batch: watch::Receiver<Outcome>,
}

impl Turn {
    pub(super) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.writer.connection
    }

    /// Gives the connection to the next caller and waits until what happened is durable. What failed
    /// is undone.
    pub(super) async fn end<T>(mut self, result: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        let several = self.writer.unfinished == Unfinished::Savepoint;
        let value = match result {
            Ok(value) => value,
            Err(error) => {
                self.writer.settle().await?;
                return Err(error);
            }
        };
        if several {
            // From here on a caller that is dropped has done its work; the commit releases it, too.
            self.writer.unfinished = Unfinished::Nothing;
            if let Err(error) = self.writer.run("RELEASE turn").await {
                self.writer.lose().await;
                return Err(error);
            }
        }
        let Self { writer, mut batch } = self;
        drop(writer);
        let outcome = batch.wait_for(|outcome| *outcome != Outcome::Open).await;
        match outcome.as_deref() {
            Ok(Outcome::Durable) => Ok(value),
            _ => Err(sqlx::Error::Protocol(
                "the transaction was lost before it was durable".to_owned(),
            )),
        }
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
        let busy = sqlite.exclusive().await;
        let writers: tokio::task::JoinSet<_> = (0..50)
            .map(|number| {
                let sqlite = Arc::clone(&sqlite);
                async move { put(&sqlite, number, number).await }
            })
            .collect();
        // On this one thread, whoever yields lets each of them get as far as the queue.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        drop(busy);
        let written = writers.join_all().await;
        assert!(written.iter().all(Result::is_ok));
        assert_eq!(commits(&folder.path().join("test.db-wal")) - before, 1);
        assert_eq!(count(&sqlite).await, 50);
    }

    #[tokio::test]
    async fn a_statement_nobody_queues_behind_commits_by_itself() {
        let (folder, sqlite) = open().await;
        let before = commits(&folder.path().join("test.db-wal"));
        for number in 0..3 {
            assert_eq!(put(&sqlite, number, number).await.unwrap(), 1);
            let writer = sqlite.writer.lock().await;
            assert!(writer.batch.is_none());
        }
        assert_eq!(commits(&folder.path().join("test.db-wal")) - before, 3);
        assert_eq!(count(&sqlite).await, 3);
    }

    #[tokio::test]
    async fn a_statement_that_commits_by_itself_and_fails_leaves_nothing() {
        let (_folder, sqlite) = open().await;
        // Its parent is missing, which SQLite finds out at the commit.
        assert!(put(&sqlite, 1, 99).await.is_err());
        assert_eq!(count(&sqlite).await, 0);
        assert!(put(&sqlite, 2, 2).await.is_ok());
        assert_eq!(count(&sqlite).await, 1);
    }

    #[tokio::test]
    async fn who_stops_waiting_for_a_turn_is_not_queued_for() {
        let (_folder, sqlite) = open().await;
        let busy = sqlite.exclusive().await;
        let waiting = tokio::spawn({
            let sqlite = Arc::clone(&sqlite);
            async move { put(&sqlite, 1, 1).await }
        });
        while sqlite.queue.load(Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
        waiting.abort();
        assert!(waiting.await.is_err());
        drop(busy);
        assert_eq!(sqlite.queue.load(Ordering::Relaxed), 0);
        assert_eq!(count(&sqlite).await, 0);
    }

    #[tokio::test]
    async fn nobody_in_a_lost_transaction_is_told_that_it_happened() {
        let (_folder, sqlite) = open().await;
        let busy = sqlite.exclusive().await;
        // Its parent is missing, which SQLite finds out at the commit.
        let (orphan, sound, ()) = tokio::join!(put(&sqlite, 1, 99), put(&sqlite, 2, 2), async {
            tokio::task::yield_now().await;
            drop(busy);
        });
        assert!(orphan.is_err() && sound.is_err());
        assert_eq!(count(&sqlite).await, 0);
        assert!(put(&sqlite, 3, 3).await.is_ok());
        assert_eq!(count(&sqlite).await, 1);
    }

    #[tokio::test]
    async fn a_failed_turn_undoes_itself_and_nobody_else() {
        let (_folder, sqlite) = open().await;
        let busy = sqlite.exclusive().await;
        let failing = async {
            let mut turn = sqlite.turn_of_several().await.unwrap();
            let insert = sqlx::query("INSERT INTO node VALUES (7, 7)");
            insert.execute(turn.connection()).await.unwrap();
            turn.end::<()>(Err(sqlx::Error::RowNotFound)).await
        };
        let (sound, failed, ()) = tokio::join!(put(&sqlite, 1, 1), failing, async {
            tokio::task::yield_now().await;
            drop(busy);
        });
        assert!(sound.is_ok() && failed.is_err());
        assert_eq!(count(&sqlite).await, 1);
    }

    async fn open() -> (tempfile::TempDir, Arc<Sqlite>) {
        let folder = tempfile::tempdir().unwrap();
        let path: PathBuf = folder.path().join("test.db");
        let sqlite = Sqlite::open(&path, 2, Duration::from_secs(5))
            .await
            .unwrap();
        let table = "CREATE TABLE node (id BIGINT PRIMARY KEY, parent BIGINT NOT NULL \
             REFERENCES node (id) DEFERRABLE INITIALLY DEFERRED)";
        sqlite.exclusive().await.run(table).await.unwrap();
        (folder, Arc::new(sqlite))
    }

    async fn put(sqlite: &Sqlite, id: i64, parent: i64) -> Result<u64, sqlx::Error> {
        let put = sqlx::query("INSERT INTO node VALUES ($1, $2)");
        sqlite.execute(put.bind(id).bind(parent)).await
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
