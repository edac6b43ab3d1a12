//! The schema: one set of migrations in PostgreSQL's spelling, and what SQLite spells differently.

use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, Connection as _, SqlSafeStr as _};

use super::Db;

/// In order; a released one never changes, because databases remember its checksum.
const MIGRATIONS: [(i64, &str, &str); 5] = [
    (1, "records", include_str!("migrations/0001_records.sql")),
    (
        2,
        "refresh tokens",
        include_str!("migrations/0002_refresh_tokens.sql"),
    ),
    (
        3,
        "initial access tokens",
        include_str!("migrations/0003_initial_access_tokens.sql"),
    ),
    (
        4,
        "corrections",
        include_str!("migrations/0004_corrections.sql"),
    ),
    (5, "evidence", include_str!("migrations/0005_evidence.sql")),
];

/// What SQLite spells differently. Never changes either.
const SQLITE_SPELLING: [(&str, &str); 3] = [
    ("BYTEA", "BLOB"),
    // The table itself is in this order then, without an index beside it.
    ("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY"),
    ("/* WITHOUT ROWID */", "WITHOUT ROWID"),
];

/// Brings the schema up to date.
pub(in crate::durable) async fn migrate(db: &Db) -> Result<(), MigrateError> {
    let migrator = migrator(db);
    match db {
        Db::Sqlite(sqlite) => {
            let mut writer = sqlite.exclusive().await?;
            migrator.run_direct(None, writer.connection(), false).await
        }
        Db::Pg(pool) => {
            // A migration, or waiting for another node's, takes the time it takes: on a connection
            // that is used for nothing else.
            let mut connection = pool.open().await?;
            sqlx::query("SET statement_timeout = 0")
                .execute(&mut connection)
                .await?;
            let migrated = migrator.run_direct(None, &mut connection, false).await;
            connection.close().await?;
            migrated
        }
    }
}

/// Every migration this program knows, and whether this database has it; then what the database has
/// that this program does not know.
pub(in crate::durable) async fn migration_status(
    db: &Db,
) -> Result<Vec<(i64, &'static str, bool)>, MigrateError> {
    let applied = match db {
        Db::Sqlite(sqlite) => applied(sqlite.exclusive().await?.connection()).await?,
        Db::Pg(pool) => applied(&mut pool.open().await?).await?,
    };
    let known = MIGRATIONS
        .into_iter()
        .map(|(version, description, _)| (version, description, applied.contains(&version)));
    let unknown = applied
        .iter()
        .filter(|version| !MIGRATIONS.iter().any(|(known, ..)| known == *version))
        .map(|version| (*version, "unknown to this program", true));
    Ok(known.chain(unknown).collect())
}

async fn applied(connection: &mut impl Migrate) -> Result<Vec<i64>, MigrateError> {
    let table = Migrator::DEFAULT.table_name;
    connection.ensure_migrations_table(&table).await?;
    let applied = connection.list_applied_migrations(&table).await?;
    Ok(applied
        .into_iter()
        .map(|migration| migration.version)
        .collect())
}

fn migrator(db: &Db) -> Migrator {
    let spelled = |sql: &str| match db {
        Db::Pg(_) => sql.to_owned(),
        Db::Sqlite(_) => SQLITE_SPELLING
            .into_iter()
            .fold(sql.to_owned(), |sql, (theirs, ours)| {
                sql.replace(theirs, ours)
            }),
    };
    Migrator::with_migrations(
        MIGRATIONS
            .into_iter()
            .map(|(version, description, sql)| {
                // Safe: the text is part of this program.
                let sql = AssertSqlSafe(spelled(sql)).into_sql_str();
                Migration::new(
                    version,
                    description.into(),
                    MigrationType::Simple,
                    sql,
                    false,
                )
            })
            .collect(),
    )
}
