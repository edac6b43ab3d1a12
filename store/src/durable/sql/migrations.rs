//! The schema: one set of migrations in PostgreSQL's spelling, and what SQLite spells differently.

use sqlx::migrate::{AppliedMigration, Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, Connection as _, SqlSafeStr as _};

use super::Db;
use crate::durable::{MigrationState, MigrationStatus};

/// In order; a released one never changes, because databases remember its checksum.
const MIGRATIONS: [(i64, &str, &str); 29] = [
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
    (6, "cases", include_str!("migrations/0006_cases.sql")),
    (7, "messages", include_str!("migrations/0007_messages.sql")),
    (8, "events", include_str!("migrations/0008_events.sql")),
    (
        9,
        "exchange entries",
        include_str!("migrations/0009_exchange_entries.sql"),
    ),
    (
        10,
        "histories",
        include_str!("migrations/0010_histories.sql"),
    ),
    (11, "ways", include_str!("migrations/0011_ways.sql")),
    (12, "staff", include_str!("migrations/0012_staff.sql")),
    (
        13,
        "evidence pulls",
        include_str!("migrations/0013_evidence_pulls.sql"),
    ),
    (
        14,
        "rights requests",
        include_str!("migrations/0014_rights_requests.sql"),
    ),
    (
        15,
        "statistics",
        include_str!("migrations/0015_statistics.sql"),
    ),
    (
        16,
        "client tests",
        include_str!("migrations/0016_client_tests.sql"),
    ),
    (17, "switches", include_str!("migrations/0017_switches.sql")),
    (
        18,
        "habilitations",
        include_str!("migrations/0018_habilitations.sql"),
    ),
    (19, "support", include_str!("migrations/0019_support.sql")),
    (20, "webhooks", include_str!("migrations/0020_webhooks.sql")),
    (
        21,
        "what steps of habilitations left to be done",
        include_str!("migrations/0021_habilitation_duties.sql"),
    ),
    (
        22,
        "hours of statistics",
        include_str!("migrations/0022_statistic_hours.sql"),
    ),
    (
        24,
        "what the audit log is looked up by",
        include_str!("migrations/0024_audit_index.sql"),
    ),
    (
        25,
        "when tests of clients began",
        include_str!("migrations/0025_client_test_times.sql"),
    ),
    (
        27,
        "places of logins",
        include_str!("migrations/0027_support_places.sql"),
    ),
    (
        28,
        "places of the outbox",
        include_str!("migrations/0028_outbox_places.sql"),
    ),
    (
        29,
        "indexes of upkeep",
        include_str!("migrations/0029_upkeep.sql"),
    ),
    (
        30,
        "stretches of the audit log",
        include_str!("migrations/0030_audit_stretches.sql"),
    ),
    (
        31,
        "stretches of the support",
        include_str!("migrations/0031_support_stretches.sql"),
    ),
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
) -> Result<Vec<MigrationStatus>, MigrateError> {
    let applied = match db {
        Db::Sqlite(sqlite) => applied(sqlite.exclusive().await?.connection()).await?,
        Db::Pg(pool) => applied(&mut pool.open().await?).await?,
    };
    let migrator = migrator(db);
    let known = MIGRATIONS.into_iter().zip(migrator.iter()).map(
        |((version, description, _), migration)| {
            let found = applied.iter().find(|found| found.version == version);
            let state = match found {
                None => MigrationState::Pending,
                Some(found) if found.checksum == migration.checksum => MigrationState::Applied,
                Some(_) => MigrationState::Changed,
            };
            status(version, description, state)
        },
    );
    let unknown = applied
        .iter()
        .map(|found| found.version)
        .filter(|version| !MIGRATIONS.iter().any(|(known, ..)| known == version))
        .map(|version| status(version, "unknown to this program", MigrationState::Applied));
    Ok(known.chain(unknown).collect())
}

const fn status(version: i64, description: &'static str, state: MigrationState) -> MigrationStatus {
    MigrationStatus {
        version,
        description,
        state,
    }
}

async fn applied(connection: &mut impl Migrate) -> Result<Vec<AppliedMigration>, MigrateError> {
    let table = Migrator::DEFAULT.table_name;
    connection.ensure_migrations_table(&table).await?;
    connection.list_applied_migrations(&table).await
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
