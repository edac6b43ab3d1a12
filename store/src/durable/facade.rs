//! Opening a database, and every durable trait over it.

use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;

use super::sql::{Db, Pool, Sql, Sqlite, migrate, migration_status};
use super::{
    Accounts, AuditIndex, Authenticators, Cases, ClientTests, Collector, Consents, Corrections,
    CredentialUses, Erasures, EvidenceGrants, ExchangeEntries, Habilitations, Histories,
    InitialAccessTokens, LedgerRecords, MailAliases, Messages, Outbox, People, PersonGate,
    RefreshTokens, Registry, RightsRequests, Staff, Statistics, Subjects, SupportRequests, Teams,
    Traces, WaitingEvents, Ways, Webhooks,
};
use crate::Fault;

/// How a database is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DurableSettings {
    /// Connections at most: for PostgreSQL all of them, for SQLite those that read.
    pub connections: u32,
    /// How long a caller waits for a connection, or a statement for a lock of another process.
    pub patience: Duration,
    /// How many subjects are kept at hand, about 250 bytes each.
    pub cached_subjects: u64,
}

impl Default for DurableSettings {
    fn default() -> Self {
        Self {
            connections: 8,
            patience: Duration::from_secs(3),
            cached_subjects: 20_000,
        }
    }
}

/// A migration this program knows, or the database has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Its number.
    pub version: i64,
    /// What it brings.
    pub description: &'static str,
    /// Whether this database has it.
    pub state: MigrationState,
}

/// Whether a database has a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationState {
    /// It has it.
    Applied,
    /// It does not have it yet.
    Pending,
    /// It has another one of that number: the database was made before the release, and by no release.
    Changed,
}

impl MigrationState {
    /// In a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Pending => "pending",
            Self::Changed => "changed",
        }
    }
}

/// The durable records, in one database.
#[derive(Clone)]
pub struct Durable {
    /// Clients, providers and data providers.
    pub registry: Arc<dyn Registry>,
    /// Who may register clients.
    pub initial_access_tokens: Arc<dyn InitialAccessTokens>,
    /// Citizens.
    pub people: Arc<dyn People>,
    /// Persons who are one, or two.
    pub corrections: Arc<dyn Corrections>,
    /// Cases about citizens: who may not act, and why.
    pub cases: Arc<dyn Cases>,
    /// What citizens ask by right.
    pub rights_requests: Arc<dyn RightsRequests>,
    /// Who may act at this moment.
    pub gate: Arc<dyn PersonGate>,
    /// Pairwise subjects.
    pub subjects: Arc<dyn Subjects>,
    /// Consents.
    pub consents: Arc<dyn Consents>,
    /// Decisions about evidence.
    pub evidence_grants: Arc<dyn EvidenceGrants>,
    /// What citizens asked to have erased.
    pub erasures: Arc<dyn Erasures>,
    /// What the ledger says of exchanges.
    pub exchange_entries: Arc<dyn ExchangeEntries>,
    /// What the ledger says of each citizen.
    pub histories: Arc<dyn Histories>,
    /// What the ledger is looked up by.
    pub audit_index: Arc<dyn AuditIndex>,
    /// What is counted of the ledger.
    pub statistics: Arc<dyn Statistics>,
    /// Tests of clients.
    pub client_tests: Arc<dyn ClientTests>,
    /// Refresh tokens.
    pub refresh_tokens: Arc<dyn RefreshTokens>,
    /// Accounts of the embedded identity provider.
    pub accounts: Arc<dyn Accounts>,
    /// Their authenticators.
    pub authenticators: Arc<dyn Authenticators>,
    /// The ledger's rows.
    pub ledger: Arc<dyn LedgerRecords>,
    /// What services say to citizens.
    pub messages: Arc<dyn Messages>,
    /// What must reach somebody.
    pub outbox: Arc<dyn Outbox>,
    /// What clients fetch themselves.
    pub waiting_events: Arc<dyn WaitingEvents>,
    /// Those who operate the hub.
    pub staff: Arc<dyn Staff>,
    /// Organisations and their teams.
    pub teams: Arc<dyn Teams>,
    /// Which credentials of clients are still in use.
    pub credential_uses: Arc<dyn CredentialUses>,
    /// What they may ask citizens for.
    pub habilitations: Arc<dyn Habilitations>,
    /// What citizens chose about the ways into their identity, and which were used.
    pub ways: Arc<dyn Ways>,
    /// What the ledger says of a login, found by what a citizen reads out.
    pub traces: Arc<dyn Traces>,
    /// What the support asks citizens to let it see.
    pub support_requests: Arc<dyn SupportRequests>,
    /// Addresses that stand for citizens' own.
    pub mail_aliases: Arc<dyn MailAliases>,
    /// How far a collector of logs is.
    pub collector: Arc<dyn Collector>,
    /// Who is told of events.
    pub webhooks: Arc<dyn Webhooks>,
    sql: Arc<Sql>,
}

impl Durable {
    /// The SQLite file at `path`, made when there is none; its folder must be there. The schema is as
    /// it is: see [`Self::migrate_up`].
    pub async fn sqlite(path: impl AsRef<Path>, settings: DurableSettings) -> Result<Self, Fault> {
        let sqlite = Sqlite::open(path.as_ref(), settings.connections, settings.patience)
            .await
            .map_err(|error| Fault::new("opening the SQLite file", error))?;
        Ok(Self::over(Db::Sqlite(sqlite), settings))
    }

    /// The PostgreSQL database at `url` (`postgres://`), which must be there. The schema is as it is:
    /// see [`Self::migrate_up`].
    pub async fn postgres(url: &str, settings: DurableSettings) -> Result<Self, Fault> {
        let options = postgres_options(url, settings.patience)?;
        let pool = Pool::new(options, settings.connections, settings.patience);
        let connected = async { pool.lease().await?.end(Ok(())) };
        connected
            .await
            .map_err(|error| Fault::new("connecting to PostgreSQL", error))?;
        Ok(Self::over(Db::Pg(pool), settings))
    }

    /// Every migration and whether this database has it. One that this program does not know means that a
    /// newer program was here.
    pub async fn migrate_status(&self) -> Result<Vec<MigrationStatus>, Fault> {
        migration_status(&self.sql.db)
            .await
            .map_err(|error| Fault::new("reading the schema's version", error))
    }

    /// Brings the schema up to date; does nothing when it is. Nodes that do so at once wait for one
    /// another.
    pub async fn migrate_up(&self) -> Result<(), Fault> {
        migrate(&self.sql.db)
            .await
            .map_err(|error| Fault::new("bringing the schema up to date", error))
    }

    /// Whether the database answers and has its schema.
    pub async fn check(&self) -> Result<(), Fault> {
        self.registry.revision().await.map(drop)
    }

    /// Finishes what was begun and closes every connection. Calls that come later fail.
    pub async fn close(&self) {
        match &self.sql.db {
            Db::Sqlite(sqlite) => sqlite.close().await,
            Db::Pg(pool) => pool.close().await,
        }
    }

    fn over(db: Db, settings: DurableSettings) -> Self {
        let sql = Arc::new(Sql::new(db, settings.cached_subjects));
        Self {
            registry: sql.clone(),
            initial_access_tokens: sql.clone(),
            people: sql.clone(),
            corrections: sql.clone(),
            cases: sql.clone(),
            rights_requests: sql.clone(),
            gate: sql.clone(),
            subjects: sql.clone(),
            consents: sql.clone(),
            evidence_grants: sql.clone(),
            erasures: sql.clone(),
            exchange_entries: sql.clone(),
            histories: sql.clone(),
            audit_index: sql.clone(),
            statistics: sql.clone(),
            client_tests: sql.clone(),
            refresh_tokens: sql.clone(),
            accounts: sql.clone(),
            authenticators: sql.clone(),
            ledger: sql.clone(),
            messages: sql.clone(),
            outbox: sql.clone(),
            waiting_events: sql.clone(),
            staff: sql.clone(),
            teams: sql.clone(),
            credential_uses: sql.clone(),
            habilitations: sql.clone(),
            ways: sql.clone(),
            traces: sql.clone(),
            support_requests: sql.clone(),
            mail_aliases: sql.clone(),
            collector: sql.clone(),
            webhooks: sql.clone(),
            sql,
        }
    }
}

/// How every connection to PostgreSQL is used.
fn postgres_options(url: &str, patience: Duration) -> Result<PgConnectOptions, Fault> {
    let patience = patience.as_millis().to_string();
    let options = PgConnectOptions::from_str(url)
        .map_err(|error| Fault::new("the address of PostgreSQL", error))?;
    Ok(options
        .application_name("guichet")
        .options([
            ("statement_timeout", patience.as_str()),
            ("idle_in_transaction_session_timeout", patience.as_str()),
            // What was answered is on disk, whatever the role or the database says.
            ("synchronous_commit", "on"),
        ])
        .disable_statement_logging())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_answered_by_postgres_is_on_disk_whatever_the_role_says() {
        let url = "postgres://guichet@localhost/guichet";
        let options = postgres_options(url, Duration::from_secs(3)).unwrap();
        let options = options.get_options().unwrap();
        assert!(options.contains("synchronous_commit=on"), "{options}");
        assert!(options.contains("statement_timeout=3000"), "{options}");
    }
}
